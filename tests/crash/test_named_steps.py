"""The service dies before and after each named step; another one goes on to the same result."""

import ast
from pathlib import Path

import pytest

from crash.steps import STEPS
from crash.trials import ALL_STEPS, Table

ROOT = Path(__file__).resolve().parents[2]
# Tried in the normal run; all of them in a soak.
TRIED = {("pages kept", "before")}
NAMES = [f"{when} {step.name}" for step, when in ALL_STEPS]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return Table(tmp_path_factory.mktemp("steps"))


@pytest.mark.parametrize(
    ("step", "when"), [one for one in ALL_STEPS if (one[0].name, one[1]) in TRIED]
)
def test_the_service_dies_at_a_step_and_the_result_is_the_same(table, step, when):
    assert table.problems(step, when) == []


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("step", "when"), ALL_STEPS, ids=NAMES)
def test_the_service_dies_at_each_step(table, step, when):
    assert table.problems(step, when) == []


# Where files and names are changed on the way of a paper, and what is called to do so.
ON_THE_WAY = (
    *("ingest/pipeline.py", "ingest/claims.py", "records/vault.py", "records/failed.py"),
    *("index/store.py", "index/generations.py"),
)
EFFECTS = {"rename", "replace", "unlink", "rmdir", "mkdir", "link", "symlink_to", "touch", "fsync"}
EFFECTS |= {"write_text", "write_bytes", "copyfile", "rmtree", "chmod"}
# Functions with effects that are no step of their own, and why.
ASIDE = {
    "store": "around _copy and _settle; removes what is left over",
    "discard_leftovers": "removes what is left over",
    "_remove_unfinished_contents": "the same",
    "remove_all_but_current": "the same",
    "tidy": "removes a folder with nothing in it",
    "try_out": "of a file of its own",
    "move_beside": "what goes back into the inbox has a second name before the first one goes",
    "_moved": "the same",
    "_return": "the same",
    "put_back": "the same, as a clerk asks",
    "_copy_durably": "for a failed folder on another disk; a copy comes before the original goes",
    "_sync_file": "part of rename_file",
    "start_rebuild": "a rebuild changes nothing until the switch",
    "__init__": "the same",
    "new_generation": "the same",
    "put_in_force": "the switch of a rebuild; tests/index has it",
}


def functions(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def calls(function):
    return {
        node.func.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def test_every_function_with_an_effect_is_a_step_or_has_a_reason_not_to_be():
    steps = {step.attribute.rsplit(".", 1)[-1] for step in STEPS}
    found = {one.name for path in ON_THE_WAY for one in functions(path) if calls(one) & EFFECTS}
    assert sorted(found - steps - ASIDE.keys()) == []
    assert sorted(ASIDE.keys() - found) == [], "no effect any more"


# Commits that are no step, and why.
NOT_COMMITTED = {
    "unclaim": "forgets a claim that came to nothing",
    "file_anew": "only after a person cut or joined documents",
    "leave_anew_to_clerk": "the same",
}


def test_every_commit_on_the_way_is_a_step():
    committing = {
        one.name
        for one in functions("ingest/pipeline.py")
        for call in ast.walk(one)
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("ledger.write")
    }
    callers = {step.caller for step in STEPS if step.caller}
    assert sorted(committing - callers - NOT_COMMITTED.keys()) == []

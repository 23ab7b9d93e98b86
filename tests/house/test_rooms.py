"""The house of the design: which room may import which, and where each outside thing is allowed."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("chartkeeper", "webui", "ingest", "filing", "index", "ocr", "records")
MAY_IMPORT = {
    "chartkeeper": {"webui", "ingest", "filing", "index", "ocr", "records"},
    "webui": {"records", "index", "ocr"},
    "ingest": {"ocr", "filing", "records", "index"},
    "filing": {"records.model", "ocr.page"},
    "index": set(),
    "ocr": set(),
    "records": {"ocr.page"},
}
ONLY_IN = {
    "sqlalchemy": {"records"},
    "alembic": {"records"},
    "whoosh": {"index"},
    "flask": {"webui"},
    "pytesseract": {"ocr"},
    "pdf2image": {"ocr"},
    "subprocess": {"ocr"},
    "watchdog": {"ingest"},
    # Long-lived parts and page readers are our own processes, not outside programs.
    "multiprocessing": {"ingest", "chartkeeper"},
}
SOURCES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports say chartkeeper., never a dot"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def allowed(room: str, target: str) -> bool:
    own = room in ("chartkeeper", target) or target.startswith(room + ".")
    return own or any(target == may or target.startswith(may + ".") for may in MAY_IMPORT[room])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_keep_to_the_table(path):
    room = room_of(path)
    for name in imports(path):
        top = name.split(".")[0]
        assert top not in ROOMS or top == "chartkeeper", f"{name}: write chartkeeper.{name}"
        assert room in ONLY_IN.get(top, {room}), f"{top} belongs in {ONLY_IN[top]}"
        if top == "chartkeeper":
            target = name.removeprefix("chartkeeper").lstrip(".")
            assert allowed(room, target), f"{room} may not import {target or 'the front door'}"


def test_environment_is_read_in_one_place():
    asking = [path for path in SOURCES if re.search(r"os\.environ|getenv", path.read_text())]
    assert asking == [ROOT / "chartkeeper" / "settings.py"]


def test_no_file_of_the_tests_loads_the_second_engine_by_being_loaded():
    """Before settings.quiet_engines was called it would note down and send how it is used."""
    loads = re.compile(r"""(import|from|.*importorskip\(['"]) ?(onnxruntime|rapidocr)""")
    sources = [path for path in (ROOT / "tests").rglob("*.py") if "bench" not in path.parts]
    said = {path: map(ast.unparse, ast.parse(path.read_text()).body) for path in sources}
    assert [path for path, lines in said.items() if any(map(loads.match, lines))] == []


@pytest.mark.parametrize("room", ["filing", "ocr"])
def test_the_large_rooms_say_once_where_each_module_belongs(room):
    map_of_it = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text()))
    told = re.findall(r"`(\w+)`", map_of_it)
    modules = {path.stem for path in (ROOT / room).glob("*.py")} - {"__init__"}
    assert sorted(told) == sorted(modules)


@pytest.mark.parametrize(
    ("room", "target"),
    [
        ("filing", "records.arrivals"),
        ("ocr", "records.model"),
        ("index", "ocr.page"),
        ("webui", "ingest.pipeline"),
        ("records", "ocr.read"),
        ("filing", "ocr.read"),
    ],
)
def test_the_table_forbids(room, target):
    assert not allowed(room, target)


# Commands that ask the ledger or start the service, and what they have no use for: to load it would
# cost more time than all else of theirs.
LIGHT = ("serve", "chart", "home", "people", "patient", "batch", "intake", "verify")
HEAVY = ("alembic", "numpy", "PIL", "watchdog", "flask")


@pytest.mark.parametrize("commands", LIGHT)
def test_a_command_that_reads_no_page_loads_nothing_that_does(commands):
    program = f"import sys, chartkeeper.{commands}_commands; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) & set(HEAVY) == set()
    assert f"chartkeeper.{commands}_commands" in done.stdout.split()

"""Single crashes at a chosen place: a named step of the service, or a system call of one life."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from service import Service

from crash.harness import CHILD, dies, drop, hashes, made_home, opened, result, settle
from crash.paper import cut_off, no_paper, sides, typed
from crash.power import Kept
from crash.shim import environment
from crash.steps import STEPS, Step
from crash.truth import differences, lost_or_twice

DRIVER = Path(__file__).with_name("calls.py")
WHENS = ("before", "after")
ALL_STEPS = [(step, when) for step in STEPS for when in WHENS]
KILLS = (Kept.ALL.value, "torn", Kept.NOTHING.value, Kept.NAMES.value)
FAULTS = ("EIO", "ENOSPC", "EACCES", "EROFS")
HOWS = (*KILLS, *FAULTS)


def dying_at(step: Step, when: str, counter: Path) -> dict[str, str]:
    """The environment of a service that dies at a step (child/sitecustomize.py)."""
    return {
        "PYTHONPATH": os.pathsep.join([str(CHILD), os.environ.get("PYTHONPATH", "")]),
        "CRASH_STEP": step.name,
        "CRASH_WHEN": when,
        "CRASH_PASSAGE": str(step.passage),
        "CRASH_COUNTER": str(counter),
    }


class Table:
    """Kills at named steps of real services that take in three files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.template = folder, made_home(folder)
        self.files = [folder / "a.tif", folder / "b.pdf", folder / "c.png"]
        for path, make, number in zip(self.files, (sides, typed, cut_off), (5, 4, 3), strict=True):
            make(path, number)
        service = self._service("undisturbed", {})
        service.start()
        settle(service, len(self.files))
        self.expected, problems = result(service)
        assert not problems, problems

    def problems(self, step: Step, when: str) -> list[str]:
        """What is wrong after a service died at a step and another one went on."""
        service = self._service(
            f"{when} {step.name}", dying_at(step, when, self.folder / f"{when} {step.name}.count")
        )
        service.start()
        if not dies(service):
            return ["the service did not come by here"]
        found = lost_or_twice(service.home, hashes(self.files))
        service.environment = {}
        service.start()
        settle(service, len(self.files))
        outcome, problems = result(service)
        shutil.rmtree(service.home)
        return found + problems + differences(outcome, self.expected)

    def _service(self, name: str, more: dict[str, str]) -> Service:
        service = opened(self.template, self.folder / name, more)
        for path in self.files:
            drop(service, path)
        return service


class Calls:
    """Kills and power cuts at the system calls of one life that takes in two files (calls.py)."""

    def __init__(self, folder: Path, library: Path) -> None:
        template, work = made_home(folder), folder / "work"
        typed(template / "inbox" / "a.pdf", 12)
        no_paper(template / "inbox" / "b.pdf", 1)
        work.mkdir()
        trace = folder / "trace"
        trace.touch()
        with_shim = environment(library, folder / "control")
        self._driver = subprocess.Popen(
            [sys.executable, DRIVER, template, work],
            env={**with_shim, "CRASH_TRACE": str(trace), "OMP_THREAD_LIMIT": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.calls, self.effects = self._answer()

    def all_trials(self, stride: int) -> Iterator[tuple[int, str]]:
        """Every so many calls, each in every manner."""
        for number in range(1, self.calls + 1, stride):
            yield from ((number, how) for how in HOWS)

    def problems(self, number: int, how: str) -> list[str]:
        """What is wrong after a crash at a call (calls.py), power cuts in rising order."""
        assert self._driver.stdin
        self._driver.stdin.write(json.dumps([number, how]) + "\n")
        self._driver.stdin.flush()
        return list(self._answer())

    def _answer(self) -> list:
        assert self._driver.stdout
        line = self._driver.stdout.readline()
        assert line, "the driver ended"
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._driver.stdin
        assert self._driver.stdout
        self._driver.stdin.close()
        self._driver.stdout.close()
        self._driver.wait(30)

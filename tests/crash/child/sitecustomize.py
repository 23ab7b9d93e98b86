"""Imported first by every Python process that has this folder on PYTHONPATH: dies at a named step.

CRASH_STEP names the step, CRASH_WHEN says "before" or "after", CRASH_PASSAGE which time it dies (0
for every time), and CRASH_COUNTER is a file that counts for all processes. The whole process group
goes, as if the power went off; with CRASH_ALONE only the process that is there. What is wrapped is
what the program imports; the program knows nothing of it.
"""

import os
import signal
import sys
from contextlib import contextmanager
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from crash.steps import LEDGER_WRITE, STEPS, Step

STEP = next((step for step in STEPS if step.name == os.environ.get("CRASH_STEP")), None)
# write() <- contextlib <- whoever asked for a transaction
FRAMES_TO_CALLER = 2


def pass_by(when: str) -> None:
    """Count a passage of the step, and die if it is the one."""
    if when != os.environ["CRASH_WHEN"]:
        return
    counter = os.open(os.environ["CRASH_COUNTER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(counter, b".")
    passages = os.lseek(counter, 0, os.SEEK_CUR)
    os.close(counter)
    if int(os.environ["CRASH_PASSAGE"]) in {passages, 0}:
        os.kill(os.getpid() if "CRASH_ALONE" in os.environ else 0, signal.SIGKILL)


def wrapped(real):
    """A function that passes by the step before and after."""

    @wraps(real)
    def step(*args, **named):
        pass_by("before")
        result = real(*args, **named)
        pass_by("after")
        return result

    return step


def wrapped_write(real, caller):
    """`Ledger.write` of which only the commits of `caller` are the step."""

    @contextmanager
    def write(ledger):
        mine = sys._getframe(FRAMES_TO_CALLER).f_code.co_name == caller
        with real(ledger) as connection:
            yield connection
            if mine:
                pass_by("before")
        if mine:
            pass_by("after")

    return write


def wrap(module, step: Step) -> None:
    """Put the step into a module that was just loaded."""
    *way, name = step.attribute.split(".")
    owner = module
    for part in way:
        owner = getattr(owner, part)
    real = getattr(owner, name)
    is_write = (step.module, step.attribute) == LEDGER_WRITE
    setattr(owner, name, wrapped_write(real, step.caller) if is_write else wrapped(real))


class Finder(MetaPathFinder):
    """Has one module wrapped as soon as it is loaded, before anybody can take a name from it."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.looking = False

    def find_spec(self, name, path=None, target=None):  # noqa: ARG002 - what finders are asked
        if name != self.step.module or self.looking:
            return None
        self.looking = True
        spec = find_spec(name)
        self.looking = False
        execute = spec.loader.exec_module

        def exec_module(module) -> None:
            execute(module)
            wrap(module, self.step)

        spec.loader.exec_module = exec_module
        return spec


if STEP is not None:
    sys.meta_path.insert(0, Finder(STEP))

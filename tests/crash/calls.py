"""Kills a life of the service at a call that has an effect, or cuts its power; says what came.

    LD_PRELOAD=... CRASH_CONTROL=... CRASH_TRACE=... python calls.py TEMPLATE WORK

TEMPLATE is a home with files in its inbox. Reads trials from standard input, a JSON list a line:

[17, "all"]       kills at call 17; all that was written is kept
[17, "torn"]      the same, with half of that call done if it is a write
[17, "nothing"]   cuts the power after effect 17: nothing is kept that was not synced
[17, "names"]     the same, but names are kept, without their contents
[17, "EIO"]       call 17 fails
[17, "ENOSPC"]    call 17 and all after it fail, as on a full disk; so for any other error

What is stopped is started again. Prints a JSON value a line: first of the undisturbed run the
number of calls and of effects, then of each trial a list of problems.
"""

import errno
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from chartkeeper.ingest.errors import IngestError  # noqa: E402 - the path comes first
from chartkeeper.records.errors import RecordsError  # noqa: E402 - the path comes first
from chartkeeper.records.vault import file_sha256  # noqa: E402 - the path comes first
from crash.life import command, in_child, live  # noqa: E402 - the path comes first
from crash.paper import QUERIES  # noqa: E402 - the path comes first
from crash.power import SCRATCH, Disk, Kept, read_trace  # noqa: E402 - the path comes first
from crash.shim import NEVER, Shim  # noqa: E402 - the path comes first
from crash.truth import differences, leftovers, lost_or_twice, outcome  # noqa: E402 - the same

FAULTS = ("EIO", "ENOSPC", "EACCES", "EROFS")


class Bench:
    """A template of a home, the place where copies of it live, and what should come of them."""

    def __init__(self, template: Path, work: Path) -> None:
        self.template, self.home = template, work / "home"
        self.dropped = {path.name: file_sha256(path) for path in (template / "inbox").iterdir()}
        self.shim = Shim(Path(os.environ["CRASH_CONTROL"]), self.home, [f"/{SCRATCH}/"])
        self.fresh()
        whole, self.disk = Disk(self.home), Disk(self.home)
        self.effects_met = 0
        self.shim.reset()
        self.shim.trace(on=True)
        assert in_child(lambda: live(self.home)) == 0
        self.shim.trace(on=False)
        self.calls = self.shim.calls
        self.effects = list(read_trace(Path(os.environ["CRASH_TRACE"])))
        for effect in self.effects:
            whole.meet(effect)
        untold = whole.differences(self.home)
        assert not untold, f"the trace does not tell all that happened: {untold}"
        self.expected = outcome(self.home, command(self.home), QUERIES)

    def fresh(self) -> None:
        """A copy of the template, as if nothing had happened yet."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(self.template, self.home)

    def kill(self, call: int, *, torn: bool) -> None:
        """Let a life begin, and die before this call; the last ones may not be reached."""
        self.fresh()
        self.shim.reset(call, torn=torn)
        status = in_child(lambda: live(self.home))
        self.shim.reset()
        assert status in {0, signal.SIGKILL}, "it died by itself"

    def fail(self, call: int, error: str) -> None:
        """Let a life begin in which this call, or all from it on, fail with an error."""
        self.fresh()
        self.shim.reset()
        calls = range(call, call + 1 if error == "EIO" else NEVER)
        self.shim.fail(getattr(errno, error), calls=calls)
        status = in_child(lambda: live_with_faults(self.home))
        self.shim.reset()
        assert status == 0, "it stumbled over a fault of the machine"

    def cut_power(self, effects: int, kept: Kept) -> None:
        """Leave what is on the disk when the power goes off; `effects` only ever rises."""
        for effect in self.effects[self.effects_met : effects]:
            self.disk.meet(effect)
        self.effects_met = effects
        self.disk.write_out(self.home, kept)
        shutil.copytree(self.template / "work", self.home / "work", dirs_exist_ok=True)

    def problems(self) -> list[str]:
        """Start again undisturbed; what was lost, and differs from a run without a crash."""
        found = lost_or_twice(self.home, self.dropped)
        live(self.home)
        run = command(self.home)
        status, printed = run("verify")
        found += [printed] if status else []
        return (
            found
            + leftovers(self.home)
            + differences(outcome(self.home, run, QUERIES), self.expected)
        )


def tried(bench: Bench, number: int, how: str) -> list[str]:
    """The problems after a crash."""
    if how in {Kept.ALL.value, "torn"}:
        bench.kill(number, torn=how == "torn")
    elif how in FAULTS:
        bench.fail(number, how)
    else:
        bench.cut_power(number, Kept(how))
    return asked(bench.problems)


def live_with_faults(home: Path) -> None:
    """A life that pauses, as the service does, over what is the machine's fault."""
    with suppress(RecordsError, IngestError, OSError):
        live(home)


def asked(step: Callable[[], list[str]]) -> list[str]:
    """What a step finds in a process of its own, which may die over it."""
    reading, writing = os.pipe()
    in_child(lambda: told(step, writing))
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        return list(json.loads(pipe.read() or b'["the restart itself died"]'))


def told(step: Callable[[], list[str]], pipe: int) -> None:
    """Write the problems that a step finds into a pipe."""
    try:
        found = step()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
        found = [f"{type(error).__name__}: {error}", *traceback.format_tb(error.__traceback__)[-2:]]
    os.write(pipe, json.dumps(found)[:60_000].encode())


def main() -> None:
    bench = Bench(Path(sys.argv[1]), Path(sys.argv[2]))
    print(json.dumps([bench.calls, len(bench.effects)]), flush=True)
    for line in sys.stdin:
        number, how = json.loads(line)
        print(json.dumps(tried(bench, number, how)), flush=True)


if __name__ == "__main__":
    main()

"""The shim of shim.c from the outside: compiled, pointed at a folder, told what to do."""

import ctypes
import mmap
import os
import shutil
import subprocess
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
COMPILER = shutil.which("cc") or shutil.which("gcc")
NEVER = 2**63


class Op(IntEnum):
    """The kinds of calls that have an effect, numbered as in shim.c."""

    CREATE = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC = 4
    RENAME = 5
    LINK = 6
    UNLINK = 7
    MKDIR = 8
    RMDIR = 9
    SYMLINK = 10


ALL_OPS = tuple(Op)


class _Control(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_uint64) for name in ("calls", "kill_at", "torn", "traced")),
        *((name, ctypes.c_uint64) for name in ("fail_errno", "fail_ops", "fail_from", "fail_to")),
        ("failed", ctypes.c_uint64),
        ("folder", ctypes.c_char * 512),
        ("fail_path", ctypes.c_char * 256),
        ("skip", (ctypes.c_char * 64) * 2),
    ]


def compiled(folder: Path) -> Path:
    """The shim as a library in `folder`; CalledProcessError where it cannot be compiled."""
    library = folder / "crash-shim.so"
    options = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run(
        [str(COMPILER), *options, "-o", library, SOURCE, "-ldl", "-lpthread"], check=True
    )
    return library


def environment(library: Path, control: Path) -> dict[str, str]:
    """The environment of a process that is to have the shim, with a control file made for it."""
    control.write_bytes(bytes(ctypes.sizeof(_Control)))
    return {**os.environ, "LD_PRELOAD": str(library), "CRASH_CONTROL": str(control)}


class Shim:
    """The shim over one folder; what it is told holds at once for all processes that have it.

    Paths with one of `skip` (two at most) in them below it are left alone and do not count.
    """

    def __init__(self, control: Path, folder: Path, skip: Iterable[str] = ()) -> None:
        with control.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self._control = _Control.from_buffer(self._map)
        self._control.folder = os.fsencode(folder)
        for number, part in enumerate(skip):
            self._control.skip[number].value = part.encode()

    @property
    def calls(self) -> int:
        """How many calls had an effect since the last reset."""
        return int(self._control.calls)

    @property
    def failed(self) -> int:
        """How many calls were made to fail since the last reset."""
        return int(self._control.failed)

    def reset(self, kill_at: int = 0, *, torn: bool = False) -> None:
        """Count from the start; before call `kill_at` (if not 0) the whole process group dies.

        With `torn` the first half of that call is done, if it is a write.
        """
        self.mend()
        self._control.calls = self._control.failed = 0
        self._control.torn = torn
        self._control.kill_at = kill_at

    def trace(self, *, on: bool) -> None:
        """Write down what happens into the file CRASH_TRACE, or leave off."""
        self._control.traced = on

    def fail(
        self, number: int, path: str = "", ops: Iterable[Op] = ALL_OPS, calls: range | None = None
    ) -> None:
        """From now on calls of these kinds on paths with `path` in them fail with errno `number`.

        With `calls` only those of these numbers, counted from the last reset.
        """
        control = self._control
        control.fail_path = path.encode()
        control.fail_ops = sum(1 << op for op in ops)
        control.fail_from, control.fail_to = (calls.start, calls.stop - 1) if calls else (0, NEVER)
        control.fail_errno = number

    def mend(self) -> None:
        """No call fails any more."""
        self._control.fail_errno = 0

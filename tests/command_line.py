"""The command line as a user calls it, each command in a process of its own.

Starting Python and loading the program takes half a second of each command. `forked` has that done
once: a process that has loaded every command forks for each, and the fork runs it to its end as
`python -m chartkeeper` does, with its own words, input, output, environment, folder and status.
`started` begins from nothing: for what happens while the program starts, for rights and limits
that are given to a process from outside, and for whatever is measured.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock

PROGRAM = (sys.executable, "-m", "chartkeeper")
# Less than a test has, so that a command that hangs is ended and named.
PATIENCE_SECONDS = 240
# Of what the two processes say to each other; the longest is an environment.
MESSAGE_BYTES = 1 << 20

Done = subprocess.CompletedProcess[str]


def started(
    *words: object,
    given: str = "",
    under: tuple[str, ...] = (),
    seconds: float = PATIENCE_SECONDS,
    **more: object,
) -> Done:
    """Run a command from nothing, `under` a program that comes before it; `more` as for Popen."""
    return subprocess.run(
        [*under, *PROGRAM, *map(str, words)],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        **more,
    )


def forked(*words: object, given: str = "", seconds: float = PATIENCE_SECONDS) -> Done:
    """Run a command in a fork of the process that has loaded the program."""
    return _loaded().run(list(map(str, words)), given, seconds)


@cache
def _loaded() -> "Loaded":
    made = Loaded()
    atexit.register(made.end)
    return made


class Loaded:
    """The process that has loaded the program; it ends with the one that started it."""

    def __init__(self) -> None:
        self._gate, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._one_at_a_time = Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()]
            )

    def run(self, words: list[str], given: str, seconds: float) -> Done:
        """One command, to its end."""
        order = {"words": words, "environment": dict(os.environ), "folder": str(Path.cwd())}
        with self._one_at_a_time, TemporaryFile() as stdin, TemporaryFile() as out, (
            TemporaryFile()
        ) as err:  # fmt: skip
            stdin.write(given.encode())
            stdin.seek(0)
            files = [stdin.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(self._gate, [json.dumps(order).encode()], files)
            status = self._status(words, seconds)
            said = [_text(file) for file in (out, err)]
        return subprocess.CompletedProcess([*PROGRAM, *words], status, *said)

    def _status(self, words: list[str], seconds: float) -> int:
        process = int(self._said())
        self._gate.settimeout(seconds)
        ended = b""
        try:
            ended = self._said()
        except TimeoutError:
            raise subprocess.TimeoutExpired(words, seconds) from None
        finally:
            self._gate.settimeout(None)
            if not ended:
                os.kill(process, signal.SIGKILL)
                self._said()
        return int(ended)

    def _said(self) -> bytes:
        said = self._gate.recv(MESSAGE_BYTES)
        assert said, "the process that has loaded the program is gone"
        return said

    def end(self) -> None:
        """Have the process end, and wait for it."""
        self._gate.close()
        self._process.wait()


def _text(file: TemporaryFile) -> str:
    file.seek(0)
    return file.read().decode()


def _load() -> None:
    """Load what the commands load, in the order that `main` has it."""
    front_door = import_module("chartkeeper.__main__")
    front_door.quiet_engines()
    for module in sorted({*front_door.COMMANDS.values(), "terminal"}):
        import_module(f"chartkeeper.{module}")
    # Each fork runs it as its own main module.
    del sys.modules["chartkeeper.__main__"]
    gc.freeze()


def _fork_on_demand(gate: socket.socket) -> dict | None:
    """Fork for each order; returns an order in the fork, and None when nobody orders any more."""
    while True:
        message, files, _, _ = socket.recv_fds(gate, MESSAGE_BYTES, 3)
        if not message:
            return None
        child = os.fork()
        if child == 0:
            for number, file in enumerate(files):
                os.dup2(file, number)
            os.closerange(3, max(*files, gate.fileno()) + 1)
            gate.detach()
            return json.loads(message)
        for file in files:
            os.close(file)
        gate.send(str(child).encode())
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        gate.send(str(status).encode())


def _main() -> None:
    gate = socket.socket(fileno=int(sys.argv[1]))
    _load()
    order = _fork_on_demand(gate)
    if order is not None:
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        sys.path[0] = order["folder"]
        sys.argv[1:] = order["words"]
        # As its last deed, so that it ends as the program does.
        runpy.run_module("chartkeeper", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()

"""A real service for tests and benchmarks: a home, `chartkeeper serve`, files in its inbox."""

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Self

from command_line import started

from chartkeeper.records.database import open_ledger
from chartkeeper.records.work import progress

PASSWORD = "a password for tests"
ADMIN = "admin"
DYING_SECONDS = 60


class Service:
    """A home and the service that may run on it; a copy of `template`, or of a new one.

    `environment` is what its processes find in theirs besides; `call` is how commands are run,
    which tests have in a quicker manner.
    """

    call = staticmethod(started)

    def __init__(self, home: Path, template: Path | None = None, **settings: object) -> None:
        self._look_after(home)
        shutil.copytree(template or new_home(), home)
        lines = {"port": self.port, "still_seconds": 0.3, "poll_seconds": 0.5, **settings}
        text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
        (home / "chartkeeper.toml").write_text(text)

    @classmethod
    def on(cls, home: Path) -> Self:
        """A service for a home that is there already, with the settings that it has."""
        service = cls.__new__(cls)
        service._look_after(home)
        return service

    def _look_after(self, home: Path) -> None:
        self.home = home
        self.environment: dict[str, str] = {}
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = home.parent / f"{home.name}.log"

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str, given: str = "", check: bool = True) -> str:
        done = self.call("--home", self.home, *words, given=given)
        if check and done.returncode:
            raise AssertionError(f"{words} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def status_of(self, *words: str) -> int:
        return self.call("--home", self.home, *words).returncode

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "chartkeeper", "--home", str(self.home), "serve"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **self.environment},
            )

    def kill(self) -> None:
        """Pull the plug: everything of the service dies at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.ended()

    def ended(self) -> int:
        """Wait for the end of a service that was killed, and of all its parts; its status.

        Until a part is gone it holds its locks, even after the signal that ends it.
        """
        assert self.process is not None
        status = self.process.wait(DYING_SECONDS)
        end = time.monotonic() + DYING_SECONDS
        while alive := of_session(self.process.pid):
            assert time.monotonic() < end, f"parts of the service are still there: {alive}"
            time.sleep(0.01)
        self.process = None
        return status

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def drop(self, source: Path, name: str | None = None) -> None:
        shutil.copyfile(source, self.inbox / (name or source.name))

    def wait_idle(self, files: int, seconds: float = 240) -> None:
        """Until so many files have arrived and all that arrived is read, filed and indexed."""
        deadline = time.monotonic() + seconds
        ledger = open_ledger(self.home / "ledger.db")
        try:
            while time.monotonic() < deadline:
                with ledger.read() as connection:
                    now = progress(connection)
                if now.idle and sum(now.arrivals.values()) >= files:
                    return
                time.sleep(0.2)
        finally:
            ledger.close()
        raise AssertionError(f"not done after {seconds} s: {now}\n{self.log.read_text()[-3000:]}")

    def documents(self, *words: str) -> list[dict[str, object]]:
        lines = self.run("documents", "--format", "jsonl", *words).splitlines()
        return [json.loads(line) for line in lines]

    def search(self, query: str, *more: str) -> list[dict[str, object]]:
        asked = ("search", query, "--format", "jsonl", "--limit", "1000", *more)
        lines = self.run(*asked).splitlines()
        return [json.loads(line) for line in lines]


@cache
def new_home() -> Path:
    """A home as `init` leaves it, made once for all services that begin with one."""
    folder = tempfile.mkdtemp(prefix="new-home-")
    atexit.register(shutil.rmtree, folder)
    made = Service.on(Path(folder) / "home")
    made.run("init", "--admin", ADMIN, "--password-stdin", given=PASSWORD + "\n")
    return made.home


def of_session(leader: int) -> list[int]:
    """Every process of a service that has not ended, but its supervisor."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _parent, _group, its_session = path.read_text().rpartition(")")[2].split()[:4]
            pid = int(path.parent.name)
            if int(its_session) == leader != pid and state not in "ZX":
                found.append(pid)
    return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])

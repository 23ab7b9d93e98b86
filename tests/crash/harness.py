"""A service that is killed and started again, and what is looked at afterwards."""

import fcntl
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from service import Service

from chartkeeper.records.vault import file_sha256
from crash.life import command
from crash.paper import PATIENTS, QUERIES
from crash.truth import Outcome, leftovers, outcome

CHILD = Path(__file__).with_name("child")
# Nothing is waited for longer than needed, and two runs read the same page in the same manner.
SETTINGS: Mapping[str, object] = {
    "still_seconds": 0.1,
    "poll_seconds": 0.2,
    "incomplete_seconds": 1,
    "second_reader_share": 0,
    "second_reader_share_migration": 0,
    "learn_types": False,
}
SETTLING_SECONDS = 60


def made_home(folder: Path) -> Path:
    """A home with patients and nothing in its inbox, to be copied."""
    service = Service(folder / "template")
    patients = folder / "patients.csv"
    patients.write_text(PATIENTS, encoding="utf-8")
    service.run("patients", "load", str(patients))
    return service.home


def opened(template: Path, home: Path, environment: Mapping[str, str] | None = None) -> Service:
    """A service on a copy of a home."""
    service = Service(home, template, **SETTINGS)
    service.environment = {"OMP_THREAD_LIMIT": "1", **(environment or {})}
    return service


def hashes(paths: list[Path]) -> dict[str, str]:
    """The SHA-256 of each file by its name."""
    return {path.name: file_sha256(path) for path in paths}


def drop(service: Service, path: Path) -> None:
    """Put a file into the inbox as a whole, as a rename does."""
    beside = service.home / "work" / path.name
    shutil.copyfile(path, beside)
    beside.rename(service.inbox / path.name)


def settle(service: Service, files: int, seconds: float = 240) -> None:
    """Let the service do all that is to do with so many files, clear the inbox, and end.

    Its worker tidies up after the one before it, even if there is nothing else to do.
    """
    end = time.monotonic() + SETTLING_SECONDS
    while not _works(service.home):
        assert time.monotonic() < end, "no worker began"
        time.sleep(0.05)
    service.wait_idle(files, seconds)
    end = time.monotonic() + SETTLING_SECONDS
    while any(service.inbox.iterdir()):
        assert time.monotonic() < end, "the inbox was not cleared"
        time.sleep(0.05)
    service.stop()


def _works(home: Path) -> bool:
    """Whether a worker has its lock and its readers."""
    held = []
    for path in (home / "work" / "locks").glob("worker-*.lock"):
        with path.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                held.append(path)
    return bool(held) and any((home / "work" / "pages").iterdir())


def result(service: Service) -> tuple[Outcome, list[str]]:
    """What became of the files of a service that has ended, and what `verify` and leftovers say."""
    run = command(service.home)
    status, printed = run("verify")
    problems = [printed] if status else []
    return outcome(service.home, run, QUERIES), problems + leftovers(service.home)


def dies(service: Service) -> bool:
    """Wait for a service to be killed from within; whether it was."""
    return service.ended() == -signal.SIGKILL

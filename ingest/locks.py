"""One process a part and home: locks that the system takes back when their holder dies."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from chartkeeper.ingest.errors import AlreadyRunning

# Who only looks whether a lock is held (the page Status) has it for less than a moment.
GLANCE_SECONDS = 0.5


@contextmanager
def sole(folder: Path, part: str) -> Iterator[None]:
    """Be the only one who does `part` for this home. Raises AlreadyRunning."""
    with (folder / f"{part}.lock").open("w") as file:
        patience_ends = time.monotonic() + GLANCE_SECONDS
        while not _taken(file):
            if time.monotonic() > patience_ends:
                raise AlreadyRunning(part)
            time.sleep(GLANCE_SECONDS / 20)
        yield


def is_at_work(folder: Path, part: str) -> bool:
    """Whether somebody does `part` for this home; a name may go on with that of a machine."""
    return any(_is_held(file) for file in folder.glob(f"{part}*.lock"))


def _is_held(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

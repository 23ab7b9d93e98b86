"""One process a part and home: locks that the system takes back when their holder dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chartkeeper.ingest.errors import AlreadyRunning


@contextmanager
def sole(folder: Path, part: str) -> Iterator[None]:
    """Be the only one who does `part` for this home. Raises AlreadyRunning."""
    with (folder / f"{part}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(part) from error
        yield

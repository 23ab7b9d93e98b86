"""Locks between processes: a file that one of them holds."""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chartkeeper.index.failures import IndexInUse

_POLL_SECONDS = 0.02

# A record lock, unlike flock(), is not inherited by child processes: workers that outlive a killed
# writer must not keep its lock. In exchange it does not tell apart two users in one process, and
# closing the file anywhere in the process would drop it; hence the list of what is held here.
_held_here: set[Path] = set()
_held_here_guard = threading.Lock()


class FolderLock:
    """A lock file that this object holds from its making until `release`.

    Raises:
        IndexInUse: another process, or another part of this one, holds it and does not let go
            within `wait_seconds`; `doing` says in the message what it does.
    """

    def __init__(self, path: Path, doing: str, wait_seconds: float = 0.0) -> None:
        self._path = path.absolute()
        self._descriptor: int | None = None
        deadline = time.monotonic() + wait_seconds
        while not self._taken():
            if time.monotonic() >= deadline:
                raise IndexInUse(doing)
            time.sleep(_POLL_SECONDS)

    def _taken(self) -> bool:
        with _held_here_guard:
            if self._path in _held_here:
                return False
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(descriptor)
                return False
            self._descriptor = descriptor
            _held_here.add(self._path)
            return True

    def release(self) -> None:
        """Lets the lock go, once; the process's end does so too."""
        with _held_here_guard:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
                _held_here.discard(self._path)


@contextmanager
def locked(path: Path, doing: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Holds a lock file for the length of a `with` block; raises as `FolderLock` does."""
    lock = FolderLock(path, doing, wait_seconds)
    try:
        yield
    finally:
        lock.release()

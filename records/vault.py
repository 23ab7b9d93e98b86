"""The originals on disk: stored once, named by their SHA-256, durable, never changed."""

import errno
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from chartkeeper.records.errors import OriginalMissing, SourceChanged, VaultFull, VaultUnusable

BLOCK_BYTES = 1024 * 1024
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
# Some network shares cannot sync a folder; they keep names in order by themselves.
CANNOT_SYNC = {errno.EINVAL, errno.ENOTSUP}


@dataclass(frozen=True, slots=True)
class Stored:
    """What the vault says of an original: its name, its size, and whether it was there before."""

    sha256: str
    size: int


class Vault:
    """A folder of originals, two levels deep: `vault/ab/abcd...`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def store(self, source: Path, as_seen: os.stat_result | None = None) -> Stored:
        """Copy `source` into the vault and make it durable; a second copy is never made.

        `as_seen` is how the source looked when it was examined. Raises SourceChanged if it is
        another by the end of the copy, VaultFull when the disk has no room, VaultUnusable when it
        fails or may not be written to, and OSError where it is the source that fails. The source is
        left as it is in any case.
        """
        part = self._folder / f".{secrets.token_hex(8)}.part"
        try:
            stored = _copy(source, part, as_seen)
            self._settle(part, stored.sha256)
        finally:
            # What cannot be removed now is removed by discard_leftovers().
            with suppress(OSError):
                part.unlink(missing_ok=True)
        return stored

    def path(self, sha256: str) -> Path:
        """Where the original of this name lies. Raises OriginalMissing if it does not."""
        path = self._place(sha256)
        if not path.is_file():
            raise OriginalMissing(sha256)
        return path

    def discard_leftovers(self) -> None:
        """Remove what an interrupted copy left behind; a copy under way is left alone."""
        for part in self._folder.glob(".*.part"):
            with suppress(FileNotFoundError), part.open("rb") as file, suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part.unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _settle(self, part: Path, sha256: str) -> None:
        place = self._place(sha256)
        with _faults_of_vault():
            if not (place.exists() and file_sha256(place) == sha256):
                place.parent.mkdir(mode=0o700, exist_ok=True)
                part.chmod(0o400)
                part.replace(place)
            # Whoever put it there before may have died before its name was durable.
            sync_folder(place.parent)
            sync_folder(self._folder)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a synced file without its name is lost all the same."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in CANNOT_SYNC:
            raise
    finally:
        os.close(descriptor)


@contextmanager
def _faults_of_vault() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise (VaultFull if error.errno in NO_ROOM else VaultUnusable) from error


def _copy(source: Path, target: Path, as_seen: os.stat_result | None) -> Stored:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reading:
        before = as_seen or os.fstat(reading.fileno())
        with _begin(target) as writing:
            while block := reading.read(BLOCK_BYTES):
                digest.update(block)
                size += _write(writing, block)
            with _faults_of_vault():
                os.fsync(writing.fileno())
        if _look(os.fstat(reading.fileno())) != _look(before):
            raise SourceChanged
    return Stored(digest.hexdigest(), size)


@_faults_of_vault()
def _begin(target: Path) -> FileIO:
    writing = target.open("xb", buffering=0)
    # Tells discard_leftovers() that somebody is at work here.
    fcntl.flock(writing, fcntl.LOCK_SH)
    return writing


@_faults_of_vault()
def _write(file: FileIO, block: bytes) -> int:
    rest = memoryview(block)
    while rest:
        rest = rest[file.write(rest) :]
    return len(block)


def _look(facts: os.stat_result) -> tuple[int, int, int]:
    return facts.st_size, facts.st_mtime_ns, facts.st_ino

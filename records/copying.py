"""Copying a file so that the copy is proved: hashed on the way, synced, read again from disk."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from chartkeeper.records.fixity import BLOCK_BYTES, sha256_from_disk


class SourceUnreadable(Exception):
    """The file to be copied is not there or cannot be read."""


class CopyDiffers(Exception):
    """What the disk gives back is not what was written to it."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: the SHA-256 of it in hexadecimal and its size in bytes."""

    sha256: str
    size: int


def new_part(folder: Path) -> Path:
    """A name for a copy that is not finished yet."""
    return folder / f".{secrets.token_hex(8)}.part"


def copy_proved(source: Path, part: Path) -> Copied:
    """Copy a file to a new one, readable for nobody else.

    Raises SourceUnreadable for what is wrong with the source, CopyDiffers, and OSError for what is
    wrong with the place of the copy.
    """
    copied = _copy(source, part)
    if sha256_from_disk(part) != copied.sha256:
        raise CopyDiffers
    return copied


def _copy(source: Path, part: Path) -> Copied:
    digest, size = hashlib.sha256(), 0
    reading = _opened(source)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as writing:
            while block := _next_block(reading):
                digest.update(block)
                size += writing.write(block)
            writing.flush()
            os.fsync(writing.fileno())
    finally:
        os.close(reading)
    return Copied(digest.hexdigest(), size)


def _opened(source: Path) -> int:
    try:
        return os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise SourceUnreadable from error


def _next_block(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, BLOCK_BYTES)
    except OSError as error:
        raise SourceUnreadable from error


def write_durably(path: Path, content: bytes) -> None:
    """Put a small file in its place in one step that survives a power cut. Raises OSError."""
    part = new_part(path.parent)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

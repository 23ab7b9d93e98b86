"""The lines of a list whose encoding nobody stated, one at a time, however long they are."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from chartkeeper.ingest.errors import ManifestInvalid

MAX_MANIFEST_BYTES = 8 * 1024**3
MAX_LINE_CHARS = 32_768
HEAD_BYTES = 4_096
# Byte order marks (Unicode 15, 2.6); that of UTF-32 does not come out of databases.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end; `number` counts from 1, and `whole` says that it was not cut off.

    A character that could not be read is U+FFFD.
    """

    number: int
    text: str
    whole: bool = True


def text_of(path: Path) -> str:
    """The encoding of the text file at `path`: found by its mark, its zeros, or what fits it.

    Without either it is UTF-8, unless more lines speak for Windows-1252 than for UTF-8. Raises
    ManifestInvalid if the file cannot be read or is too large.
    """
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ManifestInvalid("The list is too large. Divide it and import the parts.")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            return _marked(head) or _by_zeros(head) or _by_lines(path)
    except OSError as error:
        raise ManifestInvalid(
            "The list cannot be read. Check that it is there and that this account may read it."
        ) from error


def lines(path: Path, encoding: str) -> Iterator[Line]:
    """The lines of the text at `path`. Raises ManifestInvalid if it cannot be read."""
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            yield from _numbered(file)
    except (OSError, UnicodeError) as error:
        raise ManifestInvalid("The list cannot be read to its end. Export it again.") from error


def _numbered(file: TextIO) -> Iterator[Line]:
    number = 0
    while piece := file.readline(MAX_LINE_CHARS):
        number += 1
        whole = True
        rest = piece
        while not rest.endswith(("\n", "\r")) and (rest := file.readline(MAX_LINE_CHARS)):
            whole = False
        yield Line(number, piece.rstrip("\r\n"), whole)


def _marked(head: bytes) -> str:
    return next((name for mark, name in MARKS if head.startswith(mark)), "")


def _by_zeros(head: bytes) -> str:
    """UTF-16 without a mark, as some tools write it: every other byte of plain text is zero."""
    if head.count(0) < len(head) // 4 or not head:
        return ""
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _by_lines(path: Path) -> str:
    utf8 = windows = 0
    with path.open("rb") as file:
        while piece := file.readline(MAX_LINE_CHARS):
            if not piece.isascii():
                fits = _fits_utf8(piece)
                utf8, windows = utf8 + fits, windows + (not fits)
    return "cp1252" if windows > utf8 else "utf-8"


def _fits_utf8(piece: bytes) -> bool:
    # A line cut at its limit may end within a character.
    try:
        codecs.getincrementaldecoder("utf-8")().decode(piece)
    except UnicodeDecodeError:
        return False
    return True

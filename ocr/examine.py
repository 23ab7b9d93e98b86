"""Is this file whole, and how many pages has it? Answered from its structure, without decoding."""

import errno
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chartkeeper.ocr import jpegs, pngs, poppler, tiffs
from chartkeeper.ocr.errors import (
    DamagedFile,
    EmptyFile,
    FileTooLarge,
    IncompleteFile,
    TooManyPages,
    UnreadablePermissions,
    UnsupportedFormat,
)
from chartkeeper.ocr.formats import HEAD_BYTES, Format, detect
from chartkeeper.ocr.limits import Limits

# Readers look for %%EOF in the last 1,024 bytes (ISO 32000-1, Annex H 3.4.4); copies to disk and
# tape leave padding behind it, so that much is taken off first.
PDF_END_WITHIN_BYTES = 1024
MAX_PADDING_BYTES = 64 * 1024
# What the system answers when it is this file that it does not give.
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENXIO, errno.ELOOP, None}
_OBJECT = re.compile(rb"\d+ \d+ obj\b")
_PADDING = b"\0\r\n\t \x1a"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a whole file is, and its number of pages (at least 1)."""

    format: Format
    page_count: int


def examine(path: Path, limits: Limits) -> FileFacts:
    """Check that the file at `path` is whole and within `limits`, and say what it is.

    Takes time in proportion to the number of pages, not of pixels. Raises a subclass of
    UnreadableFile that says why the file cannot be taken in, MissingProgram without poppler, and
    OSError where the machine is at fault or the file is gone.
    """
    try:
        size = _size_bytes(path)
        with path.open("rb") as handle:
            return _facts(path, handle, size, limits)
    except OSError as error:
        # A share that stumbles or a machine without memory is not the file's fault.
        if error.errno in FORBIDDEN:
            raise UnreadablePermissions from error
        raise


def _size_bytes(path: Path) -> int:
    found = path.stat()
    # Opening a pipe or a device would wait for ever.
    if not stat.S_ISREG(found.st_mode):
        raise UnreadablePermissions
    return found.st_size


def _facts(path: Path, handle: BinaryIO, size: int, limits: Limits) -> FileFacts:
    if not size:
        raise EmptyFile
    if size > limits.max_file_bytes:
        raise FileTooLarge
    head = handle.read(HEAD_BYTES)
    format_ = detect(head)
    if format_ is None:
        # A copy that reserved its space first is all zeros until the data come.
        raise UnsupportedFormat if head.strip(b"\0") else IncompleteFile
    return FileFacts(format_, _page_count(format_, path, handle, size, limits))


def _page_count(format_: Format, path: Path, handle: BinaryIO, size: int, limits: Limits) -> int:
    match format_:
        case Format.TIFF:
            return tiffs.count_pages(handle, size, limits)
        case Format.JPEG:
            return jpegs.count_pages(handle, size, limits)
        case Format.PNG:
            return pngs.count_pages(handle, size, limits)
        case Format.PDF:
            return _pdf_pages(path, handle, size, limits)


def _pdf_pages(path: Path, handle: BinaryIO, size: int, limits: Limits) -> int:
    handle.seek(max(0, size - MAX_PADDING_BYTES))
    tail = handle.read(MAX_PADDING_BYTES).rstrip(_PADDING)
    _, mark, behind = tail[-PDF_END_WITHIN_BYTES:].rpartition(b"%%EOF")
    # Objects behind the last end are a change of the document whose own end is missing.
    if not mark or _OBJECT.search(behind) or _promised_bytes(handle) > size:
        raise IncompleteFile
    pages = poppler.page_count(path, limits.examine_timeout_seconds)
    if pages < 1:
        raise DamagedFile
    if pages > limits.max_pages:
        raise TooManyPages
    return pages


def _promised_bytes(handle: BinaryIO) -> int:
    """The length that a linearized PDF states (ISO 32000-1, F.3.3), else 0.

    Such a file has an end marker near its start too, so a short piece of it looks ended.
    """
    handle.seek(0)
    head = handle.read(HEAD_BYTES)
    start = head.find(b"/Linearized")
    found = re.search(rb"/L\s+(\d{1,12})\b", head[max(0, start - 200) : start + 200])
    return int(found[1]) if start >= 0 and found else 0

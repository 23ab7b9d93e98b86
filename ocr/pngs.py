"""The structure of a PNG file, walked without decoding a pixel (PNG specification, section 5)."""

from typing import BinaryIO

from chartkeeper.ocr.errors import DamagedFile, IncompleteFile, PageTooLarge
from chartkeeper.ocr.limits import Limits

_SIGNATURE_BYTES = 8
_CHUNK_FRAME_BYTES = 12  # length, type, checksum
_MAX_CHUNK_BYTES = 2**31 - 1
MAX_CHUNKS = 500_000


def count_pages(handle: BinaryIO, size_bytes: int, limits: Limits) -> int:
    """Check an open PNG of `size_bytes`; it always has one page.

    Raises IncompleteFile when the end chunk is missing, DamagedFile when a chunk is none,
    PageTooLarge.
    """
    at = _SIGNATURE_BYTES
    for number in range(MAX_CHUNKS):
        length, kind = _chunk(handle, at, size_bytes)
        if number == 0:
            _check_header(handle.read(8), length, kind, limits)
        at += _CHUNK_FRAME_BYTES + length
        if at > size_bytes:
            raise IncompleteFile
        if kind == b"IEND":
            return 1
    raise DamagedFile


def _chunk(handle: BinaryIO, at: int, size_bytes: int) -> tuple[int, bytes]:
    if at + _CHUNK_FRAME_BYTES > size_bytes:
        raise IncompleteFile
    handle.seek(at)
    head = handle.read(8)
    length, kind = int.from_bytes(head[:4], "big"), head[4:]
    if length > _MAX_CHUNK_BYTES or not kind.isalpha():
        raise DamagedFile
    return length, kind


def _check_header(start: bytes, length: int, kind: bytes, limits: Limits) -> None:
    pixels = int.from_bytes(start[:4], "big") * int.from_bytes(start[4:], "big")
    if kind != b"IHDR" or length != 13 or not pixels:
        raise DamagedFile
    if pixels > limits.max_pixels:
        raise PageTooLarge

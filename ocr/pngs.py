"""The structure of a PNG file, walked without decoding a pixel (PNG specification, section 5)."""

import os
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from chartkeeper.ocr.errors import DamagedFile, IncompleteFile, PageTooLarge
from chartkeeper.ocr.limits import Limits

_SIGNATURE_BYTES = 8
_CHUNK_FRAME_BYTES = 12  # length, type, checksum
_MAX_CHUNK_BYTES = 2**31 - 1
MAX_CHUNKS = 500_000
_PIECE_BYTES = 1 << 20
# Samples a pixel by colour type: grey, colours, palette, grey with alpha, colours with alpha.
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: where each pass begins and how far its pixels lie apart, across and down.
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


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


def holds_all_rows(handle: BinaryIO) -> bool:
    """Whether the packed data of an open PNG, whole in its structure, make up all of its rows.

    They are counted without being kept. Source of the sizes: PNG specification, sections 7.2, 8.2.
    """
    inflater, found, wanted = zlib.decompressobj(), 0, 1
    for kind, body in _chunks(handle):
        if kind == b"IHDR":
            wanted = _raw_bytes(body)
        elif kind == b"IDAT":
            packed = body
            while packed and found < wanted and not inflater.eof:
                found += len(inflater.decompress(packed, _PIECE_BYTES))
                packed = inflater.unconsumed_tail
    return found >= wanted


def _chunks(handle: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    handle.seek(_SIGNATURE_BYTES)
    while len(head := handle.read(8)) == 8:
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind in (b"IHDR", b"IDAT"):
            yield kind, handle.read(length)
        else:
            handle.seek(length, os.SEEK_CUR)
        handle.seek(4, os.SEEK_CUR)


def _raw_bytes(header: bytes) -> int:
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header[:13])
    pixel_bits = bits * _SAMPLES.get(colour, 1)
    if not interlaced:
        return _pass_bytes(width, height, pixel_bits)
    return sum(
        _pass_bytes(-(-(width - left) // across), -(-(height - top) // down), pixel_bits)
        for left, top, across, down in _PASSES
    )


def _pass_bytes(width: int, height: int, pixel_bits: int) -> int:
    """Rows of pixels, each behind the byte that names its filter; an empty pass has none."""
    return height * (1 + (width * pixel_bits + 7) // 8) if width > 0 and height > 0 else 0


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

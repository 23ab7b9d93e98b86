"""The structure of a TIFF file, walked without decoding a pixel.

Source: TIFF 6.0 (Adobe, 1992), sections 2 and 15, and the BigTIFF layout of libtiff. libtiff reads
what it finds and stops at the first oddity without a word; here a missing piece is found at once.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from chartkeeper.ocr.errors import DamagedFile, IncompleteFile, PageTooLarge, TooManyPages
from chartkeeper.ocr.limits import Limits

WIDTH, HEIGHT, COMPRESSION = 256, 257, 259
STRIP_OFFSETS, STRIP_COUNTS = 273, 279
TILE_OFFSETS, TILE_COUNTS = 324, 325
OLD_JPEG = 6
MAX_TAGS_PER_PAGE = 4_096
# Strips of all pages together: pages may share one long list, and a hostile file would.
MAX_STRIPS = 8_000_000
# TIFF 6.0, section 2: field type -> numpy code of the unsigned types that a place or size may have.
_UNSIGNED = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}


@dataclass(frozen=True, slots=True)
class _Layout:
    """How numbers lie in this file: byte order, and the widths of classic TIFF or BigTIFF."""

    order: str
    big: bool

    @property
    def offset(self) -> str:
        return self.order + ("Q" if self.big else "I")

    @property
    def tag_count(self) -> str:
        return self.order + ("Q" if self.big else "H")

    @property
    def tag(self) -> str:
        return self.order + ("HHQ8s" if self.big else "HHI4s")


@dataclass(frozen=True, slots=True)
class _Tag:
    kind: int
    count: int
    value: bytes


class _File:
    """A file of known size that refuses to be read beyond its end."""

    def __init__(self, handle: BinaryIO, size: int) -> None:
        self._handle = handle
        self.size = size

    def read(self, at: int, count: int) -> bytes:
        if at + count > self.size:
            raise IncompleteFile
        self._handle.seek(at)
        found = self._handle.read(count)
        if len(found) < count:
            raise IncompleteFile
        return found

    def number(self, at: int, code: str) -> int:
        return int(struct.unpack(code, self.read(at, struct.calcsize(code)))[0])


def count_pages(handle: BinaryIO, size_bytes: int, limits: Limits) -> int:
    """Walk all pages of an open TIFF of `size_bytes` and return how many there are.

    Raises IncompleteFile when a piece lies beyond the end (or the first page is not yet written),
    DamagedFile when the structure contradicts itself, TooManyPages and PageTooLarge.
    """
    file = _File(handle, size_bytes)
    pages = strips = 0
    for tags, layout in _pages(file):
        pages += 1
        if pages > limits.max_pages:
            raise TooManyPages
        _check_size(file, layout, tags, limits)
        strips += _check_pieces(file, layout, tags)
        if strips > MAX_STRIPS:
            raise DamagedFile
    return pages


def _pages(file: _File) -> Iterator[tuple[dict[int, _Tag], _Layout]]:
    layout, at = _header(file)
    # libtiff writes the place of the first page last: zero means still being written.
    if not at:
        raise IncompleteFile
    seen = set()
    while at:
        if at in seen:
            raise DamagedFile
        seen.add(at)
        tags, at = _directory(file, layout, at)
        yield tags, layout


def _header(file: _File) -> tuple[_Layout, int]:
    head = file.read(0, 4)
    layout = _Layout("<" if head[:2] == b"II" else ">", b"+" in head)
    return layout, file.number(8 if layout.big else 4, layout.offset)


def _directory(file: _File, layout: _Layout, at: int) -> tuple[dict[int, _Tag], int]:
    count = file.number(at, layout.tag_count)
    if not 0 < count <= MAX_TAGS_PER_PAGE:
        raise DamagedFile
    start = at + struct.calcsize(layout.tag_count)
    size = struct.calcsize(layout.tag)
    block = file.read(start, count * size)
    tags = {tag: _Tag(*rest) for tag, *rest in struct.iter_unpack(layout.tag, block)}
    return tags, file.number(start + count * size, layout.offset)


def _numbers(
    file: _File, layout: _Layout, tag: _Tag
) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    code = _UNSIGNED.get(tag.kind)
    if code is None or tag.count > MAX_STRIPS:
        raise DamagedFile
    kind = np.dtype(layout.order + code)
    size = kind.itemsize * tag.count
    if size <= len(tag.value):
        return np.frombuffer(tag.value[:size], kind).astype(np.uint64)
    (at,) = struct.unpack(layout.offset, tag.value)
    return np.frombuffer(file.read(at, size), kind).astype(np.uint64)


def _first(file: _File, layout: _Layout, tags: dict[int, _Tag], tag: int) -> int:
    if tag not in tags or not tags[tag].count:
        return 0
    return int(_numbers(file, layout, tags[tag])[0])


def _check_size(file: _File, layout: _Layout, tags: dict[int, _Tag], limits: Limits) -> None:
    pixels = _first(file, layout, tags, WIDTH) * _first(file, layout, tags, HEIGHT)
    if not pixels:
        raise DamagedFile
    if pixels > limits.max_pixels:
        raise PageTooLarge


def _check_pieces(file: _File, layout: _Layout, tags: dict[int, _Tag]) -> int:
    """Every strip or tile lies within the file; returns how many there are."""
    for offsets, counts in ((STRIP_OFFSETS, STRIP_COUNTS), (TILE_OFFSETS, TILE_COUNTS)):
        if offsets in tags:
            starts = _numbers(file, layout, tags[offsets])
            # Old fax programs leave the sizes out; libtiff then reckons them.
            sizes = (
                _numbers(file, layout, tags[counts]) if counts in tags else np.zeros_like(starts)
            )
            if len(sizes) != len(starts) or not len(starts):
                raise DamagedFile
            # Each alone first: their sum could overflow 64 bits.
            if max(starts.max(), sizes.max()) > file.size or (starts + sizes).max() > file.size:
                raise IncompleteFile
            return len(starts)
    if _first(file, layout, tags, COMPRESSION) == OLD_JPEG:
        return 0
    raise DamagedFile

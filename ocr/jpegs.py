"""The structure of a JPEG file, walked without decoding a pixel (ITU-T T.81, Annex B)."""

from typing import BinaryIO

from chartkeeper.ocr.errors import DamagedFile, IncompleteFile, PageTooLarge
from chartkeeper.ocr.limits import Limits

# T.81, table B.1: start of frame, all processes; C4, C8 and CC in that row mean other things.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN = 0xDA
_FILL = 0xFF
# Markers that stand alone: TEM and RST0 to RST7.
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_END = b"\xff\xd9"
MAX_SEGMENTS = 10_000
_CHUNK_BYTES = 1 << 20


def count_pages(handle: BinaryIO, size_bytes: int, limits: Limits) -> int:
    """Check an open JPEG of `size_bytes`; it always has one page.

    Raises IncompleteFile without an end marker behind the picture data (an embedded preview's does
    not count), DamagedFile when a segment is none, PageTooLarge.
    """
    width, height = frame_size(handle, size_bytes)
    if width * height > limits.max_pixels:
        raise PageTooLarge
    if not _ends(handle):
        raise IncompleteFile
    return 1


def frame_size(handle: BinaryIO, size_bytes: int) -> tuple[int, int]:
    """Width and height in pixels; the handle is left where the first scan's data begin.

    Raises IncompleteFile, DamagedFile.
    """
    handle.seek(2)
    width = height = 0
    for _ in range(MAX_SEGMENTS):
        marker = _next_marker(handle)
        if marker in _ALONE:
            continue
        length = int.from_bytes(_exactly(handle, 2), "big")
        start = handle.tell()
        if length < 2 or marker == 0xD9:
            raise DamagedFile
        if start + length - 2 > size_bytes:
            raise IncompleteFile
        if marker in _FRAMES:
            width, height = _frame_size(_exactly(handle, 5))
        handle.seek(start + length - 2)
        if marker == _SCAN:
            break
    if not width * height:
        raise DamagedFile
    return width, height


def _next_marker(handle: BinaryIO) -> int:
    if _exactly(handle, 1)[0] != _FILL:
        raise DamagedFile
    marker = _FILL
    fills = 0
    while marker == _FILL:
        marker = _exactly(handle, 1)[0]
        fills += 1
        if fills > MAX_SEGMENTS:
            raise DamagedFile
    return marker


def _frame_size(frame: bytes) -> tuple[int, int]:
    return int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")


def _exactly(handle: BinaryIO, count: int) -> bytes:
    found = handle.read(count)
    if len(found) < count:
        raise IncompleteFile
    return found


def _ends(handle: BinaryIO) -> bool:
    """Whether an end marker follows; within picture data FF D9 can be nothing else."""
    last = b""
    while chunk := handle.read(_CHUNK_BYTES):
        if _END in last + chunk:
            return True
        last = chunk[-1:]
    return False

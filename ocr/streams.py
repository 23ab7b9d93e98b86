"""Do the data of a picture in a PDF go to their end? Seen without decoding a pixel."""

import base64
import re
import zlib
from dataclasses import dataclass
from io import BytesIO

from chartkeeper.ocr import jpegs
from chartkeeper.ocr.errors import UnreadableFile
from chartkeeper.ocr.limits import Limits

# No scanner's page is larger when compressed.
MAX_STREAM_BYTES = 256 << 20
_CHUNK_BYTES = 1 << 20
# Line ends between the data and `endstream` that some writers count in.
_LINE_ENDS = b"\r\n"
# ITU-T T.6, 2.2.6 and T.4, 4.1.4: a block ends with two (EOFB) or six (RTC) EOL codes of eleven
# zeros and a one; in two dimensions each has a tag bit of one behind it. No code of a picture holds
# eleven zeros, so whatever a writer left behind the end does not matter.
_END_OF_BLOCK = re.compile("(0{11,}11?){2}")
_END_BITS_WITHIN_BYTES = 512
# ITU-T T.800, annex A: the markers that begin a codestream (SOC, SIZ) and end it (EOC).
_JPEG_2000_BEGIN, _JPEG_2000_END = b"\xff\x4f\xff\x51", b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture's data as stored, the names of its filters in the order in which they are undone.

    `size` is its width and height in pixels, `row_bytes` the length of a row when decoded.
    """

    content: bytes
    filters: tuple[str, ...]
    size: tuple[int, int]
    row_bytes: int


def is_whole(encoded: Encoded, limits: Limits) -> bool:
    """Whether the data are all there as far as their form tells; in doubt False.

    JBIG2 has no end of its own and passes; decoders refuse it when a segment stops short.
    """
    *outer, last = encoded.filters or ("",)
    content = _unwrapped(encoded.content, outer)
    if content is None:
        return False
    wanted_bytes = encoded.row_bytes * encoded.size[1]
    match last:
        case "DCTDecode":
            whole = _is_whole_jpeg(content, encoded.size, limits)
        case "CCITTFaxDecode":
            whole = _ends_fax(content)
        case "JPXDecode":
            ends = content.rstrip(_LINE_ENDS).endswith(_JPEG_2000_END)
            whole = ends and _JPEG_2000_BEGIN in content
        case "FlateDecode":
            whole = _inflates_to(content, wanted_bytes)
        case "":
            whole = len(content) >= wanted_bytes
        case _:
            whole = last == "JBIG2Decode"
    return whole


def _unwrapped(content: bytes, filters: list[str]) -> bytes | None:
    """`content` with the filters of a general kind undone, None where that cannot be done."""
    for name in filters:
        found = _undone(content, name)
        if found is None:
            return None
        content = found
    return content


def _undone(content: bytes, name: str) -> bytes | None:
    try:
        if name == "ASCII85Decode":
            end = content.rfind(b"~>")
            return base64.a85decode(content[:end]) if end >= 0 else None
        if name == "FlateDecode":
            inflater = zlib.decompressobj()
            found = inflater.decompress(content, MAX_STREAM_BYTES)
            return found if inflater.eof else None
    except (ValueError, zlib.error):
        pass
    return None


def _is_whole_jpeg(content: bytes, size: tuple[int, int], limits: Limits) -> bool:
    try:
        jpegs.count_pages(BytesIO(content), len(content), limits)
        # Where picture and page disagree about the size, programs do too.
        return jpegs.frame_size(BytesIO(content), len(content)) == size
    except UnreadableFile:
        return False


def _ends_fax(content: bytes) -> bool:
    tail = content[-_END_BITS_WITHIN_BYTES:]
    return bool(_END_OF_BLOCK.search("".join(f"{byte:08b}" for byte in tail)))


def _inflates_to(content: bytes, wanted_bytes: int) -> bool:
    """Whether there are `wanted_bytes` in `content`, counted without keeping them."""
    inflater = zlib.decompressobj()
    found = 0
    try:
        while found < wanted_bytes and not inflater.eof:
            piece = inflater.decompress(content, _CHUNK_BYTES)
            content = inflater.unconsumed_tail
            if not piece and not content:
                break
            found += len(piece)
    except zlib.error:
        return False
    return found >= wanted_bytes

"""Quick looks into a PDF through pypdfium2, where it is installed.

pdfium draws without a child process, and without a word about what it could not draw. So whatever
is out of the ordinary (a page that does not open, annotations, a picture whose data stop short) is
answered with None, and poppler, which says when it had to guess, does it.
It is not safe in threads, and a crash of it takes its process along: it is for readers that are
watched and replaced. No forms, no scripts: its form environment is never set up.
"""

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from PIL import Image

from chartkeeper.ocr.errors import PageTookTooLong
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.poppler import PageSize
from chartkeeper.ocr.shapes import (
    Shape,
    directions,
    full_page_picture,
    library,
    pictures_among,
    shapes_of,
    shows,
)
from chartkeeper.ocr.streams import Encoded, is_whole

MAX_PICTURES = 200
STRIP_ROWS = 64
# DeviceGray, DeviceRGB, CalGray, CalRGB, ICCBased, Indexed, as fpdf_edit.h counts them.
_PLAIN_COLOURS = frozenset({1, 2, 4, 5, 7, 10})
_PLAIN_BITS = frozenset({1, 8, 24})
# The turn or flip for the way that a picture's rows run and its lines follow, y downwards.
_FLIPS = {
    ((1, 0), (0, 1)): None,
    ((-1, 0), (0, 1)): Image.Transpose.FLIP_LEFT_RIGHT,
    ((1, 0), (0, -1)): Image.Transpose.FLIP_TOP_BOTTOM,
    ((-1, 0), (0, -1)): Image.Transpose.ROTATE_180,
    ((0, 1), (1, 0)): Image.Transpose.TRANSPOSE,
    ((0, 1), (-1, 0)): Image.Transpose.ROTATE_270,
    ((0, -1), (1, 0)): Image.Transpose.ROTATE_90,
    ((0, -1), (-1, 0)): Image.Transpose.TRANSVERSE,
}
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class Look:
    """What is on a page: its size, whether pictures, whether text, whether text that shows.

    Text does not show when it is set invisible or lies under the picture that is the whole page.
    """

    size: PageSize
    has_pictures: bool
    has_text: bool
    shows_text: bool


def is_installed() -> bool:
    """Whether pypdfium2 can be loaded here."""
    return find_spec("pypdfium2") is not None


def look(path: Path, number: int) -> Look | None:
    """What page `number` (from 1) of the PDF at `path` holds; None where it takes poppler."""
    with _opened(path, number) as page:
        size = _size(page) if page is not None else None
        shapes = shapes_of(page) if size else None
        if size is None or shapes is None:
            return None
        scan = full_page_picture(page, shapes)
        covered = scan.place if scan else -1
        texts = [shape for shape in shapes if shape.kind == library().FPDF_PAGEOBJ_TEXT]
        shown = any(shape.place > covered and shows(shape) for shape in texts)
        return Look(size, bool(pictures_among(shapes)), bool(texts), shown)


def stored_picture(path: Path, number: int, limits: Limits) -> Image.Image | None:
    """The picture that page `number` is, with the pixels that it was stored with, upright, grey.

    None where the page is anything but one opaque picture that fills it (whether it has a mask,
    pdfium does not tell: ask poppler), where its data stop short or it is over the pixel limit.
    """
    with _opened(path, number) as page:
        shapes = shapes_of(page) if page is not None else None
        scan = full_page_picture(page, shapes) if shapes else None
        if not shapes or scan is None or any(shows(shape) for shape in shapes[scan.place + 1 :]):
            return None
        ways = directions(page, scan)
        if (
            ways not in _FLIPS
            or not _is_sound(page, scan, limits)
            or not _has_plain_colours(page, scan)
        ):
            return None
        image, flip = _decoded(scan), _FLIPS[ways]
        return image.transpose(flip) if image and flip is not None else image


def drawn(path: Path, number: int, size: tuple[int, int], limits: Limits) -> Image.Image | None:
    """Page `number` drawn in grey in `size`, width and height in pixels as shown.

    None where poppler has to do it. Raises PageTookTooLong, MemoryError.
    """
    ends_at = time.monotonic() + limits.page_timeout_seconds
    with _opened(path, number) as page:
        shapes = shapes_of(page) if page is not None else None
        if shapes is None or not _are_sound(page, shapes, limits):
            return None
        return _drawing(page, size, ends_at)


@contextmanager
def _opened(path: Path, number: int) -> Iterator[Any]:
    """The page, closed with its document after the block; None where pdfium does not open it."""
    import pypdfium2  # noqa: PLC0415 - an extra

    with _LOCK:
        document = page = None
        with suppress(pypdfium2.PdfiumError):
            document = pypdfium2.PdfDocument(path)
            page = document.get_page(number - 1) if 0 < number <= len(document) else None
        try:
            yield page
        finally:
            if page is not None:
                page.close()
            if document is not None:
                document.close()


def _size(page: Any) -> PageSize | None:  # noqa: ANN401
    width, height = page.get_size()
    believable = 0 < width < 1e6 and 0 < height < 1e6
    return PageSize(width, height, page.get_rotation()) if believable else None


def _has_plain_colours(page: Any, picture: Shape) -> bool:  # noqa: ANN401
    facts = _facts(page, picture)
    return bool(
        facts and facts.colorspace in _PLAIN_COLOURS and facts.bits_per_pixel in _PLAIN_BITS
    )


def _facts(page: Any, picture: Shape) -> Any:  # noqa: ANN401
    c = library()
    facts = c.FPDF_IMAGEOBJ_METADATA()
    return facts if c.FPDFImageObj_GetImageMetadata(picture.handle, page, facts) else None


def _is_sound(page: Any, picture: Shape, limits: Limits) -> bool:  # noqa: ANN401
    """Whether the picture is within the pixel limit and its data go to their end."""
    c = library()
    width, height = ctypes.c_uint(), ctypes.c_uint()
    if not c.FPDFImageObj_GetImagePixelSize(picture.handle, width, height):
        return False
    size = width.value, height.value
    # The size comes first: what the facts say is found out by decoding some kinds of picture.
    if not 0 < size[0] * size[1] <= limits.max_pixels:
        return False
    facts = _facts(page, picture)
    return facts is not None and is_whole(_encoded(picture, size, facts.bits_per_pixel), limits)


def _encoded(picture: Shape, size: tuple[int, int], bits_per_pixel: int) -> Encoded:
    c = library()
    length = c.FPDFImageObj_GetImageDataRaw(picture.handle, None, 0)
    content = ctypes.create_string_buffer(length)
    c.FPDFImageObj_GetImageDataRaw(picture.handle, content, length)
    filters = tuple(
        _filter(picture, at) for at in range(c.FPDFImageObj_GetImageFilterCount(picture.handle))
    )
    return Encoded(content.raw, filters, size, (size[0] * bits_per_pixel + 7) // 8)


def _filter(picture: Shape, at: int) -> str:
    name = ctypes.create_string_buffer(64)
    library().FPDFImageObj_GetImageFilter(picture.handle, at, name, len(name))
    return name.value.decode("ascii", "replace")


def _are_sound(page: Any, shapes: list[Shape], limits: Limits) -> bool:  # noqa: ANN401
    pictures = pictures_among(shapes)
    return len(pictures) <= MAX_PICTURES and all(
        _is_sound(page, picture, limits) for picture in pictures
    )


def _decoded(picture: Shape) -> Image.Image | None:
    c = library()
    bitmap = c.FPDFImageObj_GetBitmap(picture.handle)
    if not bitmap:
        return None
    try:
        return _grey(bitmap)
    finally:
        c.FPDFBitmap_Destroy(bitmap)


def _grey(bitmap: Any) -> Image.Image | None:  # noqa: ANN401
    """A copy of pdfium's picture, None for one with transparent parts."""
    c = library()
    width, height = c.FPDFBitmap_GetWidth(bitmap), c.FPDFBitmap_GetHeight(bitmap)
    stride, kind = c.FPDFBitmap_GetStride(bitmap), c.FPDFBitmap_GetFormat(bitmap)
    start = c.FPDFBitmap_GetBuffer(bitmap)
    if kind == c.FPDFBitmap_Gray:
        content = (ctypes.c_ubyte * (stride * height)).from_address(start)
        return Image.frombuffer("L", (width, height), content, "raw", "L", stride, 1).copy()
    if kind != c.FPDFBitmap_BGR:
        return None
    grey = Image.new("L", (width, height))
    # In strips that fit a processor's cache: twice as fast as the whole at once.
    for top in range(0, height, STRIP_ROWS):
        rows = min(STRIP_ROWS, height - top)
        strip = ctypes.string_at(start + top * stride, rows * stride)
        colour = Image.frombuffer("RGB", (width, rows), strip, "raw", "BGR", stride, 1)
        grey.paste(colour.convert("L"), (0, top))
    return grey


def _drawing(page: Any, size: tuple[int, int], ends_at: float) -> Image.Image | None:  # noqa: ANN401
    c = library()
    width, height = size
    paper = bytearray(b"\xff") * (width * height)
    cells = (ctypes.c_ubyte * len(paper)).from_buffer(paper)
    bitmap = c.FPDFBitmap_CreateEx(width, height, c.FPDFBitmap_Gray, cells, width)
    if not bitmap:
        return None
    try:
        flags = c.FPDF_ANNOT | c.FPDF_GRAYSCALE
        pause = _deadline(ends_at)
        status = c.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, width, height, 0, flags, pause)
    finally:
        c.FPDF_RenderPage_Close(page)
        c.FPDFBitmap_Destroy(bitmap)
    if status == c.FPDF_RENDER_TOBECONTINUED:
        raise PageTookTooLong
    return (
        Image.frombuffer("L", size, paper, "raw", "L", 0, 1)
        if (status == c.FPDF_RENDER_DONE)
        else None
    )


def _deadline(ends_at: float) -> Any:  # noqa: ANN401
    """What pdfium asks between strokes whether it shall stop."""
    c = library()
    asked = c.IFSDK_PAUSE._fields_[1][1](lambda _pause: int(time.monotonic() >= ends_at))
    return c.IFSDK_PAUSE(version=1, NeedToPauseNow=asked)

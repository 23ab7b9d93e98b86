"""One page of a file as a grey picture with its resolution."""

import re
from dataclasses import dataclass
from io import BytesIO
from math import sqrt
from pathlib import Path

from PIL import Image

from chartkeeper.ocr import density, jpegs, pdfium, pdfpage, poppler
from chartkeeper.ocr.blank import is_blank
from chartkeeper.ocr.drawing import DENSITY_TOLERANCE, FULL_DPI, Drawing, only_scan, plan_page
from chartkeeper.ocr.errors import DamagedPage, OutOfMemory, UnreadableFile
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.overheard import overheard
from chartkeeper.ocr.pdfpage import PdfPage
from chartkeeper.ocr.poppler import POINTS_PER_INCH, PageSize
from chartkeeper.ocr.stored import check_rows, decoding, flat, opened

# libjpeg paints what is missing of a picture in grey 128, which drawing rounds.
_MISSING_GREYS = range(127, 130)
# Emptiness shows on a picture of a quarter of the size too, and is found there in a tenth of the
# time; thin lines may get lost, so that some pages are drawn twice for nothing.
_BLANK_REDUCTION = 4
# libtiff's fax decoder goes on behind a bad row, and only prints that it did (tif_fax3.c).
_BAD_FAX_ROWS = re.compile(rb"Fax[34]\w*:")


@dataclass(frozen=True, slots=True)
class Raster:
    """A page as stored: `image` of mode 1 or L, pixels an inch along x and y (0: not known).

    `sound` is False when the drawing program had to guess, so that parts may be missing.
    """

    image: Image.Image
    x_dpi: float
    y_dpi: float
    sound: bool = True


def load(path: Path, format: Format, number: int, limits: Limits) -> Raster:  # noqa: A002 - the field's word
    """Page `number` (from 1) of the file at `path`, grey, turned as its file says.

    Raises DamagedPage when it cannot be decoded whole, OversizedPage, OutOfMemory,
    PageTookTooLong, MissingProgram.
    """
    try:
        if format is Format.PDF:
            return load_pdf(path, pdfpage.survey(path, number, limits), limits)
        raster = _load_stored(path, number, limits)
    except MemoryError:
        raise OutOfMemory from None
    if format is Format.JPEG:
        _check_foot(raster.image)
    return raster


def load_pdf(path: Path, page: PdfPage, limits: Limits) -> Raster:
    """The `page` of the PDF at `path` that was surveyed; else as `load`."""
    try:
        raster = _quickly(path, page, limits) if page.told_by_pdfium else None
        # pdfium says nothing about what it left out, poppler does.
        if raster is None or is_blank(raster.image.reduce(_BLANK_REDUCTION)):
            raster = _by_poppler(path, page, limits)
    except MemoryError:
        raise OutOfMemory from None
    if _has_jpegs(page):
        _check_foot(raster.image)
    return raster


def _load_stored(path: Path, number: int, limits: Limits) -> Raster:
    with overheard() as said, opened(path, number, limits, grey=True) as image:
        x_dpi, y_dpi = density.stored_dpi(image)
        upright = flat(image)
        check_rows(path, image)
        sound = not _BAD_FAX_ROWS.search(said())
    if upright.mode == "RGB":
        upright = upright.convert("L")
    return Raster(upright, x_dpi, y_dpi, sound)


def _quickly(path: Path, page: PdfPage, limits: Limits) -> Raster | None:
    """The page by pdfium: its own pixels where it is one picture, else drawn as planned."""
    drawing = plan_page(page, limits)
    scan = only_scan(page.size, page.pictures)
    if scan and not scan.masked:
        image = pdfium.stored_picture(path, page.number, limits)
        if image:
            return _as_planned(image, page.size, drawing)
    image = pdfium.drawn(path, page.number, (drawing.width, drawing.height), limits)
    return Raster(image, drawing.x_dpi, drawing.y_dpi) if image else None


def _as_planned(image: Image.Image, size: PageSize, drawing: Drawing) -> Raster:
    """The page's own picture, made smaller where the plan says so."""
    x_dpi = image.width * POINTS_PER_INCH / size.width
    y_dpi = image.height * POINTS_PER_INCH / size.height
    if max(x_dpi, y_dpi) <= FULL_DPI * DENSITY_TOLERANCE:
        return Raster(image, x_dpi, y_dpi)
    smaller = image.resize((drawing.width, drawing.height), Image.Resampling.BOX)
    return Raster(smaller, drawing.x_dpi, drawing.y_dpi)


def _by_poppler(path: Path, page: PdfPage, limits: Limits) -> Raster:
    drawing = plan_page(page, limits)
    image, sound = drawn(path, page.number, drawing, limits)
    # poppler leaves white, without a word, what is missing of a JPEG or of a picture's many pixels.
    sound = sound and all(
        shown.width * shown.height <= limits.max_pixels for shown in page.pictures
    )
    if _may_lack_jpeg_rows(page, image) and not _jpegs_are_whole(path, page, limits):
        if drawing.encoding == "jpeg":
            raise DamagedPage
        sound = False
    return Raster(image, drawing.x_dpi, drawing.y_dpi, sound)


def _may_lack_jpeg_rows(page: PdfPage, image: Image.Image) -> bool:
    """A page with JPEGs that ends in white, or that pdfium, which looks at their ends, left."""
    return _has_jpegs(page) and (page.told_by_pdfium or _foot(image) == (255, 255))


def _has_jpegs(page: PdfPage) -> bool:
    return any(shown.encoding == "jpeg" for shown in page.pictures)


def drawn(
    path: Path,
    number: int,
    drawing: Drawing,
    limits: Limits,
    *,
    colour_size: tuple[int, int] | None = None,
) -> tuple[Image.Image, bool]:
    """Page `number` of a PDF, grey as planned or in colour at `colour_size`; and is it sound?

    Raises DamagedPage, OutOfMemory, PageTookTooLong, MissingProgram.
    """
    scale = _scale(drawing, colour_size, limits.max_pixels)
    seconds, colour = limits.page_timeout_seconds, bool(colour_size)
    with (
        decoding(limits),
        poppler.drawn(path, number, scale, seconds, colour=colour) as (image, sound),
    ):
        page = image.convert("RGB" if colour else "L")
    if not colour and _is_stretched_on_its_side(drawing):
        page = page.resize((drawing.width, drawing.height), Image.Resampling.BOX)
    return page, sound


def _scale(
    drawing: Drawing, size: tuple[int, int] | None, max_pixels: int
) -> float | tuple[int, int]:
    if size is None and drawing.x_dpi == drawing.y_dpi:
        return drawing.x_dpi
    if size is None and _is_stretched_on_its_side(drawing):
        finer, coarser = max(drawing.x_dpi, drawing.y_dpi), min(drawing.x_dpi, drawing.y_dpi)
        pixels = drawing.width * drawing.height * finer / coarser
        return finer * min(1.0, 0.999 * sqrt(max_pixels / pixels))
    width, height = size or (drawing.width, drawing.height)
    return (height, width) if drawing.turned % 180 else (width, height)


def _is_stretched_on_its_side(drawing: Drawing) -> bool:
    """Of such a page pdftoppm draws a part (seen with 22.12), so it is stretched afterwards."""
    return drawing.turned % 180 == 90 and drawing.x_dpi != drawing.y_dpi


def _jpegs_are_whole(path: Path, page: PdfPage, limits: Limits) -> bool:
    found = poppler.embedded_jpegs(path, page.number, limits.page_timeout_seconds)
    try:
        for content in found:
            jpegs.count_pages(BytesIO(content), len(content), limits)
    except UnreadableFile:
        return False
    return True


def _check_foot(image: Image.Image) -> None:
    foot = _foot(image)
    if foot and all(grey in _MISSING_GREYS for grey in foot):
        raise DamagedPage


def _foot(image: Image.Image) -> tuple[int, int] | None:
    """The darkest and lightest grey at the foot of the page; None for one too small to judge."""
    if image.mode != "L" or image.height < 32:
        return None
    rows = max(16, image.height // 20)
    darkest, lightest = image.crop((0, image.height - rows, *image.size)).getextrema()
    return int(str(darkest)), int(str(lightest))

"""One page of a file as a grey picture with its resolution."""

import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from math import ceil, sqrt
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from chartkeeper.ocr import density, jpegs, pdfium, pdfpage, pngs, poppler
from chartkeeper.ocr.blank import is_blank
from chartkeeper.ocr.errors import DamagedPage, OutOfMemory, OversizedPage, UnreadableFile
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.overheard import overheard
from chartkeeper.ocr.pdfpage import PdfPage
from chartkeeper.ocr.poppler import POINTS_PER_INCH, EmbeddedImage, PageSize

FULL_DPI = 300
FORMATS = ("TIFF", "JPEG", "PNG")
# A picture this much denser than FULL_DPI is still drawn pixel by pixel.
DENSITY_TOLERANCE = 1.05
# pdfimages rounds densities to whole numbers, scanners round pages to whole points.
FIT_TOLERANCE = 0.03
# A picture that covers this much of a page is the page; the rest is margin.
SCAN_COVER = 0.8
# Below this density letters drawn over the picture would suffer from being drawn at its density.
TEXT_DPI = 150
# libjpeg paints what is missing of a picture in grey 128, which drawing rounds.
_MISSING_GREYS = range(127, 130)
# Emptiness shows on a picture of a quarter of the size too, and is found there in a tenth of the
# time; thin lines may get lost, so that some pages are drawn twice for nothing.
_BLANK_REDUCTION = 4
# libtiff's fax decoder goes on behind a bad row, and only prints that it did (tif_fax3.c).
_BAD_FAX_ROWS = re.compile(rb"Fax[34]\w*:")
_CODEC_FAILURES = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Raster:
    """A page as stored: `image` of mode 1 or L, pixels an inch along x and y (0: not known).

    `sound` is False when the drawing program had to guess, so that parts may be missing.
    """

    image: Image.Image
    x_dpi: float
    y_dpi: float
    sound: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a PDF page is to be drawn: pixels, and pixels an inch along x and y.

    `turned` is the page's own turn, contained in these; `encoding` is that of the scan that the
    page is, empty if it is none.
    """

    width: int
    height: int
    x_dpi: float
    y_dpi: float
    turned: int = 0
    encoding: str = ""


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


@contextmanager
def stored(path: Path, number: int, limits: Limits, *, grey: bool = False) -> Iterator[Image.Image]:
    """Page `number` of a TIFF, JPEG or PNG, opened but not decoded.

    With `grey` a colour JPEG is decoded as grey from the start. What a codec raises inside the
    block leaves it as DamagedPage, OversizedPage or OutOfMemory.
    """
    # Given a name, Pillow maps the file: then a turned TIFF comes out garbled, and a file cut short
    # under way ends the process.
    with (
        _decoding(limits),
        path.open("rb") as handle,
        Image.open(handle, formats=FORMATS) as image,
    ):
        _seek(image, number)
        if image.width * image.height > limits.max_pixels:
            raise OversizedPage
        if grey and image.mode == "RGB":
            image.draft("L", image.size)
        yield image


@contextmanager
def _decoding(limits: Limits) -> Iterator[None]:
    """Pillow within the limits, its many ways to fail turned into ours."""
    # The limit is the same for all threads, so setting it again changes nothing for any of them.
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise OversizedPage from None
        except MemoryError:
            raise OutOfMemory from None
        except _CODEC_FAILURES as error:
            # What the system refuses has a number, what a codec refuses has none.
            if getattr(error, "errno", None):
                raise
            raise DamagedPage from None


def _seek(image: Image.Image, number: int) -> None:
    # Only TIFF has pages; further frames of a JPEG or PNG are previews and animations.
    if image.format == "TIFF":
        image.seek(number - 1)


def _load_stored(path: Path, number: int, limits: Limits) -> Raster:
    with overheard() as said, stored(path, number, limits, grey=True) as image:
        x_dpi, y_dpi = density.stored_dpi(image)
        upright = flat(image)
        _check_rows(path, image)
        sound = not _BAD_FAX_ROWS.search(said())
    if upright.mode == "RGB":
        upright = upright.convert("L")
    return Raster(upright, x_dpi, y_dpi, sound)


def flat(image: Image.Image) -> Image.Image:
    """`image` decoded and turned as its tag says, of mode 1, L or RGB, on white paper."""
    image.load()
    inverted = image.format == "TIFF" and image.mode.startswith("I") and _zero_is_white(image)
    image = ImageOps.exif_transpose(image)
    if image.mode in ("1", "L", "RGB"):
        return image.copy()
    if image.mode[0] in "IF":
        grey = _eight_bits(image)
        return ImageOps.invert(grey) if inverted else grey
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image).convert("RGB")
    return image.convert("RGB")


def _check_rows(path: Path, image: Image.Image) -> None:
    """DamagedPage for a PNG whose data stop short: Pillow takes rows that are missing for zeros."""
    foot = image.crop((0, image.height - 1, *image.size))
    if image.format == "PNG" and foot.getbbox() is None:
        with path.open("rb") as handle:
            if not pngs.holds_all_rows(handle):
                raise DamagedPage


def _zero_is_white(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", {})
    return bool(tags.get(262) == 0)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of more than 8 bits in 8: the lightest grey found becomes white."""
    values = np.asarray(image, dtype=np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    top = max(float(values.max(initial=0)), 255.0)
    return Image.fromarray(np.clip(values * (255 / top), 0, 255).astype(np.uint8))


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
        _decoding(limits),
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


def plan_page(page: PdfPage, limits: Limits) -> Drawing:
    """How a page is drawn. Over a coarse scan letters may be finer than the scan."""
    scan = only_scan(page.size, page.pictures)
    if scan and page.words and max(scan.x_ppi, scan.y_ppi) < TEXT_DPI:
        scan = None
    return plan_drawing(page.size, scan, limits.max_pixels)


def only_scan(size: PageSize, pictures: tuple[EmbeddedImage, ...]) -> EmbeddedImage | None:
    """The one picture that covers the page, if that is what the page is."""
    if len(pictures) != 1 or not pictures[0].x_ppi or not pictures[0].y_ppi:
        return None
    return pictures[0] if pdfpage.cover(size, pictures) >= SCAN_COVER else None


def plan_drawing(size: PageSize, scan: EmbeddedImage | None, max_pixels: int) -> Drawing:
    """A scan is drawn pixel by pixel up to 300 dpi, all else at 300 dpi, within the limit."""
    drawing = _as_stored(size, scan) if scan else None
    if drawing is None:
        dpi = min(FULL_DPI, max(scan.x_ppi, scan.y_ppi)) if scan else FULL_DPI
        drawing = _at(size, dpi, dpi)
    pixels = drawing.width * drawing.height
    if pixels > max_pixels:
        part = sqrt(max_pixels / pixels) * 0.999
        drawing = _at(size, drawing.x_dpi * part, drawing.y_dpi * part)
    return replace(drawing, turned=size.turned, encoding=scan.encoding if scan else "")


def _at(size: PageSize, x_dpi: float, y_dpi: float) -> Drawing:
    # As poppler counts: a pixel begun is a pixel drawn.
    width = max(1, ceil(size.width * x_dpi / POINTS_PER_INCH - 0.001))
    height = max(1, ceil(size.height * y_dpi / POINTS_PER_INCH - 0.001))
    return Drawing(width, height, x_dpi, y_dpi)


def _as_stored(size: PageSize, scan: EmbeddedImage) -> Drawing | None:
    """The scan's own pixels, when it fills the page upright or turned by a quarter."""
    if max(scan.x_ppi, scan.y_ppi) > FULL_DPI * DENSITY_TOLERANCE:
        return None
    across, down = scan.width / scan.x_ppi, scan.height / scan.y_ppi
    ways = [(scan.width, scan.height, across, down), (scan.height, scan.width, down, across)]
    # On a square page both ways fit; the page's own turn then says which.
    for width, height, wide, high in ways if size.turned % 180 == 0 else reversed(ways):
        if _fits(wide, size.width) and _fits(high, size.height):
            x_dpi, y_dpi = (
                width * POINTS_PER_INCH / size.width,
                height * POINTS_PER_INCH / size.height,
            )
            square = abs(x_dpi / y_dpi - 1) < FIT_TOLERANCE
            return _at(size, x_dpi, x_dpi) if square else Drawing(width, height, x_dpi, y_dpi)
    return None


def _fits(inches: float, points: float) -> bool:
    return abs(inches * POINTS_PER_INCH / points - 1) <= FIT_TOLERANCE


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

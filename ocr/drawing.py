"""How a PDF page is to be drawn: at which density, and whether it is one scan and nothing else."""

from dataclasses import dataclass, replace
from math import ceil, sqrt

from chartkeeper.ocr import pdfpage
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.pdfpage import PdfPage
from chartkeeper.ocr.poppler import POINTS_PER_INCH, EmbeddedImage, PageSize

FULL_DPI = 300
# A picture this much denser than FULL_DPI is still drawn pixel by pixel.
DENSITY_TOLERANCE = 1.05
# pdfimages rounds densities to whole numbers, scanners round pages to whole points.
FIT_TOLERANCE = 0.03
# A picture that covers this much of a page is the page; the rest is margin.
SCAN_COVER = 0.8
# Below this density letters drawn over the picture would suffer from being drawn at its density.
TEXT_DPI = 150


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

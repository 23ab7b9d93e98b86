"""A page made fit to be read: square pixels, letters of a good size. Nothing else by default.

Every step was measured; what is left out (despeckling, blurring, binarising) was measured to harm.
"""

from dataclasses import dataclass
from statistics import median

from PIL import Image, ImageFilter

from chartkeeper.ocr.page import Word
from chartkeeper.ocr.raster import FULL_DPI, Raster
from chartkeeper.ocr.tesseract import MAX_SIDE_PIXELS

# Beyond this ratio the letters look squashed; fine fax (204 x 196) reads as well as it is.
SQUARE_TOLERANCE = 1.1
# Coarser lines are those of a standard fax (98 an inch): letters stay in steps after stretching.
COARSE_DPI = 150
COARSE_ENLARGEMENT = 1.5
# What OpenCV's 5 x 5 Gaussian, with which this was measured, comes to.
COARSE_BLUR_PIXELS = 1.1
SMALL_DPI = 150
ENLARGEMENT = 2
MAX_ENLARGED_PIXELS = 60_000_000
REDUCE_ABOVE_DPI = 330
# Never reduce below a letter page at 300 dpi, whatever the file says its resolution is.
MIN_REDUCED_PIXELS = 2_500
# Programs write 72 and 96 when they know nothing.
MIN_BELIEVED_DPI = 100
MIN_PAPER_INCHES, MAX_PAPER_INCHES = 1.0, 40.0
LETTER_INCHES = 8.5
# Nobody scans coarser; a smaller picture is a piece of a page.
MIN_GUESSED_DPI = 72.0
# Longer than any sheet (legal paper is 1.65): a strip. Rolls for tills and labels are 80 mm wide.
STRIP_ASPECT = 1.9
STRIP_INCHES = 3.15
# Words lower than this (10 point at some 130 dpi) are read better enlarged.
SMALL_WORD_PIXELS = 14


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page ready to be read: `image` (mode 1 or L, square pixels) at about `dpi`.

    `told_dpi` is what the reader is told, which is the size of the letters rather than the paper's;
    `steps` names what was done, in order.
    """

    image: Image.Image
    dpi: int
    told_dpi: int
    steps: tuple[str, ...]


def normalise(raster: Raster) -> Prepared:
    """Make the pixels square, enlarge small pages, reduce large ones, leave the others alone."""
    image, dpi, steps = _squared(raster)
    dpi = resolution(image.width, image.height, dpi)
    part = reduction(image.width, image.height, dpi)
    if part < 1:
        return Prepared(_scaled(image, part), round(dpi * part), FULL_DPI, (*steps, "reduced"))
    prepared = Prepared(image, round(dpi), _told(dpi), steps)
    return enlarged(prepared) if dpi < SMALL_DPI and not steps else prepared


def resolution(width: int, height: int, dpi: float) -> float:
    """Pixels an inch, from what the file says (0: nothing) as far as it makes sense of the size.

    Without that a page is taken for letter paper, a strip for an 80 mm roll.
    """
    short, long = sorted((width, height))
    paper = short / dpi if dpi >= MIN_BELIEVED_DPI else 0
    if MIN_PAPER_INCHES <= paper <= MAX_PAPER_INCHES:
        return dpi
    guess = short / (STRIP_INCHES if long > short * STRIP_ASPECT else LETTER_INCHES)
    return max(guess, MIN_GUESSED_DPI)


def reduction(width: int, height: int, dpi: float) -> float:
    """The factor, at most 1, by which a page of this size is to be scaled."""
    short, long = sorted((width, height))
    fits = min(1.0, MAX_SIDE_PIXELS / long)
    if dpi <= REDUCE_ABOVE_DPI or short <= MIN_REDUCED_PIXELS:
        return fits
    return min(fits, max(FULL_DPI / dpi, MIN_REDUCED_PIXELS / short))


def enlarged(prepared: Prepared) -> Prepared:
    """The page at twice its size, if that is not too large to be read."""
    pixels = prepared.image.width * prepared.image.height * ENLARGEMENT**2
    if pixels > MAX_ENLARGED_PIXELS or max(prepared.image.size) * ENLARGEMENT > MAX_SIDE_PIXELS:
        return prepared
    image = _scaled(prepared.image, ENLARGEMENT)
    dpi = prepared.dpi * ENLARGEMENT
    return Prepared(image, dpi, FULL_DPI, (*prepared.steps, "enlarged"))


def has_small_letters(words: tuple[Word, ...]) -> bool:
    """Whether the words found stand so low that the page should be enlarged and read again."""
    heights = [min(word.box.width, word.box.height) for word in words if len(word.text) > 2]
    return bool(heights) and median(heights) < SMALL_WORD_PIXELS


def squared_size(width: int, height: int, x_dpi: float, y_dpi: float) -> tuple[int, int]:
    """The size with square pixels: the coarser axis is stretched to the density of the finer."""
    if not x_dpi or not y_dpi or max(x_dpi / y_dpi, y_dpi / x_dpi) <= SQUARE_TOLERANCE:
        return width, height
    finer = max(x_dpi, y_dpi)
    return max(1, round(width * finer / x_dpi)), max(1, round(height * finer / y_dpi))


def _squared(raster: Raster) -> tuple[Image.Image, float, tuple[str, ...]]:
    image = raster.image
    size = squared_size(image.width, image.height, raster.x_dpi, raster.y_dpi)
    dpi = max(raster.x_dpi, raster.y_dpi)
    if size == image.size:
        return image, dpi, ()
    if min(raster.x_dpi, raster.y_dpi) >= COARSE_DPI:
        return image.convert("L").resize(size, Image.Resampling.BICUBIC), dpi, ("squared",)
    size = (round(size[0] * COARSE_ENLARGEMENT), round(size[1] * COARSE_ENLARGEMENT))
    image = image.convert("L").resize(size, Image.Resampling.BICUBIC)
    image = image.filter(ImageFilter.GaussianBlur(COARSE_BLUR_PIXELS))
    return image, dpi * COARSE_ENLARGEMENT, ("squared", "enlarged", "smoothed")


def _scaled(image: Image.Image, factor: float) -> Image.Image:
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    grey = image.convert("L")
    return grey.resize(size, Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.BOX)


def _told(dpi: float) -> int:
    return min(FULL_DPI, max(SMALL_DPI, round(dpi)))

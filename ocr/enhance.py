"""A page made fit to be read, by the steps that it needs and no others.

Every step was measured, on the pages it is for and on all others (docs/figures.md). Left out
because they were measured to harm or to bring nothing: binarising, sharpening, painting over
copier's edges and punch holes, taking ruled lines off before the first reading.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median

from PIL import Image, ImageFilter

from chartkeeper.ocr import (
    background,
    faint,
    grey_areas,
    inverted,
    needles,
    panels,
    skew,
    specks,
    streaks,
    tints,
    two_tones,
)
from chartkeeper.ocr.drawing import FULL_DPI
from chartkeeper.ocr.page import Word
from chartkeeper.ocr.raster import Raster
from chartkeeper.ocr.specks import Ground
from chartkeeper.ocr.tesseract import MAX_SIDE_PIXELS

# Beyond this ratio the letters look squashed; fine fax (204 x 196) reads as well as it is.
SQUARE_TOLERANCE = 1.1
# Coarser lines are those of a standard fax (98 an inch): letters stay in steps after stretching.
COARSE_DPI = 150
COARSE_ENLARGEMENT = 1.25
# Measured with enlargements of 1, 1.25 and 1.5: about one pixel of the fine axis is best.
COARSE_BLUR_PIXELS = 1.3
# Pages coarser than this are brought up to that, at most doubled.
SMALL_DPI, GOOD_DPI = 180, 225
ENLARGEMENT = 2
MIN_TOLD_DPI = 150
# A reduced copy about this wide shows what a page needs.
COPY_PIXELS = 600
# On coarser pages a speck is as large as a point.
MIN_SPECKED_DPI = 180
MAX_ENLARGED_PIXELS = 60_000_000
REDUCE_ABOVE_DPI = 330
# Pages of at least this density are read at that one: the letters are read as well (measured with
# 200, 225 and 300), the lines are found in less time. Of a smaller picture the density is in doubt.
MIN_SHRUNK_DPI, SHRUNK_DPI = 280, 225
MIN_SHRUNK_PIXELS = 2_200
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
# Words lower than this on a page that was read shrunk are read again as stored: 8 point at 300 dpi
# has 19 to 22, and lost 0.6 points of recall; 10 point has 28 and more, and lost nothing.
SMALL_SHRUNK_PIXELS = 24


class Step(StrEnum):
    """What can be done to a page; the values name it in the record of the page."""

    SQUARED = "squared"
    SMOOTHED = "smoothed"
    REDUCED = "reduced"
    NEGATED = "negated"
    UNDOTTED = "undotted"
    EVENED = "evened"
    DESPECKED = "despecked"
    DARKENED = "darkened"
    BARS_TURNED = "bars-turned"
    ONE_TONE = "one-tone"
    UNTINTED = "untinted"
    GREYS_LIFTED = "greys-lifted"
    UNSTREAKED = "unstreaked"
    DESKEWED = "deskewed"
    ENLARGED = "enlarged"
    UNLED = "unled"
    JOINED = "joined"
    SOFTENED = "softened"
    SHRUNK = "shrunk"


DEFAULT_STEPS = frozenset(Step)
# These change what is ink and what is paper; the others only how large and how straight it is.
CLEANING_STEPS = frozenset(
    {
        *(Step.NEGATED, Step.UNDOTTED, Step.EVENED, Step.DESPECKED, Step.DARKENED),
        *(Step.BARS_TURNED, Step.UNTINTED, Step.GREYS_LIFTED, Step.UNSTREAKED),
        Step.ONE_TONE,
    }
)

# A page and its reduced copy -> the page without what was to be taken off, None if there was none.
Cleaner = Callable[[Image.Image, Image.Image], Image.Image | None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page ready to be read: `image` (mode L, square pixels) at about `dpi`.

    `told_dpi` is what the reader is told, which is the size of the letters rather than the paper's;
    `steps` names what was done, in order. By `skew_degrees` the text falls to the right: readings
    of `image` and of parts of it go through `skew.straight_reader`, so that their boxes fit it.
    Tesseract reads it at `reading_part` of its size, through `smaller.smaller_reader`. `areas` are
    the grey areas that lay under the writing, by themselves, on a smaller picture. `sharp` is the
    page before its dots were run together, if they were: the second reader reads it better.
    """

    image: Image.Image
    dpi: int
    told_dpi: int
    steps: tuple[Step, ...] = ()
    skew_degrees: float = 0.0
    reading_part: float = 1.0
    areas: Image.Image | None = None
    sharp: Image.Image | None = None

    @property
    def for_second(self) -> Image.Image:
        """The picture for the second reader."""
        return self.image if self.sharp is None else self.sharp

    def after(self, step: Step, image: Image.Image) -> "Prepared":
        """The page with this picture, as it is after one step more."""
        return replace(self, image=image, steps=tuple(dict.fromkeys((*self.steps, step))))

    def without(self, step: Step) -> "Prepared":
        """The page with this picture, as one to which this step was not done."""
        return replace(self, steps=tuple(kept for kept in self.steps if kept is not step))


def prepare(raster: Raster, steps: frozenset[Step] = DEFAULT_STEPS) -> Prepared:
    """Do to a page those of the allowed `steps` that it needs.

    A page that is too large for the reader is reduced in any case.
    """
    sized = _sized(raster, steps)
    cleaned = _cleaned(sized, steps)
    # Smoothed faxes were enlarged already.
    small = cleaned.dpi < SMALL_DPI and Step.SMOOTHED not in cleaned.steps
    if small and Step.ENLARGED in steps:
        return enlarged(cleaned, min(ENLARGEMENT, GOOD_DPI / cleaned.dpi))
    dense = cleaned.dpi >= MIN_SHRUNK_DPI and min(cleaned.image.size) >= MIN_SHRUNK_PIXELS
    if not dense or Step.SHRUNK not in steps:
        return cleaned
    shrunk = cleaned.after(Step.SHRUNK, cleaned.image)
    return replace(shrunk, reading_part=SHRUNK_DPI / cleaned.dpi)


def inked(prepared: Prepared, steps: frozenset[Step] = DEFAULT_STEPS) -> Prepared:
    """The page with its writing made dark if all of it is faint, and that is among the `steps`.

    For pages that are not blank: on those the grain of the paper would be made dark.
    """
    if Step.DARKENED not in steps or not faint.is_faint(prepared.image):
        return prepared
    return prepared.after(Step.DARKENED, faint.darkened(prepared.image))


def _sized(raster: Raster, steps: frozenset[Step]) -> Prepared:
    """The page with square pixels and not too large."""
    squared = _squared(raster, steps)
    image = squared.image
    dpi = resolution(image.width, image.height, squared.dpi)
    part = reduction(image.width, image.height, dpi)
    if Step.REDUCED not in steps:
        part = min(1.0, MAX_SIDE_PIXELS / max(image.size))
    if part == 1:
        return replace(squared, dpi=round(dpi), told_dpi=_told(dpi))
    smaller = squared.after(Step.REDUCED, _scaled(image, part))
    return replace(smaller, dpi=round(dpi * part), told_dpi=FULL_DPI)


def _cleaned(prepared: Prepared, steps: frozenset[Step]) -> Prepared:
    """The page as dark writing on white paper, and how crooked it is."""
    prepared, copy = _dark_on_light(prepared, _copy(prepared.image), steps)
    ground = specks.ground(prepared.image, prepared.dpi)
    if ground is Ground.DOTTED and Step.UNDOTTED in steps:
        image = specks.without_dots(prepared.image, prepared.dpi)
        prepared = prepared.after(Step.UNDOTTED, image)
    paper = background.paper_greys(copy)
    if Step.EVENED in steps and background.is_dull(paper):
        copy, image = (background.evened(each, paper) for each in (copy, prepared.image))
        prepared = prepared.after(Step.EVENED, image)
    dirty = ground is Ground.DIRTY and _shows_specks(prepared)
    for step, clean in _cleaners(prepared.dpi, dirty=dirty):
        cleaned = clean(prepared.image, copy) if step in steps else None
        if cleaned is not None:
            prepared, copy = prepared.after(step, cleaned), _copy(cleaned)
    found = grey_areas.lifted(prepared.image, copy) if Step.GREYS_LIFTED in steps else None
    if found:
        prepared = replace(prepared.after(Step.GREYS_LIFTED, found.image), areas=found.areas)
        copy = _copy(found.image)
    return _measured(prepared, copy) if Step.DESKEWED in steps else prepared


def _dark_on_light(
    prepared: Prepared, copy: Image.Image, steps: frozenset[Step]
) -> tuple[Prepared, Image.Image]:
    """The page and its reduced copy without light writing on much dark ground."""
    if Step.NEGATED in steps and inverted.is_negative(copy):
        copy, image = inverted.negative(copy), inverted.negative(prepared.image)
        prepared = prepared.after(Step.NEGATED, image)
    if Step.ONE_TONE in steps and two_tones.bears_two_tones(copy):
        image = two_tones.one_tone(prepared.image, copy)
        prepared, copy = prepared.after(Step.ONE_TONE, image), _copy(image)
    dark = panels.panels(prepared.image, copy, prepared.dpi) if Step.BARS_TURNED in steps else ()
    if dark:
        image = inverted.negative_in(prepared.image, dark)
        prepared, copy = prepared.after(Step.BARS_TURNED, image), _copy(image)
    return prepared, copy


def _copy(image: Image.Image) -> Image.Image:
    return image.reduce(max(1, min(image.size) // COPY_PIXELS))


def _cleaners(dpi: int, *, dirty: bool) -> Iterator[tuple[Step, Cleaner]]:
    """What is taken off a page in order."""
    yield Step.BARS_TURNED, lambda image, copy: inverted.without_bars(image, copy, dpi)
    yield Step.UNTINTED, lambda image, _: tints.without_tint(image)
    yield Step.UNSTREAKED, lambda image, copy: streaks.without_streaks(image, copy, dpi)
    if dirty:
        yield Step.DESPECKED, lambda image, _: specks.without_specks(image, dpi)


def _shows_specks(prepared: Prepared) -> bool:
    """Whether specks can be told from points; not on smoothed and coarse pages."""
    return Step.SMOOTHED not in prepared.steps and prepared.dpi >= MIN_SPECKED_DPI


def _measured(prepared: Prepared, copy: Image.Image) -> Prepared:
    degrees = skew.skew_degrees(copy)
    if abs(degrees) < skew.MIN_DEGREES:
        return prepared
    return replace(prepared.after(Step.DESKEWED, prepared.image), skew_degrees=degrees)


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


def enlarged(prepared: Prepared, factor: float = ENLARGEMENT) -> Prepared:
    """The page `factor` times as large, if that is not too large to be read."""
    width, height = prepared.image.size
    pixels = width * height * factor**2
    if pixels > MAX_ENLARGED_PIXELS or max(width, height) * factor > MAX_SIDE_PIXELS:
        return prepared
    larger = unshrunk(prepared).after(Step.ENLARGED, _scaled(prepared.image, factor))
    return replace(larger, dpi=round(prepared.dpi * factor), told_dpi=FULL_DPI)


def softened(prepared: Prepared) -> Prepared:
    """The page blurred, so that dots of a needle printer that nearly touch run together."""
    soft = needles.blurred(prepared.image, prepared.dpi)
    return replace(prepared.after(Step.SOFTENED, soft), sharp=prepared.image)


def joined(prepared: Prepared) -> Prepared:
    """The page with the dots of a needle printer grown together."""
    thick = needles.joined(prepared.image, prepared.dpi)
    return replace(prepared.after(Step.JOINED, thick), sharp=prepared.image)


def unshrunk(prepared: Prepared) -> Prepared:
    """The page as one that is read at its own size."""
    return replace(prepared.without(Step.SHRUNK), reading_part=1.0)


def has_small_letters(words: tuple[Word, ...], small: float = SMALL_WORD_PIXELS) -> bool:
    """Whether the words found stand so low that the page should be read again at a larger size."""
    heights = [min(word.box.width, word.box.height) for word in words if len(word.text) > 2]
    return bool(heights) and median(heights) < small


def squared_size(width: int, height: int, x_dpi: float, y_dpi: float) -> tuple[int, int]:
    """The size with square pixels: the coarser axis is stretched to the density of the finer.

    Where that would be too large, the finer axis is shrunk to the density of the coarser.
    """
    if not x_dpi or not y_dpi or max(x_dpi / y_dpi, y_dpi / x_dpi) <= SQUARE_TOLERANCE:
        return width, height
    density = max(x_dpi, y_dpi)
    if width * height * density**2 > MAX_ENLARGED_PIXELS * x_dpi * y_dpi:
        density = min(x_dpi, y_dpi)
    return max(1, round(width * density / x_dpi)), max(1, round(height * density / y_dpi))


def _squared(raster: Raster, steps: frozenset[Step]) -> Prepared:
    image = raster.image if raster.image.mode == "L" else raster.image.convert("L")
    size = squared_size(image.width, image.height, raster.x_dpi, raster.y_dpi)
    if size == image.size or Step.SQUARED not in steps:
        return Prepared(image, round(max(raster.x_dpi, raster.y_dpi)), 0)
    dpi = raster.x_dpi * size[0] / image.width
    unchanged = Prepared(image, round(dpi), 0)
    if min(raster.x_dpi, raster.y_dpi) >= COARSE_DPI or Step.SMOOTHED not in steps:
        return unchanged.after(Step.SQUARED, image.resize(size, Image.Resampling.BICUBIC))
    size = (round(size[0] * COARSE_ENLARGEMENT), round(size[1] * COARSE_ENLARGEMENT))
    squared = unchanged.after(Step.SQUARED, image.resize(size, Image.Resampling.BICUBIC))
    smooth = squared.image.filter(ImageFilter.GaussianBlur(COARSE_BLUR_PIXELS))
    return replace(squared.after(Step.SMOOTHED, smooth), dpi=round(dpi * COARSE_ENLARGEMENT))


def _scaled(image: Image.Image, factor: float) -> Image.Image:
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.BOX)


def _told(dpi: float) -> int:
    return min(FULL_DPI, max(MIN_TOLD_DPI, round(dpi)))

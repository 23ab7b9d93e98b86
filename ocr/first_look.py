"""The first reading of a page: the way up, the size and, of print made of dots, the softness."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from PIL import Image

from chartkeeper.ocr.drawing import FULL_DPI
from chartkeeper.ocr.engine import ENGINE_FAILURES, Layout
from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.enhance import (
    CLEANING_STEPS,
    SMALL_SHRUNK_PIXELS,
    Prepared,
    Step,
    enlarged,
    has_small_letters,
    joined,
    softened,
    unshrunk,
)
from chartkeeper.ocr.leaders import shows_leaders, without_leaders
from chartkeeper.ocr.lexicon import english
from chartkeeper.ocr.limits import Countdown
from chartkeeper.ocr.merge import merge_sizes
from chartkeeper.ocr.needles import shows_dots
from chartkeeper.ocr.orient import Reading, read_upright, turned
from chartkeeper.ocr.page import Word
from chartkeeper.ocr.second_look import surely_read, unsure_part
from chartkeeper.ocr.skew import straight_reader
from chartkeeper.ocr.smaller import scaled, smaller_reader

# With so much of its letters unsure a third of a page is read blurred, and all of it if that is
# better: letters that needle printers make of dots. On those 1.02 to 1.37 times as many letters are
# then read surely, on other pages so unsure (nine of 60 forms and receipts) 0.81 to 1.08 times as
# many but for one, which reads better, too (docs/figures.md).
MIN_UNSURE_PART, MIN_SOFTENED_GAIN = 0.3, 1.1
# A page with fewer letters that were read surely may bear others, made of dots, beside them.
FEW_LETTERS = 1_500


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page ready to be read.

    `as_stored` makes it anew without what was done to its ink; None where that need not be read.
    """

    page: Prepared
    as_stored: Callable[[], Prepared] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A page read: what was read, the way up that it was read in, and the page as it was then."""

    reading: Reading
    page: Prepared

    @property
    def is_doubtful(self) -> bool:
        """Whether so much of it is unsure that it may be read better another way."""
        return unsure_part(self.reading.words) >= MIN_UNSURE_PART

    @property
    def may_be_of_dots(self) -> bool:
        """Whether its letters are made of dots that were hardly read."""
        few = surely_read(self.reading.words) < FEW_LETTERS
        return (few or self.is_doubtful) and shows_dots(self.page.image, self.page.dpi)


def first_look(sheet: Sheet, left: Countdown, engines: Engines, steps: frozenset[Step]) -> Look:
    """Read the page as large as its letters ask for.

    If it reads badly, it is read without rows of dots, without what was done to its ink, with the
    dots of its letters joined, and blurred, and the best of these is taken. `left()` says how many
    seconds there are, and `steps` what may be done to the page. Raises EngineFailed and
    PageTookTooLong.
    """
    look = _sized_look(sheet.page, left, engines, steps)
    with suppress(*ENGINE_FAILURES):
        if Step.JOINED in steps and look.may_be_of_dots:
            look = _joined_if_better(look, left, engines, steps)
        if Step.JOINED not in look.page.steps:
            look = _with_less_if_better(look, sheet, left, engines, steps)
        if look.is_doubtful and look.reading.words and Step.SOFTENED in steps:
            look = _softened_if_better(look, left, engines)
    return look


def _with_less_if_better(
    look: Look, sheet: Sheet, left: Countdown, engines: Engines, steps: frozenset[Step]
) -> Look:
    """The reading of the page without its leaders, or without what was done to its ink."""
    if Step.UNLED in steps and (look.is_doubtful or shows_leaders(look.reading.words)):
        look = _unled_if_better(look, left, engines, steps)
    if look.is_doubtful and sheet.as_stored and not CLEANING_STEPS.isdisjoint(look.page.steps):
        uncleaned = _sized_look(sheet.as_stored(), left, engines, steps)
        look = max(look, uncleaned, key=lambda each: surely_read(each.reading.words))
    return look


def _unled_if_better(look: Look, left: Countdown, engines: Engines, steps: frozenset[Step]) -> Look:
    """The reading of the page without its leaders, if at least as much of it is sure."""
    without = without_leaders(look.page.image, look.page.dpi)
    if without is None:
        return look
    unled = _sized_look(look.page.after(Step.UNLED, without), left, engines, steps)
    as_good = _sure_without_dots(unled) >= _sure_without_dots(look)
    return unled if as_good else look


def _sure_without_dots(look: Look) -> int:
    words = (replace(word, text=word.text.strip(".\u2026")) for word in look.reading.words)
    return surely_read(tuple(words))


def _joined_if_better(
    look: Look, left: Countdown, engines: Engines, steps: frozenset[Step]
) -> Look:
    """The reading of the page with its dots joined, if more letters are read surely then.

    As large as on a page of 300 dots an inch, which brings three points at 200; and all of it, in
    any of the four ways up: of dots nothing may have been read that tells which.
    """
    large = unshrunk(look.page)
    if Step.ENLARGED in steps and large.dpi < FULL_DPI:
        large = enlarged(large, FULL_DPI / large.dpi)
    thick = joined(large)
    again = _read_upright(thick, left, engines)
    before, after = (surely_read(reading.words) for reading in (look.reading, again))
    if after <= before:
        return look
    # Letters beside those of dots read better as they are.
    return Look(_of_both_sizes(again, look.reading) if before > after / 2 else again, thick)


def _softened_if_better(look: Look, left: Countdown, engines: Engines) -> Look:
    """The blurred page's reading if a part of it, and then all of it, is read better so."""
    sharp = _sharp(look.page)
    band, words = _band(set_upright(sharp, look.reading.rotation), look.reading.words)
    tried = _reader(band, left, engines)(softened(band).image)
    if _sure_letters(tried) < MIN_SOFTENED_GAIN * _sure_letters(words):
        return look
    soft = softened(sharp)
    again = _read_upright(soft, left, engines)
    if _sure_letters(again.words) < _sure_letters(look.reading.words):
        return look
    return Look(again, soft)


def _sharp(page: Prepared) -> Prepared:
    """The page with its dots as they were."""
    return replace(page.without(Step.JOINED), image=page.for_second, sharp=None)


def _band(upright: Prepared, words: tuple[Word, ...]) -> tuple[Prepared, tuple[Word, ...]]:
    """The part of a page in the middle of its words, about a third of them, and these."""
    tops = sorted(word.box.top for word in words)
    first, last = tops[len(tops) // 3], tops[len(tops) * 2 // 3]
    within = tuple(word for word in words if first <= word.box.top <= last)
    top, bottom = first, max(word.box.bottom for word in within)
    margin = (bottom - top) // len(within) + 1
    place = 0, max(0, top - margin), upright.image.width, min(upright.image.height, bottom + margin)
    return replace(upright, image=upright.image.crop(place), areas=None), within


def _sized_look(
    prepared: Prepared, left: Countdown, engines: Engines, steps: frozenset[Step]
) -> Look:
    """Read the page, and once more at a larger size if its letters turn out to be small."""
    reading = _read_upright(prepared, left, engines)
    if prepared.reading_part < 1 and has_small_letters(reading.words, SMALL_SHRUNK_PIXELS):
        prepared = unshrunk(prepared)
        reading = _of_both_sizes(_read_upright(prepared, left, engines), reading)
    may_grow = Step.ENLARGED in steps and Step.ENLARGED not in prepared.steps
    if not may_grow or not has_small_letters(reading.words):
        return Look(reading, prepared)
    larger = enlarged(prepared)
    if larger is prepared:
        return Look(reading, prepared)
    again = _read_upright(larger, left, engines)
    if _sure_letters(again.words) > _sure_letters(reading.words):
        return Look(_of_both_sizes(again, reading), larger)
    return Look(_of_both_sizes(reading, again), prepared)


def _of_both_sizes(better: Reading, other: Reading) -> Reading:
    """The better of two readings of a page in two sizes, with what the other was surer of."""
    if better.rotation != other.rotation:
        return better
    scale = better.width / other.width, better.height / other.height
    there = tuple(replace(word, box=scaled(word.box, *scale)) for word in other.words)
    return replace(better, words=merge_sizes(better.words, there, english().knows))


def _read_upright(prepared: Prepared, left: Countdown, engines: Engines) -> Reading:
    return read_upright(prepared.image, _reader(prepared, left, engines))


def _reader(
    prepared: Prepared, left: Countdown, engines: Engines
) -> Callable[[Image.Image], tuple[Word, ...]]:
    """What reads the page or a part of it, as straight and as large as it is to be read."""
    part = prepared.reading_part
    dpi = round(prepared.told_dpi * part)

    def read(image: Image.Image) -> tuple[Word, ...]:
        return engines.first.read(image, dpi, Layout.AUTOMATIC, left())

    return smaller_reader(straight_reader(read, prepared.skew_degrees), part)


def set_upright(prepared: Prepared, rotation: int) -> Prepared:
    """A page turned the way up that it was read in."""
    besides = prepared.areas, prepared.sharp
    areas, sharp = (turned(picture, rotation) if picture else None for picture in besides)
    return replace(prepared, image=turned(prepared.image, rotation), areas=areas, sharp=sharp)


def _sure_letters(words: tuple[Word, ...]) -> float:
    return sum(word.confidence * len(word.text) for word in words)

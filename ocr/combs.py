"""Fields with a box for every letter, as forms have them for names, numbers and dates.

Tesseract takes the strokes between the letters for letters and reads next to nothing of such a
field. Its letters are cut out one by one, set side by side, and read as a line (docs/figures.md).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from chartkeeper.ocr.cutting import BORDER_PIXELS
from chartkeeper.ocr.ink import darker
from chartkeeper.ocr.marks import Mark, marks
from chartkeeper.ocr.merge import inserted
from chartkeeper.ocr.page import Box, Word

# How the record of a page says that such fields were read.
COMBS_READ = "combs-read"
# The strokes are looked for at about this density, at which a hairline is still seen. All sizes are
# in inches: letters of 12 point have strokes of 0.12, table rows are higher than a field.
LOOKED_DPI = 120
MIN_STROKE, MAX_STROKE, MAX_STROKE_WIDTH = 0.13, 0.5, 0.03
# Wider boxes are those of tables: a row of single figures in them is no number.
MIN_WIDTH, MAX_WIDTH = 0.12, 0.32
# Strokes of one field begin and end alike but for this, and stand evenly but for this part; bars of
# a code do not.
UNLEVEL, UNEVEN_PART = 0.03, 0.15
MIN_BOXES = 5
# How much darker than the paper ink is, 0 to 255: boxes are often grey.
MIN_DARKER = 40
# The paper is as dark as the middle one of the pixels of one row and column in so many.
SAMPLED_EVERY = 4
# Beside the strokes nothing is looked at; what is lower than a comma is dirt.
MARGIN, MIN_LETTER = 0.015, 0.05
# Where no line closes the boxes above, letters reach so far over them.
OVER_OPEN = 0.15
CLOSED_PART = 0.8
# How letters are set: a gap between two, which is changed if more or fewer letters are read than
# there are, an empty box, and the height that engines read best.
GAPS, EMPTY_BOX = (0.045, 0.07), 0.14
LETTER_PIXELS, MAX_SCALE = 36, 4.0

ReadLine = Callable[[Image.Image], tuple[Word, ...]]


@dataclass(frozen=True, slots=True)
class Comb:
    """A field on a page, in its pixels: how far up and down its boxes reach, and their sides."""

    top: int
    bottom: int
    boxes: tuple[tuple[int, int], ...]

    def part(self, first: int, last: int) -> Box:
        """Its boxes from one to another."""
        left, right = self.boxes[first][0], self.boxes[last][1]
        return Box(left, self.top, right - left, self.bottom - self.top)

    @property
    def place(self) -> Box:
        """All of it."""
        return self.part(0, len(self.boxes) - 1)


@dataclass(frozen=True, slots=True)
class _Letter:
    """What stands in box number `box` of a comb, and how far down."""

    box: int
    picture: Image.Image
    top: int


def look_side(dpi: int) -> int:
    """By what whole number a page of `dpi` is reduced to look for fields on it."""
    return max(1, round(dpi / LOOKED_DPI))


def find_combs(copy: Image.Image, side: int, dpi: int) -> tuple[Comb, ...]:
    """The fields of a straight page of `dpi` (mode L), of which `copy` is reduced by `side`."""
    inch = dpi / side
    fields: list[list[Mark]] = []
    for stroke in sorted(_strokes(copy, inch), key=lambda stroke: stroke.left):
        home = next((field for field in fields if _is_level(field[-1], stroke, inch)), None)
        if home and stroke.left - home[-1].right < MIN_WIDTH / 2 * inch:
            # The side of the next box, where each has its own.
            home[-1] = replace(home[-1], right=stroke.right)
        elif home and _goes_on(home, stroke, inch):
            home.append(stroke)
        else:
            fields.insert(0, [stroke])
    return tuple(_comb(field, side) for field in fields if len(field) > MIN_BOXES)


def with_combs(
    image: Image.Image, dpi: int, words: tuple[Word, ...], read: ReadLine
) -> tuple[Word, ...]:
    """`words` of a straight page with what stands in its fields; `words` itself if that is nothing.

    `image` is of mode L; `read` is given the picture of a line.
    """
    found: list[Word] = []
    filled: list[Box] = []
    side = look_side(dpi)
    for number, comb in enumerate(find_combs(image.reduce(side), side, dpi)):
        in_it = [replace(word, line=number) for word in _read_comb(image, dpi, comb, read)]
        found += in_it
        filled += [comb.place] if in_it else []
    if not found:
        return words
    kept = (word for word in words if not any(box.holds_middle_of(word.box) for box in filled))
    return inserted(tuple(kept), tuple(found))


def _strokes(copy: Image.Image, inch: float) -> Iterator[Mark]:
    """The upright strokes as high and thin as those between boxes."""
    least = round(MIN_STROKE * inch)
    greys = np.asarray(copy)
    begins, seen = greys <= _paper(greys) - MIN_DARKER, 1
    while 2 * seen <= least:
        begins, seen = begins[:-seen] & begins[seen:], 2 * seen
    begins = begins[: seen - least or None] & begins[least - seen :]
    for mark in marks(begins):
        stroke = replace(mark, bottom=mark.bottom + least - 1)
        if stroke.height <= MAX_STROKE * inch and stroke.width <= max(2, MAX_STROKE_WIDTH * inch):
            yield stroke


def _paper(greys: NDArray[np.uint8]) -> int:
    """The middle one of some of its greys."""
    return int(np.median(greys[::SAMPLED_EVERY, ::SAMPLED_EVERY]))


def _is_level(last: Mark, stroke: Mark, inch: float) -> bool:
    ends = abs(last.top - stroke.top), abs(last.bottom - stroke.bottom)
    near = stroke.left - last.right <= MAX_WIDTH * inch
    return near and max(ends) <= max(1, UNLEVEL * inch)


def _goes_on(field: Sequence[Mark], stroke: Mark, inch: float) -> bool:
    """Whether a box as wide as the others lies between the last stroke of a field and this one."""
    wide = stroke.left - field[-1].right
    if len(field) == 1:
        return MIN_WIDTH * inch <= wide <= MAX_WIDTH * inch
    usual = median(next_.left - one.right for one, next_ in pairwise(field))
    return abs(wide - usual) <= max(2, UNEVEN_PART * usual)


def _comb(field: Sequence[Mark], side: int) -> Comb:
    top, bottom = median(stroke.top for stroke in field), median(stroke.bottom for stroke in field)
    boxes = tuple(((one.right + 1) * side, next_.left * side) for one, next_ in pairwise(field))
    return Comb(round(top * side), round((bottom + 1) * side), boxes)


def _read_comb(image: Image.Image, dpi: int, comb: Comb, read: ReadLine) -> Iterator[Word]:
    letters = list(_letters(image, dpi, comb))
    if not letters:
        return
    for gap in GAPS:
        picture, middles = _set(letters, round(gap * dpi), round(EMPTY_BOX * dpi))
        words = read(picture)
        if sum(len(word.text) for word in words) == len(letters):
            yield from _placed(words, middles, comb)
            return


def _placed(
    words: Sequence[Word], middles: Sequence[tuple[float, int]], comb: Comb
) -> Iterator[Word]:
    """The words of a line over the boxes of the comb that they stand in."""
    for word in words:
        within = [box for at, box in middles if word.box.left <= at <= word.box.right]
        if within:
            yield replace(word, box=comb.part(min(within), max(within)))


def _letters(image: Image.Image, dpi: int, comb: Comb) -> Iterator[_Letter]:
    margin = max(2, round(MARGIN * dpi))
    top, bottom = comb.top + margin, comb.bottom - margin
    if not _is_closed(image, comb, margin):
        top = max(0, comb.top - round(OVER_OPEN * dpi))
    for number, (left, right) in enumerate(comb.boxes):
        cell = image.crop((left + margin, top, max(left + margin + 1, right - margin), bottom))
        box = _ink_box(np.asarray(cell), comb.top - top, dpi)
        if box:
            yield _Letter(number, cell.crop(box), box[1])


def _is_closed(image: Image.Image, comb: Comb, margin: int) -> bool:
    """Whether a line runs along the upper ends of the strokes."""
    left, right = comb.place.left, comb.place.right
    band = np.asarray(image.crop((left, max(0, comb.top - margin), right, comb.top + margin)))
    return bool((darker(band, MIN_DARKER).mean(axis=1) > CLOSED_PART).any())


def _ink_box(greys: NDArray[np.uint8], reach: int, dpi: int) -> tuple[int, int, int, int] | None:
    """The box around what is as high as a letter and reaches further down than `reach`."""
    found = [
        mark
        for mark in marks(darker(greys, MIN_DARKER))
        if mark.bottom > reach
        and max(mark.height, mark.width) >= MIN_LETTER * dpi
        and not _is_of_side(mark, greys.shape, dpi)
    ]
    if not found:
        return None
    left, top = min(mark.left for mark in found), min(mark.top for mark in found)
    right, bottom = max(mark.right for mark in found), max(mark.bottom for mark in found)
    return left, top, right + 1, bottom + 1


def _is_of_side(mark: Mark, shape: tuple[int, ...], dpi: int) -> bool:
    """Whether a mark is what is left of the line beside a box that lies a little crooked."""
    rows, columns = shape
    upright = mark.left == 0 or mark.right == columns - 1
    level = mark.top == 0 or mark.bottom == rows - 1
    thin = max(2, MARGIN * dpi)
    return (upright and mark.width <= thin) or (level and mark.height <= thin)


def _set(
    letters: Sequence[_Letter], gap: int, empty: int
) -> tuple[Image.Image, list[tuple[float, int]]]:
    """The letters side by side, and where the middle of each is, with the number of its box."""
    first = min(letter.top for letter in letters)
    height = max(letter.top + letter.picture.height for letter in letters) - first
    widths = sum(letter.picture.width + gap + empty for letter in letters)
    line, at, before = Image.new("L", (widths, height), 255), 0, letters[0].box
    scale = min(MAX_SCALE, LETTER_PIXELS / median(one.picture.height for one in letters))
    middles = []
    for letter in letters:
        at += empty if letter.box > before + 1 else 0
        line.paste(letter.picture, (at, letter.top - first))
        middles.append(((at + letter.picture.width / 2) * scale + BORDER_PIXELS, letter.box))
        at, before = at + letter.picture.width + gap, letter.box
    line = line.crop((0, 0, at, height))
    size = max(1, round(line.width * scale)), max(1, round(line.height * scale))
    return ImageOps.expand(line.resize(size, Image.Resampling.BICUBIC), BORDER_PIXELS, 255), middles

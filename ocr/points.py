"""Decimal points that a reading left out or took for another mark, seen in the picture itself.

Tesseract reads 2.7 as 27, 2,7 or 2:7 now and then, of faxes one number in ten, and a dose or a
result is ten times what it was. The point is small but stands clear of the figures beside it; where
what stands on paper has as many figures as what was read, it tells where it belongs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.ink import ink_of_part
from chartkeeper.ocr.page import Box, Word

# How the record of a page says that points were put in.
POINTS_FOUND = "points-found"
# What is looked at: figures and the marks between them, ranges of two numbers included.
_NUMBERS = re.compile(r"[^\w.]*[\d.,:-]*\d[.,:-]?\d[\d.,:-]*[^\w.]*")
_RUN = re.compile(r"[\d.,:]*\d")
_TIME = re.compile(r"\d{1,2}:[0-5]\d")
# A number of a chart has so many figures at most; longer ones are records' and telephones'.
MAX_FIGURES = 6
# A comma before so many figures is that of thousands.
THOUSANDS = 3
# As parts of the height of the highest figure: a figure is so high at least, a point so large at
# least and at most, and it stands on the line to so much.
MIN_FIGURE, MIN_POINT, MAX_POINT = 0.75, 0.07, 0.32
MAX_OFF_LINE = 0.1
# A point is so many times higher than wide; where there may be a comma for thousands, so many.
MAX_SLENDER, MAX_SLENDER_OF_THREE = 2.0, 1.5
# Two figures that touch are so many times wider than any other, the halves of one no more than so.
MIN_TWO, MAX_ONE = 1.6, 1.2
MIN_PIXELS = 8

Cells = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Glyph:
    """Ink between two columns of white: its edges in pixels, `right` and `bottom` behind it."""

    left: int
    right: int
    top: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.bottom - self.top


def with_points(image: Image.Image, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """`words` of an upright page (mode L) with the points that its numbers have on paper.

    `words` itself if none was missing.
    """
    said = [_pointed(image, word) if _NUMBERS.fullmatch(word.text) else word for word in words]
    return words if all(new is old for new, old in zip(said, words, strict=True)) else tuple(said)


def _pointed(image: Image.Image, word: Word) -> Word:
    text = pointed(word.text, glyphs(_cut(image, word.box)))
    return word if text == word.text else replace(word, text=text)


def _cut(image: Image.Image, box: Box) -> Cells:
    part = image.crop((box.left, box.top, box.right, box.bottom)).convert("L")
    return ink_of_part(np.asarray(part)) if box.height >= MIN_PIXELS else np.zeros((1, 1), bool)


def glyphs(dark: Cells) -> list[Glyph]:
    """The ink of a number from left to right, parted where there is white from top to bottom."""
    columns = np.concatenate(([False], dark.any(axis=0), [False]))
    edges = np.flatnonzero(columns[1:] != columns[:-1]).tolist()
    return [_glyph(dark, *sides) for sides in zip(edges[::2], edges[1::2], strict=True)]


def _glyph(dark: Cells, left: int, right: int) -> Glyph:
    rows = np.flatnonzero(dark[:, left:right].any(axis=1))
    return Glyph(left, right, int(rows[0]), int(rows[-1]) + 1)


def pointed(text: str, found: Sequence[Glyph]) -> str:
    """What was read, with a point where the ink has one between two figures.

    The text as it is where the ink is not that of as many figures.
    """
    highest = max((glyph.height for glyph in found), default=0)
    places = [at for at, letter in enumerate(text) if letter.isdigit()]
    row = _as_many(found, len(places), highest)
    gaps = list(zip(pairwise(places), pairwise(row), strict=True)) if row else []
    said = text
    for (before, after), (one, other) in reversed(gaps):
        slender = _may_be_slender(text, before, after)
        if slender and _is_point(found[one[0] : other[1] + 1], highest, slender):
            said = f"{said[: before + 1]}.{said[after:]}"
    return said


def _as_many(found: Sequence[Glyph], figures: int, highest: int) -> list[tuple[int, int]]:
    """The first and the last glyph of each figure, from left to right; empty if that is unclear.

    Two figures that touch are one glyph, so that no point is between them; a broken one is two.
    """
    tall = [at for at, glyph in enumerate(found) if glyph.height >= MIN_FIGURE * highest]
    widths = sorted((found[at].width for at in tall), reverse=True)
    if len(tall) == figures:
        return [(at, at) for at in tall]
    if len(tall) == figures - 1 and len(tall) > 1 and widths[0] >= MIN_TWO * widths[1]:
        return [(at, at) for at in tall for _ in range(1 + (found[at].width == widths[0]))]
    if len(tall) == figures + 1:
        return _mended(found, tall, widths[0])
    return []


def _mended(found: Sequence[Glyph], tall: Sequence[int], widest: int) -> list[tuple[int, int]]:
    """The figures where one of them is in two pieces; empty unless just two can be these."""
    halves = [
        (one, other)
        for one, other in pairwise(tall)
        if other == one + 1 and found[other].right - found[one].left <= MAX_ONE * widest
    ]
    if len(halves) != 1:
        return []
    return sorted([*halves, *((at, at) for at in tall if at not in halves[0])])


def _is_point(stretch: Sequence[Glyph], highest: int, slender: float) -> bool:
    """Whether there is one thing between two figures, and that is a point."""
    low = [glyph for glyph in stretch if glyph.height < MIN_FIGURE * highest]
    if len(low) != 1:
        return False
    point, ends = low[0], (stretch[0].bottom, stretch[-1].bottom)
    slack = max(1.0, MAX_OFF_LINE * highest)
    return (
        MIN_POINT * highest <= max(point.width, point.height) <= MAX_POINT * highest
        and point.height <= slender * point.width
        and min(ends) - slack <= point.bottom <= max(ends) + slack
    )


def _may_be_slender(text: str, before: int, after: int) -> float:
    """How slender a point between the figures at `before` and `after` may be; 0 if there is none.

    None in a long number, in one that has marks elsewhere, in a time, and for thousands' comma.
    """
    run = next(run for run in _RUN.finditer(text) if run.start() <= before < run.end())
    between, rest = text[before + 1 : after], text[after : run.end()]
    figures = text[run.start() : before + 1] + rest
    if between not in {"", ",", ":"} or _TIME.fullmatch(run[0]):
        return 0
    if not figures.isdigit() or len(figures) > MAX_FIGURES:
        return 0
    if len(rest) != THOUSANDS:
        return MAX_SLENDER
    return 0 if between == "," else MAX_SLENDER_OF_THREE

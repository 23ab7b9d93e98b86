"""Rows of dots that lead the eye to a value, or that one writes on, taken off.

Tesseract takes such a row and what stands at its ends for one line of noise: values are lost, and
rows of a table fall apart into columns.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.ink import ink
from chartkeeper.ocr.marks import Mark, marks
from chartkeeper.ocr.page import Word

# How a reading shows that there are some: so many words of dots, or with dots behind them.
_DOTS = re.compile(r"[.\u00b7\u2026:]{3,}|^\W*\.\W*\.\W*$")
MIN_DOTTED_WORDS = 3
# Sizes in inches: dots of 14 point print, their distance, and the height of letters beside them.
MAX_DOT, MAX_APART, LETTER = 0.03, 0.2, 0.12
# Dots of one row stand on a line and evenly, but for this; an ellipsis has three.
UNLEVEL, UNEVEN_PART = 0.012, 0.35
MIN_DOTS = 5
# A page with more is grained or made of dots.
MAX_MARKS = 20_000
PAPER = 255

Row = list[Mark]


def shows_leaders(words: Iterable[Word]) -> bool:
    """Whether what was read has the dots of leaders in it."""
    return sum(bool(_DOTS.search(word.text)) for word in words) >= MIN_DOTTED_WORDS


def without_leaders(image: Image.Image, dpi: int) -> Image.Image | None:
    """A page of mode L with its leaders painted white; None where it has none."""
    dark = ink(image)
    dots = [mark for mark in marks(dark) if max(mark.width, mark.height) <= MAX_DOT * dpi]
    if len(dots) > MAX_MARKS:
        return None
    leaders = [row for row in _rows(dots, dark, dpi) if len(row) >= MIN_DOTS]
    if not leaders:
        return None
    pixels = np.array(image)
    for dot in (dot for row in leaders for dot in row):
        top, left = max(0, dot.top - 1), max(0, dot.left - 1)
        pixels[top : dot.bottom + 2, left : dot.right + 2] = PAPER
    return Image.fromarray(pixels)


def _rows(dots: Sequence[Mark], dark: NDArray[np.bool_], dpi: int) -> list[Row]:
    """The dots that stand on one line with nothing between them."""
    found: list[Row] = []
    level = max(1, round(UNLEVEL * dpi))
    growing: dict[int, list[Row]] = defaultdict(list)
    for dot in sorted(dots, key=lambda dot: dot.left):
        near = (row for at in (-1, 0, 1) for row in growing[dot.bottom // level + at])
        row = next((row for row in near if _goes_on(row, dot, dark, dpi)), None)
        if row is None:
            row = []
            found.append(row)
        else:
            growing[row[-1].bottom // level].remove(row)
        row.append(dot)
        growing[dot.bottom // level].append(row)
    return found


def _goes_on(row: Row, dot: Mark, dark: NDArray[np.bool_], dpi: int) -> bool:
    last = row[-1]
    apart = dot.left - last.left
    if not last.right < dot.left or apart > MAX_APART * dpi:
        return False
    if len(row) > 1:
        usual = (last.left - row[0].left) / (len(row) - 1)
        if abs(apart - usual) > max(2, UNEVEN_PART * usual):
            return False
    # A decimal point has figures on both sides.
    above = max(0, min(last.top, dot.top) - round(LETTER * dpi))
    return not dark[above : dot.bottom + 1, last.right + 1 : dot.left].any()

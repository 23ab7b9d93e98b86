"""Lines that dirt on a scanner's glass draws from one end of the page to the other, taken off."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.ink import darker, ink

PAPER = 255
# A rule of a form ends at its margins; a streak does not, but for specks of toner that are missing.
MIN_LENGTH_PART = 0.95
# Wider ones are shadows at the edge of the page, or bars. A streak of so many inches, at most.
MAX_INCHES = 0.02
# How much darker than the paper a streak of a pixel is on the reduced copy, 0 to 255.
MIN_DARKER = 30
# Shadows of the paper's edges lie in this part of the page's width at either side.
EDGE_PART = 0.02
# A streak beside the writing crosses at most the rules of a table, which are thinner than this, and
# does no harm; taken off, it cost narrow columns. One through the writing touches letters. Of 112
# streaks drawn down printed pages those that touch three letters cost some 3 words in 100; taking
# one off cost a word, twice.
MIN_LETTER_INCHES = 0.02
MIN_LETTERS = 3

Pixels = NDArray[np.bool_]


def without_streaks(image: Image.Image, copy: Image.Image, dpi: float) -> Image.Image | None:
    """A page of mode L without streaks down or across it; None if it has none.

    `copy` is the page reduced, `dpi` the page's own resolution. Only streaks that run through
    writing go; where one touches a letter, ink beside it in the same row, it stays.
    """
    if not _shows_streaks(copy):
        return None
    dark = ink(image)
    lost = _streaks(dark, dpi) | _streaks(dark.T, dpi).T
    if not lost.any():
        return None
    pixels = np.array(image)
    pixels[lost] = PAPER
    return Image.fromarray(pixels)


def _shows_streaks(copy: Image.Image) -> bool:
    dark = darker(np.asarray(copy), MIN_DARKER)
    return any(bool((dark.mean(axis=axis) >= MIN_LENGTH_PART).any()) for axis in (0, 1))


def _streaks(dark: Pixels, dpi: float) -> Pixels:
    """The pixels of streaks that run down through writing, but for those beside a dark one."""
    found = np.zeros_like(dark)
    widest = max(1, round(dpi * MAX_INCHES))
    columns = np.flatnonzero(dark.mean(axis=0) >= MIN_LENGTH_PART)
    for streak in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
        if not streak.size or streak.size > widest:
            continue
        first, last = int(streak[0]) - 1, int(streak[-1]) + 1
        margin = EDGE_PART * dark.shape[1]
        if first < margin or last >= dark.shape[1] - margin:
            continue
        touched = dark[:, first] | dark[:, last]
        if _letters(touched, dpi) >= MIN_LETTERS:
            found[:, streak] = dark[:, streak] & ~touched[:, None]
    return found


def _letters(touched: Pixels, dpi: float) -> int:
    """How many stretches of a streak touch something that is higher than a rule."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], touched, [False]))))
    return int((edges[1::2] - edges[::2] >= dpi * MIN_LETTER_INCHES).sum())

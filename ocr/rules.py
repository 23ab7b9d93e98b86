"""Ruled lines of forms and tables, taken off the page."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.ink import ink

# A rule is this part of the page's width or height long, and longer than any letter's stroke.
MIN_RULE_PART = 1 / 18
MIN_RULE_PIXELS = 40
# Thicker than this part of the page's shorter side it is a bar or a picture (1/12 inch of letter).
MAX_THICKNESS_PART = 0.01
MIN_THICKNESS_PIXELS = 5
PAPER = 255

Pixels = NDArray[np.bool_]


def without_rules(image: Image.Image) -> Image.Image:
    """`image` (mode 1 or L) as a grey picture of the same size, its ruled lines painted white."""
    found = rules(ink(image))
    pixels = np.array(image.convert("L"))
    pixels[_grown(found)] = PAPER
    return Image.fromarray(pixels)


def rules(dark: Pixels) -> Pixels:
    """Where in `dark` (rows by columns, True for ink) thin straight lines lie, either way."""
    rows, columns = dark.shape
    thickest = max(MIN_THICKNESS_PIXELS, round(min(rows, columns) * MAX_THICKNESS_PART))
    across = _thin_lines(dark, _shortest(columns), thickest)
    down = _thin_lines(np.ascontiguousarray(dark.T), _shortest(rows), thickest)
    return across | down.T


def _shortest(pixels: int) -> int:
    return max(MIN_RULE_PIXELS, round(pixels * MIN_RULE_PART))


def _thin_lines(dark: Pixels, shortest: int, thickest: int) -> Pixels:
    lines = long_runs(dark, shortest)
    thick = long_runs(np.ascontiguousarray(lines.T), thickest + 1)
    return lines & ~thick.T


def long_runs(dark: Pixels, shortest: int) -> Pixels:
    """The pixels of `dark` that lie in a row of at least `shortest` dark ones side by side."""
    rows, columns = dark.shape
    padded = np.zeros((rows, columns + 1), dtype=np.bool_)
    padded[:, :columns] = dark
    flat = padded.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if flat.size and flat[0]:
        changes = np.concatenate(([0], changes))
    starts, ends = changes[::2], changes[1::2]
    long = ends - starts >= shortest
    found = np.zeros(flat.size, dtype=np.bool_)
    for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        found[start:end] = True
    return found.reshape(rows, columns + 1)[:, :columns]


def _grown(found: Pixels) -> Pixels:
    """One pixel more on every side: the pale edge of a line."""
    grown = found.copy()
    grown[1:] |= found[:-1]
    grown[:-1] |= found[1:]
    wide = grown.copy()
    wide[:, 1:] |= grown[:, :-1]
    wide[:, :-1] |= grown[:, 1:]
    return wide

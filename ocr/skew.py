"""How crooked a page lay on the glass, and reading it as if it had not.

The profile of the ink across the lines of text is sharpest along the lines: H. S. Baird, The skew
angle of printed documents, 1987. Angles are degrees clockwise by which the page's text falls.
"""

from collections.abc import Callable
from dataclasses import replace
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.ink import ink
from chartkeeper.ocr.marks import without_long_marks
from chartkeeper.ocr.page import Box, Word

# Each threshold of the search was changed alone (docs/figures.md, Thresholds): "from .. to" says
# between which values no page was judged otherwise.
# No sheet lies more crooked on a glass or in a feeder; a choice, the search grows with it.
MAX_DEGREES = 15.0
# Tesseract follows lines up to here; straightening costs more than it brings.
MIN_DEGREES = 1.5
# Steps of the search: the first must not step over the peak, which is as wide as a line is high.
# From a quarter of each to four times as much all angles come out within half a degree.
COARSE_DEGREES, MIDDLE_DEGREES, FINE_DEGREES = 0.75, 0.25, 0.05
# Points looked at, for speed: from half to eight times as many.
COARSE_POINTS = 6_000
MAX_POINTS = 30_000
# Less ink than this shows no lines. From 38 to 210; with 300 a page of few lines stays crooked.
MIN_POINTS = 150
# How much sharper the lines must show than on the page as it lies. From 0.3 to 1.6; with 2.3 a page
# of few lines stays crooked.
MIN_GAIN = 1.15
# In parts of the page's longer side: one word is no longer, nor are two that touch. From 0.04 to
# 0.32; with 0.64 slanted drawing turns pages.
MAX_WORD_PART = 0.16

Reader = Callable[[Image.Image], tuple[Word, ...]]
Points = NDArray[np.float32]


def skew_degrees(copy: Image.Image) -> float:
    """By how many degrees the text of a page falls to the right, -15 to 15.

    `copy` is the page (mode L) reduced to some 600 pixels across. 0 where it shows no lines, or
    none sharper than as it lies. Of a page lying on its side the same angle is found.
    """
    dark = ink(copy)
    found = _skew(*_points(dark))
    if not found:
        return 0.0
    # Slanted drawing is sharp, too: rules, curves and strokes of a pen have no say.
    return _skew(*_points(without_long_marks(dark, max(dark.shape) * MAX_WORD_PART)))


def _skew(across: Points, down: Points) -> float:
    if across.size < MIN_POINTS:
        return 0.0
    thinned = slice(None, None, max(1, across.size // COARSE_POINTS))
    coarse = np.arange(-MAX_DEGREES, MAX_DEGREES + 0.01, COARSE_DEGREES)
    best, sharpness = _sharpest(across[thinned], down[thinned], coarse)
    on_side, sharpness_on_side = _sharpest(-down[thinned], across[thinned], coarse)
    if sharpness_on_side > sharpness:
        across, down, best = -down, across, on_side
    for step, reach in ((MIDDLE_DEGREES, COARSE_DEGREES), (FINE_DEGREES, MIDDLE_DEGREES)):
        near = np.arange(best - reach, best + reach + 0.01, step)
        best, sharpness = _sharpest(across, down, near)
    gain = sharpness / max(1.0, _sharpness(across, down, 0.0))
    return round(best, 2) if gain >= MIN_GAIN and abs(best) <= MAX_DEGREES else 0.0


def straightened(image: Image.Image, degrees: float) -> Image.Image:
    """`image` turned back by `degrees`, grey, on a sheet just large enough to keep its corners."""
    grey = image.convert("L")
    paper = int(np.median(np.asarray(grey)[::8, ::8]))
    return grey.rotate(degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=paper)


def straight_reader(read: Reader, degrees: float) -> Reader:
    """A reader that straightens a picture before `read` and gives the boxes of the picture as is.

    A page turned by quarters keeps its skew, so the same reader serves for all four ways up.
    """
    if not degrees:
        return read

    def read_straightened(image: Image.Image) -> tuple[Word, ...]:
        straight = straightened(image, degrees)
        words = read(straight)
        return tuple(
            replace(word, box=skewed_back(word.box, straight.size, image.size, degrees))
            for word in words
        )

    return read_straightened


def skewed_back(
    box: Box, straight_size: tuple[int, int], size: tuple[int, int], degrees: float
) -> Box:
    """The upright box around `box` of the straightened picture, in the picture of `size` as is."""
    turn_sin, turn_cos = sin(radians(degrees)), cos(radians(degrees))
    middle = straight_size[0] / 2, straight_size[1] / 2
    corners = [
        (x - middle[0], y - middle[1]) for x in (box.left, box.right) for y in (box.top, box.bottom)
    ]
    across = [x * turn_cos - y * turn_sin + size[0] / 2 for x, y in corners]
    down = [x * turn_sin + y * turn_cos + size[1] / 2 for x, y in corners]
    left, right = (_within(value, size[0]) for value in (min(across), max(across)))
    top, bottom = (_within(value, size[1]) for value in (min(down), max(down)))
    return Box(left, top, right - left, bottom - top)


def straightened_box(
    box: Box, size: tuple[int, int], straight_size: tuple[int, int], degrees: float
) -> Box:
    """What `skewed_back` made `box` of: a word's place in the straightened picture.

    Up to some pixels: a box of which a part was cut off at the edge of the page comes out smaller.
    """
    turn_sin, turn_cos = sin(radians(degrees)), cos(radians(degrees))
    x = box.left + box.width / 2 - size[0] / 2
    y = box.top + box.height / 2 - size[1] / 2
    across = x * turn_cos + y * turn_sin + straight_size[0] / 2
    down = y * turn_cos - x * turn_sin + straight_size[1] / 2
    grown = turn_cos**2 - turn_sin**2
    width = max(1.0, (box.width * turn_cos - box.height * abs(turn_sin)) / grown)
    height = max(1.0, (box.height * turn_cos - box.width * abs(turn_sin)) / grown)
    left, right = (_within(across + part * width, straight_size[0]) for part in (-0.5, 0.5))
    top, bottom = (_within(down + part * height, straight_size[1]) for part in (-0.5, 0.5))
    return Box(left, top, right - left, bottom - top)


def _within(value: float, most: int) -> int:
    return min(most, max(0, round(value)))


def _points(dark: NDArray[np.bool_]) -> tuple[Points, Points]:
    """Where the lower edges of ink are, across and down."""
    down, across = np.nonzero(_edges(dark))
    thinned = slice(None, None, max(1, across.size // MAX_POINTS))
    return across[thinned].astype(np.float32), down[thinned].astype(np.float32)


def _edges(dark: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The lower edges of what is dark: where text sits on its line; black areas shrink to rims."""
    edges = dark.copy()
    edges[:-1] &= ~dark[1:]
    return edges


def _sharpest(across: Points, down: Points, angles: NDArray[np.float64]) -> tuple[float, float]:
    scores = [_sharpness(across, down, float(angle)) for angle in angles]
    best = int(np.argmax(scores))
    return float(angles[best]), scores[best]


def _sharpness(across: Points, down: Points, degrees: float) -> float:
    turn_sin, turn_cos = sin(radians(degrees)), cos(radians(degrees))
    lines = down * np.float32(turn_cos) - across * np.float32(turn_sin)
    counts = np.bincount((lines - lines.min()).astype(np.int32)).astype(np.float64)
    return float((counts**2).sum())

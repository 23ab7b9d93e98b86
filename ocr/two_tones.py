"""Light and dark writing on one ground that fades from dark to light, made dark on white.

As leaflets and covers have it, printed over pictures and colours that run into each other. No grey
parts such writing from its ground, nor is the ground a paper in shadow or a panel: each pixel is
set to how much it differs from the ground around it, to whichever side.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from chartkeeper.ocr.marks import Mark, marks

# The ground is looked at in cells of about 1/18 inch. In a window of so many cells less is writing
# than ground, so that the middle one of their greys is the ground's.
CELLS_ACROSS, WINDOW_CELLS = 150, 5
# What is darker than this part of the lighter paper is dark ground. It takes up so much of the page
# in one piece, and its greys are so far apart, but for a tenth at either end. They run into each
# other: neighbours that differ by more are few (0.06 at most, around large letters), but where
# panels (0.07 and more) and coloured cells meet.
DARK_PART, LIGHT_PART, MIN_GROUND_PART = 0.6, 0.9, 0.04
FADING, MIN_FADING = (10, 90), 30
MAX_STEP, MAX_STEPS_PART = 12, 0.065
# Writing on it is so much lighter and takes up so much of it, 0.03 to 0.11 where there is some.
# What is between the lines of dense print, a dark ground from afar, takes up 0.21 and more.
MIN_LIGHTER, MIN_WRITTEN_PART, MAX_WRITTEN_PART = 40, 0.015, 0.18
# Grain differs from its ground by less; this part of the writing becomes a little less than black.
GRAIN, MIN_WRITING_DIFFERENCE, WRITING_PERCENT = 12, 40, 60
_WHITE = 255

Differences = NDArray[np.int16]
Pixels = NDArray[np.bool_]


def bears_two_tones(copy: Image.Image) -> bool:
    """Whether a page bears light writing on a dark ground that fades.

    `copy` is the page reduced, of mode L.
    """
    below = np.cumsum(copy.histogram())
    dark = int(DARK_PART * np.searchsorted(below, LIGHT_PART * below[-1]))
    if below[dark] < MIN_GROUND_PART * below[-1] or not _much_is_dark(copy, dark):
        return False
    cells = _ground(copy)
    # Around the paper on a scanner's black lid the ground is light as well.
    within = np.asarray(cells.filter(ImageFilter.MaxFilter(WINDOW_CELLS))) <= dark
    lighter = np.asarray(_parts(_differences(copy, cells) >= MIN_LIGHTER, cells.size))
    large = (mark for mark in marks(within) if mark.cells >= MIN_GROUND_PART * within.size)
    return any(_fades(mark, within, np.asarray(cells), lighter) for mark in large)


def _much_is_dark(copy: Image.Image, dark: int) -> bool:
    """Whether windows of the page, side by side, are dark for the most part: few pages' are."""
    greys = np.asarray(_cells(copy))
    high, wide = (length // WINDOW_CELLS for length in greys.shape)
    kept = greys[: high * WINDOW_CELLS, : wide * WINDOW_CELLS]
    windows = kept.reshape(high, WINDOW_CELLS, wide, WINDOW_CELLS) <= dark
    filled = windows.sum(axis=(1, 3)) > WINDOW_CELLS**2 // 2
    return bool(filled.sum() >= MIN_GROUND_PART * filled.size)


def _parts(pixels: Pixels, size: tuple[int, int]) -> Image.Image:
    """How much of each of so many cells across and down these pixels are, 0 to 1."""
    return Image.fromarray(pixels.astype(np.float32)).resize(size, Image.Resampling.BOX)


def _fades(
    mark: Mark, within: Pixels, cells: NDArray[np.uint8], lighter: NDArray[np.float32]
) -> bool:
    """Whether a dark ground fades, and bears as much light writing as a page of text does."""
    place = slice(mark.top, mark.bottom + 1), slice(mark.left, mark.right + 1)
    inside, greys = within[place], cells[place].astype(np.int16)
    darkest, lightest = np.percentile(greys[inside], FADING)
    if lightest - darkest < MIN_FADING:
        return False
    steps = np.abs(np.diff(greys, axis=0))[inside[1:] & inside[:-1]]
    if (steps > MAX_STEP).mean() > MAX_STEPS_PART:
        return False
    written = float(lighter[place][inside].mean())
    return MIN_WRITTEN_PART <= written <= MAX_WRITTEN_PART


def one_tone(image: Image.Image, copy: Image.Image) -> Image.Image:
    """A page of mode L with all its writing black on white; `copy` is the page reduced."""
    apart = np.abs(_differences(image, _ground(copy)))
    written = apart[apart > MIN_WRITING_DIFFERENCE]
    black = float(np.percentile(written, WRITING_PERCENT)) if written.size else float(_WHITE)
    ink = np.clip((apart - GRAIN) * (_WHITE / (black - GRAIN)), 0, _WHITE)
    return Image.fromarray((_WHITE - ink).astype(np.uint8))


def _ground(copy: Image.Image) -> Image.Image:
    """The greys of the ground, a pixel a cell."""
    return (
        _cells(copy).filter(ImageFilter.MedianFilter(WINDOW_CELLS)).filter(ImageFilter.BoxBlur(1))
    )


def _cells(copy: Image.Image) -> Image.Image:
    return copy.reduce(max(1, min(copy.size) // CELLS_ACROSS))


def _differences(image: Image.Image, ground: Image.Image) -> Differences:
    around = np.asarray(ground.resize(image.size, Image.Resampling.BILINEAR))
    return np.asarray(np.asarray(image).astype(np.int16) - around)

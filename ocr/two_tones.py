"""Light and dark writing on one ground that fades from dark to light, made dark on white.

As leaflets and covers have it, printed over pictures and colours that run into each other. No grey
parts such writing from its ground, nor is the ground a paper in shadow or a panel: each pixel is
set to how much it differs from the ground around it, to whichever side.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

# The ground is looked at in cells of about 1/18 inch. In a window of so many cells less is writing
# than ground, so that the middle one of their greys is the ground's.
CELLS_ACROSS, WINDOW_CELLS = 150, 5
# What is darker than this part of the lighter paper is dark ground. It takes up so much of the
# page: of 140 forms and receipts with greys none has more than 0.13, fading grounds 0.3 and more.
DARK_PART, LIGHT_PART, MIN_GROUND_PART = 0.6, 0.9, 0.25
# Writing on it is so much lighter, and at least so much of the page: 0.008 and more where there is
# some, 0.0002 on the table around a photographed page.
MIN_LIGHTER, MIN_LIGHT_PART = 40, 0.003
# Grain differs from its ground by less; this part of the writing becomes a little less than black.
GRAIN, MIN_WRITING_DIFFERENCE, WRITING_PERCENT = 12, 40, 60
_WHITE = 255

Differences = NDArray[np.int16]


def bears_two_tones(copy: Image.Image) -> bool:
    """Whether a page, of which this is a reduced copy of mode L, bears light writing on a dark
    ground that takes up much of it."""
    below = np.cumsum(copy.histogram())
    dark = int(DARK_PART * np.searchsorted(below, LIGHT_PART * below[-1]))
    if below[dark] < MIN_GROUND_PART * below[-1]:
        return False
    cells = _ground(copy)
    # Around the paper on a scanner's black lid the ground is light as well.
    around = cells.filter(ImageFilter.MaxFilter(WINDOW_CELLS)).resize(copy.size)
    lighter = _differences(copy, cells) >= MIN_LIGHTER
    return bool((lighter & (np.asarray(around) <= dark)).mean() >= MIN_LIGHT_PART)


def one_tone(image: Image.Image, copy: Image.Image) -> Image.Image:
    """A page of mode L with all its writing black on white; `copy` is the page reduced."""
    apart = np.abs(_differences(image, _ground(copy)))
    written = apart[apart > MIN_WRITING_DIFFERENCE]
    black = float(np.percentile(written, WRITING_PERCENT)) if written.size else float(_WHITE)
    ink = np.clip((apart - GRAIN) * (_WHITE / (black - GRAIN)), 0, _WHITE)
    return Image.fromarray((_WHITE - ink).astype(np.uint8))


def _ground(copy: Image.Image) -> Image.Image:
    """The greys of the ground, a pixel a cell."""
    cells = copy.reduce(max(1, min(copy.size) // CELLS_ACROSS))
    return cells.filter(ImageFilter.MedianFilter(WINDOW_CELLS)).filter(ImageFilter.BoxBlur(1))


def _differences(image: Image.Image, ground: Image.Image) -> Differences:
    around = np.asarray(ground.resize(image.size, Image.Resampling.BILINEAR))
    return np.asarray(np.asarray(image).astype(np.int16) - around)

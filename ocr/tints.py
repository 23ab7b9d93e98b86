"""Light grounds under the writing of forms and tables made white like the paper.

Tesseract parts ink from paper by one grey for the whole page, by Otsu's rule. Where tinted ground
takes up much of a page and the writing little, that grey falls between the ground and the paper,
and whatever is written on the ground is lost in black. Nor is a ground pale ink.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.ink import GREYS, is_bilevel, threshold

# Writing covers less of a page than this; what is parted from the paper and covers more is ground,
# if it is not darker than that grey. Darker ones are bars, photographs and shadows.
MIN_GROUND_PART = 0.15
DARKEST_GROUND = 130
# How much lighter than the ground the paper is on the mean; paper in a slight shadow is not.
MIN_APART = 35
# How often each grey is, one row in so many tells; all of them cost as much as all else here.
_COUNTED_EVERY = 4
# Grounds are not of one grey; so much of one is left a little grey.
_REST_PART = 0.02
_WHITE = 255

Counts = NDArray[np.int64]


def without_tint(image: Image.Image) -> Image.Image | None:
    """A page of mode L (dark on light) with its tinted grounds white; None where it has none."""
    if is_bilevel(image):
        return None
    rows = max(1, image.height // _COUNTED_EVERY)
    sample = image.resize((image.width, rows), Image.Resampling.NEAREST)
    counts = np.asarray(sample.histogram())
    ground = _ground(counts)
    if ground.sum() < MIN_GROUND_PART * counts.sum():
        return None
    grey = int(np.searchsorted(np.cumsum(ground), _REST_PART * ground.sum(), side="right"))
    if grey < DARKEST_GROUND:
        return None
    return image.point([min(_WHITE, value * _WHITE // grey) for value in range(GREYS)])


def _ground(counts: Counts) -> Counts:
    """How often each grey is that lies between the ink and the paper."""
    greys = np.arange(GREYS)
    parted = threshold(counts)
    dark, light = counts * (greys <= parted), counts * (greys > parted)
    if dark.sum() >= MIN_GROUND_PART * counts.sum():
        return dark * (greys > threshold(dark))
    within = threshold(light)
    ground, paper = light * (greys <= within), light * (greys > within)
    return ground if _mean(paper) - _mean(ground) >= MIN_APART else np.zeros_like(counts)


def _mean(counts: Counts) -> float:
    return float((counts * np.arange(GREYS)).sum() / max(1, counts.sum()))

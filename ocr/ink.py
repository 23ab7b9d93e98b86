"""Which pixels of a page are ink."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GREYS = 256
# Of a page in black and white one row in so many shows that it is one.
_ROWS_APART = 16


def ink(image: Image.Image) -> NDArray[np.bool_]:
    """`image` (mode 1 or L) as rows by columns, True where it is dark."""
    if image.mode == "1":
        return ~np.asarray(image)
    found: NDArray[np.bool_] = np.asarray(image) <= threshold(image.histogram())
    return found


def is_bilevel(image: Image.Image) -> bool:
    """Whether a page (mode 1 or L) is black and white and nothing between, as some rows show."""
    rows = max(1, image.height // _ROWS_APART)
    sample = np.asarray(image.resize((image.width, rows), Image.Resampling.NEAREST))
    # In eight bits 255 and 1 is 0.
    return image.mode == "1" or bool((sample + np.uint8(1) < 2).all())


def ink_of_part(greys: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The same of a small part of a page, given as the greys of its pixels."""
    found: NDArray[np.bool_] = greys <= threshold(np.bincount(greys.ravel(), minlength=GREYS))
    return found


def darker(greys: NDArray[np.uint8], least: int) -> NDArray[np.bool_]:
    """Which of `greys` are darker than the paper, the middle one of them, by `least` or more."""
    found: NDArray[np.bool_] = greys.astype(np.int16) <= np.median(greys) - least
    return found


def threshold(histogram: Sequence[int] | NDArray[np.int64]) -> int:
    """The darkest grey's upper end, 0 to 255, that parts `histogram` (256 counts) best in two.

    N. Otsu, A threshold selection method from gray-level histograms, 1979: the variance between
    the two classes is largest.
    """
    counts = np.asarray(histogram, dtype=np.float64)
    greys = np.arange(GREYS)
    below, weight = np.cumsum(counts), np.cumsum(counts * greys)
    above = below[-1] - below
    apart = weight[-1] * below - weight * below[-1]
    spread = np.divide(apart**2, below * above, out=np.zeros(GREYS), where=below * above > 0)
    return int(spread.argmax())

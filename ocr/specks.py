"""Specks too small and lonely to be points: dirt is taken off, dots that are a grey run together.

Dithered scans, faxes in photo mode and the screens of copiers and printers make greys of dots.
"""

from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from chartkeeper.ocr.ink import ink

PAPER = 255
# Specks up to a hundredth of an inch; the point of 8 point type is that wide.
SPECK_INCHES = 0.01
MAX_SPECK_PIXELS = 6
# Measured: 10 to 15 specks a square inch do next to no harm, 70 cost ten points of recall.
DIRTY_PER_SQUARE_INCH = 20.0
MIN_SPECKS = 20
# Measured: pages with greys of dots have 1,600 to 6,600 a square inch, dirty ones at most 81.
DOTTED_PER_SQUARE_INCH = 500.0
# Dirt lies in the margins, too: measured 0.86 to 1.5 of what there is on the page. What is only
# among the letters (0 to 0.04) are pieces of pale ones: to take them off costs two to four points.
MARGIN_PART, MIN_MARGIN_SHARE = 0.05, 0.25
# How far dots are blurred, in inches, and in pixels at least (docs/figures.md).
DOT_BLUR_INCHES, MIN_DOT_BLUR = 0.005, 1.0
# How the sample is taken: strips spread down the page, one row in so many.
SAMPLES, SAMPLED_EVERY = 8, 16

Pixels = NDArray[np.bool_]


class Ground(Enum):
    """What lies between the letters of a page."""

    CLEAN = 0
    DIRTY = 1
    DOTTED = 2


def ground(image: Image.Image, dpi: float) -> Ground:
    """Whether a page (mode 1 or L) bears so many specks that they disturb, or greys made of dots.

    A sample of it is counted.
    """
    rows = max(1, image.height // (SAMPLES * SAMPLED_EVERY))
    tops = range(0, image.height - rows + 1, max(1, image.height // SAMPLES))
    strips = [np.asarray(image.crop((0, top, image.width, top + rows))) for top in tops]
    sample = Image.fromarray(np.concatenate(strips))
    found = specks(ink(sample), speck_pixels(dpi))
    per_square_inch = _density(found) * dpi**2
    if _count(found) <= MIN_SPECKS or per_square_inch <= DIRTY_PER_SQUARE_INCH:
        return Ground.CLEAN
    if per_square_inch > DOTTED_PER_SQUARE_INCH:
        return Ground.DOTTED
    return Ground.DIRTY if _margin_share(found) >= MIN_MARGIN_SHARE else Ground.CLEAN


def without_dots(image: Image.Image, dpi: float) -> Image.Image:
    """`image` (mode L) with the dots that its greys are made of run together."""
    return image.filter(ImageFilter.GaussianBlur(max(MIN_DOT_BLUR, dpi * DOT_BLUR_INCHES)))


def without_specks(image: Image.Image, dpi: float) -> Image.Image:
    """`image` (mode 1 or L) in grey with its specks painted white."""
    pixels = np.array(image.convert("L"))
    pixels[specks(ink(image), speck_pixels(dpi))] = PAPER
    return Image.fromarray(pixels)


def speck_pixels(dpi: float) -> int:
    """The side of the largest speck in pixels."""
    return min(MAX_SPECK_PIXELS, max(1, round(dpi * SPECK_INCHES)))


def _margin_share(found: Pixels) -> float:
    """How dense specks are at the left and right edge, as a part of what they are on the page."""
    margin = max(1, round(found.shape[1] * MARGIN_PART))
    edges = np.concatenate((found[:, :margin], found[:, -margin:]), axis=1)
    return _density(edges) / _density(found)


def _density(found: Pixels) -> float:
    return _count(found) / found.size


def _count(found: Pixels) -> int:
    starts = found.copy()
    starts[:, 1:] &= ~found[:, :-1]
    starts[1:] &= ~found[:-1]
    return int(starts.sum())


def specks(dark: Pixels, size: int) -> Pixels:
    """The pixels of `dark` in groups within `size` x `size` and nothing dark around these."""
    padded = np.pad(dark, size + 1).astype(np.uint8)
    inner, outer = _sums(padded, size), _sums(padded, size + 2)
    # outer[y, x] is around inner[y + 1, x + 1].
    within = inner[1:-1, 1:-1]
    lonely = (within > 0) & (within == outer)
    cover = np.zeros(padded.shape, dtype=np.bool_)
    rows, columns = lonely.shape
    for down in range(size):
        for across in range(size):
            top, left = 1 + down, 1 + across
            cover[top : top + rows, left : left + columns] |= lonely
    rim = size + 1
    found: Pixels = dark & cover[rim:-rim, rim:-rim]
    return found


def _sums(values: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The sum over each `size` x `size` window, by its upper left corner; for sizes up to 15."""
    rows, columns = values.shape
    across = np.zeros((rows, columns - size + 1), dtype=np.uint8)
    for at in range(size):
        across += values[:, at : at + across.shape[1]]
    sums = np.zeros((rows - size + 1, across.shape[1]), dtype=np.uint8)
    for at in range(size):
        sums += across[at : at + sums.shape[0]]
    return sums

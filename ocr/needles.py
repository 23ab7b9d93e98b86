"""Print of needle printers, whose letters are dots: told from other print, and joined to strokes.

The needles of one column stand a seventy-second of an inch apart and print dots of about a
hundredth, so that paper shows between them. A line of such letters is no line to Tesseract: of
many pages it finds nothing at all (docs/figures.md).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from chartkeeper.ocr.ink import ink_of_part
from chartkeeper.ocr.marks import extents

# Marks of so many inches across and down may be dots.
DOT_INCHES = 0.005, 0.016
# A quarter of an inch of the page at so many places, from a twelfth of it down to its last sixth.
SAMPLES, SAMPLE_INCHES, SAMPLED_PART = 8, 0.25, (0.08, 0.85)
# Pages of needle print have 500 dots and more there, a third of all marks and more, or half of that
# where the dots touch; other pages up to 90 (docs/figures.md), but for those full of specks and of
# greys made of dots. These have them at the edges, too, where nobody prints.
MIN_DOTS, MIN_SHARE = 200, 0.2
EDGE_PART, MAX_AT_EDGES = 0.04, 0.25
# Each dot grows by so much, measured with 0 to 0.017; then all is blurred, measured with 0.004 to
# 0.013 on seven kinds of scan: 0.006 to 0.008 are best.
GROWN_INCHES, BLUR_INCHES = 0.01, 0.007


def shows_dots(image: Image.Image, dpi: int) -> bool:
    """Whether a page (mode L, dark on light) of `dpi` bears letters that are made of dots."""
    smallest, largest = (inches * dpi for inches in DOT_INCHES)
    left, right, shorter, longer = np.concatenate(list(map(_marks, _samples(image, dpi))), axis=1)
    dots = (shorter >= smallest) & (longer <= largest)
    specks = longer < smallest
    if dots.sum() < max(MIN_DOTS, MIN_SHARE * (~specks).sum()):
        return False
    edge = EDGE_PART * image.width
    at_edges = dots & ((right < edge) | (left > image.width - edge))
    return bool(at_edges.sum() <= MAX_AT_EDGES * 2 * EDGE_PART * dots.sum())


def joined(image: Image.Image, dpi: int) -> Image.Image:
    """A page (mode L, dark on light) of `dpi` with dots that stand side by side run together."""
    # Pillow wants the side of a square with a pixel in its middle.
    side = max(3, round(GROWN_INCHES * dpi) // 2 * 2 + 1)
    return blurred(image.filter(ImageFilter.MinFilter(side)), dpi)


def blurred(image: Image.Image, dpi: int) -> Image.Image:
    """A page of `dpi` so far out of focus that dots which nearly touch run together."""
    return image.filter(ImageFilter.GaussianBlur(BLUR_INCHES * dpi))


def _samples(image: Image.Image, dpi: int) -> Iterator[NDArray[np.bool_]]:
    rows = max(1, round(SAMPLE_INCHES * dpi))
    tops = (int(part * image.height) for part in np.linspace(*SAMPLED_PART, SAMPLES))
    strips = [np.asarray(image.crop((0, top, image.width, top + rows))) for top in tops]
    # One grey for all of them: in a strip of mere paper its grain would be ink.
    ink = ink_of_part(np.concatenate(strips))
    yield from np.split(ink, SAMPLES)


def _marks(dark: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The marks that a sample holds whole: left and right edges, shorter and longer sides."""
    left, top, right, bottom, _ = extents(dark)
    wide, high = right - left + 1, bottom - top + 1
    columns = np.stack((left, right, np.minimum(wide, high), np.maximum(wide, high)))
    whole: NDArray[np.int64] = columns[:, (top > 0) & (bottom < len(dark) - 1)]
    return whole

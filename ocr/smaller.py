"""Pages read from a smaller picture of them, with their words where they stand on the page.

Tesseract brings every line to the height that it was trained on, so letters with pixels to spare
cost time in finding the lines and are read no better (docs/figures.md).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image

from chartkeeper.ocr.averages import Greys, mean_down, mean_up
from chartkeeper.ocr.page import Box, Word

Reader = Callable[[Image.Image], tuple[Word, ...]]
# Of pages of 300 dots an inch, which most scans have, every four pixels become three.
THREE_QUARTERS, FOUR = 0.75, 4


def smaller_reader(read: Reader, part: float) -> Reader:
    """A reader that gives `read` a picture of `part` the size; boxes are those of the whole one."""
    if part == 1:
        return read

    def read_smaller(image: Image.Image) -> tuple[Word, ...]:
        small, across, down = _smaller(image, part)
        return tuple(replace(word, box=scaled(word.box, across, down)) for word in read(small))

    return read_smaller


def scaled(box: Box, across: float, down: float) -> Box:
    """The box on a picture that is `across` times as wide and `down` times as high."""
    left, right = round(box.left * across), round(box.right * across)
    top, bottom = round(box.top * down), round(box.bottom * down)
    return Box(left, top, right - left, bottom - top)


def _smaller(image: Image.Image, part: float) -> tuple[Image.Image, float, float]:
    """`image` at `part` of its size, and how many times wider and higher it is itself."""
    if part == THREE_QUARTERS and image.mode == "L" and min(image.size) >= FOUR:
        return three_quarters(image), 1 / part, 1 / part
    size = max(1, round(image.width * part)), max(1, round(image.height * part))
    small = image.resize(size, Image.Resampling.HAMMING)
    return small, image.width / size[0], image.height / size[1]


def three_quarters(image: Image.Image) -> Image.Image:
    """A grey picture at three quarters of its size, each pixel the mean of what it covers.

    Up to three rows and columns at the lower and right edge are left out. Takes half as long as
    Pillow's quickest filter that averages.
    """
    grey = np.asarray(image)
    high, wide = (length // FOUR for length in grey.shape)
    rows = (grey[first : FOUR * high : FOUR, : FOUR * wide] for first in range(FOUR))
    lower = np.stack(_three_of_four(*rows), 1).reshape(3 * high, FOUR * wide)
    # Laid together, the pixels of a column are averaged many at a time.
    columns = (np.ascontiguousarray(lower[:, first::FOUR]) for first in range(FOUR))
    return Image.fromarray(np.stack(_three_of_four(*columns), 2).reshape(3 * high, 3 * wide))


def _three_of_four(one: Greys, two: Greys, three: Greys, four: Greys) -> tuple[Greys, ...]:
    """What four lines of pixels are as three: a third of the middle two goes to either side."""
    return (
        mean_up(one, mean_down(one, two)),
        mean_down(two, three),
        mean_up(mean_down(three, four), four),
    )

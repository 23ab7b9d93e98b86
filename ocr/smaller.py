"""Pages read from a smaller picture of them, with their words where they stand on the page.

Tesseract brings every line to the height that it was trained on, so letters with pixels to spare
cost time in finding the lines and are read no better (docs/figures.md).
"""

from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from chartkeeper.ocr.page import Box, Word

Reader = Callable[[Image.Image], tuple[Word, ...]]


def smaller_reader(read: Reader, part: float) -> Reader:
    """A reader that gives `read` a picture of `part` the size; boxes are those of the whole one."""
    if part == 1:
        return read

    def read_smaller(image: Image.Image) -> tuple[Word, ...]:
        size = max(1, round(image.width * part)), max(1, round(image.height * part))
        words = read(image.resize(size, Image.Resampling.HAMMING))
        scale = image.width / size[0], image.height / size[1]
        return tuple(replace(word, box=scaled(word.box, *scale)) for word in words)

    return read_smaller


def scaled(box: Box, across: float, down: float) -> Box:
    """The box on a picture that is `across` times as wide and `down` times as high."""
    left, right = round(box.left * across), round(box.right * across)
    top, bottom = round(box.top * down), round(box.bottom * down)
    return Box(left, top, right - left, bottom - top)

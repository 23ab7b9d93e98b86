"""A line cut out of a page, as an engine reads a line best."""

from dataclasses import dataclass, replace

from PIL import Image, ImageOps

from chartkeeper.ocr.page import Box, Word

# A line is cut out with these parts of its height around it, at the sides less than a space, and
# scaled until it has the height that engines read best, 30 to 40 pixels a capital letter.
MARGIN_PART = 0.35
SIDE_MARGIN_PART = 0.2
LINE_PIXELS = 60
MAX_SCALE = 4.0
MAX_ASPECT = 60
# White around the line: Tesseract misses letters at the edge.
BORDER_PIXELS = 16
LINE_DPI = 300


@dataclass(frozen=True, slots=True)
class Cutting:
    """The picture of a line, and how it lies on its page: its corner there, and its scale."""

    picture: Image.Image
    left: int
    top: int
    scale: float

    def on_page(self, word: Word, line: int) -> Word:
        """A word read off the picture where it stands on the page, in line number `line`."""
        box = word.box
        left, right = (self._along(at, self.left) for at in (box.left, box.right))
        top, bottom = (self._along(at, self.top) for at in (box.top, box.bottom))
        return replace(word, box=Box(left, top, right - left, bottom - top), line=line)

    def _along(self, at: int, start: int) -> int:
        return max(start, start + round((at - BORDER_PIXELS) / self.scale))


def cut_line(image: Image.Image, box: Box) -> Cutting:
    """The part of `image` (mode 1 or L) in `box`, with a margin, grey, as high as a line should be.

    What is longer than 60 times its height is cut off: it is no line.
    """
    margin, side = round(box.height * MARGIN_PART), round(box.height * SIDE_MARGIN_PART)
    left, top = max(0, box.left - side), max(0, box.top - margin)
    right = min(image.width, box.right + side, left + (box.height + 1) * MAX_ASPECT)
    bottom = min(image.height, box.bottom + margin)
    part = image.crop((left, top, max(left + 1, right), max(top + 1, bottom))).convert("L")
    scale = min(MAX_SCALE, LINE_PIXELS / part.height)
    size = max(1, round(part.width * scale)), max(1, round(part.height * scale))
    larger = part.resize(size, Image.Resampling.BICUBIC)
    return Cutting(ImageOps.expand(larger, BORDER_PIXELS, 255), left, top, scale)

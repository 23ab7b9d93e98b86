"""Paper as marks with places, from which come both the words of a page and its picture.

Places are points (1/72 inch) from the upper left corner of a letter page; `y` is the base line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 612, 792
METRIC_SIZE = 200
FONTS = {
    "sans": "LiberationSans-Regular.ttf",
    "sans-bold": "LiberationSans-Bold.ttf",
    "serif": "LiberationSerif-Regular.ttf",
    "serif-bold": "LiberationSerif-Bold.ttf",
    "mono": "LiberationMono-Regular.ttf",
    "mono-bold": "LiberationMono-Bold.ttf",
    "narrow": "LiberationSansNarrow-Regular.ttf",
    "narrow-bold": "LiberationSansNarrow-Bold.ttf",
    "wide": "DejaVuSans.ttf",
    "wide-bold": "DejaVuSans-Bold.ttf",
    "book": "DejaVuSerif.ttf",
    "book-bold": "DejaVuSerif-Bold.ttf",
}
CAP_HEIGHT, DESCENT = 0.72, 0.21
DESCENDERS = frozenset("gjpqy,;()[]/|_Q@$")
# Marks whose base lines differ by less are on one line of print.
SAME_LINE_POINTS = 3.0


@dataclass(frozen=True)
class Mark:
    """Text in one font on one base line; `block` tells which part of the page it belongs to."""

    x: float
    y: float
    text: str
    size: float = 10
    font: str = "sans"
    block: int = 0

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.x + width_of(self.text, self.font, self.size)


@dataclass
class Sheet:
    """One side of paper: its marks and ruled lines (left, top, right, bottom)."""

    marks: list[Mark] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)

    def box(self, left: float, top: float, right: float, bottom: float) -> None:
        """Rule a frame."""
        self.rules += [(left, top, right, top), (left, bottom, right, bottom)]
        self.rules += [(left, top, left, bottom), (right, top, right, bottom)]


@dataclass(frozen=True)
class Printed:
    """A word as printed: its place in points, and the line of its block."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    block: int
    row: int


def width_of(text: str, font: str, size: float) -> float:
    """How wide text is printed, in points."""
    return _metric_width(text, font) * size / METRIC_SIZE


@lru_cache(maxsize=100_000)
def _metric_width(text: str, font: str) -> float:
    return font_at(font, METRIC_SIZE).getlength(text)


@lru_cache(maxsize=256)
def font_at(font: str, pixels: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels."""
    return ImageFont.truetype(FONTS[font], pixels)


def wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    """Text in lines no wider than `width` points."""
    space = width_of(" ", font, size)
    lines: list[str] = []
    line, length = [], 0.0
    for word in text.split():
        wide = width_of(word, font, size)
        if line and length + wide > width:
            lines.append(" ".join(line))
            line, length = [], 0.0
        line.append(word)
        length += wide + space
    return [*lines, " ".join(line)] if line else lines


def words_of(sheet: Sheet) -> list[Printed]:
    """The words of a sheet from top to bottom, rows numbered across the page."""
    ordered = sorted(sheet.marks, key=lambda mark: (mark.y, mark.x))
    found: list[Printed] = []
    row, last = -1, -100.0
    for mark in ordered:
        if mark.y - last > SAME_LINE_POINTS:
            row, last = row + 1, mark.y
        found += _words_of_mark(mark, row)
    found.sort(key=lambda word: (word.row, word.left))
    return found


def _words_of_mark(mark: Mark, row: int) -> list[Printed]:
    space = width_of(" ", mark.font, mark.size)
    words, x = [], mark.x
    for piece in mark.text.split(" "):
        wide = width_of(piece, mark.font, mark.size) if piece else 0.0
        if piece:
            drop = DESCENT if DESCENDERS & set(piece) else 0.0
            top, bottom = mark.y - CAP_HEIGHT * mark.size, mark.y + drop * mark.size
            words.append(Printed(piece, x, top, x + wide, bottom, mark.size, mark.block, row))
        x += wide + space
    return words


def rows_of(words: Sequence[Printed]) -> list[list[Printed]]:
    """The words by printed row."""
    return [list(row) for _, row in groupby(words, key=lambda word: word.row)]


def picture(sheet: Sheet, dpi: int) -> Image.Image:
    """The sheet printed at a resolution, mode L."""
    scale = dpi / 72
    image = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale)), 255)
    draw = ImageDraw.Draw(image)
    for mark in sheet.marks:
        font = font_at(mark.font, max(1, round(mark.size * scale)))
        draw.text((mark.x * scale, mark.y * scale), mark.text, fill=0, font=font, anchor="ls")
    for left, top, right, bottom in sheet.rules:
        line = (left * scale, top * scale, right * scale, bottom * scale)
        draw.line(line, fill=0, width=max(1, round(0.7 * scale)))
    return image

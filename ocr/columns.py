"""Narrow columns that a reading left out, as the results of a table beside the names of the tests.

Beside rules, bars or the black edges of a copy Tesseract takes a column of figures for part of
these. What stands in such a column is too short to be taken for a line of its own; cut out as a
strip it is read (docs/figures.md).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import median

from PIL import Image

from chartkeeper.ocr.marks import Mark
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.smaller import scaled

# Sizes are in cells of about a sixtieth of an inch on a letter page: writing of some 6 to 20 point.
MIN_ITEM_CELLS, MAX_ITEM_CELLS = 4, 14
# What is wider is a line; what fills more of its box is a bullet, a bar or a piece of a rule.
MAX_ASPECT, MAX_FILLED = 3.0, 0.9
MIN_ITEMS = 3
MAX_COLUMNS = 6
# The items of a column are of one height but for this part, stand below one another by this part of
# the narrower, and so many heights apart at most.
UNLIKE_HEIGHTS, SHARED_WIDTH, MAX_GAP_HEIGHTS = 0.35, 0.5, 6.0
# As high as engines read a capital letter best, in pixels; and no more enlarged than this.
ITEM_PIXELS, MAX_SCALE = 32, 4.0
# A word read less surely than this was no writing; nor is a column of which less is read.
MIN_SURENESS, MIN_READ_PART = 0.7, 0.5

Column = tuple[Mark, ...]
ReadStrip = Callable[[Image.Image], tuple[Word, ...]]


def columns(pieces: Iterable[Mark]) -> Iterator[Column]:
    """The short pieces of writing that stand below one another, three and more; at most six."""
    found: list[list[Mark]] = []
    for piece in sorted(filter(_is_item, pieces), key=lambda piece: (piece.top, piece.left)):
        home = next((column for column in found if _goes_on(column[-1], piece)), None)
        if home is None:
            found.append([piece])
        else:
            home.append(piece)
    longest = sorted(found, key=len, reverse=True)[:MAX_COLUMNS]
    yield from (tuple(column) for column in longest if len(column) >= MIN_ITEMS)


def read_column(image: Image.Image, items: Sequence[Box], read: ReadStrip) -> Iterator[Word]:
    """The words of the column of `items` on `image`; the number of its item is a word's line.

    `read` is given the picture of the strip. Nothing if most of the column is no writing.
    """
    height = round(median(item.height for item in items))
    scale = min(MAX_SCALE, ITEM_PIXELS / height)
    left, top = (max(0, min(edges) - height) for edges in zip(*map(_corner, items), strict=True))
    right = min(image.width, max(item.right for item in items) + height)
    bottom = min(image.height, max(item.bottom for item in items) + height)
    strip = image.crop((left, top, right, bottom))
    size = round(strip.width * scale), round(strip.height * scale)
    words = read(strip.resize(size, Image.Resampling.BICUBIC))
    placed = (replace(word, box=_moved(scaled(word.box, 1 / scale, 1 / scale), left, top))
              for word in words if _is_sure(word))  # fmt: skip
    found = [(word, _item_of(word, items)) for word in placed]
    said = {number for word, number in found if number is not None}
    if len(said) >= MIN_READ_PART * len(items):
        yield from (replace(word, line=at) for word, at in found if at is not None)


def _is_item(piece: Mark) -> bool:
    return (
        MIN_ITEM_CELLS <= piece.height <= MAX_ITEM_CELLS
        and 2 <= piece.width < MAX_ASPECT * piece.height
        and piece.cells <= MAX_FILLED * piece.width * piece.height
    )


def _goes_on(last: Mark, piece: Mark) -> bool:
    shared = min(last.right, piece.right) - max(last.left, piece.left) + 1
    higher = max(last.height, piece.height)
    return (
        abs(last.height - piece.height) <= UNLIKE_HEIGHTS * higher
        and shared >= SHARED_WIDTH * min(last.width, piece.width)
        and 0 < piece.top - last.bottom <= MAX_GAP_HEIGHTS * piece.height
    )


def _corner(box: Box) -> tuple[int, int]:
    return box.left, box.top


def _moved(box: Box, left: int, top: int) -> Box:
    return replace(box, left=box.left + left, top=box.top + top)


def _is_sure(word: Word) -> bool:
    """Whether it was read surely, and is no bullet or tick taken for a letter."""
    letters = sum(map(str.isalnum, word.text))
    says = letters > 1 or any(map(str.isdigit, word.text))
    return says and word.confidence >= MIN_SURENESS


def _item_of(word: Word, items: Sequence[Box]) -> int | None:
    return next((at for at, item in enumerate(items) if item.holds_middle_of(word.box)), None)

"""Words stamped across a page at a slant, as VOID: engines read level lines, and nothing of these.

Large letters of one size that stand in a row which rises or falls are turned level and read as one
line. Only words in capitals are kept: what else slants is a signature or a drawing. So it is with
the grey areas that were taken from under the writing: those that are a watermark are read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import atan2, cos, degrees, radians, sin
from statistics import median

import numpy as np
from PIL import Image

from chartkeeper.ocr.blank import touches_edge
from chartkeeper.ocr.cutting import cut_line
from chartkeeper.ocr.ink import darker
from chartkeeper.ocr.marks import Mark, marks
from chartkeeper.ocr.page import Box, Word, sureness
from chartkeeper.ocr.smaller import scaled

# How the record of a page says that such words were found.
SLANTED_FOUND = "slanted-found"
# Cells are about a thirtieth of an inch on a letter page: letters of some 30 to 220 point.
CELLS_ACROSS = 270
MIN_LETTER_CELLS, MAX_LETTER_CELLS = 12, 90
MIN_LETTERS = 3
# How much of its box a letter fills: frames and traces fill less, bars and shadows more.
MIN_FILLED, MAX_FILLED = 0.08, 0.7
# How much darker than the paper a cell with writing is, 0 to 255.
MIN_DARKER = 60
# Flatter rows are read with the page, steeper ones are no stamps.
MIN_DEGREES, MAX_DEGREES = 8.0, 60.0
# From letter to letter the row turns by no more than this; an I is narrow and stands off.
MAX_BEND_DEGREES = 25.0
MAX_SIZE_RATIO = 1.7
MAX_GAP_HEIGHTS = 0.9
MAX_ROWS = 3
# The middles of unlike letters lie off the row's: it is turned by so many degrees more, too.
TRIED_DEGREES = (0.0, 4.0, -4.0)
MIN_SURENESS = 0.6
# Level letters of a watermark are some inches high: engines read them best on a page so wide.
WATERMARK_SIDE = 400
# The letters of a turned row reach so far from its middle, in heights of their boxes.
REACH_HEIGHTS = 0.62

ReadLine = Callable[[Image.Image], tuple[Word, ...]]
Row = Sequence[Mark]


def with_slanted(image: Image.Image, words: tuple[Word, ...], read: ReadLine) -> tuple[Word, ...]:
    """`words` with those that stand on `image` at a slant; `words` itself if there are none.

    `image` is the page upright. Each row that is found makes a line of its own behind the others.
    `read` is given the picture of one line at a time.
    """
    grey = image if image.mode == "L" else image.convert("L")
    found = list(words)
    for row in list(_rows(_letters(grey)))[:MAX_ROWS]:
        slope = _slope(row[0], row[-1])
        tries = [tuple(_said(read(_level(grey, row, slope + more)))) for more in TRIED_DEGREES]
        said = max(tries, key=lambda said: max((word.confidence for word in said), default=0.0))
        found += _behind(found, [replace(word, box=_around(grey, row), line=0) for word in said])
    return tuple(found) if len(found) > len(words) else words


def with_watermarks(
    areas: Image.Image, width: int, words: tuple[Word, ...], line: ReadLine, page: ReadLine
) -> tuple[Word, ...]:
    """`words` with those that grey areas of the page are letters of, level or at a slant.

    `areas` is the upright page with nothing but them, black on white; the page is `width` pixels
    wide. `line` reads the picture of a line, `page` one with lines anywhere on it. `words` itself
    if there are none.
    """
    small = areas.reduce(max(1, min(areas.size) // WATERMARK_SIDE))
    slanted, level = with_slanted(areas, (), line), tuple(_said(page(small)))
    more: list[Word] = []
    for picture, said in ((areas, slanted), (small, level)):
        scale = width / picture.width
        placed = [replace(word, box=scaled(word.box, scale, scale)) for word in said]
        more += _behind((*words, *more), placed)
    return (*words, *more) if more else words


def _behind(words: Sequence[Word], more: Sequence[Word]) -> list[Word]:
    """`more` in lines behind those of `words`."""
    first = max((word.line for word in words), default=-1) + 1
    return [replace(word, line=first + word.line) for word in more]


def _said(words: Sequence[Word]) -> Iterator[Word]:
    """The words in capitals among `words`, if they were read surely; their letters alone."""
    kept = [word for word in words if any(map(str.isalnum, word.text))]
    if kept and sureness(tuple(kept)) >= MIN_SURENESS:
        for word in kept:
            text = "".join(filter(str.isalpha, word.text))
            if len(text) >= MIN_LETTERS and text.isupper():
                yield replace(word, text=text)


def _cell_pixels(grey: Image.Image) -> int:
    return max(1, min(grey.size) // CELLS_ACROSS)


def _letters(grey: Image.Image) -> list[Mark]:
    """The marks of the page that are as large as letters of a stamp, from left to right."""
    dark = darker(np.asarray(grey.reduce(_cell_pixels(grey))), MIN_DARKER)
    sized = (mark for mark in marks(dark) if MIN_LETTER_CELLS <= mark.height <= MAX_LETTER_CELLS)
    return sorted(
        (
            mark
            for mark in sized
            if mark.width <= 2 * mark.height
            and MIN_FILLED <= mark.cells / (mark.width * mark.height) <= MAX_FILLED
            and not touches_edge(mark, dark.shape)
        ),
        key=lambda mark: mark.left,
    )


def _rows(letters: Sequence[Mark]) -> Iterator[Row]:
    """The letters that stand in one slanted row."""
    rows: list[list[Mark]] = []
    for mark in letters:
        home = next((row for row in rows if _goes_on(row, mark)), None)
        if home is None:
            rows.append([mark])
        else:
            home.append(mark)
    yield from (row for row in rows if len(row) >= MIN_LETTERS and _is_slanted(row))


def _goes_on(row: Row, mark: Mark) -> bool:
    last = row[-1]
    lower, higher = sorted((last.height, mark.height))
    near = mark.left - last.right <= MAX_GAP_HEIGHTS * higher
    straight = len(row) == 1 or abs(_slope(last, mark) - _slope(row[0], last)) <= MAX_BEND_DEGREES
    return near and straight and higher <= MAX_SIZE_RATIO * lower and last.left < mark.left


def _is_slanted(row: Row) -> bool:
    rises = {_slope(one, other) > 0 for one, other in pairwise(row)}
    return len(rises) == 1 and MIN_DEGREES <= abs(_slope(row[0], row[-1])) <= MAX_DEGREES


def _slope(one: Mark, other: Mark) -> float:
    """By how many degrees the middle of `other` stands above that of `one`."""
    (left, top), (right, bottom) = _middle(one), _middle(other)
    return degrees(atan2(top - bottom, right - left))


def _middle(mark: Mark) -> tuple[float, float]:
    return (mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2


def _around(grey: Image.Image, row: Row) -> Box:
    """The box around `row`, in pixels of the page."""
    side = _cell_pixels(grey)
    left, top = min(mark.left for mark in row), min(mark.top for mark in row)
    right, bottom = max(mark.right for mark in row), max(mark.bottom for mark in row)
    return Box(left * side, top * side, (right - left + 1) * side, (bottom - top + 1) * side)


def _level(grey: Image.Image, row: Row, slope: float) -> Image.Image:
    """The picture of `row`, which rises by `slope` degrees, turned level about its middle."""
    box = _around(grey, row)
    middle = box.left + box.width / 2, box.top + box.height / 2
    turned = grey.rotate(-slope, Image.Resampling.BICUBIC, center=middle, fillcolor=255)
    height = median(mark.height for mark in row) * _cell_pixels(grey)
    long = box.width * cos(radians(slope)) + box.height * abs(sin(radians(slope)))
    left, top = max(0, round(middle[0] - long / 2)), round(middle[1] - REACH_HEIGHTS * height)
    line = Box(left, max(0, top), round(long), round(2 * REACH_HEIGHTS * height))
    return cut_line(turned, line).picture

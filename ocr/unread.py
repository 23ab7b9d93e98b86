"""Writing that a reading left out: ink in the shape of lines where no word was read.

Tesseract drops whole lines now and then, and nothing in its confidence tells: neighbours of unlike
height that it took for one line, as a letterhead beside the label of a patient, or a line in a box.
Such places are cut out and read as lines of their own (docs/figures.md), and so are narrow columns.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from PIL import Image

from chartkeeper.ocr.blank import cell_pixels, touches_edge
from chartkeeper.ocr.columns import columns, read_column
from chartkeeper.ocr.cutting import cut_line
from chartkeeper.ocr.ink import darker
from chartkeeper.ocr.marks import Mark, marks
from chartkeeper.ocr.merge import inserted
from chartkeeper.ocr.page import Box, Word, sureness

# How the record of a page says that lines were found so.
LINES_FOUND = "lines-found"
# Sizes are in cells of about a sixtieth of an inch on a letter page: writing of some 6 to 36 point.
MIN_LINE_CELLS, MAX_LINE_CELLS = 3, 30
# How much darker than the paper a cell with writing is, 0 to 255.
MIN_DARKER = 60
# Words of one line share this part of the lower one's height, and stand so many heights apart.
MIN_SHARED_HEIGHT = 0.5
MAX_GAP_HEIGHTS = 2.0
# A line is at least so many times as wide as it is high; `MRN: 12` has four.
MIN_ASPECT = 3.0
# What is so many times as wide as high, and in one piece, is a rule; a word of 20 letters is not.
MAX_WORD_ASPECT = 25
# How much of its box a word fills at least, and a line at most: frames and crossing rules fill
# less, bars and shadows more.
MIN_FILLED, MAX_FILLED = 0.3, 0.85
# A page with more than this part of it dark and unread bears a picture; what is in it is no line.
MAX_UNREAD_PART = 0.04
MAX_LINES = 12
# A line read less surely than this, or shorter, was no writing.
MIN_SURENESS = 0.7
MIN_LETTERS = 3
# A word that stands at most so many heights away is taken for the same, in whose box it is not.
NEAR_HEIGHTS = 2.0

ReadLine = Callable[[Image.Image], tuple[Word, ...]]


@dataclass(frozen=True, slots=True)
class Unread:
    """Where a page bears what looks like lines, and narrow columns, that no word was read of.

    In its pixels; a column is the boxes of what stands in it, from top to bottom.
    """

    lines: tuple[Box, ...] = ()
    columns: tuple[tuple[Box, ...], ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.lines or self.columns)


def completed(
    image: Image.Image, words: tuple[Word, ...], read: ReadLine, read_strip: ReadLine
) -> tuple[Word, ...]:
    """`words` with those of `image` that stand in what they do not hold; `words` itself if none.

    `image` is the page upright (mode L). `read` is given the picture of one line at a time,
    `read_strip` that of a column.
    """
    unread = find_unread(image, words)
    places, found = list(unread.lines), list(_read_lines(image, unread.lines, read))
    for column in unread.columns:
        in_it = read_column(image, column, read_strip)
        found += (replace(word, line=word.line + len(places)) for word in in_it)
        places += column
    more = tuple(_unheard(found, words))
    if not more:
        return words
    filled = [places[number] for number in {word.line for word in more}]
    # Strokes of a line that was not read were taken for commas and dots.
    kept = (
        word
        for word in words
        if _says(word) or not any(place.holds_middle_of(word.box) for place in filled)
    )
    return inserted(tuple(kept), more)


def find_unread(image: Image.Image, words: Iterable[Word]) -> Unread:
    """What of `image` (an upright page, mode L) looks like writing that `words` do not hold.

    The widest MAX_LINES lines, from top to bottom; nothing on a page that bears a picture.
    """
    side = cell_pixels(image)
    dark = darker(np.asarray(image.reduce(side)), MIN_DARKER)
    for word in filter(_says, words):
        dark[_cells_of(word.box, side)] = False
    # Copiers leave black along the edges.
    within = [mark for mark in marks(dark) if not touches_edge(mark, dark.shape)]
    if sum(mark.cells for mark in within) > MAX_UNREAD_PART * dark.size:
        return Unread()
    pieces = list(map(_around, _lines(list(filter(_is_word, within)))))
    widest = sorted(filter(_is_line, pieces), key=lambda line: -line.width)[:MAX_LINES]
    short = [piece for piece in pieces if not _is_line(piece)]
    return Unread(
        tuple(_box(line, side) for line in sorted(widest, key=lambda line: line.top)),
        tuple(tuple(_box(item, side) for item in column) for column in columns(short)),
    )


def _box(mark: Mark, side: int) -> Box:
    return Box(mark.left * side, mark.top * side, mark.width * side, mark.height * side)


def _read_lines(image: Image.Image, places: Iterable[Box], read: ReadLine) -> tuple[Word, ...]:
    """What is read in `places`, as far as it is writing; the number of its place is its line."""
    found: list[Word] = []
    for number, place in enumerate(places):
        cutting = cut_line(image, place)
        words = read(cutting.picture)
        letters = sum(letter.isalnum() for word in words for letter in word.text)
        if letters >= MIN_LETTERS and sureness(words) >= MIN_SURENESS:
            found += (cutting.on_page(word, number) for word in words)
    return tuple(found)


def _unheard(more: Sequence[Word], words: Iterable[Word]) -> Iterator[Word]:
    """The words of those lines of `more` of which not most stand nearby: their boxes may be off.

    One label under another, as `MRN:` on two stickers, is not the same line.
    """
    known: dict[str, list[Box]] = defaultdict(list)
    for word in words:
        known[_spelt(word)].append(word.box)
    for _, line in groupby(more, key=lambda word: word.line):
        found = list(line)
        said = [(word.box, _spelt(word)) for word in found]
        near = sum(len(text) for box, text in said if _is_near(box, known.get(text, ())))
        if 2 * near <= sum(len(text) for _, text in said):
            yield from found


def _spelt(word: Word) -> str:
    return "".join(letter for letter in word.text.casefold() if letter.isalnum())


def _is_near(box: Box, others: Iterable[Box]) -> bool:
    reach = NEAR_HEIGHTS * box.height
    return any(
        abs(box.left - other.left) <= reach and abs(box.top - other.top) <= reach
        for other in others
    )


def _says(word: Word) -> bool:
    return any(letter.isalnum() for letter in word.text)


def _cells_of(box: Box, side: int) -> tuple[slice, slice]:
    """The cells of a word and those right around it: boxes are cut close."""
    down = slice(max(0, box.top // side - 1), box.bottom // side + 2)
    return down, slice(max(0, box.left // side - 1), box.right // side + 2)


def _is_word(mark: Mark) -> bool:
    return (
        MIN_LINE_CELLS <= mark.height <= MAX_LINE_CELLS
        and mark.width <= MAX_WORD_ASPECT * mark.height
        and _filled(mark) >= MIN_FILLED
    )


def _is_line(line: Mark) -> bool:
    long = line.height <= MAX_LINE_CELLS and line.width >= MIN_ASPECT * line.height
    return long and _filled(line) <= MAX_FILLED


def _filled(mark: Mark) -> float:
    return mark.cells / (mark.width * mark.height)


def _lines(found: Sequence[Mark]) -> list[list[Mark]]:
    """Marks that stand side by side, together."""
    lines: list[list[Mark]] = []
    for mark in sorted(found, key=lambda mark: mark.left):
        home = next((line for line in lines if _goes_on(line[-1], mark)), None)
        if home is None:
            lines.append([mark])
        else:
            home.append(mark)
    return lines


def _goes_on(last: Mark, mark: Mark) -> bool:
    shared = min(last.bottom, mark.bottom) - max(last.top, mark.top) + 1
    gap = mark.left - last.right
    height = max(last.height, mark.height)
    return shared >= MIN_SHARED_HEIGHT * min(last.height, mark.height) and (
        gap <= MAX_GAP_HEIGHTS * height
    )


def _around(line: Sequence[Mark]) -> Mark:
    return Mark(
        min(mark.left for mark in line),
        min(mark.top for mark in line),
        max(mark.right for mark in line),
        max(mark.bottom for mark in line),
        sum(mark.cells for mark in line),
    )

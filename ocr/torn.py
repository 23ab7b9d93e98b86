"""Tables that a reading took apart into their columns, read row by row.

Tesseract takes the columns of a table of results for columns of text: it reads all names of tests,
then all values, then all units, and leaves out cells that seem too short to be a line. A search for
`Potassium 5.1` then finds nothing. Told that the rows go from side to side it reads more of such a
table (docs/figures.md), and in the order in which it is meant.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from statistics import median

from PIL import Image

from chartkeeper.ocr.lexicon import english
from chartkeeper.ocr.merge import merge_sizes
from chartkeeper.ocr.page import Word, around
from chartkeeper.ocr.second_look import surely_read

# How the record of a page says that a table was read row by row.
ROWS_READ = "rows-read"
# A row of a table is in so many lines at least, with so few words in each on the mean: columns of
# prose have more. Fewer rows are no table that reading again is worth its time.
MIN_LINES, MAX_WORDS_A_LINE = 3, 2.5
MIN_ROWS = 5
# So many times as many letters read surely by rows as by columns are much surer.
MIN_SURER = 1.05
# A word that is so many times as high as most is a column that was taken for one, or a heading.
MAX_HEIGHTS = 2.0
# Heights on the page are told apart by so many pixels; no letter that is read is lower.
BAND_PIXELS = 4

Row = list[Word]
ReadRows = Callable[[Image.Image], tuple[Word, ...]]


def with_rows(image: Image.Image, words: tuple[Word, ...], read: ReadRows) -> tuple[Word, ...]:
    """`words` of an upright page (mode L), its tables by rows; `words` itself if none was torn.

    `read` is given the part of the page from the first to the last row that was torn.
    """
    if not is_torn(words):
        return words
    table = [word for row in _torn_rows(words) for word in row]
    margin = round(median(word.box.height for word in table))
    place = around(table)
    top, bottom = max(0, place.top - margin), min(image.height, place.bottom + margin)
    found = read(image.crop((0, top, image.width, bottom)))
    lowered = tuple(replace(word, box=replace(word.box, top=word.box.top + top)) for word in found)
    inside = tuple(word for word in words if top <= _middle(word) < bottom)
    whole = _whole(lowered, inside)
    return _numbered(
        [word for word in words if _middle(word) < top],
        whole,
        [word for word in words if _middle(word) >= bottom],
    )


def _whole(rows: tuple[Word, ...], columns: tuple[Word, ...]) -> tuple[Word, ...]:
    """The table from both its readings: merged, or by rows alone where these are much surer.

    Columns of print of one width are read from top to bottom as if they were words; in a merger
    such a word, which stands where many others do, would drive these out.
    """
    if surely_read(rows) >= MIN_SURER * surely_read(columns):
        return rows
    return merge_sizes(rows, columns, english().knows)


def is_torn(words: Iterable[Word]) -> bool:
    """Whether a table of the page seems to have been read by its columns."""
    return len(_torn_rows(words)) >= MIN_ROWS


def _torn_rows(words: Iterable[Word]) -> list[Row]:
    """The rows of words side by side that are in many lines, with little in each."""
    saying = [word for word in words if _says(word)]
    most = MAX_HEIGHTS * median(word.box.height for word in saying) if saying else 0
    columns = [word for word in saying if word.box.height > max(most, word.box.width)]
    rows = _rows([word for word in saying if word.box.height <= most])
    return [row for row in rows if _is_in_pieces([*row, *_beside(row[0], columns)])]


def _beside(word: Word, columns: Iterable[Word]) -> list[Word]:
    """The columns that were taken for words, as far as they are beside this one."""
    return [one for one in columns if one.box.top <= _middle(word) < one.box.bottom]


def _is_in_pieces(row: Row) -> bool:
    lines = len({word.line for word in row})
    return lines >= MIN_LINES and len(row) <= MAX_WORDS_A_LINE * lines


def _rows(words: Iterable[Word]) -> list[Row]:
    """Words by rows, each behind the one to its left at its height."""
    rows: list[Row] = []
    # Which row was last at a height, coming from the left: rows fall a little on a page askew.
    ends: dict[int, Row] = {}
    for word in sorted(words, key=lambda word: word.box.left):
        row = ends.get(round(_middle(word)) // BAND_PIXELS)
        if row is None:
            rows.append(row := [])
        row.append(word)
        heights = range(word.box.top // BAND_PIXELS, word.box.bottom // BAND_PIXELS + 1)
        ends.update(dict.fromkeys(heights, row))
    return rows


def _numbered(*parts: Sequence[Word]) -> tuple[Word, ...]:
    """The words of all parts, one part after the other, their lines counted anew."""
    lines: dict[tuple[int, int], int] = {}
    return tuple(
        replace(word, line=lines.setdefault((number, word.line), len(lines)))
        for number, part in enumerate(parts)
        for word in part
    )


def _says(word: Word) -> bool:
    return any(letter.isalnum() for letter in word.text)


def _middle(word: Word) -> float:
    return word.box.top + word.box.height / 2

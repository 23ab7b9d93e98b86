"""Numbers that a reading parted at their points, put together again.

Print of one width to a letter, as of bills and laboratories' machines, sets the points of a column
of figures below one another with white to either side. Tesseract takes that for the room between
two columns, and 742.24 is read as 742 here and 24 elsewhere. Cut out as a line it is read whole.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from PIL import Image

from chartkeeper.ocr.cutting import cut_line
from chartkeeper.ocr.page import Word, around, sureness
from chartkeeper.ocr.unread import ReadLine

# How the record of a page says that numbers were put together.
NUMBERS_JOINED = "numbers-joined"
# The figures to either side of a point, which either may have been given, or neither.
_BEFORE, _AFTER = re.compile(r"\d\W?$"), re.compile(r"^\W?\d")
# What they are parts of; a rule between the cells of a table is read as another mark.
_WHOLE = re.compile(r"\W?\d[\d,]*\.\d+\W?")
# The parts lie so many heights apart at most: a letter of such print is 0.8 heights wide.
MIN_GAP_HEIGHTS, MAX_GAP_HEIGHTS = -0.3, 0.9
MIN_SHARED_HEIGHT = 0.5
# Fewer rows are not taken for a column.
MIN_ROWS = 3
# The whole is sure from here on where it has the figures of its parts, from there on if not.
MIN_ALIKE, MIN_UNLIKE = 0.5, 0.85

Parts = tuple[Word, Word]


def with_whole_numbers(
    image: Image.Image, words: tuple[Word, ...], read: ReadLine
) -> tuple[Word, ...]:
    """`words` of an upright page (mode L) with its parted numbers whole; `words` itself if none.

    `read` is given the picture of one line at a time.
    """
    whole: dict[Word, Word | None] = {}
    parted = parted_numbers(words)
    if len(parted) < MIN_ROWS:
        return words
    for left, right in parted:
        number = _read_whole(image, (left, right), read)
        if number:
            whole |= {left: number, right: None}
    if not whole:
        return words
    kept = (whole.get(word, word) for word in words)
    return tuple(word for word in kept if word)


def parted_numbers(words: Sequence[Word]) -> list[Parts]:
    """The words of two lines that stand as close side by side as the figures around a point."""
    after = sorted(filter(_begins, words), key=_left)
    lefts = [_left(word) for word in after]
    found: list[Parts] = []
    taken: set[Word] = set()
    for word in filter(_ends, words):
        beside = (other for other in _near(word, after, lefts) if _side_by_side(word, other))
        right = next((other for other in beside if other not in taken), None)
        if right:
            taken |= {word, right}
            found.append((word, right))
    return found


def _near(word: Word, after: Sequence[Word], lefts: Sequence[int]) -> Iterator[Word]:
    """Those of the words, by their left edges, that begin where this one ends."""
    height = word.box.height
    first = bisect_left(lefts, word.box.right + MIN_GAP_HEIGHTS * height)
    last = bisect_left(lefts, word.box.right + MAX_GAP_HEIGHTS * height)
    yield from after[first:last]


def _side_by_side(word: Word, other: Word) -> bool:
    if word.line == other.line or word is other:
        return False
    shared = min(word.box.bottom, other.box.bottom) - max(word.box.top, other.box.top)
    return shared >= MIN_SHARED_HEIGHT * max(word.box.height, other.box.height) > 0


def _read_whole(image: Image.Image, parts: Parts, read: ReadLine) -> Word | None:
    """The number that these are the parts of; None if what stands there is none."""
    place = around(parts)
    found = read(cut_line(image, place).picture)
    if len(found) != 1 or not _WHOLE.fullmatch(found[0].text):
        return None
    alike = _figures(found[0].text) == "".join(_figures(part.text) for part in parts)
    sure = sureness(found)
    if sure < (MIN_ALIKE if alike else MIN_UNLIKE):
        return None
    return Word(found[0].text, place, sure, parts[0].line)


def _begins(word: Word) -> bool:
    return bool(_AFTER.search(word.text))


def _ends(word: Word) -> bool:
    return bool(_BEFORE.search(word.text))


def _left(word: Word) -> int:
    return word.box.left


def _figures(text: str) -> str:
    return "".join(filter(str.isdigit, text))

"""Pages that list people, as schedules and censuses do: whoever stands in a row does not own it."""

import re
from collections.abc import Iterator, Sequence

from chartkeeper.filing.clues import Clues
from chartkeeper.filing.dates import find_dates
from chartkeeper.filing.values import Clue
from chartkeeper.ocr.page import Box, Page, Word

# One number below a labelled one may be an account's whose label was lost; two make a list.
FURTHER_ROWS = 2
MIN_LENGTH, MAX_MISREAD = 5, 2
# A name has two words of two letters, what stands of a date has two figures.
MIN_WORDS = MIN_LETTERS = MIN_FIGURES = 2
COLUMN_SHARE = 0.5
# Of reference values, or a number written in two halves.
_RANGE = re.compile(r"\d{1,4}(?:\.\d{1,3})?[-\u2013]\d{1,4}(?:\.\d{1,3})?")


def rosters(pages: Sequence[Page], clues: Clues) -> frozenset[int]:
    """The numbers of the pages on which numbers like a labelled one stand in rows of their own.

    Each stands in the column of the labelled one, nothing labels it as something else, and words
    and further figures stand in its line, as a name and a birth date do.
    """
    by_number = {page.number: page for page in pages}
    return frozenset(
        clue.page
        for clue in clues.mrns
        if clue.page in by_number and _heads_a_list(clue, by_number[clue.page], clues)
    )


def _heads_a_list(clue: Clue, page: Page, clues: Clues) -> bool:
    claimed = [other.box for other in clues.others if other.page == page.number]
    below = [word for word in page.words if _stands_below(word, clue)]
    rows = {
        word.line
        for word in below
        if not any(_overlap(word.box, box) for box in claimed)
        and _tells_of_somebody(list(_beside(word, page)))
    }
    return len(rows) >= FURTHER_ROWS


def _stands_below(word: Word, clue: Clue) -> bool:
    """Whether a number about as long, or what is left of one, stands in the column of `clue`."""
    narrower = min(word.box.width, clue.box.width)
    length, digits = sum(map(str.isalnum, word.text)), _digits(word.text)
    if _is_a_day(word.text) and not _is_a_day(clue.text):
        return False
    if _RANGE.fullmatch(word.text) and not _RANGE.fullmatch(clue.text):
        return False
    return (
        word.box.top >= clue.box.bottom
        and _shared(word.box, clue.box) > COLUMN_SHARE * narrower
        and length >= MIN_LENGTH
        and digits >= length - MAX_MISREAD
        and abs(length - sum(map(str.isalnum, clue.text))) <= 1
    )


def _is_a_day(text: str) -> bool:
    """Whether all of `text` is a date, of which many stand under a number on any page."""
    found = find_dates(text)
    return bool(found) and not text[: found[0].start] + text[found[0].end :].strip(" .,;")


def _beside(number: Word, page: Page) -> Iterator[Word]:
    """The other words of the line in which `number` stands."""
    middle = number.box.top + number.box.height / 2
    for word in page.words:
        in_line = word.box.top <= middle <= word.box.bottom
        if in_line and _shared(word.box, number.box) <= 0:
            yield word


def _tells_of_somebody(words: Sequence[Word]) -> bool:
    named = [word for word in words if sum(map(str.isalpha, word.text)) >= MIN_LETTERS]
    return len(named) >= MIN_WORDS and any(_digits(word.text) >= MIN_FIGURES for word in words)


def _overlap(one: Box, other: Box) -> bool:
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return down > 0 and _shared(one, other) > 0


def _shared(one: Box, other: Box) -> int:
    """How many pixels of width two boxes share; negative if they are apart."""
    return min(one.right, other.right) - max(one.left, other.left)


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))

"""What on a page says whose and of which day it is, and is not to be believed at one look."""

import re
from collections.abc import Iterator
from functools import lru_cache

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.dates import find_dates
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.service_date import date_fields
from chartkeeper.filing.values import Clue
from chartkeeper.ocr.page import Box, Page, Word, around

# Read more surely than this, one reading is enough. Set by judgement, well above what filing asks
# of a proof (LOWEST_PROOF_CONFIDENCE); a second reading costs 5 to 13 ms a field.
SURE = 0.9
# A page of more doubtful fields is past help by looking closer.
MAX_FIELDS = 12
# Six figures and a stroke at least: `67/11/26`, `0207/2023`, not a blood pressure.
_LIKE_DATE = re.compile(r"(?=.*/)(?=(?:\D*\d){6})[\dOoIlSZ/.-]{7,11}")
# Of a page that carries its own text so many fields are held against what it shows.
MAX_TELLING_FIELDS = 40


def fields_in_doubt(page: Page) -> tuple[Box, ...]:
    """Where the fields stand that are to be read again, the patient's before dates of service.

    Labelled numbers, birth dates and names, and dates that may be when a document is from. Boxes in
    pixels of the page, at most MAX_FIELDS.
    """
    if all(word.confidence >= SURE for word in page.words):
        return ()
    found = [clue.box for clue in read_clues([page.body]).labelled if _is_doubtful(clue)]
    return tuple(dict.fromkeys((*found, *_doubtful_dates(page.body))))[:MAX_FIELDS]


def fields_that_tell(page: Page) -> tuple[Box, ...]:
    """Where on a page stands what may say whose it is, however surely that was read.

    Numbers and dates without a label may, too, beneath a name or in a sentence (stickers.py,
    speakers.py). Boxes in pixels of the page, at most MAX_TELLING_FIELDS, those with labels first.
    """
    clues = read_clues([page.body])
    found = (*clues.labelled, *clues.numbers, *clues.dates)
    return tuple(dict.fromkeys(clue.box for clue in found))[:MAX_TELLING_FIELDS]


def _is_doubtful(clue: Clue) -> bool:
    return clue.confidence < SURE and not clue.doubted


def _doubtful_dates(page: Page) -> Iterator[Box]:
    if not any(_is_unsure_figure(word) for word in page.words):
        return
    yield from (word.box for word in page.words if _is_spoilt_date(word))
    for tokens in date_fields(page, _all_date_labels()):
        words = [token.word for token in tokens]
        if any(map(_is_unsure_figure, words)) and not any(word.other for word in words):
            yield around(words)


def _is_spoilt_date(word: Word) -> bool:
    """Whether a word looks like a day in figures, and is none for a figure or stroke misread."""
    text = word.text.strip(".,;:()")
    unsure = word.confidence < SURE and not word.other
    return unsure and bool(_LIKE_DATE.fullmatch(text)) and not find_dates(text)


def _is_unsure_figure(word: Word) -> bool:
    return word.confidence < SURE and any(map(str.isdigit, word.text))


@lru_cache(maxsize=1)
def _all_date_labels() -> tuple[str, ...]:
    """The labels that the service date of any type goes by; which type a page has is not known."""
    labels = (label for doctype in load_doctypes().types for label in doctype.date_labels)
    return tuple(dict.fromkeys(labels))

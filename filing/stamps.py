"""Words that take a paper out of the chart: stamped on it, or in a line of their own."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from chartkeeper.filing.layout import Run, runs
from chartkeeper.filing.phrases import Piece, Vocabulary, phrase_of, pieces
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Page

MAX_STAMP_WORDS = 9
_STAMPS = (
    "WRONG PATIENT, WRONG CHART, NOT THIS PATIENT, ENTERED IN ERROR, SCANNED IN ERROR, FILED IN "
    "ERROR, CHARTED IN ERROR, RECORDED IN ERROR, DOCUMENTED IN ERROR, ENTRY IN ERROR, ERRONEOUS "
    "ENTRY, MISFILED, MISFILE, DO NOT FILE, DO NOT SCAN, BELONGS TO ANOTHER PATIENT, BELONGS TO "
    "SOMEBODY ELSE, BELONGS IN ANOTHER CHART, FOUND IN THE CHART OF, VOIDED DOCUMENT, VOID "
    "DOCUMENT, EXAMPLE ONLY, SAMPLE ONLY, NOT A REAL PATIENT"
)
_LONE = word_set("VOID VOIDED")


def stamp_on(pages: Sequence[Page]) -> tuple[int, str]:
    """The page and the words that say that it is not to be filed as it is; or nothing."""
    return next(((page.number, text) for page in pages for text in _stamps(page)), (0, ""))


def _stamps(page: Page) -> Iterator[str]:
    """The lines of `page` that are such a stamp."""
    all_runs = runs(page)
    for run in all_runs:
        read = pieces(run)
        alone = sum(other.line == run.line for other in all_runs) == 1
        if _is_lone(run, read, alone=alone) or _says_so(read):
            yield run.text


def _says_so(read: Sequence[Piece]) -> bool:
    return len(read) <= MAX_STAMP_WORDS and any(True for _ in _vocabulary().find(read))


def _is_lone(run: Run, read: Sequence[Piece], *, alone: bool) -> bool:
    """Whether a line is nothing but VOID; columns of urine are headed by it, too."""
    return alone and run.text.isupper() and bool(read) and {one.text for one in read} <= _LONE


@lru_cache(maxsize=1)
def _vocabulary() -> Vocabulary:
    return Vocabulary(phrase_of(text) for text in _STAMPS.split(", "))

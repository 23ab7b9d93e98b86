"""Words that take a paper out of the chart: stamped on it, or in a line of their own."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from chartkeeper.filing.layout import Run, runs
from chartkeeper.filing.phrases import Piece, Vocabulary, pieces
from chartkeeper.filing.wordings import load_wordings
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Page

MAX_STAMP_WORDS = 9
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
    return Vocabulary(load_wordings().stamps)

"""What a page calls itself: the title of a known type of document near its top."""

import re
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from chartkeeper.filing.clues import number_label_words
from chartkeeper.filing.doctypes import DocType, DocTypes
from chartkeeper.filing.layout import Run, runs
from chartkeeper.filing.phrases import Phrase, Vocabulary, phrase_of, pieces
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Box, Page, Word, around

TITLE_PAGE_SHARE = 0.4
CONTINUED_PAGE_SHARE = 0.25
TITLE_WORDS = 9
LEAST_COVERAGE = 0.5  # so much of a line must be the title for the line to be one
ORDINARY_HEIGHTS = 1.15  # letters so much taller than the page's ordinary ones were set as a title
SAME_HEIGHT = 0.92
# As a heading has it, not as prose does: in brackets, at the end, or opening the line.
_CONTINUED = re.compile(
    r"\(CONT(?:INUED|INUATION|['’.]?D|\.)?\W*\)|[A-Z]\W+CONT(?:INUED|['’.]?D|\.)\W*$"  # noqa: RUF001 - as printed
    r"|^\W*(?:CONTINUED|CONTINUATION)\b",
    re.IGNORECASE,
)
_ADDED = word_set(
    "THE A OF FOR AND FINAL REPORT COPY AMENDED ADDENDUM PRELIMINARY INPATIENT OUTPATIENT DOCUMENT "
    "PHYSICIAN PATIENT FORM NOTE PAGE"
)


@dataclass(frozen=True, slots=True)
class Title:
    """A line that names a type of document: the keys of the types, and how it stands on the page.

    `height` is that of its letters in heights of the page's ordinary ones, `alone` says that the
    line has no colon: it is no field. `sections` are the types that head a section of theirs so.
    """

    keys: frozenset[str]
    text: str
    box: Box
    height: float
    alone: bool
    sections: frozenset[str]

    @property
    def is_tall(self) -> bool:
        """Whether its letters are larger than those of the text."""
        return self.alone and self.height >= ORDINARY_HEIGHTS

    @property
    def stands_out(self) -> bool:
        """Whether it is set as a title, and not as one more heading."""
        return self.is_tall or (self.alone and self.text.isupper())


class _Index:
    def __init__(self, types: tuple[DocType, ...]) -> None:
        self.keys: dict[Phrase, set[str]] = {}
        for one in types:
            for text in one.title:
                self.keys.setdefault(phrase_of(text), set()).add(one.key)
        self.sections: dict[Phrase, set[str]] = {}
        for one in types:
            for text in one.headings:
                self.sections.setdefault(phrase_of(text), set()).add(one.key)
        self.vocabulary = Vocabulary(self.keys)


@lru_cache(maxsize=4)
def _index_of(types: tuple[DocType, ...]) -> _Index:
    return _Index(types)


def title_of(page: Page, doctypes: DocTypes) -> Title | None:
    """The line near the top of `page` that is most of a title; None if no line is one."""
    index, ordinary = _index_of(doctypes.types), _ordinary_height(page)
    labels = number_label_words(page)
    near_top = (run for run in runs(page) if run.box.top < page.height * TITLE_PAGE_SHARE)
    found = [title for run in near_top if (title := _title(run, index, ordinary, labels))]
    best = max(found, key=lambda one: (one.stands_out, one.height), default=None)
    # Letters of one size are read a little higher or lower; of two titles the upper is the page's.
    return next((one for one in found if best and _is_set_like(one, best)), None)


def _is_set_like(one: Title, best: Title) -> bool:
    return one.stands_out == best.stands_out and one.height >= best.height * SAME_HEIGHT


def is_continued(page: Page) -> bool:
    """Whether a heading at the top of `page` says that it is a continuation."""
    top = [run for run in runs(page) if run.box.top < page.height * CONTINUED_PAGE_SHARE]
    return any(_CONTINUED.search(run.text) for run in top if len(run.tokens) <= 2 * TITLE_WORDS)


def _title(run: Run, index: _Index, ordinary: float, labels: frozenset[Word]) -> Title | None:
    read = pieces(run)
    if not 0 < len(read) <= TITLE_WORDS or not run.text[0].isupper() or run.text[-1] in ",;":
        return None
    spans = list(index.vocabulary.find(read))
    if not spans:
        return None
    start, end, phrase = max(spans, key=lambda span: span[1] - span[0])
    others = [piece for piece in (*read[:start], *read[end:]) if piece.text not in _ADDED]
    if (end - start) / (end - start + len(others)) < LEAST_COVERAGE:
        return None
    words = [piece.word for piece in read[start:end]]
    if labels.issuperset(words):  # of a record number, which `Med Rec` announces
        return None
    height = median(word.box.height for word in words) / ordinary
    alone = not any(piece.colon for piece in read)
    sections = frozenset(index.sections.get(phrase, ()))
    return Title(frozenset(index.keys[phrase]), run.text, around(words), height, alone, sections)


def _ordinary_height(page: Page) -> float:
    return median(word.box.height for word in page.words) or 1

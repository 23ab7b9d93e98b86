"""The pages of a document as they are laid out: picture, marks, text."""

from collections.abc import Sequence
from dataclasses import dataclass

from chartkeeper.index.query import Query
from chartkeeper.ocr.page import PageKind
from chartkeeper.records import pages
from chartkeeper.records.database import Connection
from chartkeeper.records.model import Evidence, PageState
from chartkeeper.records.pages import PageFacts
from chartkeeper.webui.how_read import how_read
from chartkeeper.webui.marks import (
    Mark,
    Piece,
    evidence_marks,
    hit_marks,
    hits_on,
    text_lines,
)

PICTURE_WIDTH_PIXELS = 1600
# For pages that are looked at enlarged; a letter page scanned at 300 dots an inch has 2550.
LARGE_PICTURE_WIDTH_PIXELS = 3200
# Proportions of a letter page, for pages that were not read: their true size is not known.
UNKNOWN_WIDTH, UNKNOWN_HEIGHT = 1700, 2200


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page to show.

    `position` counts within the document. `width` and `height` are those of the page as read, to
    which the boxes of the marks refer. `first_hit` is the number of its first hit among those of
    the whole document, from 1. `trouble` says why the page has no text, empty if all is well;
    `how_read` how its words were got.
    """

    facts: PageFacts
    position: int
    width: int
    height: int
    hits: Sequence[Mark]
    first_hit: int
    evidence: Sequence[Mark]
    lines: Sequence[Sequence[Piece]]
    trouble: str
    how_read: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be marked on the sheets; `hits_before` is how many hits lie on earlier pages."""

    query: Query | None = None
    evidence: tuple[Evidence, ...] = ()
    hits_before: int = 0


def lay_out(
    connection: Connection, facts: Sequence[PageFacts], first_page: int, wanted: Wanted
) -> list[Sheet]:
    """The sheets for these pages of a document that begins at page `first_page` of its file."""
    sheets, hits = [], wanted.hits_before
    for page in facts:
        sheet = _sheet(connection, page, page.number - first_page + 1, hits + 1, wanted)
        hits += len(sheet.hits)
        sheets.append(sheet)
    return sheets


def _sheet(
    connection: Connection, page: PageFacts, position: int, first_hit: int, wanted: Wanted
) -> Sheet:
    words = pages.words(connection, page.id)
    hits = hits_on(words, wanted.query)
    return Sheet(
        facts=page,
        position=position,
        width=page.width or UNKNOWN_WIDTH,
        height=page.height or UNKNOWN_HEIGHT,
        hits=hit_marks(words, hits),
        first_hit=first_hit,
        evidence=evidence_marks(wanted.evidence, page.number),
        lines=text_lines(words, hits),
        trouble=trouble(page, has_words=bool(words)),
        how_read=how_read(page.preparation, page.reading),
    )


def count_hits(
    connection: Connection, facts: Sequence[PageFacts], query: Query | None
) -> list[int]:
    """How many hits are marked on each of these pages."""
    if query is None:
        return [0] * len(facts)
    read = (pages.words(connection, page.id) for page in facts)
    return [len(hit_marks(words, hits_on(words, query))) for words in read]


def picture_width(asked: int) -> int:
    """The width in pixels of a picture that is to be `asked` wide: the usual, or the large one."""
    usual = asked <= PICTURE_WIDTH_PIXELS
    return PICTURE_WIDTH_PIXELS if usual else LARGE_PICTURE_WIDTH_PIXELS


def trouble(page: PageFacts, *, has_words: bool) -> str:
    """Why a page has no text, in a clerk's words; empty if it has, or needs none."""
    if page.state is PageState.FAILED:
        return page.reason or "This page could not be read. Look at the picture."
    if page.state is not PageState.READ:
        return "This page is still being read. Its words cannot be searched yet."
    if page.kind is PageKind.CONTENT and not has_words:
        return "No words were found on this page. Look at the picture."
    return ""

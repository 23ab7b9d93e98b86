"""Fax cover sheets: told from the body that they cover."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from statistics import median

from chartkeeper.filing.layout import Run, label_key, runs
from chartkeeper.filing.phrases import Phrase, Piece, Vocabulary, phrase_of, pieces
from chartkeeper.ocr.page import Page, PageKind

MAX_COVER_WORDS = 320
COVER_POINTS = 5
TITLE_POINTS, COUNT_POINTS = 3, 2
TITLE_PAGE_SHARE = 0.5
TALL_HEIGHTS = 1.3
MOST_FIELD_POINTS, MOST_NOTICE_POINTS = 3, 2
_TITLES = (
    "FAX COVER, FAX COVERSHEET, FACSIMILE COVER, FAX TRANSMITTAL, FACSIMILE TRANSMITTAL, FAX "
    "TRANSMISSION, FACSIMILE TRANSMISSION, FAX MESSAGE, FACSIMILE MESSAGE, COVER SHEET, "
    "COVERSHEET, COVER PAGE, TRANSMITTAL SHEET, TRANSMITTAL FORM, TRANSMITTAL COVER, FAX SHEET, "
    "FAX LEAD SHEET, FACSIMILE SHEET, FAX MEMO, FAX FORM, FAX COMMUNICATION, TRANSMISSION "
    "COVER, TELEFAX, TELECOPY, TELECOPIER COVER, ELECTRONIC FAX"
)
_LONE_TITLES = frozenset({"FAX", "FACSIMILE", "TELEFAX", "TRANSMITTAL"})
_TO = (
    "TO, ATTN, ATTENTION, RECIPIENT, RECIPIENT NAME, ADDRESSEE, DELIVER TO, SEND TO, SENT TO, FAX "
    "TO, FAXED TO"
)
_FROM = "FROM, SENDER, SENDER NAME, SENT BY, FAXED BY, FAX FROM, FROM THE OFFICE OF"
_FIELDS = (
    "FAX, FAX NUMBER, FAX NO, PHONE, PHONE NUMBER, TELEPHONE, VOICE, DATE, TIME, RE, REGARDING, "
    "REFERENCE, CC, COMPANY, ORGANIZATION, DEPARTMENT, DEPT, SUBJECT, COMMENTS, MESSAGE, REMARKS, "
    "URGENT, NOTES, PRIORITY, PAGES, TOTAL PAGES"
)
# How many sheets come behind it: only a cover says so.
_COUNTS = (
    "INCLUDING COVER, INCLUDING THE COVER, INCLUDING THIS, INCLUDES COVER, INCL COVER, INC COVER, "
    "WITH COVER, COUNTING COVER, PAGES TO FOLLOW, PAGES FOLLOWING, NUMBER OF PAGES, NO OF PAGES, "
    "TOTAL PAGES, TOTAL NUMBER OF PAGES, PAGES SENT, PAGE COUNT, PAGES TRANSMITTED, COVER INCLUDED"
)
_NOTICES = (
    "INTENDED RECIPIENT",
    "INTENDED ONLY",
    "SOLELY FOR THE",
    "CONFIDENTIAL",
    "PRIVILEGED",
    "IN ERROR",
    "STRICTLY PROHIBITED",
    "UNAUTHORIZED",
    "NAMED ABOVE",
    "NOTIFY THE SENDER",
    "NOTIFY US",
    "DESTROY",
    "PLEASE REPLY",
    "PLEASE RECYCLE",
    "FOR REVIEW",
    "PLEASE COMMENT",
)


@lru_cache(maxsize=16)
def is_cover(page: Page) -> bool:
    """Whether `page` is a fax cover sheet.

    It is short, has a cover's title or says how many pages follow, names sender and receiver, and
    mostly warns whoever gets it in error.
    """
    if page.kind is not PageKind.CONTENT or len(page.words) > MAX_COVER_WORDS:
        return False
    found = _labels(page)
    sides = bool(found & _phrases(_TO)) + bool(found & _phrases(_FROM))
    titled, counted = _is_titled(page), bool(_said(page) & _phrases(_COUNTS))
    if not sides or not (titled or counted):
        return False
    fields = min(MOST_FIELD_POINTS, sides + len(found & _phrases(_FIELDS)) // 2)
    points = TITLE_POINTS * titled + COUNT_POINTS * counted + fields + _notice_points(page)
    return points >= COVER_POINTS


def body_pages(pages: Sequence[Page]) -> frozenset[int]:
    """The numbers of the pages that are the document itself: all but its fax covers.

    Covers count as the document where nothing else is there.
    """
    content = [page for page in pages if page.kind is PageKind.CONTENT and page.words]
    covers = {page.number for page in content[:2] if is_cover(page)}
    body = frozenset(page.number for page in content) - covers
    return body or frozenset(covers)


@lru_cache(maxsize=8)
def _phrases(listed: str) -> frozenset[Phrase]:
    return frozenset(phrase_of(text) for text in listed.split(", "))


@lru_cache(maxsize=1)
def _vocabulary() -> Vocabulary:
    return Vocabulary(
        phrase for listed in (_TITLES, _TO, _FROM, _FIELDS, _COUNTS) for phrase in _phrases(listed)
    )


def _said(page: Page) -> set[Phrase]:
    """The phrases of covers anywhere on the page."""
    read = (pieces(run) for run in runs(page))
    return {phrase for one in read for _, _, phrase in _vocabulary().find(one)}


def _labels(page: Page) -> set[Phrase]:
    """The fields that the page asks for: at the start or end of a run, or with a colon."""
    return {phrase for run in runs(page) for phrase in _labels_in(pieces(run))}


def _labels_in(read: Sequence[Piece]) -> Iterator[Phrase]:
    for start, end, phrase in _vocabulary().find(read):
        if start == 0 or end == len(read) or read[end - 1].colon:
            yield phrase


def _is_titled(page: Page) -> bool:
    """Whether the upper half bears a cover's title, or the one word FAX in tall letters."""
    ordinary = median(word.box.height for word in page.words) if page.words else 1
    upper = [run for run in runs(page) if run.box.top < page.height * TITLE_PAGE_SHARE]
    titles = _phrases(_TITLES)
    return any(
        _is_lone_title(run, ordinary)
        or any(phrase in titles for _, _, phrase in _vocabulary().find(pieces(run)))
        for run in upper
    )


def _is_lone_title(run: Run, ordinary: float) -> bool:
    read = pieces(run)
    lone = len(read) == 1 and read[0].text in _LONE_TITLES and not read[0].colon
    return lone and run.box.height >= ordinary * TALL_HEIGHTS


def _notice_points(page: Page) -> int:
    text = " ".join(label_key(word.text) for word in page.words)
    return min(MOST_NOTICE_POINTS, sum(phrase in text for phrase in _NOTICES))

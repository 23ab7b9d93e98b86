"""Fax cover sheets: told from the body that they cover."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from statistics import median

from chartkeeper.filing.layout import Run, label_key, runs
from chartkeeper.filing.phrases import Phrase, Piece, Vocabulary, pieces
from chartkeeper.filing.remembered import remembered
from chartkeeper.filing.wordings import load_wordings
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Page, PageKind

MAX_COVER_WORDS = 320
COVER_POINTS = 5
TITLE_POINTS, COUNT_POINTS = 3, 2
TITLE_PAGE_SHARE = 0.5
TALL_HEIGHTS = 1.3
MOST_FIELD_POINTS, MOST_NOTICE_POINTS = 3, 2
_FAX_WORDS = frozenset({"FAX", "FACSIMILE", "TELEFAX", "EFAX"})
# What stands beside the word fax in a letterhead, a field or a letter that also went by fax.
_NO_TITLE_WORDS = word_set(
    "NO NUMBER NUM PHONE TEL TELEPHONE VOICE OFFICE MAIN TO FROM VIA BY AND OR RECEIVED SENT "
    "IF THIS THE EMAIL MAIL BACK RETURN COMPLETED RESULTS PRESCRIPTION REFILL RX "
    "ORDER ORDERS REFERRAL REPORT"
)
MAX_TITLE_WORDS = 6
_CLOSINGS = word_set("SINCERELY REGARDS RESPECTFULLY CORDIALLY YOURS BEST WARM KIND")
_LONE_TITLES = frozenset({"FAX", "FACSIMILE", "TELEFAX", "TRANSMITTAL"})


@remembered
def is_cover(page: Page) -> bool:
    """Whether `page` is a fax cover sheet.

    It is short, has a cover's title or says how many pages follow, names sender and receiver, and
    mostly warns whoever gets it in error.
    """
    if page.kind is not PageKind.CONTENT or len(page.words) > MAX_COVER_WORDS:
        return False
    known, found = load_wordings().covers, _labels(page)
    sides = bool(found & known.receiver) + bool(found & known.sender)
    if not sides:
        return False
    titled = _is_titled(page)
    counted = bool(_said(page) & known.counts) or (sides == 2 and ("PAGES",) in found)
    if not (titled or counted) or (_is_letter(page) and not titled):
        return False
    fields = min(MOST_FIELD_POINTS, sides + len(found & known.fields) // 2)
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


@lru_cache(maxsize=1)
def _vocabulary() -> Vocabulary:
    known = load_wordings().covers
    return Vocabulary(known.titles | known.receiver | known.sender | known.fields | known.counts)


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


def _is_letter(page: Page) -> bool:
    """Whether somebody is addressed and greeted, as in letters that tell of their enclosures."""
    openings = {read[0].text for run in runs(page) if (read := pieces(run))}
    return "DEAR" in openings and bool(openings & _CLOSINGS)


def _is_titled(page: Page) -> bool:
    """Whether the upper half bears a cover's title, or the one word FAX in tall letters."""
    ordinary = median(word.box.height for word in page.words) if page.words else 1
    upper = [run for run in runs(page) if run.box.top < page.height * TITLE_PAGE_SHARE]
    titles = load_wordings().covers.titles
    return any(
        _is_lone_title(run, ordinary)
        or _is_short_title(run)
        or any(phrase in titles for _, _, phrase in _vocabulary().find(pieces(run)))
        for run in upper
    )


def _is_lone_title(run: Run, ordinary: float) -> bool:
    read = pieces(run)
    lone = len(read) == 1 and read[0].text in _LONE_TITLES and not read[0].colon
    return lone and run.box.height >= ordinary * TALL_HEIGHTS


def _is_short_title(run: Run) -> bool:
    """Whether a few words name a fax and nothing else: `Records Department Facsimile`."""
    read = pieces(run)
    texts = {piece.text for piece in read}
    named = bool(texts & _FAX_WORDS) and not texts & _NO_TITLE_WORDS
    plain = not any(piece.colon or any(map(str.isdigit, piece.text)) for piece in read)
    return named and plain and 2 <= len(read) <= MAX_TITLE_WORDS


def _notice_points(page: Page) -> int:
    text = " ".join(label_key(word.text) for word in page.words)
    notices = load_wordings().covers.notices
    return min(MOST_NOTICE_POINTS, sum(" ".join(notice) in text for notice in notices))

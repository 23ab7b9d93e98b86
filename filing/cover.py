"""Fax cover sheets: told from the body that they cover."""

from collections.abc import Sequence

from chartkeeper.filing.layout import Token, label_key, runs
from chartkeeper.filing.words import word_set
from chartkeeper.ocr.page import Page, PageKind

MAX_COVER_WORDS = 320
COVER_POINTS = 4
_TITLES = (
    "FAX COVER",
    "FACSIMILE COVER",
    "FAX TRANSMITTAL",
    "FACSIMILE TRANSMITTAL",
    "FAX TRANSMISSION",
    "FACSIMILE TRANSMISSION",
    "FAX MESSAGE",
    "COVER SHEET",
    "COVER PAGE",
    "TRANSMITTAL SHEET",
    "FAX SHEET",
    "FACSIMILE",
    "FAX MEMO",
    "TRANSMISSION COVER",
    "TELEFAX",
)
_FIELDS = word_set(
    "TO FROM FAX PHONE PAGES DATE RE CC ATTN ATTENTION COMPANY SUBJECT COMMENTS MESSAGE URGENT "
    "SENDER RECIPIENT NOTES"
)
_NOTICE = (
    "INTENDED RECIPIENT",
    "CONFIDENTIALITY",
    "RECEIVED THIS FAX IN ERROR",
    "RECEIVED THIS FACSIMILE IN ERROR",
    "RECEIVED THIS TRANSMISSION IN ERROR",
    "INCLUDING COVER",
    "PLEASE REPLY",
    "PLEASE RECYCLE",
    "FOR REVIEW",
    "PLEASE COMMENT",
)


def is_cover(page: Page) -> bool:
    """Whether `page` is a fax cover sheet: short, with a cover's title or its fields and notice."""
    if page.kind is not PageKind.CONTENT or len(page.words) > MAX_COVER_WORDS:
        return False
    all_runs = runs(page)
    text = " ".join(label_key(word.text) for word in page.words)
    fields = {
        token.key
        for run in all_runs
        for at, token in enumerate(run.tokens)
        if token.key in _FIELDS
        and (at == 0 or token is run.tokens[-1] or _colon_after(run.tokens, at))
    }
    top = " ".join(token.key for run in all_runs[:12] for token in run.tokens)
    points = 3 * any(f" {title}" in f" {top}" for title in _TITLES) + min(
        3, max(0, len(fields) - 1)
    )
    points += any(phrase in text for phrase in _NOTICE)
    return points >= COVER_POINTS and {"TO", "FROM"} & fields != set()


def body_pages(pages: Sequence[Page]) -> frozenset[int]:
    """The numbers of the pages that are the document itself: all but its fax covers.

    Covers count as the document where nothing else is there.
    """
    content = [page for page in pages if page.kind is PageKind.CONTENT and page.words]
    covers = {page.number for page in content[:2] if is_cover(page)}
    body = frozenset(page.number for page in content) - covers
    return body or frozenset(covers)


def _colon_after(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].text == ":"

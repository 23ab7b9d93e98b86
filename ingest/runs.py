"""Which pages make a document, those that could not be read among them, and what a sheet claims."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chartkeeper.filing.claim import NO_CLAIM, Claim
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.filing.split import Part, separate, suggestions
from chartkeeper.ocr.page import Page, PageKind
from chartkeeper.ocr.separators import claims
from chartkeeper.records.model import Document, Suggestion


@dataclass(frozen=True, slots=True)
class Run:
    """The pages of one document: those that were read, and the numbers of those that were not.

    `claim` is what the separator sheets before them say; `suggestions` are the pages at which it
    may be two documents.
    """

    pages: tuple[Page, ...]
    unread: tuple[int, ...]
    claim: Claim = NO_CLAIM
    suggestions: tuple[Suggestion, ...] = ()


def runs_of(
    pages: Sequence[Page], unread: Sequence[int], rulebook: Rulebook | None = None
) -> list[Run]:
    """The documents of a scan; none if no page was read.

    A page that could not be read stays with the document before it, or with the first one: it
    must not get lost between two, and its document goes to a clerk anyway.
    """
    parts = separate(pages, rulebook or Rulebook(load_doctypes()))
    homes = {number: _home(parts, number) for number in unread} if parts else {}
    return [
        Run(
            tuple(page for page in pages if part.first <= page.number <= part.last),
            tuple(number for number in unread if homes[number] is part),
            _claim([page for page in pages if page.number in part.sheets]),
            part.suggestions,
        )
        for part in parts
    ]


def run_of(
    document: Document,
    pages: Sequence[Page],
    unread: Sequence[int],
    together: Collection[int],
    rulebook: Rulebook,
) -> Run:
    """The pages of a scan that a person made one document; it is not cut, only asked about.

    `together` are the pages that a person left with those before them; of them it is not asked.
    A sheet right before the document, or at its start, claims something of it; one within does not.
    """
    inside = [page for page in pages if document.first_page <= page.number <= document.last_page]
    body = tuple(page for page in inside if page.kind is not PageKind.SEPARATOR)
    start = body[0].number if body else document.first_page
    return Run(
        body,
        tuple(one for one in unread if document.first_page <= one <= document.last_page),
        _claim(_sheets_before(pages, start)),
        tuple(one for one in suggestions(body, rulebook) if one.page not in together),
    )


def _sheets_before(pages: Sequence[Page], number: int) -> list[Page]:
    """The separator sheets that stand right before page `number`, blank backs aside."""
    sheets: list[Page] = []
    for page in reversed([page for page in pages if page.number < number]):
        if page.kind is PageKind.CONTENT:
            break
        sheets += [page] if page.kind is PageKind.SEPARATOR else []
    return sheets


def _claim(sheets: Sequence[Page]) -> Claim:
    """What separator sheets claim together; where two contradict each other, neither is heard."""
    found = claims(code for sheet in sheets for code in sheet.barcodes)
    return Claim(found.mrn, found.type, found.service_date) if found else NO_CLAIM


def _home(parts: Sequence[Part], number: int) -> Part:
    before = [part for part in parts if part.first <= number]
    return before[-1] if before else parts[0]

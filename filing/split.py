"""Where one document ends and the next begins: cut where certain, asked about where likely."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chartkeeper.filing.boundary import (
    CERTAIN_POINTS,
    LIKELY_POINTS,
    Sign,
    breaks_off,
    signs,
    total,
)
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.filing.traits import Traits, traits
from chartkeeper.ocr.page import Page, PageKind
from chartkeeper.records.model import DocumentStatus, Filing, Suggestion

MAX_SIGNS_SAID = 3
MAX_PAGES_COMPARED = 8  # the first pages of a document and the last ones tell what it is like


@dataclass(frozen=True, slots=True)
class Part:
    """A run of pages that is one document: `first` to `last`, counted within the scan.

    `sheets` are the numbers of the separator sheets right before it. `suggestions` are the pages of
    it at which a further document may begin.
    """

    first: int
    last: int
    sheets: tuple[int, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


def separate(pages: Sequence[Page], rulebook: Rulebook) -> tuple[Part, ...]:
    """The documents of a scan, in order.

    `pages` are all pages of a scan in order, without what a fax machine printed over them. A
    separator sheet belongs to no document and always ends one; a blank page stays with the document
    before it, with the next only where nothing stands before it, and ends a document where the
    policy says so.
    """
    stacks = _stacks(pages, rulebook)
    return tuple(part for sheets, stack in stacks for part in _cut(stack, sheets, rulebook))


def split(pages: Sequence[Page], rulebook: Rulebook | None = None) -> tuple[tuple[int, int], ...]:
    """The first and last page of each document that `separate` finds."""
    parts = separate(pages, rulebook or Rulebook(load_doctypes()))
    return tuple((part.first, part.last) for part in parts)


def asked(filing: Filing, found: Sequence[Suggestion]) -> Filing:
    """The filing of a document that may be several: for a clerk, with what speaks for it."""
    if not found:
        return filing
    also = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    first = f"A new document may begin on page {found[0].page} of the file{also}"
    reason = ". ".join(filter(None, (first, filing.reason)))
    # Whoever is named on some of the pages need not be the one on the others.
    open_patient = replace(filing.patient, value=None, confidence=0.0)
    return replace(
        filing,
        patient=open_patient,
        status=DocumentStatus.REVIEW,
        reason=reason,
        suggestions=tuple(found),
    )


def suggestions(pages: Sequence[Page], rulebook: Rulebook) -> tuple[Suggestion, ...]:
    """Where another document may begin, likely or certain, among the pages of one.

    For a document that a person put together: nothing is cut.
    """
    turns = _turns([page for page in pages if page.kind is PageKind.CONTENT], rulebook, cut=False)
    return tuple(asked for _, asked in turns if asked and asked.points >= LIKELY_POINTS)


def _stacks(
    pages: Sequence[Page], rulebook: Rulebook
) -> Iterator[tuple[tuple[int, ...], list[Page]]]:
    """The pages between separators, with the numbers of the sheets before them."""
    sheets: tuple[int, ...] = ()
    stack: list[Page] = []
    parted = False
    for page in pages:
        separator = page.kind is PageKind.SEPARATOR
        if stack and (separator or (parted and page.kind is not PageKind.BLANK)):
            yield sheets, stack
            sheets, stack = (), []
        sheets += (page.number,) if separator else ()
        stack += [] if separator else [page]
        parted = page.kind is PageKind.BLANK and _parts(stack, rulebook)
    if stack:
        yield sheets, stack


def _parts(stack: Sequence[Page], rulebook: Rulebook) -> bool:
    """Whether the blank page that ends `stack` stands for a separator."""
    written = any(page.kind is not PageKind.BLANK for page in stack)
    sides = stack[-2:] if rulebook.policy.duplex else stack[-1:]
    # Sheets have their backs on even sides; a blank back alone is part of what stands before it.
    whole = len(sides) == 1 or stack[-1].number % 2 == 0
    blank = all(page.kind is PageKind.BLANK for page in sides)
    return rulebook.policy.blank_separates and written and whole and blank


def _cut(stack: Sequence[Page], sheets: tuple[int, ...], rulebook: Rulebook) -> Iterator[Part]:
    """The documents among pages that no separator parts."""
    asked: list[Suggestion] = []
    first = stack[0].number
    for page, found in _turns(stack, rulebook, cut=True):
        if found and found.points >= CERTAIN_POINTS:
            yield Part(first, page.number - 1, sheets, tuple(asked))
            first, sheets, asked = page.number, (), []
        elif found and found.points >= LIKELY_POINTS:
            asked.append(found)
    yield Part(first, stack[-1].number, sheets, tuple(asked))


def _turns(
    pages: Sequence[Page], rulebook: Rulebook, *, cut: bool
) -> Iterator[tuple[Page, Suggestion | None]]:
    """Each page with what speaks for a new document at it; pages without words tell nothing."""
    document: list[Traits] = []
    left: Traits | None = None
    for page in pages:
        if page.kind is not PageKind.CONTENT or not page.words:
            continue
        seen = traits(page, rulebook.doctypes)
        found = (
            _suggestion(page.number, signs(_nearest(document), seen, left)) if document else None
        )
        yield page, found
        if cut and found and found.points >= CERTAIN_POINTS:
            left = document[-1] if breaks_off(document, seen) else None
            document = []
        document.append(seen)


def _nearest(document: Sequence[Traits]) -> Sequence[Traits]:
    if len(document) <= MAX_PAGES_COMPARED:
        return document
    half = MAX_PAGES_COMPARED // 2
    return (*document[:half], *document[-half:])


def _suggestion(number: int, found: Sequence[Sign]) -> Suggestion:
    told = [sign for sign in found if sign.points > 0 or sign.asks][:MAX_SIGNS_SAID]
    because = "; ".join(sign.text for sign in told)
    evidence = tuple(item for sign in told for item in sign.evidence)
    return Suggestion(number, because, total(found), evidence)

"""Where one document ends and the next begins: only at boundaries that are certain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chartkeeper.filing.clues import Clue, Clues, read_clues
from chartkeeper.filing.names import Agreement, compare
from chartkeeper.filing.patient import LOWEST_PROOF_CONFIDENCE
from chartkeeper.filing.layout import content_lines
from chartkeeper.ocr.page import Page, PageKind

MAX_PAGES_OF_DOCUMENT = 5_000
SURE_CONFIDENCE = max(LOWEST_PROOF_CONFIDENCE, 0.7)

_PAGE_OF = re.compile(r"\b(?:PAGE|PG|P)\b[.:#\s]*(\d{1,4})\s*(?:OF|/)\s*(\d{1,4})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Folio:
    """What a page says about its place: `page 2 of 3`."""

    page: int
    of: int


def split(pages: Sequence[Page]) -> tuple[tuple[int, int], ...]:
    """The runs of page numbers, first and last, that are one document each.

    `pages` are all pages of a scan in order. A separator belongs to no run; a blank page stays with
    the document before it, and with the next only where nothing stands before it.
    """
    documents: list[list[Page]] = []
    current: list[Page] = []
    for page in pages:
        starts = page.kind is PageKind.SEPARATOR or (current and _starts_anew(current, page))
        if starts and current:
            documents.append(current)
            current = []
        if page.kind is not PageKind.SEPARATOR:
            current.append(page)
    if current:
        documents.append(current)
    return tuple((document[0].number, document[-1].number) for document in documents)


def _starts_anew(current: Sequence[Page], page: Page) -> bool:
    before = [one for one in current if one.kind is PageKind.CONTENT and one.words]
    if page.kind is not PageKind.CONTENT or not before:
        return False
    folio, last = _folio(page), _folio(before[-1])
    complete = last is not None and last.page == last.of
    first = folio is not None and folio.page == 1
    return first and (complete or _identity_changes(before[-1], page))


def _folio(page: Page) -> _Folio | None:
    """The `page n of m` at the top or foot of the page, if there is just one."""
    lines = content_lines(page)
    text = "\n".join(" ".join(word.text for word in line) for line in (*lines[:8], *lines[-8:]))
    found = {(int(n), int(of)) for n, of in _PAGE_OF.findall(text)}
    sound = {(n, of) for n, of in found if 1 <= n <= of <= MAX_PAGES_OF_DOCUMENT}
    return _Folio(*sound.pop()) if len(sound) == 1 else None


def _identity_changes(before: Page, page: Page) -> bool:
    """Whether two pages are surely about two people: number, or name and birth date, changed."""
    one, other = _sure(read_clues([before])), _sure(read_clues([page]))
    if _changed(one.mrns, other.mrns, "keys"):
        return True
    return _names_changed(one.names, other.names) and _changed(
        one.birth_dates, other.birth_dates, "dates"
    )


def _sure(clues: Clues) -> Clues:
    def well_read(group: tuple[Clue, ...]) -> tuple[Clue, ...]:
        return tuple(clue for clue in group if clue.confidence >= SURE_CONFIDENCE)

    return Clues(well_read(clues.mrns), well_read(clues.birth_dates), well_read(clues.names))


def _changed(one: Sequence[Clue], other: Sequence[Clue], what: str) -> bool:
    left = {value for clue in one for value in getattr(clue, what)}
    right = {value for clue in other for value in getattr(clue, what)}
    return bool(left and right) and not left & right


def _names_changed(one: Sequence[Clue], other: Sequence[Clue]) -> bool:
    pairs = [(a.name, b.name) for a in one for b in other if a.name and b.name]
    return bool(pairs) and not any(
        compare(left, right) is not Agreement.DIFFERENT
        for a, b in pairs
        for left in a.surnames
        for right in b.surnames
    )

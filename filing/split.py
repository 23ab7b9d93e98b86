"""Where one document ends and the next begins: only at boundaries that are certain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rapidfuzz.distance import OSA

from chartkeeper.filing.clues import Clue, Clues, read_clues
from chartkeeper.filing.dates import differs_by_one_slip
from chartkeeper.filing.layout import content_lines
from chartkeeper.filing.match import LOWEST_PROOF_CONFIDENCE
from chartkeeper.filing.names import Agreement, compare
from chartkeeper.ocr.page import Page, PageKind

MAX_PAGES_OF_DOCUMENT = 5_000
TITLE_WORDS = 8
TITLE_HEIGHTS = 1.3
TITLE_PAGE_SHARE = 0.3
CHANGED_CHARACTERS = 3  # numbers that differ in fewer may be one number, misread
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
    if page.kind is not PageKind.CONTENT or not page.words or not before:
        return False
    folio, last = _folio(page), _folio(before[-1])
    first = folio is not None and folio.page == 1
    if first and last is not None and last.page == last.of:
        return True
    return (first or (folio is None and _has_title(page))) and _identity_changes(before[-1], page)


def _has_title(page: Page) -> bool:
    """Whether a short line of tall letters stands near the top."""
    ordinary = median(word.box.height for word in page.words)
    return any(
        len(line) <= TITLE_WORDS
        and median(word.box.height for word in line) >= ordinary * TITLE_HEIGHTS
        and line[0].box.top < page.height * TITLE_PAGE_SHARE
        for line in content_lines(page)
    )


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
    if _numbers_changed(one.mrns, other.mrns):
        return True
    return _names_changed(one.names, other.names) and _days_changed(
        one.birth_dates, other.birth_dates
    )


def _sure(clues: Clues) -> Clues:
    def well_read(group: tuple[Clue, ...]) -> tuple[Clue, ...]:
        return tuple(clue for clue in group if clue.confidence >= SURE_CONFIDENCE)

    return Clues(well_read(clues.mrns), well_read(clues.birth_dates), well_read(clues.names))


def _numbers_changed(one: Sequence[Clue], other: Sequence[Clue]) -> bool:
    pairs = [(a, b) for x in one for y in other for a in x.keys for b in y.keys]
    return bool(pairs) and all(OSA.distance(a, b) >= CHANGED_CHARACTERS for a, b in pairs)


def _days_changed(one: Sequence[Clue], other: Sequence[Clue]) -> bool:
    pairs = [(a, b) for x in one for y in other for a in x.dates for b in y.dates]
    return bool(pairs) and not any(a == b or differs_by_one_slip(a, b) for a, b in pairs)


def _names_changed(one: Sequence[Clue], other: Sequence[Clue]) -> bool:
    pairs = [(a.name, b.name) for a in one for b in other if a.name and b.name]
    return bool(pairs) and not any(
        compare(left, right) is not Agreement.DIFFERENT
        for a, b in pairs
        for left in a.surnames
        for right in b.surnames
    )

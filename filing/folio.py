"""The numbers that pages bear of their place in a document: `Page 2 of 3`, `- 2 -`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chartkeeper.filing.layout import Run, runs
from chartkeeper.ocr.page import Box, Page

MAX_PAGES_OF_DOCUMENT = 5_000
# Page numbers stand in the margins, or in the lines of a heading.
HEAD_PAGE_SHARE = 0.25
FOOT_PAGE_SHARE = 0.85

# The space behind the word may be lost: `Page3/3`.
_PAGE = r"(?:(?:PAGES?|PAG|PG)(?![A-Z])|P\b)"
_WITH_COUNT = re.compile(
    rf"\b{_PAGE}[.:#\s]*([1-9]\d{{0,3}})\s*(?:OF|/)\s*([1-9]\d{{0,3}})\b", re.IGNORECASE
)
_COUNT_ALONE = re.compile(
    r"[-(\[]?\s*([1-9]\d{0,2})\s*OF\s*([1-9]\d{0,2})\s*[-)\]]?", re.IGNORECASE
)
# Alone in its line a slash counts pages; among words it parts the figures of a date or a pressure.
_SLASH_ALONE = re.compile(r"[-(\[]?\s*([1-9]\d{0,2})\s*/\s*([1-9]\d{0,2})\s*[-)\]]?")
_WITHOUT_COUNT = re.compile(
    r"\b(?:PAGE|PG)\b[.:#\s]*([1-9]\d{0,3})(?![\d/.-])(?!\s*OF\b)|^\s*P\.\s?([1-9]\d{0,2})\s*$",
    re.IGNORECASE,
)
_BETWEEN_DASHES = re.compile(r"[-–—]\s*([1-9]\d{0,2})\s*[-–—]")  # noqa: RUF001 - as printed


@dataclass(frozen=True, slots=True)
class Folio:
    """A page number as printed; `of` is how many pages it counts, None where it does not say."""

    page: int
    of: int | None
    text: str
    box: Box

    def follows(self, other: "Folio") -> bool:
        """Whether this is the next page of what `other` counts."""
        return self.page == other.page + 1 and self.of == other.of

    def may_follow(self, other: "Folio", apart: int) -> bool:
        """Whether this can count one document with `other`, so many pages of a scan before it."""
        return self.of == other.of and 0 < self.page - other.page <= apart

    @property
    def is_last(self) -> bool:
        """Whether it says that no page comes behind it."""
        return self.page == self.of


def folios(page: Page) -> tuple[Folio, ...]:
    """The page numbers in the margins of `page`, those that count their pages before the others."""
    edges = [run for run in runs(page) if _at_edge(run, page.height)]
    counted = _distinct([one for run in edges for one in _counted(run)])
    return counted or _distinct([one for run in edges for one in _uncounted(run)])


def _at_edge(run: Run, height: int) -> bool:
    return run.box.top < height * HEAD_PAGE_SHARE or run.box.bottom > height * FOOT_PAGE_SHARE


def _counted(run: Run) -> list[Folio]:
    text = run.text.strip()
    alone = _COUNT_ALONE.fullmatch(text) or _SLASH_ALONE.fullmatch(text)
    found = [alone] if alone else list(_WITH_COUNT.finditer(run.text))
    numbers = [(int(match[1]), int(match[2]), match[0].strip()) for match in found]
    return [
        Folio(page, of, text, run.box)
        for page, of, text in numbers
        if page <= of <= MAX_PAGES_OF_DOCUMENT
    ]


def _uncounted(run: Run) -> list[Folio]:
    dashed = _BETWEEN_DASHES.fullmatch(run.text.strip())
    found = [dashed] if dashed else list(_WITHOUT_COUNT.finditer(run.text))
    return [Folio(int(next(filter(None, m.groups()))), None, m[0].strip(), run.box) for m in found]


def _distinct(found: Sequence[Folio]) -> tuple[Folio, ...]:
    return tuple({(one.page, one.of): one for one in found}.values())

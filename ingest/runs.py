"""Which pages make a document, those that could not be read among them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chartkeeper.filing.split import split
from chartkeeper.ocr.page import Page


@dataclass(frozen=True, slots=True)
class Run:
    """The pages of one document: those that were read, and the numbers of those that were not."""

    pages: tuple[Page, ...]
    unread: tuple[int, ...]


def runs_of(pages: Sequence[Page], unread: Sequence[int]) -> list[Run]:
    """The documents of a scan; none if no page was read.

    A page that could not be read stays with the document before it, or with the first one: it
    must not get lost between two, and its document goes to a clerk anyway.
    """
    ranges = split(pages)
    homes = {number: _home(ranges, number) for number in unread} if ranges else {}
    return [
        Run(
            tuple(page for page in pages if first <= page.number <= last),
            tuple(number for number in unread if homes[number] == (first, last)),
        )
        for first, last in ranges
    ]


def _home(ranges: Sequence[tuple[int, int]], number: int) -> tuple[int, int]:
    before = [span for span in ranges if span[0] <= number]
    return before[-1] if before else ranges[0]

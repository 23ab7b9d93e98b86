"""The way through the hits of a search in one document, which is shown in parts if it is long."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """The hits of one part: where among the document's pages it begins, first and last number."""

    begin: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Walk:
    """All hits of a document, seen from the part that is shown.

    `before` is how many lie in earlier parts. `here` are those shown, `previous` and `following`
    those of the nearest parts that have any. `start` and `end` are those of the first and of the
    last part that has any.
    """

    total: int
    before: int
    here: Run | None
    previous: Run | None
    following: Run | None
    start: Run | None
    end: Run | None


def walk(counts: Sequence[int], begin: int, pages_at_once: int) -> Walk:
    """The way through the hits from the part that begins at `begin`; `counts` has them by page."""
    runs = _runs(counts, pages_at_once)
    earlier = [run for run in runs if run.begin < begin]
    later = [run for run in runs if run.begin > begin]
    return Walk(
        total=sum(counts),
        before=sum(counts[:begin]),
        here=next((run for run in runs if run.begin == begin), None),
        previous=earlier[-1] if earlier else None,
        following=later[0] if later else None,
        start=runs[0] if runs else None,
        end=runs[-1] if runs else None,
    )


def _runs(counts: Sequence[int], pages_at_once: int) -> list[Run]:
    runs, hits = [], 0
    for begin in range(0, len(counts), pages_at_once):
        here = sum(counts[begin : begin + pages_at_once])
        if here:
            runs.append(Run(begin, hits + 1, hits + here))
        hits += here
    return runs

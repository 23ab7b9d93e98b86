"""Answers from the index.

An answer may be older than the ledger by a commit: whoever shows it checks each hit against the
ledger first (the page is there, linked to that patient, and may be seen).
"""

import datetime as dt
import threading
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh.collectors import SortingCollector, TimeLimit, TopCollector
from whoosh.query import Query as EngineQuery
from whoosh.searching import Searcher
from whoosh.sorting import FieldFacet

from chartkeeper.index.failures import IndexMissing, IndexNeedsRebuild
from chartkeeper.index.matching import UntilDeadline
from chartkeeper.index.query import Query
from chartkeeper.index.schema import day_date
from chartkeeper.index.segments import OpenIndex, damage_reported, page_number, page_numbers
from chartkeeper.index.translate import Translation, may_skip

__all__ = ["Hit", "Hits", "IndexMissing", "IndexNeedsRebuild", "PageSearcher", "open_searcher"]

MAX_REACH_HITS = 10_000
COUNT_LIMIT_HITS = 1_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A page as indexed: to be compared with the ledger before it is shown.

    `score` has no unit; the larger, the better. It is 0 where the order is by date.
    """

    key: str
    score: float
    type: str
    mrn: str
    service_date: dt.date | None


@dataclass(frozen=True, slots=True)
class Hits:
    """The answer to one search.

    Attributes:
        hits: the pages asked for, in order.
        total: how many pages match; at least so many if not `total_is_exact`.
        total_is_exact: False if counting stopped early, or a prefix stood for too many words.
        timed_out: True if the time ran out; the hits are then the best of those seen so far.
    """

    hits: tuple[Hit, ...]
    total: int
    total_is_exact: bool
    timed_out: bool


def open_searcher(folder: Path) -> "PageSearcher":
    """Opens the index in `folder` for searching, once for the life of a process.

    Raises:
        IndexMissing: there is no index yet.
        IndexNeedsRebuild: it is damaged or of another version.
    """
    return PageSearcher(folder)


class PageSearcher:
    """Searches the index as it is at the moment of each search; for any number of threads.

    The engine's readers share file positions, so each search holds one lock. Every method raises
    IndexMissing and IndexNeedsRebuild as `open_searcher` does.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._open = OpenIndex(folder)
        self._searcher = Searcher(self._open.reader())

    def search(
        self,
        query: Query,
        limit: int,
        offset: int = 0,
        budget_seconds: float = 2.0,
        *,
        newest_first: bool = False,
        hidden: Collection[str] = (),
    ) -> Hits:
        """Finds the pages that a query matches.

        Args:
            query: what to look for.
            limit: how many pages to give, at least 1.
            offset: how many of the first to leave out; with `limit` at most 10,000.
            budget_seconds: time after which to stop with what there is.
            newest_first: order by service date, undated pages last, instead of by relevance.
            hidden: keys of pages that are left out of hits and counts, as if they were not there.
        """
        reach = limit + offset
        if limit < 1 or offset < 0 or reach > MAX_REACH_HITS:
            raise ValueError(f"ask for 1 hit or more within the first {MAX_REACH_HITS}")
        with self._lock, damage_reported():
            deadline = time.monotonic() + budget_seconds
            searcher = self._current()
            left_out = page_numbers(searcher.reader(), hidden)
            wanted = _Wanted(query, reach, deadline, left_out, newest_first=newest_first)
            found = _find(searcher, wanted)
            pages = [
                _hit(self._searcher.stored_fields(number), 0.0 if newest_first else score)
                for score, number in found.pages[offset:]
            ]
        return Hits(tuple(pages), found.total, found.total_is_exact, found.timed_out)

    def indexed(self, keys: Iterable[str]) -> frozenset[str]:
        """Tells which of the keys are in the index."""
        with self._lock, damage_reported():
            reader = self._current().reader()
            return frozenset(key for key in keys if page_number(reader, key) is not None)

    def count(self) -> int:
        """Counts the pages in the index."""
        with self._lock:
            return int(self._current().reader().doc_count())

    def keys(self) -> Iterator[str]:
        """Gives the keys of all pages as of the first one taken, in no order."""
        # Readers of its own, since this may go on while others search.
        reader = OpenIndex(self._folder).reader()
        with damage_reported():
            yield from (fields["key"] for fields in reader.all_stored_fields())

    def _current(self) -> Searcher:
        reader = self._open.reader()
        if reader is not self._searcher.reader():
            self._searcher = Searcher(reader)
        return self._searcher


@dataclass(frozen=True, slots=True)
class _Found:
    """What the engine found: (score, page number) of the first pages, and how many there are."""

    pages: list[tuple[float, int]]
    total: int
    total_is_exact: bool
    timed_out: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked of the engine; `hidden` are the numbers of pages that are as if not there."""

    query: Query
    reach: int
    deadline: float
    hidden: frozenset[int]
    newest_first: bool


def _find(searcher: Searcher, wanted: _Wanted) -> _Found:
    translation = Translation(searcher.reader(), wanted.deadline)
    asked = translation.of(wanted.query)
    skipping = may_skip(wanted.query) and not wanted.newest_first
    collector = _collector(wanted.reach, skipping=skipping, newest_first=wanted.newest_first)
    try:
        until = UntilDeadline(collector, wanted.deadline, wanted.hidden)
        searcher.search_with_collector(asked, until)
        timed_out = False
    except TimeLimit:
        timed_out = True
    pages = collector.results().top_n
    total = len(collector.docset) if wanted.newest_first else collector.total
    exact = not (timed_out or translation.cut)
    if skipping and exact and total >= wanted.reach:
        total = max(total, _counted(searcher, asked, wanted.hidden))
        exact = total < COUNT_LIMIT_HITS
    return _Found(pages, total, exact, timed_out)


def _collector(
    reach: int, *, skipping: bool, newest_first: bool
) -> SortingCollector | TopCollector:
    if newest_first:
        return SortingCollector(FieldFacet("day"), limit=reach, reverse=True)
    # "replace" lets the engine drop parts of a query that cannot add to the best; with it, pages
    # go uncounted even where it says that it counts them all.
    return TopCollector(reach, usequality=skipping, replace=10 if skipping else 0)


def _counted(searcher: Searcher, wanted: EngineQuery, hidden: frozenset[int]) -> int:
    """Counts the pages that match and are not hidden, up to COUNT_LIMIT_HITS."""
    count = 0
    for part, offset in searcher.leaf_searchers():
        matcher = wanted.matcher(part, part.boolean_context())
        while matcher.is_active() and count < COUNT_LIMIT_HITS:
            if not hidden or offset + matcher.id() not in hidden:
                count += 1
            matcher.next()
    return count


def _hit(fields: dict[str, Any], score: float) -> Hit:
    return Hit(fields["key"], score, fields["type"], fields["mrn"], day_date(fields["day"]))

"""Parts of a search that the engine does too slowly, or wrongly: phrases and many words at once."""

import time
from collections.abc import Container, Iterator, Sequence
from functools import reduce

from whoosh.collectors import Collector, TimeLimit, WrappingCollector
from whoosh.matching import (
    FilterMatcher,
    IntersectionMatcher,
    ListMatcher,
    Matcher,
    NullMatcher,
    WrappingMatcher,
)
from whoosh.query import Query as EngineQuery
from whoosh.query import Term as EngineTerm
from whoosh.reading import IndexReader
from whoosh.searching import SearchContext, Searcher


class ExactPhrase(EngineQuery):  # type: ignore[misc]  # whoosh has no types that hold here
    """Pages in whose `fieldname` the words stand one right after the other.

    The engine's own phrase builds an object per position and looks at no clock between hits.

    Args:
        fieldname: a field with positions.
        run: the words, two or more, as indexed.
        deadline: time.monotonic() at which to give up with `TimeLimit`.
    """

    def __init__(self, fieldname: str, run: Sequence[str], deadline: float) -> None:
        self._fieldname = fieldname
        self._run = run
        self._deadline = deadline

    def estimate_size(self, ixreader: IndexReader) -> int:
        """Says how many pages it may match at most."""
        return min(int(ixreader.doc_frequency(self._fieldname, word)) for word in self._run)

    def matcher(self, searcher: Searcher, context: SearchContext | None = None) -> Matcher:
        """Gives the pages of one segment."""
        words = {
            word: EngineTerm(self._fieldname, word).matcher(searcher, context)
            for word in dict.fromkeys(self._run)
        }
        if not all(matcher.is_active() for matcher in words.values()):
            return NullMatcher()
        rarest_first = sorted(words, key=lambda word: searcher.doc_frequency(self._fieldname, word))
        together = reduce(IntersectionMatcher, (words[word] for word in rarest_first))
        return _PhraseMatcher(together, [words[word] for word in self._run], self._deadline)


class _PhraseMatcher(WrappingMatcher):  # type: ignore[misc]  # as above
    """Those pages of an intersection on which the words' positions follow each other."""

    def __init__(self, together: Matcher, run: Sequence[Matcher], deadline: float) -> None:
        super().__init__(together)
        self._words = run
        self._deadline = deadline
        self._seek()

    def _seek(self) -> None:
        while self.child.is_active() and not self._follows():
            if time.monotonic() > self._deadline:
                raise TimeLimit
            self.child.next()

    def _follows(self) -> bool:
        starts = set(self._words[0].value_as("positions"))
        for distance, word in enumerate(self._words[1:], 1):
            starts.intersection_update(at - distance for at in word.value_as("positions"))
            if not starts:
                return False
        return True

    def next(self) -> None:
        self.child.next()
        self._seek()

    def skip_to(self, id: int) -> None:  # noqa: A002 - the engine's signature
        self.child.skip_to(id)
        self._seek()

    def reset(self) -> None:
        self.child.reset()
        self._seek()

    def all_ids(self) -> Iterator[int]:
        while self.is_active():
            yield self.id()
            self.next()

    def replace(self, minquality: float = 0) -> Matcher:  # noqa: ARG002 - the engine's signature
        return self if self.is_active() else NullMatcher()

    def supports_block_quality(self) -> bool:
        return False


class AnyWord(EngineQuery):  # type: ignore[misc]  # as above
    """Pages with at least one of many words, all with the same score of 1.

    Args:
        fieldname: the field to look in.
        words: the words as indexed.
        deadline: time.monotonic() at which to give up with `TimeLimit`.
    """

    def __init__(self, fieldname: str, words: Sequence[str], deadline: float) -> None:
        self._fieldname = fieldname
        self._words = words
        self._deadline = deadline

    def estimate_size(self, ixreader: IndexReader) -> int:
        """Says how many pages it may match at most."""
        return sum(int(ixreader.doc_frequency(self._fieldname, word)) for word in self._words)

    def matcher(self, searcher: Searcher, context: SearchContext | None = None) -> Matcher:  # noqa: ARG002 - the engine's signature
        """Gives the pages of one segment."""
        reader = searcher.reader()
        pages: set[int] = set()
        for word in self._words:
            if time.monotonic() > self._deadline:
                raise TimeLimit
            if (self._fieldname, word) in reader:
                pages.update(reader.postings(self._fieldname, word).all_ids())
        return ListMatcher(sorted(pages), all_weights=1.0) if pages else NullMatcher()


class Without(EngineQuery):  # type: ignore[misc]  # as above
    """Pages that `wanted` matches and `unwanted` does not.

    The engine's own AndNot shows an unwanted page if it is the first wanted one of its segment and
    another unwanted one comes before it.
    """

    def __init__(self, wanted: EngineQuery, unwanted: EngineQuery) -> None:
        self._wanted = wanted
        self._unwanted = unwanted

    def estimate_size(self, ixreader: IndexReader) -> int:
        """Says how many pages it may match at most."""
        return int(self._wanted.estimate_size(ixreader))

    def matcher(self, searcher: Searcher, context: SearchContext | None = None) -> Matcher:
        """Gives the pages of one segment."""
        wanted = self._wanted.matcher(searcher, context)
        if not wanted.is_active():
            return wanted
        unwanted = self._unwanted.matcher(searcher, searcher.boolean_context())
        return FilterMatcher(wanted, frozenset(unwanted.all_ids()), exclude=True)


class DayRange(EngineQuery):  # type: ignore[misc]  # as above
    """Pages with a service day from `first` to `last`, both yyyymmdd, all with the same score of 1.

    It looks through the column of days, which is faster than the engine's union of ranges.
    """

    def __init__(self, first: int, last: int) -> None:
        self._first = first
        self._last = last

    def estimate_size(self, ixreader: IndexReader) -> int:
        """Says how many pages it may match at most."""
        return int(ixreader.doc_count())

    def matcher(self, searcher: Searcher, context: SearchContext | None = None) -> Matcher:  # noqa: ARG002 - the engine's signature
        """Gives the pages of one segment."""
        reader = searcher.reader()
        if not reader.doc_count():
            return NullMatcher()
        first, last = self._first, self._last
        pages = [page for page, day in enumerate(reader.days) if first <= day <= last]
        if reader.has_deletions():
            pages = [page for page in pages if not reader.is_deleted(page)]
        return ListMatcher(pages, all_weights=1.0) if pages else NullMatcher()


class UntilDeadline(WrappingCollector):  # type: ignore[misc]  # as above
    """Collects until `time.monotonic()` passes `deadline`, then raises `TimeLimit`.

    `hidden` are numbers of pages that are passed over, neither collected nor counted.
    What the engine has for the time limit starts a thread for each search; what it has for leaving
    out pages is bypassed by a collector around it.
    """

    def __init__(self, child: Collector, deadline: float, hidden: Container[int]) -> None:
        super().__init__(child)
        self._deadline = deadline
        self._hidden = hidden

    def collect_matches(self) -> None:
        """Goes through the matches of one segment."""
        offset, hidden = self.offset, self._hidden
        for page in self.child.matches():
            if time.monotonic() > self._deadline:
                raise TimeLimit
            if offset + page not in hidden:
                self.child.collect(page)

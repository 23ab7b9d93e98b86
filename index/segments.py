"""Open readers of the engine's segments, kept across commits.

`Searcher.refresh` of the engine is wrong from 2.7.5 on: after a commit it goes on showing deleted
pages, and a changed page twice. Here each commit is met by reading the table of contents anew,
keeping the readers of the segments that are still in it and giving a reader whose deletions have
changed the new ones. Private names relied on, with whoosh pinned for it: `FileIndex._read_toc`,
`SegmentReader._segment`, `._perdoc`, `._perdoc._segment`, `.deleted_docs_set`.
"""

import copy
import pickle
import struct
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Self

from whoosh.codec.base import Segment
from whoosh.fields import Schema
from whoosh.index import TOC, FileIndex
from whoosh.index import IndexError as EngineError
from whoosh.matching import FilterMatcher, Matcher
from whoosh.reading import EmptyReader, IndexReader, MultiReader, SegmentReader
from whoosh.scoring import BaseScorer

from chartkeeper.index.failures import IndexNeedsRebuild
from chartkeeper.index.generations import current_generation
from chartkeeper.index.mapped import MappedStorage
from chartkeeper.index.schema import page_schema

_TRIES = 40
_RETRY_SECONDS = 0.025

# What reading damaged bytes ends in. While an index is opened, whole objects are read from them, so
# that almost anything may come of it; later, only what says so by itself is taken for damage, since
# the rest is as likely a mistake of ours.
_UNREADABLE = (EngineError, EOFError, pickle.UnpicklingError, struct.error, zlib.error)
_UNOPENABLE = (
    *_UNREADABLE,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    NameError,
    OverflowError,
    TypeError,
    ValueError,
)


class PageReader(SegmentReader):  # type: ignore[misc]  # whoosh has no types that hold here
    """Reader of one segment that can follow its deletions."""

    @cached_property
    def days(self) -> Sequence[int]:
        """Service days of the pages in order, deleted ones too, as yyyymmdd; 0 for undated."""
        days: Sequence[int] = self.column_reader("day", translate=False).load()
        return days

    @cached_property
    def _numbers(self) -> dict[str, int | None]:
        """The numbers of pages by key, as far as they were asked for; shared by who follows."""
        return {}

    def numbers(self, keys: Iterable[str]) -> Iterator[int]:
        """Gives the numbers of those of the pages with these keys that are in this segment."""
        known = self._numbers
        for key in keys:
            if key not in known:
                known[key] = self._number(key)
            if (number := known[key]) is not None:
                yield number

    def _number(self, key: str) -> int | None:
        # A page that is deleted here never comes back here, so that its absence can be kept, too.
        if ("key", key) not in self:
            return None
        matcher = self.postings("key", key)
        return int(matcher.id()) if matcher.is_active() else None

    def following(self, segment: Segment) -> Self:
        """Gives a reader of the same open files with the deletions of `segment`."""
        if set(self._segment.deleted_docs()) == set(segment.deleted_docs()):
            return self
        other = copy.copy(self)
        other._segment = segment  # noqa: SLF001 - of another object of this class
        other._perdoc = copy.copy(self._perdoc)  # noqa: SLF001 - the same
        other._perdoc._segment = segment  # noqa: SLF001 - no other way to tell it
        other.__dict__.pop("deleted_docs_set", None)
        return other

    def postings(
        self, fieldname: str, text: str | bytes, scorer: BaseScorer | None = None
    ) -> Matcher:
        """Gives the pages with a term, never one that is deleted."""
        matcher = super().postings(fieldname, text, scorer=scorer)
        if isinstance(matcher, FilterMatcher):
            deleted = frozenset(self._segment.deleted_docs())
            return _WithoutDeleted(matcher.child, deleted, exclude=True)
        return matcher


class _WithoutDeleted(FilterMatcher):  # type: ignore[misc]  # as above
    """The engine's filter, but for skipping by quality, which there ends on deleted pages."""

    def skip_to_quality(self, minquality: float) -> int:
        skipped: int = self.child.skip_to_quality(minquality)
        self._find_next()
        return skipped


class OpenGeneration:
    """The engine's index in one folder, as of the last `reader()`; for one thread at a time."""

    def __init__(self, generation: Path) -> None:
        self.path = generation
        schema = page_schema()
        # Without a schema given, the engine reads the one on disk at each use of it.
        self._index = FileIndex(MappedStorage(generation), schema=schema)
        self._commit = -1
        self._segments: dict[str, PageReader] = {}
        self._reader: IndexReader = EmptyReader(schema)

    def reader(self) -> IndexReader:
        """Gives a reader of all that is committed; the same object if nothing changed."""
        if self._index.latest_generation() != self._commit:
            toc: TOC = self._index._read_toc()  # noqa: SLF001 - the public way opens all anew
            self._segments = {
                segment.segment_id(): self._opened(segment, toc.schema) for segment in toc.segments
            }
            self._reader = _joined(toc.schema, list(self._segments.values()))
            self._commit = toc.generation
        return self._reader

    def _opened(self, segment: Segment, schema: Schema) -> PageReader:
        known = self._segments.get(segment.segment_id())
        if known:
            return known.following(segment)
        return PageReader(self._index.storage, schema, segment)


class OpenIndex:
    """The generation in force of the index in `folder`; for one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: OpenGeneration | None = None

    def reader(self) -> IndexReader:
        """Gives a reader of all that is committed now; the same object if nothing changed.

        Raises:
            IndexMissing: there is no index yet.
            IndexNeedsRebuild: it is damaged or of another version.
        """
        for _ in range(_TRIES):
            generation = current_generation(self._folder)
            try:
                with damage_reported(_UNOPENABLE):
                    if self._open is None or self._open.path != generation:
                        self._open = OpenGeneration(generation)
                    return self._open.reader()
            except OSError:
                # A commit or a switch removed files between reading their names and opening them.
                time.sleep(_RETRY_SECONDS)
        raise IndexNeedsRebuild("files of it are missing")


def _joined(schema: Schema, readers: list[PageReader]) -> IndexReader:
    if not readers:
        return EmptyReader(schema)
    return readers[0] if len(readers) == 1 else MultiReader(readers)


def page_number(reader: IndexReader, key: str) -> int | None:
    """Gives the number of the page with this key in a reader, None if there is none."""
    for part, offset in reader.leaf_readers():
        if ("key", key) in part and (matcher := part.postings("key", key)).is_active():
            return int(offset + matcher.id())
    return None


def page_numbers(reader: IndexReader, keys: Collection[str]) -> frozenset[int]:
    """Gives the numbers of the pages with these keys in a reader; unknown keys are ignored."""
    if not keys:
        return frozenset()
    parts = [part for part in reader.leaf_readers() if isinstance(part[0], PageReader)]
    return frozenset(offset + number for part, offset in parts for number in part.numbers(keys))


@contextmanager
def damage_reported(kinds: tuple[type[Exception], ...] = _UNREADABLE) -> Iterator[None]:
    """Turns what damaged index files end in into IndexNeedsRebuild."""
    try:
        yield
    except kinds as error:
        raise IndexNeedsRebuild("files of it are damaged") from error

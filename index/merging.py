"""When segments of the index are joined.

The engine's own policy now and then rewrites a third of the index in one commit. This one joins
eight small segments of a like size at a time and leaves large ones alone, so that no commit
rewrites more than `MAX_MERGE_PAGES`.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate, takewhile
from typing import Protocol, TypeVar

from whoosh.codec.base import Segment
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

MAX_MERGE_PAGES = 4096
MERGE_FACTOR = 8
_FULL_PAGES = MAX_MERGE_PAGES // 2


class Sized(Protocol):
    """What is to be known of a segment."""

    def doc_count_all(self) -> int:
        """Counts the pages in it, deleted ones too."""

    def deleted_count(self) -> int:
        """Counts the deleted pages in it."""


S = TypeVar("S", bound=Sized)


def merge_capped(writer: SegmentWriter, segments: list[Segment]) -> list[Segment]:
    """Merge policy for `SegmentWriter.commit`: joins what `to_merge` names to the new segment.

    Returns:
        The segments that stay as they are.
    """
    chosen = to_merge(segments)
    for segment in chosen:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return [segment for segment in segments if segment not in chosen]


def to_merge(segments: Sequence[S]) -> list[S]:
    """Chooses the segments to rewrite in one commit.

    A segment of which half is deleted is rewritten without that half; otherwise eight of one size
    class (1-7, 8-63, 64-511 pages ...) are joined. Segments of 2,048 pages and more are full.
    """
    hollow = [segment for segment in segments if 2 * segment.deleted_count() >= _size(segment)]
    if hollow:
        return _within_limit(hollow)
    classes = defaultdict(list)
    for segment in segments:
        if _live(segment) < _FULL_PAGES:
            classes[_size_class(segment)].append(segment)
    crowded = (classes[name] for name in sorted(classes) if len(classes[name]) >= MERGE_FACTOR)
    return _within_limit(next(crowded, []))


def _within_limit(segments: Sequence[S]) -> list[S]:
    smallest_first = sorted(segments, key=_live)
    sums = accumulate(_live(segment) for segment in smallest_first)
    fitting = sum(1 for _ in takewhile(lambda pages: pages <= MAX_MERGE_PAGES, sums))
    return smallest_first[:fitting]


def _size(segment: Sized) -> int:
    return segment.doc_count_all()


def _live(segment: Sized) -> int:
    return segment.doc_count_all() - segment.deleted_count()


def _size_class(segment: Sized) -> int:
    return (_live(segment).bit_length() - 1) // (MERGE_FACTOR.bit_length() - 1)

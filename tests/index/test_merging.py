from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.index.merging import MAX_MERGE_PAGES, MERGE_FACTOR, to_merge


@dataclass(frozen=True)
class Segment:
    pages: int
    deleted: int = 0

    def doc_count_all(self):
        return self.pages

    def deleted_count(self):
        return self.deleted


segments = st.builds(
    lambda pages, share: Segment(pages, int(pages * share)), st.integers(1, 9000), st.floats(0, 1)
)


@given(st.lists(segments, max_size=60))
def test_no_commit_rewrites_too_much(given_segments):
    chosen = to_merge(given_segments)
    assert sum(segment.pages - segment.deleted for segment in chosen) <= MAX_MERGE_PAGES
    assert all(segment in given_segments for segment in chosen)


def test_a_year_of_commits_leaves_few_segments():
    segments, rewritten, commits = [], 0, 40_000
    for _ in range(commits):
        chosen = to_merge(segments)
        for segment in chosen:
            segments.remove(segment)
        pages = sum(segment.pages for segment in chosen)
        rewritten += pages
        segments.append(Segment(pages + 1))
    assert sum(segment.pages for segment in segments) == commits
    assert len(segments) <= commits / (MAX_MERGE_PAGES // 2) + 4 * MERGE_FACTOR
    assert rewritten / commits < 6


def test_a_segment_mostly_deleted_is_rewritten():
    assert to_merge([Segment(5000, 2600), Segment(100)]) == [Segment(5000, 2600)]
    assert to_merge([Segment(5000, 2400)]) == []

"""Which places of a page to mark, as boxes on its picture and as words of its text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from chartkeeper.index.query import Query
from chartkeeper.index.snippet import hit_words
from chartkeeper.ocr.page import Box, Word
from chartkeeper.records.model import Evidence


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a page picture. `kind` is "hit", "for" or "against"; `label` says it in words."""

    box: Box
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text line, marked or not."""

    text: str
    marked: bool


def hits_on(words: Sequence[Word], query: Query | None) -> frozenset[int]:
    """The indexes of the words that answer the query; none without one."""
    return hit_words([word.text for word in words], query) if query else frozenset()


def hit_marks(words: Sequence[Word], hits: frozenset[int]) -> list[Mark]:
    """One mark for each run of neighbouring hits on a line, in reading order."""
    return [
        Mark(_around([word.box for word in run]), " ".join(word.text for word in run), "hit")
        for run in _runs(words, hits)
    ]


def evidence_marks(evidence: Sequence[Evidence], page: int) -> list[Mark]:
    """The boxes of the evidence on this page."""
    return [
        Mark(item.box, f"{item.meaning}: {item.text}", "for" if item.weight >= 0 else "against")
        for item in evidence
        if item.page == page and item.box is not None
    ]


def text_lines(words: Sequence[Word], hits: frozenset[int]) -> list[list[Piece]]:
    """The words as lines of text, cut where a mark begins or ends."""
    numbered = list(enumerate(words))
    lines = groupby(numbered, key=lambda item: item[1].line)
    return [_pieces(list(line), hits) for _, line in lines]


def _pieces(line: list[tuple[int, Word]], hits: frozenset[int]) -> list[Piece]:
    stretches = groupby(line, key=lambda item: item[0] in hits)
    return [
        Piece(" ".join(word.text for _, word in stretch), marked) for marked, stretch in stretches
    ]


def _runs(words: Sequence[Word], hits: frozenset[int]) -> Iterator[list[Word]]:
    run: list[int] = []
    for at in sorted(hits):
        if run and (at != run[-1] + 1 or words[at].line != words[run[-1]].line):
            yield [words[index] for index in run]
            run = []
        run.append(at)
    if run:
        yield [words[index] for index in run]


def _around(boxes: Sequence[Box]) -> Box:
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)

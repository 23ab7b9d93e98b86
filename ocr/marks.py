"""What hangs together on a page: groups of inked cells that touch, and the boxes around them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mark:
    """Inked cells that touch each other: the edges of their box in cells, and their number."""

    left: int
    top: int
    right: int
    bottom: int
    cells: int

    @property
    def width(self) -> int:
        """Cells across."""
        return self.right - self.left + 1

    @property
    def height(self) -> int:
        """Cells down."""
        return self.bottom - self.top + 1


def marks(inked: Cells) -> Iterator[Mark]:
    """The connected groups of inked cells, diagonals included, by their first row."""
    each = (values.tolist() for values in extents(inked))
    return (Mark(*box) for box in zip(*each, strict=True))


def extents(inked: Cells) -> tuple[Numbers, ...]:
    """What `marks` finds as columns of numbers: left, top, right, bottom, cells."""
    runs = _Runs.of(inked)
    return _extents(runs, _groups(runs))


def without_long_marks(inked: Cells, longest: float) -> Cells:
    """The inked cells but for the groups that are more than `longest` cells wide or high."""
    runs = _Runs.of(inked)
    groups = _groups(runs)
    left, top, right, bottom, _ = _extents(runs, groups)
    short = np.maximum(right - left, bottom - top) + 1 <= longest
    kept = inked.copy()
    # Cells come row by row, and so do runs.
    kept[inked] = np.repeat(short[groups], runs.last - runs.first + 1)
    return kept


@dataclass(frozen=True, slots=True)
class _Runs:
    """Inked cells side by side: their row, and the columns of the first and the last of them."""

    row: Numbers
    first: Numbers
    last: Numbers

    @classmethod
    def of(cls, inked: Cells) -> "_Runs":
        padded = np.pad(inked, ((0, 0), (1, 1)))
        rows, columns = np.nonzero(padded[:, 1:] != padded[:, :-1])
        return cls(rows[::2], columns[::2], columns[1::2] - 1)


def _groups(runs: _Runs) -> Numbers:
    """The number of the group of each run, from 0 in the order of their first runs."""
    upper, lower = _touching(runs)
    leader = np.arange(runs.row.size)
    while True:
        one, other = leader[upper], leader[lower]
        apart = one != other
        if not apart.any():
            break
        upper, lower, one, other = (values[apart] for values in (upper, lower, one, other))
        np.minimum.at(leader, np.maximum(one, other), np.minimum(one, other))
        leader = _followed(leader)
    numbers: Numbers = np.cumsum(leader == np.arange(leader.size)) - 1
    return numbers[leader]


def _followed(leader: Numbers) -> Numbers:
    """Every run under the leader of its leader, and so on up."""
    while True:
        above = leader[leader]
        if (above == leader).all():
            return leader
        leader = above


def _touching(runs: _Runs) -> tuple[Numbers, Numbers]:
    """The pairs of runs that touch: one of a row, and one of the row below."""
    # Of two rows none of these numbers are the same, so one search serves for all.
    stride = int(runs.last.max(initial=0)) + 3
    first, last = runs.row * stride + runs.first, runs.row * stride + runs.last
    begin = np.searchsorted(last, first + stride - 1)
    end = np.searchsorted(first, last + stride + 1, side="right")
    counts = end - begin
    upper = np.repeat(np.arange(runs.row.size), counts)
    before = np.cumsum(counts) - counts
    return upper, np.arange(upper.size) - np.repeat(before - begin, counts)


def _extents(runs: _Runs, groups: Numbers) -> tuple[Numbers, ...]:
    """Of each group the left, top, right and bottom of its box, and how many cells it has."""
    count = int(groups.max(initial=-1)) + 1
    most = np.iinfo(np.int64).max
    left, top = np.full(count, most), np.full(count, most)
    right, bottom, cells = (np.zeros(count, np.int64) for _ in range(3))
    np.minimum.at(left, groups, runs.first)
    np.minimum.at(top, groups, runs.row)
    np.maximum.at(right, groups, runs.last)
    np.maximum.at(bottom, groups, runs.row)
    np.add.at(cells, groups, runs.last - runs.first + 1)
    return left, top, right, bottom, cells

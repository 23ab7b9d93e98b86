import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from chartkeeper.ocr.marks import Mark, marks, without_long_marks

CELLS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))


def flooded(inked):
    """The groups by walking from cell to cell, as one would by hand."""
    left = set(zip(*map(np.ndarray.tolist, inked.nonzero()), strict=True))
    while left:
        group = [min(left)]
        left.remove(group[0])
        for row, column in group:
            around = {(row + y, column + x) for y in (-1, 0, 1) for x in (-1, 0, 1)} & left
            left -= around
            group.extend(around)
        yield group


def box(group):
    rows, columns = zip(*group, strict=True)
    return Mark(min(columns), min(rows), max(columns), max(rows), len(group))


@given(CELLS)
def test_marks_are_the_groups_that_touch(inked):
    assert list(marks(inked)) == [box(group) for group in flooded(inked)]


@given(CELLS, st.integers(1, 12))
def test_long_groups_and_no_others_are_taken_off(inked, longest):
    kept = without_long_marks(inked, longest)
    expected = np.zeros_like(inked)
    for group in flooded(inked):
        if max(box(group).width, box(group).height) <= longest:
            expected[tuple(zip(*group, strict=True))] = True
    assert (kept == expected).all()
    assert not (kept & ~inked).any()


def test_a_spiral_is_one_mark():
    spiral = np.zeros((41, 41), dtype=bool)
    for ring in range(0, 20, 2):
        spiral[ring, ring : 41 - ring] = spiral[40 - ring, ring : 41 - ring] = True
        spiral[ring : 41 - ring, ring] = spiral[ring : 41 - ring, 40 - ring] = True
        spiral[ring + 1, ring] = False
        spiral[ring + 2, ring + 1] = True
    assert [mark.cells for mark in marks(spiral)] == [int(spiral.sum())]

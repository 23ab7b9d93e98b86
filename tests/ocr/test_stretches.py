from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.ocr.stretches import (
    Stretch,
    around,
    cells,
    signs_in,
    stacks,
    stands,
    ways,
)


def box(left, top, wide, high):
    right, bottom = left + wide, top + high
    return Stretch(((left, top), (right, top), (right, bottom), (left, bottom)))


def pile(left=100, top=100, count=6, wide=44, high=34, step=26):
    """As the finder gives the figures of a number stamped downwards: with room around them."""
    return [box(left, top + step * number, wide, high) for number in range(count)]


def test_text_that_lies_runs_one_way():
    line = box(10, 20, 300, 30)
    assert ways(line) == (line,)
    assert not stands(line)


def test_text_that_stands_may_run_down_or_up():
    down, up = ways(box(10, 20, 30, 300))
    assert down.size == up.size == (300, 30)
    # Upper left as its reader sees it, then along the text.
    assert down.corners[:2] == ((40, 20), (40, 320))
    assert up.corners[:2] == ((10, 320), (10, 20))
    assert down.edges == up.edges == (10, 20, 40, 320)


def test_one_high_sign_is_not_read_upside_down():
    (down,) = ways(box(10, 20, 30, 60))
    assert down.corners[0] == (40, 20)


def test_signs_below_each_other_are_a_stack():
    line = box(300, 100, 400, 30)
    assert list(stacks([line, *pile(), line])) == [(1, 2, 3, 4, 5, 6)]


def test_pieces_of_several_signs_are_of_the_stack():
    pieces = [box(100, 100, 44, 110), box(100, 205, 44, 34), box(98, 230, 48, 66)]
    assert list(stacks(pieces)) == [(0, 1, 2)]
    assert 6 <= sum(map(signs_in, pieces)) <= 9


def test_two_pieces_are_a_stack_if_one_stands():
    assert list(stacks([box(100, 100, 44, 110), box(101, 220, 44, 70)])) == [(0, 1)]
    assert not list(stacks(pile(count=2)))


def test_what_lies_apart_is_no_stack():
    assert not list(stacks(pile(step=80)))
    aside = [box(100 + 30 * number, 100 + 26 * number, 44, 34) for number in range(6)]
    assert not list(stacks(aside))
    words = [box(100, 100 + 26 * number, 120, 34) for number in range(6)]
    assert not list(stacks(words))
    unlike = [box(100, 100 + 40 * number, 44 if number % 2 else 20, 34) for number in range(6)]
    assert not list(stacks(unlike))


def test_upright_signs_have_room_for_two():
    assert sum(map(signs_in, pile(wide=28, high=40))) > 12
    assert 6 <= sum(map(signs_in, pile())) < 8


def test_cells():
    upper, lower = cells(box(10, 20, 30, 80), 2)
    assert upper.edges == (10, 20, 40, 60)
    assert lower.edges == (10, 60, 40, 100)


def test_two_stacks_side_by_side():
    mixed = [one for pair in zip(pile(100), pile(400), strict=True) for one in pair]
    assert list(stacks(mixed)) == [(0, 2, 4, 6, 8, 10), (1, 3, 5, 7, 9, 11)]


places = st.builds(
    box, *(st.integers(0, 300) for _ in range(2)), *(st.integers(1, 200) for _ in range(2))
)


@given(st.lists(places, max_size=20))
def test_each_belongs_to_one_stack_at_most(found):
    numbers = [number for stack in stacks(found) for number in stack]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) <= set(range(len(found)))


@given(st.lists(places, min_size=1, max_size=9))
def test_around_holds_them_all(several):
    left, top, right, bottom = around(several).edges
    assert all(
        left <= a and top <= b and c <= right and d <= bottom
        for a, b, c, d in (one.edges for one in several)
    )

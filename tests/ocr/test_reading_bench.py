"""The scoring behind the reading benchmark counts what it says."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "bench"))

from material import ALL_KINDS, collect, spread
from reading_score import Score, score, total, words


def test_words_are_compared_without_case_quotes_dashes_and_edges():
    assert words("\u201cSugar\u2019s\u201d 5\u20137 mg/dL, (high); ___ — +2%") == [
        "sugar's",
        "5-7",
        "mg/dl",
        "high",
        "+2%",
    ]


def test_a_word_parted_at_a_line_end_is_one_and_a_number_is_not():
    assert words("medi-\ncation 555-\n0141") == ["medication", "555", "0141"]


def test_ligatures_are_letters():
    assert words("\ufb01ne") == ["fine"]


def test_words_count_without_order_as_often_as_they_stand_there():
    found = score("one two two three", "three two extra", ordered=False)
    assert found == Score(hits=2, truth_words=4, read_words=3)
    assert (found.recall, found.precision) == (0.5, pytest.approx(2 / 3))
    assert found.f1 == pytest.approx(2 * 2 / 7)
    assert found.letter_errors is None


def test_letters_count_in_order():
    found = score("abc def", "abc dxf", ordered=True)
    assert found.letter_errors == pytest.approx(1 / 7)
    assert score("abc def", "def abc", ordered=True).letter_errors > 0.5


def test_pages_without_an_order_take_no_part_in_letters():
    both = total([score("a b", "x y", ordered=False), score("ab", "ab", ordered=True)])
    assert (both.letter_errors, both.recall) == (0, pytest.approx(1 / 3))


@given(st.text(), st.text())
def test_no_figure_leaves_its_range(truth, read):
    found = score(truth, read, ordered=True)
    assert 0 <= found.recall <= 1
    assert 0 <= found.precision <= 1
    assert 0 <= found.f1 <= 1
    assert score(truth, truth, ordered=True).edits == 0


def test_a_sample_is_spread_over_its_half():
    assert spread(list(range(10)), 2, "even") == [0, 4]
    assert spread(list(range(10)), 9, "odd") == [1, 3, 5, 7, 9]


@pytest.mark.parametrize("family", ["tuning", "unseen"])
def test_the_same_pages_come_out_every_time(family, tmp_path):
    first = collect(family, "fax-standard", 1, "all", tmp_path / "a")
    again = collect(family, "fax-standard", 1, "all", tmp_path / "b")
    assert first[0].path.read_bytes() == again[0].path.read_bytes()
    assert first[0].truth == again[0].truth
    assert len(words(first[0].truth)) > 50


@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.name)
def test_every_kind_can_be_made(kind, tmp_path):
    page = collect("unseen", kind.name, 1, "odd", tmp_path)[0]
    assert page.path.stat().st_size > 5_000
    assert Counter(words(page.truth))

"""Words as reading may have left them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.index.language import parse, show
from chartkeeper.index.misread import (
    MAX_MISREAD_WORDS,
    as_figures,
    look_alikes,
    misreadings,
    with_misreadings,
)

WORDS = st.text(alphabet="abcdefilmnoruvw", min_size=4, max_size=12)


@pytest.mark.parametrize(
    "read", ["potassium", "potasslum", "p0tassium", "otassium", "potassiurn", "potassuim"]
)
def test_what_reading_makes_of_a_word_is_among_its_misreadings(read):
    assert read in misreadings("potassium")


@given(WORDS, WORDS)
def test_a_mistake_one_way_is_one_the_other_way(word, other):
    assert (other in misreadings(word)) == (word in misreadings(other))


@given(WORDS)
def test_two_mistakes_are_no_misreading(word):
    assert f"7{word}7" not in misreadings(word)
    assert word[::-1] + word not in misreadings(word)


@pytest.mark.parametrize(
    ("asked", "wider"),
    [
        ("potassium", "potassium~"),
        ("low potassium", '"low" AND potassium~'),
        ("(fever OR chills) -cough", '(fever~ OR chills~) AND NOT "cough"'),
        ('"chest pain" 0438471 hyper* b12x', '"chest pain" AND "0438471" AND hyper* AND "b12x"'),
        ("type:letter metastasis", 'type:"letter" AND metastasis~'),
        ("I10 OR L40", '"i10" OR "110" OR "l40" OR "140"'),
        ("I48.91 -I10", '("i48 91" OR "148 91") AND NOT "i10"'),
    ],
)
def test_words_alone_are_widened(asked, wider):
    assert with_misreadings(parse(asked)) == parse(wider)


def test_no_more_words_are_widened_than_may_be_asked_for():
    wider = show(with_misreadings(parse("word " * 20)))
    assert wider.count("~") == MAX_MISREAD_WORDS
    assert parse(wider)


@pytest.mark.parametrize(
    ("word", "read", "not_read"),
    [
        ("hba1c", ["hbalc", "hbaic"], ["hba7c"]),
        ("e11", ["el1", "e1l"], ["e17", "f11", "ell"]),
        ("co2", ["c02"], ["c0z"]),
        ("i10", ["l10", "l1o"], ["110", "ilo"]),
        ("i11", ["l11", "il1"], ["iii", "ill"]),
    ],
)
def test_codes_are_taken_for_what_looks_like_them(word, read, not_read):
    assert {word, *read} <= look_alikes(word)
    assert look_alikes(word).isdisjoint(not_read)


@pytest.mark.parametrize("word", ["oil", "110", "t4", "o2", "hélas1", "1" * 20 + "a"])
def test_words_numbers_and_what_is_short_look_like_themselves_alone(word):
    assert look_alikes(word) == {word}


@given(st.text(alphabet="0o1ilab", max_size=12))
def test_looking_alike_goes_both_ways_among_codes(word):
    assert all(word in look_alikes(other) or other.isalpha() for other in look_alikes(word))


def test_codes_as_figures():
    assert [as_figures(word) for word in ("i10", "l40", "hba1c", "oil", "110", "o2")] == [
        *("110", "140", "hba1c", "oil", "110", "o2")
    ]

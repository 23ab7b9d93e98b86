"""Words as reading may have left them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.index.language import parse, show
from chartkeeper.index.misread import MAX_MISREAD_WORDS, misreadings, with_misreadings

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
    ],
)
def test_words_alone_are_widened(asked, wider):
    assert with_misreadings(parse(asked)) == parse(wider)


def test_no_more_words_are_widened_than_may_be_asked_for():
    wider = show(with_misreadings(parse("word " * 20)))
    assert wider.count("~") == MAX_MISREAD_WORDS
    assert parse(wider)

"""Two readings of a field: agreement makes sure, difference is kept."""

import pytest

from chartkeeper.ocr.fields import compared
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.second_look import Field


def again(text, confidence, *, independent=True):
    return Field(text, confidence, independent)


PLACE = Box(95, 95, 420, 40)


def word(text, left=100, confidence=0.5):
    return Word(text, Box(left, 100, 12 * len(text), 30), confidence, 3)


@pytest.mark.parametrize("text", ["0012345", "00 12345", "0012345,"])
def test_a_number_read_alike_is_as_sure_as_the_surer_reading(text):
    (found,) = compared((word("0012345"),), PLACE, again(text, 0.97))
    assert (found.text, found.confidence, found.other) == ("0012345", 0.97, "")


def test_an_engine_that_agrees_with_itself_makes_nothing_surer():
    field = again("0012345", 0.97, independent=False)
    assert compared((word("0012345"),), PLACE, field) == (word("0012345"),)


def test_a_less_sure_agreement_takes_nothing_away():
    (found,) = compared((word("0012345", confidence=0.8),), PLACE, again("0012345", 0.4))
    assert found.confidence == 0.8


def test_a_number_read_otherwise_keeps_both():
    (found,) = compared((word("0012845"),), PLACE, again("0012345", 0.97))
    assert (found.text, found.confidence, found.other) == ("0012845", 0.5, "0012345")


def test_points_and_strokes_in_a_date_count():
    (found,) = compared((word("03/07/1961"),), PLACE, again("03071961", 0.97))
    assert found.other == "03071961"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("03707/1961", "03/07/1961"),
        ("03/07/1961",) * 2,
        ("63/97/1961", "03/07/1961"),
        ("03/07/1961", "83/67/1961"),
    ],
)
def test_a_stroke_of_a_date_that_was_read_as_a_figure_is_no_other_date(first, second):
    (found,) = compared((word(first),), PLACE, again(second, 0.97))
    assert (found.text, found.other, found.confidence) == ("03/07/1961", "", 0.97)


@pytest.mark.parametrize("second", ["08/07/1961", "06/03/1961", "13/07/1961"])
def test_no_date_is_made_of_another_figure(second):
    (found,) = compared((word("63/07/1961"),), PLACE, again(second, 0.97))
    assert (found.text, found.other) == ("63/07/1961", second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("63/18/1961", "03/10/1961"),
        ("63/07/2008", "03/07/2000"),
        ("63/07/86", "03/07/06"),
        ("2006-63-07", "2000-03-07"),
    ],
)
def test_a_nought_is_another_figure_where_that_may_stand(first, second):
    for one, other in ((first, second), (second, first)):
        (found,) = compared((word(one),), PLACE, again(other, 0.97))
        assert (found.text, found.other, found.confidence) == (one, other, 0.5)


def test_each_word_of_a_name_is_compared_by_itself():
    words = (word("GARCLA,"), word("MARIA", 240))
    first, second = compared(words, PLACE, again("GARCIA, MARIA", 0.9))
    assert (first.other, second.other) == ("GARCIA,", "")
    assert second.confidence == 0.9


def test_a_name_parted_otherwise_and_of_the_same_letters_is_the_same():
    words = (word("DELA"), word("CRUZ", 240))
    found = compared(words, PLACE, again("DE LA CRUZ", 0.9))
    assert [item.other for item in found] == ["", ""]
    assert [item.confidence for item in found] == [0.9, 0.9]


def test_where_words_cannot_be_matched_the_field_is_in_doubt_as_a_whole():
    words = (word("GARCLA,"), word("MARIA", 240))
    found = compared(words, PLACE, again("GARCIA MARIA J", 0.9))
    assert any(item.other for item in found)


@pytest.mark.parametrize("field", [again("", 0.0), again("77", 0.1)])
def test_a_guess_says_nothing(field):
    assert compared((word("0012345"),), PLACE, field) == (word("0012345"),)


def test_words_elsewhere_stay_as_they_are():
    elsewhere = Word("0012845", Box(100, 300, 84, 30), 0.5, 9)
    found = compared((word("0012845"), elsewhere), PLACE, again("0012345", 0.97))
    assert found[1] == elsewhere

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.index.words import MAX_WORD_CHARS, identifier, stem, type_key, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chest PAIN.", ["chest", "pain"]),
        ("Name:____García____", ["name", "garcia"]),
        ("Garci\u0301a Nun\u0303ez", ["garcia", "nunez"]),
        ("hyper\u00adtension", ["hypertension"]),
        ("1,200 120/80 x-ray", ["1", "200", "120", "80", "x", "ray"]),
        ("5½ mg", ["5", "mg"]),
        ("ﬁbrosis Straße m²", ["fibrosis", "strasse", "m2"]),
        ("don't", ["don", "t"]),
        ("— … •", []),
        ("x" * 1000, ["x" * MAX_WORD_CHARS]),
    ],
)
def test_words_of_a_text(text, expected):
    assert [word for word, _, _ in words(text)] == expected


@given(st.text())
def test_words_are_where_they_are_said_to_be(text):
    last = 0
    for word, start, end in words(text):
        assert last <= start < end <= len(text)
        assert word in [found for found, _, _ in words(text[start:end])]
        last = end


@given(st.text())
def test_a_normalised_word_stays_as_it_is(text):
    for word, _, _ in words(text):
        assert words(word) == [(word, 0, len(word))]


def test_stems():
    assert stem("fractures") == stem("fracture") == stem("fractured")
    assert [stem(word) for word in ("120s", "b12", "маршрутах", "jose")] == [
        "120s",
        "b12",
        "маршрутах",
        "jose",
    ]


@pytest.mark.parametrize(
    "number", ["123-4567", "0001234567", "1234567", " 123 4567 ", "01-23.4567"]
)
def test_the_same_number_however_written(number):
    assert identifier(number) == "1234567"


def test_numbers_and_types_of_nothing():
    assert identifier("000") == identifier(" - ") == type_key("_") == ""
    assert type_key("Lab report") == type_key("lab_report") == "lab_report"

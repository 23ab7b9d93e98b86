import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.index.words import (
    MAX_WORD_CHARS,
    identifier,
    stem,
    together,
    type_key,
    words,
)


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
        ("Parkinson's Crohn\u2019s 1980's", ["parkinson", "crohn", "1980"]),
        ("O'Shea's 'sic' it's's", ["o", "shea", "sic", "it", "s"]),
        ("10mg 0.5ML 2tabs 80kg/m2", ["10", "mg", "0", "5", "ml", "2", "tabs", "80", "kg", "m2"]),
        ("B12mg 10mgx 3rd T4 99213A", ["b12mg", "10mgx", "3rd", "t4", "99213a"]),
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("an x-ray", {"xray": "x-ray"}),
        ("hyper-\ntension", {"hypertension": "hyper-\ntension"}),
        ("D'Souza and O\u2019Brien", {"dsouza": "D'Souza", "obrien": "O\u2019Brien"}),
        ("b.i.d. and p.r.n.", {"bid": "b.i.d", "prn": "p.r.n"}),
        ("COVID-19", {"covid19": "COVID-19"}),
        (
            "non-small-cell",
            {
                "nonsmallcell": "non-small-cell",
                "nonsmall": "non-small",
                "smallcell": "small-cell",
            },
        ),
        ("call 555-0199", {"5550199": "555-0199"}),
        # Ranges, ends of sentences, dashes, lists and signs between words hold nothing together.
        ("5-10 mg, 12-\n14", {}),
        ("pain. Chest - none -aspirin \u2013 rest", {}),
        ("E11.9 and/or 120/80 a. b x.5", {}),
        ("a-b-c-d-e-f", {"ab": "a-b", "bc": "b-c", "cd": "c-d", "de": "d-e", "ef": "e-f"}),
        ("", {}),
        ("one", {}),
    ],
)
def test_words_that_are_written_in_parts(text, expected):
    cut = words(text)
    found = together(text, cut)
    assert {word: text[cut[first][1] : cut[last][2]] for word, first, last in found} == expected


@given(st.text(alphabet="ab1- '.\n", max_size=30))
def test_parts_of_words_are_neighbours(text):
    cut = words(text)
    for word, first, last in together(text, cut):
        assert 0 <= first < last < len(cut)
        assert "".join(part for part, _, _ in cut[first : last + 1]) == word


def test_greek_plurals_find_their_singulars():
    for one, many in (("metastasis", "metastases"), ("DIAGNOSIS", "Diagnoses")):
        assert stem(one.lower()) == stem(many.lower())
    assert stem("thesis") != stem("these")
    assert stem("basis") != stem("base")


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

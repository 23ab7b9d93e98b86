from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.ocr.merge import TWO_ENGINES, merge, merge_sizes, same_ink
from chartkeeper.ocr.page import Box, Word

LEXICON = {"patient", "sample", "meeting", "united", "states", "date", "retail", "of", "mee"}


def knows(word):
    return word.lower() in LEXICON


def word(text, left, confidence=0.9, line=0, top=100, width=None):
    return Word(text, Box(left, top, width or 12 * len(text), 20), confidence, line)


def texts(words):
    return [w.text for w in words]


def test_letters_that_agree_keep_the_first_reading_and_the_higher_confidence():
    (merged,) = merge((word("Sample,", 0, 0.6),), (word("SAMPLE", 2, 0.95),), knows)
    assert (merged.text, merged.box.left, merged.other) == ("Sample,", 0, "")
    assert merged.confidence == pytest.approx(0.95)


def test_of_two_readings_the_second_is_taken_and_the_first_kept_beside_it():
    (merged,) = merge((word("4827193", 0, 0.85),), (word("4827198", 0, 0.97),), knows)
    assert (merged.text, merged.other) == ("4827198", "4827193")


def test_an_unsure_second_reading_gives_way_to_a_surer_first():
    (merged,) = merge((word("4827193", 0, 0.9),), (word("4B271q8", 0, 0.5),), knows)
    assert (merged.text, merged.other) == ("4827193", "4B271q8")


@pytest.mark.parametrize("surer_first", [True, False])
def test_of_two_sizes_the_surer_reading_is_taken(surer_first):
    readings = [(word("4827193", 0, 0.9),), (word("4827198", 0, 0.8),)]
    (merged,) = merge_sizes(*(readings if surer_first else reversed(readings)), knows)
    assert (merged.text, merged.other) == ("4827193", "4827198")


def test_a_guess_is_not_kept_beside_what_was_taken():
    (merged,) = merge((word("fwI~2", 0, 0.1),), (word("4827198", 0, 0.97),), knows)
    assert merged.other == ""


def test_a_mark_within_a_number_counts():
    (merged,) = merge((word("12.5", 0, 0.9),), (word("125", 0, 0.95),), knows)
    assert (merged.text, merged.other) == ("125", "12.5")


@pytest.mark.parametrize("date_first", [True, False])
@pytest.mark.parametrize("misread", ["01715/1986", "01/1571986", "01l15/1986"])
def test_a_date_beats_the_same_figures_with_its_marks_misread(date_first, misread):
    readings = [(word("01/15/1986,", 0, 0.75),), (word(misread, 0, 0.95),)]
    (merged,) = merge(*(readings if date_first else reversed(readings)), knows)
    assert (merged.text, merged.other) == ("01/15/1986,", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [("01/15/1986", "01/16/1986"), ("01/15/1986", "01/151986"), ("1.2.30", "17230")],
)
def test_dates_that_differ_in_a_figure_or_in_length_are_two_readings(one, other):
    (merged,) = merge((word(one, 0, 0.9),), (word(other, 0, 0.95),), knows)
    assert (merged.text, merged.other) == (other, one)


def test_a_known_word_beats_one_that_looks_like_it():
    (merged,) = merge((word("Retail", 0, 0.4),), (word("Retall", 0, 0.97),), knows)
    assert (merged.text, merged.other) == ("Retail", "Retall")


def test_a_known_word_does_not_beat_a_sure_code():
    (merged,) = merge((word("date", 0, 0.6),), (word("041E", 0, 0.98),), knows)
    assert merged.text == "041E"


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        ((("UNITED", 0), ("STATES", 80)), (("UNITEDSTATES", 0),), ["UNITED", "STATES"]),
        ((("DATE:", 0), ("2/18/80", 70)), (("DATE:2/18/80", 0),), ["DATE:", "2/18/80"]),
        ((("Mee", 0), ("ting", 40)), (("Meeting", 0),), ["Meeting"]),
        ((("3,669,", 0), ("000", 80)), (("3,669,000", 0),), ["3,669,000"]),
        ((("UNITEDSTATES", 0),), (("UNITED", 0), ("STATES", 80)), ["UNITED", "STATES"]),
    ],
)
def test_words_run_together_or_torn_apart(first, second, taken):
    merged = merge(
        tuple(word(text, left, 0.9) for text, left in first),
        tuple(word(text, left, 0.99) for text, left in second),
        knows,
    )
    assert texts(merged) == taken


@pytest.mark.parametrize(
    ("text", "confidence", "first_stays", "second_stays"),
    [
        ("xq7", 0.95, True, True),
        ("xq7", 0.7, False, True),
        ("xq7", 0.4, False, False),
        ("sample", 0.55, True, True),
        ("sample", 0.4, False, False),
    ],
)
def test_a_word_seen_by_one_reader(text, confidence, first_stays, second_stays):
    alone = (word(text, 0, confidence),)
    assert bool(merge(alone, (), knows)) is first_stays
    assert bool(merge((), alone, knows)) is second_stays


def test_of_two_engines_more_is_asked_of_what_one_alone_saw():
    unsure, sure = (word("0012345", 0, 0.87),), (word("0012345", 0, 0.92),)
    assert merge(unsure, (), knows)
    assert not merge(unsure, (), knows, TWO_ENGINES)
    assert merge(sure, (), knows, TWO_ENGINES)
    assert not merge((), (word("0012345", 0, 0.65),), knows, TWO_ENGINES)


def test_a_word_found_later_joins_its_line():
    first = (
        word("Name:", 0, line=0),
        word("SAMPLE", 170, line=0),
        word("MRN:", 0, line=1, top=160),
    )
    merged = merge(first, (word("ANNA", 100, line=3),), knows)
    assert [(w.text, w.line) for w in merged] == [
        ("Name:", 0),
        ("ANNA", 0),
        ("SAMPLE", 0),
        ("MRN:", 1),
    ]


def test_lines_found_later_come_where_they_stand():
    first = (word("First", 0, line=4), word("Third", 0, line=7, top=300))
    second = (word("second", 0, line=0, top=200), word("aside", 900, line=0, top=200))
    merged = merge(first, second, knows)
    assert [(w.text, w.line) for w in merged] == [
        ("First", 0),
        ("second", 1),
        ("aside", 2),
        ("Third", 3),
    ]


def test_a_frame_is_not_a_reading_of_the_words_in_it():
    frame = Word("|", Box(0, 0, 500, 400), 0.95, 0)
    assert texts(merge((frame,), (word("sample", 40),), knows)) == ["|", "sample"]


def test_words_side_by_side_are_not_the_same_ink():
    assert same_ink(Box(0, 0, 100, 20), Box(30, 5, 100, 20))
    assert not same_ink(Box(0, 0, 100, 20), Box(90, 0, 100, 20))
    assert not same_ink(Box(0, 0, 100, 20), Box(0, 15, 100, 20))
    assert not same_ink(Box(0, 0, 0, 0), Box(0, 0, 10, 10))


WORDS = st.lists(
    st.builds(
        Word,
        st.sampled_from(["sample", "4827193", "Retail", "Retall", "12.5", "a", "—", "::", "états"]),
        st.builds(
            Box, st.integers(0, 900), st.integers(0, 900), st.integers(0, 300), st.integers(0, 90)
        ),
        st.floats(0, 1),
        st.integers(0, 9),
    ),
    max_size=30,
).map(lambda words: tuple(sorted(words, key=lambda w: w.line)))


@given(WORDS, WORDS)
def test_whatever_is_read_lines_run_from_0_and_nothing_is_invented(first, second):
    merged = merge(first, second, knows)
    numbers = [w.line for w in merged]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(len(set(numbers))))
    assert {(w.text, w.box) for w in merged} <= {(w.text, w.box) for w in (*first, *second)}
    assert all(0 <= w.confidence <= 1 for w in merged)


@given(WORDS)
def test_two_equal_readings_agree(words):
    apart = tuple(replace(w, box=Box(0, 30 * n, 100, 20), line=n) for n, w in enumerate(words))
    merged = merge(apart, apart, knows)
    assert [(w.text, w.box, w.line, w.other) for w in merged] == [
        (w.text, w.box, w.line, "") for w in apart
    ]

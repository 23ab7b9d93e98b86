import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.ocr.lexicon import EMPTY, english, from_traineddata
from chartkeeper.ocr.resident import data_folder


@pytest.mark.parametrize("word", ["patient", "Patient", "PATIENT", "hypertension", "Smith"])
def test_words_that_tesseract_knows(word):
    assert english().knows(word)


@pytest.mark.parametrize("word", ["", "patien", "patientt", "Retall", "4827193", "é", "sympostum"])
def test_what_is_no_word(word):
    assert not english().knows(word)


def test_capitals_are_looked_up_in_every_way():
    assert "Patient" in english()
    assert "pATIENT" not in english()
    assert english().knows("pATIENT")


def test_without_language_data_nothing_is_known():
    assert not EMPTY.knows("patient")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x18\x00\x00",
        struct.pack("<i", 5),
        struct.pack("<i24q", 24, *[-1] * 24),
        struct.pack("<i24q", 24, *[196] * 24),
    ],
)
def test_language_data_of_another_make(content):
    with pytest.raises(ValueError, match="language data"):
        from_traineddata(content)


def test_language_data_cut_short():
    content = (data_folder() / "eng.traineddata").read_bytes()
    with pytest.raises(ValueError, match="language data"):
        from_traineddata(content[:2_000_000])


@given(st.binary(max_size=400))
def test_noise_is_refused(content):
    with pytest.raises(ValueError, match="language data"):
        from_traineddata(content)

"""A page says how it was read, in words."""

import re
from dataclasses import replace

import pytest

from chartkeeper.ocr.enhance import Step
from chartkeeper.ocr.fields import FIELDS_READ_AGAIN
from chartkeeper.ocr.read import PARTS_MISSING
from chartkeeper.ocr.second_look import FAILED, SPARSE
from chartkeeper.ocr.textlayer import Layer
from chartkeeper.ocr.unread import LINES_FOUND
from chartkeeper.webui.how_read import WORDS, how_read

from .conftest import filing
from .paper import drawn


def test_what_was_done_is_said_in_order():
    said = how_read(("squared", "smoothed", "deskewed"), ("tesserocr", "rapidocr"))
    assert said == (
        "Read by Tesseract; read again by the second engine; "
        "the picture was first stretched to square pixels, smoothed and straightened."
    )


def test_a_page_that_was_not_read_says_nothing():
    assert how_read(("enlarged",), ()) == ""


LOOKS = ("tesseract", "tesserocr", "rapidocr", SPARSE, LINES_FOUND)
CODES = (*Step, *Layer, *LOOKS, *(look + FAILED for look in LOOKS[2:]), FIELDS_READ_AGAIN)


@pytest.mark.parametrize("code", [*map(str, CODES), PARTS_MISSING])
def test_every_code_has_its_words(code):
    assert code in WORDS


def test_it_stands_below_the_text_of_the_page(home, charts, staff):
    sheet = replace(drawn(1, "one word"), preparation=("deskewed",), reading=("tesserocr",))
    document = home.file(home.take_in("one.tif", [sheet]), filing(1, "letter", charts.eve, None))
    text = staff.get(f"/documents/{document}").text
    assert re.search(r"Read by Tesseract; the picture was first straightened\.", text)

import pytest
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.enhance import Prepared
from chartkeeper.ocr.errors import EngineFailed
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.second_look import (
    Field,
    is_weak,
    look_again,
    reread,
)
from chartkeeper.ocr.skew import straightened
from chartkeeper.ocr.tesseract import TesseractProgram

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def word(text, left=0, confidence=0.9, top=0):
    return Word(text, Box(left, top, 12 * len(text), 20), confidence, 0)


@pytest.fixture
def tesseract(scratch):
    return TesseractProgram(scratch)


@pytest.fixture
def form():
    """A page with comb fields: a cell for each letter."""
    page = Image.new("L", (1700, 800), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, 33)
    for row, value in enumerate(("0012345", "SAMPLE", "ANNA")):
        top, cell = 200 + 160 * row, 34
        for place, letter in enumerate(value):
            left = 200 + place * cell
            pen.text((left + 7, top), letter, fill=0, font=font)
            pen.rectangle((left, top - 14, left + cell, top + 43), outline=0, width=2)
    return Prepared(page, 200, 200, ())


def seconds():
    return 60.0


def test_a_page_of_unsure_letters_is_weak():
    sure, unsure = word("x" * 120), word("y" * 5, confidence=0.4)
    assert not is_weak((sure, unsure))
    assert is_weak((sure, unsure, word("zz", confidence=0.59)))
    assert is_weak(())


def test_a_clean_page_is_not_weak(tesseract, draw_page):
    assert not is_weak(tesseract.read(draw_page(dpi=200), 200, Layout.AUTOMATIC, 60))


def test_what_the_first_reading_made_nothing_of_is_read(tesseract, form):
    first = tesseract.read(form.image, 200, Layout.AUTOMATIC, 60)
    words, how = look_again(form, first, Engines(tesseract), seconds)
    assert how == ("sparse",)
    assert "0012345" not in {w.text for w in first}
    assert "0012345" in {w.text for w in words}


def test_the_second_reader_is_asked_where_there_is_one(tesseract, second_reader, draw_page):
    page = Prepared(draw_page(["Clinic of samples"], dpi=150), 150, 150, ())
    first = (word("Clinic", 900, 0.3),)
    words, how = look_again(page, first, Engines(tesseract, second_reader), seconds)
    assert how == ("rapidocr",)
    assert [w.text for w in words] == ["Clinic", "of", "samples"]


class Recorded:
    """An engine that says what it was asked to read, and gives what it was told to."""

    name = "recorded"

    def __init__(self, words=()):
        self.words, self.asked = words, []

    def read(self, image, dpi, layout, timeout_seconds):
        assert timeout_seconds > 0
        self.asked.append((image.size, dpi, layout))
        if isinstance(self.words, Exception):
            raise self.words
        return self.words


def test_beside_the_second_reader_the_first_reads_a_smaller_picture(draw_page):
    page = Prepared(draw_page(dpi=200), 200, 200, (), reading_part=0.8)
    first, second = Recorded((word("chart", 600, 0.99),)), Recorded((word("record", 60, 0.99),))
    words, _ = look_again(page, (word("sample", 0, 0.2),), Engines(first, second), seconds)
    assert first.asked == [((1020, 1320), 120, Layout.AUTOMATIC)]
    assert second.asked == [((1700, 2200), 200, Layout.AUTOMATIC)]
    assert [w.text for w in words] == ["record", "chart"]
    assert words[1].box.left == 1000


def test_the_smaller_picture_of_a_crooked_page_is_straight(draw_page):
    page = Prepared(draw_page(dpi=200), 200, 200, (), skew_degrees=6.0)
    first, second = Recorded((word("chart", 600, 0.99),)), Recorded((word("record", 60, 0.99),))
    look_again(page, (word("sample", 0, 0.2),), Engines(first, second), seconds)
    straight = straightened(page.image, 6.0).size
    assert second.asked[0][0] == straight
    for side, whole in zip(first.asked[0][0], straight, strict=True):
        assert side == pytest.approx(0.75 * whole, abs=3)


def test_a_smaller_picture_that_cannot_be_read_costs_nothing(draw_page):
    page = Prepared(draw_page(dpi=200), 200, 200, ())
    first, second = Recorded(EngineFailed()), Recorded((word("record", 60, 0.99),))
    words, how = look_again(page, (word("chart", 600, 0.99),), Engines(first, second), seconds)
    assert {w.text for w in words} == {"record", "chart"}
    assert how == ("recorded",)


@pytest.mark.parametrize("does", ["exit 1", "kill -9 $$", "sleep 9"])
def test_a_second_look_that_fails_costs_nothing(tesseract, form, tmp_path, monkeypatch, does):
    broken(tmp_path, monkeypatch, does)
    first = (word("Clinic"),)
    words, how = look_again(form, first, Engines(tesseract), lambda: 0.5)
    assert (words, how) == (first, ("sparse-failed",))


def broken(tmp_path, monkeypatch, does):
    program = tmp_path / "tesseract"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo tesseract 5.3.0 && exit\n{does}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


@pytest.mark.parametrize("second", [False, True])
def test_a_field_is_read_again(tesseract, second_reader, draw_page, second):
    page = draw_page(["MRN: 0012345"], dpi=150)
    _, value = tesseract.read(page, 150, Layout.AUTOMATIC, 60)
    engines = Engines(tesseract, second_reader if second else None)
    found = reread(Prepared(page, 200, 200), value.box, engines, lambda: 60)
    assert found.text == "0012345"
    assert found.confidence > 0.7
    assert found.independent is second


def test_a_field_that_cannot_be_read_again(tesseract, draw_page, tmp_path, monkeypatch):
    broken(tmp_path, monkeypatch, "exit 1")
    page = Prepared(draw_page(), 200, 200)
    found = reread(page, Box(130, 150, 200, 26), Engines(tesseract), lambda: 60)
    assert found == Field("", 0.0)


def test_the_second_reader_gets_a_page_of_dots_with_its_dots(draw_page):
    class Shown(Recorded):
        def read(self, image, dpi, layout, timeout_seconds):
            self.picture = image
            return super().read(image, dpi, layout, timeout_seconds)

    sharp, thick = draw_page(dpi=100), Image.new("L", (850, 1100))
    first, second = Shown(), Shown((word("again"),))
    page = Prepared(thick, 100, 100, sharp=sharp)
    look_again(page, (), Engines(first, second), seconds)
    assert second.picture is sharp
    assert first.picture is not sharp
    reread(page, Box(10, 10, 100, 20), Engines(first, second), seconds)
    assert second.picture.getextrema()[1] == 255
    reread(page, Box(10, 10, 100, 20), Engines(first), seconds)
    assert max(first.picture.crop((20, 20, 60, 40)).getextrema()) == 0

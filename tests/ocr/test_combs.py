"""Fields with a box for every letter."""

import pytest
from manner import quick_manner
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr.combs import Comb, find_combs, look_side, with_combs
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.read import read_page

from .conftest import FONT

DPI = 200
PITCH, HIGH = 48, 52
FIELDS = (("Last name", "SAMPLETON"), ("Date of birth", "04171953"), ("MRN", "40718826"))


def boxed(pen, left, top, count):
    """A frame with a stroke between each two boxes."""
    pen.rectangle((left, top, left + count * PITCH, top + HIGH), outline=0, width=2)
    for number in range(1, count):
        x = left + number * PITCH
        pen.line((x, top, x, top + HIGH), fill=0, width=2)


def open_above(pen, left, top, count):
    """A line with short strokes on it, as high as half the letters."""
    pen.line((left, top + HIGH, left + count * PITCH, top + HIGH), fill=0, width=2)
    for number in range(count + 1):
        x = left + number * PITCH
        pen.line((x, top + HIGH - 28, x, top + HIGH), fill=0, width=2)


def apart(pen, left, top, count):
    """A pale box for each letter."""
    for number in range(count):
        x = left + number * PITCH
        pen.rectangle((x, top, x + PITCH - 6, top + HIGH), outline=130, width=2)


def form(draw, fields=FIELDS, more=3):
    """A page of fields that have some boxes more than letters."""
    page = Image.new("L", (1700, 2200), 255)
    pen, letters = ImageDraw.Draw(page), ImageFont.truetype(FONT, 36)
    for row, (label, value) in enumerate(fields):
        top = 300 + 110 * row
        pen.text((150, top + 10), label, fill=0, font=ImageFont.truetype(FONT, 26))
        draw(pen, 520, top, len(value) + more)
        for number, letter in enumerate(value):
            middle = 520 + number * PITCH + PITCH // 2
            pen.text((middle, top + HIGH - 8), letter, fill=10, font=letters, anchor="ms")
    return page


def combs_on(page, dpi=DPI):
    side = look_side(dpi)
    return find_combs(page.reduce(side), side, dpi)


@pytest.mark.parametrize("draw", [boxed, open_above, apart])
@pytest.mark.parametrize("degrees", [0, 3])
def test_what_stands_in_boxes_is_read(draw, degrees, tmp_path, scratch):
    path = tmp_path / "form.png"
    page = form(draw).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    page.save(path, dpi=(DPI, DPI))
    read = read_page(path, Format.PNG, 1, Limits(), quick_manner(scratch))
    assert "combs-read" in read.reading
    found = {word.text: word for word in read.words}
    assert {value for _, value in FIELDS} <= found.keys()
    if not degrees:
        place = found["SAMPLETON"].box
        assert abs(place.left - 520) <= 6
        assert abs(place.right - 520 - 9 * PITCH) <= 12
        assert place.top < 330 < place.bottom


def test_words_of_two_boxes_apart_are_two(scratch, tmp_path):
    path = tmp_path / "form.png"
    form(boxed, (("Name", "ANN  SAMPLE"),)).save(path, dpi=(DPI, DPI))
    read = read_page(path, Format.PNG, 1, Limits(), quick_manner(scratch))
    assert {"ANN", "SAMPLE"} <= {word.text for word in read.words}


def test_other_strokes_are_no_fields(draw_page):
    page = draw_page(["HILL LIFT ILLEGIBLE"] * 8, dpi=DPI)
    pen = ImageDraw.Draw(page)
    # A code, a ruler, and a table of rows.
    for number, wide in enumerate((2, 4, 2, 6, 2, 2, 4, 6, 2, 4, 2, 6) * 3):
        x = 200 + 14 * number
        pen.rectangle((x, 1500, x + wide, 1560), fill=0)
    for x in range(200, 1500, 20):
        pen.line((x, 1650, x, 1680), fill=0)
    for x in range(200, 1500, 80):
        pen.line((x, 1750, x, 2100), fill=0)
    assert combs_on(page) == ()


def test_single_figures_in_a_row_of_a_table_are_no_number():
    page = Image.new("L", (1700, 800), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(FONT, 30)
    for number, figure in enumerate("234120"):
        x = 300 + 80 * number
        pen.rectangle((x, 500, x + 80, 560), outline=0, width=2)
        pen.text((x + 30, 510), figure, fill=0, font=face)
    assert combs_on(page) == ()


def test_an_empty_field_changes_nothing():
    page = form(boxed, (("Name", ""),), more=9)
    (comb,) = combs_on(page)
    assert (len(comb.boxes), comb.place.left // 10) == (9, 52)
    words = (Word("Name", Box(150, 310, 90, 30), 0.9, 0),)
    assert with_combs(page, DPI, words, lambda _picture: ()) is words


def test_a_line_that_has_other_letters_than_the_boxes_is_not_taken():
    page = form(boxed, (("Name", "ANN"),), more=4)
    (comb,) = combs_on(page)
    words = (Word("|A|N|N|", Box(530, 310, 200, 30), 0.4, 0),)
    misread = (Word("AIMN", Box(16, 16, 140, 36), 0.9, 0),)
    assert with_combs(page, DPI, words, lambda _picture: misread) is words
    read = (Word("ANN", Box(16, 16, 140, 36), 0.9, 0),)
    (word,) = with_combs(page, DPI, words, lambda _picture: read)
    assert (word.text, word.box) == ("ANN", comb.part(0, 2))


def test_a_field_knows_its_parts():
    comb = Comb(10, 60, ((5, 40), (45, 80), (85, 120)))
    assert comb.place == Box(5, 10, 115, 50)
    assert comb.part(1, 1) == Box(45, 10, 35, 50)

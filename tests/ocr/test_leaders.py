"""Rows of dots between a name and its value."""

from dataclasses import replace

import pytest
from manner import quick_manner
from PIL import Image, ImageChops, ImageDraw, ImageFont

from chartkeeper.ocr.enhance import Step
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.leaders import shows_leaders, without_leaders
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.read import read_page

from .conftest import FONT

DPI = 200
ROWS = (
    *(("Sodium", "139", "135-145"), ("Potassium", "4.4", "3.5-5.1"), ("Chloride", "101", "98-107")),
    *(("Creatinine", "1.3", "0.6-1.2"), ("Glucose", "188", "70-99"), ("Albumin", "3.8", "3.5-5.0")),
)


def results(dot, font=FONT):
    """A table at 200 dpi of which dots join the columns."""
    page = Image.new("L", (1700, 2200), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(font, 30)
    for row, cells in enumerate(ROWS * 2):
        at = 150
        for cell, until in zip(cells, (700, 1200, 0), strict=True):
            dots = dot * max(0, int((until - at - 200) / pen.textlength(dot, font=face)))
            pen.text((at, 200 + 50 * row), cell + dots, fill=0, font=face)
            at += round(pen.textlength(cell + dots, font=face))
    return page


@pytest.mark.parametrize("dot", [".", ". "])
def test_values_at_the_end_of_dots_are_read(dot, tmp_path, scratch):
    path = tmp_path / "results.png"
    results(dot).save(path, dpi=(DPI, DPI))
    way = quick_manner(scratch)
    page = read_page(path, Format.PNG, 1, Limits(), way)
    assert "unled" in page.preparation
    texts = [word.text for word in page.words]
    assert all(texts.count(cell) == 2 for row in ROWS for cell in row)
    left = read_page(path, Format.PNG, 1, Limits(), replace(way, steps=way.steps - {Step.UNLED}))
    found = [word.text.strip(". ") for word in left.words]
    assert sum(found.count(cell) for row in ROWS for cell in row) < 2 * 3 * len(ROWS)


@pytest.mark.parametrize("font", [FONT, FONT.replace("Sans", "SansMono")])
def test_points_of_figures_and_sentences_stay(font):
    page = Image.new("L", (1700, 400), 255)
    face = ImageFont.truetype(font, 30)
    said = "1. 2. 3. 4. 5. 6. 7. 8. 9. 0.1.2.3.4.5.6.7.8.9 i.e. p.o. q.i.d. wait ... here"
    ImageDraw.Draw(page).text((60, 100), said, fill=0, font=face)
    assert without_leaders(page, DPI) is None


@pytest.mark.parametrize("font", [FONT, FONT.replace("Sans", "SansMono")])
def test_the_point_of_a_figure_at_the_end_of_the_dots_stays(font):
    face = ImageFont.truetype(font, 30)

    def drawn(text):
        page = Image.new("L", (1700, 200), 255)
        ImageDraw.Draw(page).text((60, 60), text, fill=0, font=face)
        return page

    row = drawn("Potassium . . . . . . . .4.4. . . . . . 3.5-5.1")
    plain = without_leaders(row, DPI)
    gone = ImageChops.difference(row, plain).getbbox()
    # What stands between the figures is as it was.
    start = 60 + round(face.getlength("Potassium . . . . . . . ."))
    end = start + round(face.getlength("4.4"))
    box = start + 2, 0, end - 2, 200
    assert gone is not None
    assert plain.crop(box).tobytes() == row.crop(box).tobytes()


def test_a_reading_shows_leaders_by_its_dots():
    def words(*texts):
        return [Word(text, Box(0, 0, 50, 20), 0.9, 0) for text in texts]

    assert shows_leaders(words("Sodium....", "....", ". ."))
    assert not shows_leaders(words("wait", "...", "here", "3.5-5.1", "p.o.", "..."))


def test_a_page_without_dots_or_made_of_dots_is_left_alone(draw_page):
    assert without_leaders(draw_page(dpi=DPI), DPI) is None
    grey = draw_page(dpi=DPI).point([40 + value * 180 // 255 for value in range(256)])
    assert without_leaders(grey.convert("1").convert("L"), DPI) is None

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from chartkeeper.ocr import tesseract
from chartkeeper.ocr.inverted import Bar, bars, is_negative, negative, negative_in

from .conftest import FONT


def small(page):
    return page.reduce(max(1, min(page.size) // 600))


def barred(page, dpi=200, paper=255):
    drawn = page.copy()
    pen, font = ImageDraw.Draw(drawn), ImageFont.truetype(FONT, dpi // 6)
    pen.rectangle((dpi, 8 * dpi, 5 * dpi, 8.3 * dpi), fill=20)
    pen.text((1.2 * dpi, 8.04 * dpi), "LABORATORY RESULTS", fill=paper, font=font)
    return drawn


def test_a_black_bar_is_found_to_the_pixel(draw_page):
    page = barred(draw_page(dpi=200))
    assert bars(page, small(page), 200) == (Bar(200, 1600, 1001, 1661),)


def test_the_writing_in_a_bar_is_read(draw_page, scratch):
    page = barred(draw_page(dpi=200, paper=230), paper=230)
    turned = negative_in(page, bars(page, small(page), 200))
    assert turned.getpixel((210, 1610)) > 200
    read = " ".join(word.text for word in tesseract.read_words(turned, 200, scratch, 60))
    assert "LABORATORY RESULTS" in read


@pytest.mark.parametrize("degrees", [-1.4, -0.8, -0.3, -0.1, 0.1, 0.5, 1.0, 1.4])
@pytest.mark.parametrize("wide", [4, 7.2])
def test_the_bar_of_a_page_that_lay_a_little_crooked_is_read(draw_page, scratch, degrees, wide):
    page = draw_page(dpi=200)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, 33)
    pen.rectangle((100, 1600, 100 + 200 * wide, 1660), fill=20)
    for place in (0.1, 0.6):
        pen.text((100 + place * 200 * wide, 1608), "LABORATORY", fill=255, font=font)
    # A line of print right above one end of it.
    pen.text((100 + 110 * wide, 1560), "gypsy jog " * (wide > 5), fill=0, font=font)
    page = page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    (bar,) = bars(page, small(page), 200)
    turned = negative_in(page, (bar,))
    left, top, right, bottom = bar.place
    assert turned.crop((left - 5, top - 5, right + 5, bottom + 5)).convert("1").getbbox()
    read = " ".join(word.text for word in tesseract.read_words(turned, 200, scratch, 60))
    assert read.count("LABORATORY") == 2


@pytest.mark.parametrize("ground", [60, 90, 130, 160])
def test_the_ground_of_a_grey_bar_becomes_paper(draw_page, scratch, ground):
    page = draw_page(dpi=200)
    pen = ImageDraw.Draw(page)
    pen.rectangle((200, 1600, 1000, 1660), fill=ground)
    pen.text((240, 1608), "LABORATORY RESULTS", fill=255, font=ImageFont.truetype(FONT, 33))
    turned = negative_in(page, bars(page, small(page), 200))
    assert turned.getpixel((210, 1610)) == 255
    read = " ".join(word.text for word in tesseract.read_words(turned, 200, scratch, 60))
    assert "LABORATORY RESULTS" in read


def test_strokes_of_letters_are_no_bars():
    page = Image.new("L", (812, 406), 255)
    pen = ImageDraw.Draw(page)
    bold = ImageFont.truetype(FONT.replace("Sans.ttf", "Serif-Bold.ttf"), 120)
    pen.text((30, 20), "TELEM", fill=0, font=bold)
    for row in range(4):
        pen.text(
            (30, 180 + 50 * row), "MRN 8513502 SAMPLE", fill=0, font=bold.font_variant(size=40)
        )
    assert bars(page, page, 203) == ()


@pytest.mark.parametrize("points", [8, 14, 40])
def test_bold_print_rules_and_plain_black_are_no_bars(draw_page, points):
    page = draw_page(["HEAVY HEADING"] * 3, dpi=200, points=points)
    pen = ImageDraw.Draw(page)
    pen.text((300, 1500), "HEAVY", stroke_width=6, font=ImageFont.truetype(FONT, 90), fill=0)
    pen.rectangle((100, 1800, 1500, 1806), fill=0)
    pen.rectangle((100, 1900, 600, 1980), fill=0)
    pen.rectangle((0, 0, 1699, 60), fill=0)
    assert bars(page, small(page), 200) == ()


def test_the_lid_of_the_scanner_at_an_edge_is_no_bar(draw_page):
    page, font = draw_page(dpi=200), ImageFont.truetype(FONT, 33)
    pen = ImageDraw.Draw(page)
    for left, top, right, bottom in ((0, 0, 1699, 60), (0, 2140, 1699, 2199)):
        pen.rectangle((left, top, right, bottom), fill=20)
        pen.text(
            (300, top + 8), "SPECKS ON THE LID OF THE SCANNER ARE NOT WRITING", fill=255, font=font
        )
    assert bars(page, small(page), 200) == ()


def test_a_negative_page_is_known(draw_page):
    page = draw_page(dpi=100)
    assert not is_negative(page)
    assert is_negative(ImageOps.invert(page))
    assert is_negative(draw_page(dpi=100, ink=220, paper=60))
    assert not is_negative(draw_page(dpi=100, ink=90, paper=170))
    assert not is_negative(Image.new("L", (100, 100), 255))
    assert negative(ImageOps.invert(page)) == page


def test_tiny_pictures_do_no_harm():
    dot = Image.new("L", (1, 1))
    assert bars(dot, dot, 200) == ()


def test_bars_close_below_one_another_and_between_the_rules_of_a_table():
    page = Image.new("L", (1700, 2200), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(FONT, 28)
    stacked = [(150, 200 + 46 * row, 320 + 50 * row) for row in range(4)]
    ruled = [(154, 703 + 60 * row, 400) for row in range(4)]
    for row in range(5):
        pen.line((150, 700 + 60 * row - 4, 1500, 700 + 60 * row - 4), fill=0, width=2)
    for left, top, right in (*stacked, *ruled):
        pen.rectangle((left, top, right, top + 42), fill=0)
        pen.text((left + 10, top + 5), "Sodium:"[: (right - left) // 25], 255, face)
    found = {(bar.left, bar.top, bar.right) for bar in bars(page, page.reduce(2), 200)}
    for left, top, right in (*stacked, *ruled):
        assert any(abs(left - x) <= 3 and abs(top - y) <= 3 and abs(right - z) <= 3
                   for x, y, z in found)  # fmt: skip


RESULTS = (("Sodium", "139"), ("Potassium", "4.2"), ("Ferritin", "88"), ("Albumin", "4.1"))


def coloured_table(rows, pitch=56):
    """A page with a table of coloured cells close to one another, and where these lie."""
    page = Image.new("L", (1700, 2200), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(FONT, 28)
    cells = []
    for row in range(rows):
        for column, text in enumerate(RESULTS[row % len(RESULTS)]):
            left, top = 200 + 400 * column, 300 + pitch * row
            coloured = column != row % 3
            if coloured:
                cells.append((left, top))
                pen.rectangle((left, top, left + 393, top + pitch - 6), fill=60 + 20 * (row % 4))
            pen.text((left + 10, top + 8), text, 255 if coloured else 0, face)
    return page, cells


@pytest.mark.parametrize("rows", [4, 16])
def test_the_coloured_cells_of_a_table_are_bars(rows):
    page, cells = coloured_table(rows)
    turned = negative_in(page, bars(page, small(page), 200))
    for left, top in cells:
        assert turned.getpixel((left + 4, top + 4)) > 230, (left, top)
        assert min(turned.crop((left + 5, top + 5, left + 130, top + 45)).getextrema()) < 60


def test_print_beside_a_coloured_cell_stays_as_it_is():
    page, _ = coloured_table(16)
    turned = negative_in(page, bars(page, small(page), 200))
    # The name in the first row, the result in the second.
    for place in ((200, 300, 390, 345), (605, 356, 790, 401)):
        assert turned.crop(place).tobytes() == page.crop(place).tobytes()


def test_a_picture_with_light_stripes_is_none():
    rows = np.random.default_rng(4).integers(0, 90, (900, 1000), dtype=np.uint8)
    rows[::60] = rows[1::60] = 255
    page = Image.new("L", (1700, 2200), 255)
    page.paste(Image.fromarray(rows), (300, 400))
    assert bars(page, small(page), 200) == ()

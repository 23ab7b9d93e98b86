"""Decimal points that a reading left out, seen in the picture."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manner import quick_manner
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.points import POINTS_FOUND, Glyph, pointed, with_points
from chartkeeper.ocr.read import read_page

from .conftest import FONT

FACES = [
    FONT,
    FONT.replace("Sans.ttf", "Serif.ttf"),
    FONT.replace("Sans.ttf", "SansMono.ttf"),
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSansNarrow-Regular.ttf",
]


def written(text, face=FONT, size=28):
    """A picture with `text` on it, and the box of its ink."""
    image = Image.new("L", (60 + size * len(text), 3 * size), 255)
    pen, font = ImageDraw.Draw(image), ImageFont.truetype(face, size)
    pen.text((30, size), text, 0, font)
    left, top, right, bottom = map(round, pen.textbbox((30, size), text, font))
    return image, Box(left, top, right - left, bottom - top)


def said(paper, text, face=FONT, size=28):
    """What becomes of `text` that was read where `paper` stands."""
    image, box = written(paper, face, size)
    words = (Word(text, box, 0.9, 0),)
    return with_points(image, words)[0].text


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("paper", "text"),
    [
        ("2.7", "27"),
        ("2.7", "2,7"),
        ("2.7", "2:7"),
        ("0.125", "0125"),
        ("98.6", "986"),
        ("3.5-5.1", "35-51"),
        ("3.5-5.1", "3.5-51"),
        ("0.3-10.3", "03-103"),
        ("11.89", "11,89"),
        ("(1.2)", "(12)"),
    ],
)
def test_a_point_that_was_left_out_is_put_in(paper, text, face):
    expected = text if paper.startswith("(") else paper
    assert said(paper, text, face) == expected


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    "text",
    [
        "27",
        "1,250",
        "10:45",
        "1.2",
        "135-146",
        "001",
        "11",
        "17-71",
        "12,",
        "555-0123",
        "03/07/1961",
    ],
)
def test_what_was_read_right_stays(text, face):
    image, box = written(text, face)
    words = (Word("Potassium", Box(0, 0, 10, 10), 0.9, 0), Word(text, box, 0.9, 0))
    assert with_points(image, words) is words


@given(
    st.text(string.digits, min_size=1, max_size=3),
    st.text(string.digits, min_size=1, max_size=2),
    st.sampled_from(FACES),
    st.integers(20, 48),
)
def test_any_number_gets_its_point_back(whole, parts, face, size):
    assert said(f"{whole}.{parts}", whole + parts, face, size) == f"{whole}.{parts}"


@given(
    st.text(string.digits + ",:-", min_size=1, max_size=9),
    st.sampled_from(FACES),
    st.integers(20, 48),
)
def test_no_number_without_a_point_gets_one(text, face, size):
    assert said(text, text, face, size) == text


def test_other_figures_than_on_paper_are_left():
    assert said("2.75", "27") == "27"
    assert said("2.7", "271") == "271"


def test_the_comma_of_thousands_is_no_point():
    assert said("1,250", "1250") == "1250"
    assert said("1.250", "1,250") == "1,250"


def test_a_time_is_no_number_with_a_point():
    assert said("10.45", "10:45") == "10:45"


def test_long_numbers_get_no_point():
    assert said("1234.567", "1234567") == "1234567"


def test_dirt_between_two_figures_is_no_point():
    image, box = written("2 7")
    pen, middle = ImageDraw.Draw(image), box.left + box.width // 2
    pen.rectangle(
        (middle - 1, box.top + box.height // 3, middle + 1, box.top + box.height // 3 + 2), 0
    )
    words = (Word("27", box, 0.9, 0),)
    assert with_points(image, words) is words


def test_two_figures_that_touch_and_one_that_is_broken():
    image, box = written("34.56")
    touching = image.copy()
    ImageDraw.Draw(touching).line((box.left, box.top + 8, box.left + 30, box.top + 8), 0, 2)
    assert with_points(touching, (Word("3456", box, 0.9, 0),))[0].text == "34.56"
    image, box = written("0.41")
    ImageDraw.Draw(image).line((box.left + 8, 0, box.left + 8, image.height), 255, 1)
    assert with_points(image, (Word("041", box, 0.9, 0),))[0].text == "0.41"


def row(*glyphs):
    """Ink of (width, height, how far it ends above the line), 3 pixels apart, figures 24 high."""
    found, left = [], 0
    for width, height, above in glyphs:
        found.append(Glyph(left, left + width, 24 - above - height, 24 - above))
        left += width + 3
    return found


FIGURE = (14, 24, 0)


@pytest.mark.parametrize(
    ("text", "between", "expected"),
    [
        ("27", [(4, 4, 0)], "2.7"),
        ("27", [(3, 6, 0)], "2.7"),
        ("27", [(2, 7, 0)], "27"),
        ("27", [(9, 9, 0)], "27"),
        ("27", [(1, 1, 0)], "27"),
        ("27", [(4, 4, 9)], "27"),
        ("27", [(4, 4, 0), (4, 4, 0)], "27"),
        ("27", [(7, 3, 10)], "27"),
        ("27", [], "27"),
        ("2250", [(4, 5, 0)], "2.250"),
        ("2250", [(3, 5, 0)], "2250"),
        ("2,250", [(4, 4, 0)], "2,250"),
    ],
)
def test_what_may_be_a_point(text, between, expected):
    rest = [FIGURE] * (sum(map(str.isdigit, text)) - 1)
    assert pointed(text, row(FIGURE, *between, *rest)) == expected


def test_where_it_is_unclear_which_figure_is_broken_nothing_is_put_in():
    point, half = (4, 4, 0), (4, 24, 0)
    assert pointed("27", row(FIGURE, point, half, half)) == "2.7"
    assert pointed("227", row(half, half, point, half, half)) == "227"


def test_letters_too_small_to_tell_are_left():
    small = Image.new("L", (40, 20), 255)
    pen = ImageDraw.Draw(small)
    for left in (4, 14):
        pen.rectangle((left, 4, left + 2, 8), 0)
    small.putpixel((10, 8), 0)
    words = (Word("11", Box(4, 4, 13, 5), 0.9, 0),)
    assert with_points(small, words) is words


def test_where_there_is_no_ink_there_is_no_point():
    blank = Image.new("L", (100, 100), 255)
    for box in (Box(0, 0, 50, 20), Box(0, 0, 0, 0), Box(10, 10, 5, 2)):
        words = (Word("27", box, 0.9, 0),)
        assert with_points(blank, words) is words


def test_a_faxed_table_keeps_its_points(tmp_path, scratch):
    """In one of ten numbers of such a page Tesseract leaves out the point."""
    rng, page = random.Random(11), Image.new("L", (1728, 2200), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(FACES[3], 25)
    values = [f"{rng.uniform(0.5, 20):.1f}" for _ in range(30)]
    for row, value in enumerate(values):
        pen.text((200, 150 + 60 * row), "Creatinine", 0, face)
        pen.text((700, 150 + 60 * row), value, 0, face)
        pen.text((1000, 150 + 60 * row), "mg/dL", 0, face)
    page.convert("1").save(path := tmp_path / "fax.png", dpi=(204, 196))
    read = read_page(path, Format.PNG, 1, Limits(), quick_manner(scratch))
    texts = [word.text for word in read.words]
    assert [value for value in values if value.replace(".", "") in texts] == []
    assert sum(value in texts for value in values) >= 26
    assert POINTS_FOUND in read.reading

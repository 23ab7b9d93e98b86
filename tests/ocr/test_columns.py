import pytest
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr.columns import columns, read_column
from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.marks import Mark
from chartkeeper.ocr.page import Box
from chartkeeper.ocr.tesseract import TesseractProgram
from chartkeeper.ocr.unread import completed, find_unread

from .conftest import FONT

FIGURES = ("86.0", "5.5", "1.41", "99", "216", "15.0", "4.6", "43.2", "0.20")
NAMES = ("Volume", "Potassium", "Magnesium", "Chloride", "Platelets", "Hemoglobin", "Albumin",
         "Hematocrit", "Monocytes")  # fmt: skip
TOP, PITCH, LEFT = 500, 90, 1200


def mark(left, top, width=14, height=8, filled=0.6):
    cells = round(filled * width * height)
    return Mark(left, top, left + width - 1, top + height - 1, cells)


def table():
    """A page at 300 dpi with names on the left and figures far to the right of them."""
    page = Image.new("L", (2550, 3300), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(FONT, 42)
    for row, texts in enumerate(zip(NAMES, FIGURES, strict=True)):
        for left, text in zip((300, LEFT), texts, strict=True):
            pen.text((left, TOP + PITCH * row), text, 0, face)
    return page


@pytest.fixture
def read(scratch):
    engine = TesseractProgram(scratch)
    return lambda layout: lambda picture: engine.read(picture, 300, layout, 60)


def test_short_pieces_below_one_another_are_a_column():
    one = [mark(100, 100 + 20 * row, width=8 + row % 5) for row in range(6)]
    other = [mark(300, 105 + 20 * row) for row in range(3)]
    assert sorted(map(len, columns([*other, *one]))) == [3, 6]


@pytest.mark.parametrize(
    "pieces",
    [
        [mark(100, 100), mark(100, 120)],
        [mark(100, 100 + 20 * row, filled=0.95) for row in range(5)],
        [mark(100, 100 + 20 * row, width=30) for row in range(5)],
        [mark(100, 100 + 80 * row) for row in range(5)],
        [mark(100 + 16 * row, 100 + 20 * row) for row in range(5)],
        [mark(100, 100 + 30 * row, height=6 + 6 * (row % 2), width=10) for row in range(4)],
    ],
    ids=["two", "bullets", "lines", "far apart", "aslant", "of unlike height"],
)
def test_other_pieces_are_none(pieces):
    assert list(columns(pieces)) == []


def test_the_figures_of_a_column_are_read_to_the_point(read):
    items = [Box(LEFT, TOP + PITCH * row + 8, 40 * len(text), 36)
             for row, text in enumerate(FIGURES)]  # fmt: skip
    words = list(read_column(table(), items, read(Layout.SPARSE)))
    assert [(word.text, word.line) for word in words] == [(t, n) for n, t in enumerate(FIGURES)]
    assert all(item.holds_middle_of(words[number].box) for number, item in enumerate(items))


def test_strokes_are_no_column(read):
    page = Image.new("L", (1700, 2200), 255)
    items = [Box(500, 400 + 70 * row, 40, 30) for row in range(6)]
    for box in items:
        corners = [(box.left, box.top), (box.right, box.bottom), (box.left + 9, box.bottom)]
        ImageDraw.Draw(page).line([*corners, (box.right, box.top)], fill=0, width=5)
    assert list(read_column(page, items, read(Layout.SPARSE))) == []


def test_a_column_that_was_left_out_stands_beside_the_words_that_were_read(read):
    page = table()
    words = read(Layout.AUTOMATIC)(page)
    names = tuple(word for word in words if word.box.left < LEFT - 100)
    assert [len(column) for column in find_unread(page, names).columns] == [len(FIGURES)]
    whole = completed(page, names, read(Layout.LINE), read(Layout.SPARSE))
    assert sorted(word.text for word in whole) == sorted([*NAMES, *FIGURES])
    rows = {word.text: word.box.top for word in whole}
    for name, figure in zip(NAMES, FIGURES, strict=True):
        assert abs(rows[name] - rows[figure]) < 20

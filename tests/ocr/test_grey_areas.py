import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from chartkeeper.ocr import grey_areas
from chartkeeper.ocr.grey_areas import _window

PLACE = 300, 500, 1300, 1100


def page_with(grey, ink=20, lines=range(520, 1080, 40)):
    """A page at 200 dpi with an area of this grey, and lines of ink on it and beside it."""
    page = Image.new("L", (1700, 2200), 255)
    pen = ImageDraw.Draw(page)
    pen.rectangle(PLACE, fill=grey)
    for top in (*lines, 1500, 1600):
        for left in range(350, 1250, 60):
            pen.rectangle((left, top, left + 30, top + 5), fill=ink)
    return page


def lifted(page):
    found = grey_areas.lifted(page, page.reduce(2))
    return found and found.image


@pytest.mark.parametrize("grey", [90, 128, 160, 190])
def test_writing_on_a_grey_area_stands_on_white(grey):
    clean = lifted(page_with(grey))
    assert clean is not None
    assert clean.getpixel((700, 1095)) == 255
    assert clean.getpixel((300, 800)) == 255
    assert clean.getpixel((360, 522)) < 60
    assert clean.getpixel((360, 1502)) == 20


@pytest.mark.parametrize(
    "page",
    [
        page_with(255),
        page_with(128, lines=()),
        page_with(20),
        page_with(218),
        page_with(128, ink=110),
        page_with(128, ink=255),
        page_with(128, lines=range(505, 1095, 8)),
        Image.new("L", (1700, 2200), 128),
        Image.new("L", (9, 9), 255),
    ],
    ids=[
        "no area",
        "a logo without writing",
        "a black box",
        "lighter than any ink",
        "a shadow in the grey",
        "white writing",
        "a photograph",
        "grey paper",
        "nothing",
    ],
)
def test_other_pages_stay_as_they_are(page):
    assert lifted(page) is None


def test_a_grey_letter_that_stands_by_itself_is_kept_beside_an_area_that_is_lifted():
    page = page_with(128)
    ImageDraw.Draw(page).rectangle((300, 1700, 700, 1900), fill=128)
    clean = lifted(page)
    assert clean is not None
    assert clean.getpixel((500, 1800)) == 128
    assert clean.getpixel((700, 1095)) == 255


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12))),
    st.sampled_from([1, 3, 5, 11]),
    st.sampled_from([np.maximum, np.minimum]),
)
def test_a_window_is_the_lightest_or_darkest_of_the_cells_around(cells, size, pick):
    around = np.pad(cells, size // 2, mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(around, (size, size))
    assert np.array_equal(_window(cells, size, pick), pick.reduce(views, axis=(2, 3)))

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from chartkeeper.ocr import tesseract
from chartkeeper.ocr.page import Box
from chartkeeper.ocr.skew import (
    skew_degrees,
    skewed_back,
    straight_reader,
    straightened,
    straightened_box,
)


def laid(page, degrees):
    """The page falling to the right by so many degrees."""
    return page.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=255)


@pytest.mark.parametrize("degrees", [-14, -5, -1.5, 3, 9])
@pytest.mark.parametrize("turn", [None, Image.Transpose.ROTATE_90])
def test_the_skew_is_found(draw_page, degrees, turn):
    page = laid(draw_page(dpi=72), degrees)
    found = skew_degrees(page if turn is None else page.transpose(turn))
    assert found == pytest.approx(degrees, abs=0.3)


def test_straight_pages_and_pages_without_lines_have_none(draw_page):
    assert skew_degrees(draw_page(dpi=72)) == 0
    assert skew_degrees(Image.new("L", (600, 800), 255)) == 0
    assert skew_degrees(Image.new("L", (1, 1))) == 0
    spotted = Image.effect_noise((600, 800), 90)
    assert skew_degrees(spotted) == 0


@pytest.mark.parametrize("slope", [0.06, 0.12, -0.16])
def test_slanted_drawing_does_not_turn_a_page(draw_page, slope):
    page = draw_page(dpi=72)
    pen = ImageDraw.Draw(page)
    for top in range(330, 760, 40):
        pen.line((60, top, 560, top + 500 * slope), fill=0, width=2)
    assert skew_degrees(page) == 0


def test_a_crooked_form_in_a_frame_is_found(draw_page):
    page = draw_page(dpi=72)
    ImageDraw.Draw(page).rectangle((40, 40, 570, 740), outline=0, width=2)
    assert skew_degrees(laid(page, 4)) == pytest.approx(4, abs=0.3)


def test_a_straightened_page_keeps_its_corners():
    page = Image.new("L", (400, 600), 200)
    ImageDraw.Draw(page).rectangle((0, 0, 20, 20), fill=0)
    straight = straightened(page, 10)
    assert straight.width > 450
    assert sum(straight.histogram()[:100]) == pytest.approx(21 * 21, rel=0.1)
    assert straight.getpixel((0, 0)) == 200


@pytest.mark.parametrize("degrees", [-12.0, 0.0, 5.0])
def test_boxes_go_back_where_the_ink_is(degrees):
    page = Image.new("L", (400, 600), 255)
    ImageDraw.Draw(page).rectangle((100, 450, 139, 459), fill=0)
    straight = straightened(page, degrees)
    dark = straight.point(lambda grey: 255 * (grey < 128)).getbbox()
    box = Box(dark[0], dark[1], dark[2] - dark[0], dark[3] - dark[1])
    back = skewed_back(box, straight.size, page.size, degrees)
    assert (back.left <= 101, back.top <= 451) == (True, True)
    assert (back.right >= 139, back.bottom >= 459) == (True, True)
    assert back.left + back.right == pytest.approx(240, abs=4)
    assert back.top + back.bottom == pytest.approx(910, abs=4)


@given(
    degrees=st.floats(-15, 15),
    left=st.integers(250, 650),
    top=st.integers(250, 800),
    width=st.integers(1, 300),
    height=st.integers(5, 60),
)
def test_boxes_there_and_back_are_the_same(degrees, left, top, width, height):
    size, straight_size = (1200, 1300), (1500, 1600)
    box = Box(left + 150, top + 150, width, height)
    there = skewed_back(box, straight_size, size, degrees)
    back = straightened_box(there, size, straight_size, degrees)
    for side in ("left", "top", "right", "bottom"):
        assert getattr(back, side) == pytest.approx(getattr(box, side), abs=3)


def test_boxes_stay_on_the_page():
    back = skewed_back(Box(0, 0, 500, 5), (500, 640), (400, 600), 10)
    assert min(back.left, back.top) == 0
    assert (back.right <= 400, back.bottom <= 600) == (True, True)


def test_a_crooked_page_is_read_and_its_boxes_lie_on_its_words(draw_page, scratch):
    page = laid(draw_page(["Patient: TESTPATIENT, EXAMPLE"] * 6, dpi=150), 7)

    def read(image):
        return tesseract.read_words(image, 150, scratch, 60)

    words = straight_reader(read, 7)(page)
    found = [word.box for word in words if word.text.startswith("TESTPATIENT")]
    assert len(found) == 6
    for box in found:
        inside = page.crop((box.left, box.top, box.right, box.bottom))
        assert sum(inside.histogram()[:128]) > 0.04 * box.width * box.height
    # Each line falls: the rows keep their distance, and lie lower to the right.
    first = [word.box for word in words if word.text.startswith("Patient")]
    assert all(left.top < right.top for left, right in zip(first, found, strict=True))


def test_without_skew_the_reader_is_the_same():
    def read(_):
        return ()

    assert straight_reader(read, 0.0) is read

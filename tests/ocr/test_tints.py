import pytest
from PIL import Image, ImageDraw

from chartkeeper.ocr.tints import without_tint


def page_with(ground, words=40, ink=20):
    """A page of which two fifths have a ground of this grey, with some strokes of ink on it."""
    page = Image.new("L", (850, 1100), 255)
    pen = ImageDraw.Draw(page)
    pen.rectangle((50, 100, 800, 700), fill=ground)
    for number in range(words):
        left, top = 60 + number % 5 * 140, 120 + number // 5 * 60
        pen.rectangle((left, top, left + 60, top + 8), fill=ink)
    return page


@pytest.mark.parametrize("ground", [150, 180, 209, 225])
def test_writing_on_a_tinted_ground_stands_on_white(ground):
    plain = without_tint(page_with(ground, words=5))
    assert plain is not None
    assert plain.getpixel((700, 690)) == 255
    assert plain.getpixel((70, 124)) < 50
    assert plain.getpixel((10, 10)) == 255


@pytest.mark.parametrize(
    "page",
    [page_with(255), page_with(90), Image.new("L", (9, 9), 255)],
    ids=["no ground", "as dark as a photograph", "nothing"],
)
def test_other_pages_are_left_alone(page):
    assert without_tint(page) is None


@pytest.mark.parametrize("strokes", [0, 3, 40])
def test_however_much_is_written(strokes):
    page = page_with(209, words=strokes)
    assert without_tint(page).getpixel((700, 690)) == 255

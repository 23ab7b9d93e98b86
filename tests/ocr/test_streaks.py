import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from chartkeeper.ocr.streaks import without_streaks

COLUMN, WIDTH = 700, 3
ROW = 208


def copy_of(page):
    return page.reduce(max(1, min(page.size) // 600))


def closely_printed(draw_page):
    line = "Potassium 5.1 mmol per litre, sodium 140, glucose 88 mg per decilitre, seen"
    page = draw_page([line] * 30, dpi=200)
    return ImageChops.darker(page, ImageChops.offset(page, 9, 33))


def streaked(page, *, length=1.0, width=WIDTH, across=False):
    drawn = page.copy()
    pen, middle = ImageDraw.Draw(drawn), (ROW if across else COLUMN) + width // 2
    end = length * (page.width if across else page.height)
    pen.line((0, middle, end, middle) if across else (middle, 0, middle, end), 0, width)
    return drawn


@pytest.mark.parametrize("across", [False, True])
def test_a_streak_goes_and_what_it_crosses_stays(draw_page, across):
    page = closely_printed(draw_page)
    drawn = streaked(page, across=across)
    cleaned = without_streaks(drawn, copy_of(drawn), 200)
    assert cleaned is not None
    left = np.asarray(cleaned) != np.asarray(page)
    inside = left[ROW : ROW + WIDTH] if across else left[:, COLUMN : COLUMN + WIDTH]
    assert left.sum() == inside.sum(), "only the streak itself was touched"
    # What is left of it hangs on letters.
    assert inside.mean() < 0.4


def test_a_streak_beside_the_writing_stays(draw_page):
    page = draw_page(["Potassium 5.1"] * 30, dpi=200)
    assert without_streaks(streaked(page), copy_of(streaked(page)), 200) is None


def test_a_streak_through_the_few_lines_of_a_short_page_goes(draw_page):
    line = "Potassium 5.1 mmol per litre, sodium 140, glucose 88 mg per decilitre, seen"
    page = streaked(draw_page([line] * 6, dpi=200))
    assert without_streaks(page, copy_of(page), 200) is not None


def test_a_streak_that_crosses_rules_alone_stays(draw_page):
    page = draw_page(["Potassium 5.1"] * 30, dpi=200)
    pen = ImageDraw.Draw(page)
    for row in range(150, 2000, 60):
        pen.line((100, row, 1600, row), 0, 3)
    assert without_streaks(streaked(page), copy_of(streaked(page)), 200) is None


@pytest.mark.parametrize(
    "ill", [{"length": 0.85}, {"width": 14}], ids=["a rule between margins", "a wide bar"]
)
def test_rules_and_bars_are_no_streaks(draw_page, ill):
    page = streaked(closely_printed(draw_page), **ill)
    assert without_streaks(page, copy_of(page), 200) is None


def test_shadows_at_the_edge_are_left_alone():
    page = Image.new("L", (1700, 2200), 255)
    ImageDraw.Draw(page).line((5, 0, 5, 2200), 0, 3)
    assert without_streaks(page, copy_of(page), 200) is None

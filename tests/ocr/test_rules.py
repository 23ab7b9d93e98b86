import numpy as np
from PIL import Image, ImageChops, ImageDraw

from chartkeeper.ocr.rules import long_runs, rules, without_rules


def ruled(page):
    drawn = page.copy()
    pen = ImageDraw.Draw(drawn)
    for row in range(5):
        pen.line((100, 1000 + row * 80, 1200, 1000 + row * 80), fill=0, width=3)
    pen.line((100, 1000, 100, 1320), fill=0, width=3)
    return drawn


def test_rules_go_and_the_writing_stays(draw_page):
    page = draw_page(dpi=150)
    for mode in ("1", "L"):
        cleaned = without_rules(ruled(page).convert(mode))
        assert ImageChops.difference(cleaned, page.convert(mode).convert("L")).getbbox() is None


def test_bars_and_pictures_are_no_rules():
    dark = np.zeros((1000, 800), dtype=bool)
    dark[100:160, 100:700] = True
    dark[300:303, 100:700] = True
    found = rules(dark)
    assert not found[100:160].any()
    assert found[300:303, 100:700].all()


def test_long_runs_do_not_go_on_in_the_next_row():
    dark = np.zeros((3, 10), dtype=bool)
    dark[0, 5:] = dark[1, :5] = True
    dark[2] = True
    assert not long_runs(dark, 6)[:2].any()
    assert long_runs(dark, 6)[2].all()
    assert long_runs(dark, 5).sum() == 20


def test_an_empty_page_stays_empty():
    page = Image.new("L", (50, 60), 255)
    assert without_rules(page) == page

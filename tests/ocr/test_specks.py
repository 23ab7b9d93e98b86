import numpy as np
import pytest
from PIL import Image

from chartkeeper.ocr.specks import Ground, ground, specks, without_dots, without_specks


def spotted(page, count, side):
    pixels, chance = np.array(page), np.random.default_rng(3)
    for y, x in chance.integers(0, (page.height - side, page.width - side), (count, 2)):
        pixels[y : y + side, x : x + side] = 0
    return Image.fromarray(pixels)


def test_only_lonely_groups_within_the_size_are_specks():
    dark = np.zeros((20, 30), dtype=bool)
    dark[2, 2] = dark[0, 29] = dark[19, 0] = True
    dark[5:7, 10:12] = True
    dark[12:15, 5] = True
    dark[12, 20] = dark[12, 22] = True
    found = specks(dark, 2)
    assert found[[2, 0, 19], [2, 29, 0]].all()
    assert found[5:7, 10:12].all()
    assert not found[12:15, 5].any(), "three pixels long"
    assert not (found & ~dark).any()


@pytest.mark.parametrize("mode", ["1", "L"])
def test_a_dirty_page_is_cleaned_and_its_points_stay(draw_page, mode):
    page = draw_page(["Potassium 5.1 mmol/l ...", "Sodium 140.5 mmol/l"] * 5, dpi=300)
    page = page.point(lambda grey: 255 * (grey > 127))
    dirty = spotted(page, 4_000, 2).convert(mode)
    assert ground(dirty, 300) is Ground.DIRTY
    cleaned = without_specks(dirty, 300)
    assert ground(cleaned, 300) is Ground.CLEAN
    lost = np.asarray(cleaned).astype(int) - np.asarray(page) > 0
    assert not lost.any(), "a point of the text was taken for a speck"


def test_pieces_of_pale_letters_are_no_dirt(draw_page):
    page = draw_page(dpi=200)
    within = spotted(page.crop((170, 0, 1530, page.height)), 4_000, 2)
    page.paste(within, (170, 0))
    assert ground(page, 200) is Ground.CLEAN
    assert ground(spotted(page, 4_000, 2), 200) is Ground.DIRTY


def test_points_of_small_print_are_no_dirt(draw_page):
    dotted_line = draw_page(["1. 2. 3. . . . . . . ."] * 20, dpi=300, points=8)
    assert ground(dotted_line, 300) is Ground.CLEAN
    assert ground(Image.new("1", (1, 1)), 300) is Ground.CLEAN


@pytest.mark.parametrize("dpi", [200, 300])
@pytest.mark.parametrize("paper", [200, 226, 240])
def test_greys_made_of_dots_run_together(draw_page, dpi, paper):
    page = draw_page(dpi=dpi)
    grey = page.point([40 + value * (paper - 40) // 255 for value in range(256)])
    dotted = grey.convert("1").convert("L")
    assert ground(dotted, dpi) is Ground.DOTTED
    plain = without_dots(dotted, dpi)
    assert ground(plain, dpi) is Ground.CLEAN
    empty = np.asarray(plain)[: dpi // 2]
    assert abs(float(np.median(empty)) - paper) < 12

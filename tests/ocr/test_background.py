import numpy as np
import pytest
from PIL import Image, ImageChops

from chartkeeper.ocr.background import evened, is_dull, paper_greys


def shaded(page):
    shadow = (
        Image.linear_gradient("L").resize(page.size).point(lambda grey: 110 + grey * 145 // 255)
    )
    return ImageChops.multiply(page, shadow)


@pytest.mark.parametrize("dull", [shaded, lambda page: page.point(lambda grey: 80 + grey // 2)])
def test_dull_paper_becomes_white_and_ink_stays_dark(draw_page, dull):
    page = draw_page(dpi=100)
    copy = dull(page)
    paper = paper_greys(copy)
    assert is_dull(paper)
    even = np.asarray(evened(copy, paper))
    written = np.asarray(page) < 50
    # One cell at the page's edge takes in less of the shadow than the paper under it.
    assert np.percentile(even[np.asarray(page) == 255], 1) > 235
    assert even[written].mean() < 140


def test_white_paper_is_left_alone(draw_page):
    assert not is_dull(paper_greys(draw_page(dpi=100)))
    assert not is_dull(paper_greys(draw_page(["dense " * 15] * 40, dpi=100, points=8)))
    assert not is_dull(paper_greys(Image.new("L", (1, 1), 255)))


def test_black_areas_stay_black():
    page = Image.new("L", (400, 400), 0)
    assert evened(page, paper_greys(page)).getextrema() == (0, 0)


def test_level_and_uneven_paper_are_evened_alike(draw_page):
    page = draw_page(dpi=100).point(lambda grey: grey * 200 // 255)
    paper = paper_greys(page.reduce(2))
    level = evened(page, paper)
    uneven = paper.copy()
    # One cell in a corner without writing makes the paper uneven.
    uneven.putpixel((0, 0), 150)
    assert max(paper.getextrema()) - min(paper.getextrema()) < 9
    apart = ImageChops.difference(level, evened(page, uneven)).crop((100, 100, *page.size))
    assert apart.getextrema()[1] <= 2

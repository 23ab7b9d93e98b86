import numpy as np
from PIL import Image

from chartkeeper.ocr.ink import ink, threshold


def test_the_threshold_lies_between_two_heaps():
    histogram = [0] * 256
    histogram[40], histogram[60], histogram[200] = 50, 50, 900
    assert 60 <= threshold(histogram) < 200


def test_ink_is_what_is_dark(draw_page):
    page = draw_page(dpi=100, ink=90, paper=200)
    assert (ink(page) == (np.asarray(page) < 150)).mean() > 0.995
    bilevel = page.point(lambda grey: 255 * (grey > 140)).convert("1")
    assert (ink(bilevel) == ~np.asarray(bilevel)).all()


def test_an_empty_histogram_does_no_harm():
    assert threshold([0] * 256) == 0
    assert ink(Image.new("L", (3, 3), 255)).shape == (3, 3)

import random

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from chartkeeper.ocr.blank import is_blank, is_plainly_written


def paper(dpi, shade=250):
    return Image.new("L", (round(8.5 * dpi), 11 * dpi), shade)


def with_marks(dpi, *, noisy=True):
    """A blank back as scanners give it: specks, shadows at the edges, punch holes."""
    page, luck = paper(dpi), random.Random(7)
    pen = ImageDraw.Draw(page)
    for _ in range(300):
        x, y = luck.randrange(page.width), luck.randrange(page.height)
        size = max(0, dpi // 150 - 1)
        pen.rectangle((x, y, x + size, y + size), fill=luck.randrange(0, 90))
    pen.rectangle((0, 0, dpi // 8, page.height), fill=10)
    pen.polygon([(0, 0), (page.width, 0), (page.width, dpi // 20)], fill=30)
    for inches in (1.5, 5.5, 9.5):
        middle = (0.55 * dpi, inches * dpi)
        radius = 0.14 * dpi
        pen.ellipse([c - radius for c in middle] + [c + radius for c in middle], fill=20)
    if noisy:
        grain = Image.effect_noise(page.size, 8)
        page = ImageChops.subtract(ImageChops.add(page, grain), Image.new("L", page.size, 128))
    return page


@pytest.mark.parametrize("dpi", [90, 150, 300])
def test_paper_is_blank(dpi):
    assert is_blank(paper(dpi))
    assert is_blank(paper(dpi, 200))
    assert is_blank(paper(dpi).convert("1"))
    assert is_blank(with_marks(dpi))


def test_show_through_is_blank(draw_page):
    back = draw_page(dpi=150, ink=225).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert is_blank(back.filter(ImageFilter.GaussianBlur(2)))


@pytest.mark.parametrize("dpi", [90, 150, 300])
@pytest.mark.parametrize("points", [8, 12])
@pytest.mark.parametrize("line", ["Page 2", "see over", "3", "x"])
def test_one_short_line_is_never_blank(draw_page, dpi, points, line):
    page = draw_page([line], dpi=dpi, points=points)
    assert not is_blank(page)
    assert not is_blank(page.point(lambda grey: 255 if grey > 127 else 0).convert("1"))


@pytest.mark.parametrize("line", ["Page 2", "negative"])
def test_one_line_among_specks_holes_and_shadows_is_seen(draw_page, line):
    assert not is_blank(ImageChops.darker(with_marks(150), draw_page([line], dpi=150)))


def test_faint_and_negative_writing_is_seen(draw_page):
    assert not is_blank(draw_page(["faint carbon copy"], ink=180))
    assert not is_blank(draw_page(["on pink paper"], ink=90, paper=170))
    assert not is_blank(ImageChops.invert(draw_page(["white on black"])))


def test_a_dark_photograph_is_not_blank():
    page = paper(100)
    page.paste(40, (0, 0, page.width, 300))
    assert not is_blank(page)


def test_tiny_pictures_do_no_harm():
    assert is_blank(Image.new("L", (1, 1), 255))
    assert is_blank(Image.new("1", (3, 5000), 1))


def test_the_short_look_never_calls_margins_writing(draw_page):
    for dpi in (90, 150, 300):
        assert not is_plainly_written(with_marks(dpi))
    assert is_plainly_written(draw_page(dpi=150))

"""Light and dark writing on one ground that fades."""

import numpy as np
import pytest
from manner import quick_manner
from PIL import Image, ImageChops, ImageDraw, ImageOps

from chartkeeper.ocr.enhance import DEFAULT_STEPS, Step, prepare
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.raster import Raster
from chartkeeper.ocr.read import read_page
from chartkeeper.ocr.two_tones import bears_two_tones, one_tone

from .conftest import LINES

DPI = 150


def small(page):
    return page.reduce(2)


def on_ground(page, dark=60, light=220):
    """The page on a ground from dark to light: its upper part in white, its lower part in black."""
    greys = np.linspace(dark, light, page.height).astype(np.uint8)
    ground = Image.fromarray(np.repeat(greys[:, None], page.width, axis=1))
    above = 0, 0, page.width, page.height * 2 // 5
    white = ImageChops.lighter(ground, ImageOps.invert(page)).crop(above)
    ground = ImageChops.darker(ground, page)
    ground.paste(white, above)
    return ground


def lid(page):
    """The page on the black lid of a scanner."""
    bed = Image.new("L", (page.width * 3 // 2, page.height * 3 // 2), 5)
    bed.paste(page, (200, 150))
    return bed


def shadow(page):
    greys = np.linspace(80, 250, page.width).astype(np.uint8)
    return ImageChops.multiply(page, Image.fromarray(np.tile(greys, (page.height, 1))))


def photograph(page):
    """A dark picture of soft shapes over a third of the page."""
    shapes = np.random.default_rng(6).integers(0, 120, (9, 12), dtype=np.uint8)
    picture = Image.fromarray(shapes).resize((1200, 700), Image.Resampling.BICUBIC)
    page = page.copy()
    page.paste(picture, (40, 900))
    return page


def test_writing_of_both_tones_is_read(draw_page, tmp_path, scratch):
    lines = LINES * 3
    page = on_ground(draw_page(lines, dpi=DPI, points=13))
    page.save(path := tmp_path / "leaflet.png", dpi=(DPI, DPI))
    read = read_page(path, Format.PNG, 1, Limits(), quick_manner(scratch))
    assert Step.ONE_TONE in read.preparation
    found = [word.text for word in read.words]
    printed = " ".join(lines).split()
    assert sum(min(found.count(text), printed.count(text)) for text in set(printed)) >= (
        0.95 * len(printed)
    )


@pytest.mark.parametrize(
    "page", [lambda page: page, lid, shadow, photograph, lambda page: page.point(lambda _: 30)],
    ids=["plain", "lid", "shadow", "photograph", "black"],
)  # fmt: skip
def test_other_pages_have_one_tone(draw_page, page):
    assert not bears_two_tones(small(page(draw_page(LINES * 3, dpi=DPI))))
    assert not bears_two_tones(Image.new("L", (1, 1)))


def test_the_ground_becomes_white_and_the_writing_black(draw_page):
    page = on_ground(Image.new("L", (1275, 1650), 255))
    pen = ImageDraw.Draw(page)
    for top, grey in ((200, 250), (1400, 10)):
        for left in range(100, 1200, 40):
            pen.rectangle((left, top, left + 3, top + 20), fill=grey)
    toned = one_tone(page, small(page))
    for top in (200, 1400):
        assert toned.getpixel((101, top + 10)) < 40
        assert toned.getpixel((120, top + 10)) > 245


def test_the_step_can_be_left_out(draw_page):
    page = Raster(on_ground(draw_page(LINES * 3, dpi=DPI, points=13)), DPI, DPI)
    assert Step.ONE_TONE in prepare(page).steps
    assert Step.ONE_TONE not in prepare(page, DEFAULT_STEPS - {Step.ONE_TONE}).steps

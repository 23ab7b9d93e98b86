"""No step of the preparation takes writing off a page."""

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps

from chartkeeper.ocr.enhance import Step, prepare
from chartkeeper.ocr.grey_areas import Lifted
from chartkeeper.ocr.raster import Raster
from chartkeeper.ocr.strokes import are_lost

DPI = 150


def copy_of(page):
    return page.reduce(2)


def half_gone(page):
    gone = page.copy()
    gone.paste(255, (0, page.height // 8, *page.size))
    return gone


def shaded(page):
    """The page in a shadow that ends at an edge, and with a grey box of its own."""
    ground = Image.new("L", page.size, 255)
    pen = ImageDraw.Draw(ground)
    pen.rectangle((0, 0, page.width // 2, page.height), fill=150)
    pen.rectangle((700, 1000, 1100, 1200), fill=120)
    return ImageChops.multiply(page, ground)


def test_writing_that_is_gone_is_lost(draw_page):
    page = draw_page(dpi=DPI)
    assert are_lost(copy_of(page), copy_of(half_gone(page)))
    white = ImageOps.invert(page)
    assert are_lost(copy_of(white), copy_of(ImageOps.invert(half_gone(page))))


@pytest.mark.parametrize("before", [shaded, lambda page: page, lambda page: page.point(
    [min(255, 60 + grey) for grey in range(256)])], ids=["shadow", "same", "pale"])  # fmt: skip
def test_a_shadow_and_a_ground_are_no_writing(draw_page, before):
    page = draw_page(dpi=DPI)
    assert not are_lost(copy_of(before(page)), copy_of(page))


def test_nothing_is_lost_of_an_empty_page():
    empty = Image.new("L", (600, 800), 255)
    assert not are_lost(empty, empty)
    assert not are_lost(Image.new("L", (1, 1)), Image.new("L", (1, 1)))


def blank(image, _other=None):
    return Image.new("L", image.size, 255)


@pytest.mark.parametrize(
    ("step", "place", "harmful"),
    [
        (Step.EVENED, "background.evened", blank),
        (Step.UNTINTED, "tints.without_tint", blank),
        (Step.GREYS_LIFTED, "grey_areas.lifted", lambda image, copy: Lifted(blank(image), copy)),
    ],
)
def test_a_step_that_takes_writing_away_is_left_out(draw_page, monkeypatch, step, place, harmful):
    page = draw_page(dpi=DPI, paper=200)
    monkeypatch.setattr(f"chartkeeper.ocr.{place}", harmful)
    prepared = prepare(Raster(page, DPI, DPI))
    assert step not in prepared.steps
    assert min(prepared.image.getextrema()) < 60

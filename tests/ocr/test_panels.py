"""Dark panels at the edge of a page, as around prints of screens."""

from dataclasses import replace

import numpy as np
from manner import quick_manner
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.inverted import Bar
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.panels import panels
from chartkeeper.ocr.read import read_page

from .conftest import FONT

DPI = 150
MENU = ("Summary", "Encounters", "Medications", "Immunizations", "Documents")


def small(page):
    return page.reduce(max(1, min(page.size) // 600))


def on_screen(page):
    """A page with a dark band over it and a darker panel to the left that touches it."""
    screen = page.copy()
    pen, face = ImageDraw.Draw(screen), ImageFont.truetype(FONT, 22)
    pen.rectangle((0, 0, screen.width, 59), fill=75)
    pen.text((40, 16), "Sample Clinic Viewer", fill=255, font=face)
    pen.rectangle((0, 60, 249, 899), fill=50)
    for row, text in enumerate(MENU):
        pen.text((30, 100 + 60 * row), text, fill=210, font=face)
    return screen


def page_of(draw_page, **options):
    """Print that leaves room for the panels."""
    page = Image.new("L", (1275, 1650), 255)
    page.paste(draw_page(dpi=DPI, **options).crop((0, 0, 1000, 1500)), (270, 80))
    return page


def test_panels_that_touch_are_found_to_the_pixel(draw_page):
    screen = on_screen(page_of(draw_page))
    band, panel = panels(screen, small(screen), DPI)
    assert band == Bar(0, 0, 1275, 60)
    # It may reach into the band, which is as dark.
    assert replace(panel, top=60) == Bar(0, 60, 250, 900)
    assert 40 <= panel.top <= 60


def test_what_stands_in_panels_is_read(draw_page, tmp_path, scratch):
    path = tmp_path / "screen.png"
    on_screen(page_of(draw_page)).save(path, dpi=(DPI, DPI))
    page = read_page(path, Format.PNG, 1, Limits(), quick_manner(scratch))
    assert "bars-turned" in page.preparation
    texts = {word.text for word in page.words}
    assert texts >= {"Sample", "Clinic", "Viewer", *MENU}


def test_edges_without_writing_are_no_panels(draw_page):
    page = page_of(draw_page)
    ImageDraw.Draw(page).rectangle((0, 0, 200, 1650), fill=10)
    dirt = np.random.default_rng(1).random((1650, 201)) > 0.999
    page.paste(255, (0, 0), Image.fromarray(dirt).convert("L"))
    assert panels(page, small(page), DPI) == ()


def test_pictures_and_shadows_are_no_panels(draw_page):
    page = page_of(draw_page)
    blots = np.random.default_rng(2).integers(0, 256, (900, 500), dtype=np.uint8)
    picture = Image.fromarray(blots).filter(ImageFilter.GaussianBlur(12))
    middle = int(np.median(np.asarray(picture)))
    page.paste(picture.point([255 * (grey > middle + 8) for grey in range(256)]), (300, 300))
    assert panels(page, small(page), DPI) == ()
    gradient = Image.linear_gradient("L").rotate(90).resize((500, 1650))
    shadow = page_of(draw_page)
    shadow.paste(Image.composite(shadow.crop((0, 0, 500, 1650)), gradient, gradient), (0, 0))
    assert panels(shadow, small(shadow), DPI) == ()


def test_panels_close_below_one_another_are_found_each_by_itself(draw_page):
    page, face = page_of(draw_page), ImageFont.truetype(FONT, 24)
    pen = ImageDraw.Draw(page)
    # Between two cells of the page lies less paper than a cell is high.
    for top, grey in ((612, 60), (722, 120)):
        pen.rectangle((100, top, 1150, top + 99), fill=grey)
        pen.text((130, top + 20), "Stable since the visit in March", fill=255, font=face)
        pen.text((130, top + 55), "and healed without any redness", fill=255, font=face)
    found = panels(page, small(page), DPI)
    assert found == (Bar(100, 612, 1151, 712), Bar(100, 722, 1151, 822))

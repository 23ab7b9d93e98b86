import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.enhance import DEFAULT_STEPS, Prepared, Step, inked
from chartkeeper.ocr.faint import darkened, is_faint
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.page import PageKind
from chartkeeper.ocr.read import read_page
from chartkeeper.ocr.tesseract import TesseractProgram


@pytest.fixture
def faded(draw_page):
    """A page on which the writing has faded, with the black strip that a copier leaves."""
    page = draw_page(dpi=200, ink=210)
    ImageDraw.Draw(page).rectangle((1650, 0, 1700, 2200), fill=0)
    return page


def grained(page, sigma=4):
    noise = np.random.default_rng(5).normal(0, sigma, (page.height, page.width))
    return Image.fromarray(np.clip(np.asarray(page) + noise, 0, 255).astype(np.uint8))


class NotAsked:
    name = "second"

    def read(self, *_):
        raise AssertionError("a second look was spent on it")


def read(page, tmp_path, scratch, limits, steps=DEFAULT_STEPS, second=None):
    path = tmp_path / "page.png"
    page.save(path, dpi=(200, 200))
    manner = Manner(Engines(TesseractProgram(scratch), second), steps)
    return read_page(path, Format.PNG, 1, limits, manner)


def test_pale_writing_is_made_dark(faded):
    assert is_faint(faded)
    dark = darkened(faded)
    assert dark.crop((200, 200, 1600, 1000)).getextrema() == (0, 255)
    assert dark.getpixel((5, 5)) == 255


def test_dark_writing_stays_as_it_is(draw_page):
    for page in (draw_page(dpi=200), draw_page(dpi=200, ink=110), draw_page([], dpi=200)):
        assert not is_faint(page)
        prepared = Prepared(page, 200, 200)
        assert inked(prepared) is prepared


def test_it_is_a_step_that_can_be_left_out(faded):
    prepared = Prepared(faded, 200, 200)
    assert inked(prepared).steps == (Step.DARKENED,)
    assert inked(prepared, DEFAULT_STEPS - {Step.DARKENED}) is prepared


def test_a_faded_page_beside_a_black_strip_is_read(faded, tmp_path, scratch, limits):
    page = read(grained(faded), tmp_path, scratch, limits)
    assert Step.DARKENED in page.preparation
    assert "Medical record number 0012345" in page.text


@pytest.mark.parametrize("ink", [215, 225])
def test_writing_too_pale_to_be_ink_is_read(draw_page, tmp_path, scratch, limits, ink):
    page = read(grained(draw_page(dpi=200, points=10, ink=ink), 2), tmp_path, scratch, limits)
    assert page.kind is PageKind.CONTENT
    assert "Medical record number 0012345" in page.text


def test_what_shows_through_from_the_other_side_is_no_writing(draw_page, tmp_path, scratch, limits):
    back = ImageOps.mirror(draw_page(dpi=200, ink=220).filter(ImageFilter.GaussianBlur(1.5)))
    page = read(grained(back, 2), tmp_path, scratch, limits, second=NotAsked())
    assert page.kind is PageKind.BLANK


@pytest.mark.parametrize("sigma", [6, 14])
def test_grain_beside_dark_writing_is_not_made_dark(draw_page, sigma):
    page = grained(draw_page(["Reviewed and signed"], dpi=200, paper=235), sigma)
    assert not is_faint(page)


def test_grain_is_no_writing(draw_page, tmp_path, scratch, limits):
    page = grained(draw_page([], dpi=200, paper=245), 9)
    assert read(page, tmp_path, scratch, limits).kind is PageKind.BLANK


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 255), st.integers(0, 255))
def test_any_picture_may_come(width, height, paper, ink):
    page = Image.new("L", (width, height), paper)
    page.putpixel((width // 2, height // 2), ink)
    assert is_faint(page) in (True, False)
    assert darkened(page).size == page.size


@pytest.mark.parametrize("tint", [170, 209, 230])
def test_tinted_fields_are_no_pale_ink(draw_page, tint):
    page = draw_page(["Sample Clinic"], dpi=200)
    ImageDraw.Draw(page).rectangle((200, 1500, 1500, 1900), fill=tint)
    assert not is_faint(page)

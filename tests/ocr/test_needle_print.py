"""Print of needle printers, whose letters are dots: joined, or blurred, where that reads better."""

from dataclasses import replace

import numpy as np
import pytest
from manner import quick_manner
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr.enhance import Step
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.needles import MIN_DOTS, joined, shows_dots
from chartkeeper.ocr.page import PageKind
from chartkeeper.ocr.read import read_page

from .conftest import CAPITALS

MONO = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
DOT_ROWS, DOT_PIXELS = 9, 3


def needle_print(apart=DOT_PIXELS, dot=DOT_PIXELS, lines=CAPITALS * 3, dpi=200):
    """A page whose letters are dots, `apart` pixels from one to the next and `dot` wide."""
    page = Image.new("L", (round(8.5 * dpi), 11 * dpi), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(MONO, DOT_ROWS)
    for row, text in enumerate(lines):
        letters = Image.new("1", (len(text) * 7, 14))
        letter = ImageDraw.Draw(letters)
        letter.fontmode = "1"
        letter.text((0, 10), text, 1, face, anchor="ls")
        for y, x in zip(*np.nonzero(np.asarray(letters)), strict=True):
            left, top = 150 + x * apart, 150 + row * 20 * apart + y * apart
            pen.ellipse((left, top, left + dot - 1, top + dot - 1), fill=30)
    return page


def apart_print(lines=CAPITALS * 3):
    """A page at 300 dpi in black and white whose dots do not touch, as they are set by printers."""
    return needle_print(apart=4, dot=2, lines=lines, dpi=300).convert("1", dither=0)


def words_right(page):
    wanted = {word for line in CAPITALS for word in line.split()}
    return sum(word.text in wanted for word in page.words)


def read(path, page, way, dpi=300):
    page.save(path, dpi=(dpi, dpi))
    return read_page(path, Format.PNG, 1, Limits(), way)


def test_letters_of_dots_are_read_blurred(tmp_path, scratch):
    way = quick_manner(scratch)
    plain = replace(way, steps=way.steps - {Step.SOFTENED})
    path = tmp_path / "printed.png"
    soft, sharp = (read(path, needle_print(), each, 200) for each in (way, plain))
    assert "softened" in soft.preparation
    assert "softened" not in sharp.preparation
    assert words_right(soft) > 1.1 * words_right(sharp)


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_dots_that_do_not_touch_are_joined(tmp_path, scratch, turn):
    way = quick_manner(scratch)
    plain = replace(way, steps=way.steps - {Step.JOINED, Step.SOFTENED})
    printed = apart_print().rotate(turn, expand=True)
    thick, thin = (read(tmp_path / "printed.png", printed, each) for each in (way, plain))
    assert "joined" in thick.preparation
    assert thick.rotation == turn
    assert words_right(thick) > 100 > 4 * words_right(thin)


def test_a_page_that_bears_nothing_but_pale_dots_is_not_blank(tmp_path, scratch):
    page = Image.fromarray(np.asarray(needle_print(apart=6, dot=2, dpi=300)) > 128)
    assert read(tmp_path / "printed.png", page, quick_manner(scratch)).kind is PageKind.CONTENT


def test_what_shows_dots():
    page = apart_print().convert("L")
    assert shows_dots(page, 300)
    assert not shows_dots(joined(page, 300), 300)
    few = MIN_DOTS // 60
    assert not shows_dots(apart_print(["A" * few]).convert("L"), 300)


def test_print_and_dirt_and_grain_show_none(draw_page):
    assert not shows_dots(draw_page(CAPITALS * 4, dpi=300), 300)
    luck = np.random.default_rng(1)
    dirt = luck.random((1650, 1275)) < 0.004
    dirty = np.repeat(np.repeat(np.where(dirt, 0, 255), 2, 0), 2, 1).astype(np.uint8)
    assert not shows_dots(Image.fromarray(dirty), 300)
    grain = np.clip(luck.normal(200, 20, (3300, 2550)), 0, 255).astype(np.uint8)
    assert not shows_dots(Image.fromarray(grain), 300)

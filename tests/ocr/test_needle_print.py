"""Print of needle printers, whose letters are dots, is read blurred where that reads better."""

from dataclasses import replace

from manner import manner
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr.enhance import Step
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.read import read_page

from .conftest import CAPITALS

MONO = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
DOT_ROWS, DOT_PIXELS = 9, 3


def needle_print():
    """A page at 200 dpi whose letters are dots a seventieth of an inch apart."""
    page = Image.new("L", (1700, 2200), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(MONO, DOT_ROWS)
    for row, text in enumerate(CAPITALS * 3):
        letters = Image.new("1", (len(text) * 7, 14))
        letter = ImageDraw.Draw(letters)
        letter.fontmode = "1"
        letter.text((0, 10), text, 1, face, anchor="ls")
        for y in range(letters.height):
            for x in range(letters.width):
                if letters.getpixel((x, y)):
                    left, top = 150 + x * DOT_PIXELS, 150 + row * 60 + y * DOT_PIXELS
                    pen.ellipse((left, top, left + DOT_PIXELS - 1, top + DOT_PIXELS - 1), fill=30)
    return page


def words_right(page):
    wanted = {word for line in CAPITALS for word in line.split()}
    return sum(word.text in wanted for word in page.words)


def test_letters_of_dots_are_read_blurred(tmp_path, scratch):
    path = tmp_path / "printed.png"
    needle_print().save(path, dpi=(200, 200))
    way = manner(scratch)
    plain = replace(way, steps=way.steps - {Step.SOFTENED})
    soft, sharp = (read_page(path, Format.PNG, 1, Limits(), each) for each in (way, plain))
    assert "softened" in soft.preparation
    assert "softened" not in sharp.preparation
    assert words_right(soft) > 1.1 * words_right(sharp)

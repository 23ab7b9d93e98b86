"""Numbers that a reading parted at their points."""

import random

import pytest
from manner import quick_manner
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.parted import parted_numbers, with_whole_numbers
from chartkeeper.ocr.read import read_page

from .conftest import FONT

MONO = FONT.replace("Sans.ttf", "SansMono.ttf")
PAGE = Image.new("L", (1700, 2200), 255)


def word(text, left, row, line, width=40):
    return Word(text, Box(left, 100 + 40 * row, width, 20), 0.9, line)


def column(rows=4, gap=8, left="74", right="24", *, apart=True):
    """Two columns of figures beside each other, each row of each a line of its own."""
    before = [word(left, 800, row, row) for row in range(rows)]
    after = [word(right, 840 + gap, row, row + rows * apart) for row in range(rows)]
    return (word("ROOM", 500, 0, 90), *before, *after)


def reads(*texts, confidence=0.9):
    """A reader that reads these words in everything."""
    return lambda _: tuple(
        Word(text, Box(0, 0, 10, 10), confidence, 0) for place, text in enumerate(texts)
    )


def test_numbers_parted_at_their_points_are_read_whole():
    words = column()
    whole = with_whole_numbers(PAGE, words, reads("74.24"))
    assert [one.text for one in whole] == ["ROOM", *["74.24"] * 4]
    assert whole[1].box == Box(800, 100, 88, 20)
    assert whole[1].line == words[1].line


@pytest.mark.parametrize(
    "words",
    [
        column(rows=2),
        column(gap=30),
        column(apart=False),
        column(right="mg"),
        column(left="for"),
        column(left="(a)"),
        (),
    ],
    ids=["two rows", "far apart", "one line", "a unit", "a word", "a mark", "nothing"],
)
def test_other_words_are_not_looked_at(words):
    def no_reader(_):
        raise AssertionError

    assert with_whole_numbers(PAGE, words, no_reader) is words


@pytest.mark.parametrize(
    "read",
    [
        reads("74", "24"),
        reads("7424"),
        reads("74/24"),
        reads("74.24", confidence=0.4),
        reads("79.24", confidence=0.8),
        reads("of.it"),
        reads(),
    ],
    ids=["two", "no point", "a rule", "unsure", "other figures", "no number", "nothing"],
)
def test_two_columns_of_numbers_stay_apart(read):
    words = column()
    assert with_whole_numbers(PAGE, words, read) is words


def test_a_part_belongs_to_one_number():
    rows = [word("74", 800, row, row) for row in range(3)]
    both = [word("12", 802, row, 10 + row) for row in range(3)]
    after = [word("24", 848, row, 20 + row) for row in range(3)]
    parted = parted_numbers((*rows, *both, *after))
    assert len(parted) == 3
    assert len({right for _, right in parted}) == 3


def test_a_bill_is_read_with_its_prices(tmp_path, scratch):
    rng, page = random.Random(5), Image.new("L", (1700, 2200), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(MONO, 24)
    prices = [f"{rng.uniform(10, 60):.2f}" for _ in range(24)]
    for row, price in enumerate(prices):
        name = rng.choice(("IBUPROFEN 200MG", "BANDAGES LARGE", "COUGH SYRUP", "VITAMIN D"))
        pen.text((420, 180 + 38 * row), f"{name:20} {price:>7}", 70, face)
    page.save(path := tmp_path / "bill.png", dpi=(200, 200))
    read = read_page(path, Format.PNG, 1, Limits(), quick_manner(scratch))
    texts = [one.text for one in read.words]
    assert sum(price in texts for price in prices) >= 20

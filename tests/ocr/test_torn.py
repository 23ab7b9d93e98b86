"""Tables that were read column by column."""

import random
from itertools import count

import pytest
from manner import quick_manner
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.read import read_page
from chartkeeper.ocr.torn import ROWS_READ, is_torn, with_rows

MONO = "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf"
PAGE = Image.new("L", (1700, 2200), 255)
TESTS = ("Sodium", "Potassium", "Chloride", "Glucose", "Calcium", "Ferritin")


def word(text, column, row, line, width=80):
    return Word(text, Box(200 + 300 * column, 500 + 40 * row, width, 20), 0.9, line)


def torn(rows=6, columns=4):
    """The cells of a table, read from top to bottom, under a title."""
    numbers = count(1)
    cells = [
        word(f"{row}.{column}", column, row, next(numbers))
        for column in range(columns)
        for row in range(rows)
    ]
    return (Word("RESULTS", Box(200, 100, 200, 30), 0.9, 0), *cells)


def by_rows(seen):
    """A reader that reads the same cells by rows, and keeps the picture that it was given."""

    def read(picture):
        seen.append(picture)
        return tuple(
            Word(f"{row}.{column}", Box(200 + 300 * column, 20 + 40 * row, 80, 20), 0.9, row)
            for row in range(6)
            for column in range(4)
        )

    return read


def no_reader(_):
    raise AssertionError


def lines(words):
    return {
        number: [word.text for word in words if word.line == number]
        for number in sorted({word.line for word in words})
    }


def test_a_torn_table_is_read_by_rows():
    pictures = []
    foot = Word("Signed", Box(200, 900, 90, 20), 0.9, 30)
    whole = with_rows(PAGE, (*torn(), foot), by_rows(pictures))
    assert lines(whole) == {
        0: ["RESULTS"],
        **{row + 1: [f"{row}.{column}" for column in range(4)] for row in range(6)},
        7: ["Signed"],
    }
    assert pictures[0].size == (1700, 5 * 40 + 20 + 2 * 20)
    assert whole[1].box == Box(200, 500, 80, 20)


def test_a_column_read_as_one_word_goes():
    tall = Word("BRPORPNW", Box(500, 500, 40, 220), 0.1, 9)
    beside = tuple(one for one in torn() if not one.text.endswith(".1"))
    whole = with_rows(PAGE, (*beside, tall), by_rows([]))
    assert lines(whole)[3] == ["2.0", "2.1", "2.2", "2.3"]
    assert "BRPORPNW" not in [one.text for one in whole]


def test_what_only_one_reading_has_stays():
    words = torn()
    lone = Word("H", Box(1500, 580, 20, 20), 0.9, 40)
    found = with_rows(PAGE, (*words, lone), lambda _: by_rows([])(None)[:-1])
    texts = [one.text for one in found]
    assert "H" in texts
    assert "5.3" in texts


def test_rows_that_fall_to_the_right_are_told_apart():
    falling = [
        Word("7", Box(100 + 150 * column, 500 + 40 * row + 6 * column, 60, 20), 0.9, column)
        for column in range(8)
        for row in range(5)
    ]
    assert is_torn(falling)


@pytest.mark.parametrize(
    "words",
    [
        torn(rows=4),
        torn(columns=2),
        tuple(word(text, 0, row, row) for row in range(20) for text in TESTS),
        tuple(
            Word(
                text,
                Box(60 + 500 * column + 60 * at, 500 + 40 * row, 50, 20),
                0.9,
                99 * column + row,
            )
            for column in range(3)
            for row in range(20)
            for at, text in enumerate(TESTS)
        ),
        (),
    ],
    ids=["few rows", "two columns", "whole rows", "three columns of prose", "nothing"],
)
def test_other_pages_are_not_read_again(words):
    assert not is_torn(words)
    assert with_rows(PAGE, words, no_reader) is words


def drawn_table(seed):
    """A table in print of one width, as laboratories' machines have it; its rows in words."""
    rng, page = random.Random(seed), Image.new("L", (1700, 2200), 255)
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(MONO, 28)
    rows = []
    for row in range(22):
        low, value, high = (f"{rng.uniform(0, top):.1f}" for top in (3, 9, 20))
        cells = (f"{rng.choice(TESTS)}", value, rng.choice("HL"), f"{low} - {high}", "mg/dL")
        for left, cell in zip((140, 725, 930, 1030, 1300), cells, strict=True):
            pen.text((left, 200 + 40 * row), cell, 40, face)
        rows.append(" ".join(cells))
    return page, rows


def test_a_printed_table_is_read_by_rows(tmp_path, scratch):
    page, rows = drawn_table(4)
    page.save(path := tmp_path / "table.png", dpi=(200, 200))
    read = read_page(path, Format.PNG, 1, Limits(), quick_manner(scratch))
    said = [" ".join(words) for words in lines(read.words).values()]
    assert sum(row in said for row in rows) >= 16


def test_a_table_that_lay_askew_is_read_by_rows(tmp_path, scratch):
    page, rows = drawn_table(5)
    askew = page.rotate(3, Image.Resampling.BICUBIC, fillcolor=255)
    askew.save(path := tmp_path / "askew.png", dpi=(200, 200))
    read = read_page(path, Format.PNG, 1, Limits(), quick_manner(scratch))
    said = [" ".join(words) for words in lines(read.words).values()]
    # Of the unit at the end the engine leaves out the last letter of some.
    numbers = [row.removesuffix(" mg/dL") for row in rows]
    assert sum(any(line.startswith(row) for line in said) for row in numbers) >= 16
    assert ROWS_READ in read.reading

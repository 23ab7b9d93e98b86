from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr.cutting import LINE_DPI, cut_line
from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.read import read_page
from chartkeeper.ocr.tesseract import TesseractProgram
from chartkeeper.ocr.unread import LINES_FOUND, completed, find_unread

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
BOLD = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
LABEL = "DOB: 11/29/2022   MR# 0034235"
SIZE = (2550, 3300)


@pytest.fixture(scope="module")
def labelled():
    """A page at 300 dpi with a letterhead and, beside it, the framed label of a patient."""
    page = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(page)
    pen.text((205, 160), "Sample Memorial Hospital", 0, ImageFont.truetype(BOLD, 60))
    pen.rectangle((1440, 120, 2360, 330), outline=0, width=4)
    for row, text in enumerate(("SAMPLE, TESTPATIENT", LABEL, "FIN 90096843")):
        pen.text((1480, 140 + 60 * row), text, 0, ImageFont.truetype(FONT, 38))
    for row in range(20):
        text = "The patient is seen for a follow up visit and reports no pain today."
        pen.text((205, 500 + 90 * row), text, 0, ImageFont.truetype(FONT, 42))
    return page


@pytest.fixture
def engine(scratch):
    return TesseractProgram(scratch)


def readers(engine):
    def read(layout, picture):
        return engine.read(picture, LINE_DPI, layout, 60)

    return partial(read, Layout.LINE), partial(read, Layout.SPARSE)


@pytest.fixture(scope="module")
def whole(labelled, tmp_path_factory):
    """The words of the page, each line among them."""
    engine = TesseractProgram(tmp_path_factory.mktemp("whole"))
    words = engine.read(labelled, 300, Layout.AUTOMATIC, 60)
    first = completed(labelled, words, *readers(engine))
    return tuple(word for word in first if any(map(str.isalnum, word.text)))


def on_label(word):
    return word.box.left > 1470 and 190 < word.box.top < 250


def test_a_line_that_was_left_out_is_read_and_stands_where_it_is(engine, labelled, whole):
    label = [word for word in whole if on_label(word)]
    assert " ".join(word.text for word in label) == "DOB: 11/29/2022 MR# 0034235"
    rest = tuple(word for word in whole if not on_label(word))
    again = completed(labelled, rest, *readers(engine))
    found = [word for word in again if on_label(word)]
    assert [word.text for word in found] == [word.text for word in label]
    for one, other in zip(found, label, strict=True):
        assert abs(one.box.left - other.box.left) < 8
        assert abs(one.box.right - other.box.right) < 8
        assert abs(one.box.top - other.box.top) < 8
    others = [word for word in again if not on_label(word)]
    assert [word.text for word in others] == [word.text for word in rest]


def test_strokes_of_the_line_that_were_taken_for_marks_are_dropped(engine, labelled, whole):
    rest = [word for word in whole if not on_label(word)]
    stroke = Word(",", Box(1478, 200, 60, 40), 0.0, 0)
    again = completed(labelled, (stroke, *rest), *readers(engine))
    assert {"DOB:", "0034235"} < {word.text for word in again}
    assert "," not in {word.text for word in again}


def test_a_page_that_was_read_whole_is_left_as_it_is(labelled, whole):
    def read(_picture):
        pytest.fail("there is nothing to read")

    assert completed(labelled, whole, read, read) is whole


def test_a_line_whose_words_stand_nearby_is_not_read_twice(engine, labelled, whole):
    """Where Tesseract gives boxes that are off, the ink seems unread."""
    words = tuple(
        replace(word, box=replace(word.box, top=word.box.top - 55)) if on_label(word) else word
        for word in whole
    )
    assert find_unread(labelled, words).lines
    assert completed(labelled, words, *readers(engine)) is words


def test_the_same_label_in_the_next_line_does_not_hide_a_line(engine, labelled, whole):
    label = next(word for word in whole if word.text == "MR#")
    above = replace(label, box=replace(label.box, top=label.box.top - 45))
    rest = (above, *(word for word in whole if not on_label(word)))
    assert "0034235" in {word.text for word in completed(labelled, rest, *readers(engine))}


def test_frames_rules_bars_holes_specks_and_drawings_are_no_lines():
    page = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(page)
    pen.rectangle((200, 200, 1200, 260), outline=0, width=4)
    pen.line((200, 400, 2300, 400), fill=0, width=6)
    pen.rectangle((200, 500, 2300, 560), fill=0)
    pen.ellipse((60, 1500, 150, 1590), fill=0)
    pen.ellipse((900, 900, 1500, 1500), outline=0, width=8)
    for at in range(100):
        pen.point((300 + 17 * at, 2000 + 5 * at), fill=0)
    assert find_unread(page, ()).lines == ()


def test_a_page_that_bears_a_picture_has_no_lines():
    luck = np.random.default_rng(1)
    grey = np.full((SIZE[1], SIZE[0]), 255, np.uint8)
    grey[500:2500, 300:2200] = luck.integers(0, 255, (2000, 1900))
    assert find_unread(Image.fromarray(grey), ()).lines == ()


def test_black_along_the_edges_hides_no_line():
    page = Image.new("L", SIZE, 255)
    ImageDraw.Draw(page).text((205, 400), "Sample words and more", 0, ImageFont.truetype(FONT, 42))
    ImageDraw.Draw(page).rectangle((0, 0, 150, SIZE[1]), fill=0)
    assert len(find_unread(page, ()).lines) == 1


def test_a_page_of_which_nothing_was_read_is_left_to_others():
    text = "The patient is seen for a follow up visit and reports no pain today."
    page = Image.new("L", SIZE, 255)
    for rows, found in ((range(5), 5), (range(5, 45), 0)):
        for row in rows:
            ImageDraw.Draw(page).text((205, 200 + 65 * row), text, 0, ImageFont.truetype(BOLD, 44))
        assert len(find_unread(page, ()).lines) == found


def test_a_flourish_across_the_page_is_no_line():
    page = Image.new("L", SIZE, 255)
    waves = [(200 + 20 * at, 1000 + 24 * (at % 2)) for at in range(90)]
    ImageDraw.Draw(page).line(waves, fill=0, width=7)
    assert find_unread(page, ()).lines == ()


def test_there_is_a_limit_to_the_lines():
    page = Image.new("L", SIZE, 255)
    for row in range(20):
        text = "Sample words " + "and more " * (row % 4)
        ImageDraw.Draw(page).text((205, 200 + 90 * row), text, 0, ImageFont.truetype(FONT, 42))
    found = find_unread(page, ()).lines
    assert len(found) == 12
    assert [line.top for line in found] == sorted(line.top for line in found)
    assert min(line.width for line in found) > 400


@pytest.mark.parametrize(("confidence", "found"), [(0.4, 0), (0.9, 1)])
def test_what_is_read_unsurely_is_no_writing(labelled, whole, confidence, found):
    asked = []

    def read(picture):
        asked.append(picture)
        return (Word("scribble", Box(10, 10, 90, 30), confidence, 0),)

    rest = tuple(word for word in whole if not on_label(word))
    again = completed(labelled, rest, read, read)
    assert len(asked) == 1
    assert sum(word.text == "scribble" for word in again) == found


def test_the_record_of_a_page_says_that_lines_were_found(labelled, tmp_path, scratch):
    path = tmp_path / "page.png"
    labelled.save(path, dpi=(300, 300))
    page = read_page(path, Format.PNG, 1, Limits(), Manner(Engines(LeavesOutTheLabel(scratch))))
    assert page.reading == ("tesseract", LINES_FOUND)
    assert "MR# 0034235" in page.text


def test_a_weak_page_without_a_second_look_is_searched_too(labelled, tmp_path, scratch):
    path = tmp_path / "page.png"
    labelled.save(path, dpi=(300, 300))
    manner = Manner(Engines(LeavesOutTheLabel(scratch, confidence=0.5)), second_look=False)
    page = read_page(path, Format.PNG, 1, Limits(), manner)
    assert page.reading == ("tesseract", LINES_FOUND)
    assert "MR# 0034235" in page.text


@pytest.mark.parametrize("degrees", [-4, 3])
def test_lines_are_found_on_a_crooked_page_too(labelled, tmp_path, scratch, degrees):
    path = tmp_path / "page.png"
    crooked = labelled.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    crooked.save(path, dpi=(300, 300))
    limits = Limits()
    page = read_page(path, Format.PNG, 1, limits, Manner(Engines(LeavesOutTheLabel(scratch))))
    whole = read_page(path, Format.PNG, 1, limits, Manner(Engines(TesseractProgram(scratch))))
    assert page.reading == ("tesseract", LINES_FOUND)
    places = [
        {w.text: w.box for w in one.words if w.text in LABEL.split()} for one in (page, whole)
    ]
    assert places[0].keys() == places[1].keys() == set(LABEL.split())
    for text, box in places[0].items():
        assert abs(box.left - places[1][text].left) < 12
        assert abs(box.top - places[1][text].top) < 12


def test_an_engine_that_fails_over_a_line_costs_that_line_only(labelled, tmp_path, scratch):
    path = tmp_path / "page.png"
    labelled.save(path, dpi=(300, 300))
    engine = LeavesOutTheLabel(scratch, line_seconds=0.001)
    page = read_page(path, Format.PNG, 1, Limits(), Manner(Engines(engine)))
    assert page.reading == ("tesseract", "lines-found-failed")
    assert "follow up visit" in page.text


class LeavesOutTheLabel:
    """The real engine, but that it leaves out a line, as other releases of it do on such pages."""

    name = "tesseract"

    def __init__(self, scratch, line_seconds=60, confidence=1.0):
        self._engine, self._line_seconds = TesseractProgram(scratch), line_seconds
        self._confidence = confidence

    def read(self, image, dpi, layout, timeout_seconds):
        if layout is Layout.LINE:
            return self._engine.read(image, dpi, layout, self._line_seconds)
        found = self._engine.read(image, dpi, layout, timeout_seconds)
        return tuple(
            replace(word, confidence=min(word.confidence, self._confidence))
            for word in found
            if word.text not in LABEL.split()
        )

    def release(self):
        self._engine.release()


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((800, 600), Box(100, 100, 200, 20)),
        ((800, 600), Box(0, 0, 800, 600)),
        ((800, 600), Box(799, 599, 0, 0)),
        ((30_000, 40), Box(0, 20, 30_000, 1)),
    ],
)
def test_the_picture_of_a_line_is_of_limited_size(size, box):
    picture = cut_line(Image.new("L", size, 200), box).picture
    assert picture.mode == "L"
    assert picture.height <= 100
    assert picture.width * picture.height <= 1_000_000

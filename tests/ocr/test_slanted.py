import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from chartkeeper.ocr.cutting import LINE_DPI
from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.read import read_page
from chartkeeper.ocr.slanted import with_slanted
from chartkeeper.ocr.tesseract import TesseractProgram

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
BOLD = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
SIZE = (1700, 2200)


@pytest.fixture
def engine(scratch):
    return TesseractProgram(scratch)


def reader(engine):
    return lambda picture: engine.read(picture, LINE_DPI, Layout.LINE, 60)


def letter():
    page = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(page)
    for row in range(20):
        text = "1. Blood cultures and a chest picture are asked for."
        pen.text((140, 150 + 60 * row), text, 0, ImageFont.truetype(FONT, 28))
    return page


def stamped(text, degrees, face=FONT, size=190, at=(300, 1450), shade=0):
    """A page of print with `text` across it; its letters rise by `degrees`."""
    page, stamp = letter(), Image.new("L", (1200, 700), 255)
    pen = ImageDraw.Draw(stamp)
    pen.text((200, 230), text, shade, ImageFont.truetype(face, size))
    stamp = stamp.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    page.paste(stamp, at, stamp.point(lambda value: 255 - value))
    return page


def said(engine, page):
    return [word.text for word in with_slanted(page, (), reader(engine))]


@pytest.mark.parametrize("degrees", [50, 30, 20, 12, -20, -40])
def test_a_word_stamped_at_a_slant_is_read(engine, degrees):
    assert said(engine, stamped("VOID", degrees)) == ["VOID"]


def test_other_letters_shades_and_sizes(engine):
    assert said(engine, stamped("VOIDED", 25, BOLD, 150, shade=120)) == ["VOIDED"]


def test_it_stands_where_it_is_in_a_line_of_its_own(engine):
    page = stamped("VOID", 30)
    word = with_slanted(page, (), reader(engine))[0]
    assert 400 < word.box.left < 900
    assert word.box.top > 1350


@pytest.mark.parametrize("page", [letter(), stamped("VOID", 0), stamped("--/--/--", 20)])
def test_a_page_without_one_stays_as_it_was_read(engine, page):
    words = ()
    assert with_slanted(page, words, reader(engine)) is words


def test_a_trace_is_no_word(engine):
    page = letter()
    points = [(100 + 12 * n, 1700 - 4 * n + (150 if n % 9 == 0 else 0)) for n in range(120)]
    ImageDraw.Draw(page).line(points, 0, 4)
    assert said(engine, page) == []


def test_it_is_read_with_its_page(tmp_path, scratch):
    path = tmp_path / "page.png"
    stamped("VOID", 20).save(path, dpi=(200, 200))
    engines = Engines(TesseractProgram(scratch))
    page = read_page(path, Format.PNG, 1, Limits(), Manner(engines))
    stamp = next(word for word in page.words if word.text == "VOID")
    assert [word for word in page.words if word.line == stamp.line] == [stamp]
    assert "slanted-found" in page.reading


@pytest.mark.parametrize("degrees", [0, 20, 45])
def test_a_grey_watermark_under_the_writing_is_read_with_what_is_written_on_it(
    tmp_path, scratch, degrees
):
    mark = stamped("VOID", degrees, BOLD, 300, at=(200, 600), shade=130)
    path = tmp_path / "page.png"
    ImageChops.darker(letter(), mark).save(path, dpi=(200, 200))
    page = read_page(path, Format.PNG, 1, Limits(), Manner(Engines(TesseractProgram(scratch))))
    words = [word.text for word in page.words]
    stamp = next(word for word in page.words if word.text == "VOID")
    assert [word for word in page.words if word.line == stamp.line] == [stamp]
    assert 300 < stamp.box.left < 900
    assert words.count("cultures") == 20

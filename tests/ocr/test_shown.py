"""A page's own text against what the page shows, where that says whose the page is."""

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from chartkeeper.filing.doubt import fields_that_tell
from chartkeeper.ocr.engines import Engines, FirstEngine, first_engine
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.page import TextSource
from chartkeeper.ocr.read import read_page

from .conftest import FONT

SIZE = (612, 792)
SHOWN = ("Patient: Sampleton, Arthur", "MRN: 0099871", "DOB: 03/04/1951")
SAID = ("Patient: Testperson, Maria", "MRN: 0012345", "DOB: 05/06/1987")
BODY = (
    "LABORATORY REPORT of the sample house in the sample town",
    "The potassium was normal and the patient returns for a visit",
    "in three months with the results of the other tests",
)


@pytest.fixture
def read(tmp_path, limits, scratch):
    """Callable: reads a small page with a body of text and what a function draws besides."""

    def from_drawing(draw):
        path = tmp_path / "page.pdf"
        canvas = Canvas(str(path), pagesize=SIZE)
        write(canvas, BODY, 60, 600)
        draw(canvas)
        canvas.showPage()
        canvas.save()
        engines = Engines(first_engine(FirstEngine.AUTO, scratch))
        how = Manner(engines, second_look=False, telling=fields_that_tell)
        return read_page(path, Format.PDF, 1, limits, how)

    return from_drawing


def write(canvas, lines, left, top):
    for row, line in enumerate(lines):
        canvas.drawString(left, top - 16 * row, line)


def paste(canvas, lines, left, top):
    """A slip with these lines, as a picture over what is there."""
    slip = Image.new("L", (800, 240), 255)
    font = ImageFont.truetype(FONT, 48)
    ImageDraw.Draw(slip).multiline_text((8, 4), "\n".join(lines), font=font, spacing=22)
    canvas.drawImage(ImageReader(slip), left, top - 45, 200, 60)


def test_text_under_a_slip_that_was_pasted_over_it_is_not_taken(read):
    corrected = (SAID[0], "MRN: 0012346", SAID[2])

    def draw(canvas):
        write(canvas, SAID, 60, 700)
        paste(canvas, corrected, 58, 700)

    page = read(draw)
    assert page.reading[0] == "layer-unlike"
    assert "0012346" in page.text
    assert "0012345" not in page.text


def test_a_sticker_pasted_in_beside_the_text_is_read(read):
    def draw(canvas):
        write(canvas, SAID, 60, 700)
        paste(canvas, SHOWN, 300, 700)

    page = read(draw)
    assert page.reading == ("text-layer", "lines-found")
    assert {"0012345", "0099871"} <= {word.text for word in page.words}


def test_text_that_cannot_be_held_against_the_page_proves_nothing(read, tmp_path):
    # As libjpeg paints what is missing of a picture: such a page is not drawn.
    Image.new("L", (88, 4), 128).save(tmp_path / "grey.jpg")

    def draw(canvas):
        write(canvas, SAID, 60, 700)
        canvas.drawImage(str(tmp_path / "grey.jpg"), 0, 0, 612, 60)

    page = read(draw)
    assert page.source is TextSource.TEXT_LAYER
    assert page.confidence == 0.5

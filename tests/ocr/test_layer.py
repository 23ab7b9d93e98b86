"""Text layers of whole PDF pages: which are taken, and what is said about the others."""

import sys

import pytest
from PIL import Image
from reportlab.lib.colors import black, white
from reportlab.pdfgen.canvas import Canvas

from chartkeeper.ocr import pdfpage
from chartkeeper.ocr.layer import read_layer
from chartkeeper.ocr.textlayer import Layer

LINE = "The patient returns for a follow up visit and reports no pain"
WORDS = LINE.split()


@pytest.fixture(params=["pypdfium2", "poppler alone"])
def layer_of(request, monkeypatch, tmp_path, limits):
    """Callable: the layer of a page that a function draws, looked at in one of the two ways."""
    if request.param == "pypdfium2":
        pytest.importorskip("pypdfium2")
    else:
        monkeypatch.setitem(sys.modules, "pypdfium2", None)

    def read(draw):
        path = tmp_path / "page.pdf"
        canvas = Canvas(str(path), pagesize=(612, 792))
        draw(canvas)
        canvas.showPage()
        canvas.save()
        return read_layer(path, pdfpage.survey(path, 1, limits), limits)

    return read


def write(canvas, rows=4, left=60, top=700, mode=0, points=12):
    text = canvas.beginText(left, top)
    text.setFont("Helvetica", points)
    text.setTextRenderMode(mode)
    for _ in range(rows):
        text.textLine(LINE)
    canvas.drawText(text)


def draw_picture(canvas, tmp_path, left, bottom, width, height):
    Image.effect_noise((300, 400), 60).save(tmp_path / "scan.png")
    canvas.drawImage(str(tmp_path / "scan.png"), left, bottom, width, height)


def test_printed_text_is_taken(layer_of):
    found = layer_of(write)
    assert found.decision is Layer.TEXT
    assert [word.text for word in found.words] == WORDS * 4


def test_white_print_on_black_is_text(layer_of):
    def draw(canvas):
        canvas.rect(0, 0, 612, 792, fill=1)
        canvas.setFillColor(white)
        write(canvas)

    assert layer_of(draw).decision is Layer.TEXT


def test_a_page_without_words_has_no_layer(layer_of):
    assert layer_of(lambda canvas: canvas.rect(100, 100, 200, 200)).decision is None


def test_a_stamp_is_too_thin(layer_of):
    assert layer_of(lambda canvas: canvas.drawString(72, 20, "Page 1 of 5")).decision is Layer.THIN


@pytest.mark.parametrize("mode", [0, 3])
@pytest.mark.parametrize("text_first", [True, False])
def test_words_on_a_scan_are_an_old_reading(layer_of, tmp_path, mode, text_first):
    def draw(canvas):
        if text_first:
            write(canvas, mode=mode)
        draw_picture(canvas, tmp_path, 0, 0, 612, 792)
        if not text_first:
            write(canvas, mode=mode)

    assert layer_of(draw).decision is Layer.OF_A_SCAN


def test_a_form_with_a_slip_pasted_in_is_read_from_its_picture(layer_of, tmp_path):
    def draw(canvas):
        write(canvas)
        draw_picture(canvas, tmp_path, 60, 100, 480, 400)

    assert layer_of(draw).decision is Layer.OF_A_SCAN


def test_text_in_white_on_paper_is_not_taken(layer_of):
    def draw(canvas):
        canvas.setFillColor(white)
        write(canvas)

    assert layer_of(draw).decision is Layer.UNSEEN


def test_text_under_a_black_box_is_not_taken(layer_of):
    def draw(canvas):
        write(canvas)
        canvas.setFillColor(black)
        canvas.rect(0, 0, 612, 792, fill=1)

    assert layer_of(draw).decision is Layer.UNSEEN


def test_hidden_text_without_a_picture_is_not_taken(layer_of):
    assert layer_of(lambda canvas: write(canvas, mode=3)).decision in (
        Layer.OF_A_SCAN,
        Layer.UNSEEN,
    )


def test_words_that_nobody_sees_are_left_out(layer_of):
    def draw(canvas):
        write(canvas, rows=8)
        write(canvas, rows=1, left=2000)
        write(canvas, rows=1, top=300, points=1)
        canvas.setFillColor(white)
        canvas.drawString(60, 500, "unseen")

    found = layer_of(draw)
    assert found.decision is Layer.TEXT
    assert [word.text for word in found.words] == WORDS * 8


def test_a_layer_outside_the_page_is_not_taken(layer_of):
    found = layer_of(lambda canvas: write(canvas, left=2000))
    assert found.decision in (None, Layer.UNSEEN)
    assert not found.words


def test_only_the_words_in_the_crop_box_count(layer_of):
    def draw(canvas):
        write(canvas)
        write(canvas, rows=1, top=200)
        canvas.setCropBox((0, 150, 612, 300))

    assert layer_of(draw).decision is Layer.THIN


def test_bold_made_by_drawing_twice_is_read_once(layer_of):
    def draw(canvas):
        write(canvas)
        write(canvas, left=60.3)

    found = layer_of(draw)
    assert found.decision is Layer.TEXT
    assert [word.text for word in found.words] == WORDS * 4


def test_text_on_its_side_is_read_from_the_picture(layer_of):
    def draw(canvas):
        canvas.translate(612, 0)
        canvas.rotate(90)
        write(canvas, top=500)

    assert layer_of(draw).decision is Layer.SIDEWAYS


def test_letters_that_make_no_language_are_garbled(layer_of):
    def draw(canvas):
        # Each letter moved by three places.
        for row in range(8):
            canvas.drawString(60, 700 - 20 * row, "wkh sdwlhqw uhwxuqv iru d iroorz xs ylvlw")

    assert layer_of(draw).decision is Layer.GARBLED

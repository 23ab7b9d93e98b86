import random

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from chartkeeper.ocr.barcodes import (
    MAX_PIXELS,
    MAX_TEXT_CHARACTERS,
    find_barcodes,
    marks_beside,
    placed,
)
from chartkeeper.ocr.separators import is_separator

SHEET = "SEP|MRN=1234567;TYPE=LAB;DOS=2026-07-18"
KINDS = [
    ("Code128", SHEET, 4),
    ("Code128", "MRN=1234567", 4),
    ("Code39", "PATCHT", 4),
    ("QRCode", SHEET, 4),
    ("QRCode", SHEET, 10),
    ("DataMatrix", SHEET, 4),
    ("DataMatrix", "MRN=1234567", 5),
]


def code(kind, text, module, height=180):
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    drawn = np.asarray(zxingcpp.write_barcode_to_image(made))
    if kind.startswith("Code"):
        drawn = np.repeat(drawn[drawn.shape[0] // 2][None], height, 0)
    else:
        drawn = np.repeat(drawn, module, 0)
    return Image.fromarray(np.repeat(drawn, module, 1))


@pytest.fixture(scope="module")
def sheet(draw_page):
    def make(*codes, lines=("SEPARATOR SHEET", "Put this sheet before the chart"), points=24):
        page = draw_page(lines, dpi=300, points=points)
        for number, one in enumerate(codes):
            page.paste(one, (400, 1200 + 500 * number))
        return page

    return make


def texts(image):
    return [one.text for one in find_barcodes(image)]


@pytest.mark.parametrize(("kind", "text", "module"), KINDS)
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_each_kind_in_each_turn(sheet, kind, text, module, turn):
    drawn = code(kind, text, module)
    page = sheet(drawn)
    (found,) = find_barcodes(page.rotate(turn, expand=True))
    assert (found.symbology, found.text) == (kind, text)
    (upright,) = placed([found], page.rotate(turn, expand=True).size, turn, page.size)
    box = upright.box
    assert 400 <= box.left < box.right <= 400 + drawn.width + 8
    assert 1190 <= box.top < box.bottom <= 1200 + drawn.height + 8
    assert box.width > drawn.width * 0.6


@pytest.mark.parametrize(("kind", "text", "module"), KINDS)
@pytest.mark.parametrize("degrees", [-5, 3])
def test_skewed(sheet, kind, text, module, degrees):
    page = sheet(code(kind, text, module))
    assert texts(page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)) == [text]


@pytest.mark.parametrize(("kind", "text", "module"), KINDS)
def test_copied_and_faxed(sheet, kind, text, module):
    page = sheet(code(kind, text, module))
    soft = page.filter(ImageFilter.GaussianBlur(1.2))
    grain = np.random.default_rng(1).normal(0, 14, (page.height, page.width))
    copied = Image.fromarray(np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8))
    assert texts(copied) == [text]
    faxed = copied.resize((1728, 2156), Image.Resampling.BOX).convert("1", dither=0)
    assert texts(faxed) == [text]


@pytest.mark.parametrize("kind", ["Code39", "Code128", "QRCode"])
@pytest.mark.parametrize("turn", [0, 90])
def test_on_a_page_full_of_specks(sheet, kind, turn):
    faxed = sheet(code(kind, "CHART-1234567", 4)).rotate(turn, expand=True).convert("1", dither=0)
    specks = np.random.default_rng(2).random((faxed.height, faxed.width)) < 0.01
    assert texts(Image.fromarray(np.asarray(faxed) ^ specks)) == ["CHART-1234567"]


@pytest.mark.parametrize(("kind", "module"), [("QRCode", 8), ("DataMatrix", 8)])
def test_on_a_coarse_page_that_was_enlarged(sheet, kind, module):
    scanned = sheet(code(kind, SHEET, module)).resize((1020, 1320), Image.Resampling.BOX)
    larger = scanned.resize((2040, 2640), Image.Resampling.BICUBIC)
    (found,) = find_barcodes(larger, enlarged=True)
    assert (found.symbology, found.text) == (kind, SHEET)
    assert 310 <= found.box.left <= 380


def test_several_codes_from_top_to_bottom(sheet):
    page = sheet(code("Code128", "MRN=1234567", 4), code("QRCode", "TYPE=LAB", 6))
    assert texts(page) == ["MRN=1234567", "TYPE=LAB"]


def test_text_and_forms_hold_no_codes(draw_page):
    page = draw_page(dpi=300)
    pen = ImageDraw.Draw(page)
    for row in range(60):
        pen.line((200, 1500 + row * 24, 2300, 1500 + row * 24), fill=0, width=3)
    for column in range(80):
        pen.line((200 + column * 26, 1500, 200 + column * 26, 2900), fill=0, width=3)
    assert find_barcodes(page) == ()


def test_short_code_39_proves_nothing(sheet):
    assert find_barcodes(sheet(code("Code39", "A1", 4))) == ()


def test_control_characters_and_long_texts_are_not_kept(sheet):
    assert texts(sheet(code("QRCode", "MRN=1\tTYPE=LAB\r\n", 6))) == ["MRN=1 TYPE=LAB"]
    assert texts(sheet(code("QRCode", "MRN=\x071\x1b", 6))) == []
    assert texts(sheet(code("QRCode", "X" * (MAX_TEXT_CHARACTERS + 1), 4))) == []


def test_noise_and_tiny_pictures():
    luck = np.random.default_rng(3)
    noise = Image.fromarray(luck.integers(0, 256, (1200, 900), dtype=np.uint8))
    assert find_barcodes(noise) == ()
    for size in ((1, 1), (3, 2000), (5, 5)):
        assert find_barcodes(Image.new("1", size, 1)) == ()


def test_a_picture_too_large_is_not_looked_at():
    assert find_barcodes(Image.new("1", (MAX_PIXELS // 1000 + 1, 1000))) == ()


@pytest.mark.parametrize("kind", ["Code128", "QRCode", "DataMatrix"])
def test_a_sheet_is_a_separator_and_a_labelled_report_is_not(sheet, kind):
    luck = random.Random(5)
    bar = code(kind, SHEET, 4)
    page = sheet(bar)
    found = find_barcodes(page)
    assert is_separator(found, marks_beside(page, found))
    report = [" ".join(luck.choices(["wound", "healed", "left", "hand"], k=12)) for _ in range(16)]
    text = sheet(lines=report, points=10)
    labelled = ImageChops.darker(text.transpose(Image.Transpose.FLIP_TOP_BOTTOM), page)
    found = find_barcodes(labelled)
    assert found
    assert not is_separator(found, marks_beside(labelled, found))

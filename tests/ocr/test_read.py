"""Whole pages, from files made here to words with their places."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import zxingcpp
from manner import manner, quick_manner
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps
from reportlab.pdfgen.canvas import Canvas

from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.errors import DamagedPage, PageTookTooLong, StorageFailed
from chartkeeper.ocr.examine import examine
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.orient import turned
from chartkeeper.ocr.page import Box, PageKind, TextSource, Word
from chartkeeper.ocr.picture import page_picture
from chartkeeper.ocr.read import read_page

LETTER = (612, 792)
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
LINES = ("The patient returns for a follow up visit and", "reports no pain in the left hand now")
LONG_WORDS = {"patient", "testpatient", "medical", "record", "number", "0012345", "medication"}


@pytest.fixture
def read(tmp_path, limits, scratch):
    """Callable: reads a page and checks that its words lie on the ink of its picture."""

    def from_file(path, number=1):
        facts = examine(path, limits)
        page = read_page(path, facts.format, number, limits, quick_manner(scratch))
        picture = page_picture(path, facts.format, number, page.rotation, 1000, limits)
        assert_words_lie_on_ink(page, picture)
        return page

    return from_file


def assert_words_lie_on_ink(page, jpeg):
    grey = np.asarray(Image.open(BytesIO(jpeg)).convert("L"))
    high, wide = grey.shape
    assert wide / high == pytest.approx(page.width / page.height, rel=0.01)
    covered = np.zeros_like(grey, dtype=bool)
    for word in page.words:
        assert word.box.right <= page.width
        assert word.box.bottom <= page.height
        rows = slice(word.box.top * high // page.height, -(-word.box.bottom * high // page.height))
        columns = slice(word.box.left * wide // page.width, -(-word.box.right * wide // page.width))
        assert grey[rows, columns].min() < 140, "no ink under a word"
        covered[rows, columns] = True
    ink = grey < 110
    if page.words:
        assert ink[covered].sum() > 0.8 * ink.sum(), "ink beside the words"


def text_words(page):
    return {word.text.strip(".,:;").lower() for word in page.words}


def assert_was_read(page):
    assert page.kind is PageKind.CONTENT
    assert text_words(page) >= LONG_WORDS
    assert page.confidence > 0.8
    assert [word.line for word in page.words] == sorted(word.line for word in page.words)
    assert page.text.startswith("SAMPLE CLINIC")


def saved(tmp_path, image, format_="TIFF", **options):
    path = tmp_path / "scan"
    image.save(path, format_, **options)
    return path


def fax(page, lines_per_inch):
    """A letter page as a fax machine sends it: 1,728 bilevel pixels a line."""
    size = (1728, round(page.height / page.width * 1728 * lines_per_inch / 204))
    return (
        page.resize(size, Image.Resampling.BOX).point(lambda grey: 255 * (grey > 140)).convert("1")
    )


def pdf(tmp_path, draw, *, pagesize=LETTER, turned_by=0, name="made.pdf"):
    path = tmp_path / name
    # reportlab swaps the sides of a page that is turned by a quarter.
    canvas = Canvas(str(path), pagesize=pagesize[::-1] if turned_by % 180 else pagesize)
    canvas.setPageRotation(turned_by)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return path


def draw_scan(tmp_path, image, size=LETTER):
    def draw(canvas):
        image.save(tmp_path / "inside.png")
        canvas.drawImage(str(tmp_path / "inside.png"), 0, 0, *size)

    return draw


def draw_text(canvas, lines, times=3):
    for row, line in enumerate(lines * times):
        canvas.drawString(72, 720 - 20 * row, line)


@pytest.fixture(scope="session")
def lines(draw_page):
    return draw_page.__globals__["LINES"]


@pytest.mark.parametrize(
    ("dpi", "steps"), [(90, ("enlarged",)), (150, ("enlarged",)), (200, ()), (300, ("shrunk",))]
)
@pytest.mark.parametrize("format_", ["TIFF", "PNG", "JPEG"])
def test_scans_of_any_density(tmp_path, draw_page, read, dpi, steps, format_):
    image = draw_page(dpi=dpi)
    page = read(saved(tmp_path, image, format_, dpi=(dpi, dpi)))
    assert_was_read(page)
    assert (page.preparation, page.source, page.rotation) == (steps, TextSource.OCR, 0)


@pytest.mark.parametrize("dpi", [200, 300])
def test_grey_paper_scanned_as_dots(tmp_path, draw_page, read, dpi):
    grey = draw_page(dpi=dpi).point([45 + value * 181 // 255 for value in range(256)])
    page = read(saved(tmp_path, grey.convert("1"), dpi=(dpi, dpi)))
    assert_was_read(page)
    assert "undotted" in page.preparation


def test_little_writing_on_tinted_strips(tmp_path, draw_page, read):
    page = draw_page(dpi=200)
    ground = Image.new("L", page.size, 255)
    for top in range(80, page.height - 80, 90):
        ground.paste(208, (60, top, page.width - 60, top + 55))
    found = read(saved(tmp_path, ImageChops.darker(page, ground), "PNG", dpi=(200, 200)))
    assert_was_read(found)
    assert found.preparation == ("untinted",)


@pytest.mark.parametrize("deviation", [14, 24])
def test_two_lines_on_paper_of_strong_grain(tmp_path, draw_page, read, deviation):
    lines = ["SAMPLE CLINIC", "Patient was seen today and will return in two weeks"]
    clean = np.asarray(draw_page(lines, dpi=200)) * 0.9 + 10
    grain = np.random.default_rng(1).normal(0, deviation, clean.shape)
    grey = Image.fromarray(np.clip(clean + grain, 0, 255).astype(np.uint8))
    page = read(saved(tmp_path, grey, "PNG", dpi=(200, 200)))
    assert " ".join(page.text.split()) == " ".join(lines)


class Stub:
    """An engine that finds words of one height everywhere, and notes what it was given."""

    name = "stub"

    def __init__(self, height):
        self.height = height
        self.given = []

    def read(self, image, dpi, _layout, _seconds):
        self.given.append((image.size, dpi))
        return tuple(Word("legible", Box(300, 300, 90, self.height), 0.9, 0) for _ in range(5))

    def release(self):
        pass


@pytest.mark.parametrize(
    ("height", "sizes"),
    [(20, [((1911, 2475), 225)]), (16, [((1911, 2475), 225), ((2550, 3300), 300)])],
)
def test_a_dense_page_is_read_smaller_unless_its_letters_are(
    tmp_path, draw_page, limits, height, sizes
):
    path, stub = saved(tmp_path, draw_page(dpi=300), "TIFF", dpi=(300, 300)), Stub(height)
    page = read_page(path, Format.TIFF, 1, limits, Manner(Engines(stub), second_look=False))
    assert stub.given[: len(sizes)] == sizes
    assert (page.width, page.height) == (2550, 3300)
    if len(sizes) == 1:
        assert page.words[0].box == Box(400, 400, 120, 27)


@pytest.mark.parametrize("compression", ["group3", "group4"])
@pytest.mark.parametrize("lines_per_inch", [98, 196])
@pytest.mark.parametrize("tagged", [True, False])
def test_faxes(tmp_path, draw_page, read, compression, lines_per_inch, tagged):
    image = fax(draw_page(dpi=204, points=14), lines_per_inch)
    options = {"dpi": (204, lines_per_inch)} if tagged else {}
    page = read(saved(tmp_path, image, compression=compression, **options))
    assert_was_read(page)
    assert page.width / page.height == pytest.approx(8.5 / 11, rel=0.05)
    assert ("squared" in page.preparation) == (lines_per_inch == 98)


def test_a_fax_in_a_pdf(tmp_path, draw_page, read):
    image = fax(draw_page(dpi=204, points=14), 98)
    page = read(pdf(tmp_path, draw_scan(tmp_path, image)))
    assert_was_read(page)
    assert page.preparation == ("squared", "smoothed")


def test_a_small_scan_that_claims_to_be_fine_is_enlarged_after_all(tmp_path, draw_page, read):
    page = read(saved(tmp_path, draw_page(dpi=75, points=11), "PNG", dpi=(200, 200)))
    assert page.preparation == ("enlarged",)
    assert text_words(page) >= {"patient", "medical", "0012345"}


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("kind", ["tiff", "fax", "pdf"])
def test_turned_pages_are_found_and_read_upright(tmp_path, draw_page, read, turn, kind):
    image = draw_page(dpi=204, points=14)
    if kind == "fax":
        image = fax(turned(image, turn).resize(image.size), 196)
        expected_aspect = None
    else:
        image, expected_aspect = turned(image, turn), 8.5 / 11
    path = (
        pdf(
            tmp_path,
            draw_scan(tmp_path, image, tuple(x * 72 / 204 for x in image.size)),
            pagesize=tuple(x * 72 / 204 for x in image.size),
        )
        if kind == "pdf"
        else saved(tmp_path, image, dpi=(204, 196 if kind == "fax" else 204))
    )
    page = read(path)
    assert page.rotation == (360 - turn) % 360
    assert text_words(page) >= LONG_WORDS
    if expected_aspect:
        assert page.width / page.height == pytest.approx(expected_aspect, rel=0.02)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_scan_turned_upright_by_its_pdf_page_is_not_turned_again(tmp_path, draw_page, read, turn):
    image = turned(draw_page(dpi=150), turn)
    size = tuple(x * 72 / 150 for x in image.size)
    draw = draw_scan(tmp_path, image, size)
    page = read(pdf(tmp_path, draw, pagesize=size, turned_by=(360 - turn) % 360))
    assert_was_read(page)
    assert page.rotation == 0


def test_a_photo_whose_file_tells_its_turn(tmp_path, draw_page, read):
    exif = Image.Exif()
    exif[274] = 6
    image = draw_page(dpi=150).transpose(Image.Transpose.ROTATE_90)
    page = read(saved(tmp_path, image, "JPEG", exif=exif, dpi=(150, 150)))
    assert_was_read(page)
    assert page.rotation == 0
    assert page.width / page.height == pytest.approx(8.5 / 11, rel=0.01)


def test_noise_and_handwriting_are_not_turned(tmp_path, limits, scratch):
    grain = Image.effect_noise((425, 550), 90).resize((850, 1100))
    path = saved(tmp_path, grain, "PNG", dpi=(100, 100))
    once = replace(quick_manner(scratch), second_look=False)
    assert read_page(path, Format.PNG, 1, limits, once).rotation == 0


def test_text_of_a_born_digital_page_is_taken_as_it_is(tmp_path, read, lines):
    page = read(pdf(tmp_path, lambda canvas: draw_text(canvas, lines)))
    assert page.source is TextSource.TEXT_LAYER
    assert page.text.splitlines()[:3] == list(lines[:3])
    assert (page.width, page.height, page.dpi) == (2550, 3300, 300)
    assert page.confidence == 1


@pytest.mark.parametrize("turned_by", [0, 90, 180, 270])
@pytest.mark.parametrize("upright", [True, False])
def test_born_digital_pages_of_any_turn(tmp_path, read, lines, turned_by, upright):
    """`upright`: the text is set so that the page's own turn makes it stand upright."""

    def draw(canvas):
        if upright and turned_by:
            wide, high = LETTER
            canvas.translate(*{90: (wide, 0), 180: (wide, high), 270: (0, high)}[turned_by])
            canvas.rotate(turned_by)
        for row, line in enumerate(lines * 2):
            canvas.drawString(60, 560 - 20 * row, line)

    page = read(pdf(tmp_path, draw, turned_by=turned_by))
    shown_upright = upright or not turned_by
    assert page.rotation == (0 if shown_upright else (360 - turned_by) % 360)
    assert (page.source is TextSource.TEXT_LAYER) == shown_upright
    assert text_words(page) >= LONG_WORDS


def test_a_scan_with_a_wrong_reading_hidden_behind_it_is_read_anew(
    tmp_path, draw_page, read, lines
):
    def draw(canvas):
        hidden = canvas.beginText(72, 700)
        hidden.setTextRenderMode(3)
        for _ in range(10):
            hidden.textLine("Somebody elses patient of another hospital was read here")
        canvas.drawText(hidden)
        draw_scan(tmp_path, draw_page(dpi=150))(canvas)

    page = read(pdf(tmp_path, draw))
    assert page.source is TextSource.OCR
    assert_was_read(page)
    assert "somebody" not in text_words(page)


def test_text_beside_a_small_picture_is_taken(tmp_path, read, lines):
    def draw(canvas):
        draw_text(canvas, lines)
        Image.new("L", (80, 60), 200).save(tmp_path / "logo.png")
        canvas.drawImage(str(tmp_path / "logo.png"), 420, 700, 120, 60)

    assert read(pdf(tmp_path, draw)).source is TextSource.TEXT_LAYER


def test_a_stamp_on_a_drawn_page_does_not_hide_the_page(tmp_path, draw_page, read):
    def draw(canvas):
        draw_scan(tmp_path, draw_page(dpi=100))(canvas)
        canvas.drawString(72, 20, "Page 1 of 5")

    page = read(pdf(tmp_path, draw))
    assert text_words(page) >= {*LONG_WORDS, "page", "of"}


def test_only_what_the_crop_box_shows_is_read(tmp_path, read, lines):
    def draw(canvas):
        draw_text(canvas, lines)
        canvas.setCropBox((36, 400, 576, 760))

    page = read(pdf(tmp_path, draw))
    assert (page.width, page.height) == (2250, 1500)
    assert page.text.splitlines()[0] == lines[0]


def test_pages_of_one_file_of_each_kind(tmp_path, draw_page, limits, scratch, lines):
    path = tmp_path / "mixed.pdf"
    canvas = Canvas(str(path), pagesize=LETTER)
    draw_text(canvas, lines)
    canvas.showPage()
    draw_scan(tmp_path, draw_page(dpi=150))(canvas)
    canvas.showPage()
    canvas.showPage()
    canvas.save()
    assert examine(path, limits).page_count == 3
    pages = [read_page(path, Format.PDF, number, limits, manner(scratch)) for number in (1, 2, 3)]
    assert [page.source for page in pages] == [
        TextSource.TEXT_LAYER,
        TextSource.OCR,
        TextSource.NONE,
    ]
    assert [page.kind for page in pages] == [PageKind.CONTENT, PageKind.CONTENT, PageKind.BLANK]
    assert [page.number for page in pages] == [1, 2, 3]


def test_blank_and_nearly_blank(tmp_path, draw_page, read):
    blank = read(saved(tmp_path, draw_page([]), "PNG"))
    assert (blank.kind, blank.source, blank.words) == (PageKind.BLANK, TextSource.NONE, ())
    nearly = read(saved(tmp_path, draw_page(["continued"]), "PNG"))
    assert (nearly.kind, nearly.text) == (PageKind.CONTENT, "continued")


def test_a_page_that_poppler_cannot_draw_is_not_taken_for_blank(
    tmp_path, draw_page, limits, scratch
):
    path = pdf(tmp_path, draw_scan(tmp_path, draw_page(dpi=150)))
    content = bytearray(path.read_bytes())
    start = content.index(b"stream", content.index(b"/Image")) + 40
    content[start : content.index(b"endstream", start) - 10] = b"z" * (
        content.index(b"endstream", start) - 10 - start
    )
    path.write_bytes(content)
    with pytest.raises(DamagedPage):
        read_page(path, Format.PDF, 1, limits, manner(scratch))


@pytest.mark.parametrize("format_", [Format.PDF, Format.TIFF])
def test_a_file_that_is_gone_is_not_called_damaged(tmp_path, limits, scratch, format_):
    with pytest.raises(StorageFailed):
        read_page(tmp_path / "gone", format_, 1, limits, manner(scratch))
    with pytest.raises(StorageFailed):
        page_picture(tmp_path / "gone", format_, 1, 0, 800, limits)


def test_a_scratch_folder_that_is_gone_is_said(tmp_path, draw_page, limits):
    path = saved(tmp_path, draw_page(["words"]), "PNG")
    with pytest.raises(StorageFailed):
        read_page(path, Format.PNG, 1, limits, manner(tmp_path / "gone"))


def test_reading_a_page_ends_in_time(tmp_path, draw_page, scratch):
    path = saved(tmp_path, draw_page(dpi=150), "PNG")
    with pytest.raises(PageTookTooLong):
        read_page(
            path,
            Format.PNG,
            1,
            Limits(page_timeout_seconds=0.01),
            manner(scratch),
        )


def test_pictures_keep_colour_and_are_as_wide_as_asked(tmp_path, draw_page, limits):
    red = ImageOps.colorize(draw_page(dpi=150), "darkred", "white")
    for image, mode in ((red, "RGB"), (draw_page(dpi=150).convert("RGB"), "L")):
        made = pdf(tmp_path, draw_scan(tmp_path, image))
        for path, format_ in ((saved(tmp_path, image, "PNG"), Format.PNG), (made, Format.PDF)):
            jpeg = Image.open(BytesIO(page_picture(path, format_, 1, 90, 500, limits)))
            assert (jpeg.format, jpeg.mode, jpeg.size) == ("JPEG", mode, (500, 386))
            assert not jpeg.info.get("progressive")


def test_a_picture_is_not_blown_up(tmp_path, limits):
    path = saved(tmp_path, Image.new("L", (300, 400), 255), "PNG")
    assert Image.open(BytesIO(page_picture(path, Format.PNG, 1, 0, 2000, limits))).size == (
        300,
        400,
    )


@pytest.mark.parametrize("degrees", [4, -7])
def test_a_crooked_page_is_straightened_to_be_read_and_words_lie_where_they_stand(
    tmp_path, draw_page, read, degrees
):
    image = draw_page(dpi=200).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    page = read(saved(tmp_path, image, "PNG", dpi=(200, 200)))
    assert text_words(page) >= LONG_WORDS
    assert "deskewed" in page.preparation


def test_without_a_step_it_is_not_done(tmp_path, draw_page, limits, scratch):
    image = draw_page(dpi=200).rotate(6, Image.Resampling.BICUBIC, fillcolor=255)
    path = saved(tmp_path, image, "PNG", dpi=(200, 200))
    as_it_is = replace(quick_manner(scratch), steps=frozenset(), second_look=False)
    page = read_page(path, Format.PNG, 1, limits, as_it_is)
    assert page.preparation == ()
    assert not text_words(page) >= LONG_WORDS


def barred(page, text, kind=zxingcpp.BarcodeFormat.Code128):
    options = {"scale": 4, "add_quiet_zones": True}
    code = Image.fromarray(np.asarray(zxingcpp.create_barcode(text, kind).to_image(**options)))
    page.paste(code.resize((code.width, max(code.height, 160))), (150, 1500))
    return page


def test_a_separator_sheet_is_known_by_its_bar_and_not_read(tmp_path, draw_page, read):
    image = barred(draw_page(["SEPARATOR SHEET", "Lab reports"], dpi=200, points=24), "MRN=0012345")
    page = read(saved(tmp_path, image, "PNG", dpi=(200, 200)))
    assert (page.kind, page.words) == (PageKind.SEPARATOR, ())
    assert [code.text for code in page.barcodes] == ["MRN=0012345"]


@pytest.mark.parametrize(("rows", "kind"), [(6, PageKind.SEPARATOR), (30, PageKind.CONTENT)])
def test_a_sheet_made_by_a_program_is_known_by_its_bar_too(tmp_path, limits, scratch, rows, kind):
    code = zxingcpp.create_barcode("MRN=0012345", zxingcpp.BarcodeFormat.Code128)
    bar = Image.fromarray(np.asarray(code.to_image(scale=4, add_quiet_zones=True)))
    bar.save(tmp_path / "bar.png")

    def draw(canvas):
        canvas.drawImage(str(tmp_path / "bar.png"), 72, 72, 300, 60)
        draw_text(canvas, ["Put this sheet before the pages", "of the patient"], rows // 2)

    page = read_page(pdf(tmp_path, draw), Format.PDF, 1, limits, quick_manner(scratch))
    assert page.kind is kind
    (found,) = page.barcodes
    assert (found.text, found.box.left) == ("MRN=0012345", pytest.approx(380, abs=60))
    assert bool(page.words) is (kind is PageKind.CONTENT)


def test_a_page_with_a_label_stays_a_page_whichever_way_it_lies(
    tmp_path, draw_page, limits, scratch
):
    written = draw_page([line * 2 for line in LINES] * 8, dpi=200, points=9)
    image = barred(written, "MRN=0012345")
    for turn in (0, 90, 180):
        path = saved(tmp_path, turned(image, turn), "PNG", dpi=(200, 200))
        page = read_page(path, Format.PNG, 1, limits, quick_manner(scratch))
        assert page.kind is PageKind.CONTENT
        (code,) = page.barcodes
        assert (code.text, code.box.left) == ("MRN=0012345", pytest.approx(150, abs=60))
        assert code.box.top == pytest.approx(1500, abs=60)


def test_the_line_of_a_fax_machine_is_kept_apart_from_the_body(tmp_path, draw_page, read):
    header = "10/12/2025 14:03   FAX 555 0100   SAMPLE CLINIC   PAGE 02/05"
    image = draw_page(dpi=204, points=14)
    font = ImageFont.truetype(FONT, 26)
    ImageDraw.Draw(image).text((120, 30), header, fill=0, font=font)
    page = read(saved(tmp_path, fax(image, 196), compression="group4", dpi=(204, 196)))
    assert (page.fax_header.page, page.fax_header.pages) == (2, 5)
    assert "14:03" in page.text
    assert "14:03" not in page.body.text
    assert page.body.text.startswith("SAMPLE CLINIC")


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_the_header_of_a_page_that_lay_another_way_is_read_and_kept_apart(
    tmp_path, draw_page, read, lines, turn
):
    image = draw_page(dpi=200).rotate(turn, expand=True, fillcolor=255)
    header = "10/12/2025 14:03   FAX 555 0100   SAMPLE CLINIC   PAGE 02/05"
    font = ImageFont.truetype(FONT, 30)
    ImageDraw.Draw(image).text((120, 24), header, fill=0, font=font)
    page = read(saved(tmp_path, image, dpi=(200, 200)))
    assert page.rotation == turn
    assert (page.fax_header.page, page.fax_header.pages) == (2, 5)
    apart = [word for word in page.words if word.line in page.fax_header.lines]
    assert "".join(word.text for word in apart) == "".join(header.split())
    assert "5550100" not in page.body.text.replace(" ", "")
    assert_words_of_the_body(page, lines)


def assert_words_of_the_body(page, lines):
    wanted = {word.strip(".,:;").lower() for line in lines for word in line.split()}
    assert wanted <= {word.text.strip(".,:;").lower() for word in page.body.words}


def test_a_weak_page_is_read_again_and_that_is_recorded(tmp_path, draw_page, limits, scratch):
    image = draw_page(dpi=100, points=9).filter(ImageFilter.GaussianBlur(1.4))
    path = saved(tmp_path, image, "PNG", dpi=(100, 100))
    once = read_page(path, Format.PNG, 1, limits, replace(manner(scratch), second_look=False))
    again = read_page(path, Format.PNG, 1, limits, manner(scratch))
    assert once.reading == ("tesseract",)
    assert again.reading == ("tesseract", "sparse")


def test_a_field_in_doubt_is_read_twice(tmp_path, draw_page, limits, scratch):
    path = saved(tmp_path, draw_page(dpi=200), "PNG", dpi=(200, 200))

    def number(page):
        return tuple(word.box for word in page.words if word.text == "0012345")

    doubtful = replace(quick_manner(scratch), in_doubt=number)
    page = read_page(path, Format.PNG, 1, limits, doubtful)
    assert page.reading[-1] == "fields-read-again"
    assert [word.other for word in page.words if word.text == "0012345"] == [""]

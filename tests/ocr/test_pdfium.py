import subprocess
import sys

import numpy as np
import pytest
from pdfs import FILL_PAGE, fax_picture, jpeg_picture, picture, write_pdf
from PIL import Image

from chartkeeper.ocr import drawing, pdfium, pdfpage, poppler, raster
from chartkeeper.ocr.errors import DamagedPage, PageTookTooLong
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits

pytest.importorskip("pypdfium2")

PAGE = b"/MediaBox[0 0 612 792]"
SAY = b" BT /F 12 Tf %d Tr 72 700 Td (Words on a page) Tj ET "


@pytest.fixture(scope="session")
def letter_f():
    """A page of which each turn and flip looks different, 100 dpi."""
    image = Image.new("L", (850, 1100), 255)
    for box in ((100, 100, 200, 900), (100, 100, 700, 200), (100, 450, 500, 550)):
        image.paste(0, box)
    return image


def greys(image, size=(85, 110)):
    return np.asarray(image.convert("L").resize(size, Image.Resampling.BOX)).astype(int)


def assert_alike(image, other):
    size = image.width // 10, image.height // 10
    assert np.abs(greys(image, size) - greys(other, size)).mean() < 4


@pytest.mark.parametrize("made", [picture, jpeg_picture, fax_picture])
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_the_stored_pixels_are_taken(tmp_path, limits, letter_f, made, mode):
    image = letter_f.convert("1" if made is fax_picture else mode)
    image = image.convert("L") if made is jpeg_picture and mode == "1" else image
    path = write_pdf(tmp_path / "scan.pdf", [made(image)])
    found = pdfium.stored_picture(path, 1, limits)
    assert (found.mode, found.size) == ("L", (850, 1100))
    assert np.abs(np.asarray(found).astype(int) - np.asarray(letter_f)).max() <= 12


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "matrix",
    [
        b"612 0 0 792 0 0",
        b"-612 0 0 792 612 0",
        b"612 0 0 -792 0 792",
        b"-612 0 0 -792 612 792",
        b"0 792 612 0 0 0",
        b"0 792 -612 0 612 0",
        b"0 -792 612 0 0 792",
        b"0 -792 -612 0 612 792",
    ],
)
def test_turns_and_flips_are_those_that_poppler_draws(tmp_path, limits, letter_f, turned, matrix):
    content = b"q " + matrix + b" cm /I Do Q"
    page = PAGE + b"/Rotate %d" % turned
    path = write_pdf(tmp_path / "scan.pdf", [picture(letter_f)], content, page)
    surveyed = pdfpage.survey_by_poppler(path, 1, limits)
    drawn = raster.drawn(path, 1, drawing.plan_page(surveyed, limits), limits)[0]
    found = pdfium.stored_picture(path, 1, limits)
    assert_alike(drawn.resize(found.size), found)


def test_a_page_is_as_large_as_poppler_says(tmp_path, limits, letter_f):
    for number, page in enumerate(
        (
            PAGE,
            PAGE + b"/Rotate 90",
            PAGE + b"/CropBox[30 40 500 700]",
            PAGE + b"/CropBox[-50 -50 900 300]/Rotate 270",
            b"/MediaBox[0 792 612 0]",
            b"/MediaBox[100 100 712.5 892.25]/Rotate -90",
        )
    ):
        path = write_pdf(tmp_path / f"{number}.pdf", [picture(letter_f)], page=page)
        said = poppler.page_size(path, 1, limits.page_timeout_seconds)
        size = pdfium.look(path, 1).size
        assert (size.width, size.height) == pytest.approx((said.width, said.height), abs=0.01)
        assert size.turned == said.turned


@pytest.mark.parametrize(
    ("content", "page"),
    [
        (b"q 500 0 0 792 0 0 cm /I Do Q", PAGE),
        (b"q 612 0 0 396 0 0 cm /I Do Q q 612 0 0 396 0 396 cm /I Do Q", PAGE),
        (b"q 611 30 -30 791 0 0 cm /I Do Q", PAGE),
        (FILL_PAGE + SAY % 0, PAGE),
        (FILL_PAGE + b" 1 g 100 100 200 200 re f", PAGE),
        (FILL_PAGE + b" 100 100 m 300 300 l S", PAGE),
        (b"q 100 100 200 200 re W n 612 0 0 792 0 0 cm /I Do Q", PAGE),
        (b"q 0 0 m 612 0 l 0 792 l W n 612 0 0 792 0 0 cm /I Do Q", PAGE),
        (SAY % 7 + FILL_PAGE, PAGE),
        (FILL_PAGE, PAGE + b"/CropBox[0 0 612 400]"),
        (
            FILL_PAGE,
            PAGE + b"/Annots[<</Type/Annot/Subtype/Square/Rect[9 9 99 99]/C[0 0 0]>>]",
        ),
    ],
)
def test_a_page_of_more_or_less_than_one_picture_is_drawn(
    tmp_path, limits, letter_f, content, page
):
    path = write_pdf(tmp_path / "page.pdf", [picture(letter_f)], content, page)
    assert pdfium.stored_picture(path, 1, limits) is None
    surveyed = pdfpage.survey(path, 1, limits)
    mine = raster.load_pdf(path, surveyed, limits).image
    theirs = raster.drawn(path, 1, drawing.plan_page(surveyed, limits), limits)[0]
    assert_alike(mine, theirs)


@pytest.mark.parametrize(
    "content",
    [
        FILL_PAGE + SAY % 3,
        SAY % 0 + FILL_PAGE,
        b"1 g 0 0 612 792 re f " + FILL_PAGE,
        b"q 0 0 612 792 re W n 612 0 0 792 0 0 cm /I Do Q",
        b"q -9 -9 700 900 re W n 0 0 612 792 re W* n 612 0 0 792 0 0 cm /I Do Q",
        b"q 611.2 0 0 791 0.3 0.5 cm /I Do Q",
        FILL_PAGE + b" 10 10 m 20 20 l n",
    ],
)
def test_what_nobody_sees_does_not_matter(tmp_path, limits, letter_f, content):
    path = write_pdf(tmp_path / "page.pdf", [picture(letter_f)], content)
    assert_alike(pdfium.stored_picture(path, 1, limits), letter_f)
    looked = pdfium.look(path, 1)
    assert looked.has_pictures
    assert not looked.shows_text
    assert looked.has_text == (b"Tj" in content)


def test_text_that_shows_is_told(tmp_path, letter_f):
    path = write_pdf(tmp_path / "page.pdf", [picture(letter_f)], FILL_PAGE + SAY % 0)
    assert pdfium.look(path, 1).shows_text


@pytest.mark.parametrize(
    "more",
    [
        b"/Decode[1 0]",
        b"/SMask 3 0 R",
        b"/Mask 4 0 R",
        b"/Mask[0 9]",
        b"/ImageMask true/Decode[1 0]",
    ],
)
def test_masks_and_inverted_pictures_look_as_poppler_draws_them(tmp_path, limits, letter_f, more):
    image = letter_f.convert("1") if b"ImageMask" in more else letter_f
    entries, data = picture(image, more=more)
    if b"ImageMask" in more:
        entries = entries.replace(b"/ColorSpace/DeviceGray", b"")
    half = Image.new("L", (850, 1100), 0)
    half.paste(255, (0, 0, 850, 550))
    soft, hard = picture(half), picture(half.convert("1"))
    hard = hard[0].replace(b"/ColorSpace/DeviceGray", b"/ImageMask true"), hard[1]
    path = write_pdf(tmp_path / "page.pdf", [(entries, data)], more=[soft, hard])
    surveyed = pdfpage.survey(path, 1, limits)
    mine = raster.load_pdf(path, surveyed, limits).image
    theirs = raster.drawn(path, 1, drawing.plan_page(surveyed, limits), limits)[0]
    assert_alike(mine, theirs)


def test_an_indexed_picture_is_taken_in_its_colours(tmp_path, limits, letter_f):
    entries, data = picture(letter_f.convert("1"))
    colours = b"[/Indexed/DeviceRGB 1<000000ff0000>]"
    entries = entries.replace(b"/DeviceGray", colours)
    path = write_pdf(tmp_path / "page.pdf", [(entries, data)])
    found = pdfium.stored_picture(path, 1, limits)
    assert (found.getpixel((150, 500)), found.getpixel((800, 1000))) == (0, 76)


@pytest.mark.parametrize("made", [picture, jpeg_picture, fax_picture])
@pytest.mark.parametrize("content", [FILL_PAGE, b"q 500 0 0 700 50 50 cm /I Do Q"])
def test_a_picture_cut_short_is_left_to_poppler(tmp_path, limits, letter_f, made, content):
    entries, data = made(letter_f.convert("1") if made is fax_picture else letter_f)
    path = write_pdf(tmp_path / "cut.pdf", [(entries, data[: len(data) // 2])], content)
    assert pdfium.stored_picture(path, 1, limits) is None
    assert pdfium.drawn(path, 1, (850, 1100), limits) is None


def test_a_picture_that_is_nothing_but_damage_is_not_taken_for_blank(tmp_path, limits, letter_f):
    entries, data = picture(letter_f)
    path = write_pdf(tmp_path / "cut.pdf", [(entries, b"x" * len(data))])
    found = raster.load(path, Format.PDF, 1, limits)
    assert not found.sound


@pytest.mark.parametrize("content", [b"q 612 0 0 792 0 0 cm /Gone Do Q", b"q BT (un"])
def test_what_pdfium_leaves_out_without_a_word_is_told_by_poppler(
    tmp_path, limits, letter_f, content
):
    path = write_pdf(tmp_path / "page.pdf", [picture(letter_f)], content)
    assert pdfium.drawn(path, 1, (85, 110), limits).getextrema() == (255, 255)
    assert not raster.load(path, Format.PDF, 1, limits).sound


def test_pages_that_do_not_open_are_left_to_poppler(tmp_path, limits):
    path = tmp_path / "none.pdf"
    path.write_bytes(b"%PDF-1.4\nnothing\n%%EOF\n")
    assert pdfium.look(path, 1) is None
    with pytest.raises(DamagedPage):
        raster.load(path, Format.PDF, 1, limits)


def test_a_picture_over_the_pixel_limit_is_not_decoded(tmp_path, letter_f):
    path = write_pdf(tmp_path / "page.pdf", [picture(letter_f)])
    few = Limits(max_pixels=850 * 1100 - 1)
    assert pdfium.stored_picture(path, 1, few) is None
    assert pdfium.drawn(path, 1, (85, 110), few) is None


def test_a_flood_of_objects_is_left_to_poppler(tmp_path, letter_f):
    path = write_pdf(tmp_path / "flood.pdf", [picture(letter_f)], b"0 0 1 1 re f " * 20_001)
    assert pdfium.look(path, 1) is None


def test_drawing_by_pdfium_ends_in_time(tmp_path, letter_f):
    content = b"0 0 m 612 792 300 1 1 700 c 99 9 8 500 600 1 c S " * 15_000
    path = write_pdf(tmp_path / "slow.pdf", [picture(letter_f)], content)
    with pytest.raises(PageTookTooLong):
        pdfium.drawn(path, 1, (2550, 3300), Limits(page_timeout_seconds=0.5))


def test_any_page_of_a_long_file_opens_quickly(tmp_path, limits, letter_f):
    pages = [fax_picture(letter_f.convert("1"))] * 1000
    path = write_pdf(tmp_path / "long.pdf", pages)
    assert pdfium.stored_picture(path, 1000, limits).size == (850, 1100)
    assert pdfium.look(path, 1001) is None


def test_nothing_stays_open(tmp_path, limits, letter_f):
    """In a process of its own: pypdfium2 says at its end which handles were left."""
    path = write_pdf(tmp_path / "page.pdf", [picture(letter_f)], FILL_PAGE + SAY % 0)
    code = (
        "import sys, os; from pathlib import Path\n"
        "from chartkeeper.ocr import pdfium; from chartkeeper.ocr.limits import Limits\n"
        "path = Path(sys.argv[1])\n"
        "for _ in range(3):\n"
        "    pdfium.look(path, 1), pdfium.look(path, 2)\n"
        "    pdfium.stored_picture(path, 1, Limits()), pdfium.drawn(path, 1, (85, 110), Limits())\n"
        "names = [os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')[:-1]]\n"
        "assert str(path) not in names\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

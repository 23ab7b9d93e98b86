import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from pdfs import fax_picture, jpeg_picture, picture, write_pdf
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from chartkeeper.ocr import drawing, pdfpage, raster
from chartkeeper.ocr.density import fax_dpi
from chartkeeper.ocr.errors import (
    DamagedPage,
    EngineFailed,
    OutOfMemory,
    OversizedPage,
    PageTookTooLong,
)
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.poppler import EmbeddedImage, PageSize, parse_images, parse_page_size

LETTER = PageSize(612, 792, 0)


@pytest.fixture(autouse=True)
def pillows_own_limit(monkeypatch):
    """Put back what a test with a low limit sets for the whole process."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


@pytest.fixture(params=["pypdfium2", "poppler alone"])
def drawing_program(request, monkeypatch):
    """Each of the two ways in which a PDF page is drawn."""
    if request.param == "pypdfium2":
        pytest.importorskip("pypdfium2")
    else:
        monkeypatch.setitem(sys.modules, "pypdfium2", None)


either_way = pytest.mark.usefixtures("drawing_program")


def a_page(mode):
    """White with a black block in its upper left quarter."""
    image = Image.new("L", (200, 300), 255)
    image.paste(0, (20, 30, 100, 150))
    return image.convert(mode)


def put(tmp_path, image, format_, **options):
    path = tmp_path / "page"
    image.save(path, format_.value, **options)
    return path


def assert_is_the_page(image):
    grey = image.convert("L")
    assert grey.size == (200, 300)
    assert grey.getpixel((60, 90)) < 60
    assert grey.getpixel((150, 250)) > 195


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16", "I", "F"])
def test_every_kind_of_tiff_becomes_grey(tmp_path, limits, mode):
    image = a_page("L" if mode in ("I;16", "I", "F") else mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 16)
    elif mode in ("I", "F"):
        image = image.convert(mode)
    page = raster.load(put(tmp_path, image, Format.TIFF), Format.TIFF, 1, limits)
    assert page.image.mode in ("1", "L")
    assert_is_the_page(page.image)


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt", "packbits", "tiff_lzw"])
@pytest.mark.parametrize("photometric", [0, 1])
def test_bilevel_tiff_of_either_sense(tmp_path, limits, compression, photometric):
    image = a_page("1")
    path = put(tmp_path, image, Format.TIFF, compression=compression, tiffinfo={262: photometric})
    stored = raster.load(path, Format.TIFF, 1, limits)
    assert stored.image.mode == "1"
    expected = image if photometric == 1 or compression != "packbits" else None
    if expected:
        assert_is_the_page(stored.image)


@pytest.mark.parametrize(
    ("mode", "options"),
    [("1", {}), ("L", {}), ("P", {}), ("RGB", {}), ("RGBA", {}), ("LA", {}), ("I;16", {})],
)
def test_every_kind_of_png_becomes_grey(tmp_path, limits, mode, options):
    image = a_page("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    path = put(tmp_path, image, Format.PNG, **options)
    assert_is_the_page(raster.load(path, Format.PNG, 1, limits).image)


def test_transparent_paper_is_white(tmp_path, limits):
    image = Image.new("RGBA", (200, 300), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (20, 30, 100, 150))
    path = put(tmp_path, image, Format.PNG)
    assert_is_the_page(raster.load(path, Format.PNG, 1, limits).image)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_kind_of_jpeg_becomes_grey(tmp_path, limits, mode):
    path = put(tmp_path, a_page(mode), Format.JPEG)
    assert_is_the_page(raster.load(path, Format.JPEG, 1, limits).image)


@pytest.mark.parametrize("format_", [Format.JPEG, Format.TIFF, Format.PNG])
@pytest.mark.parametrize(
    ("orientation", "stored_turn"),
    [
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_90),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_the_turn_that_a_file_tells_is_undone(tmp_path, limits, format_, orientation, stored_turn):
    exif = Image.Exif()
    exif[274] = orientation
    path = put(tmp_path, a_page("L").transpose(stored_turn), format_, exif=exif)
    assert_is_the_page(raster.load(path, format_, 1, limits).image)


def test_pages_of_a_tiff_are_taken_one_by_one(tmp_path, limits):
    shades = [Image.new("L", (200, 300), shade) for shade in (10, 20, 30)]
    path = put(tmp_path, shades[0], Format.TIFF, save_all=True, append_images=shades[1:])
    found = [raster.load(path, Format.TIFF, number, limits).image for number in (3, 1, 2)]
    assert [image.getpixel((5, 5)) for image in found] == [30, 10, 20]
    with pytest.raises(DamagedPage):
        raster.load(path, Format.TIFF, 4, limits)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({282: 204.0, 283: 196.0, 296: 2}, (204, 196)),
        ({282: 80.3, 283: 38.6, 296: 3}, (204, 98)),
        ({282: 300.0, 283: 300.0, 296: 1}, (300, 300)),
        ({}, (0, 0)),
        ({282: 1.0, 283: 1.0, 296: 2}, (0, 0)),
        ({282: 90_000.0, 283: 300.0, 296: 2}, (0, 0)),
        ({282: 60.0, 283: 600.0, 296: 2}, (0, 0)),
    ],
)
def test_resolution_of_a_tiff(tmp_path, limits, tags, expected):
    path = put(tmp_path, a_page("1"), Format.TIFF, tiffinfo=tags)
    page = raster.load(path, Format.TIFF, 1, limits)
    assert (page.x_dpi, page.y_dpi) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize(
    ("height", "tags", "expected"),
    [
        (1100, (0, 0), (204, 98)),
        (1145, (72, 72), (204, 98)),
        (1372, (0, 0), (204, 98)),
        (2200, (0, 0), (204, 196)),
        (2291, (96, 96), (204, 196)),
        (4300, (0, 0), (204, 391)),
        (1145, (80, 39), (204, 98)),
        (1100, (204, 196), (204, 196)),
        (1145, (200, 100), (200, 100)),
    ],
)
def test_mode_of_a_fax(height, tags, expected):
    assert fax_dpi(height, *tags) == expected


def test_a_screen_is_no_fax(tmp_path, limits):
    path = put(tmp_path, Image.new("RGB", (1728, 1117), "white"), Format.PNG)
    assert raster.load(path, Format.PNG, 1, limits).x_dpi == 0


def test_noise_instead_of_picture_data_is_damage(tmp_path, limits, encode):
    for format_, options in ((Format.TIFF, {"compression": "tiff_lzw"}), (Format.PNG, {})):
        content = bytearray(encode(Image.effect_noise((200, 300), 60), format_.value, **options))
        middle = len(content) // 2
        content[middle : middle + 2000] = b"\x55" * 2000
        path = tmp_path / "page"
        path.write_bytes(content)
        with pytest.raises(DamagedPage):
            raster.load(path, format_, 1, limits)


def test_a_jpeg_cut_off_and_ended_properly_is_damage(tmp_path, limits, encode):
    content = encode(Image.effect_noise((400, 600), 60), "JPEG")
    path = tmp_path / "page"
    path.write_bytes(content[: len(content) // 2] + b"\xff\xd9")
    with pytest.raises(DamagedPage):
        raster.load(path, Format.JPEG, 1, limits)


@either_way
def test_a_scan_cut_off_inside_a_pdf_is_damage(tmp_path, limits, encode):
    content = encode(Image.effect_noise((425, 550), 60), "JPEG", quality=90)
    cut = content[: len(content) // 2]
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        b"/Resources<</XObject<</I 5 0 R>>>>>>"
    )
    picture = (
        b"<</Type/XObject/Subtype/Image/Width 425/Height 550/ColorSpace/DeviceGray"
        b"/BitsPerComponent 8/Filter/DCTDecode/Length %d>>stream\n%s\nendstream" % (len(cut), cut)
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page,
        b"<</Length 30>>stream\nq 612 0 0 792 0 0 cm /I Do Q   \nendstream",
        picture,
    ]
    body = b"".join(b"%d 0 obj%s\nendobj\n" % (n, o) for n, o in enumerate(objects, 1))
    path = tmp_path / "cut.pdf"
    path.write_bytes(b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF\n")
    with pytest.raises(DamagedPage):
        raster.load(path, Format.PDF, 1, limits)


def test_a_fax_with_a_bad_line_is_kept(tmp_path, limits, encode, draw_page):
    content = bytearray(encode(draw_page().convert("1"), "TIFF", compression="group3"))
    content[1500:1502] = b"\xaa\xaa"
    path = tmp_path / "fax"
    path.write_bytes(content)
    image = raster.load(path, Format.TIFF, 1, limits).image.convert("L")
    assert np.asarray(image).mean() > 200


def test_pixel_limit_holds_when_loading(tmp_path):
    path = put(tmp_path, a_page("L"), Format.PNG)
    with pytest.raises(OversizedPage):
        raster.load(path, Format.PNG, 1, Limits(max_pixels=59_999))
    with pytest.raises(OversizedPage):
        raster.load(path, Format.PNG, 1, Limits(max_pixels=20_000))
    assert raster.load(path, Format.PNG, 1, Limits(max_pixels=60_000))


SMALL_MEMORY = """
import resource
import sys
from pathlib import Path
from chartkeeper.ocr import raster
from chartkeeper.ocr.errors import OutOfMemory
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
small, large = map(Path, sys.argv[1:])
raster.load(small, Format.TIFF, 1, Limits())
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 60_000_000, used + 60_000_000))
try:
    raster.load(large, Format.TIFF, 1, Limits())
except OutOfMemory:
    print("out of memory")
"""


def test_out_of_memory_is_said(tmp_path):
    # In a process of its own: one that has freed much before finds room within its bounds.
    paths = tmp_path / "small.tif", tmp_path / "large.tif"
    for path, side in zip(paths, (60, 12_000), strict=True):
        Image.new("1", (side, side)).save(path, compression="group4")
    command = [sys.executable, "-c", SMALL_MEMORY, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "out of memory\n", done.stderr


def pdf(tmp_path, image=None, box=(0, 0, 612, 792), pagesize=(612, 792), text="", turned=0):
    path = tmp_path / "made.pdf"
    canvas = Canvas(str(path), pagesize=pagesize)
    if image is not None:
        image.save(tmp_path / "scan.png")
        canvas.drawImage(str(tmp_path / "scan.png"), *box)
    if text:
        canvas.drawString(100, 100, text)
    canvas.setPageRotation(turned)
    canvas.save()
    return path


@either_way
def test_a_scan_is_drawn_pixel_by_pixel(tmp_path, limits):
    scan = Image.effect_noise((850, 1100), 80)
    page = raster.load(pdf(tmp_path, scan), Format.PDF, 1, limits)
    assert (page.x_dpi, page.y_dpi) == (100, 100)
    assert np.abs(np.asarray(page.image).astype(int) - np.asarray(scan)).max() <= 2


@either_way
def test_a_fax_in_a_pdf_keeps_its_pixels(tmp_path, limits):
    page = raster.load(pdf(tmp_path, Image.new("1", (1728, 1078))), Format.PDF, 1, limits)
    assert page.image.size == (1728, 1078)
    assert (page.x_dpi, page.y_dpi) == pytest.approx((203, 98), abs=1)


@either_way
@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"text": "words"}, (2550, 3300)),
        ({"image": Image.new("L", (60, 80)), "box": (0, 0, 200, 200)}, (2550, 3300)),
        ({"image": Image.new("L", (425, 550)), "text": "words"}, (2550, 3300)),
        ({"image": Image.new("1", (5100, 6600))}, (2550, 3300)),
    ],
)
def test_everything_else_is_drawn_at_300_dpi(tmp_path, limits, options, size):
    page = raster.load(pdf(tmp_path, **options), Format.PDF, 1, limits)
    assert page.image.size == size
    assert page.x_dpi == 300


@either_way
def test_a_huge_pdf_page_is_drawn_within_the_pixel_limit(tmp_path):
    path = pdf(tmp_path, text="words", pagesize=(14_400, 14_400))
    page = raster.load(path, Format.PDF, 1, Limits(max_pixels=1_000_000))
    assert 900_000 < page.image.width * page.image.height <= 1_000_000


@either_way
def test_drawing_ends_in_time(tmp_path):
    with pytest.raises(PageTookTooLong):
        raster.load(pdf(tmp_path, text="x"), Format.PDF, 1, Limits(page_timeout_seconds=0.0001))


@either_way
def test_a_grey_foot_is_no_damage_where_there_is_no_jpeg(tmp_path, limits):
    path = tmp_path / "made.pdf"
    canvas = Canvas(str(path), pagesize=(612, 792))
    canvas.drawString(100, 400, "words")
    canvas.setFillGray(0.5)
    canvas.rect(0, 0, 612, 45, stroke=0, fill=1)
    canvas.save()
    page = raster.load(path, Format.PDF, 1, limits)
    assert page.image.getpixel((1000, 3250)) in range(127, 130)


KILLED = """#!/bin/sh
case " $* " in *" -r {passed} "*) exec {program} "$@";; esac
kill -9 $$
"""


@pytest.mark.parametrize(("passed", "failure"), [("none", OutOfMemory), ("10", EngineFailed)])
def test_a_drawing_program_that_the_system_ended_is_not_laid_to_the_page(
    tmp_path, limits, monkeypatch, passed, failure
):
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    path = pdf(tmp_path, text="words")
    program = tmp_path / "pdftoppm"
    program.write_text(KILLED.format(passed=passed, program=shutil.which("pdftoppm")))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(failure):
        raster.load(path, Format.PDF, 1, limits)


@either_way
def test_a_page_beyond_the_last_is_damage(tmp_path, limits):
    with pytest.raises(DamagedPage):
        raster.load(pdf(tmp_path, text="x"), Format.PDF, 2, limits)


@pytest.mark.parametrize(
    ("turned", "scan", "size"),
    [
        (0, EmbeddedImage(1700, 2200, 200, 200), (1700, 2200)),
        (90, EmbeddedImage(2200, 1700, 200, 200), (1700, 2200)),
        (0, EmbeddedImage(2200, 1700, 200, 200), (1700, 2200)),
        (0, EmbeddedImage(1728, 1078, 203, 98), (1728, 1078)),
        (0, EmbeddedImage(5100, 6600, 600, 600), (2550, 3300)),
        (0, EmbeddedImage(1500, 2000, 200, 200), (1700, 2200)),
        (0, None, (2550, 3300)),
    ],
)
def test_plan_of_a_drawing(turned, scan, size):
    plan = drawing.plan_drawing(PageSize(612, 792, turned), scan, 10**8)
    assert (plan.width, plan.height) == size


def test_masks_are_told_of_the_pictures_that_they_belong_to():
    listing = """\
page   num  type   width height color comp bpc  enc interp  object ID x-ppi y-ppi size ratio
--------------------------------------------------------------------------------------------
   1     0 image    1728  1145  gray    1   1  ccitt  no         8  0   204    98 69.4K 6.8%
   1     1 smask     100   100  gray    1   8  image  no         9  0    72    72  100B 1.0%
   1     2 stencil    64    32  -       1   1  image  no   [inline]      72    36   10B 4.0%
   1     3 image    bad line
"""
    assert parse_images(listing) == (
        EmbeddedImage(1728, 1145, 204, 98, "ccitt", masked=True),
        EmbeddedImage(64, 32, 72, 36, "image", masked=True),
    )


@either_way
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_stretched_fax_on_a_turned_page_is_whole(tmp_path, limits, turned):
    scan = Image.new("1", (1728, 1078), 1)
    scan.paste(0, (1600, 950, 1700, 1050))
    box = b"/MediaBox[0 0 612 792]/Rotate %d" % turned
    path = write_pdf(tmp_path / "fax.pdf", [fax_picture(scan)], page=box)
    page = raster.load(path, Format.PDF, 1, limits)
    grey = np.asarray(page.image)
    assert (grey < 128).sum() == pytest.approx(100 * 100, rel=0.02)
    assert max(page.x_dpi, page.y_dpi) / min(page.x_dpi, page.y_dpi) > 2


@either_way
@pytest.mark.parametrize("cut", [True, False])
def test_damage_to_a_jpeg_in_a_frame_of_paper_is_found(tmp_path, limits, cut):
    entries, data = jpeg_picture(Image.effect_noise((425, 550), 60))
    content = b"q 560 0 0 740 26 26 cm /I Do Q"
    shown = data[: len(data) // 2] if cut else data
    path = write_pdf(tmp_path / "page.pdf", [(entries, shown)], content)
    if not cut:
        assert raster.load(path, Format.PDF, 1, limits).sound
        return
    with pytest.raises(DamagedPage):
        raster.load(path, Format.PDF, 1, limits)


@either_way
def test_a_blank_sheet_in_a_pdf_is_sound(tmp_path, limits):
    path = write_pdf(tmp_path / "blank.pdf", [picture(Image.new("L", (850, 1100), 250))])
    page = raster.load(path, Format.PDF, 1, limits)
    assert page.sound
    assert page.image.getextrema()[0] > 240


@pytest.mark.parametrize("size", ["", "0 x 0 pts", "nan x 5 pts", "1e300 x 5 pts", "5 pts"])
def test_a_page_without_size_is_damaged(size):
    with pytest.raises(DamagedPage):
        parse_page_size(size, "0")


def test_a_page_is_as_large_as_it_is_shown():
    assert parse_page_size("612 x 792 pts (letter)", "270") == PageSize(792, 612, 270)
    assert pdfpage.cover(LETTER, (EmbeddedImage(850, 550, 100, 100),)) == pytest.approx(0.5)

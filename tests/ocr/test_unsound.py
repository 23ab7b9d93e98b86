"""Pages of which a part may be missing say so, and are never taken for blank ones."""

import ctypes
import os
import sys
import zlib

import numpy as np
import pytest
from hostile.documents import half_jpeg, image_page, picture_bomb
from hostile.pictures import chunk, interlaced, png, png_header, rows
from hostile.tiffs import damaged_rows, described, tiff
from PIL import Image

from chartkeeper.ocr import pdfpage, raster
from chartkeeper.ocr.engines import Engines, FirstEngine, first_engine
from chartkeeper.ocr.errors import DamagedPage
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.overheard import HEARD_BYTES, overheard
from chartkeeper.ocr.read import PARTS_MISSING, read_page


@pytest.fixture(autouse=True)
def pillows_own_limit(monkeypatch):
    """Put back what a test with a low limit sets for the whole process."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


@pytest.fixture
def put(tmp_path):
    def write(content, name="page"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def manner(tmp_path):
    return Manner(Engines(first_engine(FirstEngine.AUTO, tmp_path)), second_look=False)


def black_at_the_foot(kept_rows):
    """A PNG of 200 rows of which only some are stored, the last ones black."""
    pixels = np.full((200, 300), 255, np.uint8)
    pixels[150:] = 0
    data = zlib.compress(rows(pixels[:kept_rows]))
    return png(png_header(300, 200), chunk(b"IDAT", data[:40]), chunk(b"IDAT", data[40:]))


def test_a_png_whose_rows_are_not_all_there_is_damage(put, limits):
    assert raster.load(put(black_at_the_foot(200)), Format.PNG, 1, limits).image.height == 200
    with pytest.raises(DamagedPage):
        raster.load(put(black_at_the_foot(120)), Format.PNG, 1, limits)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "P"])
def test_whole_pngs_that_end_in_black_are_none(put, limits, encode, mode):
    path = put(encode(Image.new("L", (301, 203), 0).convert(mode), "PNG"))
    assert raster.load(path, Format.PNG, 1, limits).image.height == 203


def test_interlaced_rows_are_counted_by_their_passes(put, limits):
    whole = interlaced()
    start = whole.find(b"IDAT")
    data = zlib.decompress(whole[start + 4 : whole.find(b"IEND") - 8])
    black = png(whole[8:33], chunk(b"IDAT", zlib.compress(b"\0" * len(data))))
    assert raster.load(put(black), Format.PNG, 1, limits).image.height > 0
    short = png(whole[8:33], chunk(b"IDAT", zlib.compress(b"\0" * (len(data) - 9))))
    with pytest.raises(DamagedPage):
        raster.load(put(short), Format.PNG, 1, limits)


@pytest.mark.parametrize("packing", ["group3", "group4"])
def test_fax_rows_that_could_not_be_decoded_are_told(put, limits, manner, packing):
    path = put(damaged_rows(packing))
    assert not raster.load(path, Format.TIFF, 1, limits).sound
    assert PARTS_MISSING in read_page(path, Format.TIFF, 1, limits, manner).reading


def test_a_fax_of_nothing_but_bad_rows_is_not_blank(put, limits, manner):
    path = put(tiff(b"\0" * 400, described(1728, 2200, bits=1, photometric=0, compression=4)))
    with pytest.raises(DamagedPage):
        read_page(path, Format.TIFF, 1, limits, manner)


@pytest.mark.parametrize("program", ["pypdfium2", "poppler alone"])
def test_half_a_picture_on_a_part_of_a_page_is_told(put, limits, monkeypatch, program):
    if program == "poppler alone":
        monkeypatch.setitem(sys.modules, "pypdfium2", None)
    path = put(image_page(*half_jpeg()))
    page = pdfpage.survey(path, 1, limits)
    assert not raster.load_pdf(path, page, limits).sound


def test_a_picture_of_more_pixels_than_are_drawn_is_not_blank(put, manner):
    low = Limits(max_pixels=2_000_000)
    with pytest.raises(DamagedPage):
        read_page(put(picture_bomb(2_000, 1_000_000)), Format.PDF, 1, low, manner)


def test_what_libraries_print_is_heard_and_goes_nowhere(capfd):
    library = ctypes.CDLL(None)
    with overheard() as said:
        library.perror(b"strip 3")
        heard = said()
        for _ in range(20_000):
            os.write(2, b"a line that nobody reads\n") if not said_enough(said) else None
    assert heard.startswith(b"strip 3")
    os.write(2, b"behind it\n")
    assert capfd.readouterr().err == "behind it\n"


def said_enough(said):
    return len(said()) >= HEARD_BYTES

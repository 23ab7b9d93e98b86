"""Files of many kinds bound into one PDF: every page looks as it did, or there is no PDF."""

import os

import numpy as np
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from chartkeeper.ocr import binding, raster
from chartkeeper.ocr.binding import bind, is_installed
from chartkeeper.ocr.errors import (
    BoundOtherwise,
    DamagedFile,
    IncompleteFile,
    MissingProgram,
    TooManyPages,
)
from chartkeeper.ocr.examine import examine
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits

pytestmark = pytest.mark.skipif(not is_installed(), reason="img2pdf is not installed")
SIZE = 850, 1100


def sheet(seed=1, mode="L"):
    """A page of strokes, other ones for each seed, and none of them like another way up."""
    luck = np.random.default_rng(seed)
    grey = np.full((SIZE[1], SIZE[0]), 250, np.uint8)
    for _ in range(60):
        left, top = luck.integers(50, 500), luck.integers(50, 700)
        grey[top : top + 8, left : left + luck.integers(40, 300)] = 20
    image = Image.fromarray(grey)
    if mode == "CMYK":
        return Image.merge("RGB", [image, image, image]).convert("CMYK")
    return image.convert(mode)


def picture(path, mode="L", seed=1, **options):
    options = {"dpi": (100, 100), **options}
    sheet(seed, mode).save(path, **options)
    return path


def turned_jpeg(path, way):
    exif = Image.Exif()
    exif[binding.ORIENTATION] = way
    return picture(path, exif=exif)


def typed(path, *lines):
    canvas = Canvas(str(path), pagesize=(612, 792))
    for line in lines:
        canvas.drawString(72, 700, line)
        canvas.showPage()
    canvas.save()
    return path


KINDS = {
    "fax": lambda at: picture(at / "a.tif", "1", compression="group4", dpi=(204, 98)),
    "fax one way": lambda at: picture(at / "a.tif", "1", compression="group3"),
    "packed": lambda at: picture(at / "a.tif", compression="tiff_lzw"),
    "not packed": lambda at: picture(at / "a.tif"),
    "in a TIFF as JPEG": lambda at: picture(at / "a.tif", "RGB", compression="jpeg"),
    "zero is black": lambda at: picture(at / "a.tif", "1", compression="group4", tiffinfo={262: 1}),
    "TIFF on its side": lambda at: picture(
        at / "a.tif", "1", compression="group4", tiffinfo={binding.ORIENTATION: 6}
    ),
    "TIFF on its side, in one strip": lambda at: picture(
        at / "a.tif", "1", compression="group4", tiffinfo={binding.ORIENTATION: 6, 278: 1100}
    ),
    "TIFF upside down": lambda at: picture(
        at / "a.tif", "1", compression="group4", tiffinfo={binding.ORIENTATION: 3}
    ),
    "TIFF in a mirror": lambda at: picture(
        at / "a.tif", compression="tiff_lzw", tiffinfo={binding.ORIENTATION: 2}
    ),
    "JPEG": lambda at: picture(at / "a.jpg"),
    "JPEG in colours": lambda at: picture(at / "a.jpg", "RGB"),
    "JPEG in four colours": lambda at: picture(at / "a.jpg", "CMYK"),
    "JPEG on its side": lambda at: turned_jpeg(at / "a.jpg", 6),
    "JPEG on its other side": lambda at: turned_jpeg(at / "a.jpg", 8),
    "PNG of one bit": lambda at: picture(at / "a.png", "1"),
    "PNG with a palette": lambda at: picture(at / "a.png", "P"),
    "PNG that lets through": lambda at: picture(at / "a.png", "RGBA"),
    "PDF": lambda at: typed(at / "a.pdf", "SPECIMEN"),
}


def as_drawn(path, number):
    raster_ = raster.load(path, examine(path, Limits()).format, number, Limits())
    return raster_, np.asarray(raster_.image.convert("L")).astype(int)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_each_kind_looks_as_it_did(kind, tmp_path):
    part = KINDS[kind](tmp_path)
    assert bind([part], tmp_path / "whole.pdf", Limits()) == (1,)
    before, greys = as_drawn(part, 1)
    after, bound = as_drawn(tmp_path / "whole.pdf", 1)
    assert greys.shape == bound.shape
    # Four colours are made grey in another way in a PDF.
    assert abs(greys - bound).mean() < 8
    dpi = (after.x_dpi, after.y_dpi)
    assert dpi == pytest.approx((before.x_dpi, before.y_dpi), rel=0.01)


def test_files_of_all_kinds_in_their_order(tmp_path):
    parts = []
    for number, make in enumerate(KINDS.values()):
        (tmp_path / str(number)).mkdir()
        parts.append(make(tmp_path / str(number)))
    several = tmp_path / "several.tif"
    sheet(1, "1").save(several, save_all=True, append_images=[sheet(seed, "1") for seed in (2, 3)])
    whole = tmp_path / "whole.pdf"
    assert bind([*parts, several], whole, Limits()) == (*[1] * len(parts), 3)
    assert examine(whole, Limits()).page_count == len(parts) + 3
    for number in (1, 2, 3):
        bound = as_drawn(whole, len(parts) + number)[1]
        assert (as_drawn(several, number)[1] == bound).all()


def test_a_picture_that_says_nothing_of_its_size_is_a_page_of_paper(tmp_path):
    part = tmp_path / "a.jpg"
    sheet().resize((1700, 2200)).save(part)
    bind([part], tmp_path / "whole.pdf", Limits())
    assert as_drawn(tmp_path / "whole.pdf", 1)[0].x_dpi == pytest.approx(200, abs=1)


def test_the_same_files_make_the_same_bytes(tmp_path):
    parts = [KINDS["fax"](tmp_path), KINDS["JPEG"](tmp_path), KINDS["PDF"](tmp_path)]
    wholes = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    for whole in wholes:
        bind(parts, whole, Limits())
    assert wholes[0].read_bytes() == wholes[1].read_bytes()


def test_what_is_bound_stays_until_a_part_is_newer(tmp_path):
    parts, whole = [picture(tmp_path / "a.tif"), picture(tmp_path / "b.tif")], tmp_path / "w.pdf"
    bind(parts, whole, Limits())
    first = whole.stat()
    bind(parts, whole, Limits())
    assert whole.stat().st_ino == first.st_ino
    picture(parts[1], seed=5)
    os.utime(parts[1], (first.st_mtime + 5, first.st_mtime + 5))
    bind(parts, whole, Limits())
    assert whole.stat().st_ino != first.st_ino
    assert (as_drawn(whole, 2)[1] == as_drawn(parts[1], 1)[1]).all()


def test_half_a_file_that_is_there_is_bound_anew(tmp_path):
    parts, whole = [picture(tmp_path / "a.tif"), picture(tmp_path / "b.tif")], tmp_path / "w.pdf"
    whole.write_bytes(b"%PDF-1.7\n")
    assert bind(parts, whole, Limits()) == (1, 1)
    assert examine(whole, Limits()).page_count == 2


def nothing_but(folder, *names):
    return {path.name for path in folder.iterdir()} == set(names)


def test_a_page_that_would_look_otherwise_is_not_bound(tmp_path, monkeypatch):
    part = turned_jpeg(tmp_path / "a.jpg", 6)
    monkeypatch.setattr(binding, "TURNS", {6: 270})
    with pytest.raises(BoundOtherwise, match="another program"):
        bind([part, part], tmp_path / "whole.pdf", Limits())
    assert nothing_but(tmp_path, "a.jpg")


def test_a_picture_in_a_mirror_as_cameras_make_it_is_not_bound(tmp_path):
    part = turned_jpeg(tmp_path / "a.jpg", 2)
    with pytest.raises(BoundOtherwise):
        bind([part], tmp_path / "whole.pdf", Limits())


def test_a_part_that_is_cut_off_leaves_nothing(tmp_path):
    good, bad = picture(tmp_path / "a.jpg"), picture(tmp_path / "b.jpg")
    bad.write_bytes(bad.read_bytes()[:-500])
    with pytest.raises(IncompleteFile):
        bind([good, bad], tmp_path / "whole.pdf", Limits())
    assert nothing_but(tmp_path, "a.jpg", "b.jpg")


def test_a_part_whose_data_are_garbage_leaves_nothing(tmp_path):
    good, bad = picture(tmp_path / "a.png"), picture(tmp_path / "b.png")
    data = bytearray(bad.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    bad.write_bytes(data)
    with pytest.raises(DamagedFile):
        bind([good, bad], tmp_path / "whole.pdf", Limits())
    assert nothing_but(tmp_path, "a.png", "b.png")


def test_more_pages_than_a_scan_may_have_are_not_bound(tmp_path):
    part = picture(tmp_path / "a.png")
    with pytest.raises(TooManyPages):
        bind([part] * 3, tmp_path / "whole.pdf", Limits(max_pages=2))


def test_without_the_package_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(binding, "find_spec", lambda _name: None)
    with pytest.raises(MissingProgram, match=r"chartkeeper\[binding\]"):
        bind([], tmp_path / "whole.pdf", Limits())


def test_a_bound_page_is_one_picture_to_whoever_reads_it(tmp_path):
    """So that it is read from the pixels of its part, as the part itself would be."""
    part = KINDS["fax"](tmp_path)
    bind([part, part], tmp_path / "whole.pdf", Limits())
    before = raster.load(part, Format.TIFF, 1, Limits())
    after = raster.load(tmp_path / "whole.pdf", Format.PDF, 2, Limits())
    assert np.array_equal(before.image.convert("L"), after.image.convert("L"))

"""Which engine an administrator's choice means, with and without tesserocr."""

import sys

import pytest

from chartkeeper.ocr import resident
from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.engines import FirstEngine, first_engine
from chartkeeper.ocr.errors import MissingProgram


@pytest.fixture
def no_tesserocr(monkeypatch):
    monkeypatch.setitem(sys.modules, "tesserocr", None)


@pytest.mark.usefixtures("no_tesserocr")
@pytest.mark.parametrize("choice", [FirstEngine.AUTO, FirstEngine.TESSERACT])
def test_without_tesserocr_the_program_reads(choice, tmp_path):
    assert first_engine(choice, tmp_path).name == "tesseract"


@pytest.mark.usefixtures("no_tesserocr")
def test_tesserocr_asked_for_by_name_is_not_replaced(draw_page, tmp_path):
    engine = first_engine(FirstEngine.TESSEROCR, tmp_path)
    assert engine.name == "tesserocr"
    with pytest.raises(MissingProgram, match=r"tesserocr is not installed.*chartkeeper\[fast\]"):
        engine.read(draw_page(), 150, Layout.AUTOMATIC, 60)


@pytest.mark.skipif(not resident.is_installed(), reason="tesserocr is not installed")
@pytest.mark.parametrize(
    ("choice", "name"),
    [
        (FirstEngine.AUTO, "tesserocr"),
        (FirstEngine.TESSEROCR, "tesserocr"),
        (FirstEngine.TESSERACT, "tesseract"),
    ],
)
def test_with_tesserocr_the_quickest_reads_unless_told_otherwise(choice, name, tmp_path):
    assert first_engine(choice, tmp_path).name == name


@pytest.mark.skipif(not resident.is_installed(), reason="tesserocr is not installed")
def test_after_release_tesserocr_reads_again(draw_page, tmp_path):
    engine = first_engine(FirstEngine.TESSEROCR, tmp_path)
    first = engine.read(draw_page(), 150, Layout.AUTOMATIC, 60)
    engine.release()
    assert first
    assert engine.read(draw_page(), 150, Layout.AUTOMATIC, 60) == first

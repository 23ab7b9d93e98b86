import os
import shutil

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from chartkeeper.ocr import poppler
from chartkeeper.ocr.examine import examine
from chartkeeper.ocr.limits import Limits

PAGES = 40
COUNTED = """#!/bin/sh
echo "$@" >> {said}
exec {real} "$@"
"""
TROUBLED = """#!/bin/sh
echo "$@" >> {said}
[ "$3" = "$5" ] || {trouble}
exec {real} "$@"
"""


@pytest.fixture
def scan(tmp_path):
    """A PDF of forty pages, each a picture of its own size."""
    path = tmp_path / "scan.pdf"
    first, *rest = [Image.new("L", (100 + number, 200), 255) for number in range(1, PAGES + 1)]
    first.save(path, "PDF", save_all=True, append_images=rest)
    return path


@pytest.fixture
def pdfimages(tmp_path, monkeypatch):
    """Have another program stand before pdfimages; what it was asked, a line each."""
    real, said = shutil.which("pdfimages"), tmp_path / "said"

    def put(script, **options):
        program = tmp_path / "pdfimages"
        program.write_text(script.format(real=real, said=said, **options))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        return lambda: said.read_text().splitlines()

    return put


def widths(scan, numbers):
    return [[shown.width for shown in poppler.images(scan, number, 30)] for number in numbers]


def test_pages_are_listed_together_and_each_gets_its_own_pictures(scan, pdfimages):
    asked = pdfimages(COUNTED)
    numbers = (1, 2, 31, 32, 33, 40, 5, 41)
    expected = [[100 + number] if number <= PAGES else [] for number in numbers]
    assert widths(scan, numbers) == expected
    assert len(asked()) == 2


def test_another_file_in_the_same_place_is_listed_anew(scan):
    assert widths(scan, [1]) == [[101]]
    Image.new("L", (77, 200), 255).save(scan, "PDF")
    os.utime(scan, ns=(1, 1))
    assert widths(scan, [1]) == [[77]]


@pytest.mark.parametrize("trouble", ["exit 3", "exec sleep 60"])
def test_trouble_on_a_page_nearby_costs_the_others_nothing(scan, pdfimages, monkeypatch, trouble):
    monkeypatch.setattr(poppler, "LISTING_TIMEOUT_SECONDS", 0.2)
    asked = pdfimages(TROUBLED, trouble=trouble)
    assert widths(scan, [2, 3]) == [[102], [103]]
    # Tried together once, then by themselves.
    assert len(asked()) == 3


def test_no_command_line_tells_the_name_that_a_file_came_with(tmp_path, monkeypatch):
    """Whoever is on the machine sees them; the others name a file of the vault."""
    path, said = tmp_path / "SAMPLETON ARTHUR 0012345.pdf", tmp_path / "said"
    canvas = Canvas(str(path))
    canvas.drawString(72, 700, "PROGRESS NOTE")
    canvas.save()
    programs = tmp_path / "programs"
    programs.mkdir()
    spy = programs / "pdfinfo"
    spy.write_text(COUNTED.format(real=shutil.which("pdfinfo"), said=said))
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    assert examine(path, Limits()).page_count == 1
    assert said.read_text().split()
    assert "SAMPLETON" not in said.read_text()

"""Pages made here, so that nothing real is needed to test the reading."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr import rapid
from chartkeeper.ocr.limits import Limits
from chartkeeper.settings import quiet_engines

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
LINES = (
    "SAMPLE CLINIC, PROGRESS NOTE",
    "Patient: TESTPATIENT, EXAMPLE",
    "Medical record number 0012345",
    "Date of birth 01/02/1934",
    "The patient returns for a follow up visit and",
    "reports no pain. Blood pressure was normal and",
    "the wound on the left hand has healed well.",
    "Continue the present medication and return",
    "in three months. Signed by Doctor Sample.",
)
CAPITALS = (
    "PATIENT NAME SAMPLETON ARTHUR",
    "POTASSIUM RESULT 4.2 NORMAL RANGE",
    "MAGNESIUM RESULT 1.9 NORMAL RANGE",
    "GLUCOSE RESULT 141 ABOVE RANGE",
    "COMMENT REPEAT THE TEST IN TWO WEEKS",
    "HEMOGLOBIN RESULT 13.9 NORMAL RANGE",
    "VITAMIN RESULT 31 NORMAL RANGE",
    "PRINTED AT THE SAMPLE LABORATORY",
)
ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def quiet():
    # What the front door sets for its workers.
    before = dict(os.environ)
    quiet_engines()
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def second_reader(quiet):
    """The second reader; skips where it is not installed.

    No test file imports its engine by itself: loaded before `quiet`, it notes down how it is used.
    """
    if not rapid.is_installed():
        pytest.skip("the second reader is not installed")
    reader = rapid.RapidReader()
    yield reader
    reader.release()


@pytest.fixture(scope="session")
def limits():
    return Limits()


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    yield folder
    assert not list(folder.iterdir()), "the reader left files behind"


@pytest.fixture(scope="session")
def draw_page():
    """Callable: a grey letter page with lines of text, at a resolution."""

    def draw(lines=LINES, dpi=150, points=12, size=(8.5, 11), ink=0, paper=255):
        image = Image.new("L", (round(size[0] * dpi), round(size[1] * dpi)), paper)
        pen = ImageDraw.Draw(image)
        font = ImageFont.truetype(FONT, round(points * dpi / 72))
        for row, line in enumerate(lines):
            at = (dpi * 0.9, dpi + row * points * 2 * dpi / 72)
            pen.text(at, line, fill=ink, font=font)
        return image

    return draw


@pytest.fixture(scope="session")
def encode():
    """Callable: an image as the bytes of a file."""

    def to_bytes(image, format_, **options):
        out = BytesIO()
        image.save(out, format_, **options)
        return out.getvalue()

    return to_bytes


@pytest.fixture(scope="session")
def data():
    if not DATA.is_dir():
        pytest.skip("no measuring data beside the checkout")
    return DATA

import re
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from chartkeeper.ocr import rapid
from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.errors import EngineFailed, MissingProgram, OutOfMemory, PageTookTooLong
from chartkeeper.ocr.letters import alphabet_of, is_latin, parts_of
from chartkeeper.ocr.rapid import RapidReader, _failures, finding_size

MONO = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
LINES = ("Patient: SAMPLE, ANNA", "MRN: 0012-3456 DOB: 04/17/1951")
ALPHABET = alphabet_of(["a", "b", "\u672c", "\ufb01"])


pytestmark = pytest.mark.skipif(
    not rapid.is_installed(), reason="the second reader is not installed"
)


@pytest.fixture
def reader(second_reader):
    return second_reader


def read(reader, image, layout=Layout.AUTOMATIC, seconds=60):
    return reader.read(image, 300, layout, seconds)


def test_words_with_places_lines_and_confidence(reader, draw_page):
    page = draw_page(LINES, dpi=150)
    words = read(reader, page)
    assert " ".join(w.text for w in words) == " ".join(LINES)
    assert [w.line for w in words] == [0, 0, 0, 1, 1, 1, 1]
    assert all(w.confidence > 0.8 for w in words)


def test_boxes_hold_the_ink(reader, draw_page):
    page = draw_page(["alpha omega"], dpi=150)
    for word in read(reader, page):
        box = (word.box.left, word.box.top, word.box.right, word.box.bottom)
        assert np.asarray(page.crop(box)).min() == 0
        assert word.box.width < 150
    left, right = read(reader, page)
    assert left.box.left < 150 < right.box.left


def test_a_line_that_runs_downwards(reader, draw_page):
    page = draw_page(["Standing on end in the margin"], dpi=150)
    words = read(reader, page.transpose(Image.Transpose.ROTATE_270))
    assert " ".join(w.text for w in words) == "Standing on end in the margin"
    tops = [w.box.top for w in words]
    assert tops == sorted(tops)
    assert words[0].box.height > words[0].box.width


@pytest.mark.parametrize("step", [22, 27, 36])
@pytest.mark.parametrize("turn", [Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_90])
def test_a_number_at_the_edge_in_single_figures(reader, draw_page, turn, step):
    page = draw_page(dpi=150)
    stamp = Image.new("L", (20 + 8 * step, 40), 255)
    pen, font = ImageDraw.Draw(stamp), ImageFont.truetype(MONO, 30)
    for place, figure in enumerate("82254765"):
        pen.text((6 + step * place, 2), figure, font=font)
    page.paste(stamp.transpose(turn), (1150, 1100))
    assert [w.text for w in read(reader, page) if w.box.left > 1100] == ["82254765"]


@pytest.mark.parametrize("step", [42, 50])
def test_figures_of_a_column_stay_apart(reader, draw_page, step):
    page = draw_page([], dpi=150)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(MONO, 30)
    for row in range(9):
        pen.text((300, 200 + step * row), f"{row + 1}", font=font)
    words = [w.text for w in read(reader, page)]
    assert {"4", "7", "8"} <= set(words)
    assert all(len(text) == 1 for text in words)


def test_a_picture_taken_for_one_line(reader, draw_page):
    page = draw_page(["MRN: 0012-3456"], dpi=150)
    line = page.crop((120, 140, 480, 190))
    assert " ".join(w.text for w in read(reader, line, Layout.LINE)) == "MRN: 0012-3456"


def test_nothing_on_the_page(reader):
    assert read(reader, Image.new("L", (700, 900), 255)) == ()
    assert read(reader, Image.new("1", (3, 2), 1)) == ()


def test_reading_ends_in_time(reader, draw_page):
    with pytest.raises(PageTookTooLong):
        read(reader, draw_page(), seconds=0)


def test_it_says_nothing_and_asks_nobody(draw_page, capfd, monkeypatch):
    def refuse(*_):
        raise AssertionError("it went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert read(RapidReader(), draw_page(LINES))
    assert capfd.readouterr() == ("", "")


def test_after_release_it_reads_again(draw_page):
    reader = RapidReader()
    first = read(reader, draw_page(LINES))
    reader.release()
    assert read(reader, draw_page(LINES)) == first


def test_release_gives_memory_back(draw_page):
    reader = RapidReader()
    read(reader, draw_page())
    before = resident_mebibytes()
    reader.release()
    assert resident_mebibytes() < before - 50


def resident_mebibytes():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def test_models_that_are_damaged(draw_page, tmp_path, monkeypatch):
    for task in ("det", "rec"):
        (tmp_path / f"x_{task}_y.onnx").write_bytes(b"no model")
    paths = tmp_path / "x_det_y.onnx", tmp_path / "x_rec_y.onnx"
    monkeypatch.setattr(rapid, "_model_paths", lambda: paths)
    with pytest.raises(EngineFailed):
        read(RapidReader(), draw_page())


def test_not_installed(draw_page, monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    assert not rapid.is_installed()
    with pytest.raises(MissingProgram, match=r"pip install .*second-reader"):
        read(RapidReader(), draw_page())


def test_installed():
    assert rapid.is_installed()


SMALL_MEMORY = """
import resource
from PIL import Image
from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.errors import OutOfMemory
from chartkeeper.ocr.rapid import RapidReader
reader = RapidReader()
reader.read(Image.new("L", (99, 99), 255), 300, Layout.AUTOMATIC, 60)
with open("/proc/self/statm") as statm:
    now = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + 30_000_000, now + 30_000_000))
try:
    reader.read(Image.new("L", (1700, 2200), 255), 300, Layout.AUTOMATIC, 60)
except OutOfMemory:
    print("out of memory")
"""


def test_too_little_memory():
    done = subprocess.run(
        [sys.executable, "-c", SMALL_MEMORY], capture_output=True, text=True, check=False
    )
    assert done.stdout == "out of memory\n"


def steps(*characters, space=()):
    """What the network would give out for these characters (index in ALPHABET), step by step."""
    sure = np.zeros((len(characters), len(ALPHABET.characters)), dtype=np.float32)
    for step, (character, much) in enumerate(characters):
        sure[step, character] = much
    for step, much in space:
        sure[step, -1] = much
    return sure


def test_repeats_and_blanks():
    found = parts_of(steps((1, 0.9), (1, 0.9), (0, 1), (1, 0.7), (2, 0.8)), ALPHABET)
    assert [(p.text, round(p.confidence, 2), p.start, p.end) for p in found] == [
        ("aab", 0.7, 0.0, 1.0)
    ]


def test_a_space_is_heard_before_it_is_the_surest():
    sure = steps((1, 0.9), (0, 0.8), (2, 0.9), (0, 0.95), (1, 0.9), space=[(1, 0.15), (3, 0.03)])
    assert [p.text for p in parts_of(sure, ALPHABET)] == ["a", "ba"]


def test_behind_a_comma_no_letter_follows_without_a_space():
    comma = alphabet_of(["a", ",", "7"])
    words = parts_of(steps((1, 0.9), (2, 0.9), (1, 0.9), (3, 0.9), (2, 0.9), (3, 0.9)), comma)
    assert [p.text for p in words] == ["a,", "a7,7"]


def test_only_latin_characters_are_read():
    assert "".join(ALPHABET.characters) == "ab "
    assert ALPHABET.columns.tolist() == [0, 1, 2, 5]
    assert all(is_latin(c) for c in "aZ0~\u00e9\u00df\u20ac")
    assert not any(is_latin(c) for c in "\u672c\u03b1\u00b7\u00d7 ")


@given(st.lists(st.lists(st.floats(0, 1, width=32), min_size=4, max_size=4), max_size=12))
def test_parts_lie_in_the_line(rows):
    sure = np.array(rows, dtype=np.float32).reshape(len(rows), 4)
    found = parts_of(sure, ALPHABET)
    assert all(0 <= p.start < p.end <= 1 and 0 <= p.confidence <= 1 and p.text for p in found)
    assert [p.start for p in found] == sorted(p.start for p in found)


@given(st.integers(1, 40_000), st.integers(1, 40_000))
def test_lines_are_looked_for_on_a_picture_of_limited_size(width, height):
    across, down = finding_size(width, height)
    assert across % 32 == down % 32 == 0
    assert 0 < across * down <= 1_300_000


def test_failures_of_the_libraries_below_are_ours():
    onnx = pytest.importorskip("onnxruntime.capi.onnxruntime_pybind11_state")
    cv2 = pytest.importorskip("cv2")
    with pytest.raises(EngineFailed), _failures():
        cv2.resize(np.zeros((0, 0), np.uint8), (3, 3))
    with pytest.raises(OutOfMemory), _failures():
        raise onnx.Fail("bad alloc")
    with pytest.raises(MissingProgram), _failures():
        raise MissingProgram("rapidocr", "pip install it")

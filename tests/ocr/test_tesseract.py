import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chartkeeper.ocr import tesseract
from chartkeeper.ocr.errors import EngineFailed, MissingProgram, OutOfMemory, PageTookTooLong
from chartkeeper.ocr.page import Box
from chartkeeper.ocr.programs import check_programs

HEADER = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
)
WORD = st.text(st.characters(exclude_characters="\t\n\r", exclude_categories=["Cs"]), max_size=12)


def tsv(*rows):
    return "\n".join([HEADER, "1\t1\t0\t0\t0\t0\t0\t0\t900\t700\t-1\t", *rows]) + "\n"


def word(line, left, text, conf="96.5", block=1):
    return f"5\t1\t{block}\t1\t{line}\t1\t{left}\t20\t30\t10\t{conf}\t{text}"


def test_words_with_boxes_lines_and_confidence():
    found = tesseract.parse_tsv(
        tsv(word(1, 10, "Patient:"), word(1, 50, "DOE", "40"), word(1, 9, "next", block=2)),
        900,
        700,
    )
    assert [(w.text, w.line, w.confidence) for w in found] == [
        ("Patient:", 0, 0.965),
        ("DOE", 0, 0.4),
        ("next", 1, 0.965),
    ]
    assert found[0].box == Box(10, 20, 30, 10)


def test_words_without_text_are_dropped_and_boxes_stay_on_the_page():
    found = tesseract.parse_tsv(
        tsv(word(1, 10, " "), word(1, 890, "edge"), word(2, 0, "")), 900, 700
    )
    assert [(w.text, w.box.right) for w in found] == [("edge", 900)]


def test_quotes_are_letters_like_others():
    assert [w.text for w in tesseract.parse_tsv(tsv(word(1, 1, '"open')), 90, 90)] == ['"open']


@pytest.mark.parametrize(
    "row", ["5\t1\t1\tword", word(1, "x", "word"), word(1, 1, "word", "nan"), word(1, 1, "w", "?")]
)
def test_a_broken_row_is_a_failure_of_the_engine(row):
    with pytest.raises(EngineFailed):
        tesseract.parse_tsv(tsv(row), 900, 700)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(-50, 2000), WORD)))
def test_whatever_the_rows_say_the_words_are_sane(rows):
    found = tesseract.parse_tsv(tsv(*(word(*row) for row in rows)), 900, 700)
    assert [w.text for w in found] == [text.strip() for *_, text in rows if text.strip()]
    assert all(w.box.right <= 900 and 0 <= w.confidence <= 1 for w in found)


@given(st.text(max_size=300))
def test_noise_is_parsed_or_refused(text):
    try:
        tesseract.parse_tsv(text, 900, 700)
    except EngineFailed:
        return


def test_a_page_is_read(draw_page, scratch):
    found = tesseract.read_words(draw_page(["Hello sample page"]), 150, scratch, 60)
    assert [w.text for w in found] == ["Hello", "sample", "page"]


def test_reading_ends_in_time(draw_page, scratch):
    with pytest.raises(PageTookTooLong):
        tesseract.read_words(draw_page(), 150, scratch, 0.01)


def test_program_missing(draw_page, scratch, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MissingProgram, match="apt-get install tesseract-ocr"):
        tesseract.read_words(draw_page(), 150, scratch, 60)


def test_language_missing(draw_page, scratch, tmp_path, monkeypatch):
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    with pytest.raises(MissingProgram, match="tesseract-ocr-eng"):
        tesseract.read_words(draw_page(), 150, scratch, 60)


@pytest.mark.parametrize(
    ("does", "failure"),
    [
        ("kill -9 $$", OutOfMemory),
        ("exit 1", EngineFailed),
        ("kill -11 $$", EngineFailed),
        ("exit 0", EngineFailed),
        (r"printf '5\t\377' > $2.tsv", EngineFailed),
    ],
)
def test_a_program_that_fails(scratch, tmp_path, monkeypatch, does, failure):
    program = tmp_path / "tesseract"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo tesseract 5.3.0 && exit\n{does}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(failure):
        tesseract.read_words(Image.new("L", (50, 50)), 150, scratch, 60)


def test_programs_found():
    found = {program.name: program.version for program in check_programs()}
    assert found.keys() >= {"tesseract", "tesseract English data", "pdftoppm", "pdfimages"}
    assert all(found.values())


def test_programs_missing(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert not any(program.version for program in check_programs())
    assert all(program.install.startswith("apt-get install ") for program in check_programs())

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.filing.fax import missing_pages
from chartkeeper.ocr.page import FaxHeader, Page, PageKind, TextSource


def scan(*marks):
    """Pages from `2/6`, `2/` (no count), `-` (no header), `blank` and `sep`."""
    return [page(number, mark) for number, mark in enumerate(marks, 1)]


def page(number, mark, sent="2026-07-29 16:20"):
    kind = {"blank": PageKind.BLANK, "sep": PageKind.SEPARATOR}.get(mark, PageKind.CONTENT)
    header = None
    if "/" in mark:
        at, _, of = mark.partition("/")
        header = FaxHeader((0,), int(at), int(of) if of else None, sent=sent)
    return Page(number, 100, 100, 200, 0, kind, TextSource.OCR, (), fax_header=header)


@pytest.mark.parametrize(
    "marks",
    [
        (),
        ("-",),
        ("1/1",),
        ("-", "-", "-"),
        ("1/3", "2/3", "3/3"),
        ("-", "2/3", "3/3"),
        ("1/4", "blank", "3/4", "blank"),
        ("1/3", "-", "3/3"),
        ("-", "1/2", "2/2"),  # a cover that the machine did not count
        ("1/3", "2/3", "3/3", "1/2", "2/2"),
        ("1/2", "2/2", "1/2", "2/2"),
        ("1/3", "2/8", "3/3"),  # a misread count
        ("1/6", "5/6", "3/6", "4/6", "5/6", "6/6"),  # a misread page
        ("1/6", "2/8", "3/6", "4/8", "5/6", "6/6"),
        ("2/7", "-"),  # one page alone says so, of several
        ("1/", "2/", "4/"),
        ("sep", "1/2", "2/2", "sep", "1/2", "2/2"),
        ("1/2", "2/2", "-", "-", "1/3", "2/3", "3/3"),
        ("61/62", "62/62"),  # noughts with a stroke
        ("61/61",),
        ("601/803", "902/603", "3/603"),
        ("61/62", "62/62", "61/63", "62/63", "63/63"),
    ],
)
def test_no_alarm(marks):
    assert missing_pages(scan(*marks)) == ""


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        (("1/6", "2/6", "4/6", "6/6"), "this is a fax of 6 pages; pages 3 and 5 did not arrive"),
        (("1/3", "2/3"), "this is a fax of 3 pages; page 3 did not arrive"),
        (("2/3", "3/3"), "this is a fax of 3 pages; page 1 did not arrive"),
        (("1/4",), "this is a fax of 4 pages; pages 2, 3 and 4 did not arrive"),
        (("1/2", "blank", "1/2"), ""),
        (("1/5", "-", "5/5"), "this is a fax of 5 pages; 2 of them did not arrive"),
        (("1/20", "2/20"), "this is a fax of 20 pages; 18 of them did not arrive"),
        (("1/4", "2/4", "2/9", "4/4"), ""),
        (("1/62", "2/62", "3/62"), "this is a fax of 62 pages; 59 of them did not arrive"),
        (
            ("1/3", "3/3", "1/2", "2/2"),
            "page 1 of the file belongs to a fax of 3 pages; page 2 did not arrive",
        ),
        (
            ("1/2", "2/2", "1/4", "2/4", "4/4"),
            "page 3 of the file belongs to a fax of 4 pages; page 3 did not arrive",
        ),
    ],
)
def test_missing_pages_are_named(marks, sentence):
    said = missing_pages(scan(*marks))
    if not sentence:
        assert said == ""
        return
    assert said.startswith(f"By the fax header {sentence}.")
    assert said.endswith("again.")


@pytest.mark.parametrize("sent", ["2026-97-29 16:26", ""])
def test_one_page_of_a_badly_read_line_is_not_heard(sent):
    assert missing_pages([page(1, "1/2", sent)]) == ""


@given(st.integers(2, 30), st.data())
def test_a_whole_fax_never_alarms_whatever_one_page_says(count, data):
    marks = [f"{at}/{count}" for at in range(1, count + 1)]
    wrong = data.draw(st.integers(0, count - 1))
    of = data.draw(st.integers(1, 99))
    marks[wrong] = f"{data.draw(st.integers(1, of))}/{of}"
    if count > 3:
        assert missing_pages(scan(*marks)) == ""


@given(st.integers(5, 30), st.data())
def test_one_lost_page_is_named(count, data):
    lost = data.draw(st.integers(1, count))
    marks = [f"{at}/{count}" for at in range(1, count + 1) if at != lost]
    assert f"page {lost} did not arrive" in missing_pages(scan(*marks))

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartkeeper.ocr.fax_header import find_fax_header, read_twice, unsure_place
from chartkeeper.ocr.page import Box, Page, PageKind, TextSource, Word

WIDTH, HEIGHT = 1728, 2200
BODY = ("SAMPLE CLINIC", "Progress note", "Patient: TESTPATIENT, EXAMPLE", "The wound has healed.")


def line_words(text, line, top, height=24, confidence=0.9):
    """A line of print from the left margin, each letter 14 pixels wide."""
    left, words = 60, []
    for word in text.split(" "):
        if word:
            box = Box(left, top, 14 * len(word), height)
            words.append(Word(word, box, confidence, line))
        left += 14 * (len(word) + 1)
    return words


def page_words(*head, body=BODY, foot=(), confidence=0.9):
    lines = [(text, 20 + 40 * n) for n, text in enumerate(head)]
    lines += [(text, 330 + 60 * n) for n, text in enumerate(body)]
    lines += [(text, HEIGHT - 60 + 30 * n) for n, text in enumerate(foot)]
    return tuple(
        word
        for number, (text, top) in enumerate(lines)
        for word in line_words(text, number, top, confidence=confidence)
    )


def find(*head, **page):
    return find_fax_header(page_words(*head, **page), WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("line", "page", "pages", "sender"),
    [
        ("10/12/2025 14:03 5550123 MERCY CLINIC PAGE 03/07", 3, 7, "5550123 MERCY CLINIC"),
        ("07/04/2025 09:12 5555550123 SAMPLE CLINIC P. 02/05", 2, 5, "5555550123 SAMPLE CLINIC"),
        (
            "2025-Jul-04 09:12 From: SAMPLE CLINIC 555-0140 P.002/005",
            2,
            5,
            "SAMPLE CLINIC 555-0140",
        ),
        ("Jul-04-2025 09:12am From-SAMPLE CLINIC 555-0140 T-122 P.01/04 F-066", 1, 4, None),
        ("JUL 04 '25 09:12 FR SAMPLE CLINIC TO 5550141 P.02/03", 2, 3, None),
        ("JUL-04-2025 FRI 09:12 AM SAMPLE CLINIC FAX NO. 555 555 0140 P. 02", 2, None, None),
        ("Jul 04 2025 9:12AM HP LASERJET FAX 555-555-0140 p.2", 2, None, None),
        ("7/4/2025 9:12:33 AM PAGE 2/005 Fax Server", 2, 5, "Fax Server"),
        (
            "To: Page: 2 of 5 2025-07-04 14:03:22 GMT 15555550140 From: Sample Clinic",
            2,
            5,
            "Sample Clinic",
        ),
        ("From Sample Clinic|07/04/2025 09:12|Page 2 of 5", 2, 5, "Sample Clinic"),
        (
            "4/22/2025 3:42 PM FROM:+15555550140 Sample TO:15555550141 Pag.2/3",
            2,
            3,
            "+15555550140 Sample",
        ),
        ("04.07.2025 09:12 +49 30 5550140 Praxis Muster S. 002/005", 2, 5, None),
        ("2025/07/04 09:12:05 5550140 -> 5550141 2/5", 2, 5, None),
        ("08/06/25 10:10 FAX 800 555 0140 SAMPLE CLINIC @002/004", 2, 4, None),
        ("08/06/25 WED 10:10 FAX 800 555 0140 SAMPLE CLINIC 002", None, None, None),
        ("FROM : SAMPLE CLINIC PHONE NO. : 1 555 555 0140 Jul. 04 2025 09:12AM P2", 2, None, None),
        ("04 JUL 2025 09:12 Fax ID 5550140 SAMPLE CLINIC PAGE 12 OF 14", 12, 14, None),
    ],
)
def test_the_headers_that_machines_print(line, page, pages, sender):
    header = find(line)
    assert header is not None
    assert header.lines == (0,)
    assert (header.page, header.pages) == (page, pages)
    assert any(character.isdigit() for character in header.sent)
    if sender is not None:
        assert header.sender == sender


@pytest.mark.parametrize(
    "line",
    [
        "Page 2 of 5",
        "SAMPLE CLINIC Tel 555-555-0140 Fax 555-555-0141",
        "SAMPLE CLINIC Hours: 8:00 AM - 5:00 PM Fax 555-555-0141",
        "Printed 01/02/2025 14:03 Page 2 of 5",
        "Printed on: 01/02/2025 14:03 Tel 555-555-0140 Page 2/5",
        "01/02/2025 14:03 Page 2 of 5",
        "Progress note 01/02/2025 14:03 SAMPLE CLINIC",
        "Collected: 01/02/2025 08:00 Received: 01/02/2025 09:15 Page 1 of 2",
        "TESTPATIENT, EXAMPLE DOB: 01/02/1934 MRN: 0012345 01/02/2025 14:03",
        "TO: Dr. Sample FROM: Dr. Test DATE: 01/02/2025 TIME: 14:03 PAGES: 3",
        "Appointment 01/02/2025 14:03 call 555-555-0140",
        "BP 120/80 at 14:03 on 01/02/2025",
        "Visit 01/02/2025 from 08:00 to 12:00",
    ],
)
def test_a_document_keeps_its_own_header(line):
    assert find(line) is None
    assert find("SAMPLE CLINIC", line) is None
    assert find(foot=(line,)) is None


@pytest.mark.parametrize(
    ("line", "page", "pages"),
    [
        ("Jul-27-2026 69:41 From: EXAMPLE OFFICE Yo: 5556141 P.2/4", 2, 4),
        ("3ul-27-2626 99:42 From: EXAMPLE OFFICE To: S65@141 P.i/4", None, None),
        ("87/28/2626 14:62 S55-0118 SAMPLE SENDER PAGE 61/63", 61, 63),
        ("2026-07-29 16:2@ 5550162 -> 6590141 p 3/5", 3, 5),
        ("JUL 64 \u201825 69:12 FR SAMPLE CLINIC TO 5556241 P.62/63", 62, 63),
        ("2025/87/04 09:12:65 5550140 -> 5559141 2/5", 2, 5),
        ("64 JUL 2625 69:12 Fax ID 5550146 SAMPLE CLINIC PAGE 12 OF 14", 12, 14),
        ("From Sample CLinde [67/84/2025 69:12| Page 200f 5", None, None),
    ],
)
def test_headers_of_bad_copies_are_told_but_not_believed(line, page, pages):
    header = find(line)
    assert header is not None
    assert header.sent == ""
    assert (header.page, header.pages) == (page, pages)


def test_a_patient_is_no_sender():
    banner = "SPECIMEN, JANE 01/02/2025 09:30 0012345 1 of 3"
    assert find(banner) is None
    assert find(f"{banner} FAX 555-555-0140") is not None


def test_a_header_in_the_middle_of_a_page_is_quoted():
    line = "07/04/2025 09:12 5555550123 SAMPLE CLINIC P. 02/05"
    assert find(body=(*BODY, line)) is None
    assert find("SAMPLE CLINIC, 1 Sample Street", line) is None


@pytest.mark.parametrize(
    ("mark", "page", "pages"),
    [
        ("P.O2/O5", 2, 5),
        ("P.02105", None, None),
        ("P.02705", None, None),
        ("P.2/5", 2, 5),
        ("P.215", None, None),
        ("P.25", None, None),
        ("P.05/02", None, None),
        ("P.00/05", None, None),
        ("0002/003", None, None),
    ],
)
def test_a_page_is_claimed_only_when_sure(mark, page, pages):
    header = find(f"07/04/2025 09:12 FROM: SAMPLE CLINIC 5555550123 {mark}")
    assert header is not None
    assert (header.page, header.pages) == (page, pages)


def test_a_weak_or_disputed_reading_claims_no_page():
    line = "07/04/2025 09:12 FROM: SAMPLE CLINIC 5555550123 P.02/05"
    weak = find(line, confidence=0.3)
    assert (weak.page, weak.pages) == (None, None)
    words = list(page_words(line))
    at = next(n for n, word in enumerate(words) if word.text == "P.02/05")
    words[at] = Word("P.02/05", words[at].box, 0.9, 0, other="P.02/06")
    disputed = find_fax_header(tuple(words), WIDTH, HEIGHT)
    assert (disputed.page, disputed.pages) == (None, None)


@pytest.mark.parametrize(
    ("again", "page", "pages"),
    [
        ("07/04/2025 09:12 FROM: SAMPLE CLINIC P.02/05", 2, 5),
        ("07/04/2025 09:12 FROM: SAMPLE CLINIC P.O2/O5", 2, 5),
        ("07/04/2025 09:12 FROM: SAMPLE CLINIC P.2", 2, 5),
        ("07/04/2025 09:12 FROM: SAMPLE CLINIC", 2, 5),
        ("07/04/2025 09:12 FROM: SAMPLE CLINIC P.02/06", None, None),
        ("07/04/2025 09:12 FROM: SAMPLE CLINIC P.03/05", None, None),
    ],
)
def test_two_readings_of_a_page_number_must_not_differ(again, page, pages):
    both = read_twice(find("07/04/2025 09:12 FROM: SAMPLE CLINIC P.02/05"), again)
    assert (both.page, both.pages) == (page, pages)


def test_a_number_that_only_the_second_reading_has_counts():
    header = find("07/04/2025 09:12 FROM: SAMPLE CLINIC 5555550123 P.i/a")
    both = read_twice(header, "07/04/2025 09:12 FROM: SAMPLE CLINIC 5555550123 P.1/4")
    assert (header.page, both.page, both.pages) == (None, 1, 4)


@pytest.mark.parametrize(
    ("line", "confidence", "asked"),
    [
        ("07/04/2025 09:12 FROM: SAMPLE CLINIC 5555550123 P.02/05", 0.95, False),
        ("07/04/2025 09:12 FROM: SAMPLE CLINIC 5555550123 P.02/05", 0.7, True),
        ("07/04/2025 09:12 FROM: SAMPLE CLINIC 5555550123 P.i/a", 0.95, True),
        ("SAMPLE CLINIC", 0.7, False),
    ],
)
def test_a_line_read_unsurely_is_to_be_read_again(line, confidence, asked):
    words = page_words(line, confidence=confidence)
    header = find_fax_header(words, WIDTH, HEIGHT)
    read = (PageKind.CONTENT, TextSource.OCR, words)
    place = unsure_place(Page(1, WIDTH, HEIGHT, 204, 0, *read, fax_header=header))
    assert (place is not None) == asked
    assert place is None or (place.left, place.top, place.bottom) == (60, 20, 44)


def test_of_stacked_headers_the_outermost_speaks():
    header = find(
        "07/05/2025 10:00 FROM: OTHER CLINIC 5555550199 P.004/006",
        "07/04/2025 09:12 FROM: SAMPLE CLINIC 5555550123 P.002/003",
    )
    assert (header.page, header.pages) == (4, 6)
    assert header.lines == (0, 1)
    assert header.sender == "OTHER CLINIC 5555550199"


def test_pieces_of_one_line_read_apart_are_joined():
    top, words = 20, []
    for line, (left, text) in enumerate(
        [(1400, "P.002/005"), (60, "07/04/2025 09:12"), (700, "FROM: SAMPLE CLINIC")]
    ):
        words += [
            Word(one.text, Box(left + one.box.left, top + line * 4, one.box.width, 24), 0.9, line)
            for one in line_words(text, line, top)
        ]
    words += [Word(one.text, one.box, 0.9, 3) for one in line_words("SAMPLE CLINIC", 3, 300)]
    header = find_fax_header(tuple(words), WIDTH, HEIGHT)
    assert header.lines == (0, 1, 2)
    assert (header.page, header.pages) == (2, 5)


def test_a_header_at_the_foot():
    header = find(foot=("Received Time Jul. 04. 2025 9:12AM No. 0512 555-555-0140",))
    assert header is not None
    assert header.lines == (4,)


def test_a_page_of_no_words_has_none():
    assert find_fax_header((), WIDTH, HEIGHT) is None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text("0123456789/:.-OIlPSJuUL@ FROMfax,|", max_size=60), max_size=6))
def test_any_text_is_survived_and_any_page_is_sound(lines):
    header = find(*lines)
    if header is not None:
        assert set(header.lines) <= set(range(len(lines) + len(BODY)))
        if header.pages is not None:
            assert 1 <= header.page <= header.pages <= 999

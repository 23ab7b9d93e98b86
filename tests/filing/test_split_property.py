"""Whatever the pages are: no page is lost, doubled or moved by cutting."""

from filing_paper import blank, page, separator
from hypothesis import given, settings
from hypothesis import strategies as st

from chartkeeper.filing.boundary import LIKELY_POINTS
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.policy import Policy
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.filing.split import separate
from chartkeeper.ocr.page import PageKind

LINES = (
    "Page 1 of 2",
    "Page 2 of 2",
    "- 3 -",
    "# PROGRESS NOTE",
    "# LABORATORY REPORT",
    "PROGRESS NOTE (continued)",
    "Riverbend Hospital\n12 Mockup Road, Sampleton, ZZ 00412 Tel 555-0140",
    "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345",
    "Patient: LOPEZ, ANA   DOB: 02/02/1930   MRN: 7654321",
    "Dear Dr. Mockley:",
    "Electronically signed by Pia Mocksworth, MD",
    "FAX COVER SHEET\nTO: Records\nFROM: Us\nPAGES: 2 including cover",
    "and the findings were discussed",
    "",
)
SHEETS = st.one_of(
    st.lists(st.sampled_from(LINES), max_size=5).map("\n".join),
    st.sampled_from((blank, separator)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(SHEETS, max_size=9), st.booleans(), st.integers(1, 400))
def test_the_runs_are_the_pages_in_order_without_the_separators(sheets, blanks, first):
    pages = [
        sheet(number) if callable(sheet) else page(sheet, number)
        for number, sheet in enumerate(sheets, first)
    ]
    rules = Rulebook(load_doctypes(), Policy(blank_separates=blanks))
    parts = separate(pages, rules)
    covered = [number for part in parts for number in range(part.first, part.last + 1)]
    assert covered == [one.number for one in pages if one.kind is not PageKind.SEPARATOR]
    for part in parts:
        for question in part.suggestions:
            assert part.first < question.page <= part.last
            assert question.points >= LIKELY_POINTS
            assert question.because

"""Stamps and lines that take a paper out of the chart, and words that only look like them."""

import pytest
from filing_paper import pages

from chartkeeper.filing.stamps import stamp_on


@pytest.mark.parametrize(
    "line",
    [
        "VOID",
        "VOID VOID VOID",
        "VOID - WRONG PATIENT",
        "Scanned in error",
        "*** ENTERED IN ERROR ***",
        "Misfiled - belongs in another chart",
        "DO NOT FILE",
        "# MISFILE CORRECTION",
        "The following document was found in the chart of:",
    ],
)
def test_a_stamp_is_heard(line):
    number, words = stamp_on(pages("a page", f"PROGRESS NOTE\n{line}\nSeen today."))
    assert number == 2
    assert words == line.removeprefix("# ")


@pytest.mark.parametrize(
    "line",
    [
        "VOID          STOOL          EMESIS",
        "Post void residual 40 mL",
        "Void: 200 mL",
        "If you have received this fax in error please destroy it and tell the sender.",
        "He said that the bottle had been given to the wrong patient on the ward last week.",
        "The specimen was labelled in error.",
    ],
)
def test_other_lines_are_not_stamps(line):
    assert stamp_on(pages(f"PROGRESS NOTE\n{line}\nSeen today.")) == (0, "")

"""Who else stands on the pages: relatives and namesakes are not taken for it by what is shared."""

from datetime import date

import pytest
from filing_paper import pages
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.patient import decide_patient
from chartkeeper.records.model import Known

GARCIA = patient(middle="Q")
NEWBORN = patient(2, "0777777", first="Ana", dob=date(2024, 5, 5))
BANNER = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345"


def linked(text, *others):
    paper = pages(text)
    return decide_patient(paper, read_clues(paper), Known((GARCIA, *others))).decision.value


@pytest.mark.parametrize("text", ["Seen 05/05/2024", "Maria Garcia was seen on 05/05/2024"])
def test_a_relative_born_on_a_day_of_the_paper_is_not_on_it(text):
    assert linked(f"{BANNER}\n{text}", NEWBORN) == "1"


@pytest.mark.parametrize(
    "text", ["GARCIA, ANA   05/05/2024", "Garcia 05/05/2024", "GARCIA 0777777"]
)
def test_a_relative_whose_name_stands_apart_is(text):
    assert linked(f"{BANNER}\n{text}", NEWBORN) is None


def test_a_heading_that_is_the_patients_own_name_is_no_namesake():
    namesake = patient(2, "0777777", dob=date(1990, 12, 24))
    text = f"GARCIA, MARIA Q\n\n\n{BANNER}"
    assert linked(text, namesake) == "1"
    other = patient(2, "0777777", last="Young", first="Ann", dob=date(1990, 12, 24))
    assert linked(text.replace("GARCIA, MARIA Q", "YOUNG, ANN"), other) is None

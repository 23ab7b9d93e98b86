"""The newborn's paper under the mother's label, and the mother's and children's own charts."""

from datetime import date

import pytest
from filing_paper import pages
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.patient import decide_patient
from chartkeeper.records.model import Frequencies, Known

MOTHER = patient(sex="F", dob=date(1994, 3, 7))
FATHER = patient(sex="M", dob=date(1994, 3, 7))
CHILD = patient(sex="F", dob=date(2022, 3, 7))
NEWBORN = patient(sex="F", dob=date(2026, 3, 7))


def linked(text, one=MOTHER, name="GARCIA, MARIA"):
    head = f"{name}   DOB: {one.dob:%m/%d/%Y}   MRN: 0012345\nDate of service: 03/09/2026"
    paper = pages(f"{head}\n{text}")
    known = Known((one,), Frequencies())
    return decide_patient(paper, read_clues(paper), known).decision.value == "1"


@pytest.mark.parametrize(
    "text",
    [
        "NURSERY NOTE\nFeeding well, weight 3150 g.",
        "Newborn male, day of life 2",
        "NEWBORN SCREENING\nSpecimen by heel stick",
        "Apgars 8 and 9",
        "Specimen: neonatal heel stick",
        "BB of Maria Garcia, 3150 g",
        "Infant of Garcia, voided and fed",
    ],
)
@pytest.mark.parametrize("one", [MOTHER, FATHER], ids=["mother", "father"])
def test_a_newborns_paper_is_not_the_parents(text, one):
    assert not linked(text, one)


def test_so_are_undated_ones():
    head = "Patient: GARCIA, MARIA   DOB: 03/07/1994   MRN: 0012345"
    paper = pages(f"{head}\nNewborn male, day of life 2")
    decided = decide_patient(paper, read_clues(paper), Known((MOTHER,), Frequencies())).decision
    assert decided.value is None
    assert "seems to be a newborn's (" in decided.because


def test_the_mothers_record_of_labour_may_tell_of_the_child():
    text = "LABOR AND DELIVERY RECORD\nViable infant, Apgars 9 and 9, cord blood sent"
    assert linked(text)
    assert not linked(text, FATHER)


def test_the_birth_history_of_a_child_is_its_own():
    assert linked("Birth history: term, Apgars 9 and 9, home on day of life 2", CHILD)
    assert not linked("Newborn male, day of life 2", CHILD)


def test_the_newborns_own_paper_is_filed():
    assert linked("NURSERY NOTE\nNewborn female, day of life 2, Apgars 9 and 9", NEWBORN)


@pytest.mark.parametrize(
    "name",
    [
        "GARCIA, BB OF MARIA", "BG OF MARIA GARCIA", "B/O GARCIA, MARIA", "GARCIA, MARIA B/O",
        "GARCIA, BO MARIA", "BO GARCIA MARIA", "BABY BOY OF MARIA GARCIA", "NB OF GARCIA MARIA",
        "INFANT OF MARIA GARCIA", "GARCIA, BABY OF MARIA", "GARCIA, MARIA (B/O)",
        "GARCIA, MARIA BB",
    ],
)  # fmt: skip
@pytest.mark.parametrize("label", ["Patient: ", "Name: ", ""])
def test_a_newborn_called_by_the_mothers_name_is_not_the_mother(name, label):
    assert not linked("Feeding well.", name=f"{label}{name}")


def test_somebody_may_be_called_bo():
    assert linked("Seen today.", patient(first="Bo", dob=date(1994, 3, 7)), "Name: GARCIA, BO")


def test_a_birth_date_without_its_label_is_no_day_of_the_paper():
    text = "GARCIA, MARIA 03/07/1994 F\nNewborn male, day of life 2"
    assert not linked(text)


def test_a_newborns_paper_of_the_day_of_birth_is_filed():
    paper = pages("GARCIA, ANA   DOB: 03/07/2026   MRN: 0012345\nDate: 03/07/2026\nNURSERY NOTE")
    known = Known((patient(first="Ana", dob=date(2026, 3, 7)),), Frequencies())
    assert decide_patient(paper, read_clues(paper), known).decision.value == "1"

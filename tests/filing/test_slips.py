"""What differs and is the patient's all the same: one place misread beside two identifiers."""

from dataclasses import replace
from datetime import date

import pytest
from filing_paper import pages
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.patient import decide_patient
from chartkeeper.records.model import Known

GARCIA = patient(dob=date(1961, 3, 8))


def linked(text, *others, people=(GARCIA,), **options):
    paper = pages(text, **options)
    return decide_patient(paper, read_clues(paper), Known((*people, *others))).decision.value


def test_one_confused_figure_of_a_birth_date_is_forgiven_where_number_and_name_prove():
    assert linked("Patient: Garcia, Maria   DOB: 03/06/1961   MRN: 0012345") == "1"
    assert linked("Patient: Garcia, Maria   DOB: 03/01/1961   MRN: 0012345") is None
    assert linked("DOB: 03/06/1961   MRN: 0012345") is None
    assert linked("Patient: Garcia, Maria   DOB: 03/06/1961") is None


@pytest.mark.parametrize(("last", "first"), [("Garcia", "Ana"), ("Lopez", "Maria")])
def test_a_birth_date_as_read_that_is_somebodys_of_such_a_name_is_not(last, first):
    paper = "Patient: Garcia, Maria   DOB: 03/06/1961   MRN: 0012345"
    born = date(1961, 3, 6)
    assert linked(paper, patient(2, "0999999", last, first, born)) is None
    assert linked(paper, patient(2, "0999999", "Young", "Bert", born)) == "1"


@pytest.mark.parametrize(
    ("name", "links"),
    [
        ("Garcia, Mxrxa", True),
        ("Garcla, Maria", True),
        ("Gxrcxa, Maria", True),
        ("Garcia, Rosa", False),
        ("Lopez, Maria", False),
        ("Gxrcxa, Mxrxa", False),
        ("Garcia, Mxrxa Jr", False),
    ],
)
def test_half_a_name_misread_is_forgiven_where_number_and_birth_date_prove(name, links):
    assert (linked(f"Patient: {name}   DOB: 03/08/1961   MRN: 0012345") == "1") is links
    assert linked(f"Patient: {name}   MRN: 0012345") is None


def test_half_a_name_that_is_a_twins_is_not():
    twin = patient(2, "0012346", first="Marta", dob=GARCIA.dob)
    paper = "Patient: Garcia, Marta   DOB: 03/08/1961   MRN: 0012345"
    assert linked(paper) == "1"
    assert linked(paper, twin) is None


def test_nothing_is_forgiven_beside_what_was_not_read_well():
    paper = "Patient: Garcia, Maria   DOB: 03/06/1961   MRN: 0012345"
    unsure = {"noise": lambda word: (word, 0.5 if word == "0012345" else 0.95)}
    assert linked(paper, **unsure) is None


NAMESAKE = "Patient: Garcia, Maria   DOB: 03/08/1961"
DIM = {"noise": lambda word: (word, 0.4 if word == "03/08/1961" else 0.95)}


@pytest.mark.parametrize(
    ("born", "links"),
    [
        (date(1984, 11, 20), True),
        (date(1961, 4, 9), False),  # two figures away
        (date(1961, 3, 9), False),
    ],
)
def test_beside_an_unsure_reading_a_namesake_must_be_three_figures_away(born, links):
    other = patient(2, "0777777", dob=born)
    assert (linked(NAMESAKE, other, **DIM) == "1") is links


@pytest.mark.parametrize(("last", "links"), [("Garcia", False), ("Lopez", True)])
def test_whoever_the_other_of_two_readings_means_is_a_rival_where_the_name_is_near(last, links):
    paper = pages("Patient: Garcia, Maria   DOB: 03/08/1961")
    words = [
        replace(word, other="03/06/1961") if word.text == "03/08/1961" else word
        for word in paper[0].words
    ]
    paper = [replace(paper[0], words=tuple(words))]
    rival = patient(2, "0777777", last, "Bert", date(1961, 3, 6))
    known = Known((GARCIA, rival))
    decision = decide_patient(paper, read_clues(paper), known).decision
    assert (decision.value == "1") is links

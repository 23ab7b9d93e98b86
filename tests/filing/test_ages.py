"""What contradicts the patient's age: printed ages, never those of relatives or of the past."""

import pytest
from filing_paper import pages
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.patient import decide_patient
from chartkeeper.records.model import Frequencies, Known

BANNER = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345\nDate of service: 03/04/2026"


def linked(text, one=None):
    paper = pages(f"{BANNER}\n{text}")
    known = Known((one or patient(sex="F"),), Frequencies())
    return decide_patient(paper, read_clues(paper), known).decision


@pytest.mark.parametrize(
    "text",
    [
        "Age: 6 years",
        "Age: 6   Sex: F",
        "Age/Sex: 34/F",
        "Age   8 mo",
        "Patient age: 81",
        "This 6-month-old infant presents with fever.",
        "Pt is a 91-year-old woman with a cough.",
        "HPI: 34 yo female with abdominal pain.",
        "A 22 y/o white female was seen.",
        "Mrs. Garcia is a 40 year old lady.",
        "She is a 3-day-old girl.",
        "Exam: Pelvic ultrasound 03/04/2026\n28 year old female G2P1 with pelvic pain.",
        "CLINICAL HISTORY\n28 y/o woman, cough.",
    ],
)
def test_an_age_that_is_not_the_patients_sends_the_paper_to_a_clerk(text):
    found = linked(text)
    assert found.value is None
    assert "was born on 1961-03-07, but page 1 says" in found.because


def test_the_number_of_the_next_box_is_no_age():
    assert linked("5. AGE     6. PLACE OF DEATH\n64         Faraway").value == "1"


@pytest.mark.parametrize(
    "text",
    [
        "Age: 64 years",
        "Age: 65",
        "Age/Sex: 64/F",
        "HPI: 64 yo female with abdominal pain.",
        "Her mother is a 91-year-old woman in good health.",
        "Mother: age 91, alive. Father: Age: 55, died of a stroke.",
        "Age at menarche: 12. Bone age: 40 years.",
        "Gestational age: 39 weeks",
        "She lives with her 6-year-old boy.",
        "She was a 20-year-old woman when it began.",
        "Her roommate is a 22 yo female.",
        "It is known of her that her mother is a\n91-year-old woman in good health.",
        "She lives with her daughter Ann,\n34 year old woman.",
        "This is a 64-year-old woman. As a 6-year-old girl she had measles.",
        "Smoked from age 16.",
        "Warranty of 6 years old equipment.",
    ],
)
def test_other_ages_hold_nothing_back(text):
    assert linked(text).value == "1"


def test_an_age_counts_on_any_day_that_the_paper_bears():
    assert linked("Age: 50   Report of 02/02/2012").value == "1"


@pytest.mark.parametrize("day", ["01/02/1960", "12/31/1958"])
def test_a_visit_before_birth_is_somebody_elses(day):
    paper = pages(f"Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345\nDate of visit: {day}")
    known = Known((patient(),), Frequencies())
    found = decide_patient(paper, read_clues(paper), known).decision
    assert "before the birth of Garcia, Maria on 1961-03-07" in found.because


def test_a_sex_that_differs_contradicts_the_number_too():
    assert linked("Sex: M").value is None
    assert linked("Sex: M", patient(sex="")).value == "1"


@pytest.mark.parametrize(
    "text",
    [
        "64 year old male with a cough.",
        "This is a 64-year-old gentleman.",
        "HPI: 64 yo M with abdominal pain.",
        "64 Y old Male",
    ],
)
def test_the_sex_that_goes_with_an_age_in_prose_contradicts(text):
    found = linked(text)
    assert found.value is None
    assert "The sex on the pages is not that of" in found.because
    assert linked(text, patient(sex="M")).value == "1"
    assert linked(text, patient(sex="")).value == "1"


@pytest.mark.parametrize(
    "text",
    [
        "Her husband is a 64-year-old man.",
        "Family history. Father: 88 yo male with diabetes. Brother: 60-year-old man, well.",
        "64 yo female, lives with a 66 yo male.",
        "This is a 64-year-old patient, M. Smith attending.",
    ],
)
def test_the_sex_of_others_in_prose_does_not(text):
    assert linked(text).value == "1"

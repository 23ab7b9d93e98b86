"""Identifiers whose labels were lost: believed beside the labelled number of their owner."""

from datetime import date

import pytest
from filing_paper import pages
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.patient import decide_patient
from chartkeeper.records.model import Known

GARCIA = patient(middle="Quinn")
DIM = {"noise": lambda word: (word, 0.5 if word == "0012345" else 0.95)}


def linked(texts, people=(GARCIA,), **options):
    paper = pages(*([texts] if isinstance(texts, str) else texts), **options)
    return decide_patient(paper, read_clues(paper), Known(tuple(people))).decision.value


@pytest.mark.parametrize(
    "lost",
    ["N@m3 Garcia, Maria", "xx MARIA Q GARCIA", "MARIAGARCIA", "D8 03/07/1961", "brn 03/07/1961"],
)
def test_a_name_or_birth_date_without_its_label_counts_beside_the_number(lost):
    assert linked(f"{lost}\nMRN: 0012345") == "1"
    assert linked(f"{lost}\nMRN: 0012345", **DIM) is None
    assert linked([lost, "MRN: 0012345"]) is None


@pytest.mark.parametrize(
    "line",
    [
        "Mother: Garcia, Maria",
        "Attending physician: Maria Garcia",
        "Garcia, Mary",
        "Emergency contact phone: 555-0101   Garcia, Maria",
        "Mother's DOB: 03/07/1961",
        "Collected: 03/07/1961",
    ],
)
def test_what_another_label_claims_does_not(line):
    assert linked(f"{line}\nMRN: 0012345") is None


def test_a_name_in_the_text_does_not():
    assert linked("MRN: 0012345" + "\nword" * 40 + "\nMaria Garcia") is None


def test_nothing_is_added_where_the_patient_is_named():
    assert linked("Patient: Young, Ann   MRN: 0012345\nGarcia, Maria") is None
    assert linked("Patient: Garcia, Marla   MRN: 0012345\nGarcia, Maria") is None
    assert linked("DOB: 01/02/1990   MRN: 0012345\n03/07/1961") is None


def test_a_guarantor_whose_heading_was_lost_is_not_the_patient():
    payer = patient(2, "0777777", "Garcia", "Scott", date(1986, 1, 14))
    assert linked("G8ar@n: Scott Garcia   DOB: 01/14/1986", [payer]) is None


NUMBERED = patient(mrn="3412345")
NAMESAKE = patient(2, "3412346", dob=date(1962, 3, 7))
NAMED = "Patient: Garcia, Maria   DOB: 03/07/1961"


@pytest.mark.parametrize(
    "words", ["Chart", "MR:", "Clinic record", "Our file", "ID", "Service ID:", "Consumer #"]
)
def test_a_number_behind_a_word_for_a_record_tells_namesakes_apart(words):
    assert linked(f"{NAMED}\n{words} 3412345", [NUMBERED, NAMESAKE]) == "1"


@pytest.mark.parametrize("words", ["Case", "", "Room", "Order:", "Member ID", "Mother's chart"])
def test_a_number_behind_any_other_word_does_not(words):
    assert linked(f"{NAMED}\n{words} 3412345", [NUMBERED, NAMESAKE]) is None


def test_a_record_of_somebody_whom_no_label_names_is_nobodys():
    assert linked("Patient: Young, Ann\nChart 3412345   03/07/1961", [NUMBERED]) is None

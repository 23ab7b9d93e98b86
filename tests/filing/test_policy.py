import pytest
from filing_paper import pages
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.patient import decide_patient
from chartkeeper.filing.policy import Policy
from chartkeeper.records.model import Known

GARCIA = patient()
FOREIGN = "Valley Imaging\nPatient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 9912345"
OWN = "LAKESIDE GENERAL  HOSPITAL\nName: Garcia, Maria   MRN: 0012345"


def chosen(text, policy):
    paper = pages(text)
    return decide_patient(paper, read_clues(paper), Known((GARCIA,)), policy).decision.value


def test_a_number_that_is_not_of_our_form_neither_speaks_for_nor_against():
    assert chosen(FOREIGN, Policy()) is None
    assert chosen(FOREIGN, Policy(mrn_format="[1-8][0-9]{4}")) == "1"
    assert chosen("Name: Garcia, Maria   MRN: 0012345", Policy(mrn_format="[5-9]\\d+")) is None


@pytest.mark.parametrize("name", ["Lakeside General Hospital", "lakeside general"])
def test_our_numbers_count_on_papers_that_name_us(name):
    assert chosen(OWN, Policy(own_facilities=(name,))) == "1"


def test_another_house_may_give_the_same_number_to_somebody_else():
    elsewhere = Policy(own_facilities=("Lakeside General Hospital",))
    assert chosen("Name: Garcia, Maria   MRN: 0012345", elsewhere) is None
    assert chosen(FOREIGN, elsewhere) == "1"


def test_a_number_of_another_house_is_still_a_way_to_find_the_patient():
    paper = pages("Other Clinic\nMRN: 0012345")
    policy = Policy(own_facilities=("Lakeside General Hospital",))
    result = decide_patient(paper, read_clues(paper), Known((GARCIA,)), policy)
    assert [one.patient_id for one in result.candidates] == [1]

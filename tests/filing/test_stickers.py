"""Blocks without labels: name, number and birth date together are whose the paper is."""

from datetime import date

import pytest
from filing_paper import pages
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.patient import decide_patient
from chartkeeper.filing.policy import Policy
from chartkeeper.records.model import Known

GARCIA = patient(middle="Quinn", sex="F")
LOPEZ = patient(2, "7654321", "Lopez", "Ana", date(1930, 2, 2))


def linked(text, people=(GARCIA,), policy=None):
    paper = pages(text)
    known = Known(tuple(people))
    return decide_patient(paper, read_clues(paper), known, policy or Policy()).decision.value


@pytest.mark.parametrize(
    "block",
    [
        "GARCIA, MARIA Q\n0012345 03/07/1961",
        "GARCIA, MARIA QUINN 0012345\n03/07/1961",
        "GARCIA, MARIA\nID:0012345\n07-MAR-1961 (65 yr)\nFemale Caucasian",
        "Garcia, Maria Quinn\n64 Y old Female, DOB: 03/07/1961\n4 Elm St\nAccount Number: 0012345",
        "EVAL           GARCIA, MARIA\n               0012345\n               03/07/1961",
    ],
)
def test_a_block_of_all_three_is_the_patients(block):
    assert linked(block) == "1"


@pytest.mark.parametrize(
    "block",
    [
        "GARCIA, MARIA\n0012345",
        "GARCIA, MARIA\n03/07/1961",
        "0012345\n03/07/1961",
        "GARCIA, MARIA\n0012345 03/08/1961",
        "GARCIA, MARIA\n0012346 03/07/1961",
        "GARCIA, MARIA JR\n0012345 03/07/1961",
        "GARCIA, MARIA X\n0012345 03/07/1961",
        "GARCIA, MARIA LOPEZ ANA\n0012345 03/07/1961",
        "GARCIA, MARIA\nMother: 0012345\n03/07/1961",
        "GARCIA, MARIA\nSpecimen: 0012345\n03/07/1961",
        "GARCIA, MARIA\n0012345\nCollected: 03/07/1961",
        "Donor\nGARCIA, MARIA\n0012345 03/07/1961",
        "GUARANTOR\n4 Elm St\nGARCIA, MARIA\n0012345 03/07/1961",
        "Picked up by: GARCIA, MARIA\n0012345 03/07/1961",
        "Similar to GARCIA, MARIA\n0012345 03/07/1961",
        "cc GARCIA, MARIA\n0012345 03/07/1961",
        "GARCIA, MARIA    0012345    03/07/1961\nROSS, PAT    7654399    01/02/1950",
        "GARCIA, MARIA    0012345    03/07/1961",
        "GARCIA, MARIA\n0012345 03/07/1961\nR0ss, P4t\n7654399 O1/02/195O",
        "GARCIA, MARIA\n0012345 03/07/1961" + "\n64 yo male with a cough",
        "GARCIA, MARIA\n0012345 03/07/1961\nPatient: Young, Ann",
        "GARCIA, MARIA\n0012345 03/07/1961\nDOB: 04/04/1984",
        "word\n" * 24 + "GARCIA, MARIA\n0012345 03/07/1961",
        "GARCIA, MARIA" + "\nword" * 12 + "\n0012345 03/07/1961",
    ],
)
def test_what_is_no_such_block_waits_for_a_clerk(block):
    assert linked(block) is None


def test_two_blocks_are_nobodys():
    text = "GARCIA, MARIA\n0012345 03/07/1961\n\nLOPEZ, ANA\n7654321 02/02/1930"
    assert linked(text, [GARCIA, LOPEZ]) is None


def test_a_short_number_is_no_number():
    text = "GARCIA, MARIA\n12345 03/07/1961"
    assert linked(text, [patient(mrn="12345")]) is None


def test_a_number_that_is_not_this_houses_counts_for_nothing():
    block = "GARCIA, MARIA\n0012345 03/07/1961"
    assert linked(block, policy=Policy(mrn_format="[0-9]{5}")) == "1"
    assert linked(block, policy=Policy(mrn_format="[0-9]{8}")) is None
    ours = Policy(own_facilities=("Harbor Clinic",))
    assert linked(block, policy=ours) is None
    assert linked(f"Harbor Clinic\n\n\n\n\n\n\n{block}", policy=ours) == "1"

"""Pages whose header cannot be read may be another patient's, and keep a document for a clerk."""

from datetime import date

import pytest
from filing_paper import pages
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.headers import unread_headers
from chartkeeper.filing.patient import decide_patient
from chartkeeper.filing.wanted import wanted
from chartkeeper.records.model import Known

BANNER = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345"


def unread(*texts):
    paper = pages(*texts)
    return set(unread_headers(paper, read_clues(paper)))


@pytest.mark.parametrize(
    "header",
    [
        "DOB: L2,22/2@09",
        "MRN: 3#1O9e",
        "Patient: ~~~   DOB: ~",
        "Patient Name: ~~",
        "First Name: Eric",
    ],
)
def test_a_page_whose_header_makes_no_sense_is_unread(header):
    assert unread(BANNER, header) == {2}
    assert unread(BANNER, "word\n" * 40 + header) == set()  # far down a page stand forms to fill in


@pytest.mark.parametrize("page", ["seen today, feels better", BANNER, "DOB: 03/07/1961"])
def test_a_page_that_asks_for_nothing_or_is_read_is_not(page):
    assert unread(BANNER, page) == set()


def test_of_two_stickers_on_a_page_both_must_be_read():
    assert unread(f"{BANNER}\n\n\nSPECIMEN, ADA\nDOB T2/13/44") == {1}
    assert unread(f"{BANNER}\n\n\nMother's DOB T2/13/44") == set()


def test_such_a_page_keeps_the_document_for_a_clerk():
    paper = pages(BANNER, "DOB: L2,22/2@09")
    decision = decide_patient(paper, read_clues(paper), Known((patient(),))).decision
    assert decision.value is None
    assert "Whose page 2 is could not be read" in decision.because


YOUNG = patient(2, "7654321", "Young", "Patricia", date(2004, 4, 4))
STICKER = "\n\n\n\n\n\nPlease sign here\n\nGARCIA, MARIA\nDOB 03/07/1961   MRN 0012345"


@pytest.mark.parametrize(
    "header",
    [
        "YOUNG, PATRICIA",  # a name alone, as a header has it
        "PATRICIA YOUNG   04/04/2004",
        "YOUNG   7654321",
        "7654321   04/04/2004",
    ],
)
def test_a_label_of_another_patient_at_the_foot_does_not_outweigh_the_header(header):
    paper = pages(f"{header}\nHOME ADDRESS{STICKER}")
    clues = read_clues(paper)
    assert clues.mrns
    alone = decide_patient(paper, clues, Known((patient(),))).decision
    assert alone.value == "1"
    decision = decide_patient(paper, clues, Known((patient(), YOUNG))).decision
    assert (decision.value, "Young, Patricia" in decision.because) == (None, True)


@pytest.mark.parametrize("header", ["Springfield, Illinois", "Patricia is here, 04/04/2004"])
def test_towns_and_prose_are_nobody(header):
    paper = pages(f"{header}\nHOME ADDRESS{STICKER}")
    known = Known((patient(), YOUNG))
    assert decide_patient(paper, read_clues(paper), known).decision.value == "1"


def test_whoever_heads_a_page_is_looked_up():
    paper = pages(f"YOUNG, PATRICIA\nHOME ADDRESS{STICKER}")
    sought = wanted(read_clues(paper), paper)
    assert "YOUNG" in sought.surnames
    assert "PATRICIA" in sought.given_names


def test_what_stands_at_the_foot_does_not_answer_a_header():
    sticker = "word\n" * 44 + "GARCIA, MARIA\nDOB 03/07/1961   MRN 0012345"
    assert unread(f"Mar(in, Th0mas | Sex: M | HAR: 9643978\n{sticker}") == {1}
    assert unread(f"PROGRESS NOTE\n{sticker}") == set()

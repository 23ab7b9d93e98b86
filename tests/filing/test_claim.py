"""What a separator sheet claims: one identifier more, checked against the pages, never alone."""

from datetime import date

import pytest
from filing_paper import page

from chartkeeper.filing.claim import Claim, wanted_too
from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.decide import file_run
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.filing.wanted import wanted
from chartkeeper.records.model import DocumentStatus, Known, Patient, mrn_key

RULES = Rulebook(load_doctypes())
ARRIVED = date(2024, 6, 1)


def patient(number, mrn, last, first, dob):
    return Patient(number, mrn, mrn_key(mrn), last, first, date.fromisoformat(dob))


MARIA = patient(1, "0012345", "Garcia", "Maria", "1961-03-07")
ANA = patient(2, "7654321", "Lopez", "Ana", "1930-02-02")
EVERYBODY = (MARIA, ANA)
NOTE = "# PROGRESS NOTE\n{who}\nDate of service: 03/04/2024\nSUBJECTIVE: better.\nPLAN: same."
WHOLE = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345"


def file(text, confidence=0.93, **claimed):
    sheets = [page(text, 4, confidence=confidence)]
    claim = Claim(**claimed)
    known = Known(EVERYBODY)
    return file_run(sheets, read_clues(sheets), known, RULES, ARRIVED, claim=claim)


def test_a_number_that_agrees_is_mentioned():
    found = file(NOTE.format(who=WHOLE), mrn="12345")
    assert (found.patient.value, found.status) == ("1", DocumentStatus.FILED)
    assert found.patient.because.endswith("; the separator sheet says so too")


def test_a_number_of_somebody_else_stops_the_filing_and_says_why():
    found = file(NOTE.format(who=WHOLE), mrn="7654321")
    assert found.patient.value is None
    assert found.status is DocumentStatus.REVIEW
    assert "The separator sheet says MRN 7654321, but MRN 0012345" in found.reason


def test_a_number_of_nobody_stops_the_filing():
    found = file(NOTE.format(who=WHOLE), mrn="999999")
    assert found.status is DocumentStatus.REVIEW


@pytest.mark.parametrize("who", ["DOB: 03/07/1961", "Patient: GARCIA, MARIA"])
def test_a_number_and_one_identifier_of_the_pages_are_two(who):
    found = file(NOTE.format(who=who), mrn="0012345")
    assert (found.patient.value, found.status) == ("1", DocumentStatus.FILED)
    assert "MRN 0012345 of the separator sheet" in found.patient.because
    assert any(item.box is None for item in found.patient.evidence)
    assert file(NOTE.format(who=who)).patient.value is None, "not without the sheet"


@pytest.mark.parametrize(
    "who",
    [
        "",  # nothing on the pages
        "DOB: 03/08/1961",  # one day off
        "DOB: 02/02/1930",  # of the other patient
        "Patient: LOPEZ, ANA",
        "Patient: GARCIA, MARIA   DOB: 02/02/1930",
        "Patient: GARCIA, MARIA   MRN: 0012346",
        "Mother: GARCIA, MARIA",
    ],
)
def test_a_number_alone_or_against_the_pages_files_nothing(who):
    found = file(NOTE.format(who=who), mrn="0012345")
    assert found.patient.value is None
    assert found.status is DocumentStatus.REVIEW


def test_what_was_read_poorly_does_not_join_the_number():
    found = file(NOTE.format(who="DOB: 03/07/1961"), confidence=0.4, mrn="0012345")
    assert found.patient.value is None


def test_the_claimed_number_is_looked_up():
    sheets = [page(NOTE.format(who=""))]
    sought = wanted(read_clues(sheets), sheets)
    assert "12345" in wanted_too(sought, Claim(mrn="00-12345")).mrn_keys
    assert wanted_too(sought, Claim()) == sought


BARE = f"{WHOLE}\nnothing that tells a type"


def test_a_type_that_the_pages_do_not_tell_comes_from_the_sheet():
    assert file(BARE).type.value is None
    found = file(BARE, type="REG")
    assert found.type.value == "registration_form"
    assert "the separator sheet says so" in found.type.because


def test_a_type_against_the_pages_is_for_a_clerk():
    found = file(NOTE.format(who=WHOLE), type="LAB")
    assert found.type.value == "progress_note"
    assert "the separator sheet says Laboratory report, the pages say otherwise" in found.reason


def test_a_type_that_agrees_is_mentioned():
    found = file(NOTE.format(who=WHOLE), type="PROG")
    assert found.status is DocumentStatus.FILED
    assert found.type.because.endswith("the separator sheet says so too")


def test_a_type_that_nobody_knows_is_for_a_clerk():
    found = file(NOTE.format(who=WHOLE), type="XYZ")
    assert "XYZ, which is no known type" in found.reason


def test_a_date_that_the_pages_do_not_tell_comes_from_the_sheet():
    found = file(NOTE.format(who=WHOLE).replace("Date of service: 03/04/2024\n", ""),
                 service_date=date(2024, 3, 4))  # fmt: skip
    assert found.service_date.value == "2024-03-04"
    assert found.status is DocumentStatus.FILED


def test_a_date_against_the_pages_stays_theirs_and_is_for_a_clerk():
    found = file(NOTE.format(who=WHOLE), service_date=date(2024, 3, 5))
    assert found.service_date.value == "2024-03-04"
    assert "the separator sheet says 2024-03-05, the pages 2024-03-04" in found.reason


@pytest.mark.parametrize("day", [date(1950, 1, 1), date(2024, 6, 2)])
def test_a_date_before_birth_or_after_arrival_is_not_believed(day):
    text = NOTE.format(who=WHOLE).replace("Date of service: 03/04/2024\n", "")
    found = file(text, service_date=day)
    assert found.service_date.value is None
    assert found.status is DocumentStatus.REVIEW


def test_two_patients_in_one_document_stop_the_filing():
    """The rule that separation leans on: what is not cut is not filed to either."""
    sheets = [page(NOTE.format(who=WHOLE), 1), page("Patient: LOPEZ, ANA DOB: 02/02/1930", 2)]
    found = file_run(sheets, read_clues(sheets), Known(EVERYBODY), RULES, ARRIVED)
    assert found.patient.value is None
    assert found.status is DocumentStatus.REVIEW

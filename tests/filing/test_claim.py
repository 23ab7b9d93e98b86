"""What a separator sheet claims: one identifier more, checked against the pages, never alone."""

import dataclasses
from datetime import date

import pytest
from filing_paper import page

from chartkeeper.filing.claim import LIST, Claim, joined_claim, of_whole_file, wanted_too
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


OTHER_MARIA = patient(3, "0055555", "Garcia", "Maria", "1975-09-09")
TWIN = patient(4, "0012346", "Garcia", "Lucia", "1961-03-07")


def listed(text, *, people=EVERYBODY, alone=True, confidence=0.93, **claimed):
    """What becomes of a page of which an import list says something."""
    sheets = [page(text, 4, confidence=confidence)]
    claim = of_whole_file(Claim(origin=LIST, **claimed), alone=alone)
    clues, known = read_clues(sheets), Known(people)
    return file_run(sheets, clues, known, RULES, ARRIVED, claim=claim)


def test_a_list_that_agrees_is_mentioned_by_its_name():
    found = listed(NOTE.format(who=WHOLE), mrn="12345", last="Garcia", first="Maria")
    assert found.status is DocumentStatus.FILED
    assert found.patient.because.endswith("; the import list says so too")


def test_a_shifted_row_goes_to_review_in_a_clerks_words():
    found = listed(NOTE.format(who=WHOLE), mrn="7654321", last="Lopez", first="Ana")
    assert found.patient.value is None
    assert found.status is DocumentStatus.REVIEW
    assert "The import list says MRN 7654321, but MRN 0012345" in found.reason


@pytest.mark.parametrize(
    "claimed",
    [
        {"last": "Lopez", "first": "Ana"},
        {"dob": date(1930, 2, 2)},
        {"mrn": "0012345", "last": "Lopez", "first": "Ana"},
        {"mrn": "0012345", "dob": date(1961, 3, 8)},
    ],
)
def test_a_name_or_birth_date_of_somebody_else_stops_the_filing(claimed):
    found = listed(NOTE.format(who=WHOLE), **claimed)
    assert found.patient.value is None
    assert "The import list says another" in found.reason


def test_a_short_form_of_a_name_does_not():
    found = listed(NOTE.format(who=WHOLE), mrn="12345", last="GARCIA", first="M")
    assert found.status is DocumentStatus.FILED


def test_a_number_of_the_list_alone_files_nothing():
    claimed = {"mrn": "0012345", "last": "Garcia", "first": "Maria", "dob": date(1961, 3, 7)}
    assert listed(NOTE.format(who=""), **claimed).patient.value is None


def test_a_number_of_the_list_joins_one_identifier_as_that_of_a_sheet_does():
    found = listed(NOTE.format(who="Patient: GARCIA, MARIA"), mrn="0012345")
    assert (found.patient.value, found.status) == ("1", DocumentStatus.FILED)
    assert "MRN 0012345 of the import list" in found.patient.because
    assert any(item.box is None for item in found.patient.evidence)


@pytest.mark.parametrize(
    ("who", "people", "mrn"),
    [
        # The number of a namesake: on the page stands only the name.
        ("Patient: GARCIA, MARIA", (MARIA, OTHER_MARIA), "0055555"),
        # The number of the twin in the next row: on the page stands only the birth date.
        ("DOB: 03/07/1961", (MARIA, TWIN), "0012346"),
    ],
)
def test_between_namesakes_and_twins_a_claimed_number_does_not_choose(who, people, mrn):
    found = listed(NOTE.format(who=who), people=people, mrn=mrn)
    assert found.patient.value is None
    assert found.status is DocumentStatus.REVIEW


def test_a_list_that_contradicts_the_index_joins_nothing():
    found = listed(NOTE.format(who="DOB: 03/07/1961"), mrn="0012345", last="Lopez", first="Ana")
    assert found.patient.value is None
    assert "another name than the index" in found.reason


def test_a_number_merged_into_anothers_agrees_with_that_one():
    merged = dataclasses.replace(MARIA, former_mrns=("0099999",))
    found = listed(NOTE.format(who=WHOLE), people=(merged, ANA), mrn="99999")
    assert (found.patient.value, found.status) == ("1", DocumentStatus.FILED)


def test_of_a_file_of_several_documents_a_claim_is_only_checked():
    claimed = {"mrn": "0012345", "type": "LAB", "service_date": date(2024, 3, 5)}
    weak = listed(NOTE.format(who="Patient: GARCIA, MARIA"), alone=False, **claimed)
    assert weak.patient.value is None
    whole = listed(NOTE.format(who=WHOLE), alone=False, **claimed)
    assert whole.status is DocumentStatus.FILED
    other = listed(NOTE.format(who="Patient: LOPEZ, ANA DOB: 02/02/1930 MRN: 7654321"),
                   alone=False, **claimed)  # fmt: skip
    assert other.status is DocumentStatus.REVIEW


def test_claims_that_contradict_each_other_leave_nothing_automatic():
    both = [Claim(mrn="0012345", origin=LIST), Claim(mrn="7654321", origin=LIST)]
    claim = joined_claim(both)
    assert claim.mrn == ""
    sheets = [page(NOTE.format(who=WHOLE), 4)]
    known = Known(EVERYBODY)
    found = file_run(sheets, read_clues(sheets), known, RULES, ARRIVED, claim=claim)
    assert found.patient.value is None
    assert found.status is DocumentStatus.REVIEW
    assert "says different things of it (MRN)" in found.reason


def test_claims_that_agree_are_one_and_a_sheet_and_a_list_may_each_say_a_part():
    sheet, row = Claim(mrn="0012345"), Claim(mrn="12345", type="LAB", origin=LIST)
    claim = joined_claim([sheet, row])
    assert (mrn_key(claim.mrn), claim.type, claim.conflict) == ("12345", "LAB", "")
    assert claim.origin == "separator sheet and the import list"
    assert joined_claim([sheet, Claim(origin=LIST)]) == sheet
    assert joined_claim([]) == Claim()
    apart = joined_claim([sheet, Claim(mrn="7654321", origin=LIST)])
    assert "The separator sheet and the import list say different things" in apart.conflict


def test_a_list_that_describes_another_file_files_nothing():
    found = listed(NOTE.format(who=WHOLE), conflict="The import list describes another file")
    assert found.status is DocumentStatus.REVIEW
    assert "describes another file" in found.reason

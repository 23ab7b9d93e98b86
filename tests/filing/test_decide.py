from datetime import date

import pytest
from filing_paper import blank, pages
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.decide import file_run
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.policy import Policy
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.records.model import DocumentStatus, Known

RULEBOOK = Rulebook(load_doctypes())

BANNER = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345"
LAB = (
    "# LABORATORY REPORT\n"
    f"{BANNER}\n"
    "Test   Result   Flag   Units   Reference Range\n"
    "Glucose   99   mg/dL"
)


def filed(texts, people=None, **options):
    paper = texts if isinstance(texts, list) and not isinstance(texts[0], str) else pages(*texts)
    people = [patient()] if people is None else people
    return file_run(
        paper, read_clues(paper), Known(tuple(people)), RULEBOOK, date(2024, 5, 17), **options
    )


def test_all_decided_is_filed():
    filing = filed([f"{LAB}\nCollected: 02/03/2024", "page two"])
    assert (filing.status, filing.reason) == (DocumentStatus.FILED, "")
    assert (filing.type.value, filing.patient.value, filing.service_date.value) == (
        "lab_report",
        "1",
        "2024-02-03",
    )
    assert (filing.first_page, filing.last_page) == (1, 2)
    assert filing.candidates[0].patient_id == 1


def test_a_laboratory_report_without_its_date_waits():
    filing = filed([LAB])
    assert filing.status is DocumentStatus.REVIEW
    assert filing.reason == (
        "Date: No date collected was found on the pages, and a laboratory report must"
        " not be filed undated"
    )


def test_a_consent_without_date_is_filed():
    filing = filed([f"# CONSENT FOR SURGERY\n{BANNER}\nI hereby consent to the operation. Witness"])
    assert (filing.status, filing.service_date.value) == (DocumentStatus.FILED, None)


def test_an_unknown_patient_waits_with_the_reason():
    filing = filed([f"{LAB}\nCollected: 02/03/2024"], people=[])
    assert filing.status is DocumentStatus.REVIEW
    assert filing.reason.startswith("Patient: No patient in the index has")


def test_an_unknown_type_waits_with_the_reason():
    filing = filed([f"{BANNER}\nlorem ipsum"])
    assert filing.status is DocumentStatus.REVIEW
    assert filing.reason.startswith("Type: ")


def test_pages_that_could_not_be_read_are_named():
    filing = filed([f"{LAB}\nCollected: 02/03/2024"], unread=(3, 2))
    assert filing.status is DocumentStatus.REVIEW
    assert filing.reason == "Pages 2, 3 could not be read"
    assert (filing.first_page, filing.last_page) == (1, 3)


def test_nothing_but_blank_or_unread_pages():
    filing = filed([blank(1), blank(2)])
    assert (filing.status, filing.reason, filing.type.value) == (
        DocumentStatus.REVIEW,
        "All pages are blank",
        None,
    )
    nothing = file_run([], read_clues([]), Known(), RULEBOOK, date(2024, 5, 17), unread=(4,))
    assert nothing.reason == "Page 4 could not be read. Nothing could be read on the pages"
    assert (nothing.first_page, nothing.last_page) == (4, 4)


def test_a_document_has_pages():
    with pytest.raises(ValueError, match="at least one page"):
        file_run([], read_clues([]), Known(), RULEBOOK, date(2024, 5, 17))


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("RADIOLOGY REPORT", "an imaging report must"),
        ("12-LEAD ELECTROCARDIOGRAM", "an ECG must"),
        ("OPERATIVE REPORT", "an operative report must"),
        ("SURGICAL PATHOLOGY REPORT", "a pathology report must"),
    ],
)
def test_the_reason_is_good_english(title, words):
    assert words in filed([f"# {title}\n{BANNER}"]).reason


def test_a_type_that_a_home_files_by_hand_waits_with_everything_decided():
    rulebook = Rulebook(load_doctypes(), Policy(automatic_types=frozenset({"letter"})))
    paper = pages(f"{LAB}\nCollected: 02/03/2024")
    filing = file_run(paper, read_clues(paper), Known((patient(),)), rulebook, date(2024, 5, 17))
    assert (filing.type.value, filing.patient.value) == ("lab_report", "1")
    assert filing.status is DocumentStatus.REVIEW
    assert filing.reason == "Type: by the settings of this home a person files a laboratory report"

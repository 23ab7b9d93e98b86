"""Cutting and joining documents as a clerk does, and what the worker makes of the parts."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.ingest import pipeline
from chartkeeper.ingest.desk import Desk
from chartkeeper.records import documents, pages, separation, verify
from chartkeeper.records.access_log import Event
from chartkeeper.records.model import Candidate, DocumentStatus, Suggestion

from .conftest import filing, hidden
from .paper import drawn

BEING_FILED = "being filed anew"
PAPERS = (
    drawn(
        1,
        "LABORATORY REPORT",
        "Patient: Samplewood, Ada  MRN: 0012345  DOB: 03/07/1961",
        "Collected: 03/04/2024",
        "Potassium 4.1 mmol/L reference range 3.5-5.0",
    ),
    drawn(2, "Sodium 140 mmol/L reference range 135-145"),
    drawn(
        3,
        "PROGRESS NOTE",
        "Patient: Testerman-Lopez, José  MRN: 0067890  DOB: 12/24/1980",
        "Date of service: 03/06/2024",
        "SUBJECTIVE",
        "Feels well.",
    ),
)


def facts(home, document_id):
    with home.parts.ledger.read() as connection:
        return documents.facts(connection, document_id)


def owners(home, scan_id):
    """The document of each page of a scan."""
    with home.parts.ledger.read() as connection:
        return [page.document_id for page in pages.facts_of_scan(connection, scan_id)]


def problems(home):
    with home.parts.ledger.read() as connection:
        return verify.verify_counts(connection)


def file_anew(home):
    """What the worker does with documents that were put together anew."""
    desk = Desk(
        ledger=home.parts.ledger, vault=home.parts.vault, index=home.parts.index_folder,
        inbox=home.folder, failed=home.folder, scratch=home.folder, locks=home.folder,
        rulebook=Rulebook(load_doctypes()),
    )  # fmt: skip
    with home.parts.ledger.read() as connection:
        waiting = documents.waiting_to_be_filed(connection, 10)
    for one in waiting:
        pipeline.file_anew(desk, one)
    return len(waiting)


@pytest.fixture
def scan(home):
    return home.take_in("two.tif", PAPERS)


@pytest.fixture
def mixed(home, scan, charts):
    """A document of three pages in review, which is two."""
    found = filing(3, "lab_report", None, "2024-03-04")
    asked = Suggestion(3, "it is titled PROGRESS NOTE; the patient is another", 7.0)
    return home.file(scan, replace(found, suggestions=(asked,)))


def send(browser, document_id, step, **fields):
    version = hidden(browser.get(f"/review/{document_id}").text, "version")
    return browser.post(f"/review/{document_id}/{step}", {"version": version, **fields})


def test_the_clerk_is_asked_and_splits_with_one_button(home, scan, mixed, clerk):
    page = clerk.get(f"/review/{mixed}").text
    assert "A new document may begin on page 3: it is titled PROGRESS NOTE" in page
    assert 'name="at" value="3" data-key="b"' in page
    answer = send(clerk, mixed, "split", at=3)
    new = mixed + 1
    assert answer.location == f"/review/{mixed}?cut={new}"
    assert owners(home, scan) == [mixed, mixed, new]
    assert facts(home, new).split_from == mixed
    assert BEING_FILED in clerk.get(f"/review/{new}").text
    assert problems(home) == []


def test_the_parts_are_filed_anew_each_to_its_patient(home, scan, mixed, clerk, charts):
    send(clerk, mixed, "split", at=3)
    assert file_anew(home) == 2
    first, second = facts(home, mixed), facts(home, mixed + 1)
    assert (first.type, first.patient_id) == ("lab_report", charts.ada.id)
    assert (second.type, second.patient_id) == ("progress_note", charts.jose.id)
    assert {first.document.status, second.document.status} == {DocumentStatus.FILED}
    assert file_anew(home) == 0
    home.index()
    assert "2 pages" in clerk.get(f"/documents/{mixed}").text


def test_splitting_and_joining_are_in_the_access_log(home, scan, mixed, clerk):
    send(clerk, mixed, "split", before=2)
    send(clerk, mixed, "join", next=mixed + 1)
    told = [(e.document_id, dict(e.detail)) for e in home.log(event=Event.DECISION)]
    assert told == [
        (mixed, {"split_before_page": 2, "new_document": mixed + 1}),
        (mixed + 1, {"split_from": mixed}),
        (mixed, {"joined_with": mixed + 1}),
        (mixed + 1, {"joined_to": mixed}),
    ]
    assert {e.actor for e in home.log(event=Event.DECISION)} == {"clerk"}


def test_what_was_joined_is_one_document_and_its_other_number_says_so(
    home, scan, mixed, clerk, staff
):
    send(clerk, mixed, "split", at=3)
    file_anew(home)
    send(clerk, mixed, "join", next=mixed + 1)
    assert owners(home, scan) == [mixed] * 3
    gone = clerk.get(f"/review/{mixed + 1}")
    assert gone.status_code == 404
    assert f"was joined to document {mixed}" in gone.text
    assert f'<a href="/review/{mixed}">' in gone.text
    read = staff.get(f"/documents/{mixed + 1}")
    assert f'<a href="/documents/{mixed}">' in read.text
    assert 'href="/review' not in read.text
    assert problems(home) == []
    with home.parts.ledger.read() as connection:
        listed = [one.document.id for one in documents.after(connection, 0, 100)]
    assert mixed + 1 not in listed


def test_a_document_that_a_person_joined_is_not_cut_or_asked_about_there_again(
    home, scan, mixed, clerk
):
    send(clerk, mixed, "split", at=3)
    file_anew(home)
    send(clerk, mixed, "join", next=mixed + 1)
    file_anew(home)
    page = clerk.get(f"/review/{mixed}").text
    assert "may begin on page" not in page
    found = facts(home, mixed)
    assert (found.document.first_page, found.document.last_page) == (1, 3)
    assert found.document.status is DocumentStatus.REVIEW, "two patients stop the filing"


def test_what_a_person_decided_stays_with_the_first_part(home, scan, mixed, clerk, charts):
    version = hidden(clerk.get(f"/review/{mixed}").text, "version")
    fields = {"type": "letter", "patient": charts.eve.id, "service_date": "2024-02-02"}
    clerk.post(f"/review/{mixed}", {"version": version, "action": "file", **fields})
    send(clerk, mixed, "split", at=3)
    assert facts(home, mixed).patient_id == charts.eve.id
    file_anew(home)
    first, second = facts(home, mixed), facts(home, mixed + 1)
    assert (first.type, first.patient_id) == ("letter", charts.eve.id)
    assert first.document.status is DocumentStatus.FILED
    assert (second.type, second.patient_id) == ("progress_note", charts.jose.id)


def test_whom_an_earlier_filing_named_is_not_told_after_a_new_one(home, scan, clerk, staff, charts):
    because = "The pages fit two patients: Specimen, Eve and Samplewood, Ada"
    eve = Candidate(charts.eve.id, 3.0, "agrees")
    found = filing(3, "lab_report", None, "2024-03-04", candidates=[eve], reason=because)
    found = replace(found, patient=replace(found.patient, because=because))
    number = home.file(scan, found)
    assert "Specimen, Eve" in staff.get(f"/documents/{number}").text
    send(clerk, number, "split", at=3)
    file_anew(home)
    assert "Specimen, Eve" not in staff.get(f"/documents/{number}").text


def test_two_clerks_do_not_split_one_document_twice(home, scan, mixed, clerk):
    version = hidden(clerk.get(f"/review/{mixed}").text, "version")
    assert clerk.post(f"/review/{mixed}/split", {"version": version, "at": 3}).status_code == 303
    again = clerk.post(f"/review/{mixed}/split", {"version": version, "at": 2})
    assert again.status_code == 409
    assert owners(home, scan) == [mixed, mixed, mixed + 1]


def test_a_decision_made_meanwhile_is_not_overwritten(home, scan, mixed, clerk, charts):
    send(clerk, mixed, "split", at=3)
    with home.parts.ledger.read() as connection:
        seen = documents.facts(connection, mixed)
    version = hidden(clerk.get(f"/review/{mixed}").text, "version")
    fields = {"type": "letter", "patient": charts.eve.id, "service_date": ""}
    clerk.post(f"/review/{mixed}", {"version": version, "action": "file", **fields})
    late = filing(2, "lab_report", charts.ada, "2024-03-04")
    with home.parts.ledger.write() as connection:
        kept = separation.file_anew(connection, mixed, seen.version, late, datetime.now(UTC))
    assert not kept
    assert facts(home, mixed).type == "letter"


@pytest.mark.parametrize(
    ("step", "fields"),
    [("split", {"at": 1}), ("split", {"at": 4}), ("split", {}), ("join", {"next": 999})],
)
def test_what_cannot_be_cut_or_joined_is_refused_and_changes_nothing(
    home, scan, mixed, clerk, step, fields
):
    answer = send(clerk, mixed, step, **fields)
    assert answer.status_code == 400
    assert "can only be cut before one of its pages" in answer.text
    assert owners(home, scan) == [mixed] * 3


def test_filing_it_as_one_answers_the_question(home, scan, mixed, clerk, charts):
    version = hidden(clerk.get(f"/review/{mixed}").text, "version")
    fields = {"type": "letter", "patient": charts.eve.id, "service_date": ""}
    clerk.post(f"/review/{mixed}", {"version": version, "action": "file", **fields})
    assert "may begin on page" not in clerk.get(f"/review/{mixed}").text


def test_staff_may_not_split(home, scan, mixed, staff):
    assert staff.post(f"/review/{mixed}/split", {"version": 1, "at": 3}).status_code == 403
    assert owners(home, scan) == [mixed] * 3

"""Review and correction: what a clerk sees, what filing does, and what it must not do."""

import re
from dataclasses import replace

import pytest

from chartkeeper.records import access_log, documents, patients
from chartkeeper.records.access_log import Event
from chartkeeper.records.model import DocumentStatus, Field

from .conftest import decided, filing, hidden, make_patient
from .paper import drawn


def facts(home, document_id):
    with home.parts.ledger.read() as connection:
        return documents.facts(connection, document_id)


def decide(browser, document_id, action="file", **fields):
    """Open the form, change these fields, and send it."""
    address = f"/review/{document_id}"
    version = hidden(browser.get(address).text, "version")
    sent = {"version": version, "type": "letter", "service_date": "2024-05-06", **fields}
    return browser.post(address, {**sent, "action": action})


def test_the_queue_says_what_waits_and_why(charts, clerk):
    page = clerk.get("/review").text
    assert "1 document waiting" in page
    assert f'href="/review/{charts.waiting}"' in page
    assert "No patient agrees in two identifiers." in page
    assert "3 hours" in page
    assert f"/review/{charts.lab}" not in page


def test_the_form_offers_candidates_and_presses_none_on_the_clerk(charts, clerk):
    page = clerk.get(f"/review/{charts.waiting}").text
    assert page.index("Specimen, Eve") < page.index("Samplewood, Ada")
    assert 'type="radio"' in page
    assert " checked" not in re.sub(r'type="checkbox" checked', "", page)
    assert '<option value="letter" selected>' in page
    assert "The name agrees, the MRN does not." in page
    assert "speaks against it: " in page
    assert re.search(r'class="against" x=', page)
    assert re.search(r'class="for" x=', page)


def test_a_filed_document_comes_with_its_patient_chosen(charts, clerk):
    page = clerk.get(f"/review/{charts.lab}").text
    assert f'value="{charts.ada.id}" checked' in page
    assert "File as corrected" in page


def test_namesakes_are_warned_of(home, charts, clerk):
    with home.parts.ledger.write() as connection:
        patients.save(connection, make_patient("777", "Specimen", "Eve", "2001-01-01"))
    assert "1 other patient has this name" in clerk.get(f"/review/{charts.waiting}").text


def test_filing_decides_brings_the_next_and_is_recorded(home, charts, clerk):
    scan = home.take_in("more.tif", [drawn(1, "more")])
    following = home.file(scan, filing(1, None, None, None))
    answer = decide(clerk, charts.waiting, patient=charts.eve.id)
    assert answer.location == f"/review/{following}?filed={charts.waiting}"
    page = clerk.get(answer.location).text
    said = f"Document {charts.waiting} was filed: Letter of 2024-05-06, to Specimen, Eve"
    assert f"{said} (MRN 0055555)." in page
    assert f'<a href="/review/{charts.waiting}">take it back</a>' in page
    shown = home.log(event=Event.DOCUMENT_VIEW, document_id=charts.waiting)[-1]
    assert (shown.patient_id, shown.detail) == (charts.eve.id, {"shown": "just filed"})
    now = facts(home, charts.waiting)
    assert now.document.status is DocumentStatus.FILED
    assert (now.type, now.patient_id) == ("letter", charts.eve.id)
    (entry,) = home.log(event=Event.DECISION)
    assert (entry.actor, entry.patient_id, entry.document_id) == (
        "clerk",
        charts.eve.id,
        charts.waiting,
    )
    assert entry.detail == {
        "type": ["letter", "letter"],
        "patient": [None, charts.eve.id],
        "service_date": [None, "2024-05-06"],
    }


def test_the_last_one_leads_back_to_the_queue(home, charts, clerk):
    answer = decide(clerk, charts.waiting, patient=charts.eve.id)
    assert answer.location == f"/review?filed={charts.waiting}"
    page = clerk.get(answer.location).text
    assert "Nothing is waiting" in page
    assert "Letter of 2024-05-06, to Specimen, Eve" in page
    assert f'<a href="/review/{charts.waiting}">take it back</a>' in page
    assert home.log(event=Event.DOCUMENT_VIEW)[-1].patient_id == charts.eve.id


@pytest.mark.parametrize("number", [3, 999])
def test_what_is_not_filed_any_more_is_not_told_of(charts, clerk, number):
    page = clerk.get(f"/review?filed={number}").text
    assert f"Document {number} was filed." in page


def test_a_correction_moves_the_document_at_once(home, charts, clerk):
    answer = decide(clerk, charts.lab, type="lab_report", patient=charts.eve.id)
    assert answer.location == f"/documents/{charts.lab}"
    assert f"/documents/{charts.lab}" not in clerk.get(f"/patients/{charts.ada.id}").text
    assert f"/documents/{charts.lab}" in clerk.get(f"/patients/{charts.eve.id}").text
    # The index was not told yet: the old patient's search must not show it all the same.
    assert f"/documents/{charts.lab}" not in clerk.search("mrn:12345").text
    assert f"/documents/{charts.lab}" not in clerk.search("potassium", patient="0012345").text
    told = {item.patient_id: item.detail["patient"] for item in home.log(event=Event.DECISION)}
    moved = [charts.ada.id, charts.eve.id]
    assert told == {charts.eve.id: moved, charts.ada.id: moved}


def test_what_was_decided_before_stays_in_the_history(charts, clerk):
    decide(clerk, charts.lab, type="lab_report", patient=charts.eve.id)
    page = clerk.get(f"/documents/{charts.lab}").text
    history = page[page.index("History") :]
    assert "Specimen, Eve" in history
    assert "Samplewood, Ada" in history
    assert "corrected by clerk" in history


def test_a_stale_form_decides_nothing(home, charts, clerk, administrator):
    page = clerk.get(f"/review/{charts.waiting}").text
    decide(administrator, charts.waiting, patient=charts.eve.id)
    fields = {"version": hidden(page, "version"), "type": "letter", "action": "file"}
    fields |= {"patient": charts.ada.id, "service_date": ""}
    answer = clerk.post(f"/review/{charts.waiting}", fields)
    assert answer.status_code == 409
    assert "changed by somebody else" in answer.text
    assert f'<a href="/review/{charts.waiting}">' in answer.text
    assert '<a href="/review">' in answer.text
    assert facts(home, charts.waiting).patient_id == charts.eve.id
    assert [item.actor for item in home.log(event=Event.DECISION)] == ["administrator"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"patient": ""}, "Choose a patient"),
        ({"patient": "1", "type": ""}, "Choose a document type"),
        ({"patient": "1", "type": "made_up"}, "no such document type"),
        ({"patient": "1", "service_date": "5/6/24"}, "year-month-day"),
        ({"patient": "1", "service_date": "2199-01-01"}, "in the future"),
        ({"patient": "1", "service_date": "1961-03-06"}, "before the patient was born"),
        ({"patient": "1", "type": "lab_report", "service_date": ""}, "without its date"),
    ],
)
def test_what_cannot_be_filed_comes_back_with_what_was_typed(home, charts, clerk, fields, said):
    answer = decide(clerk, charts.waiting, **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'role="alert"' in answer.text
    if fields["patient"]:
        assert 'value="1" checked' in answer.text
    assert facts(home, charts.waiting).version == 1


def test_a_day_of_birth_is_a_day_to_file_under(home, charts, clerk):
    assert decide(clerk, charts.waiting, patient="1", service_date="1961-03-07").status_code == 303


def test_what_needs_a_date_is_filed_undated_only_by_somebody_who_says_so(home, charts, clerk):
    fields = {"type": "lab_report", "patient": charts.eve.id, "service_date": ""}
    assert "undated" not in clerk.get(f"/review/{charts.waiting}").text
    asked = decide(clerk, charts.waiting, **fields)
    assert asked.status_code == 400
    assert "The date is not on the paper</label>" in asked.text
    assert decide(clerk, charts.waiting, **fields, undated="yes").status_code == 303
    now = facts(home, charts.waiting)
    assert (now.document.status, now.service_date) == (DocumentStatus.FILED, None)


def test_what_needs_no_date_is_filed_without_a_question(home, charts, clerk):
    fields = {"type": "letter", "patient": charts.eve.id, "service_date": ""}
    assert decide(clerk, charts.waiting, **fields).status_code == 303


def test_an_unknown_patient_is_never_filed_to(home, charts, clerk):
    assert decide(clerk, charts.waiting, patient="999").status_code == 404
    assert facts(home, charts.waiting).patient_id is None
    assert home.log(event=Event.DECISION) == []


def test_keeping_saves_type_and_date_and_leaves_the_patient_open(home, charts, clerk):
    answer = decide(clerk, charts.waiting, "keep", type="progress_note", patient=charts.eve.id)
    assert answer.location == f"/review?kept={charts.waiting}"
    now = facts(home, charts.waiting)
    assert (now.type, now.patient_id) == ("progress_note", None)
    assert now.document.status is DocumentStatus.REVIEW
    assert "stays in review" in clerk.get(answer.location).text


def test_what_filing_said_holds_on_for_what_is_still_open(home, charts, clerk):
    unread, nobody = "Page 2 could not be read", "Patient: No name was found on the pages"
    number = in_review(home, f"{unread}. {nobody}. Type: Nothing fits")
    decide(clerk, number, "keep", type="", service_date="")
    assert facts(home, number).document.reason == f"{unread}. {nobody}. Type: Nothing fits"
    decide(clerk, number, "keep", type="letter", service_date="")
    assert facts(home, number).document.reason == f"{unread}. {nobody}"
    decide(clerk, number, patient=charts.eve.id)
    decide(clerk, number, "keep")
    assert facts(home, number).document.reason == nobody


def test_what_filing_had_decided_is_only_said_to_be_open(home, charts, clerk):
    decide(clerk, charts.lab, "keep", type="lab_report")
    assert facts(home, charts.lab).document.reason == "The patient must still be decided."
    decide(clerk, charts.lab, "keep", type="")
    said = facts(home, charts.lab).document.reason
    assert said == "The type and the patient must still be decided."
    decide(clerk, charts.lab, "keep", type="letter")
    assert facts(home, charts.lab).document.reason == "The patient must still be decided."


def in_review(home, reason):
    """A document of which filing left all open, as filing words it."""
    said = dict(part.split(": ") for part in reason.split(". ") if ": " in part)
    open_ones = filing(1, None, None, None, reason=reason)
    open_ones = replace(
        open_ones,
        type=decided(Field.TYPE, None, said["Type"]),
        patient=decided(Field.PATIENT, None, said["Patient"]),
    )
    return home.file(home.take_in("open.tif", [drawn(1, "x")]), open_ones)


def test_a_filed_document_can_be_taken_out_of_its_chart(home, charts, clerk):
    decide(clerk, charts.lab, "keep", type="lab_report", patient=charts.ada.id)
    assert facts(home, charts.lab).document.status is DocumentStatus.REVIEW
    assert {item.patient_id for item in home.log(event=Event.DECISION)} == {None, charts.ada.id}


def test_a_look_up_adds_patients_and_keeps_the_form(home, charts, clerk):
    answer = decide(clerk, charts.waiting, "look_up", type="progress_note", looked_for="testerman")
    assert answer.status_code == 200
    assert "1 patient found" in answer.text
    assert "Testerman-Lopez, José" in answer.text
    assert '<option value="progress_note" selected>' in answer.text
    assert 'value="2024-05-06"' in answer.text
    (entry,) = home.log(event=Event.PATIENT_SEARCH)
    assert entry.detail == {"query": "testerman", "patients": [charts.jose.id]}
    assert Event.DOCUMENT_VIEW in {item.event for item in home.log(patient_id=charts.jose.id)}
    filed = decide(clerk, charts.waiting, patient=charts.jose.id)
    assert filed.status_code == 303


def test_a_look_up_that_finds_nobody_says_how_else_to_try(charts, clerk):
    answer = decide(clerk, charts.waiting, "look_up", looked_for="nobody here")
    assert "Nobody found. Try the MRN" in answer.text


def test_a_look_up_shows_who_is_written_alike_as_such(home, charts, clerk):
    answer = decide(clerk, charts.waiting, "look_up", looked_for="Testermann-Lopez, José")
    assert "Nobody is written so; 1 patient written alike" in answer.text
    assert "Testerman-Lopez, José" in answer.text
    (entry,) = home.log(event=Event.PATIENT_SEARCH)
    assert entry.detail["patients"] == [charts.jose.id]


def test_an_empty_look_up_looks_nobody_up(home, charts, clerk):
    answer = decide(clerk, charts.waiting, "look_up", looked_for=" ", type="progress_note")
    assert answer.status_code == 200
    assert "Nobody found" not in answer.text
    assert '<option value="progress_note" selected>' in answer.text
    assert home.log(event=Event.PATIENT_SEARCH) == []


def test_the_button_that_enter_presses_decides_nothing_and_looks_up_only_what_is_new(
    home, charts, clerk
):
    page = clerk.get(f"/review/{charts.waiting}").text
    form = page[page.index('class="decide') :]
    assert re.search(r'<button[^>]* value="([a-z_]+)"', form)[1] == "enter"
    fields = {"type": "progress_note", "patient": charts.ada.id, "looked_for": "testerman"}
    found = decide(clerk, charts.waiting, "enter", **fields)
    assert "1 patient found" in found.text
    assert hidden(found.text, "looked_before") == "testerman"
    again = decide(clerk, charts.waiting, "enter", **fields, looked_before="testerman")
    assert again.status_code == 200
    assert f'value="{charts.ada.id}" checked' in again.text
    assert len(home.log(event=Event.PATIENT_SEARCH)) == 1
    assert facts(home, charts.waiting).version == 1


def test_skipping_goes_round_and_ends(home, charts, clerk):
    scan = home.take_in("more.tif", [drawn(1, "more")])
    second = home.file(scan, filing(1, None, None, None))
    assert clerk.get(f"/review/next?after={charts.waiting}").location == f"/review/{second}"
    assert clerk.get(f"/review/next?after={second}").location == f"/review/{charts.waiting}"
    decide(clerk, second, patient=charts.eve.id)
    assert clerk.get(f"/review/next?after={charts.waiting}").location == "/review"


def test_the_queue_comes_page_by_page(home, charts, clerk):
    sheets = [drawn(number, "x") for number in range(1, 61)]
    scan = home.take_in("many.tif", sheets)
    for number in range(1, 61):
        home.file(scan, filing(number, None, None, None, first=number))
    first = clerk.get("/review").text
    more = re.search(r'href="(/review\?after=\d+)"', first)[1]
    assert "61 documents waiting" in first
    assert clerk.get(more).text.count('<th scope="row">') == 11


def test_the_chain_holds_after_decisions(home, charts, clerk):
    decide(clerk, charts.waiting, patient=charts.eve.id)
    decide(clerk, charts.waiting, patient=charts.jose.id)
    with home.parts.ledger.read() as connection:
        assert access_log.verify(connection) == []

"""Nothing is seen unrecorded: what each page writes, and what happens when it cannot."""

import re
from dataclasses import replace

import pytest

from chartkeeper.records import documents, patients
from chartkeeper.records.access_log import Event
from chartkeeper.records.documents import Verdict
from chartkeeper.records.model import Candidate, Field
from chartkeeper.webui.accounting import SHOWS_NOTHING

from .conftest import decided, filing, hidden
from .paper import drawn
from .routes import addresses

CANARIES = ("Samplewood", "0012345", "Testerman", "0067890", "Specimen", "Potassium")


def test_every_page_that_shows_something_writes_an_entry(app, home, charts, administrator):
    name = administrator.post("/search", {"text": "potassium"}).location.rsplit("/", 1)[1]
    for endpoint, method, address in addresses(app, charts, name):
        if endpoint == "login.log_out":
            continue
        before = len(home.log())
        answer = administrator.client.open(address, method=method)
        answer.close()
        if answer.status_code == 200 and endpoint not in SHOWS_NOTHING:
            assert len(home.log()) > before, address


@pytest.mark.parametrize(
    ("address", "event"),
    [
        ("/documents/{lab}", Event.DOCUMENT_VIEW),
        ("/documents/{lab}/pages/2/image", Event.PAGE_VIEW),
        ("/documents/{lab}/original", Event.DOWNLOAD),
        ("/patients/{ada.id}", Event.CHART_VIEW),
    ],
)
def test_a_look_names_who_saw_whom(home, charts, staff, address, event):
    with staff.get(address.format(**vars(charts))) as answer:
        assert answer.status_code == 200
    (seen,) = home.log(event=event)
    assert (seen.actor, seen.address) == ("staff", "127.0.0.1")
    assert (seen.patient_id, seen.mrn) == (charts.ada.id, "0012345")
    assert seen.document_id == (None if event is Event.CHART_VIEW else charts.lab)
    assert seen.page == (2 if event is Event.PAGE_VIEW else None)


def test_the_address_is_that_of_the_connection_not_what_a_header_claims(home, charts, staff):
    staff.get(f"/documents/{charts.lab}", headers={"X-Forwarded-For": "203.0.113.9"})
    assert home.log(event=Event.DOCUMENT_VIEW)[0].address == "127.0.0.1"


def test_a_search_names_query_total_and_all_that_was_shown(home, charts, staff):
    staff.search("potassium")
    whole, *people = home.log(event=Event.SEARCH)
    assert whole.detail["query"] == "potassium"
    assert whole.detail["total"] == 3
    assert whole.detail["documents"] == [charts.lab, charts.note]
    assert whole.detail["patients"] == sorted([charts.ada.id, charts.jose.id])
    assert {item.patient_id for item in people} == {charts.ada.id, charts.jose.id}


def test_asked_who_saw_a_patient_the_log_knows_of_lists_too(home, charts, clerk):
    clerk.search("potassium")
    clerk.get(clerk.post("/patients", {"patient": "sample"}).location)
    clerk.get(f"/review/{charts.waiting}")
    events = [item.event for item in home.log(patient_id=charts.ada.id)]
    assert events == [Event.SEARCH, Event.PATIENT_SEARCH, Event.DOCUMENT_VIEW]


def of_whom(home, event, **wanted):
    return [(item.document_id, item.patient_id) for item in home.log(event=event, **wanted)]


def two_named(home, charts):
    """A document in review whose reason names two patients, as filing words it."""
    because = "The pages fit two patients: Specimen, Eve and Samplewood, Ada"
    candidates = [Candidate(one.id, 3.0, "agrees") for one in (charts.eve, charts.ada, charts.jose)]
    doubtful = filing(1, "letter", None, None, candidates=candidates, reason=f"Patient: {because}")
    doubtful = replace(doubtful, patient=decided(Field.PATIENT, None, because))
    return home.file(home.take_in("two.tif", [drawn(1, "Dear colleague")]), doubtful)


def test_whom_a_reason_in_the_queue_names_has_been_seen(home, charts, clerk):
    number = two_named(home, charts)
    page = clerk.get("/review").text
    assert "Specimen, Eve and Samplewood, Ada" in page
    seen = of_whom(home, Event.LIST_VIEW)
    assert set(seen[1:]) == {
        (charts.waiting, None),
        (number, charts.ada.id),
        (number, charts.eve.id),
    }
    assert home.log(event=Event.LIST_VIEW)[0].detail["patients"] == [charts.ada.id, charts.eve.id]


@pytest.mark.parametrize("person", ["staff", "clerk"])
def test_whom_a_reason_beside_a_document_names_has_been_seen(home, charts, person, request):
    number = two_named(home, charts)
    page = request.getfixturevalue(person).get(f"/documents/{number}").text
    assert "Specimen, Eve and Samplewood, Ada" in page
    seen = of_whom(home, Event.DOCUMENT_VIEW)
    assert set(seen) == {(number, None), (number, charts.ada.id), (number, charts.eve.id)}


def test_a_name_that_was_put_right_since_is_recognised(home, charts, staff):
    number = two_named(home, charts)
    with home.parts.ledger.write() as connection:
        patients.save(connection, replace(charts.eve, last="Married"))
    staff.get(f"/documents/{number}")
    assert (number, charts.eve.id) in of_whom(home, Event.DOCUMENT_VIEW)


def test_who_read_a_document_before_it_was_filed_has_seen_the_patient(
    home, charts, staff, clerk, administrator, now
):
    staff.get(f"/documents/{charts.waiting}")
    clerk.get("/review")
    with home.parts.ledger.write() as connection:
        verdict = Verdict("letter", charts.eve.id, None)
        documents.decide(connection, charts.waiting, 1, verdict, "clerk", now)
    seen = home.log(patient_id=charts.eve.id)
    assert [(item.actor, item.event) for item in seen] == [
        ("staff", Event.DOCUMENT_VIEW),
        ("clerk", Event.LIST_VIEW),
    ]
    answer = administrator.post("/log", {"mrn": charts.eve.mrn})
    rows = administrator.get(answer.location).text.split("<tbody>")[1]
    assert ">staff<" in rows
    assert "document:view</td>" in rows


def test_who_read_a_document_before_it_was_cut_has_seen_the_patient_of_the_part(
    home, charts, staff, clerk, now
):
    sheets = [drawn(1, "one"), drawn(2, "two")]
    whole = home.file(home.take_in("whole.tif", sheets), filing(2, "letter", charts.ada, None))
    staff.get(f"/documents/{whole}")
    page = clerk.get(f"/review/{whole}").text
    sent = {"version": hidden(page, "version"), "before": 2}
    assert clerk.post(f"/review/{whole}/split", sent).status_code == 303
    staff.get(f"/documents/{whole}/pages/1/image")
    with home.parts.ledger.write() as connection:
        verdict = Verdict("letter", charts.eve.id, None)
        documents.decide(connection, whole + 1, 1, verdict, "clerk", now)
    seen = [item.event for item in home.log(patient_id=charts.eve.id, actor="staff")]
    assert seen == [Event.DOCUMENT_VIEW]


def test_the_log_names_only_the_patient_who_was_asked_for(home, charts, staff, administrator):
    staff.get(f"/patients/{charts.ada.id}")
    staff.get(f"/patients/{charts.jose.id}")
    page = administrator.get("/log").text
    for canary in CANARIES:
        assert canary not in page
    page = administrator.get(re.search(rf'href="(/log\?patient={charts.ada.id})"', page)[1]).text
    assert "Samplewood, Ada" in page
    assert home.log(event=Event.LOG_VIEW)[-1].patient_id == charts.ada.id


@pytest.mark.parametrize(
    "break_it",
    [
        "DROP TABLE access_log",
        "CREATE TRIGGER full BEFORE INSERT ON access_log BEGIN SELECT RAISE(ABORT, 'disk'); END",
    ],
)
def test_without_a_log_nothing_is_shown(app, home, charts, administrator, break_it, caplog):
    name = administrator.post("/search", {"text": "potassium"}).location.rsplit("/", 1)[1]
    routes = list(addresses(app, charts, name))
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql(break_it)
    refused = 0
    for endpoint, method, address in routes:
        if endpoint == "static" or method != "GET":
            continue
        answer = administrator.client.get(address)
        if endpoint not in SHOWS_NOTHING and answer.status_code < 400:
            assert answer.status_code in {302, 303}, address
        refused += answer.status_code == 503
        for canary in CANARIES:
            assert canary not in answer.text, address
    assert refused >= 10
    for canary in CANARIES:
        assert canary not in caplog.text


def test_without_a_log_nobody_logs_in_and_nothing_is_decided(home, charts, clerk, nobody):
    page = clerk.get(f"/review/{charts.waiting}").text
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql("DROP TABLE access_log")
    assert nobody.log_in("staff").status_code == 503
    fields = {"version": hidden(page, "version"), "type": "letter", "action": "file"}
    fields |= {"patient": charts.eve.id, "service_date": "2024-05-05"}
    assert clerk.post(f"/review/{charts.waiting}", fields).status_code == 503
    with home.parts.ledger.read() as connection:
        assert documents.facts(connection, charts.waiting).patient_id is None


def test_an_answer_that_forgot_to_account_is_held_back(app, charts, staff):
    app.view_functions["charts.chart"] = lambda **_: "Samplewood, Ada"
    answer = staff.get(f"/patients/{charts.ada.id}")
    assert answer.status_code == 503
    assert "Samplewood" not in answer.text


def test_a_fault_is_logged_by_place_never_by_content(home, charts, staff, caplog):
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql("DROP TABLE patient_names")
        connection.exec_driver_sql("ALTER TABLE pages RENAME COLUMN number TO nummer")
    location = staff.post("/patients", {"patient": "Samplewood"}).location
    for address in (location, f"/documents/{charts.lab}"):
        answer = staff.get(address)
        assert answer.status_code == 500
        assert "nothing was shown or changed" in answer.text
    assert "charts.py" in caplog.text
    for canary in CANARIES:
        assert canary.lower() not in caplog.text.lower()

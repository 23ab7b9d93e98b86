"""Paper that belongs to no chart: how it leaves the queue, where it is then, and the way back."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chartkeeper.records import aside, documents, separation, type_models, verify, work
from chartkeeper.records.access_log import Event
from chartkeeper.records.documents import Verdict
from chartkeeper.records.errors import DocumentSetAside
from chartkeeper.records.model import Candidate, DocumentStatus

from .conftest import filing, hidden
from .paper import drawn


def facts(home, document_id):
    with home.parts.ledger.read() as connection:
        return documents.facts(connection, document_id)


def problems(home):
    with home.parts.ledger.read() as connection:
        return verify.verify_counts(connection)


def send(browser, document_id, reason=None, note="", action="aside"):
    version = hidden(browser.get(f"/review/{document_id}").text, "version")
    fields = {"version": version, "note": note, "action": action}
    return browser.post(
        f"/review/{document_id}/aside", {**fields, **({"reason": reason} if reason else {})}
    )


def bring_back(browser, document_id):
    version = hidden(browser.get(f"/documents/{document_id}").text, "version")
    return browser.post(f"/aside/{document_id}/back", {"version": version})


@pytest.fixture
def thought(home, charts):
    """A document that filing took for Ada's, of which the type is open."""
    scan = home.take_in("menu.tif", [drawn(1, "Today: pumpkin soup, Samplewood")])
    number = home.file(scan, filing(1, None, charts.ada, "2024-05-06"))
    home.index()
    return number


def test_a_document_leaves_the_queue_and_brings_the_next(home, charts, thought, clerk):
    answer = send(clerk, charts.waiting, "not_a_chart", "an advert")
    assert answer.location == f"/review/{thought}?aside={charts.waiting}"
    page = clerk.get(answer.location).text
    assert f"Document {charts.waiting} was set aside: Not a chart document." in page
    assert f'action="/aside/{charts.waiting}/back"' in page
    queue = clerk.get("/review").text
    assert "1 document waiting" in queue
    assert f'href="/review/{charts.waiting}"' not in queue
    assert "Set aside: 1" in queue
    assert facts(home, charts.waiting).document.status is DocumentStatus.ASIDE
    assert problems(home) == []


def test_it_is_a_decision_with_who_when_and_why(home, charts, thought, clerk):
    send(clerk, thought, "misdirected", "for  the practice\nnext door")
    with home.parts.ledger.read() as connection:
        decided = documents.history(connection, thought)[-1]
    assert decided.decided_by == "clerk"
    assert decided.decision.because == "Sent to us by mistake: for the practice next door"
    (entry,) = home.log(event=Event.DECISION)
    assert (entry.actor, entry.document_id, entry.patient_id) == ("clerk", thought, charts.ada.id)
    assert entry.detail == {"set_aside": "misdirected", "note": "for the practice next door"}
    history = clerk.get(f"/documents/{thought}").text.partition("History")[2]
    assert re.search(r"Set aside:\s*<strong>Sent to us by mistake</strong>", history)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"action": "aside"}, "Choose why the document belongs to no chart."),
        ({"action": "aside", "reason": "nonsense"}, "Choose why the document belongs to no chart."),
        ({"action": "aside", "reason": "other"}, "Write the reason into the note."),
    ],
)
def test_without_a_reason_nothing_is_set_aside(home, charts, clerk, fields, said):
    answer = send(clerk, charts.waiting, **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert re.search(r'<details class="card apart aside" open>', answer.text)
    assert facts(home, charts.waiting).document.status is DocumentStatus.REVIEW


def test_enter_in_a_field_sets_nothing_aside(home, charts, clerk):
    """Without scripts a browser sends the first button of the form."""
    page = clerk.get(f"/review/{charts.waiting}").text
    form = page[page.index('action="/review/3/aside"') :]
    assert re.search(r'<button[^>]*value="(\w+)"', form)[1] == "enter"
    answer = send(clerk, charts.waiting, "empty_form", "left <blank>", action="enter")
    assert answer.status_code == 200
    assert 'value="empty_form" required checked' in answer.text
    assert 'value="left &lt;blank&gt;"' in answer.text
    assert facts(home, charts.waiting).document.status is DocumentStatus.REVIEW
    assert home.log(event=Event.DECISION) == []


def test_another_reason_needs_a_note_and_takes_one(charts, thought, clerk):
    assert send(clerk, thought, "other", "a census list").status_code == 303
    assert "Another reason: a census list" in clerk.get("/aside").text


def test_no_search_finds_it_not_even_before_the_index_was_told(home, charts, thought, clerk):
    assert f"/documents/{thought}" in clerk.search("pumpkin").text
    assert f"/documents/{thought}" in clerk.search("pumpkin", patient="0012345").text
    send(clerk, thought, "not_a_chart")
    for _ in range(2):
        assert f"/documents/{thought}" not in clerk.search("pumpkin").text
        assert f"/documents/{thought}" not in clerk.search("mrn:12345").text
        home.index()
    bring_back(clerk, thought)
    home.index()
    assert f"/documents/{thought}" in clerk.search("pumpkin").text


def test_it_is_no_patients(home, charts, thought, clerk, staff):
    assert f"/review/{thought}" in clerk.get(f"/patients/{charts.ada.id}").text
    send(clerk, thought, "not_a_chart", "the menu")
    assert f"/review/{thought}" not in clerk.get(f"/patients/{charts.ada.id}").text
    page = staff.get(f"/documents/{thought}").text
    assert "In no chart" in page
    assert "Samplewood, Ada" not in page
    assert "Not a chart document: the menu" in page
    assert "Bring back" not in page


def test_looks_at_it_are_recorded_as_of_nobody(home, charts, thought, clerk, staff):
    send(clerk, thought, "not_a_chart")
    staff.get(f"/documents/{thought}")
    staff.get(f"/documents/{thought}/pages/1/image")
    staff.get(f"/documents/{thought}/original").close()
    looked = [one for one in home.log(document_id=thought) if one.actor == "staff"]
    events = [Event.DOCUMENT_VIEW, Event.PAGE_VIEW, Event.DOWNLOAD]
    assert [(one.event, one.patient_id) for one in looked] == [(one, None) for one in events]


def test_whom_the_reason_named_for_which_it_waited_is_not_seen_any_more(home, charts, clerk, staff):
    eve = Candidate(charts.eve.id, 3.0, "agrees")
    found = filing(1, None, None, None, candidates=[eve], reason="It may be Specimen, Eve")
    number = home.file(home.take_in("eve.tif", [drawn(1, "hello")]), found)
    send(clerk, number, "empty_form")
    assert "Specimen" not in staff.get(f"/documents/{number}").text
    looked = [one for one in home.log(document_id=number) if one.actor == "staff"]
    assert [one.patient_id for one in looked] == [None]


def test_a_clerk_who_sees_whose_it_was_thought_to_be_is_recorded_so(home, charts, thought, clerk):
    send(clerk, thought, "not_a_chart")
    before = len(home.log(event=Event.DOCUMENT_VIEW, patient_id=charts.ada.id))
    assert "Samplewood, Ada" in clerk.get(f"/documents/{thought}").text
    looked = home.log(event=Event.DOCUMENT_VIEW, patient_id=charts.ada.id)[before:]
    assert [one.detail for one in looked] == [{"shown": "earlier link"}]


def test_the_list_says_what_why_when_and_who_and_is_recorded(home, charts, thought, clerk):
    send(clerk, charts.waiting, "empty_form", "of Eve Specimen")
    send(clerk, thought, "not_a_chart")
    page = clerk.get("/aside").text
    assert "2 documents that belong to no chart, latest first" in page
    assert page.index("menu.tif") < page.index("letter.pdf")
    assert "Empty form: of Eve Specimen" in page
    assert "<td>clerk</td>" in page
    seen = home.log(event=Event.LIST_VIEW, document_id=charts.waiting)[-1]
    assert seen.patient_id == charts.eve.id, "whom the note names is seen"
    assert home.log(event=Event.LIST_VIEW)[-3].detail == {
        "list": "set aside",
        "documents": [charts.waiting, thought],
        "patients": [charts.eve.id],
    }


def test_a_long_list_has_parts(home, charts, thought, clerk, monkeypatch):
    monkeypatch.setattr("chartkeeper.webui.aside.LINES_A_PAGE", 1)
    send(clerk, charts.waiting, "empty_form")
    send(clerk, thought, "not_a_chart")
    page = clerk.get("/aside").text
    assert "letter.pdf" not in page
    older = re.search(r'rel="next" href="([^"]+)"', page)[1]
    page = clerk.get(older).text
    assert "letter.pdf" in page
    assert "menu.tif" not in page


def test_it_can_be_brought_back_as_it_was(home, charts, clerk):
    before = facts(home, charts.waiting)
    send(clerk, charts.waiting, "empty_form")
    answer = bring_back(clerk, charts.waiting)
    assert answer.location == f"/review/{charts.waiting}?back={charts.waiting}"
    page = clerk.get(answer.location).text
    assert f"Document {charts.waiting} is back in review, as it was before." in page
    assert "No patient agrees in two identifiers." in page
    now = facts(home, charts.waiting)
    assert replace(now, version=before.version) == before
    assert "Nothing is set aside" in clerk.get("/aside").text
    assert home.log(event=Event.DECISION)[-1].detail == {"brought_back": "to review"}
    assert problems(home) == []


def test_what_was_brought_back_can_be_filed(home, charts, clerk):
    send(clerk, charts.waiting, "empty_form")
    bring_back(clerk, charts.waiting)
    version = hidden(clerk.get(f"/review/{charts.waiting}").text, "version")
    fields = {"type": "letter", "patient": charts.eve.id, "service_date": ""}
    clerk.post(f"/review/{charts.waiting}", {"version": version, "action": "file", **fields})
    assert facts(home, charts.waiting).document.status is DocumentStatus.FILED
    assert problems(home) == []


def test_only_what_waits_is_set_aside_and_only_what_was_set_aside_comes_back(home, charts, clerk):
    filed = clerk.post(
        f"/review/{charts.lab}/aside",
        {"version": 1, "reason": "other", "note": "x", "action": "aside"},
    )
    assert filed.status_code == 409
    assert "Send it back to review first." in filed.text
    assert "Belongs to no chart" not in clerk.get(f"/review/{charts.lab}").text
    waits = clerk.post(f"/aside/{charts.waiting}/back", {"version": 1})
    assert waits.status_code == 409
    assert "nothing to bring back" in waits.text


def test_two_clerks_do_not_decide_against_each_other(home, charts, clerk, administrator):
    page = clerk.get(f"/review/{charts.waiting}").text
    send(administrator, charts.waiting, "not_a_chart")
    fields = {"version": hidden(page, "version"), "type": "letter", "patient": charts.eve.id}
    late = clerk.post(f"/review/{charts.waiting}", {**fields, "service_date": "", "action": "file"})
    assert late.status_code == 409
    assert clerk.get(f"/review/{charts.waiting}").location == f"/documents/{charts.waiting}"
    again = clerk.post(
        f"/review/{charts.waiting}/aside", {"version": 1, "reason": "empty_form", "action": "aside"}
    )
    assert again.status_code == 409


def test_nothing_else_is_done_with_it_meanwhile(home, charts, clerk):
    scan = home.take_in("two.tif", [drawn(1, "one"), drawn(2, "two")])
    first = home.file(scan, filing(1, None, None, None))
    second = home.file(scan, filing(2, None, None, None, first=2))
    assert f"Join with document {second}" in clerk.get(f"/review/{first}").text
    send(clerk, second, "empty_form")
    assert f"Join with document {second}" not in clerk.get(f"/review/{first}").text
    at = datetime.now(UTC)
    with home.parts.ledger.write() as connection:
        with pytest.raises(DocumentSetAside):
            separation.join(connection, first, 1, second, "clerk", at)
        with pytest.raises(DocumentSetAside):
            separation.split(connection, second, 2, 2, "clerk", at)
        with pytest.raises(DocumentSetAside):
            documents.decide(connection, second, 2, Verdict(None, None, None), "clerk", at)
        separation.file_scan_anew(connection, scan, "the list says something new")
    assert facts(home, second).document.status is DocumentStatus.ASIDE
    assert facts(home, first).to_file


def test_what_was_being_filed_anew_is_filed_when_it_is_back(home, charts, clerk):
    scan = home.take_in("two.tif", [drawn(1, "one"), drawn(2, "two")])
    number = home.file(scan, filing(2, None, None, None))
    version = hidden(clerk.get(f"/review/{number}").text, "version")
    clerk.post(f"/review/{number}/split", {"version": version, "at": 2})
    send(clerk, number + 1, "empty_form")
    with home.parts.ledger.read() as connection:
        assert [one.document.id for one in documents.waiting_to_be_filed(connection, 9)] == [number]
        assert work.progress(connection).to_file_anew == 1
    bring_back(clerk, number + 1)
    with home.parts.ledger.read() as connection:
        assert work.progress(connection).to_file_anew == 2


def test_no_type_is_learned_from_it(home, charts, clerk):
    version = hidden(clerk.get(f"/review/{charts.waiting}").text, "version")
    fields = {"version": version, "type": "letter", "service_date": "", "action": "keep"}
    clerk.post(f"/review/{charts.waiting}", fields)
    with home.parts.ledger.read() as connection:
        assert [one.type for one in type_models.judged(connection, 9)] == ["letter"]
    send(clerk, charts.waiting, "not_a_chart")
    with home.parts.ledger.read() as connection:
        assert type_models.judged(connection, 9) == []


def test_every_page_is_counted_once(home, charts, thought, clerk):
    send(clerk, thought, "not_a_chart")
    page = " ".join(re.sub(r"<[^>]+>", " ", clerk.get("/intake").text).split())
    assert "Documents filed 2" in page
    assert "Documents in review 1" in page
    assert "Documents set aside 1" in page
    assert "1 document set aside" in page


def test_staff_may_neither_set_aside_nor_bring_back(home, charts, thought, staff, clerk):
    fields = {"version": 1, "reason": "empty_form", "action": "aside"}
    assert staff.post(f"/review/{thought}/aside", fields).status_code == 403
    send(clerk, thought, "empty_form")
    assert staff.post(f"/aside/{thought}/back", {"version": 2}).status_code == 403
    assert staff.get("/aside").status_code == 403
    assert facts(home, thought).document.status is DocumentStatus.ASIDE


def test_whoever_sets_aside_behind_the_programs_back_is_found_out(home, charts):
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql("UPDATE documents SET status = 'aside' WHERE id = 3")
    assert problems(home) == ["decisions: another status than was decided last has document 3"]
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql("UPDATE documents SET status = 'review' WHERE id = 3")
        aside.set_aside(
            connection, 3, 1, aside.Grounds(aside.Reason.EMPTY_FORM), "ann", datetime.now(UTC)
        )
        connection.exec_driver_sql("UPDATE documents SET status = 'review' WHERE id = 3")
    assert problems(home) == ["decisions: another status than was decided last has document 3"]

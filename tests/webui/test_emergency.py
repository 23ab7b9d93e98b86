"""Emergency access: asked for, recorded before anything is shown, ended, looked at by others."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from chartkeeper.records import access_log, accounts, emergency, marking
from chartkeeper.records.access import ChartReason, DocumentReason
from chartkeeper.records.access_log import Event, Wanted
from chartkeeper.records.fhir import audit_event
from chartkeeper.records.model import Role
from chartkeeper.webui import clock

from .conftest import PASSWORD, Browser, filing
from .paper import drawn

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REASON = {"reason": "treatment", "note": "not responding", "password": PASSWORD}


@pytest.fixture
def marked(home, charts):
    """Ada's laboratory report is restricted, and all of Eve's chart, with a note in it."""
    scan = home.take_in("eve.png", [drawn(1, "wombat")], "png")
    number = home.file(scan, filing(1, "progress_note", charts.eve, "2013-02-17"))
    with home.parts.ledger.write() as connection:
        marking.mark_document(connection, charts.lab, DocumentReason.HIV, "somebody", NOW)
        marking.mark_chart(connection, charts.eve.id, ChartReason.VIP, "somebody", NOW)
        accounts.add_user(connection, "other", Role.ADMINISTRATOR, PASSWORD)
    return number


def count(home):
    with home.parts.ledger.read() as connection:
        return emergency.count_open(connection)


def test_from_the_refused_page_to_the_document_and_back_to_refused(home, charts, marked, staff):
    address = f"/documents/{charts.lab}"
    assert f'href="{address}/emergency"' in staff.get(address).text
    form = staff.get(f"{address}/emergency").text
    assert "Samplewood" not in form
    assert "60 minutes" in form
    assert staff.post(f"{address}/emergency", REASON).location == address
    shown = staff.get(address)
    assert shown.status_code == 200
    assert "Potassium" in shown.text
    with staff.get(f"{address}/pages/1/image") as picture:
        assert picture.status_code == 200
    assert staff.get(f"/documents/{marked}").status_code == 403
    number = home.log(event=Event.EMERGENCY_BEGUN)[0].detail["emergency"]
    assert staff.post(f"/emergency/{number}/end").location == "/"
    assert staff.get(address).status_code == 403
    assert "Emergency access</strong>" not in staff.get("/").text


def test_a_whole_chart_is_opened_by_the_name_of_its_patient(home, charts, marked, staff):
    address = f"/patients/{charts.eve.id}"
    assert f'href="{address}/emergency"' in staff.get(address).text
    assert "Specimen, Eve" in staff.get(f"{address}/emergency").text
    assert staff.post(f"{address}/emergency", REASON).location == address
    assert "2013-02-17" in staff.get(address).text
    assert staff.get(f"/documents/{marked}").status_code == 200


@pytest.mark.parametrize("page", ["/", "/patients", "/documents/2", "/password", "/patients/1"])
def test_every_page_says_that_it_lasts_and_has_a_button_that_ends_it(charts, marked, staff, page):
    assert "Emergency access</strong>" not in staff.get(page).text
    staff.post(f"/patients/{charts.ada.id}/emergency", REASON)
    text = staff.get(page).text
    assert "Emergency access</strong>" in text
    assert 'action="/emergency/1/end"' in text


def test_all_that_is_opened_under_it_is_recorded_so_and_nothing_else(home, charts, marked, staff):
    staff.get(f"/documents/{charts.note}")
    staff.post(f"/patients/{charts.ada.id}/emergency", REASON)
    began = len(home.log())
    staff.get(f"/patients/{charts.ada.id}")
    staff.get(f"/documents/{charts.lab}")
    staff.get(f"/documents/{charts.lab}/pages/1/image").close()
    staff.get(f"/documents/{charts.lab}/original").close()
    staff.post(f"/documents/{charts.lab}/printed", {"page": "1"})
    of_ada = home.log()[began:]
    assert {one.event for one in of_ada} == {
        Event.CHART_VIEW, Event.DOCUMENT_VIEW, Event.PAGE_VIEW, Event.DOWNLOAD, Event.PRINT,
    }  # fmt: skip
    assert {one.detail.get("emergency") for one in of_ada} == {1}
    staff.get(f"/documents/{charts.note}")
    assert "emergency" not in home.log()[-1].detail
    (begun,) = home.log(event=Event.EMERGENCY_BEGUN)
    assert (begun.actor, begun.patient_id, begun.mrn) == ("staff", charts.ada.id, "0012345")
    assert {**begun.detail, "until": ""} == {
        "emergency": 1, "reason": "treatment", "note": "not responding", "until": "",
    }  # fmt: skip


def test_it_ends_by_itself(home, charts, marked, staff, monkeypatch):
    staff.post(f"/patients/{charts.ada.id}/emergency", REASON)
    begun = datetime.now(UTC)
    for minutes, status in ((1, 200), (14, 200), (28, 200), (42, 200), (56, 200), (61, 403)):
        later = begun + timedelta(minutes=minutes)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
        assert staff.get(f"/documents/{charts.lab}").status_code == status, minutes


def test_it_is_nobody_elses(home, charts, marked, staff, clerk):
    staff.post(f"/patients/{charts.ada.id}/emergency", REASON)
    assert clerk.get(f"/documents/{charts.lab}").status_code == 403
    clerk.post("/emergency/1/end")
    assert staff.get(f"/documents/{charts.lab}").status_code == 200
    assert home.log(event=Event.EMERGENCY_ENDED) == []


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ({"reason": ""}, "Choose a reason"),
        ({"reason": "curiosity"}, "Choose a reason"),
        ({"note": "  "}, "Write in a few words"),
        ({"note": "x" * 301}, "Write in a few words"),
    ],
)
def test_without_a_reason_and_words_nothing_is_opened(home, charts, marked, staff, lacking, said):
    answer = staff.post(f"/patients/{charts.ada.id}/emergency", {**REASON, **lacking})
    assert answer.status_code == 400
    assert said in answer.text
    assert count(home) == 0


def test_a_wrong_password_counts_like_a_failed_log_in(home, charts, marked, staff):
    address = f"/patients/{charts.ada.id}/emergency"
    for _ in range(5):
        answer = staff.post(address, {**REASON, "password": "guessed"})
        assert answer.status_code == 401
        assert "The password is not right" in answer.text
        assert "not responding" in answer.text
    assert staff.post(address, REASON).status_code == 401
    assert count(home) == 0
    assert staff.get(f"/documents/{charts.lab}").status_code == 403
    failed = home.log(event=Event.LOGIN_FAILED)
    assert [one.actor for one in failed] == ["staff"] * 6
    with home.parts.ledger.read() as connection:
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        assert access_log.failed_log_ins(connection, long_ago, 6) == {"127.0.0.1": 6}


def test_where_the_log_cannot_be_written_no_emergency_is_given(home, charts, marked, staff):
    full = "CREATE TRIGGER full BEFORE INSERT ON access_log BEGIN SELECT RAISE(ABORT, 'disk'); END"
    csrf = staff.csrf()
    with closing(sqlite3.connect(home.folder / "ledger.db")) as raw:
        raw.execute(full)
        raw.commit()
    address = f"/documents/{charts.lab}"
    assert staff.post(f"{address}/emergency", REASON, csrf=csrf).status_code == 503
    assert count(home) == 0
    for where in (address, f"{address}/emergency", f"/patients/{charts.eve.id}"):
        refused = staff.get(where)
        assert (refused.status_code, refused.mimetype) == (503, "text/plain"), where
        assert "Emergency" not in refused.text
    with closing(sqlite3.connect(home.folder / "ledger.db")) as raw:
        raw.execute("DROP TRIGGER full")
        raw.commit()
    assert staff.get(address).status_code == 403


def test_under_an_emergency_the_look_is_recorded_before_it_is_shown(home, charts, marked, staff):
    staff.post(f"/patients/{charts.ada.id}/emergency", REASON)
    full = "CREATE TRIGGER full BEFORE INSERT ON access_log BEGIN SELECT RAISE(ABORT, 'disk'); END"
    with closing(sqlite3.connect(home.folder / "ledger.db")) as raw:
        raw.execute(full)
        raw.commit()
    for where in ("", "/pages/1/image", "/original"):
        answer = staff.get(f"/documents/{charts.lab}{where}")
        assert (answer.status_code, answer.mimetype) == (503, "text/plain"), where
        assert "Potassium" not in answer.text


def test_nobody_is_asked_where_nothing_is_kept_from_them(home, charts, marked, staff):
    jose = f"/patients/{charts.jose.id}"
    assert staff.get(f"{jose}/emergency").location == jose
    with home.parts.ledger.write() as connection:
        accounts.change_right(connection, "staff", restricted=True)
    for where in (f"/patients/{charts.eve.id}", f"/documents/{charts.lab}"):
        assert staff.get(f"{where}/emergency").location == where


def test_what_is_in_no_chart_has_no_emergency(home, charts, marked, staff):
    answer = staff.get(f"/documents/{charts.waiting}/emergency")
    assert answer.status_code == 400
    assert "A records clerk can" in answer.text


def test_each_is_looked_at_by_somebody_else_with_what_was_found(
    app, home, charts, marked, administrator
):
    administrator.post(f"/documents/{charts.lab}/emergency", REASON)
    administrator.get(f"/documents/{charts.lab}")
    page = administrator.get("/emergencies").text
    assert "1 opening that nobody has looked at" in page
    assert "not responding" in page
    assert "Samplewood" not in page
    assert "You opened it" in page
    own = administrator.post("/emergencies/1/review", {"note": "fine"})
    assert own.status_code == 403
    assert "You opened this chart yourself" in own.text
    other = Browser(app)
    other.log_in("other")
    assert "looked at since: 1. See Emergencies" in other.get("/status").text
    # The beginning, the look at the document.
    assert "2 entries of patient" in other.get("/emergencies").text
    assert other.post("/emergencies/1/review", {"note": " "}).status_code == 400
    assert count(home) == 1
    assert other.post("/emergencies/1/review", {"note": "the ward confirms"}).status_code == 303
    page = other.get("/emergencies?done=1").text
    assert "Nothing is waiting" in page
    assert "the ward confirms" in page
    assert other.post("/emergencies/1/review", {"note": "twice"}).status_code == 409
    assert other.post("/emergencies/2/review", {"note": "none"}).status_code == 404
    assert "looked at since" not in other.get("/status").text
    (told,) = home.log(event=Event.EMERGENCY_REVIEWED)
    assert (told.actor, told.patient_id) == ("other", charts.ada.id)
    assert told.detail == {"reviewed": 1, "note": "the ward confirms"}


def test_the_fhir_export_tells_the_purpose_of_what_was_done_in_an_emergency(
    home, charts, marked, staff
):
    """As the example of a break-glass event in the specification does."""
    staff.post(f"/patients/{charts.ada.id}/emergency", REASON)
    staff.get(f"/documents/{charts.lab}")
    staff.post("/emergency/1/end")
    staff.get(f"/documents/{charts.note}")
    with home.parts.ledger.read() as connection:
        every = [audit_event(one) for one in access_log.export(connection, Wanted(actor="staff"))]
    told = {}
    for one in every:
        purposes = [
            code["code"] for what in one.get("purposeOfEvent", []) for code in what["coding"]
        ]
        told[one["subtype"][-1]["code"]] = (one["subtype"][0]["code"], purposes)
    assert told["emergency:begin"] == ("110127", ["ETREAT"])
    assert told["emergency:end"] == ("110138", ["ETREAT"])
    assert every[-2]["subtype"][0]["code"] == "110138"
    looked = [one for one in every if one["subtype"][-1]["code"] == "document:view"]
    assert ["purposeOfEvent" in one for one in looked] == [True, False]


def test_the_names_and_words_of_an_emergency_are_in_no_address(charts, marked, staff):
    answer = staff.post(f"/patients/{charts.ada.id}/emergency", REASON)
    assert answer.location == f"/patients/{charts.ada.id}"

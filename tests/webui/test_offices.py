"""Charts, intake, users and the access log: the pages behind the search."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from chartkeeper.records import accounts, arrivals, pages, patients, scans
from chartkeeper.records.access_log import Event
from chartkeeper.records.arrivals import Seen
from chartkeeper.records.failed import put_aside
from chartkeeper.records.model import ArrivalState, Lane, PageState, Role, ScanState

from .conftest import PASSWORD, Browser, filing, hidden, make_patient
from .paper import drawn

TODAY = datetime.now(UTC).astimezone().date()


def refuse(home, name):
    """A file that was refused on arrival and put aside."""
    (home.parts.inbox / "claimed").write_bytes(b"not a chart")
    with home.parts.ledger.write() as connection:
        seen = Seen("inbox", name, name[:8], Lane.DAILY, 11)
        arrival = arrivals.claim(connection, seen, datetime.now(UTC))
        arrivals.refuse(connection, arrival.id, "unsupported_format", "Neither PDF nor TIFF.")
    put_aside(home.parts.failed, home.parts.inbox / "claimed", arrival.id, name, "Neither.")
    return arrival.id


def test_a_chart_lists_what_is_filed_newest_first(charts, staff):
    page = staff.get(f"/patients/{charts.ada.id}").text
    assert 'born <b class="num">1961-03-07</b>' in page
    assert f'href="/documents/{charts.lab}"' in page
    assert f'href="/documents/{charts.note}"' not in page
    assert staff.get("/patients/999").status_code == 404


def test_a_chart_can_be_searched(charts, staff):
    page = staff.search("potassium", patient=charts.jose.mrn).text
    assert "1 page" in page
    assert f"/documents/{charts.note}" in page


TYPED = ["0012345", "12345", "1961-03-07", "sam ada", "3/7/1961", "Samplewood, Ada MRN 001-2345"]


def test_a_search_in_a_chart_stays_in_it_though_its_number_looks_like_a_day(home, charts, staff):
    with home.parts.ledger.write() as connection:
        for person in (
            make_patient("03-07-61", "Numbered", "Nell", "1950-01-01"),
            make_patient("0777", "Alsoborn", "Al", "1961-07-03"),
        ):
            patients.save(connection, person)
        nell, al = (patients.by_mrn(connection, mrn) for mrn in ("03-07-61", "0777"))
    for who in (nell, al):
        scan = home.take_in(f"{who.last}.tif", [drawn(1, "potassium", who.last)])
        home.file(scan, filing(1, "letter", who, None))
    home.index()
    page = staff.get(f"/patients/{nell.id}").text
    written = hidden(page, "patient")
    found = staff.search("potassium", patient=written).text
    assert "1 page<" in found
    assert "Numbered" in found


@pytest.mark.parametrize("typed", TYPED)
def test_a_patient_is_looked_up_without_a_trace_in_the_address(charts, staff, typed):
    answer = staff.post("/patients", {"patient": typed})
    assert re.fullmatch(r"/patients/found/[\w-]{22}", answer.location)
    page = staff.get(answer.location).text
    assert "1 patient" in page
    assert f'href="/patients/{charts.ada.id}"' in page


def test_nobody_found_is_said(staff, charts):
    page = staff.get(staff.post("/patients", {"patient": "zzz"}).location).text
    assert "Nobody found" in page
    assert staff.post("/patients", {"patient": " "}).location == "/patients"


def test_names_written_alike_are_shown_as_such_and_recorded(home, staff, charts):
    page = staff.get(staff.post("/patients", {"patient": "Samplwood"}).location).text
    assert "Nobody is written so" in page
    assert "1 patient whose name is written alike" in page
    assert f'href="/patients/{charts.ada.id}"' in page
    assert home.log(event=Event.PATIENT_SEARCH)[-1].patient_id == charts.ada.id


def test_intake_counts_and_tells_outcomes(home, charts, clerk):
    refuse(home, "notes.docx")
    page = clerk.get("/intake").text
    counts = dict(re.findall(r"<dt>([^<]+)</dt><dd class=\"num\">([\d,]+)</dd>", page))
    assert counts["Files accepted"] == "3"
    assert counts["Files refused"] == "1"
    assert counts["Documents in review"] == "1"
    assert counts["Pages not yet searchable"] == "0"
    assert "Neither PDF nor TIFF." in page
    assert "1 document filed" in page


def test_a_refused_file_goes_back_into_the_inbox_once(home, charts, clerk):
    number = refuse(home, "again.pdf")
    address = f"/intake/arrivals/{number}/retry"
    assert f'action="{address}"' in clerk.get("/intake").text
    assert clerk.post(address).location == "/intake?done=back"
    assert [path.name for path in home.parts.inbox.iterdir()] == [f"again {number:06d} again.pdf"]
    assert f'action="{address}"' not in clerk.get("/intake").text
    assert [item.detail for item in home.log(event=Event.INTAKE_RETRY)] == [{"arrival": number}]
    assert clerk.post(address).status_code == 400


def test_only_refused_files_are_put_back(home, charts, clerk):
    assert clerk.post("/intake/arrivals/1/retry").status_code == 400
    assert clerk.post("/intake/arrivals/999/retry").status_code == 400
    assert list(home.parts.inbox.iterdir()) == []


def test_a_failed_scan_is_read_once_more(home, charts, clerk):
    scan = home.take_in("bad.tif", [drawn(1, "x")])
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql("UPDATE pages SET state = 'reading'")
        pages.fail(connection, pages.facts_of_scan(connection, scan)[0].id, "Damaged.")
        scans.mark_failed(connection, scan, "No page could be read.")
    assert "No page could be read." in clerk.get("/intake").text
    assert clerk.post(f"/intake/scans/{scan}/retry").status_code == 303
    with home.parts.ledger.read() as connection:
        assert scans.get(connection, scan).state is ScanState.STORED
        assert pages.facts_of_scan(connection, scan)[0].state is PageState.WAITING
    assert clerk.post(f"/intake/scans/{scan}/retry").status_code == 400


def test_arrivals_come_page_by_page(home, charts, clerk):
    with home.parts.ledger.write() as connection:
        for number in range(60):
            seen = Seen("inbox", f"waiting-{number}.pdf", f"claim-{number}", Lane.DAILY, 1)
            arrivals.claim(connection, seen, datetime.now(UTC))
        assert arrivals.counts(connection)[ArrivalState.CLAIMED] == 60
    first = clerk.get("/intake").text
    older = re.search(r'href="(/intake\?before=\d+)"', first)[1]
    assert "waiting-59.pdf" in first
    assert "waiting-0.pdf" not in first
    assert "waiting-0.pdf" in clerk.get(older).text


def test_an_account_is_opened_used_reset_and_closed(app, home, administrator):
    fields = {"name": "newcomer", "role": "staff", "password": PASSWORD}
    assert administrator.post("/users", fields).location == "/users?done=added"
    newcomer = Browser(app)
    assert newcomer.log_in("newcomer").status_code == 303
    reset = {"name": "newcomer", "password": "another long password"}
    assert administrator.post("/users/reset", reset).status_code == 303
    assert newcomer.get("/").status_code == 302
    assert newcomer.log_in("newcomer", "another long password").status_code == 303
    assert administrator.post("/users/disable", {"name": "newcomer"}).status_code == 303
    assert newcomer.get("/").status_code == 302
    assert newcomer.log_in("newcomer", "another long password").status_code == 401
    changes = [item for item in home.log() if item.event.value.startswith("user:")]
    assert [(item.event, item.detail["user"]) for item in changes] == [
        (Event.USER_ADDED, "newcomer"),
        (Event.USER_RESET, "newcomer"),
        (Event.USER_DISABLED, "newcomer"),
    ]
    assert PASSWORD not in str(home.log())


def test_the_accounts_say_who_logged_in_last_when(app, home, administrator):
    page = re.sub(r"<[^>]+>", " ", administrator.get("/users").text)
    today = datetime.now().astimezone().strftime("%Y-%m-%d")
    assert re.search(rf"administrator\s+administrator\s+Open\s+{today} \d\d:\d\d", page)
    assert re.search(r"clerk\s+clerk\s+Open\s+never", page)
    Browser(app).log_in("clerk", "not the right password")
    assert re.search(r"clerk</th>.*?never", administrator.get("/users").text, re.DOTALL)
    Browser(app).log_in("clerk")
    page = re.sub(r"<[^>]+>", " ", administrator.get("/users").text)
    assert re.search(rf"clerk\s+clerk\s+Open\s+{today}", page)


def test_a_role_is_changed_at_once_and_by_nobody_for_themselves(home, charts, staff, administrator):
    assert staff.get("/review").status_code == 403
    page = administrator.get("/users").text
    assert 'action="/users/role"' in page
    change = {"name": "staff", "role": "clerk"}
    assert administrator.post("/users/role", change).location == "/users?done=changed"
    assert "The role was changed" in administrator.get("/users?done=changed").text
    assert staff.get("/review").status_code == 200
    administrator.post("/users/role", {"name": "staff", "role": "staff"})
    assert staff.get("/review").status_code == 403
    changes = [item.detail for item in home.log(event=Event.USER_ROLE)]
    assert changes == [
        {"user": "staff", "role": ["staff", "clerk"]},
        {"user": "staff", "role": ["clerk", "staff"]},
    ]
    for wrong, status in (
        ({"name": "administrator", "role": "staff"}, 400),
        ({"name": "staff", "role": "king"}, 400),
        ({"name": "ghost", "role": "clerk"}, 404),
    ):
        assert administrator.post("/users/role", wrong).status_code == status
    assert administrator.get("/users").status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "clerk"}, "already"),
        ({"name": "two words"}, "no spaces"),
        ({"name": "cli:root"}, "no spaces"),
        ({"name": "Chartkeeper"}, "automatic decisions"),
        ({"role": "king"}, "Choose a role"),
        ({"password": "short"}, "at least 12"),
    ],
)
def test_an_account_that_cannot_be_is_not_opened(home, administrator, change, said):
    fields = {"name": "newcomer", "role": "staff", "password": PASSWORD, **change}
    answer = administrator.post("/users", fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert home.log(event=Event.USER_ADDED) == []
    with home.parts.ledger.read() as connection:
        assert len(accounts.all_users(connection)) == len(Role)


def test_nobody_closes_the_own_account(administrator):
    answer = administrator.post("/users/disable", {"name": "administrator"})
    assert answer.status_code == 400
    assert administrator.get("/users").status_code == 200
    assert administrator.post("/users/disable", {"name": "ghost"}).status_code == 404


def test_the_log_is_shown_newest_first_and_a_look_at_it_is_in_it(home, charts, administrator):
    administrator.get(f"/documents/{charts.lab}")
    administrator.get("/log")
    page = administrator.get("/log").text
    assert page.index("log:view</td>") < page.index("document:view</td>")
    assert len(home.log(event=Event.LOG_VIEW)) == 2


def test_the_log_is_narrowed_by_a_number_that_means_nothing_outside(
    charts, staff, clerk, administrator
):
    staff.get(f"/patients/{charts.ada.id}")
    clerk.get(f"/patients/{charts.jose.id}")
    answer = administrator.post("/log", {"mrn": "12345", "event": "chart:view"})
    assert answer.location == f"/log?event=chart:view&patient={charts.ada.id}"
    rows = administrator.get(answer.location).text.split("<tbody>")[1]
    assert ">staff<" in rows
    assert ">clerk<" not in rows
    assert "mrn=" not in rows


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        ("user=staff&event=login", 1),
        ("user=nobody", 0),
        ("document=1", 1),
        (f"event=login&since={TODAY}", 2),
        (f"event=login&until={TODAY - timedelta(days=1)}", 0),
    ],
)
def test_each_filter_narrows(charts, staff, administrator, filters, rows):
    staff.get(f"/documents/{charts.lab}")
    page = administrator.get(f"/log?{filters}").text
    assert page.count('<td class="num quiet">') == rows


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("since", "never", "The first day is no date"),
        ("until", "9999-12-31", "The last day is no date"),
        ("event", "dancing", "There is no such event"),
        ("document", "abc", "The document is no number"),
        ("patient", "abc", "The patient is no number"),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_and_shows_nobodys_entries(
    administrator, name, value, said
):
    answers = [administrator.get(f"/log?user=clerk&{name}={value}")]
    if name != "patient":
        answers.append(administrator.post("/log", {"user": "clerk", name: value}))
    for answer in answers:
        assert answer.status_code == 400
        assert said in answer.text
        assert '<td class="num quiet">' not in answer.text
        assert 'name="user" list="users" value="clerk"' in answer.text
        assert name in {"event", "patient"} or f'value="{value}"' in answer.text


def test_a_name_that_differs_only_in_case_is_taken(home, administrator):
    fields = {"name": "CLERK", "role": "clerk", "password": "a first long password"}
    answer = administrator.post("/users", fields)
    assert answer.status_code == 400
    assert "There is an account &#39;clerk&#39; already." in answer.text
    assert home.log(event=Event.USER_ADDED) == []


def test_an_unknown_mrn_is_said_and_the_filters_stay(administrator):
    answer = administrator.post("/log", {"mrn": "404404", "user": "clerk", "since": "2026-01-02"})
    assert answer.status_code == 400
    assert "No patient has the MRN 404404." in answer.text
    assert "chartkeeper patients" not in answer.text
    for kept in ('value="404404"', 'list="users" value="clerk"', 'value="2026-01-02"'):
        assert kept in answer.text


def test_the_address_of_a_check_leads_back_to_the_log(administrator):
    assert administrator.get("/log/check").location == "/log"


def test_the_log_comes_page_by_page(charts, staff, administrator):
    for _ in range(105):
        staff.get("/intake")
    first = administrator.get("/log?event=denied&user=staff").text
    older = re.search(r'href="(/log\?before=\d+[^"]*)"', first)[1].replace("&amp;", "&")
    assert first.count('<td class="num quiet">') == 100
    assert administrator.get(older).text.count('<td class="num quiet">') == 5


def test_the_chain_is_checked_on_request(home, charts, administrator):
    assert "The chain is whole" in administrator.post("/log/check").text
    with home.parts.ledger.write() as connection:
        guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'access_log'"
        for name in connection.exec_driver_sql(guards).scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE access_log SET actor = 'somebody else' WHERE seq = 1")
    page = administrator.post("/log/check").text
    assert "The log is not whole" in page
    assert "entry 1 was changed" in page

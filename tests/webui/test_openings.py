"""Two clerks at one queue: each sees what the other has open, and nothing is locked."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from chartkeeper.records import documents
from chartkeeper.records.model import DocumentStatus

from .conftest import filing, hidden
from .paper import drawn


def said(browser, address):
    """Who has a document open, as a page says it."""
    page = re.sub(r"<[^>]+>", "", browser.get(address).text)
    found = re.search(r"(\w+) has this open since (\d\d:\d\d)", page)
    return found and found.groups()


def back_date(home, by):
    """All that is open has been open for so much longer, without a sign since."""
    at = (datetime.now(UTC) - by).strftime("%Y-%m-%d %H:%M:%S.%f")
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql("UPDATE openings SET since = ?, seen_at = ?", (at, at))


@pytest.fixture
def second(home, charts):
    scan = home.take_in("second.tif", [drawn(1, "more")])
    return home.file(scan, filing(1, None, None, None))


def test_whoever_comes_later_is_told_who_has_it_open_and_since_when(charts, clerk, administrator):
    address = f"/review/{charts.waiting}"
    assert said(administrator, address) is None
    name, at = said(clerk, address)
    assert name == "administrator"
    now = datetime.now().astimezone()
    assert at in {(now - timedelta(minutes=back)).strftime("%H:%M") for back in (0, 1)}
    assert said(clerk, "/review") == (name, at)
    # Who was first still is, and is not told of whoever only looks.
    assert said(administrator, address) is None
    assert said(administrator, "/review") is None


def test_it_is_no_lock(home, charts, clerk, administrator):
    address = f"/review/{charts.waiting}"
    administrator.get(address)
    version = hidden(clerk.get(address).text, "version")
    fields = {"type": "letter", "patient": charts.eve.id, "service_date": "", "action": "file"}
    assert clerk.post(address, {"version": version, **fields}).status_code == 303
    with home.parts.ledger.read() as connection:
        found = documents.facts(connection, charts.waiting)
    assert found.document.status is DocumentStatus.FILED
    assert administrator.post(address, {"version": version, **fields}).status_code == 409


def test_it_runs_out(home, charts, clerk, administrator):
    address = f"/review/{charts.waiting}"
    administrator.get(address)
    back_date(home, timedelta(minutes=9))
    assert said(clerk, address)
    back_date(home, timedelta(minutes=11))
    assert said(clerk, "/review") is None
    assert said(clerk, address) is None
    # By now it is the other way round.
    assert said(administrator, address)[0] == "clerk"


def test_a_sign_in_time_keeps_it_open_since_the_beginning(home, charts, clerk, administrator):
    address = f"/review/{charts.waiting}"
    administrator.get(address)
    back_date(home, timedelta(minutes=9))
    _, before = said(clerk, address)
    administrator.get(address)
    _, after = said(clerk, address)
    assert after == before


def test_whoever_goes_on_leaves_it(charts, second, clerk, administrator):
    administrator.get(f"/review/{charts.waiting}")
    administrator.get(f"/review/{second}")
    assert said(clerk, f"/review/{charts.waiting}") is None
    assert said(clerk, f"/review/{second}")[0] == "administrator"


def test_whoever_logs_out_leaves_it(app, charts, clerk, administrator):
    clerk.get(f"/review/{charts.waiting}")
    assert said(administrator, "/review")[0] == "clerk"
    clerk.post("/logout")
    assert said(administrator, "/review") is None


def test_the_next_is_one_that_nobody_has_open_while_there_is_one(
    home, charts, second, clerk, administrator
):
    third = home.file(
        home.take_in("third.tif", [drawn(1, "yet more")]), filing(1, None, None, None)
    )
    administrator.get(f"/review/{second}")
    assert clerk.get(f"/review/next?after={charts.waiting}").location == f"/review/{third}"
    assert administrator.get(f"/review/next?after={charts.waiting}").location == f"/review/{second}"
    administrator.get(f"/review/{charts.waiting}")
    queue = clerk.get("/review").text
    assert re.search(rf'href="/review/{second}">Begin with the first', queue)
    page = clerk.get(f"/review/{charts.waiting}").text
    assert f'<a href="/review/next?after={charts.waiting}">Go on with another</a>' in page


def test_what_others_have_open_comes_when_nothing_else_is_left(
    charts, second, clerk, administrator
):
    administrator.get(f"/review/{second}")
    following = clerk.get(f"/review/next?after={charts.waiting}")
    assert following.location == f"/review/{second}"


def test_what_was_decided_nobody_has_open(charts, clerk, administrator):
    address = f"/review/{charts.waiting}"
    page = administrator.get(address).text
    fields = {"version": hidden(page, "version"), "reason": "empty_form", "action": "aside"}
    administrator.post(f"{address}/aside", fields)
    clerk.post(f"/aside/{charts.waiting}/back", {"version": 2})
    assert said(clerk, address) is None

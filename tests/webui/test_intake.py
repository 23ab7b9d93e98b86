"""The intake page says where files came from, what their fax server said, and what lies about."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chartkeeper.records import arrivals, inboxes
from chartkeeper.records.arrivals import Seen
from chartkeeper.records.failed import put_aside
from chartkeeper.records.inboxes import InboxState, Late
from chartkeeper.records.model import Delivery, Lane, Origin
from chartkeeper.webui.app import create_app

from .conftest import Browser
from .paper import drawn


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def arrive(home, name, **more):
    seen = Seen("fax", name, name[:8], Lane.DAILY, 11, **more)
    with home.parts.ledger.write() as connection:
        return arrivals.claim(connection, seen, datetime.now(UTC)).id


def see(home, *states, ago=timedelta()):
    with home.parts.ledger.write() as connection:
        for state in states:
            inboxes.note(connection, state, datetime.now(UTC) - ago)


def test_an_arrival_says_where_it_came_from_and_what_the_fax_server_said(home, charts, clerk):
    delivery = Delivery("555 0100", 3, "line lost")
    arrive(home, "fax.tif", origin=Origin("Ward 3", "fax"), delivery=delivery)
    arrive(home, "late.tif", delivery=Delivery(note="The report did not come."))
    page = text_of(clerk.get("/intake").text)
    assert "Ward 3 Sender 555 0100" in page
    assert "Fax error line lost" in page
    assert "The report did not come." in page


def test_pages_that_did_not_come_are_counted(home, charts, clerk):
    scan = home.take_in("short.tif", [drawn(1, "x")])
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql(f"UPDATE arrivals SET pages_expected = 4 WHERE scan_id = {scan}")
    assert "1 of 4" in text_of(clerk.get("/intake").text)


def test_one_inbox_in_order_is_not_spoken_of(home, charts, clerk):
    see(home, InboxState("inbox"))
    assert "Files waiting" not in clerk.get("/intake").text
    see(home, InboxState("fax", "Ward 3", "fax", waiting=1200))
    page = text_of(clerk.get("/intake").text)
    assert "fax fax Ward 3 1,200 In order" in page


def test_an_inbox_in_trouble_and_what_lies_long_are_shown_with_the_reason(home, charts, clerk):
    late = (Late("<scan>.tif", 17, "It is still being written to."),)
    see(
        home,
        InboxState("inbox", trouble="The share is not connected."),
        InboxState("fax", late_count=3, late=late),
    )
    page = clerk.get("/intake").text
    assert "&lt;scan&gt;.tif" in page
    said = text_of(page)
    assert "Stopped The share is not connected. Since" in said
    assert "3 files lying" in said
    assert "17 minutes: It is still being written to." in said
    assert "And 2 more." in said


def test_an_inbox_that_nobody_has_looked_into_is_shown(home, charts, clerk):
    see(home, InboxState("inbox"), ago=timedelta(minutes=10))
    assert "Not looked at" in clerk.get("/intake").text


def test_a_refused_file_goes_back_into_its_own_inbox(home, charts):
    ward = home.folder / "ward"
    ward.mkdir()
    number = arrive(home, "again.pdf")
    with home.parts.ledger.write() as connection:
        arrivals.refuse(connection, number, "unsupported_format", "Neither PDF nor TIFF.")
    (home.folder / "claimed").write_bytes(b"not a chart")
    put_aside(home.parts.failed, home.folder / "claimed", number, "again.pdf", "Neither.")
    clerk = Browser(create_app(replace(home.parts, inboxes={"fax": ward})))
    clerk.log_in("clerk")
    ward.rmdir()
    answer = clerk.post(f"/intake/arrivals/{number}/retry")
    assert answer.status_code == 400
    assert "could not be moved back" in answer.text
    ward.mkdir()
    assert clerk.post(f"/intake/arrivals/{number}/retry").status_code == 303
    assert [path.name for path in ward.iterdir()] == [f"again {number:06d} again.pdf"]

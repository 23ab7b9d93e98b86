"""The review queue: longest waiting first, how long each has waited, and parts of it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from chartkeeper.records import documents, separation, suggestions
from chartkeeper.records.access_log import Event
from chartkeeper.records.model import Suggestion

from .conftest import filing, hidden
from .paper import drawn

HOUR = timedelta(hours=1)


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def facts(home, document_id):
    with home.parts.ledger.read() as connection:
        return documents.facts(connection, document_id)


def waits(home, name, kind=None, patient=None, *, came=timedelta(hours=3), **more):
    """A document that a clerk must decide, in a file that came so long ago."""
    scan = home.take_in(name, [drawn(1, name)])
    with home.parts.ledger.write() as connection:
        at = (datetime.now(UTC) - came).strftime("%Y-%m-%d %H:%M:%S.%f")
        connection.exec_driver_sql("UPDATE scans SET stored_at = ? WHERE id = ?", (at, scan))
    return home.file(scan, filing(1, kind, patient, more.pop("day", None), **more))


def decide(browser, document_id, action="file", **fields):
    version = hidden(browser.get(f"/review/{document_id}").text, "version")
    sent = {"version": version, "type": "letter", "service_date": "", "action": action}
    return browser.post(f"/review/{document_id}", {**sent, **fields})


def order(browser, address="/review"):
    rows = re.findall(r'aria-label="Document (\d+)"', browser.get(address).text)
    return [int(number) for number in rows]


def test_what_waits_longest_comes_first_and_says_how_long(home, charts, clerk):
    old = waits(home, "old.tif", came=timedelta(days=3))
    new = waits(home, "new.tif", came=HOUR)
    assert order(clerk) == [old, charts.waiting, new]
    page = text_of(clerk.get("/review").text)
    assert "3 documents waiting for a decision, longest waiting first" in page
    assert page.index("3 days") < page.index("3 hours") < page.index("1 hour ")
    assert "waiting 3 days" in text_of(clerk.get(f"/review/{old}").text)


def test_work_goes_on_in_that_order(home, charts, clerk):
    old = waits(home, "old.tif", came=timedelta(days=3))
    new = waits(home, "new.tif", came=HOUR)
    assert clerk.get(f"/review/next?after={old}").location == f"/review/{charts.waiting}"
    assert clerk.get(f"/review/next?after={charts.waiting}").location == f"/review/{new}"
    assert clerk.get(f"/review/next?after={new}").location == f"/review/{old}"
    # Where a document was that is filed by now, the next goes on.
    answer = decide(clerk, charts.waiting, patient=charts.eve.id)
    assert answer.location.startswith(f"/review/{new}?")


def test_those_of_one_moment_come_by_number_and_page_by_page(home, charts, clerk, monkeypatch):
    monkeypatch.setattr("chartkeeper.webui.review.QUEUE_A_PAGE", 2)
    sheets = [drawn(number, "x") for number in range(1, 4)]
    scan = home.take_in("three.tif", sheets)
    three = [home.file(scan, filing(at, None, None, None, first=at)) for at in (1, 2, 3)]
    first = clerk.get("/review").text
    more = re.search(r'rel="next" href="([^"]+)"', first)[1]
    assert order(clerk) == [charts.waiting, three[0]]
    assert order(clerk, more) == three[1:]


def test_what_is_kept_in_review_keeps_its_place(home, charts, clerk):
    new = waits(home, "new.tif", came=HOUR)
    decide(clerk, charts.waiting, "keep")
    assert order(clerk) == [charts.waiting, new]


def test_what_a_person_takes_back_waits_from_now_on(home, charts, clerk):
    decide(clerk, charts.lab, "keep", type="lab_report")
    assert order(clerk) == [charts.waiting, charts.lab]
    assert "0 minutes" in clerk.get("/review").text


def test_what_was_set_aside_and_brought_back_has_its_place_again(home, charts, clerk):
    new = waits(home, "new.tif", came=HOUR)
    version = hidden(clerk.get(f"/review/{charts.waiting}").text, "version")
    fields = {"version": version, "reason": "empty_form", "action": "aside"}
    clerk.post(f"/review/{charts.waiting}/aside", fields)
    clerk.post(f"/aside/{charts.waiting}/back", {"version": 2})
    assert order(clerk) == [charts.waiting, new]


def test_parts_have_waited_as_long_as_the_whole_and_those_of_a_filed_one_from_now_on(
    home, charts, clerk
):
    new = waits(home, "new.tif", came=HOUR)
    two = home.take_in("two.tif", [drawn(1, "one"), drawn(2, "two")])
    whole = home.file(two, filing(2, None, None, None))
    now = datetime.now(UTC)
    with home.parts.ledger.write() as connection:
        part = separation.split(connection, whole, 1, 2, "clerk", now)
        other = separation.split(connection, charts.lab, 1, 2, "clerk", now)
    assert order(clerk) == [charts.waiting, whole, part, new, charts.lab, other]
    assert facts(home, part).waiting_since == facts(home, whole).waiting_since


def test_a_list_that_says_otherwise_puts_it_where_it_came_in(home, charts, clerk):
    new = waits(home, "new.tif", came=HOUR)
    with home.parts.ledger.write() as connection:
        scan = documents.facts(connection, charts.lab).document.scan_id
        separation.file_scan_anew(connection, scan, "the list says something else")
    assert order(clerk) == [charts.lab, charts.waiting, new]


@pytest.fixture
def many(home, charts):
    """Documents that wait, each for another thing, by the name of it."""
    half = home.take_in("pages.tif", [drawn(1, "one")])
    found = {
        "patient": charts.waiting,
        "type": waits(home, "type.tif", None, charts.ada),
        "date": waits(home, "date.tif", "lab_report", reason="Date: none, and it must have one"),
        "pages": home.file(half, filing(1, "letter", None, None, reason="Page 1 not read")),
        "boundary": waits(home, "boundary.tif", "letter"),
        "other": waits(home, "other.tif", "letter"),
    }
    with home.parts.ledger.write() as connection:
        for name in ("date", "pages", "boundary", "other"):
            connection.exec_driver_sql(
                "UPDATE documents SET patient_id = ? WHERE id = ?", (charts.eve.id, found[name])
            )
        connection.exec_driver_sql(f"UPDATE pages SET state = 'failed' WHERE scan_id = {half}")
        suggestions.keep(connection, found["boundary"], [Suggestion(2, "it is titled so", 7.0)])
    return found


@pytest.mark.parametrize("why", ["patient", "type", "date", "pages", "boundary", "other"])
def test_only_what_waits_for_one_thing_is_shown(home, many, clerk, why):
    assert order(clerk, f"/review?why={why}") == [many[why]]
    page = clerk.get(f"/review?why={why}").text
    assert "1 document of this kind waiting" in page
    assert f'<option value="{why}" selected>' in page
    assert home.log(event=Event.LIST_VIEW)[-2].detail["why"] == why


def test_only_one_type_is_shown_and_both_together(many, clerk):
    assert order(clerk, "/review?type=lab_report") == [many["date"]]
    assert len(order(clerk, "/review?type=letter")) == 4
    assert order(clerk, "/review?type=letter&why=boundary") == [many["boundary"]]
    assert len(order(clerk, "/review?type=nonsense&why=nonsense")) == len(many)


def test_work_goes_on_within_what_was_chosen(home, charts, many, clerk):
    second = waits(home, "second.tif", "lab_report", reason="Date: none")
    queue = clerk.get("/review?type=lab_report").text
    assert f'href="/review/{many["date"]}?type=lab_report"' in queue
    page = clerk.get(f"/review/{many['date']}?type=lab_report").text
    assert "2 documents of this kind waiting" in page
    for step in ("", "/aside"):
        assert f'action="/review/{many["date"]}{step}?type=lab_report"' in page
    skip = re.search(r'data-key="s" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert clerk.get(skip).location == f"/review/{second}?type=lab_report"
    fields = {"type": "lab_report", "patient": charts.eve.id, "service_date": "2024-05-06"}
    version = {"version": hidden(page, "version"), "action": "file"}
    answer = clerk.post(f"/review/{many['date']}?type=lab_report", {**fields, **version})
    assert answer.location == f"/review/{second}?filed={many['date']}&type=lab_report"
    version = hidden(clerk.get(answer.location).text, "version")
    aside = {"version": version, "reason": "empty_form", "action": "aside"}
    answer = clerk.post(f"/review/{second}/aside?type=lab_report", aside)
    assert answer.location == f"/review?aside={second}&type=lab_report"
    page = clerk.get(answer.location).text
    assert "Nothing of this kind is waiting" in page
    assert "Show all" in page


def test_the_status_page_says_how_long_the_oldest_waits(home, charts, administrator):
    waits(home, "old.tif", came=timedelta(days=3))
    page = text_of(administrator.get("/status").text)
    assert "Documents in review; the oldest for 3 days 2" in page

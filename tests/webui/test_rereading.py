"""A page that could not be read is read again, in a file that is filed already."""

import socket
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event as Signal

import pytest

from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.ingest import pipeline, worker
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.readers import Outcome
from chartkeeper.ingest.reading import Failure
from chartkeeper.ingest.verdicts import keep_outcome
from chartkeeper.records import documents, pages, scans, verify, work
from chartkeeper.records.access_log import Event
from chartkeeper.records.model import DocumentStatus, Lane, PageState

from .conftest import filing, hidden
from .paper import drawn

WHO = ("LABORATORY REPORT", "Patient: Samplewood, Ada  MRN: 0012345  DOB: 03/07/1961")
PAPERS = (
    drawn(1, *WHO, "Collected: 03/04/2024", "Potassium 4.1 mmol/L reference range 3.5-5.0"),
    drawn(2, "Zirconium 140 mmol/L reference range 135-145"),
)
HANGS = "The page took too long to read. Look at the original."


def facts(home, document_id):
    with home.parts.ledger.read() as connection:
        return documents.facts(connection, document_id)


def take_in(home, name="hangs.tif"):
    """A file of two pages, of which the engine hung over the second."""
    scan = home.take_in(name, PAPERS)
    with home.parts.ledger.write() as connection:
        page = pages.facts_of_scan(connection, scan)[1].id
        connection.exec_driver_sql(f"DELETE FROM page_words WHERE page_id = {page}")
        connection.exec_driver_sql(f"UPDATE pages SET state = 'reading' WHERE id = {page}")
        pages.fail(connection, page, HANGS)
        connection.exec_driver_sql(f"UPDATE scans SET unread = 0 WHERE id = {scan}")
    return scan


@pytest.fixture
def scan(home, charts):
    return take_in(home)


@pytest.fixture
def document(home, scan, charts):
    """In review, as every document with a page that could not be read."""
    found = filing(2, "lab_report", None, "2024-03-04", reason=f"Page 2 could not be read. {HANGS}")
    number = home.file(scan, found)
    home.index()
    return number


def press(browser, document_id, page=2, where="viewer"):
    fields = {"from": where}
    return browser.post(f"/documents/{document_id}/pages/{page}/again", fields)


def read(home, result=None):
    """What the readers do with the pages that wait; returns the tasks."""
    with home.parts.ledger.write() as connection:
        tasks = pages.lease(connection, "a reader", 10, datetime.now(UTC), 60)
        for task in tasks:
            keep_outcome(connection, Outcome(task, result or PAPERS[task.number - 1]))
    return tasks


def desk_of(home):
    return Desk(
        ledger=home.parts.ledger, vault=home.parts.vault, index=home.parts.index_folder,
        inbox=home.folder, failed=home.folder, scratch=home.folder, locks=home.folder,
        rulebook=Rulebook(load_doctypes()),
    )  # fmt: skip


def file_anew(home):
    """What the worker does with documents that are to be filed anew."""
    with home.parts.ledger.read() as connection:
        waiting = documents.waiting_to_be_filed(connection, 10)
    for one in waiting:
        pipeline.file_anew(desk_of(home), one)
    return len(waiting)


def problems(home):
    with home.parts.ledger.read() as connection:
        return verify.verify_counts(connection)


def decide(browser, document_id, patient):
    version = hidden(browser.get(f"/review/{document_id}").text, "version")
    fields = {"type": "letter", "patient": patient.id, "service_date": "2024-05-06"}
    browser.post(f"/review/{document_id}", {"version": version, "action": "file", **fields})


@pytest.mark.parametrize("where", ["/documents/{}", "/review/{}"])
def test_the_button_stands_where_the_page_is_shown(home, document, clerk, where):
    page = clerk.get(where.format(document)).text
    assert HANGS in page
    assert f'action="/documents/{document}/pages/2/again"' in page
    assert 'aria-label="Read page 2 again"' in page
    assert f"/documents/{document}/pages/1/again" not in page


def test_staff_see_no_button_and_may_not_press_it(home, document, staff):
    assert "again" not in staff.get(f"/documents/{document}").text.partition("<main")[2]
    assert press(staff, document).status_code == 403
    assert read(home) == []


def test_it_goes_back_to_the_readers_as_work_of_today(home, scan, document, clerk):
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql("UPDATE pages SET lane = 'migration', attempts = 2")
    answer = press(clerk, document)
    assert answer.location == f"/documents/{document}?page=2#page-2"
    assert "still being read" in clerk.get(answer.location).text
    with home.parts.ledger.read() as connection:
        assert not work.progress(connection).idle
        assert work.progress(connection).pages[PageState.WAITING] == 1
    (task,) = read(home)
    assert (task.scan_id, task.number, task.lane, task.attempts) == (scan, 2, Lane.DAILY, 0)
    with home.parts.ledger.read() as connection:
        assert scans.ready_to_file(connection) == []
        unread = connection.exec_driver_sql(f"SELECT unread FROM scans WHERE id = {scan}")
        assert unread.scalar_one() == 0
    assert problems(home) == []


def test_a_page_over_which_readers_die_has_its_document_filed_anew_too(home, document, clerk):
    press(clerk, document)
    with home.parts.ledger.write() as connection:
        pages.lease(connection, socket.gethostname(), 10, datetime.now(UTC), 60)
        connection.exec_driver_sql("UPDATE pages SET interruptions = 9 WHERE state = 'reading'")
    stop = Signal()
    stop.set()
    scratch = home.folder / "scratch"
    scratch.mkdir()
    worker.work(replace(desk_of(home), scratch=scratch), stop)
    # The worker may have come to it before it stopped.
    file_anew(home)
    assert "stopped again and again" in clerk.get(f"/documents/{document}").text
    assert facts(home, document).document.reason == "Page 2 could not be read"
    assert problems(home) == []


def test_it_is_in_the_access_log(home, charts, document, clerk):
    decide(clerk, document, charts.eve)
    press(clerk, document)
    (entry,) = home.log(event=Event.INTAKE_RETRY)
    assert (entry.actor, entry.document_id, entry.page) == ("clerk", document, 2)
    assert entry.patient_id == charts.eve.id


def test_what_it_says_is_found_and_what_a_person_filed_stays(home, charts, document, clerk):
    decide(clerk, document, charts.eve)
    home.index()
    before = facts(home, document)
    assert f"/documents/{document}" not in clerk.search("zirconium").text
    press(clerk, document)
    read(home)
    assert file_anew(home) == 0
    home.index()
    assert facts(home, document) == before
    assert f"/documents/{document}" in clerk.search("zirconium mrn:55555").text
    page = clerk.get(f"/documents/{document}").text
    assert "Zirconium" in page
    assert HANGS not in page
    assert problems(home) == []


def test_a_document_that_waits_is_filed_anew_with_it(home, charts, document, clerk):
    answer = press(clerk, document, where="review")
    assert answer.location == f"/review/{document}#page-2"
    read(home)
    assert "tried again, and it is being filed anew" in clerk.get("/review").text
    assert file_anew(home) == 1
    now = facts(home, document)
    assert (now.document.status, now.patient_id) == (DocumentStatus.FILED, charts.ada.id)
    assert problems(home) == []


def test_nothing_is_decided_as_if_the_page_were_not_there(home, charts, document, clerk):
    press(clerk, document)
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql(f"UPDATE documents SET to_file = 1 WHERE id = {document}")
    file_anew(home)
    assert facts(home, document).document.status is DocumentStatus.REVIEW
    read(home)
    assert file_anew(home) == 1
    assert facts(home, document).document.status is DocumentStatus.FILED


def test_what_a_person_decided_in_part_is_kept(home, charts, document, clerk):
    version = hidden(clerk.get(f"/review/{document}").text, "version")
    fields = {"version": version, "type": "letter", "service_date": "", "action": "keep"}
    clerk.post(f"/review/{document}", fields)
    press(clerk, document)
    read(home)
    file_anew(home)
    assert facts(home, document).type == "letter"
    assert problems(home) == []


def test_one_that_fails_once_more_says_so_and_can_be_tried_again(home, document, clerk):
    for reason in ("The page is damaged.", "The page is damaged still."):
        press(clerk, document)
        read(home, Failure(reason, again=False))
        file_anew(home)
        page = clerk.get(f"/documents/{document}").text
        assert reason in page
        assert "Read page 2 again" in page
    assert facts(home, document).document.status is DocumentStatus.REVIEW
    assert problems(home) == []


def test_a_hanging_page_gets_three_tries_again(home, document, clerk):
    press(clerk, document)
    hangs = Failure(HANGS, again=True)
    assert [len(read(home, hangs)) for _ in range(4)] == [1, 1, 1, 0]
    assert HANGS in clerk.get(f"/documents/{document}").text


@pytest.mark.parametrize(("page", "status"), [(1, 400), (3, 404)])
def test_only_a_page_that_failed_is_read_again(home, document, clerk, page, status):
    assert press(clerk, document, page).status_code == status
    assert read(home) == []
    assert home.log(event=Event.INTAKE_RETRY) == []


def test_pressing_twice_asks_once(home, document, clerk):
    press(clerk, document)
    again = press(clerk, document)
    assert again.status_code == 400
    assert "being read again already" in again.text
    assert len(read(home)) == 1
    assert problems(home) == []


def test_what_was_set_aside_stays_so(home, document, clerk):
    version = hidden(clerk.get(f"/review/{document}").text, "version")
    fields = {"version": version, "reason": "empty_form", "action": "aside"}
    clerk.post(f"/review/{document}/aside", fields)
    press(clerk, document)
    read(home)
    assert file_anew(home) == 0
    home.index()
    assert facts(home, document).document.status is DocumentStatus.ASIDE
    assert f"/documents/{document}" not in clerk.search("zirconium").text


def test_intake_lists_the_file_and_tries_its_pages_again(home, scan, document, clerk):
    page = clerk.get("/intake").text
    assert f"Page 2 of the file: {HANGS}" in page
    assert f'href="/documents/{document}?page=2#page-2"' in page
    assert "Retry pages of hangs.tif" in page
    assert clerk.post(f"/intake/scans/{scan}/retry").location == "/intake?done=back"
    (entry,) = home.log(event=Event.INTAKE_RETRY)
    assert entry.detail == {"scan": scan, "pages_read_again": [2]}
    assert "hangs.tif" not in clerk.get("/intake").text.partition("Latest arrivals")[0]
    assert len(read(home)) == 1

"""Nothing that the service asks all day long may look at every row of a table that grows."""

from datetime import UTC, datetime

import pytest
from ledger_steps import LEASE_SECONDS, arrive, filing, page, read_all
from sqlalchemy import event

from chartkeeper.records import (
    access_log,
    arrivals,
    aside,
    documents,
    emergency,
    outbox,
    pages,
    patient_search,
    rereading,
    restricted,
    review_queue,
    scans,
    separation,
    type_models,
)
from chartkeeper.records.access import Reader, Reading
from chartkeeper.records.access_log import Event, Wanted
from chartkeeper.records.database import create_ledger, open_ledger
from chartkeeper.records.documents import Verdict
from chartkeeper.records.model import ArrivalState, DocumentStatus, Lane, PageState, Role, ScanState
from chartkeeper.records.work import progress

NOW = datetime(2026, 1, 5, tzinfo=UTC)
DAILY_PATH = {
    "lease": lambda c: pages.lease(c, "me", 2, NOW, LEASE_SECONDS),
    "lease of today": lambda c: pages.lease(c, "me", 2, NOW, LEASE_SECONDS, Lane.DAILY),
    "release": lambda c: pages.release(c, "me"),
    "store": lambda c: pages.store(c, 1, page(1, "word")),
    "fail": lambda c: pages.fail(c, 2, "too dark"),
    "read pages": lambda c: pages.read_pages(c, 1),
    "page in a document": lambda c: pages.facts_in_document(c, 1, 1),
    "ready to file": lambda c: scans.ready_to_file(c, 1),
    "content known": lambda c: scans.by_sha256(c, "0" * 64),
    "try again": lambda c: scans.retry(c, 1),
    "put together anew": lambda c: documents.waiting_to_be_filed(c, 1),
    "anew, count": separation.count_waiting,
    "to index": lambda c: outbox.waiting(c, 200),
    "to index of documents": lambda c: outbox.waiting(c, 200, early=False),
    "pages to index": lambda c: outbox.pages_for_index(c, [1, 2]),
    "indexed": lambda c: outbox.mark_indexed(c, [outbox.Waiting(1, 1)]),
    "index a document": lambda c: outbox.enqueue_document(c, 1),
    "claimed": lambda c: arrivals.claimed(c, "inbox"),
    "to clear": lambda c: arrivals.to_clear(c, "inbox"),
    "arrivals of scans": lambda c: arrivals.of_scans(c, [1, 2]),
    "pages to read again": lambda c: rereading.unreadable(c, 100),
    "read again": lambda c: rereading.read_scan_again(c, 1),
    "set aside, count": aside.count,
    "set aside, latest": lambda c: aside.newest(c, 50, 1000),
    "set aside of these": lambda c: aside.of_documents(c, [1, 2]),
    "review queue": lambda c: review_queue.waiting(c, 50, after_id=7),
    "in review": review_queue.count,
    "chart": lambda c: documents.chart(c, 1),
    "may belong": lambda c: documents.may_belong(c, 1, 20),
    "documents of a scan": lambda c: documents.of_scan(c, 1),
    "history": lambda c: documents.history(c, 1),
    "candidates": lambda c: documents.candidates_of(c, 1),
    "decide": lambda c: documents.decide(c, 1, 1, Verdict(None, None, None), "ann", NOW),
    "came of reading again": lambda c: rereading.settle(c, 1),
    "look up by name": lambda c: patient_search.search(c, "sample ad"),
    "look up by what a paper says": lambda c: patient_search.search(c, "sample, ad q 3/7/1961"),
    "written alike": lambda c: patient_search.written_alike(c, "samplewod, ada"),
    "look up by number": lambda c: patient_search.search(c, "0012345"),
    "news to learn": type_models.news,
    "newest judgement": type_models.newest_judgement,
    "log": lambda c: access_log.entries(c, Wanted(), 100, 50),
    "log of a user": lambda c: access_log.entries(c, Wanted(actor="ann"), 100, 50),
    "log of an event": lambda c: access_log.entries(c, Wanted(event=Event.LOGIN), 100),
    "log of a patient": lambda c: access_log.entries(c, Wanted(patient_id=1), 100),
    "restricted, anything": lambda c: c.execute(restricted._ANY, {"types": ["letter"]}),
    "restricted, pages": restricted.hidden_pages,
    "restricted, of these": lambda c: restricted.readable(c, [1, 2]),
    "restricted, in a chart": lambda c: restricted.hides_in_chart(c, 1),
    "restricted, in files": lambda c: restricted.hiding_scans(c, [1]),
    "emergencies of one": lambda c: emergency.live_of(c, 1, NOW),
    "emergencies, open": emergency.count_open,
    "emergencies, listed": lambda c: emergency.open_ones(c, 50),
    "log in an emergency": lambda c: access_log.count_of(c, "ann", 1, (NOW, NOW)),
    "log of a day": lambda c: access_log.entries(c, Wanted(since=NOW, before=NOW), 100, 50),
    "log entry": lambda c: access_log.record(
        c, access_log.Entry(Event.LOGIN, "ann", "192.0.2.7"), NOW
    ),
}
# Sorted are only rows that were found by an index before, and few.
SORTED = {
    *("claimed", "arrivals of scans", "history", "candidates", "chart", "log of a patient"),
    *("look up by name", "look up by what a paper says", "written alike", "look up by number"),
    *("decide", "pages to read again", "set aside, latest"),
}
# A subquery is a list of values, however long; the last entry is the end of the table itself.
NOT_WALKED = {
    *("SCAN CONSTANT ROW", "SCAN (subquery-1)", "SCAN (subquery-2)", "SCAN (subquery-4)"),
    "SCAN access_log",
}


@pytest.fixture(scope="module")
def one_document(tmp_path_factory):
    path = tmp_path_factory.mktemp("capacity") / "ledger.db"
    create_ledger(path)
    ledger = open_ledger(path)
    with ledger.write() as connection:
        scan_id = arrive(connection, NOW)
        read_all(connection, NOW, scan_id)
        documents.file(connection, scan_id, filing(), NOW)
        scans.mark_filed(connection, scan_id)
    yield ledger
    ledger.close()


def plans(ledger, question):
    """What SQLite says of how it answers each statement of a question."""
    asked = []

    def note(_connection, _cursor, statement, values, *_more):
        asked.append((statement, values))

    reader = Reader(Role.STAFF, NOW, restricted_types=frozenset({"letter"}))
    with ledger.write() as connection:
        # Of a reader, who is asked for more than the service.
        connection.execution_options(reading=Reading(reader, restricts=True))
        event.listen(connection, "before_cursor_execute", note)
        question(connection)
        event.remove(connection, "before_cursor_execute", note)
        for statement, values in asked:
            first = values[0] if isinstance(values, list) else values
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", first)
            yield from (row.detail for row in rows)


@pytest.mark.parametrize("name", DAILY_PATH)
def test_the_daily_path_finds_its_rows_by_an_index(one_document, name):
    details = list(plans(one_document, DAILY_PATH[name]))
    assert details
    assert [item for item in set(details) - NOT_WALKED if item.startswith("SCAN")] == []
    assert name in SORTED or not [detail for detail in details if "ORDER BY" in detail]


def test_a_walk_through_a_table_would_be_seen(one_document):
    with one_document.read() as connection:
        statement = "EXPLAIN QUERY PLAN SELECT COUNT(*) FROM pages WHERE kind = 'blank'"
        details = [row.detail for row in connection.exec_driver_sql(statement)]
    # The rule above would see a walk if there was one.
    assert details == ["SCAN pages"]


def test_counts_agree_with_what_is_there(ledger, now, known_patients):
    with ledger.write() as connection:
        filed = arrive(connection, now, "a.pdf")
        read_all(connection, now, filed)
        failed = arrive(connection, now, "b.pdf")
        arrive(connection, now, "c.pdf")
        documents.file(connection, filed, filing(known_patients["Specimen"].id), now)
        first = documents.of_scan(connection, filed)[0].document.id
        separation.split(connection, first, 1, 2, "ann", now)
        scans.mark_filed(connection, filed)
        pages.lease(connection, "me", 1, now, LEASE_SECONDS)
        scans.mark_failed(connection, failed, "too dark")
        counted = progress(connection)
    assert counted.scans == {ScanState.STORED: 1, ScanState.FILED: 1, ScanState.FAILED: 1}
    assert counted.pages == {
        PageState.WAITING: 3,
        PageState.READING: 1,
        PageState.READ: 2,
        PageState.FAILED: 0,
    }
    assert counted.arrivals[ArrivalState.ACCEPTED] == 3
    in_review = {DocumentStatus.FILED: 0, DocumentStatus.REVIEW: 2, DocumentStatus.ASIDE: 0}
    assert counted.documents == in_review


def test_documents_that_were_joined_to_others_are_not_counted(ledger, now, known_patients):
    with ledger.write() as connection:
        scan_id = arrive(connection, now)
        read_all(connection, now, scan_id)
        first = documents.file(connection, scan_id, filing(known_patients["Specimen"].id), now)
        second = separation.split(connection, first, 1, 2, "ann", now)
        version = documents.facts(connection, first).version
        separation.join(connection, first, version, second, "ann", now)
        counted = documents.counts(connection)
        assert {status for status, number in counted.items() if number} == {DocumentStatus.REVIEW}
        assert counted[DocumentStatus.REVIEW] == 1
        assert review_queue.count(connection) == 1


def test_today_is_indexed_before_a_migration_which_goes_on_all_the_same(ledger, now):
    with ledger.write() as connection:
        legacy = arrive(connection, now, "legacy.pdf", Lane.MIGRATION, 40)
        fax = arrive(connection, now, "fax.tif", Lane.DAILY, 40)
        old = [fact.id for fact in pages.facts_of_scan(connection, legacy)]
        new = [fact.id for fact in pages.facts_of_scan(connection, fax)]
        outbox.enqueue(connection, old)
        outbox.enqueue(connection, new)
        asked = [item.page_id for item in outbox.waiting(connection, 20)]
    assert asked == new[:15] + old[:5]


def test_pages_of_no_document_yet_are_left_out_unless_asked_for(ledger, now):
    with ledger.write() as connection:
        done = arrive(connection, now, "note.pdf")
        read_all(connection, now, done)
        unread = arrive(connection, now, "long.pdf", Lane.DAILY, 40)
        document = documents.file(connection, done, filing(), now)
        early = [fact.id for fact in pages.facts_of_scan(connection, unread)][:3]
        outbox.enqueue(connection, early)
        every = [item.page_id for item in outbox.waiting(connection, 20)]
        asked = [item.page_id for item in outbox.waiting(connection, 20, early=False)]
        filed = [fact.id for fact in pages.facts_of_document(connection, document)]
    assert asked == filed
    assert sorted(every) == sorted([*filed, *early])


def test_what_a_person_did_to_an_old_page_is_indexed_before_the_migration(ledger, now):
    with ledger.write() as connection:
        legacy = arrive(connection, now, "legacy.pdf", Lane.MIGRATION, 40)
        numbers = [fact.id for fact in pages.facts_of_scan(connection, legacy)]
        outbox.enqueue(connection, numbers)
        outbox.enqueue(connection, [numbers[30]], Lane.DAILY)
        asked = [item.page_id for item in outbox.waiting(connection, 4)]
        assert outbox.count_waiting(connection) == 40
    assert asked == [numbers[30], numbers[0]]


def test_today_is_filed_before_a_migration_that_was_read_earlier(ledger, now):
    with ledger.write() as connection:
        for name in ("one.pdf", "two.pdf"):
            read_all(connection, now, arrive(connection, now, name, Lane.MIGRATION))
        fax = arrive(connection, now, "fax.tif", Lane.DAILY)
        assert fax not in [scan.id for scan in scans.ready_to_file(connection)]
        read_all(connection, now, fax)
        assert [scan.id for scan in scans.ready_to_file(connection, 1)] == [fax]


def test_a_claim_is_cleared_while_pages_of_others_wait_for_the_index(ledger, now):
    with ledger.write() as connection:
        numbers = []
        for name in ("done.pdf", "waiting.pdf"):
            numbers.append(arrive(connection, now, name))
            read_all(connection, now, numbers[-1])
            documents.file(connection, numbers[-1], filing(), now)
            scans.mark_filed(connection, numbers[-1])
        outbox.mark_indexed(connection, outbox.waiting(connection, 2))
        assert [one.scan_id for one in arrivals.to_clear(connection, "inbox")] == numbers[:1]


def test_pages_given_up_after_crashes_let_their_scan_be_filed(ledger, now):
    with ledger.write() as connection:
        scan_id = arrive(connection, now, page_count=1)
        pages.lease(connection, "me", 1, now, LEASE_SECONDS)
        pages.interrupted(connection, "me", 1, "it stopped the machine")
        assert [scan.id for scan in scans.ready_to_file(connection)] == [scan_id]

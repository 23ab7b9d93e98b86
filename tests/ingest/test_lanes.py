"""What arrives today never waits for a migration but for the page that a reader has in hand."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from backlog import stock
from ledger_steps import arrive, page, read_all
from service import Service
from sheets import note
from sqlalchemy import func, select

from chartkeeper.ingest import indexing, pipeline, worker
from chartkeeper.ingest.readers import Outcome
from chartkeeper.records import outbox, pages, scans
from chartkeeper.records.database import open_ledger
from chartkeeper.records.model import Lane, PageState, ScanState
from chartkeeper.records.schema import index_queue
from chartkeeper.records.schema import pages as page_table
from chartkeeper.records.vault import Vault

FILES, PAGES_EACH = 10, 20
SECONDS = 90


def test_no_more_pages_are_taken_than_readers_can_begin(desk, now):
    with desk.ledger.write() as connection:
        arrive(connection, now, "legacy.pdf", Lane.MIGRATION, 30)
    tray = pipeline.Tray()
    for _ in range(5):
        pipeline.keep(desk, tray, "me")
    assert len(tray.hand) == desk.readers
    with desk.ledger.read() as connection:
        assert pages.counts(connection)[PageState.READING] == desk.readers


def test_a_page_of_today_is_the_next_although_a_migration_is_at_hand(desk, now):
    with desk.ledger.write() as connection:
        arrive(connection, now, "legacy.pdf", Lane.MIGRATION, 30)
    tray = pipeline.Tray()
    pipeline.keep(desk, tray, "me")
    with desk.ledger.write() as connection:
        fax = arrive(connection, now, "fax.tif", Lane.DAILY, 3)
    # The readers are busy: one page comes back, and with it the next ones are taken.
    task = tray.hand.pop(0)
    tray.done.append(Outcome(task, page(task.number, "old")))
    pipeline.keep(desk, tray, "me")
    assert [task.scan_id for task in tray.hand][: desk.readers] == [fax] * desk.readers
    assert len(tray.hand) <= 2 * desk.readers


def test_a_scan_of_today_is_filed_after_at_most_one_of_a_migration(desk, now):
    with desk.ledger.write() as connection:
        legacy = []
        for number in range(5):
            legacy.append(arrive(connection, now, f"old{number}.pdf", Lane.MIGRATION))
            read_all(connection, now, legacy[-1])
    assert worker._file_ready(desk, Event()) == 1
    with desk.ledger.write() as connection:
        fax = arrive(connection, now, "fax.tif", Lane.DAILY)
        read_all(connection, now, fax)
    assert worker._file_ready(desk, Event()) == 1
    with desk.ledger.read() as connection:
        states = [scans.get(connection, number).state for number in (*legacy[:2], fax)]
    assert states == [ScanState.FILED, ScanState.STORED, ScanState.FILED]


def test_the_index_is_told_of_today_in_its_next_batch(desk, now, monkeypatch):
    monkeypatch.setattr(pipeline, "INDEX_PAGES_AT_ONCE", 4)
    with desk.ledger.write() as connection:
        for name, lane in (("old.pdf", Lane.MIGRATION), ("fax.tif", Lane.DAILY)):
            scan_id = arrive(connection, now, name, lane, 2 if lane is Lane.DAILY else 9)
            read_all(connection, now, scan_id)
            numbers = [one.id for one in pages.facts_of_scan(connection, scan_id)]
            outbox.enqueue(connection, numbers)
        asked = outbox.waiting(connection, pipeline.INDEX_PAGES_AT_ONCE)
    assert {item.page_id for item in asked[:2]} == set(numbers)


def test_pages_of_a_long_scan_are_indexed_together_and_hold_up_no_other(desk, now, monkeypatch):
    with desk.ledger.write() as connection:
        scan_id = arrive(connection, now, "note.pdf")
        read_all(connection, now, scan_id)
        long_scan = arrive(connection, now, "long.pdf", page_count=40)
        early = [one.id for one in pages.facts_of_scan(connection, long_scan)]
        outbox.enqueue(connection, early[:1])
    monkeypatch.setattr(indexing, "EARLY_REST_SECONDS", SECONDS)
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(indexing.keep_index, desk, stop)
        try:
            until(lambda: not waiting(desk))
            with desk.ledger.write() as connection:
                outbox.enqueue(connection, early[1:3])
            assert worker._file_ready(desk, Event()) == 1
            until(lambda: waiting(desk) == early[1:3])
            monkeypatch.setattr(indexing, "monotonic", lambda: time.monotonic() + SECONDS)
            until(lambda: not waiting(desk))
        finally:
            stop.set()
        done.result()


def waiting(desk):
    with desk.ledger.read() as connection:
        return [item.page_id for item in outbox.waiting(connection, 99)]


@pytest.fixture
def service(tmp_path):
    running = Service(tmp_path / "home", learn_types=False)
    ledger = open_ledger(running.home / "ledger.db")
    stock(ledger, Vault(running.home / "vault"), tmp_path, FILES, PAGES_EACH)
    yield running, ledger
    running.stop()
    ledger.close()


def test_a_fax_overtakes_a_migration_in_a_running_service(service, tmp_path):
    running, ledger = service
    running.start()
    until(lambda: count(ledger, PageState.READ) >= 2)
    running.drop(note(tmp_path / "fax.png", "Tester, Sam", "sodium low today"))
    until(lambda: found(ledger))
    # The fax can be searched, the greater part of what came before it is still to be read.
    assert count(ledger, PageState.WAITING) > FILES * PAGES_EACH / 2


def until(come):
    deadline = time.monotonic() + SECONDS
    while not come():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def count(ledger, state):
    with ledger.read() as connection:
        return pages.counts(connection)[state]


def found(ledger):
    """Whether the only page of today is read, filed and in the index."""
    waits = select(index_queue.c.page_id)
    mine = select(func.count()).where(
        page_table.c.lane == Lane.DAILY.value,
        page_table.c.document_id.is_not(None),
        page_table.c.id.not_in(waits),
    )
    with ledger.read() as connection:
        return connection.execute(mine).scalar_one() == 1

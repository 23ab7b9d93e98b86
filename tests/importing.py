"""Small files and lists to import, and what a batch looks like afterwards."""

from datetime import UTC, datetime

from PIL import Image
from sqlalchemy import text

from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.ingest import migration
from chartkeeper.ingest.batches import Order, conclude, open_batch, write_down
from chartkeeper.ingest.migration import Pace
from chartkeeper.ingest.sources import sources_of
from chartkeeper.records import batch_report, batches, documents, pages, scans

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def paper(path, number, page_count=1):
    """A file of so many tiny pages; its content is that of no other number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sheets = [Image.new("L", (40, 30), 255) for _ in range(page_count)]
    for at, sheet in enumerate(sheets):
        for bit in range(20):
            sheet.putpixel((bit, at % 30), 0 if number >> bit & 1 else 255)
    sheets[0].save(path, "TIFF", save_all=True, append_images=sheets[1:], dpi=(200, 200))
    return path


def listing(folder, *lines, head="file,box,mrn,pages,source_id"):
    path = folder.parent / "list.csv"
    path.write_text("\n".join([head, *lines]) + "\n")
    return path


def run(desk, order, *, resume=False, stop_after=None):
    """The steps of an import but the reading; returns the batch. Stops after so many commits."""
    batch = open_batch(desk.ledger, order, resume=resume)
    write_down(desk.ledger, desk.ledger, batch, order, load_doctypes(), lambda _: None)
    sources = sources_of(order.places.given)
    stream = migration.take_in(desk, batch, Pace(), sources)
    for number, _ in enumerate(stream, 1):
        if number == stop_after:
            stream.close()
            return batch
    conclude(desk.ledger, desk.ledger, batch, order, lambda _: None, sources)
    with desk.ledger.read() as connection:
        return batches.get(connection, batch.id)


def order_of(folder, manifest=None, **more):
    return Order((folder,), manifest, **more)


def said_of(desk, batch):
    """Outcome and codes by line."""
    with desk.ledger.read() as connection:
        found = list(batch_report.exceptions(connection, batch.id))
    return {line["line"]: (line["outcome"], line["codes"]) for line in found}


def states(desk, batch):
    with desk.ledger.read() as connection:
        counted = batches.counts(connection, batch.id)
    return {state.value: number for state, number in counted.items() if number}


def report(desk, batch):
    with desk.ledger.read() as connection:
        return batch_report.reconcile(connection, batch.id)


def read_and_file(desk, filing, pick):
    """Bring every page that waits to an end: `pick(number)` is its page, or why it failed."""
    with desk.ledger.write() as connection:
        while tasks := pages.lease(connection, "test", 100, NOW, 60):
            for task in tasks:
                read = pick(task)
                if isinstance(read, str):
                    pages.fail(connection, task.page_id, read)
                else:
                    pages.store(connection, task.page_id, read)
        for scan in scans.ready_to_file(connection, 1000):
            documents.file(connection, scan.id, filing(scan), NOW)
            scans.mark_filed(connection, scan.id)


def come_to_its_end(desk, batch):
    """As if every file of a batch had been read and filed."""
    query = "SELECT DISTINCT scan_id FROM batch_items WHERE batch_id = :batch AND scan_id > 0"
    with desk.ledger.write() as connection:
        for scan_id in connection.execute(text(query), {"batch": batch.id}).scalars():
            scans.mark_filed(connection, scan_id)


def adds_up(box):
    """Whether every file and every page is in exactly one column."""
    files, paged = box.files, box.pages
    parts = (files.filed, files.review, files.aside, files.unread, files.failed)
    assert files.received == sum(parts)
    others = (files.refused, files.missing, files.rejected, files.waiting)
    assert files.expected == files.received + sum(others)
    parts = (paged.filed, paged.review, paged.aside, paged.blank, paged.separator)
    assert paged.received == sum(parts) + paged.unreadable + paged.unread
    short = paged.refused + paged.missing + paged.waiting
    assert paged.expected == paged.received + short - paged.surplus
    return True

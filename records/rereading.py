"""Pages that were given up and are read again, though the file is filed already.

Such a page goes back to the readers as work of today, with its tries counted anew. When it is read,
its words are found by searches; a document that waits for a clerk is filed anew with them, and one
that a person filed stays where it is.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, select, update

from chartkeeper.records import documents, outbox, restricted, separation
from chartkeeper.records.counting import number_of
from chartkeeper.records.model import TO_BE_READ, DocumentStatus, Lane, PageState, ScanState
from chartkeeper.records.schema import pages, scans

FILED_ANEW = "Pages that could not be read were tried again, and it is being filed anew."


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The pages of a filed scan that could not be read: their numbers, and why not the first.

    `document_id` is the document of the first.
    """

    scan_id: int
    document_id: int
    numbers: tuple[int, ...]
    reason: str

    @property
    def said(self) -> str:
        """Which pages, and why, in a sentence for a clerk."""
        some = ", ".join(str(number) for number in self.numbers)
        return f"Page{'s' if len(self.numbers) > 1 else ''} {some} of the file: {self.reason}"


def unreadable(
    connection: Connection, limit: int, scan_ids: Collection[int] | None = None
) -> list[Unreadable]:
    """Filed scans with pages that could not be read, newest first; only `scan_ids` if given.

    At most `limit` pages are looked at. Left out are those of documents that whoever reads may not
    open.
    """
    mine = _given_up() if scan_ids is None else _given_up() & pages.c.scan_id.in_(scan_ids)
    columns = (pages.c.scan_id, pages.c.document_id, pages.c.number, pages.c.reason)
    statement = select(*columns).where(mine).order_by(pages.c.scan_id.desc(), pages.c.number)
    rows = connection.execute(statement.limit(limit)).all()
    open_ones = restricted.readable(connection, {row.document_id for row in rows})
    found: dict[int, Unreadable] = {}
    for scan_id, document_id, number, reason in rows:
        if document_id not in open_ones:
            continue
        before = found.get(scan_id, Unreadable(scan_id, document_id, (), reason or ""))
        numbers = (*before.numbers, number)
        found[scan_id] = Unreadable(scan_id, before.document_id, numbers, before.reason)
    return list(found.values())


def read_again(connection: Connection, page_id: int) -> bool:
    """Have one page read again; False if it is none of a filed scan that could not be read."""
    return _ask(connection, pages.c.id == page_id) == 1


def read_scan_again(connection: Connection, scan_id: int) -> int:
    """Have all pages of a filed scan read again that could not be read; returns how many."""
    return _ask(connection, pages.c.scan_id == scan_id)


def settle(connection: Connection, page_id: int) -> None:
    """Take in what came of reading a page again; of a page read for the first time, nothing.

    Its document is filed anew when the last of its pages has come to an end, if it waits for a
    clerk; never over what a person decided.
    """
    mine = select(pages.c.document_id).where(pages.c.id == page_id)
    document_id = connection.execute(mine).scalar_one_or_none()
    if document_id is None:
        return
    outbox.enqueue(connection, [page_id], Lane.DAILY)
    still_open = (pages.c.document_id == document_id) & pages.c.state.in_(TO_BE_READ)
    facts = documents.facts(connection, document_id)
    waits = facts.document.status is DocumentStatus.REVIEW
    if waits and not number_of(connection, still_open):
        separation.file_again(connection, facts, FILED_ANEW)


def _ask(connection: Connection, condition: ColumnElement[bool]) -> int:
    found = connection.execute(select(pages.c.id, pages.c.scan_id).where(condition, _given_up()))
    asked = found.all()
    again = {"attempts": 0, "interruptions": 0, "reason": None, "lane": Lane.DAILY.value}
    for page_id, scan_id in asked:
        mine = update(pages).where(pages.c.id == page_id)
        connection.execute(mine.values(state=PageState.WAITING.value, **again))
        more = update(scans).where(scans.c.id == scan_id)
        connection.execute(more.values(unread=scans.c.unread + 1))
    return len(asked)


def _given_up() -> ColumnElement[bool]:
    filed = exists().where(scans.c.id == pages.c.scan_id, scans.c.state == ScanState.FILED.value)
    return (pages.c.state == PageState.FAILED.value) & filed & pages.c.document_id.is_not(None)

"""What keeps an import open, how that is accounted for, and the end of it."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from chartkeeper.records.access_log import Entry, Event, record
from chartkeeper.records.batch_lines import has, is_in, is_not_wholly_read, is_unopened
from chartkeeper.records.batches import Item, get, item_of, mark_closed
from chartkeeper.records.errors import BatchClosed, NothingToExcuse
from chartkeeper.records.findings import Finding
from chartkeeper.records.model import ItemState, ScanState
from chartkeeper.records.schema import batch_items, scans

LINES_NAMED = 5
MAX_REASON_CHARS = 500
UNFINISHED = "it was not read to its end; run the import again"


def lacking(connection: Connection, batch_id: int) -> str:
    """What keeps a batch from being closed, in a clerk's words; empty if nothing does."""
    unfinished = [] if get(connection, batch_id).finished_at else [UNFINISHED]
    return "; ".join([*unfinished, *shortcomings(connection, batch_id)])


def shortcomings(connection: Connection, batch_id: int) -> list[str]:
    """What is wrong with lines of a batch that nobody accounted for, with the first lines."""
    open_ = {words: and_(fault, batch_items.c.excused_at.is_(None))
             for words, fault in _faults().items()}  # fmt: skip
    found = []
    for words, condition in {"files not read yet": _unread(), **open_}.items():
        mine = and_(batch_items.c.batch_id == batch_id, batch_items.c.line > 0, condition)
        joined = batch_items.outerjoin(scans, scans.c.id == batch_items.c.scan_id)
        count = select(func.count()).select_from(joined).where(mine)
        number = connection.execute(count).scalar_one()
        if number:
            some = select(batch_items.c.line).select_from(joined).where(mine)
            first = connection.execute(some.order_by(batch_items.c.line).limit(LINES_NAMED))
            found.append(f"{words}: {number} ({_lines(list(first.scalars()), number)})")
    return found


def is_unread(connection: Connection, batch_id: int) -> bool:
    """Whether there is a file in a batch that is still to be looked at, or read and filed."""
    joined = batch_items.outerjoin(scans, scans.c.id == batch_items.c.scan_id)
    found = select(batch_items.c.id).select_from(joined)
    mine = found.where(batch_items.c.batch_id == batch_id, _unread())
    return connection.execute(mine.limit(1)).first() is not None


def may_be_excused() -> ColumnElement[bool]:
    """A condition on lines joined with their scans: something is wrong that can be accounted for.

    What is not read yet may turn out to be worse than what is known of it.
    """
    return and_(or_(*_faults().values()), ~_unread())


def excuse(
    connection: Connection, batch_id: int, line: int, because: str, by: str, now: datetime
) -> Item:
    """Note why a line's file, or a part of it, need not come; returns the line as it was.

    Raises UnknownBatch, BatchClosed, NothingToExcuse.
    """
    if get(connection, batch_id).closed_at:
        raise BatchClosed(batch_id)
    joined = batch_items.outerjoin(scans, scans.c.id == batch_items.c.scan_id)
    mine = and_(batch_items.c.batch_id == batch_id, batch_items.c.line == line)
    found = select(batch_items).select_from(joined).where(mine, may_be_excused())
    row = connection.execute(found).mappings().one_or_none()
    if row is None or line < 1 or not because.strip():
        raise NothingToExcuse(batch_id, line)
    values = {
        "excused_by": by,
        "excused_at": now,
        "excused_because": because.strip()[:MAX_REASON_CHARS],
    }
    connection.execute(update(batch_items).where(mine).values(values))
    return item_of(row)


def excusable(
    connection: Connection, batch_id: int, first: int, last: int, limit: int
) -> list[int]:
    """The next lines from `first` to `last` that keep a batch open and that nobody accounted for.

    Raises UnknownBatch.
    """
    get(connection, batch_id)
    joined = batch_items.outerjoin(scans, scans.c.id == batch_items.c.scan_id)
    found = (
        select(batch_items.c.line)
        .select_from(joined)
        .where(
            batch_items.c.batch_id == batch_id,
            batch_items.c.line.between(max(first, 1), last),
            batch_items.c.excused_at.is_(None),
            may_be_excused(),
        )
    )
    return list(connection.execute(found.order_by(batch_items.c.line).limit(limit)).scalars())


def note_ended(connection: Connection, batch_id: int, line: int, now: datetime) -> None:
    """Write into the access log that a line is not any more what was excused."""
    detail = {"batch": batch_id, "line": line}
    record(connection, Entry(Event.BATCH_EXCUSE_ENDED, "import", "local", detail=detail), now)


def close(connection: Connection, batch_id: int, by: str, now: datetime) -> str:
    """Close a batch if nothing is lacking; returns what is. Raises UnknownBatch."""
    wanting = lacking(connection, batch_id)
    if not wanting and not get(connection, batch_id).closed_at:
        mark_closed(connection, batch_id, by, now)
    return wanting


def _unread() -> ColumnElement[bool]:
    stored = func.coalesce(scans.c.state, "") == ScanState.STORED.value
    return or_(is_in(ItemState.EXPECTED), stored)


def _faults() -> dict[str, ColumnElement[bool]]:
    """What a line must not have for its batch to be closed, in words."""
    return {
        "files missing": is_in(ItemState.MISSING),
        "files refused": is_in(ItemState.REFUSED),
        "lines that cannot be used": is_in(ItemState.REJECTED),
        "files not on the list": and_(is_in(ItemState.SURPLUS), ~is_unopened()),
        "folders that were not looked into": is_unopened(),
        "files with another number of pages": has(Finding.PAGE_COUNT),
        "files other than the list describes": has(Finding.CHECKSUM),
        "files with pages that cannot be read": and_(is_not_wholly_read(), ~_unread()),
    }


def _lines(numbers: list[int], of: int) -> str:
    named = ", ".join(str(number) for number in numbers)
    return f"line{'s' if of > 1 else ''} {named}{' ...' if of > len(numbers) else ''}"

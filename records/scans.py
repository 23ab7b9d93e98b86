"""The content of arrived files and its pages to be read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from chartkeeper.records.counting import by_state
from chartkeeper.records.model import USUAL_PRIORITY, Lane, PageState, Scan, ScanState
from chartkeeper.records.schema import pages, scans

INSERT_PAGES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NewScan:
    """What is known of a scan when its original has been stored."""

    sha256: str
    format: str
    size: int
    page_count: int
    lane: Lane
    priority: int = USUAL_PRIORITY


def add(connection: Connection, new: NewScan, now: datetime) -> int:
    """Record a scan and one page to be read for each of its sides; returns its number."""
    values = {
        "sha256": new.sha256,
        "format": new.format,
        "size": new.size,
        "page_count": new.page_count,
        "unread": new.page_count,
        "lane": new.lane.value,
        "priority": new.priority,
        "state": ScanState.STORED.value,
        "stored_at": now,
    }
    result = connection.execute(insert(scans).values(**values))
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    scan_id = int(result.inserted_primary_key[0])
    for first in range(1, new.page_count + 1, INSERT_PAGES_AT_ONCE):
        last = min(first + INSERT_PAGES_AT_ONCE - 1, new.page_count)
        rows = [_new_page(scan_id, number, new) for number in range(first, last + 1)]
        connection.execute(insert(pages), rows)
    return scan_id


def by_sha256(connection: Connection, sha256: str) -> Scan | None:
    """The scan with this content, if it was stored before."""
    row = connection.execute(select(scans).where(scans.c.sha256 == sha256)).mappings().one_or_none()
    return None if row is None else _scan(row)


def get(connection: Connection, scan_id: int) -> Scan:
    """The scan of this number, which must exist."""
    return _scan(connection.execute(select(scans).where(scans.c.id == scan_id)).mappings().one())


def of_numbers(connection: Connection, scan_ids: Sequence[int]) -> dict[int, Scan]:
    """Some hundreds of scans by their numbers."""
    statement = select(scans).where(scans.c.id.in_(scan_ids))
    return {row["id"]: _scan(row) for row in connection.execute(statement).mappings()}


def ready_to_file(connection: Connection, limit: int = 20) -> list[Scan]:
    """Scans of which every page has been read or given up, and that are not filed yet.

    Daily lane first; within a lane they come by priority, then as they arrived.
    """
    statement = select(scans).where(scans.c.state == ScanState.STORED.value, scans.c.unread == 0)
    rows = connection.execute(
        statement.order_by(scans.c.lane, scans.c.priority, scans.c.id).limit(limit)
    )
    return [_scan(row) for row in rows.mappings()]


def mark_filed(connection: Connection, scan_id: int) -> None:
    """The documents of the scan are in the ledger."""
    _set_state(connection, scan_id, ScanState.FILED, None)


def mark_failed(connection: Connection, scan_id: int, reason: str) -> None:
    """No page of the scan could be read."""
    _set_state(connection, scan_id, ScanState.FAILED, reason)


def retry(connection: Connection, scan_id: int) -> None:
    """Try once more to read a scan that failed."""
    _set_state(connection, scan_id, ScanState.STORED, None)
    again = connection.execute(
        update(pages)
        .where(pages.c.scan_id == scan_id, pages.c.state == PageState.FAILED.value)
        .values(state=PageState.WAITING.value, attempts=0, interruptions=0, reason=None)
    )
    more = {"unread": scans.c.unread + again.rowcount}
    connection.execute(update(scans).where(scans.c.id == scan_id).values(**more))


def promote(connection: Connection, scan_id: int, lane: Lane, priority: int) -> None:
    """Have what is still to be read of a scan read in this lane and with this priority."""
    mine, values = scans.c.id == scan_id, {"lane": lane.value, "priority": priority}
    connection.execute(update(scans).where(mine).values(**values))
    unread = pages.c.state != PageState.READ.value
    connection.execute(update(pages).where(pages.c.scan_id == scan_id, unread).values(**values))


def failed(connection: Connection, after_id: int = 0, limit: int | None = None) -> list[Scan]:
    """Scans of which no page could be read, oldest first, from behind `after_id` on."""
    statement = select(scans).where(scans.c.state == ScanState.FAILED.value, scans.c.id > after_id)
    rows = connection.execute(statement.order_by(scans.c.id).limit(limit))
    return [_scan(row) for row in rows.mappings()]


def names(connection: Connection, scan_ids: Collection[int]) -> dict[int, str]:
    """The SHA-256 of each of these scans."""
    statement = select(scans.c.id, scans.c.sha256).where(scans.c.id.in_(scan_ids))
    return {int(number): str(sha256) for number, sha256 in connection.execute(statement)}


def counts(connection: Connection) -> dict[ScanState, int]:
    """How many scans there are in each state."""
    return by_state(connection, scans.c.state, ScanState, ScanState.FILED)


def _new_page(scan_id: int, number: int, new: NewScan) -> dict[str, object]:
    return {
        "scan_id": scan_id,
        "number": number,
        "state": PageState.WAITING.value,
        "lane": new.lane.value,
        "priority": new.priority,
        "attempts": 0,
    }


def _set_state(connection: Connection, scan_id: int, state: ScanState, reason: str | None) -> None:
    connection.execute(
        update(scans).where(scans.c.id == scan_id).values(state=state.value, reason=reason)
    )


def _scan(row: RowMapping) -> Scan:
    fields = dict(row)
    del fields["unread"]
    fields["state"] = ScanState(fields["state"])
    fields["lane"] = Lane(fields["lane"])
    return Scan(**fields)

"""What was seen in an inbox or import, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from chartkeeper.records.counting import by_state
from chartkeeper.records.errors import Overtaken
from chartkeeper.records.model import (
    USUAL_PRIORITY,
    Arrival,
    ArrivalState,
    Delivery,
    Lane,
    Origin,
    ScanState,
)
from chartkeeper.records.schema import arrivals, index_queue, pages, scans

# In the order of the fields of Origin and Delivery.
ORIGIN_COLUMNS = ("department", "source", "duplex", "blank_separates")
DELIVERY_COLUMNS = ("sender", "pages_expected", "delivery_error", "delivery_note")


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it lies in an inbox, about to be claimed.

    `priority` is 1 (most urgent) to 9 within the lane. `origin` is what the inbox's profile says,
    `delivery` what the fax server does.
    """

    inbox: str
    name: str
    claim: str
    lane: Lane
    size: int
    priority: int = USUAL_PRIORITY
    origin: Origin = field(default_factory=Origin)
    delivery: Delivery = field(default_factory=Delivery)


def claim(connection: Connection, seen: Seen, now: datetime) -> Arrival:
    """Record the intention to take a file in, before it is touched."""
    statement = insert(arrivals).values(
        inbox=seen.inbox,
        name=seen.name,
        claim=seen.claim,
        state=ArrivalState.CLAIMED.value,
        lane=seen.lane.value,
        priority=seen.priority,
        seen_at=now,
        size=seen.size,
        cleared=False,
        department=seen.origin.department,
        source=seen.origin.source,
        duplex=seen.origin.duplex,
        blank_separates=seen.origin.blank_separates,
        sender=seen.delivery.sender,
        pages_expected=seen.delivery.pages_expected,
        delivery_error=seen.delivery.error,
        delivery_note=seen.delivery.note,
    )
    result = connection.execute(statement)
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    return get(connection, int(result.inserted_primary_key[0]))


def withdraw(connection: Connection, arrival_id: int) -> None:
    """Forget a claim that never came to anything: the file is still where it was, or gone."""
    connection.execute(
        arrivals.delete().where(
            arrivals.c.id == arrival_id, arrivals.c.state == ArrivalState.CLAIMED.value
        )
    )


def accept(connection: Connection, arrival_id: int, scan_id: int) -> None:
    """The content is in the vault and this is the first arrival of it. Raises Overtaken."""
    _end(connection, arrival_id, state=ArrivalState.ACCEPTED.value, scan_id=scan_id)


def duplicate(connection: Connection, arrival_id: int, scan_id: int) -> None:
    """The content was there before; it is a further arrival of one scan. Raises Overtaken."""
    _end(connection, arrival_id, state=ArrivalState.DUPLICATE.value, scan_id=scan_id)


def refuse(connection: Connection, arrival_id: int, code: str, reason: str) -> None:
    """The file cannot be taken in; `reason` says why and what to do, in a clerk's words.

    Raises Overtaken.
    """
    refused_now = {"state": ArrivalState.REFUSED.value, "reason_code": code, "reason": reason}
    _end(connection, arrival_id, **refused_now)


def mark_cleared(connection: Connection, arrival_id: int) -> None:
    """The claimed file is out of the inbox."""
    mark_all_cleared(connection, [arrival_id])


def mark_all_cleared(
    connection: Connection, arrival_ids: Sequence[int], *, cleared: bool = True
) -> None:
    """The claimed files of some hundreds of arrivals are out of the inbox, or are not after all."""
    mine = arrivals.c.id.in_(arrival_ids)
    connection.execute(update(arrivals).where(mine).values(cleared=cleared))


def by_claims(connection: Connection, claims: Sequence[str]) -> dict[str, Arrival]:
    """The arrivals that some hundreds of claimed files belong to, of those the ledger knows."""
    return {item.claim: item for item in _select(connection, arrivals.c.claim.in_(claims))}


def find(connection: Connection, arrival_id: int) -> Arrival | None:
    """The arrival of this number, if there is one."""
    found = _select(connection, arrivals.c.id == arrival_id)
    return found[0] if found else None


def get(connection: Connection, arrival_id: int) -> Arrival:
    """The arrival of this number, which must exist."""
    row = connection.execute(select(arrivals).where(arrivals.c.id == arrival_id)).mappings().one()
    return _arrival(row)


def claimed(connection: Connection, inbox: str) -> list[Arrival]:
    """Arrivals of an inbox that were claimed and not brought to an end."""
    return _select(
        connection,
        and_(arrivals.c.inbox == inbox, arrivals.c.state == ArrivalState.CLAIMED.value),
    )


def claimed_elsewhere(connection: Connection, inbox: str) -> list[Arrival]:
    """Arrivals claimed and not brought to an end, of every source but this inbox: of imports.

    Those of other inboxes are not among them: whoever watches those brings them to an end.
    """
    imported = and_(arrivals.c.inbox != inbox, arrivals.c.lane == Lane.MIGRATION.value)
    return _select(connection, and_(imported, arrivals.c.state == ArrivalState.CLAIMED.value))


def to_clear(
    connection: Connection, inbox: str, limit: int = 200, after_id: int = 0
) -> list[Arrival]:
    """Arrivals whose claimed file is not needed any more, oldest first, beyond `after_id`.

    That is: refused ones, duplicates, scans that failed, and scans that are filed and whose pages
    are all in the index.
    """
    waiting = (
        exists().where(pages.c.scan_id == scans.c.id).where(index_queue.c.page_id == pages.c.id)
    )
    over = (
        exists()
        .where(scans.c.id == arrivals.c.scan_id)
        .where(
            or_(
                scans.c.state == ScanState.FAILED.value,
                and_(scans.c.state == ScanState.FILED.value, ~waiting),
            )
        )
    )
    done = or_(
        arrivals.c.state.in_([ArrivalState.REFUSED.value, ArrivalState.DUPLICATE.value]),
        and_(arrivals.c.state == ArrivalState.ACCEPTED.value, over),
    )
    here = and_(arrivals.c.inbox == inbox, arrivals.c.id > after_id)
    open_here = and_(here, arrivals.c.cleared.is_(False))
    return _select(connection, and_(open_here, done), limit)


def newest(connection: Connection, limit: int, before_id: int | None = None) -> list[Arrival]:
    """The latest arrivals, newest first; `before_id` goes on from an earlier list."""
    statement = select(arrivals).order_by(arrivals.c.id.desc()).limit(limit)
    if before_id is not None:
        statement = statement.where(arrivals.c.id < before_id)
    return [_arrival(row) for row in connection.execute(statement).mappings()]


def refused(connection: Connection, after_id: int = 0, limit: int | None = None) -> list[Arrival]:
    """Arrivals that were refused, oldest first, from behind `after_id` on."""
    state = arrivals.c.state == ArrivalState.REFUSED.value
    return _select(connection, and_(state, arrivals.c.id > after_id), limit)


def refused_daily(connection: Connection, limit: int) -> list[Arrival]:
    """The latest files that were refused on their way through an inbox, newest first.

    What an import refused stays where it lies, and is in the import's own list.
    """
    state = arrivals.c.state == ArrivalState.REFUSED.value
    statement = select(arrivals).where(state, arrivals.c.lane == Lane.DAILY.value)
    rows = connection.execute(statement.order_by(arrivals.c.id.desc()).limit(limit))
    return [_arrival(row) for row in rows.mappings()]


def count_refused_by_imports(connection: Connection) -> int:
    """How many files imports refused, each as often as it was."""
    refused = arrivals.c.state == ArrivalState.REFUSED.value
    statement = select(func.count()).where(refused, arrivals.c.lane == Lane.MIGRATION.value)
    return connection.execute(statement).scalar_one()


def first_of_scan(connection: Connection, scan_id: int) -> Arrival | None:
    """The arrival that brought the content of a scan; later ones brought it once more."""
    found = _select(connection, arrivals.c.scan_id == scan_id, 1)
    return found[0] if found else None


def of_scans(connection: Connection, scan_ids: Sequence[int]) -> dict[int, list[Arrival]]:
    """The arrivals of each scan, first one first."""
    found: dict[int, list[Arrival]] = {}
    for arrival in _select(connection, arrivals.c.scan_id.in_(scan_ids)):
        assert arrival.scan_id is not None  # noqa: S101 - narrows the type; selected by it
        found.setdefault(arrival.scan_id, []).append(arrival)
    return found


def known_names(connection: Connection, inbox: str) -> set[str]:
    """The names under which files of this inbox or import were taken in before.

    Refused ones are not among them: what was wrong may have been mended.
    """
    taken = arrivals.c.state.in_([ArrivalState.ACCEPTED.value, ArrivalState.DUPLICATE.value])
    statement = select(arrivals.c.name).where(arrivals.c.inbox == inbox, taken)
    return set(connection.execute(statement).scalars())


def counts(connection: Connection) -> dict[ArrivalState, int]:
    """How many arrivals there are in each state."""
    return by_state(connection, arrivals.c.state, ArrivalState, ArrivalState.ACCEPTED)


def _end(connection: Connection, arrival_id: int, **values: object) -> None:
    still_claimed = arrivals.c.state == ArrivalState.CLAIMED.value
    mine = (arrivals.c.id == arrival_id) & still_claimed
    if connection.execute(update(arrivals).where(mine).values(**values)).rowcount != 1:
        raise Overtaken


def _select(
    connection: Connection, condition: ColumnElement[bool], limit: int | None = None
) -> list[Arrival]:
    statement = select(arrivals).where(condition).order_by(arrivals.c.id).limit(limit)
    return [_arrival(row) for row in connection.execute(statement).mappings()]


def _arrival(row: RowMapping) -> Arrival:
    fields = dict(row)
    fields["state"] = ArrivalState(fields["state"])
    fields["lane"] = Lane(fields["lane"])
    origin = Origin(*(fields.pop(name) for name in ORIGIN_COLUMNS))
    delivery = Delivery(*(fields.pop(name) for name in DELIVERY_COLUMNS))
    return Arrival(**fields, origin=origin, delivery=delivery)

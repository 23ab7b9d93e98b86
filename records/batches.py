"""Imports: a batch a run of one, an item a file that it names or finds, and what became of each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from chartkeeper.records.batch_lines import is_in, is_unopened, is_worth_a_second_look
from chartkeeper.records.errors import BatchClosed, UnknownBatch
from chartkeeper.records.findings import Finding
from chartkeeper.records.model import USUAL_PRIORITY, ItemState
from chartkeeper.records.schema import batch_items, batches
from chartkeeper.records.separation import file_scan_anew

HELD_AGAINST_LIST = "It is being held against what an import list says of it."
MAX_CLAIMS = 50
# Of a file that is taken: its content is there already.
AGAIN = frozenset({Finding.SAME_CONTENT.value, Finding.IN_VAULT.value})


@dataclass(frozen=True, slots=True)
class Batch:
    """One import; `lines` is how many of its list are written down, `listed` that all of them are.

    `finished_at` is when every file was looked at, and those that the list does not name were
    looked for; `closed_at` is when somebody vouched for all.
    """

    id: int
    name: str
    source_key: str
    by_list: bool
    started_at: datetime
    lines: int
    listed: bool
    finished_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """A file of an import with what the list claims of it, as far as that was understood.

    `pages` and `sha256` are those that the list says, None or empty where it does not. From
    `arrival_id` on it is what became of the file when it was looked at last.
    """

    line: int
    state: ItemState
    root: str = ""
    file: str = ""
    findings: tuple[Finding, ...] = ()
    box: str = ""
    label: str = ""
    source_id: str = ""
    mrn: str = ""
    last: str = ""
    first: str = ""
    type: str = ""
    dob: date | None = None
    service_date: date | None = None
    pages: int | None = None
    sha256: str = ""
    priority: int = USUAL_PRIORITY
    arrival_id: int | None = None
    scan_id: int | None = None
    reason_code: str | None = None
    reason: str | None = None
    found_sha256: str | None = None
    found_pages: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item: its state, what was found, and the arrival and scan that it is.

    `kept` if it is what had come before, and nothing came now.
    """

    state: ItemState
    findings: tuple[Finding, ...] = ()
    reason_code: str | None = None
    reason: str | None = None
    found_sha256: str | None = None
    found_pages: int | None = None
    arrival_id: int | None = None
    scan_id: int | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class ListedClaim:
    """What an import list says of a scan; `describes_other` if its checksum is another file's."""

    mrn: str
    last: str
    first: str
    dob: date | None
    type: str
    service_date: date | None
    describes_other: bool = False


def start(
    connection: Connection, name: str, source_key: str, now: datetime, *, by_list: bool
) -> Batch:
    """A new batch with nothing in it."""
    values = {"name": name, "source_key": source_key, "by_list": by_list, "started_at": now}
    result = connection.execute(insert(batches).values(**values, lines=0, listed=False))
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    return get(connection, int(result.inserted_primary_key[0]))


def get(connection: Connection, batch_id: int) -> Batch:
    """The batch of this number. Raises UnknownBatch."""
    row = connection.execute(select(batches).where(batches.c.id == batch_id)).mappings()
    found = row.one_or_none()
    if found is None:
        raise UnknownBatch(batch_id)
    return Batch(**found)


def newest_of(connection: Connection, source_key: str) -> Batch | None:
    """The newest batch of this list or these folders."""
    statement = select(batches).where(batches.c.source_key == source_key)
    row = connection.execute(statement.order_by(batches.c.id.desc()).limit(1)).mappings().first()
    return None if row is None else Batch(**row)


def newest_of_list(connection: Connection, beginning: str) -> Batch | None:
    """The newest batch by a list of which the key begins so, in whatever way it was read."""
    mine = batches.c.source_key.startswith(beginning, autoescape=True)
    statement = select(batches).where(mine, batches.c.by_list).order_by(batches.c.id.desc())
    row = connection.execute(statement.limit(1)).mappings().first()
    return None if row is None else Batch(**row)


def newest(connection: Connection, limit: int, before_id: int | None = None) -> list[Batch]:
    """The latest batches, newest first; `before_id` goes on from an earlier list."""
    statement = select(batches).order_by(batches.c.id.desc()).limit(limit)
    if before_id is not None:
        statement = statement.where(batches.c.id < before_id)
    return [Batch(**row) for row in connection.execute(statement).mappings()]


def change(connection: Connection, batch_id: int, **values: object) -> None:
    """Change facts of a batch itself."""
    connection.execute(update(batches).where(batches.c.id == batch_id).values(**values))


def add(connection: Connection, batch_id: int, items: Sequence[Item]) -> None:
    """Write items down, in the order of their lines, behind those that the batch has."""
    if not items:
        return
    rows = [{"batch_id": batch_id, **_columns(item)} for item in items]
    connection.execute(insert(batch_items), rows)
    change(connection, batch_id, lines=batches.c.lines + len(items))


def note_surplus(connection: Connection, batch_id: int, items: Sequence[Item]) -> None:
    """Write down files that lie there and that the list does not name."""
    if items:
        rows = [{"batch_id": batch_id, **_columns(item)} for item in items]
        connection.execute(insert(batch_items), rows)


def mark_listed(connection: Connection, batch_id: int) -> None:
    """Every line of the list, or every file found, is written down."""
    change(connection, batch_id, listed=True)


def mark_finished(connection: Connection, batch_id: int, now: datetime) -> None:
    """Every file was looked at, and those that are not named were looked for."""
    change(connection, batch_id, finished_at=now)


def go_on(connection: Connection, batch: Batch) -> Batch:
    """Take a batch up again; what had a fault in a finished run is looked at once more.

    Raises BatchClosed.
    """
    if batch.closed_at:
        raise BatchClosed(batch.id)
    if batch.finished_at:
        mine = batch_items.c.batch_id == batch.id
        again = update(batch_items).where(mine, is_worth_a_second_look())
        connection.execute(again.values(state=ItemState.EXPECTED.value))
    # A folder may hold more files by now; a list stays what it is.
    change(connection, batch.id, finished_at=None, listed=batch.by_list and batch.listed)
    return get(connection, batch.id)


def expected(connection: Connection, batch_id: int, limit: int) -> list[Item]:
    """The next items to be looked at, in the order of the list."""
    statement = (
        select(batch_items)
        .where(batch_items.c.batch_id == batch_id, is_in(ItemState.EXPECTED))
        .order_by(batch_items.c.id)
        .limit(limit)
    )
    return [item_of(row) for row in connection.execute(statement).mappings()]


def item_of(row: RowMapping) -> Item:
    """The item that a row holds."""
    fields = {name: row[name] for name in Item.__dataclass_fields__}
    fields["state"] = ItemState(fields["state"])
    fields["findings"] = tuple(Finding(code) for code in fields["findings"].split())
    return Item(**fields)


def counts(connection: Connection, batch_id: int) -> dict[ItemState, int]:
    """How many items of a batch there are in each state."""
    statement = (
        select(batch_items.c.state, func.count())
        .where(batch_items.c.batch_id == batch_id)
        .group_by(batch_items.c.state)
    )
    found = {ItemState(state): int(number) for state, number in connection.execute(statement)}
    return {state: found.get(state, 0) for state in ItemState}


def named(connection: Connection, batch_id: int, files: Collection[str]) -> set[tuple[str, str]]:
    """Which of these names are in a batch already, each with its root."""
    statement = select(batch_items.c.root, batch_items.c.file).where(
        batch_items.c.batch_id == batch_id, batch_items.c.file.in_(files), batch_items.c.line > 0
    )
    return {(str(root), str(file)) for root, file in connection.execute(statement)}


def surplus(connection: Connection, batch_id: int, after: int, limit: int) -> list[Item]:
    """What is noted as not named and not excused, in order, from behind line `after` on."""
    statement = select(batch_items).where(
        batch_items.c.batch_id == batch_id,
        is_in(ItemState.SURPLUS),
        batch_items.c.line > after,
        batch_items.c.excused_at.is_(None) | is_unopened(),
    )
    rows = connection.execute(statement.order_by(batch_items.c.line).limit(limit)).mappings()
    return [item_of(row) for row in rows]


def forget(connection: Connection, item_ids: Collection[int]) -> None:
    """Forget some hundreds of items, noted as not named, that are not there any more."""
    connection.execute(batch_items.delete().where(batch_items.c.id.in_(item_ids)))


def highest_line(connection: Connection, batch_id: int) -> int:
    """The highest line of a batch; 0 if it has none."""
    highest = select(func.max(batch_items.c.line)).where(batch_items.c.batch_id == batch_id)
    return max(connection.execute(highest).scalar_one() or 0, 0)


def has_content(connection: Connection, batch_id: int, sha256: str, but: int) -> bool:
    """Whether another item of the batch than `but` has this content."""
    statement = select(batch_items.c.id).where(
        batch_items.c.batch_id == batch_id,
        batch_items.c.found_sha256 == sha256,
        batch_items.c.id != but,
    )
    return connection.execute(statement.limit(1)).first() is not None


def settle(connection: Connection, item: Item, outcome: Outcome) -> bool:
    """Write down what became of an item; returns whether an excuse of it ended with that."""
    values = {**_plain(asdict(outcome)), "findings": _codes((*item.findings, *outcome.findings))}
    del values["kept"]
    return _rewrite(connection, item.id, values, outcome.scan_id)


def rewrite(connection: Connection, item_id: int, item: Item) -> bool:
    """Put an item in the place of another one; returns whether an excuse ended with that."""
    return _rewrite(connection, item_id, _columns(item), item.scan_id)


def outcomes(connection: Connection, batch_id: int) -> Iterator[tuple[str, str]]:
    """What became of each file that was looked at, or the code of why it is not usable; its name.

    In the order of the list.
    """
    statement = (
        select(batch_items)
        .where(batch_items.c.batch_id == batch_id, batch_items.c.file != "")
        .order_by(batch_items.c.line)
    )
    for row in connection.execute(statement).mappings():
        codes = set(row["findings"].split())
        taken = "duplicate" if AGAIN & codes else "accepted"
        state = taken if row["state"] == ItemState.TAKEN.value else row["state"]
        yield row["reason_code"] or state, row["file"]


def claims_of(connection: Connection, scan_id: int) -> list[ListedClaim]:
    """What import lists say of a scan, each different claim once, first one first."""
    statement = (
        select(batch_items)
        .where(batch_items.c.scan_id == scan_id)
        .order_by(batch_items.c.id)
        .limit(MAX_CLAIMS)
    )
    said = [_claim(row) for row in connection.execute(statement).mappings()]
    return list(dict.fromkeys(claim for claim in said if claim is not None))


def mark_closed(connection: Connection, batch_id: int, by: str, now: datetime) -> None:
    """Somebody vouches for all of the batch; nothing is added to it any more."""
    change(connection, batch_id, closed_at=now, closed_by=by)


def _rewrite(
    connection: Connection, item_id: int, values: Mapping[str, object], scan_id: int | None
) -> bool:
    """Change an item; returns whether an excuse ended, as the line is not what it was any more.

    Where lists say something else of a scan by that, its documents are held against them once more.
    """
    mine = batch_items.c.id == item_id
    said = claims_of(connection, scan_id) if scan_id else []
    before = connection.execute(select(batch_items).where(mine)).mappings().one()
    connection.execute(update(batch_items).where(mine).values(**values))
    after = connection.execute(select(batch_items).where(mine)).mappings().one()
    if scan_id and claims_of(connection, scan_id) != said:
        file_scan_anew(connection, scan_id, HELD_AGAINST_LIST)
    ended = before["excused_at"] is not None and _standing(before) != _standing(after)
    if ended:
        nobody = {"excused_by": None, "excused_at": None, "excused_because": None}
        connection.execute(update(batch_items).where(mine).values(**nobody))
    return ended


def _standing(row: RowMapping) -> tuple[object, ...]:
    """What somebody saw who excused the line.

    The state is not in it: that is another one for a while when the file is looked at once more.
    """
    return row["reason_code"], frozenset(row["findings"].split()), row["found_sha256"]


def _says_something(claim: ListedClaim) -> bool:
    return claim != ListedClaim("", "", "", None, "", None)


def _claim(row: RowMapping) -> ListedClaim | None:
    other = Finding.CHECKSUM in row["findings"].split()
    names = ("mrn", "last", "first", "dob", "type", "service_date")
    claim = ListedClaim(**{name: row[name] for name in names}, describes_other=other)
    return claim if _says_something(claim) else None


def _columns(item: Item) -> dict[str, object]:
    values = _plain(asdict(item))
    del values["id"]
    return {**values, "findings": _codes(item.findings)}


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {**values, "state": ItemState(str(values["state"])).value}


def _codes(findings: Sequence[Finding]) -> str:
    # With a space on either side of each, so that a query can ask for a whole one.
    codes = " ".join(dict.fromkeys(finding.value for finding in findings))
    return f" {codes} " if codes else ""

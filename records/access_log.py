"""Who looked at what, who decided what: append-only, hash-chained, written before the answer.

Each entry holds the hash of the one before it, and its own hash covers everything in it, so an
entry changed, removed, added or moved shows in verify(). `docs/access-log.md` says what the chain
can and cannot show.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    union,
)

from chartkeeper.records.model import DocumentStatus
from chartkeeper.records.schema import access_log, documents, patient_numbers, patients

FIRST_HASH = "0" * 64
VERIFY_ROWS_AT_ONCE = 1000
RECORDED_AT_ONCE = 1000


class Event(StrEnum):
    """Everything that is written to the access log; nothing else can be."""

    LOGIN = "login"
    LOGIN_FAILED = "login:failed"
    LOGOUT = "logout"
    SESSION_EXPIRED = "session:expired"
    DENIED = "denied"
    SEARCH = "search"
    PATIENT_SEARCH = "patient:search"
    CHART_VIEW = "chart:view"
    DOCUMENT_VIEW = "document:view"
    PAGE_VIEW = "page:view"
    DOWNLOAD = "document:download"
    PRINT = "document:print"
    LIST_VIEW = "list:view"
    DECISION = "document:decide"
    INTAKE_RETRY = "intake:retry"
    USER_ADDED = "user:add"
    USER_ROLE = "user:role"
    USER_RIGHT = "user:restricted"
    USER_DISABLED = "user:disable"
    USER_RESET = "user:reset"
    USER_RESET_OWN = "user:reset-own"
    RESTRICTION = "restriction"
    EMERGENCY_BEGUN = "emergency:begin"
    EMERGENCY_ENDED = "emergency:end"
    EMERGENCY_REVIEWED = "emergency:review"
    PATIENTS_LOADED = "patients:load"
    TYPES_RETIRED = "types:retire"
    PATIENTS_MERGED = "patients:merge"
    BATCH_EXCUSED = "batch:excuse"
    BATCH_EXCUSE_ENDED = "batch:excuse-ended"
    BATCH_CLOSED = "batch:close"
    BACKUP = "backup"
    RESTORE = "restore"
    LOG_VIEW = "log:view"
    LOG_EXPORT = "log:export"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded of one look or deed.

    `actor` is an account name, or for the command line `cli:` and the system's user name.
    `patient_id` and `mrn` are those at the time; `detail` holds what else matters (a query, old
    and new values) and is as confidential as the charts. Its `emergency` is the number of the
    emergency access under which it was done, where it was one.
    """

    event: Event
    actor: str
    address: str
    outcome: str = "ok"
    patient_id: int | None = None
    mrn: str | None = None
    document_id: int | None = None
    page: int | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


def emergency_of(detail: Mapping[str, object]) -> int | None:
    """The emergency access under which something was done, by what an entry says of it."""
    number = detail.get("emergency")
    return number if isinstance(number, int) else None


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry as it stands in the log."""

    seq: int
    at: datetime
    entry: Entry
    hash: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries to show: each field that is given must agree; times are from..before.

    A patient's entries are those that name the patient, and those on documents that belong to the
    patient by now: whoever read one before it was filed has seen the chart as well.
    """

    actor: str | None = None
    event: Event | None = None
    patient_id: int | None = None
    document_id: int | None = None
    since: datetime | None = None
    before: datetime | None = None


def record(connection: Connection, entry: Entry, now: datetime) -> int:
    """Append an entry; returns its number. The transaction must be a writing one."""
    return record_each(connection, [entry], now)


def record_each(connection: Connection, entries: Iterable[Entry], now: datetime) -> int:
    """Append many entries at once; returns the number of the last, of the log's if there are none.

    The transaction must be a writing one.
    """
    seq, previous = head(connection)
    pending = iter(entries)
    while batch := list(islice(pending, RECORDED_AT_ONCE)):
        rows = []
        for item in batch:
            row = _row(item, seq + 1, previous, now)
            seq, previous = seq + 1, entry_hash(row)
            rows.append({**row, "hash": previous})
        connection.execute(insert(access_log), rows)
    return seq


def _row(entry: Entry, seq: int, previous: str, now: datetime) -> dict[str, object]:
    return {
        "seq": seq,
        "at": now,
        "event": entry.event.value,
        "outcome": entry.outcome,
        "actor": entry.actor,
        "address": entry.address,
        "patient_id": entry.patient_id,
        "mrn": entry.mrn,
        "document_id": entry.document_id,
        "page": entry.page,
        "detail": json.dumps(dict(entry.detail), sort_keys=True, ensure_ascii=False, default=str),
        "previous_hash": previous,
    }


def entries(
    connection: Connection, wanted: Wanted, limit: int, before_seq: int | None = None
) -> list[LoggedEntry]:
    """Entries that agree with `wanted`, newest first; `before_seq` goes on from an earlier list.

    The order is that of their times, and of their numbers where times are the same.
    """
    order = tuple_(access_log.c.at, access_log.c.seq)
    statement = _filtered(wanted).order_by(access_log.c.at.desc(), access_log.c.seq.desc())
    if before_seq is not None:
        then = select(access_log.c.at).where(access_log.c.seq == before_seq).scalar_subquery()
        statement = statement.where(order < tuple_(then, literal(before_seq)))
    statement = statement.limit(limit)
    return [_logged(row) for row in connection.execute(statement).mappings()]


def export(connection: Connection, wanted: Wanted) -> Iterator[dict[str, object]]:
    """Entries that agree with `wanted`, oldest first, as plain values with their hashes."""
    for row in connection.execute(_filtered(wanted).order_by(access_log.c.seq)).mappings():
        yield {**row, "at": _written(row["at"]), "detail": json.loads(row["detail"])}


def verify(connection: Connection, since: tuple[int, str] = (0, FIRST_HASH)) -> list[str]:
    """Check the chain behind an entry that is trusted, given by number and hash; else the whole.

    Returns what is wrong with it, nothing if all is well.
    """
    problems: list[str] = []
    expected_seq, previous = since[0] + 1, since[1]
    later = select(access_log).where(access_log.c.seq >= expected_seq)
    result = connection.execute(later.order_by(access_log.c.seq)).mappings()
    for row in result.yield_per(VERIFY_ROWS_AT_ONCE):
        if row["seq"] != expected_seq:
            problems.append(f"access log: entries {expected_seq} to {row['seq'] - 1} are missing")
        elif row["previous_hash"] != previous:
            problems.append(f"access log: entry {row['seq']} does not follow from the one before")
        if entry_hash(row) != row["hash"]:
            problems.append(f"access log: entry {row['seq']} was changed")
        expected_seq, previous = row["seq"] + 1, row["hash"]
    return problems


def failed_log_ins(connection: Connection, since: datetime, least: int) -> dict[str, int]:
    """The addresses from which so many log-ins or more failed since then, and how many."""
    number = func.count()
    statement = (
        select(access_log.c.address, number.label("failed"))
        .where(access_log.c.event == Event.LOGIN_FAILED.value, access_log.c.at >= since)
        .group_by(access_log.c.address)
        .having(number >= least)
    )
    return {row.address: row.failed for row in connection.execute(statement)}


def head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the newest entry; kept elsewhere, they show a log that was cut short."""
    statement = select(access_log.c.seq, access_log.c.hash)
    last = connection.execute(statement.order_by(access_log.c.seq.desc()).limit(1)).one_or_none()
    return (int(last.seq), str(last.hash)) if last else (0, FIRST_HASH)


def first_entry(connection: Connection) -> tuple[datetime, str] | None:
    """Moment and hash of the first entry, by which one home is told from another; None without."""
    statement = select(access_log.c.at, access_log.c.hash).order_by(access_log.c.seq).limit(1)
    first = connection.execute(statement).one_or_none()
    return (first.at, str(first.hash)) if first else None


def count(connection: Connection) -> int:
    """How many entries there are."""
    return connection.execute(select(func.count()).select_from(access_log)).scalar_one()


def count_of(
    connection: Connection, actor: str, patient_id: int, within: tuple[datetime, datetime]
) -> int:
    """How many entries there are of what somebody did with a patient, from a moment to another."""
    mine = (access_log.c.actor == actor) & access_log.c.at.between(*within)
    statement = select(func.count()).where(mine, access_log.c.patient_id == patient_id)
    return connection.execute(statement).scalar_one()


def hash_at(connection: Connection, seq: int) -> str | None:
    """The hash of one entry, None if there is none of this number."""
    statement = select(access_log.c.hash).where(access_log.c.seq == seq)
    return connection.execute(statement).scalar_one_or_none()


def entry_hash(row: Mapping[str, object] | RowMapping) -> str:
    """The hash of an entry, given as its columns; that of the entry before is among them."""
    fields = {name: row[name] for name in access_log.c.keys() if name != "hash"}  # noqa: SIM118 - a column collection iterates over columns
    at = fields["at"]
    assert isinstance(at, datetime)  # noqa: S101 - narrows the type
    fields["at"] = _written(at)
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _written(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _filtered(wanted: Wanted) -> Select[*tuple[object, ...]]:
    statement = select(access_log)
    if wanted.patient_id is not None:
        statement = statement.where(_about(wanted.patient_id))
    for name in ("actor", "event", "document_id"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(access_log.c[name] == value)
    if wanted.since is not None:
        statement = statement.where(access_log.c.at >= wanted.since)
    if wanted.before is not None:
        statement = statement.where(access_log.c.at < wanted.before)
    return statement


def _about(patient_id: int) -> ColumnElement[bool]:
    """The entries on a patient, under numbers given up in a merger as well, and on documents.

    Each condition is asked as an index answers it.
    """
    former = select(patient_numbers.c.mrn_key).where(patient_numbers.c.patient_id == patient_id)
    merged = select(patients.c.id).where(
        patients.c.merged_into == patient_id, patients.c.mrn_key.in_(former)
    )
    of_person = or_(access_log.c.patient_id == patient_id, access_log.c.patient_id.in_(merged))
    own = select(documents.c.id).where(
        documents.c.patient_id == patient_id, documents.c.status != DocumentStatus.ASIDE.value
    )
    joined = select(documents.c.id).where(
        documents.c.status.in_(list(DocumentStatus)), documents.c.joined_to.in_(own)
    )
    on_paper = or_(access_log.c.document_id.in_(own), access_log.c.document_id.in_(joined))
    ways = (select(access_log.c.seq).where(way) for way in (of_person, on_paper))
    # One index for each way; asked in one condition, the whole log would be read.
    return access_log.c.seq.in_(union(*ways, _before_cutting(patient_id)))


def _before_cutting(patient_id: int) -> Select[tuple[int]]:
    """Entries on documents from which one of the patient's was cut, up to the cut."""
    later = access_log.alias()
    cut_at = select(func.min(later.c.seq)).where(later.c.document_id == documents.c.id)
    return (
        select(access_log.c.seq)
        .join(documents, documents.c.split_from == access_log.c.document_id)
        .where(
            documents.c.patient_id == patient_id,
            access_log.c.seq < cut_at.correlate(documents).scalar_subquery(),
        )
    )


def _logged(row: RowMapping) -> LoggedEntry:
    entry = Entry(
        event=Event(row["event"]),
        actor=row["actor"],
        address=row["address"],
        outcome=row["outcome"],
        patient_id=row["patient_id"],
        mrn=row["mrn"],
        document_id=row["document_id"],
        page=row["page"],
        detail=json.loads(row["detail"]),
    )
    return LoggedEntry(row["seq"], row["at"], entry, row["hash"])

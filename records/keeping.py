"""What was done to keep the records: the runs of verify with their findings, and the backups."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, exists, func, insert, select, update

from chartkeeper.records.schema import (
    backups,
    documents,
    pages,
    scans,
    verify_findings,
    verify_runs,
)
from chartkeeper.records.verify import Finding

# So many findings of a run are kept; all are counted.
MAX_FINDINGS_KEPT = 1000


class Kind(StrEnum):
    """How much a run of verify reads again: every original, or what is new and longest unread."""

    FULL = "full"
    INCREMENTAL = "incremental"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of verify; without `ended_at` it is under way or was cut off.

    `originals` and `bytes` are what was read again, `findings` counts all that was found.
    """

    id: int
    kind: Kind
    started_at: datetime
    ended_at: datetime | None
    originals: int
    bytes: int
    findings: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What a backup holds, and what of it was copied by this one; sizes in bytes."""

    originals: int = 0
    bytes: int = 0
    copied: int = 0
    copied_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as the ledger remembers it; without `ended_at` it is under way or was cut off.

    `failure` says why it is not whole, empty if it is. Every original up to scan `through_scan` is
    in it. `manifest_sha256` ties the row to the manifest in the folder.
    """

    id: int
    folder: str
    generation: str
    started_at: datetime
    ended_at: datetime | None
    failure: str
    originals: int
    bytes: int
    copied: int
    copied_bytes: int
    through_scan: int
    manifest_sha256: str | None

    @property
    def is_whole(self) -> bool:
        """Whether it came to its end and lacks nothing."""
        return self.ended_at is not None and not self.failure


def begin_run(connection: Connection, kind: Kind, now: datetime) -> int:
    """Note that a run of verify begins; returns its number."""
    values = {"kind": kind.value, "started_at": now, "originals": 0, "bytes": 0, "findings": 0}
    result = connection.execute(insert(verify_runs).values(**values))
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    return int(result.inserted_primary_key[0])


def end_run(
    connection: Connection, run: Run, findings: Sequence[Finding], ended_at: datetime
) -> None:
    """Note what a run read and found; `findings` are those to keep of `run.findings`."""
    counted = {"originals": run.originals, "bytes": run.bytes, "findings": run.findings}
    mine = verify_runs.c.id == run.id
    connection.execute(update(verify_runs).where(mine).values(ended_at=ended_at, **counted))
    rows = [{"run_id": run.id, **asdict(item)} for item in findings[:MAX_FINDINGS_KEPT]]
    if rows:
        connection.execute(insert(verify_findings), rows)


def runs(connection: Connection, limit: int) -> list[Run]:
    """The latest runs of verify, newest first."""
    rows = connection.execute(select(verify_runs).order_by(verify_runs.c.id.desc()).limit(limit))
    return [Run(**{**row, "kind": Kind(row["kind"])}) for row in rows.mappings()]


def last_ended(connection: Connection, kind: Kind | None = None) -> Run | None:
    """The newest run (of a kind) that came to its end."""
    statement = select(verify_runs).where(verify_runs.c.ended_at.is_not(None))
    if kind is not None:
        statement = statement.where(verify_runs.c.kind == kind.value)
    newest = statement.order_by(verify_runs.c.id.desc()).limit(1)
    row = connection.execute(newest).mappings().one_or_none()
    return None if row is None else Run(**{**row, "kind": Kind(row["kind"])})


def was_good_once(connection: Connection) -> bool:
    """Whether a run ever came to its end without a finding."""
    good = exists().where(verify_runs.c.ended_at.is_not(None), verify_runs.c.findings == 0)
    return bool(connection.execute(select(good)).scalar_one())


def findings_of(connection: Connection, run_id: int, limit: int) -> list[Finding]:
    """The first findings of a run."""
    statement = select(verify_findings).where(verify_findings.c.run_id == run_id)
    rows = connection.execute(statement.order_by(verify_findings.c.id).limit(limit)).mappings()
    return [Finding(row["place"], row["what"], row["remedy"]) for row in rows]


def begin_backup(connection: Connection, folder: str, generation: str, now: datetime) -> int:
    """Note that a backup begins; returns its number."""
    values = {"folder": folder, "generation": generation, "started_at": now, "failure": ""}
    nothing = asdict(Totals())
    result = connection.execute(insert(backups).values(**values, **nothing, through_scan=0))
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    return int(result.inserted_primary_key[0])


def end_backup(  # noqa: PLR0913 - what a row holds, by name
    connection: Connection,
    backup_id: int,
    ended_at: datetime,
    *,
    totals: Totals | None = None,
    through_scan: int = 0,
    manifest_sha256: str | None = None,
    failure: str = "",
) -> None:
    """Note what a backup holds, or with `failure` why it does not hold all."""
    outcome = {"failure": failure, "manifest_sha256": manifest_sha256, "ended_at": ended_at}
    held = {**asdict(totals or Totals()), "through_scan": through_scan}
    mine = backups.c.id == backup_id
    connection.execute(update(backups).where(mine).values(**outcome, **held))


def note_failure(connection: Connection, folder: str, now: datetime, failure: str) -> None:
    """Note that a backup could not even begin."""
    end_backup(connection, begin_backup(connection, folder, "", now), now, failure=failure)


def latest_backups(connection: Connection, limit: int) -> list[Backup]:
    """The latest backups, whole or not, newest first."""
    rows = connection.execute(select(backups).order_by(backups.c.id.desc()).limit(limit))
    return [Backup(**row) for row in rows.mappings()]


def last_whole_backup(connection: Connection) -> Backup | None:
    """The newest backup that came to its end and lacks nothing."""
    whole = (backups.c.ended_at.is_not(None), backups.c.failure == "")
    newest = select(backups).where(*whole).order_by(backups.c.id.desc()).limit(1)
    row = connection.execute(newest).mappings().one_or_none()
    return None if row is None else Backup(**row)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits: how many, and since when the oldest; None if nothing does."""

    number: int
    since: datetime | None


def waiting_pages(connection: Connection) -> dict[str, Queue]:
    """Pages to be read, by lane."""
    statement = (
        select(pages.c.lane, func.count(), func.min(pages.c.scan_id))
        .where(pages.c.state == "waiting")
        .group_by(pages.c.lane)
    )
    return {
        str(lane): Queue(int(number), _stored_at(connection, oldest))
        for lane, number, oldest in connection.execute(statement).all()
    }


def waiting_review(connection: Connection) -> Queue:
    """Documents that wait for a clerk."""
    open_ = (documents.c.status == "review", documents.c.joined_to.is_(None))
    statement = select(func.count(), func.min(documents.c.waiting_since)).where(*open_)
    number, oldest = connection.execute(statement).one()
    return Queue(int(number), oldest)


def _stored_at(connection: Connection, scan_id: int | None) -> datetime | None:
    statement = select(scans.c.stored_at).where(scans.c.id == scan_id)
    return connection.execute(statement).scalar_one_or_none()

"""Making a backup while the service works: ledger first, then everything that it names.

The vault is always ahead of the ledger, so every original that the copy of the ledger names is
there to be copied. What is under way through the inbox is copied right after the ledger: whatever
that copy knows only as claimed, or not yet, is in the copy of the inbox or is put there from the
vault. `records/generations.py` says what lies where.
"""

import errno
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, inspect, or_, select, table

from chartkeeper.records import access_log, fixity, generations
from chartkeeper.records.backup_errors import (
    BackupBusy,
    BackupFull,
    BackupOfAnotherHome,
    BackupUnusable,
)
from chartkeeper.records.copying import (
    Copied,
    CopyDiffers,
    SourceUnreadable,
    copy_proved,
    new_part,
)
from chartkeeper.records.database import Ledger, damage, open_copy, revision
from chartkeeper.records.errors import LedgerDamaged
from chartkeeper.records.fixity import place_of, sha256_from_disk
from chartkeeper.records.generations import HeldFile, Manifest
from chartkeeper.records.keeping import Totals
from chartkeeper.records.model import ArrivalState, Lane
from chartkeeper.records.schema import arrivals, scans
from chartkeeper.records.vault import NO_ROOM, sync_folder

MAX_DEPTH_FOLDERS = 10
MAX_LATE_CLAIMS = 500


@dataclass(frozen=True, slots=True)
class Source:
    """What is backed up: ledger and vault, further files, and folders with all that is in them.

    The names of `files` and `trees` are their paths below the home; the inbox is among the trees.
    """

    ledger: Ledger
    vault: Path
    files: Mapping[str, Path]
    trees: Mapping[str, Path]
    program_version: str


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup: its manifest and the manifest's SHA-256, and what was copied for it.

    `mended` contents were damaged in the folder and were copied again.
    """

    manifest: Manifest
    manifest_sha256: str
    totals: Totals
    mended: int


@dataclass(frozen=True, slots=True)
class _Job:
    """One backup: from where, to where, under which name, and whether all is read again."""

    source: Source
    folder: Path
    generation: str
    now: datetime
    verify_all: bool

    @property
    def store(self) -> Path:
        """Where the contents go."""
        return generations.store_of(self.folder)


@dataclass(slots=True)
class _Copying:
    """The copying of originals: what there is, what was copied, and what could not be."""

    originals: int = 0
    bytes: int = 0
    copied: int = 0
    copied_bytes: int = 0
    mended: int = 0
    lacking: list[str] = field(default_factory=list)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)


@dataclass(slots=True)
class _Gathering:
    """Files beside the originals: those copied, and places that could not be read."""

    files: list[HeldFile] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def miss(self, name: str, error: BaseException | None) -> None:
        """Note a place that could not be read, unless it is gone: then it is on its way."""
        if not isinstance(error, FileNotFoundError):
            self.unread.append(name)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Be the only one who writes to this folder of backups.

    Makes it one where there is none. Raises NotABackup, BackupBusy, BackupFull, BackupUnusable.
    """
    with _writing():
        generations.prepare(folder)
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupBusy from error
        yield
    finally:
        os.close(descriptor)


def back_up(
    source: Source,
    folder: Path,
    generation: str,
    now: datetime,
    *,
    verify_all: bool = False,
    tell: Callable[[int], None] = lambda _number: None,
) -> Made:
    """Make a generation in a folder that is held(); copies only what the folder lacks.

    Everything copied is read again from the disk; with `verify_all` what was there before as well.
    `tell` is told of every so many originals. Raises BackupFull, BackupUnusable,
    BackupOfAnotherHome, LedgerDamaged; then the generation is unfinished, and the next goes on.
    """
    job = _Job(source, folder, generation, now, verify_all)
    with _writing():
        place = _fresh_place(job)
        # The heads noted down must not be ahead of the log in the copy of the ledger.
        gathered = _Gathering()
        _copy_files(job, source.files.items(), gathered)
        ledger = _copy_ledger(source.ledger, place / generations.LEDGER)
        copy = open_copy(place / generations.LEDGER)
        _same_home(copy, folder)
        _gather_under_way(job, copy, gathered)
        done = _copy_originals(job, copy, tell)
        manifest = _manifest(job, copy, ledger, gathered, done)
        sealed = generations.write_manifest(folder, manifest)
    totals = Totals(done.originals, done.bytes, done.copied, done.copied_bytes)
    return Made(manifest, sealed, totals, done.mended)


def _fresh_place(job: _Job) -> Path:
    generations.remove_unfinished(job.folder)
    for part in job.store.glob(".*.part"):
        part.unlink(missing_ok=True)
    place = generations.folder_of(job.folder, job.generation)
    place.mkdir(mode=0o700)
    return place


@contextmanager
def _writing() -> Iterator[None]:
    """Say what is wrong with the folder of the backup in words."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            raise BackupFull from None
        raise BackupUnusable(type(error).__name__) from None
    except CopyDiffers as error:
        raise BackupUnusable("it gives back other bytes than were written") from error
    except OSError as error:
        if error.errno in NO_ROOM:
            raise BackupFull from error
        kind = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise BackupUnusable(kind) from error


def _copy_ledger(ledger: Ledger, target: Path) -> Copied:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    ledger.snapshot(target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    copy = open_copy(target)
    with copy.read() as connection:
        if damage(connection):
            raise LedgerDamaged
    return Copied(sha256_from_disk(target), target.stat().st_size)


def _same_home(copy: Ledger, folder: Path) -> None:
    with copy.read() as connection:
        home = home_of(connection)
    for name in generations.finished(folder)[-1:]:
        if generations.read_manifest(folder, name).home != home:
            raise BackupOfAnotherHome


def home_of(connection: Connection) -> str:
    """What tells one home from another: the hash of the first entry of its access log."""
    first = access_log.first_entry(connection)
    return first[1] if first else ""


def _copy_files(job: _Job, wanted: Iterable[tuple[str, Path]], gathered: _Gathering) -> None:
    for name, path in wanted:
        try:
            copied = _put(job.store, path)
        except SourceUnreadable as error:
            # A file of the inbox or of the failed ones may be on its way just now.
            gathered.miss(name, error.__cause__)
        else:
            gathered.files.append(HeldFile(name, copied.sha256, copied.size))


def _gather_under_way(job: _Job, copy: Ledger, gathered: _Gathering) -> None:
    """What lies in the inbox and among the failed files, and what has just left the inbox."""
    first = len(gathered.files)
    for name, root in job.source.trees.items():
        _copy_files(job, _walk(name, root, gathered), gathered)
    contents = {item.sha256 for item in gathered.files[first:]}
    late = [(name, place_of(job.source.vault, sha256)) for name, sha256 in _late(copy, job.source)]
    new = [(f"inbox/{name}", path) for name, path in late if path.name not in contents]
    _copy_files(job, dict(new).items(), gathered)


def _walk(
    name: str, folder: Path, gathered: _Gathering, depth: int = 0
) -> Iterator[tuple[str, Path]]:
    if depth > MAX_DEPTH_FOLDERS:
        gathered.unread.append(name)
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda item: item.name)
    except OSError as error:
        gathered.miss(name, error)
        return
    for item in entries:
        if item.is_dir(follow_symlinks=False):
            yield from _walk(f"{name}/{item.name}", Path(item.path), gathered, depth + 1)
        elif item.is_file(follow_symlinks=False):
            yield f"{name}/{item.name}", Path(item.path)


def _late(copy: Ledger, source: Source) -> list[tuple[str, str]]:
    """Files that came through the inbox while the ledger was copied: name and original.

    To a home restored from the copy they are new; their originals are in the vault.
    """
    with copy.read() as connection:
        last = connection.execute(select(func.coalesce(func.max(arrivals.c.id), 0))).scalar_one()
        claimed = select(arrivals.c.id).where(arrivals.c.state == ArrivalState.CLAIMED.value)
        open_ids = list(connection.execute(claimed.limit(MAX_LATE_CLAIMS)).scalars())
    statement = select(arrivals.c.name, scans.c.sha256).join(
        scans, scans.c.id == arrivals.c.scan_id
    )
    later = or_(arrivals.c.id > last, arrivals.c.id.in_(open_ids))
    with source.ledger.read() as connection:
        found = connection.execute(statement.where(later, arrivals.c.lane == Lane.DAILY.value))
        return [(_within_inbox(row.name), row.sha256) for row in found]


def _within_inbox(name: str) -> str:
    parts = [part for part in name.split("/") if part not in {"", ".", ".."}]
    return "/".join(parts) or "returned"


def _put(store: Path, source: Path, wanted: str | None = None) -> Copied:
    """Copy a file into the store under the SHA-256 of its content.

    Raises SourceUnreadable, also for one that is not the original `wanted`.
    """
    part = new_part(store)
    try:
        copied = copy_proved(source, part)
        if wanted not in {None, copied.sha256}:
            raise SourceUnreadable
        place = place_of(store, copied.sha256)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    return copied


def _copy_originals(job: _Job, copy: Ledger, tell: Callable[[int], None]) -> _Copying:
    done = _Copying()
    with copy.read() as connection:
        for prefix, known in fixity.by_folder(connection):
            _copy_folder(job, done, known, _sizes(job.store / prefix))
            tell(len(known))
    for folder in (*job.store.glob("??"), job.store):
        sync_folder(folder)
    return done


def _copy_folder(job: _Job, done: _Copying, known: dict[str, int], here: dict[str, int]) -> None:
    for sha256, size in known.items():
        done.digest.update(f"{sha256}\n".encode())
        done.originals += 1
        done.bytes += size
        if here.get(sha256) != size or (job.verify_all and not is_intact(job.store, sha256)):
            _copy_original(job, done, sha256, was_there=sha256 in here)


def _copy_original(job: _Job, done: _Copying, sha256: str, *, was_there: bool) -> None:
    try:
        copied = _put(job.store, place_of(job.source.vault, sha256), sha256)
    except SourceUnreadable:
        done.lacking.append(sha256)
        return
    done.copied += 1
    done.copied_bytes += copied.size
    done.mended += was_there


def is_intact(store: Path, sha256: str) -> bool:
    """Whether the disk still gives back a content as it was named."""
    try:
        return sha256_from_disk(place_of(store, sha256)) == sha256
    except OSError:
        return False


def _sizes(folder: Path) -> dict[str, int]:
    if not folder.is_dir():
        return {}
    with os.scandir(folder) as entries:
        return {item.name: item.stat(follow_symlinks=False).st_size for item in entries}


def _manifest(
    job: _Job, copy: Ledger, ledger: Copied, gathered: _Gathering, done: _Copying
) -> Manifest:
    with copy.read() as connection:
        head = access_log.head(connection)
        return Manifest(
            format=generations.FORMAT,
            generation=job.generation,
            made_at=job.now.isoformat(),
            program_version=job.source.program_version,
            schema_revision=revision(connection) or "",
            home=home_of(connection),
            ledger_sha256=ledger.sha256,
            ledger_bytes=ledger.size,
            rows=row_counts(connection),
            originals=done.originals,
            original_bytes=done.bytes,
            originals_digest=done.digest.hexdigest(),
            through_scan=fixity.newest_scan(connection),
            log_entries=head[0],
            log_head=head[1],
            log_whole=not access_log.verify(connection),
            lacking=tuple(done.lacking),
            files=tuple(gathered.files),
            unread=tuple(gathered.unread),
        )


def row_counts(connection: Connection) -> dict[str, int]:
    """How many rows each table of a ledger has, of whatever revision it is."""
    tables = sorted(inspect(connection).get_table_names())
    return {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in tables
    }

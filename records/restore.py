"""Putting a backup into a new home, and proving that it is what was backed up.

A home under way is marked and has no settings yet, so nothing can serve it; an interrupted restore
goes on when it is run again.
"""

import errno
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, update

from chartkeeper.records import access_log, fixity, generations
from chartkeeper.records.backup import home_of, is_intact, row_counts
from chartkeeper.records.backup_errors import (
    BackupDamaged,
    BackupTooNew,
    HomeNotEmpty,
    RestoreDiffers,
    RestoreFull,
)
from chartkeeper.records.copying import (
    CopyDiffers,
    SourceUnreadable,
    copy_proved,
    new_part,
    write_durably,
)
from chartkeeper.records.database import damage, known_revisions, open_copy, revision
from chartkeeper.records.fixity import place_of
from chartkeeper.records.generations import HeldFile, Manifest
from chartkeeper.records.losses import RESTORE_MARK as MARK
from chartkeeper.records.model import PageState
from chartkeeper.records.schema import backups, pages, sessions
from chartkeeper.records.vault import sync_folder

MARK_TEXT = "A backup is being put here. Until this file is gone, run the same restore again.\n"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a home is to be: the folder, and in it the vault and the ledger."""

    home: Path
    vault: Path
    ledger: Path


@dataclass(slots=True)
class _Restoring:
    originals: int = 0
    bytes: int = 0
    damaged: list[str] = field(default_factory=list)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)


def restore(
    folder: Path,
    manifest: Manifest,
    target: Target,
    *,
    last: frozenset[str] = frozenset(),
    despite_damage: bool = False,
    tell: Callable[[int], None] = lambda _number: None,
) -> list[str]:
    """Put a generation into a new or empty home and compare it with its manifest.

    Files named in `last` are left out; put_file() puts them in their place when all else is done.
    Returns the originals that could not be restored: those that the backup lacked from the
    beginning and, `despite_damage`, those that are damaged in it. Raises HomeNotEmpty,
    BackupTooNew, BackupDamaged, RestoreDiffers, RestoreFull.
    """
    if manifest.schema_revision not in known_revisions():
        raise BackupTooNew(manifest.program_version)
    with _writing():
        _begin(target, manifest)
        part = _put_ledger(folder, manifest, target)
        done = _put_originals(folder, manifest, part, target.vault, tell)
        files = [item for item in manifest.files if item.path not in last]
        done.damaged += [item.path for item in files if not put_file(folder, item, target.home)]
        if done.damaged and not despite_damage:
            raise BackupDamaged(done.damaged)
        _compare_originals(manifest, done)
        part.replace(target.ledger)
        sync_folder(target.home)
    return [*manifest.lacking, *done.damaged]


@contextmanager
def _writing() -> Iterator[None]:
    """Say what is wrong with the disk of the new home in words."""
    try:
        yield
    except CopyDiffers as error:
        raise RestoreFull("the disk gives back other bytes than were written") from error
    except OSError as error:
        kind = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise RestoreFull(kind) from error


def _begin(target: Target, manifest: Manifest) -> None:
    mark, text = target.home / MARK, f"{MARK_TEXT}{manifest.generation} {manifest.ledger_sha256}\n"
    if mark.is_file():
        if mark.read_text(encoding="utf-8") != text:
            raise HomeNotEmpty
    elif target.home.exists() and (not target.home.is_dir() or any(target.home.iterdir())):
        raise HomeNotEmpty
    target.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.home.chmod(0o700)
    write_durably(mark, text.encode())
    target.vault.mkdir(mode=0o700, exist_ok=True)
    for left in (*target.vault.glob(".*.part"), *target.home.glob(".*.part"), target.ledger):
        left.unlink(missing_ok=True)


def _put_ledger(folder: Path, manifest: Manifest, target: Target) -> Path:
    part = new_part(target.home)
    source = generations.folder_of(folder, manifest.generation) / generations.LEDGER
    what = [f"the ledger of {manifest.generation}"]
    try:
        copied = copy_proved(source, part)
    except SourceUnreadable as error:
        raise BackupDamaged(what) from error
    if copied.sha256 != manifest.ledger_sha256:
        raise BackupDamaged(what)
    with open_copy(part).read() as connection:
        differing = _differences(connection, manifest)
    if differing:
        raise RestoreDiffers(differing)
    return part


def _differences(connection: Connection, manifest: Manifest) -> list[str]:
    """What of a ledger is not as its manifest says."""
    log = (access_log.head(connection), not access_log.verify(connection))
    facts = {
        "the file of the ledger": not damage(connection),
        "the revision of the ledger": revision(connection) == manifest.schema_revision,
        "the number of rows": row_counts(connection) == manifest.rows,
        "the home it is of": home_of(connection) == manifest.home,
        "the chain of the access log": log
        == ((manifest.log_entries, manifest.log_head), manifest.log_whole),
    }
    return [what for what, agrees in facts.items() if not agrees]


def _put_originals(
    folder: Path, manifest: Manifest, ledger: Path, vault: Path, tell: Callable[[int], None]
) -> _Restoring:
    done, copy, lacking = _Restoring(), open_copy(ledger), frozenset(manifest.lacking)
    with copy.read() as connection:
        for _, known in fixity.by_folder(connection):
            for sha256, size in known.items():
                done.digest.update(f"{sha256}\n".encode())
                done.originals += 1
                done.bytes += size
                if sha256 not in lacking and not _put_original(folder, sha256, vault):
                    done.damaged.append(f"original {sha256[:12]}")
            tell(len(known))
    for place in (*vault.glob("??"), vault):
        sync_folder(place)
    return done


def _put_original(folder: Path, sha256: str, vault: Path) -> bool:
    place = place_of(vault, sha256)
    if place.exists() and is_intact(vault, sha256):
        return True
    return _put(place_of(generations.store_of(folder), sha256), place, sha256, 0o400)


def put_file(folder: Path, item: HeldFile, home: Path) -> bool:
    """Put a file in its place in the home; False if it is damaged in the backup."""
    source = place_of(generations.store_of(folder), item.sha256)
    return _put(source, home / item.path, item.sha256, 0o600)


def _put(source: Path, place: Path, sha256: str, mode: int) -> bool:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = new_part(place.parent)
    try:
        if copy_proved(source, part).sha256 != sha256:
            return False
        part.chmod(mode)
        part.replace(place)
    except SourceUnreadable:
        return False
    finally:
        part.unlink(missing_ok=True)
    return True


def _compare_originals(manifest: Manifest, done: _Restoring) -> None:
    facts = {
        "the number of originals": done.originals == manifest.originals,
        "the size of the originals": done.bytes == manifest.original_bytes,
        "the names of the originals": done.digest.hexdigest() == manifest.originals_digest,
    }
    differing = [what for what, agrees in facts.items() if not agrees]
    if differing:
        raise RestoreDiffers(differing)


def settle(connection: Connection, manifest: Manifest) -> None:
    """Take back what was true of the old home only: pages being read, sessions, an open backup."""
    waiting = {"state": PageState.WAITING.value, "reader": None, "leased_until": None}
    reading = pages.c.state == PageState.READING.value
    connection.execute(update(pages).where(reading).values(**waiting))
    connection.execute(delete(sessions))
    mine = (backups.c.generation == manifest.generation) & backups.c.ended_at.is_(None)
    whole = {"ended_at": datetime.fromisoformat(manifest.made_at)}
    held = {"originals": manifest.originals, "bytes": manifest.original_bytes}
    through = {"through_scan": manifest.through_scan}
    connection.execute(update(backups).where(mine).values(**whole, **held, **through))


def finish(home: Path) -> None:
    """The home may be used from now on."""
    (home / MARK).unlink()
    sync_folder(home)

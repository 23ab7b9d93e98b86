"""Backing a home up and restoring one: what belongs to it, in which order, and who is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chartkeeper import __version__
from chartkeeper.desks import make_desk
from chartkeeper.folders import Home, make_folders
from chartkeeper.home import inbox_folders
from chartkeeper.index.store import create_index
from chartkeeper.ingest.indexing import rebuild_index
from chartkeeper.ingest.locks import sole
from chartkeeper.records import access_log, backup, generations, keeping
from chartkeeper.records import restore as restoring
from chartkeeper.records.access_log import Entry, Event
from chartkeeper.records.backup import Made, Source
from chartkeeper.records.backup_errors import BackupInInbox, BackupInsideHome
from chartkeeper.records.database import Ledger, create_ledger, open_ledger
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.generations import Manifest
from chartkeeper.records.restore import Target
from chartkeeper.settings import CONFIG_NAME, Settings, refuse_wrong_account

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a backup: how many generations to keep (0: all), whether to read all again.

    `actor` is who wants it, for the access log.
    """

    folder: Path
    actor: str
    keep: int = 0
    verify_all: bool = False


def back_up_home(
    home: Home, settings: Settings, ledger: Ledger, wish: Wish, tell: Tell
) -> tuple[Made, int]:
    """Back a home up while it is in use; returns what was made and how many generations went.

    Notes in the access log that it is done and in the ledger what came of it. Raises
    AlreadyRunning, BackupInsideHome, BackupInInbox, NotABackup, BackupBusy, BackupFull,
    BackupUnusable, BackupOfAnotherHome, BackupDamaged.
    """
    _keep_apart(home, settings, wish.folder.resolve())
    with sole(home.locks, "backup"), backup.held(wish.folder):
        now = datetime.now(UTC)
        generation = generations.next_name(wish.folder, now)
        with ledger.write() as connection:
            number = keeping.begin_backup(connection, str(wish.folder), generation, now)
            detail = {"generation": generation}
            access_log.record(
                connection, Entry(Event.BACKUP, wish.actor, "local", detail=detail), now
            )
        try:
            made = backup.back_up(
                _source(home, settings, ledger),
                wish.folder,
                generation,
                now,
                verify_all=wish.verify_all,
                tell=tell,
            )
        except RecordsError as error:
            with ledger.write() as connection:
                keeping.end_backup(connection, number, datetime.now(UTC), failure=str(error))
            raise
        _note(ledger, number, made)
        # While the vault lacks something, an older generation may be the only place that has it.
        may_go = wish.keep and made.manifest.is_whole
        return made, generations.prune(wish.folder, wish.keep)[0] if may_go else 0


def _keep_apart(home: Home, settings: Settings, folder: Path) -> None:
    if _overlap(home.path.resolve(), folder):
        raise BackupInsideHome
    for name, inbox in inbox_folders(home, settings).items():
        if _overlap(inbox.resolve(), folder):
            raise BackupInInbox(name)


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _source(home: Home, settings: Settings, ledger: Ledger) -> Source:
    """What a backup holds. Inboxes elsewhere, as on a share, are not the home's to keep."""
    folders = [home.failed, *inbox_folders(home, settings).values()]
    return Source(
        ledger,
        home.vault,
        files={CONFIG_NAME: home.config, home.anchors.name: home.anchors},
        trees={
            str(folder.relative_to(home.path)): folder
            for folder in folders
            if folder.is_relative_to(home.path)
        },
        program_version=__version__,
    )


def _note(ledger: Ledger, number: int, made: Made) -> None:
    with ledger.write() as connection:
        keeping.end_backup(
            connection,
            number,
            datetime.now(UTC),
            totals=made.totals,
            through_scan=made.manifest.through_scan,
            manifest_sha256=made.manifest_sha256,
            failure=lacking_words(made.manifest),
        )


def lacking_words(manifest: Manifest) -> str:
    """What is said of what could not be copied; empty if nothing is lacking."""
    said = []
    if manifest.lacking:
        said.append(
            f"{len(manifest.lacking)} originals could not be copied: they are damaged or missing "
            "in the vault. Run chartkeeper verify, which names them and says what to do."
        )
    if manifest.unread:
        said.append(
            f"{len(manifest.unread)} files or folders in failed/ and the inboxes could not be "
            "read. Give the service's account the right to read them, then back up again."
        )
    return " ".join(said)


def restore_home(
    home: Home, folder: Path, manifest: Manifest, actor: str, *, despite_damage: bool, tell: Tell
) -> list[str]:
    """Restore a generation into a new or empty home, prove it, and rebuild the search index.

    Returns what could not be restored. The settings come last: until then nothing can serve the
    home. Raises WrongAccount, HomeNotEmpty, BackupTooNew, BackupDamaged, RestoreDiffers,
    RestoreFull.
    """
    refuse_wrong_account(home.path)
    target = Target(home.path, home.vault, home.ledger)
    missing = restoring.restore(
        folder,
        manifest,
        target,
        last=frozenset({CONFIG_NAME}),
        despite_damage=despite_damage,
        tell=tell,
    )
    make_folders(home)
    create_ledger(home.ledger)
    ledger = open_ledger(home.ledger)
    now = datetime.now(UTC)
    detail = {"generation": manifest.generation, "originals": manifest.originals}
    with ledger.write() as connection:
        restoring.settle(connection, manifest)
        access_log.record(connection, Entry(Event.RESTORE, actor, "local", detail=detail), now)
    create_index(home.index)
    for _ in rebuild_index(make_desk(home, Settings(), ledger)):
        pass
    ledger.close()
    for item in manifest.files:
        if item.path == CONFIG_NAME:
            restoring.put_file(folder, item, home.path)
    restoring.finish(home.path)
    return missing

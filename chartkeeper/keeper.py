"""The timed part of the service: verifies and backs up when it is due, then ends."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chartkeeper.folders import Home
from chartkeeper.home import inbox_folders
from chartkeeper.ingest.errors import AlreadyRunning
from chartkeeper.records import access_log, generations, keeping
from chartkeeper.records.access_log import Wanted
from chartkeeper.records.backup_errors import NotABackup
from chartkeeper.records.database import Connection, Ledger
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.keeping import Backup, Kind, Run
from chartkeeper.safekeeping import Wish, back_up_home
from chartkeeper.settings import Settings
from chartkeeper.timetable import Past, is_due, wants_full
from chartkeeper.verification import Depth, verify_home

log = logging.getLogger(__name__)

ACTOR = "service"
# Somewhat longer than the service lets pass between two looks at what is due (supervise.py).
TOLD_AGAIN_AFTER = timedelta(minutes=6)


def keep_records(home: Home, settings: Settings, ledger: Ledger) -> None:
    """Do what is due now, one after the other."""
    _tell_head(ledger)
    for step in (_back_up, _verify):
        try:
            step(home, settings, ledger)
        except (RecordsError, AlreadyRunning) as error:
            log.warning("keeping the records: %s", error)


def _tell_head(ledger: Ledger) -> None:
    """Tell the system's log how far the access log is, if it went on since this was told last.

    The account that could cut entries off cannot take that back.
    """
    with ledger.read() as connection:
        newest = access_log.entries(connection, Wanted(), 1)
    if newest and _now() - newest[0].at < TOLD_AGAIN_AFTER:
        log.info("access log: entry %d is %s", newest[0].seq, newest[0].hash)


def _back_up(home: Home, settings: Settings, ledger: Ledger) -> None:
    folder = Path(settings.backup_folder)
    if not (settings.backup_folder and is_due(_now(), settings.backup_daily_at, _backups(ledger))):
        return
    if not (folder / generations.MARK).is_file():
        with ledger.write() as connection:
            keeping.note_failure(connection, str(folder), _now(), str(NotABackup()))
        raise NotABackup
    wish = Wish(folder, ACTOR, settings.backup_keep)
    made, gone = back_up_home(home, settings, ledger, wish, lambda _number: None)
    done, lacking = made.totals, len(made.manifest.lacking) + len(made.manifest.unread)
    log.info(
        "backup: %d originals copied, %d in all, %d lacking, %d older backups removed",
        done.copied,
        done.originals,
        lacking,
        gone,
    )


def _verify(home: Home, settings: Settings, ledger: Ledger) -> None:
    if not is_due(_now(), settings.verify_daily_at, _runs(ledger)):
        return
    with ledger.read() as connection:
        full = keeping.last_ended(connection, Kind.FULL)
    wanted = wants_full(_now(), settings.verify_full_every_days, full.started_at if full else None)
    depth = Depth(Kind.FULL) if wanted else Depth(Kind.INCREMENTAL, settings.verify_minutes)
    report = verify_home(home, inbox_folders(home, settings), ledger, depth)
    level = logging.WARNING if report.run.findings else logging.INFO
    log.log(
        level,
        "verify (%s): %d originals read again, %d findings; see Status in the browser",
        report.run.kind.value,
        report.run.originals,
        report.run.findings,
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _runs(ledger: Ledger) -> Past:
    with ledger.read() as connection:
        begun, ended = keeping.runs(connection, 1), keeping.last_ended(connection)
        return _past(connection, begun, ended)


def _backups(ledger: Ledger) -> Past:
    with ledger.read() as connection:
        begun, whole = keeping.latest_backups(connection, 1), keeping.last_whole_backup(connection)
        return _past(connection, begun, whole)


def _past(
    connection: Connection, newest: Sequence[Run | Backup], done: Run | Backup | None
) -> Past:
    first = access_log.first_entry(connection)
    begun = newest[0].started_at if newest else None
    return Past(begun, done.started_at if done else None, first[0] if first else _now())

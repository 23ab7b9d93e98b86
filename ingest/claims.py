"""Claimed files: out of the writers' way by a rename, and out of the inbox when all is done."""

import os
import stat
from datetime import datetime
from pathlib import Path

from chartkeeper.ingest.desk import CLAIMS_FOLDER, Desk
from chartkeeper.ingest.errors import InboxUnusable
from chartkeeper.ingest.inbox import TEMPORARY_NAME
from chartkeeper.ocr.errors import UnreadableFile
from chartkeeper.ocr.examine import FileFacts
from chartkeeper.records import arrivals, scans
from chartkeeper.records.database import Connection
from chartkeeper.records.failed import put_aside
from chartkeeper.records.model import Arrival, ArrivalState, Scan, ScanState
from chartkeeper.records.vault import Stored, file_sha256


class LinkRefused(UnreadableFile):
    """A link instead of a file."""

    code = "link"

    def __init__(self) -> None:
        super().__init__(
            "This is a link to a file, not a file. Drop a copy of the scan itself into the inbox."
        )


class SpecialRefused(UnreadableFile):
    """A pipe, socket or device instead of a file."""

    code = "special"

    def __init__(self) -> None:
        super().__init__("This is not a file but a pipe or device. Drop the scan itself.")


class LeftoverRefused(UnreadableFile):
    """A file whose name says that some program has not finished with it."""

    code = "leftover"

    def __init__(self) -> None:
        super().__init__(
            "This looks like a hidden or temporary file that a program left behind. "
            "If it is a scan, give it a plain name and drop it again."
        )


def move_to_claims(path: Path, target: Path) -> None:
    """Rename a file to its claim; a file that is gone is left to whoever took it.

    Raises InboxUnusable if files cannot be renamed there.
    """
    try:
        target.parent.mkdir(mode=0o700, exist_ok=True)
        path.rename(target)
    except FileNotFoundError:
        return
    except OSError as error:
        raise InboxUnusable from error


def has_changed(path: Path, before: os.stat_result) -> bool:
    """Whether a file is another than it was, by size, time or identity."""
    now = path.lstat()
    return (now.st_size, now.st_mtime_ns, now.st_ino) != (
        before.st_size,
        before.st_mtime_ns,
        before.st_ino,
    )


def refusal(path: Path, name: str) -> None:
    """Refuse what is no finished file, from outside, before anything in it is looked at.

    Raises LinkRefused, SpecialRefused, LeftoverRefused; FileNotFoundError if it is not there.
    """
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise LinkRefused
    if not stat.S_ISREG(mode):
        raise SpecialRefused
    if TEMPORARY_NAME.search(name.rsplit("/", 1)[-1]):
        raise LeftoverRefused


def set_down(
    connection: Connection, arrival: Arrival, facts: FileFacts, stored: Stored, now: datetime
) -> None:
    """Write down a stored file: as a new scan, or as a further arrival of a known one.

    The content of a scan that failed before is given another chance.
    """
    known = scans.by_sha256(connection, stored.sha256)
    if known is None:
        new = scans.NewScan(
            stored.sha256,
            facts.format.value,
            stored.size,
            facts.page_count,
            arrival.lane,
            arrival.priority,
        )
        arrivals.accept(connection, arrival.id, scans.add(connection, new, now))
        return
    arrivals.duplicate(connection, arrival.id, known.id)
    if known.state is ScanState.FAILED:
        scans.retry(connection, known.id)


def clear_claim(desk: Desk, arrival: Arrival, scan: Scan | None) -> None:
    """Take a claimed file out of the inbox: to the failed folder with the reason, or for good.

    Can be repeated. Only called when the ledger says that the file is not needed any more. `scan`
    is what the arrival was stored as; a file that is not that any more, because its writer went
    on, goes back into the inbox instead and arrives once more.
    """
    path = desk.claim_path(arrival.claim)
    failure = arrival.reason or (scan and scan.reason)
    if scan is not None and path.is_file() and file_sha256(path) != scan.sha256:
        path.rename(_free_name(desk.inbox / arrival.name))
    elif failure and arrival.state is not ArrivalState.DUPLICATE:
        put_aside(desk.failed, path, arrival.id, arrival.name, failure)
    else:
        path.unlink(missing_ok=True)
    _tidy(desk.inbox / CLAIMS_FOLDER)


def adopt_strays(desk: Desk) -> None:
    """Claimed files that the ledger has lost sight of, as after a share that was gone: again.

    One that no arrival claims goes back into the inbox; one whose arrival was taken for cleared is
    cleared once more.
    """
    folder = desk.inbox / CLAIMS_FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with desk.ledger.write() as connection:
            arrival = arrivals.by_claim(connection, path.name)
            if arrival is not None and arrival.cleared:
                arrivals.mark_cleared(connection, arrival.id, cleared=False)
        if arrival is None:
            path.rename(_free_name(desk.inbox / f"returned {path.name[:8]}"))


def _free_name(wanted: Path) -> Path:
    wanted.parent.mkdir(parents=True, exist_ok=True)
    names = (wanted.with_name(f"{number} {wanted.name}") for number in range(2, 10_000))
    return next(path for path in (wanted, *names) if not os.path.lexists(path))


def _tidy(folder: Path) -> None:
    # An inbox with nothing to do in it looks empty to everybody.
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()

"""Claimed files: out of the writers' way by a rename, and out of the inbox when all is done."""

import errno
import logging
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from itertools import chain
from pathlib import Path

from chartkeeper.ingest.circumstances import Circumstances, circumstances_of, reported
from chartkeeper.ingest.claimed import CLAIMS_FOLDER, SIDECAR_CLAIM
from chartkeeper.ingest.deliveries import SidecarAlone, is_sidecar
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.errors import InboxUnusable, is_of_machine, trouble_in_words
from chartkeeper.ingest.inbox import TEMPORARY_NAME, TRIAL_NAME
from chartkeeper.ocr.errors import UnreadableFile
from chartkeeper.ocr.examine import FileFacts
from chartkeeper.records import arrivals, scans, separation
from chartkeeper.records.database import Connection
from chartkeeper.records.failed import put_aside
from chartkeeper.records.model import Arrival, ArrivalState, Lane, Scan, ScanState
from chartkeeper.records.vault import Stored, file_sha256, sync_folder

log = logging.getLogger(__name__)

HELD_AGAINST_REPORT = "It is being held against what a fax server says of it."
MAX_NAME_BYTES = 255
MAX_SAME_NAMES = 10_000
STRAYS_AT_ONCE = 200
# What the system answers where files may not be moved; anything else is trouble of the disk.
NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EXDEV}


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


class FolderRefused(UnreadableFile):
    """A folder where a list promises a file."""

    code = "folder"

    def __init__(self) -> None:
        super().__init__(
            "This is a folder, not a file. Give each file in it a line of its own in the list."
        )


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

    Raises InboxUnusable if files may not be renamed there.
    """
    try:
        target.parent.mkdir(mode=0o700, exist_ok=True)
        path.rename(target)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno in NOT_ALLOWED:
            raise InboxUnusable from error
        raise


def settle_claim(desk: Desk, arrival: Arrival) -> None:
    """Make durable that a file lies in its claim and no more under its name.

    Before the arrival ends: or the file would be back after a power cut, and arrive again.
    """
    name = desk.inbox / arrival.name
    for folder in dict.fromkeys((desk.inbox / CLAIMS_FOLDER, desk.inbox, name.parent)):
        with suppress(FileNotFoundError):
            sync_folder(folder)


def has_changed(path: Path, before: os.stat_result) -> bool:
    """Whether a file is another than it was, by size, time or identity."""
    now = path.lstat()
    return (now.st_size, now.st_mtime_ns, now.st_ino) != (
        before.st_size,
        before.st_mtime_ns,
        before.st_ino,
    )


def refusal(path: Path, name: str, sidecar_suffix: str = "") -> None:
    """Refuse what is no finished file, from outside, before anything in it is looked at.

    Where sidecars come, theirs is `sidecar_suffix`. Raises LinkRefused, FolderRefused,
    SpecialRefused, LeftoverRefused, SidecarAlone; FileNotFoundError if it is not there.
    """
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise LinkRefused
    if stat.S_ISDIR(mode):
        raise FolderRefused
    if not stat.S_ISREG(mode):
        raise SpecialRefused
    if TEMPORARY_NAME.search(name.rsplit("/", 1)[-1]):
        raise LeftoverRefused
    if is_sidecar(name, sidecar_suffix):
        raise SidecarAlone


def set_down(
    connection: Connection, arrival: Arrival, facts: FileFacts, stored: Stored, now: datetime
) -> None:
    """Write down a stored file: as a new scan, or as a further arrival of a known one.

    The content of a scan that failed before is given another chance; what is not read yet moves up
    if it comes again as more urgent, as a page of a migration that is faxed today. What is filed is
    filed anew if a fax server says now that pages of it are missing.
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
    before = circumstances_of(connection, known.id)
    arrivals.duplicate(connection, arrival.id, known.id)
    if known.state is ScanState.FAILED:
        scans.retry(connection, known.id)
    if known.state is not ScanState.FILED and _urgency(arrival) < _urgency(known):
        scans.promote(connection, known.id, arrival.lane, arrival.priority)
    if known.state is ScanState.FILED and _says_more(arrival, before, known):
        separation.file_scan_anew(connection, known.id, HELD_AGAINST_REPORT)


def clear_claim(desk: Desk, arrival: Arrival, scan: Scan | None) -> None:
    """Take a claimed file out of the inbox: to the failed folder with the reason, or for good.

    Its sidecar goes the same way. Can be repeated. Only called when the ledger says that the file
    is not needed any more. `scan` is what the arrival was stored as; a file that is not that any
    more, because its writer went on, goes back into the inbox instead and arrives once more.
    """
    path, sidecar = desk.claim_path(arrival.claim), desk.sidecar_path(arrival.claim)
    failure = arrival.reason or (scan and scan.reason)
    if scan is not None and path.is_file() and file_sha256(path) != scan.sha256:
        give_back(desk, arrival)
    elif failure and arrival.state is not ArrivalState.DUPLICATE:
        beside = (sidecar, desk.profile.sidecar.suffix) if os.path.lexists(sidecar) else None
        put_aside(desk.failed, path, arrival.id, arrival.name, failure, beside)
    else:
        path.unlink(missing_ok=True)
        sidecar.unlink(missing_ok=True)


def give_back(desk: Desk, arrival: Arrival) -> None:
    """Put a claimed file back into the inbox under its name, its sidecar beside it.

    A file that has come under that name meanwhile is left alone; this one gets another name. One
    that was never moved has only its sidecar put back.
    """
    path, sidecar = desk.claim_path(arrival.claim), desk.sidecar_path(arrival.claim)
    place = desk.inbox / arrival.name
    if os.path.lexists(path):
        place = move_beside(path, place)
    if os.path.lexists(sidecar):
        move_beside(sidecar, place.with_name(_shortened(place.name, 10) + _suffix(desk)))


def adopt_strays(desk: Desk) -> None:
    """Claimed files that the ledger has lost sight of, as after a share that was gone: again.

    One that no arrival claims goes back into the inbox; one whose arrival was taken for cleared is
    cleared once more. What the disk does not let go stays where it is, and the others go on.
    """
    folder = desk.inbox / CLAIMS_FOLDER
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    for first in range(0, len(names), STRAYS_AT_ONCE):
        some = names[first : first + STRAYS_AT_ONCE]
        with desk.ledger.read() as connection:
            known = arrivals.by_claims(connection, [_claim_of(name) for name in some])
        cleared = [known[claim].id for claim in map(_claim_of, some) if _is_cleared(known, claim)]
        if cleared:
            with desk.ledger.write() as connection:
                arrivals.mark_all_cleared(connection, cleared, cleared=False)
        for name in some:
            if _claim_of(name) not in known:
                _return_if_possible(desk, name)


def tidy(desk: Desk) -> None:
    """Remove the folder of claims if nothing is claimed: an idle inbox looks empty to everybody."""
    with suppress(OSError):
        (desk.inbox / CLAIMS_FOLDER).rmdir()


def try_out(desk: Desk) -> None:
    """See that files can be made, renamed and removed in the inbox. Raises InboxUnusable."""
    made = desk.inbox / TRIAL_NAME
    try:
        made.touch()
        move_to_claims(made, desk.claim_path(TRIAL_NAME))
        desk.claim_path(TRIAL_NAME).unlink()
    except OSError as error:
        with suppress(OSError):
            made.unlink()
        if error.errno in NOT_ALLOWED:
            raise InboxUnusable from error
        raise
    tidy(desk)


def blame(desk: Desk, error: OSError) -> None:
    """Tell whose fault a failure over one file is; returns if it is that of the file alone.

    Raises the failure if it is the machine's, and what the inbox itself fails with if it does.
    """
    if is_of_machine(error):
        raise error
    # Whether it can be listed as well, the next look at it finds out at once.
    try_out(desk)


def move_beside(source: Path, wanted: Path) -> Path:
    """Move a file to a place that nobody has, `wanted` or like it; returns where it is now.

    What lies there, or comes there at the same moment, is never replaced.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    first = wanted.with_name(_shortened(wanted.name, 0))
    short = _shortened(wanted.name, len(f"{MAX_SAME_NAMES} "))
    others = (wanted.with_name(f"{number} {short}") for number in range(2, MAX_SAME_NAMES))
    return next(place for place in chain((first,), others) if _moved(source, place))


def _moved(source: Path, place: Path) -> bool:
    """Move a file unless the place is taken; a rename alone would replace what lies there."""
    try:
        os.link(source, place, follow_symlinks=False)
    except FileExistsError:
        if not place.samefile(source):
            return False
        # An earlier try got so far that the file has both names.
    except OSError:
        # Shares without links, and what cannot have a second name.
        if os.path.lexists(place):
            return False
        source.rename(place)
        return True
    source.unlink()
    return True


def _shortened(name: str, spare_bytes: int) -> str:
    """A name with so many bytes less than a file system takes; its end is kept."""
    raw = os.fsencode(name)
    most = MAX_NAME_BYTES - spare_bytes
    return name if len(raw) <= most else raw[-most:].decode("utf-8", "ignore")


def _return_if_possible(desk: Desk, name: str) -> None:
    try:
        _return(desk, name)
    except OSError as error:
        blame(desk, error)
        said = trouble_in_words(error)
        log.warning("a claim of nobody in inbox %r stays there: %s", desk.profile.name, said)


def _return(desk: Desk, name: str) -> None:
    path, claim = desk.claim_path(name), _claim_of(name)
    if name == TRIAL_NAME:
        path.unlink()
        return
    suffix = _suffix(desk) if claim != name else ""
    move_beside(path, desk.inbox / f"returned {claim[:8]}{suffix}")


def _claim_of(name: str) -> str:
    return name.removesuffix(SIDECAR_CLAIM)


def _is_cleared(known: Mapping[str, Arrival], claim: str) -> bool:
    return claim in known and known[claim].cleared


def _suffix(desk: Desk) -> str:
    return desk.profile.sidecar.suffix or ".json"


def _says_more(arrival: Arrival, before: Circumstances, scan: Scan) -> bool:
    """Whether a fax server has a doubt about a scan that none had before."""
    said = reported(arrival.delivery, scan.page_count)
    return bool(said) and said not in {reported(one, scan.page_count) for one in before.deliveries}


def _urgency(item: Arrival | Scan) -> tuple[bool, int]:
    return item.lane is not Lane.DAILY, item.priority

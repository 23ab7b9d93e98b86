"""Status: whether the records are kept as they should be, for the administrator."""

import fcntl
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from chartkeeper.records import access_log, emergency, inboxes, keeping
from chartkeeper.records.access_log import Event
from chartkeeper.records.database import Connection
from chartkeeper.records.inboxes import InboxRow
from chartkeeper.records.keeping import Backup, Queue, Run
from chartkeeper.records.verify import Finding
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for, entry

pages = Blueprint("status", __name__)

RUNS_SHOWN = 10
FINDINGS_SHOWN = 100
# What is done every day and was not done for so long has been missed.
MISSED_AFTER = timedelta(hours=49)
STARTING = timedelta(minutes=1)
LOW_SHARE = 0.05
# An account pauses after five wrong passwords, an address never does: a whole house may come from
# one, and its staff must get in. So many failures from one are worth a look.
GUESSING_FROM = 50
GUESSING_WITHIN = timedelta(days=1)
# The locks by which a part at work is known, and what it is called. A name may go on with a host.
PARTS = {
    "watch": "Watcher",
    "worker-": "Worker",
    "import": "Import",
    "verify": "Verify",
    "backup": "Backup",
}
EMERGENCIES = (
    "Restricted charts opened in an emergency and not looked at since: {}. See Emergencies."
)
ALWAYS = ("watch", "worker-")


@dataclass(frozen=True, slots=True)
class Disk:
    """The room on the disk of something, in bytes; None where it is not there."""

    name: str
    free: int | None
    total: int

    @property
    def is_low(self) -> bool:
        """Whether somebody should see to it."""
        return self.free is not None and self.free < LOW_SHARE * self.total


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the service that there is or should be, and whether it is at work."""

    name: str
    runs: bool
    always: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger tells of the keeping of the records."""

    runs: list[Run]
    verified: Run | None
    findings: list[Finding]
    backups: list[Backup]
    backed_up: Backup | None
    waiting: dict[str, Queue]
    review: Queue
    inboxes: list[InboxRow]
    failed_log_ins: dict[str, int]
    emergencies: int = 0


@pages.get("/status")
def overview() -> ResponseReturnValue:
    """What was verified and backed up, what waits, what runs, and how much room is left."""
    parts = current.parts()
    with parts.ledger.read() as connection:
        kept = _kept(connection)
    disks = [_disk(name, path) for name, path in parts.places.items()]
    running = _parts(parts.locks) if parts.locks else []
    account_for(entry(Event.LIST_VIEW, detail={"list": "status"}))
    return render_template(
        "status.html",
        kept=kept,
        disks=disks,
        parts=running,
        concerns=concerns(kept, disks, running, clock.now()),
    )


def _kept(connection: Connection) -> Kept:
    verified = keeping.last_ended(connection)
    return Kept(
        runs=keeping.runs(connection, RUNS_SHOWN),
        verified=verified,
        findings=keeping.findings_of(connection, verified.id, FINDINGS_SHOWN) if verified else [],
        backups=keeping.latest_backups(connection, RUNS_SHOWN),
        backed_up=keeping.last_whole_backup(connection),
        waiting=keeping.waiting_pages(connection),
        review=keeping.waiting_review(connection),
        inboxes=inboxes.all_noted(connection),
        failed_log_ins=access_log.failed_log_ins(
            connection, clock.now() - GUESSING_WITHIN, GUESSING_FROM
        ),
        emergencies=emergency.count_open(connection),
    )


def concerns(kept: Kept, disks: list[Disk], parts: list[Part], now: datetime) -> list[str]:
    """What somebody should see to, in an administrator's words."""
    troubled = [row.state.name for row in kept.inboxes if row.state.trouble]
    found = [
        *_verify_concerns(kept.verified, now),
        *_cut_off(kept.runs, parts, now),
        *_backup_concerns(kept, now),
        *map(_guessing, kept.failed_log_ins.items()),
        *([EMERGENCIES.format(kept.emergencies)] if kept.emergencies else []),
        *(f"{part.name} does not run. Start the service." for part in parts if _lacks(part)),
        *(f"{disk.name}: the disk is nearly full." for disk in disks if disk.is_low),
        *(f"{disk.name}: not there. Connect its disk." for disk in disks if disk.free is None),
    ]
    if troubled:
        found.append(f"Inbox in trouble: {', '.join(troubled)}. See Intake.")
    return found


def _lacks(part: Part) -> bool:
    return part.always and not part.runs


def _verify_concerns(verified: Run | None, now: datetime) -> list[str]:
    if verified is None:
        return ["It was never verified that nothing is lost. Run: chartkeeper verify"]
    said = []
    if verified.findings:
        said.append(f"The last verify found {verified.findings} problems, named below.")
    if now - verified.started_at > MISSED_AFTER:
        ago = clock.waited(verified.started_at, now)
        said.append(f"The last verify was {ago} ago. See verify_daily_at in chartkeeper.toml.")
    return said


def _cut_off(runs: list[Run], parts: list[Part], now: datetime) -> list[str]:
    """Whether the newest run of verify ended before its end; nobody knows what it would have found.

    One that is younger than a look at the locks may be about to begin.
    """
    if not runs or runs[0].ended_at or any(part.name == PARTS["verify"] for part in parts):
        return []
    if now - runs[0].started_at < STARTING:
        return []
    ago = clock.waited(runs[0].started_at, now)
    return [f"The last verify, begun {ago} ago, was cut off. Run: chartkeeper verify"]


def _backup_concerns(kept: Kept, now: datetime) -> list[str]:
    said = []
    if kept.backups and kept.backups[0].failure:
        said.append(f"The last backup is not whole. {kept.backups[0].failure}")
    if kept.backed_up is None:
        said.append("There is no whole backup. Make one: chartkeeper backup DIR")
    elif now - kept.backed_up.started_at > MISSED_AFTER:
        ago = clock.waited(kept.backed_up.started_at, now)
        said.append(f"The last whole backup was made {ago} ago. See backup_folder in the settings.")
    return said


def _guessing(failed: tuple[str, int]) -> str:
    address, number = failed
    return (
        f"{number:,} log-ins failed within a day from {address}. See Access log, login:failed: "
        "somebody may be guessing passwords there, of many accounts one after the other."
    )


def _disk(name: str, path: Path) -> Disk:
    try:
        usage = shutil.disk_usage(path)
    except OSError:
        return Disk(name, None, 0)
    return Disk(name, usage.free, usage.total)


def _parts(locks: Path) -> list[Part]:
    found = []
    for start, name in PARTS.items():
        files = sorted(locks.glob(f"{start}*.lock"))
        if start in ALWAYS or any(_is_held(file) for file in files):
            found.append(Part(name, any(_is_held(file) for file in files), start in ALWAYS))
    return found


def _is_held(file: Path) -> bool:
    """Whether a part holds its lock; it is let go again at once."""
    try:
        with file.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False

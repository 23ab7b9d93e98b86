"""What the watcher of an inbox remembers from one look to the next, and why a file still lies."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from chartkeeper.ingest.desk import Patience
from chartkeeper.ingest.inbox import Found, Kind, Listing, Stillness
from chartkeeper.records.inboxes import MAX_LATE_NAMED, Late
from chartkeeper.records.model import Arrival

# A file that cannot be moved, or whose taking in failed over the disk, is left alone for so long;
# the others go on.
STUCK_PAUSE_SECONDS = 60.0
# A file that does not end as it should is examined again when it has been still twice as long.
LONGER_STILL = 2.0
# Servers on shares tell what they knew some seconds ago (acregmin is 3 s unless set, nfs(5)).
STILL_ON_SHARE_SECONDS = 5.0

CLOSED = (
    "This folder was not looked into: it may not be opened, or lies too many folders deep. Give "
    "the service's account the right to list it, or move its files up."
)
CANNOT_MOVE = (
    "It cannot be moved. Give the service's account the right to rename and delete files there."
)
HELD = (
    "It was taken, but reading or storing it fails; it is tried again every minute. Look at the "
    "disks of the inbox and of the vault."
)
UNREADABLE = (
    "The disk or share does not give up its content. It is tried again every minute; the others go "
    "on. Copy it to another place and drop the copy here, or have the disk looked at."
)
UNSETTLED = "Whoever writes it goes on changing it. It is taken when it stays as it is."
UNENDED = "Its end is missing, so its writer may not be done. It is refused if nothing more comes."
UNFINISHED = "Its name is that of a hidden or temporary file. It is refused if nothing changes."
UNREPORTED = "It waits for the fax server's report, or is a report that waits for its fax."
NOT_YET = "Others are before it."


@dataclass(frozen=True, slots=True)
class Pause:
    """Until when something is left alone, and why in a clerk's words."""

    until: float
    why: str = ""


@dataclass(slots=True)
class Attention:
    """What is known of an inbox since the watcher began; times are seconds of a steady clock.

    `identity` tells whether it is still the same folder, or a share has gone or come back;
    `mounted` that it is a share's own folder. `remote` is one that gives no events. `stuck` files
    cannot be moved or read, `held` arrivals not be stored; of these it says why only where the
    reason is not their own and others may have to wait too. `unended` are files without a proper
    end, with the stillness at which they are examined again; `unreported` files were taken without
    their sidecar. `trouble` is what keeps the whole inbox from being used.
    """

    stop: Event = field(default_factory=Event)
    stillness: Stillness = field(default_factory=Stillness)
    claims: Stillness = field(default_factory=Stillness)
    identity: tuple[int, int] | None = None
    mounted: bool = False
    remote: bool = False
    stuck: dict[Path, Pause] = field(default_factory=dict)
    held: dict[int, Pause] = field(default_factory=dict)
    unended: dict[Path, float] = field(default_factory=dict)
    unreported: dict[Path, float] = field(default_factory=dict)
    listing: Listing = field(default_factory=lambda: Listing((), ()))
    claimed: tuple[Arrival, ...] = ()
    trouble: str = ""
    late_told: bool = False
    noted_at: float | None = None
    noted: object = None

    @property
    def held_up(self) -> str:
        """What keeps arrivals from being stored, though others may go on; empty if nothing does."""
        return next((pause.why for pause in self.held.values() if pause.why), "")


def look(attention: Attention, listing: Listing, now: float) -> dict[Path, float]:
    """Take a new listing in; for each file, how many seconds it has been still."""
    still = attention.stillness.look(listing.found, now)
    attention.listing = listing
    attention.stuck = {path: at for path, at in attention.stuck.items() if at.until > now}
    attention.unreported = {path: at for path, at in attention.unreported.items() if at > now}
    attention.unended = {
        path: again for path, again in attention.unended.items() if still.get(path, 0.0) > 0
    }
    return still


def patience_of(attention: Attention, patience: Patience) -> float:
    """How long a file of this inbox must be still, in seconds; longer on a share."""
    remote = attention.remote and patience.still > 0
    return max(patience.still, STILL_ON_SHARE_SECONDS) if remote else patience.still


def late(
    attention: Attention, patience: Patience, waits: frozenset[Path]
) -> tuple[int, tuple[Late, ...]]:
    """How many files have lain in the inbox for long, and the first of them with the reason.

    `waits` are those that wait for a sidecar, or are one.
    """
    now = time.monotonic()
    closed = [Late(f"{name}/", 0, CLOSED) for name in attention.listing.closed]
    old = [
        item
        for item in attention.listing.found
        if attention.stillness.lain(item.path, now) > patience.late
    ]
    in_hand = _in_hand(attention, patience, now)
    shown = [
        Late(item.name, _minutes(attention, item, now), _why(attention, item, waits, now))
        for item in old[:MAX_LATE_NAMED]
    ]
    count = len(closed) + len(old) + len(in_hand)
    return count, (*closed, *in_hand, *shown)[:MAX_LATE_NAMED]


def _in_hand(attention: Attention, patience: Patience, now: float) -> list[Late]:
    """Files that were moved out of the way and could not be brought to an end."""
    arrivals = {arrival.claim: arrival for arrival in attention.claimed}
    found = []
    for path, (_, _, _, since) in attention.claims.since.items():
        arrival = arrivals.get(path.name)
        if arrival and now - since > patience.late:
            why = HELD if arrival.id in attention.held else UNSETTLED
            found.append(Late(arrival.name, int((now - since) // 60), why))
    return found


def _why(attention: Attention, item: Found, waits: frozenset[Path], now: float) -> str:
    if item.path in attention.stuck:
        return attention.stuck[item.path].why
    if item.kind is Kind.TEMPORARY:
        return UNFINISHED
    if item.path in attention.unended:
        return UNENDED
    if item.path in waits:
        return UNREPORTED
    changed = attention.stillness.since[item.path][2]
    return UNSETTLED if now - changed < STILL_ON_SHARE_SECONDS else NOT_YET


def _minutes(attention: Attention, item: Found, now: float) -> int:
    return int(attention.stillness.lain(item.path, now) // 60)

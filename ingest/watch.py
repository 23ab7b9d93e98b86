"""Watching the inboxes: events wake a watcher early, a full listing is the truth."""

import itertools
import logging
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread

from chartkeeper.ingest import attention as minds
from chartkeeper.ingest import noticing, pipeline
from chartkeeper.ingest.attention import STUCK_PAUSE_SECONDS, Attention, Pause
from chartkeeper.ingest.claims import adopt_strays, blame, try_out
from chartkeeper.ingest.deliveries import (
    ORPHAN_WAITS,
    Pairs,
    Told,
    is_late,
    is_sidecar,
    pair,
    told_of,
)
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.errors import (
    ChildNotStarted,
    InboxUnusable,
    IngestError,
    ShareGone,
    trouble_in_words,
)
from chartkeeper.ingest.guard import attempt
from chartkeeper.ingest.hints import Hints
from chartkeeper.ingest.inbox import Found, Kind, is_as_found, is_due, look_into
from chartkeeper.ingest.locks import sole
from chartkeeper.ingest.mounts import is_mount_point, is_remote
from chartkeeper.ingest.suspects import examined
from chartkeeper.ocr.errors import IncompleteFile, MissingProgram, UnreadableFile
from chartkeeper.records import arrivals, inboxes
from chartkeeper.records.errors import RecordsError, VaultFull
from chartkeeper.records.model import Arrival

log = logging.getLogger(__name__)

# Events come in swarms; between two looks at the inbox there is always this much time. It is also
# how often the inbox is looked at while a file in it is being waited for.
SHORTEST_PAUSE_SECONDS = 0.25
# After a failure that concerns everything (disk full, share gone) the next try waits.
TROUBLE_PAUSE_SECONDS = 5.0
# Files are taken for so long before finished ones are cleared and the inbox is listed again; for
# longer where listing takes long, so that a file costs the same however many lie before it.
SHORTEST_TURN_SECONDS = 2.0
LISTINGS_A_TURN = 10
# More files than this at once are left to a later look, so that memory has a limit.
MAX_LISTED_FILES = 100_000
STOP_PATIENCE_SECONDS = 15.0
# What is the machine's fault; everything else is laid to the file.
MACHINE = (RecordsError, MissingProgram, ChildNotStarted, OSError)
UNEXPECTED = (
    "The file could not be examined, for a reason that the program does not know. "
    "Scan it again; if that does not help, give the arrival number to whoever looks after the "
    "program: its log says where it failed."
)


def watch(desk: Desk, stop: Event) -> None:
    """Take in what comes into the inboxes, until told to stop. Raises AlreadyRunning.

    Each inbox has a thread: a share that hangs keeps nobody else waiting.
    """
    own = desk.at(desk.profile)
    desks = [own, *(desk.at(profile) for profile in desk.further)]
    with sole(desk.locks, "watch"):
        desk.vault.discard_leftovers()
        with desk.ledger.write() as connection:
            names = [one.profile.name for one in desks]
            inboxes.retire(connection, names, datetime.now(UTC))
        nudges = [Event() for _ in desks]
        threads = [
            Thread(target=keep_watch, args=(one, stop, nudge), name=one.profile.name, daemon=True)
            for one, nudge in zip(desks, nudges, strict=True)
        ]
        for thread in threads:
            thread.start()
        stop.wait()
        for nudge in nudges:
            nudge.set()
        # One that hangs on a share ends with the process.
        deadline = time.monotonic() + STOP_PATIENCE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def keep_watch(desk: Desk, stop: Event, nudge: Event) -> None:
    """Take in what comes into one inbox, until told to stop; `nudge` wakes it early."""
    attention = Attention(stop=stop)
    hints = Hints(desk.inbox, desk.profile.watch, nudge)
    pauses: list[float] = []

    def step() -> None:
        pauses.append(turn(desk, attention))
        hints.follow(attention.identity, remote=attention.remote)

    try:
        for number in itertools.count(1):
            done = attempt(step, f"inbox {desk.profile.name!r}, look", number)
            _rest(pauses.pop() if done else TROUBLE_PAUSE_SECONDS, stop, nudge)
            if stop.is_set():
                break
    finally:
        hints.end()


def turn(desk: Desk, attention: Attention) -> float:
    """Look at the inbox once and do what is due; returns the seconds until the next look."""
    try:
        _know_the_inbox(desk, attention)
        unsettled = _take_in_claimed(desk, attention)
        pause, pairs = _take_in_due(desk, attention)
        cleared = pipeline.clear(desk)
    except (IngestError, *MACHINE) as error:
        noticing.note(desk, attention, noticing.trouble_of(error, desk))
        attention.identity = None
        return TROUBLE_PAUSE_SECONDS
    noticing.note(desk, attention, attention.held_up, pairs)
    busy = unsettled or cleared
    return min(pause, SHORTEST_PAUSE_SECONDS) if busy else pause


def _rest(pause: float, stop: Event, nudge: Event) -> None:
    if pause == TROUBLE_PAUSE_SECONDS:
        stop.wait(pause)
    elif pause:
        stop.wait(SHORTEST_PAUSE_SECONDS)
        nudge.wait(max(0.0, pause - SHORTEST_PAUSE_SECONDS))
    nudge.clear()


def _know_the_inbox(desk: Desk, attention: Attention) -> None:
    facts = desk.inbox.stat()
    identity = (facts.st_dev, facts.st_ino)
    if identity == attention.identity:
        return
    mounted = is_mount_point(desk.inbox)
    if attention.mounted and not mounted:
        raise ShareGone
    try_out(desk)
    attention.mounted, attention.remote = mounted, is_remote(desk.inbox)
    adopt_strays(desk)
    attention.identity = identity


def _take_in_due(desk: Desk, attention: Attention) -> tuple[float, Pairs]:
    """Take in what is due, for a while; the seconds until the next look, and what sidecars lie."""
    began = time.monotonic()
    listing = look_into(desk.inbox, MAX_LISTED_FILES)
    still = minds.look(attention, listing, time.monotonic())
    took = time.monotonic() - began
    pairs = pair(listing.found, desk.profile.sidecar.suffix)
    ends = time.monotonic() + max(SHORTEST_TURN_SECONDS, LISTINGS_A_TURN * took)
    for found in listing.found:
        if time.monotonic() > ends or attention.stop.is_set():
            return 0.0, pairs
        if found.path not in attention.stuck:
            _attend(desk, attention, found, pairs, still)
    waiting = len(listing.found) > len(attention.stuck)
    soon = max(SHORTEST_PAUSE_SECONDS, took)
    return (soon if waiting else desk.patience.poll), pairs


def _attend(
    desk: Desk, attention: Attention, found: Found, pairs: Pairs, still: dict[Path, float]
) -> None:
    """Take a file in if it is due; one that the disk does not give up is left for a while."""
    try:
        if _is_due(desk, attention, found, still):
            _take(desk, attention, found, pairs, still)
    except OSError as error:
        blame(desk, error)
        _leave(desk, attention, found, error, minds.UNREADABLE)


def _leave(desk: Desk, attention: Attention, found: Found, error: Exception, why: str) -> None:
    said = trouble_in_words(error)
    log.warning("a file in inbox %r stays where it is: %s", desk.profile.name, said)
    attention.stuck[found.path] = Pause(time.monotonic() + STUCK_PAUSE_SECONDS, why)


def _is_due(desk: Desk, attention: Attention, found: Found, still: dict[Path, float]) -> bool:
    still_seconds = still[found.path]
    if still_seconds < minds.patience_of(attention, desk.patience):
        return False
    # A file that was listed some seconds ago may have changed since.
    if not is_as_found(found, found.path):
        return False
    whole = found.kind is not Kind.FILE or _is_whole(desk, attention, found, still_seconds)
    return is_due(found, still_seconds, desk.patience, whole=whole)


def _is_whole(desk: Desk, attention: Attention, found: Found, still_seconds: float) -> bool:
    """Whether a file ends as it should; one that cannot be examined is left to take_in().

    What did not end is looked at again when it has been still for twice as long.
    """
    if is_sidecar(found.name, desk.profile.sidecar.suffix):
        return True
    if still_seconds < min(attention.unended.get(found.path, 0.0), desk.patience.incomplete):
        return False
    cut_off: list[bool] = []

    def step() -> None:
        try:
            examined(desk, found.path)
        except IncompleteFile:
            cut_off.append(True)
        except (UnreadableFile, FileNotFoundError):
            return

    attempt(step, "file of size", found.size, passing=MACHINE)
    if cut_off:
        attention.unended[found.path] = minds.LONGER_STILL * still_seconds
    return not cut_off


def _take(
    desk: Desk, attention: Attention, found: Found, pairs: Pairs, still: dict[Path, float]
) -> None:
    profile = desk.profile
    # A link or a hidden file may be called like a sidecar; it is refused like any other.
    if found.kind is Kind.FILE and is_sidecar(found.name, profile.sidecar.suffix):
        if _is_left_over(desk, attention, found, pairs, still):
            _claim(desk, attention, found, Told())
        return
    still_seconds = minds.patience_of(attention, desk.patience)
    told = told_of(found, pairs, still, still_seconds, profile)
    if told is None:
        return
    if found.kind is Kind.FILE and profile.sidecar.suffix and told.sidecar is None:
        until = time.monotonic() + ORPHAN_WAITS * profile.sidecar_wait_seconds
        attention.unreported[found.path] = until
    _claim(desk, attention, found, told)


def _is_left_over(
    desk: Desk, attention: Attention, found: Found, pairs: Pairs, still: dict[Path, float]
) -> bool:
    """Whether a sidecar lies alone, and no file is to come for it any more."""
    if found.path not in pairs.alone:
        return False
    waits = ORPHAN_WAITS * desk.profile.sidecar_wait_seconds
    late = is_late(found.path, attention.unreported, desk.profile.sidecar.suffix)
    return late or still[found.path] >= waits


def _claim(desk: Desk, attention: Attention, found: Found, told: Told) -> None:
    try:
        arrival = pipeline.claim(desk, found, told.delivery, told.sidecar)
    except InboxUnusable as error:
        # If nothing can be moved here, that is said of the inbox and not of each file.
        try_out(desk)
        _leave(desk, attention, found, error, minds.CANNOT_MOVE)
        return
    if arrival is not None:
        _take_in(desk, attention, arrival)


def _take_in_claimed(desk: Desk, attention: Attention) -> bool:
    """Take in what an earlier run or turn did not bring to an end; whether some is left.

    What its writer still changes is waited for, what the disk did not take is left for a while.
    """
    now = time.monotonic()
    attention.held = {number: at for number, at in attention.held.items() if at.until > now}
    with desk.ledger.read() as connection:
        attention.claimed = tuple(arrivals.claimed(connection, desk.profile.name))
    there = [_claimed_file(desk, attention, arrival) for arrival in attention.claimed]
    still = attention.claims.look([found for found in there if found], now)
    for arrival, found in zip(attention.claimed, there, strict=True):
        settled = found is None or still[found.path] >= desk.patience.still
        if settled and arrival.id not in attention.held and not attention.stop.is_set():
            _take_in(desk, attention, arrival)
    return bool(attention.claimed)


def _claimed_file(desk: Desk, attention: Attention, arrival: Arrival) -> Found | None:
    path = desk.claim_path(arrival.claim)
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        _hold(desk, attention, arrival, error)
        return Found(path, arrival.name, Kind.FILE, 0, 0)
    return Found(path, arrival.name, Kind.FILE, facts.st_size, facts.st_mtime_ns)


def _take_in(desk: Desk, attention: Attention, arrival: Arrival) -> None:
    step = partial(pipeline.take_in, desk, arrival)
    try:
        known = attempt(step, "arrival", arrival.id, passing=MACHINE)
    except (OSError, VaultFull) as error:
        # Smaller files may still fit, and others be read; this one is tried again later.
        _hold(desk, attention, arrival, error)
        return
    if not known:
        with desk.ledger.write() as connection:
            arrivals.refuse(connection, arrival.id, "unexpected", UNEXPECTED)


def _hold(desk: Desk, attention: Attention, arrival: Arrival, error: OSError | VaultFull) -> None:
    """Leave an arrival for a while; raises what is no trouble of its file alone."""
    until = time.monotonic() + STUCK_PAUSE_SECONDS
    attention.held[arrival.id] = Pause(until)
    try:
        if isinstance(error, VaultFull):
            raise error
        blame(desk, error)
    except (IngestError, *MACHINE) as trouble:
        attention.held[arrival.id] = Pause(until, noticing.trouble_of(trouble, desk))
        raise

"""Watching the inbox: events wake it early, a full listing is the truth."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from chartkeeper.ingest import pipeline
from chartkeeper.ingest.claims import adopt_strays
from chartkeeper.ingest.desk import INBOX, Desk
from chartkeeper.ingest.errors import InboxUnusable, IngestError
from chartkeeper.ingest.guard import attempt
from chartkeeper.ingest.inbox import Found, Kind, Stillness, is_due, list_inbox
from chartkeeper.ingest.locks import sole
from chartkeeper.ocr.errors import IncompleteFile, MissingProgram, UnreadableFile
from chartkeeper.ocr.examine import examine
from chartkeeper.records import arrivals
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.model import Arrival

log = logging.getLogger(__name__)

# Events come in swarms; between two looks at the inbox there is always this much time. It is also
# how often the inbox is looked at while a file in it is being waited for.
SHORTEST_PAUSE_SECONDS = 0.25
# After a failure that concerns everything (disk full, share gone) the next try waits.
TROUBLE_PAUSE_SECONDS = 5.0
# A file that cannot be moved is left alone for so long; the others go on.
STUCK_PAUSE_SECONDS = 60.0
# So many files are taken before finished ones are cleared and the inbox is listed again.
FILES_A_TURN = 50
# What is the machine's fault; everything else is laid to the file.
MACHINE = (RecordsError, MissingProgram, OSError)
UNEXPECTED = (
    "The file could not be examined, for a reason that the program does not know. "
    "Scan it again; if that does not help, give the arrival number to whoever looks after the "
    "program: its log says where it failed."
)
# Reading a file is an event too; only these say that something may have come.
CHANGES = {"created", "modified", "moved", "closed", "deleted"}


@dataclass(slots=True)
class Attention:
    """What the watcher remembers from one look to the next.

    `stuck` are files that could not be moved, each with the moment until which it is left alone;
    `identity` tells whether the inbox is still the same folder, or a share has gone or come back.
    """

    stillness: Stillness = field(default_factory=Stillness)
    stuck: dict[Path, float] = field(default_factory=dict)
    identity: tuple[int, int] | None = None


class _Nudge(FileSystemEventHandler):
    def __init__(self, event: Event) -> None:
        self._event = event

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in CHANGES:
            self._event.set()


def watch(desk: Desk, stop: Event) -> None:
    """Take in what comes into the inbox, until told to stop. Raises AlreadyRunning."""
    nudge, attention = Event(), Attention()
    with sole(desk.locks, "watch"), _watching(desk, nudge):
        desk.vault.discard_leftovers()
        while not stop.is_set():
            pause = turn(desk, attention)
            stop.wait(pause if pause == TROUBLE_PAUSE_SECONDS else SHORTEST_PAUSE_SECONDS)
            nudge.wait(max(0.0, pause - SHORTEST_PAUSE_SECONDS))
            nudge.clear()


def turn(desk: Desk, attention: Attention) -> float:
    """Look at the inbox once and do what is due; returns the seconds until the next look."""
    try:
        _know_the_inbox(desk, attention)
        waiting = _take_in_due(desk, attention)
        cleared = pipeline.clear(desk)
    except (IngestError, *MACHINE) as error:
        # A message of the system may hold a file's name; the house's own messages never do.
        own = not isinstance(error, OSError)
        log.warning("intake pauses: %s", error if own else type(error).__name__)
        attention.identity = None
        return TROUBLE_PAUSE_SECONDS
    return SHORTEST_PAUSE_SECONDS if waiting or cleared else desk.patience.poll


def _know_the_inbox(desk: Desk, attention: Attention) -> None:
    facts = desk.inbox.stat()
    identity = (facts.st_dev, facts.st_ino)
    if identity != attention.identity:
        adopt_strays(desk)
        attention.identity = identity


def _take_in_due(desk: Desk, attention: Attention) -> bool:
    """Take in what is due, at most so many; whether there is more to look at soon."""
    # What an earlier run or turn did not bring to an end comes first.
    _take_in_claimed(desk)
    listing, now = list_inbox(desk.inbox), time.monotonic()
    still = attention.stillness.look(listing, now)
    attention.stuck = {path: until for path, until in attention.stuck.items() if until > now}
    open_files = [found for found in listing if found.path not in attention.stuck]
    taken = 0
    for found in open_files:
        if taken < FILES_A_TURN and _is_due(desk, found, still[found.path]):
            taken += _claim(desk, found, attention)
    return bool(open_files)


def _claim(desk: Desk, found: Found, attention: Attention) -> bool:
    try:
        arrival = pipeline.claim(desk, found)
    except InboxUnusable as error:
        log.warning("a file stays where it is: %s", error)
        attention.stuck[found.path] = time.monotonic() + STUCK_PAUSE_SECONDS
        return False
    _take_in(desk, arrival)
    return True


def _take_in_claimed(desk: Desk) -> None:
    with desk.ledger.read() as connection:
        claimed = arrivals.claimed(connection, INBOX)
    for arrival in claimed:
        _take_in(desk, arrival)


def _take_in(desk: Desk, arrival: Arrival) -> None:
    step = partial(pipeline.take_in, desk, arrival)
    if not attempt(step, "arrival", arrival.id, passing=MACHINE):
        with desk.ledger.write() as connection:
            arrivals.refuse(connection, arrival.id, "unexpected", UNEXPECTED)


def _is_due(desk: Desk, found: Found, still_seconds: float) -> bool:
    if still_seconds < desk.patience.still:
        return False
    whole = found.kind is not Kind.FILE or _is_whole(desk, found)
    return is_due(found, still_seconds, desk.patience, whole=whole)


def _is_whole(desk: Desk, found: Found) -> bool:
    """Whether a file ends as it should; one that cannot be examined is left to take_in()."""
    cut_off: list[bool] = []

    def step() -> None:
        try:
            examine(found.path, desk.limits)
        except IncompleteFile:
            cut_off.append(True)
        except (UnreadableFile, FileNotFoundError):
            return

    attempt(step, "file of size", found.size, passing=MACHINE)
    return not cut_off


@contextmanager
def _watching(desk: Desk, nudge: Event) -> Iterator[None]:
    observer = Observer()
    observer.schedule(_Nudge(nudge), str(desk.inbox), recursive=True)
    observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()

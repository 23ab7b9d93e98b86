"""Watching the inbox: events wake it early, a full listing is the truth."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from chartkeeper.ingest import pipeline
from chartkeeper.ingest.desk import INBOX, Desk
from chartkeeper.ingest.errors import IngestError
from chartkeeper.ingest.guard import attempt
from chartkeeper.ingest.inbox import Found, Kind, Stillness, is_due, list_inbox
from chartkeeper.ingest.locks import sole
from chartkeeper.ocr.errors import IncompleteFile, UnreadableFile
from chartkeeper.ocr.examine import examine
from chartkeeper.records import arrivals
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.model import Arrival

log = logging.getLogger(__name__)

# While a file is being waited for, the inbox is looked at this often.
WAITING_POLL_SECONDS = 0.25
# After a failure that concerns everything (disk full, share gone) the next try waits.
TROUBLE_PAUSE_SECONDS = 5.0
UNEXPECTED = (
    "The file could not be examined, for a reason that the program does not know. "
    "Scan it again; if that does not help, give the arrival number to whoever looks after the "
    "program: its log says where it failed."
)

# Reading a file is an event too; only these say that something may have come.
CHANGES = {"created", "modified", "moved", "closed", "deleted"}


class _Nudge(FileSystemEventHandler):
    def __init__(self, event: Event) -> None:
        self._event = event

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in CHANGES:
            self._event.set()


def watch(desk: Desk, stop: Event) -> None:
    """Take in what comes into the inbox, until told to stop. Raises AlreadyRunning."""
    nudge, stillness = Event(), Stillness()
    with sole(desk.locks, "watch"), _watching(desk, nudge):
        desk.vault.discard_leftovers()
        while not stop.is_set():
            pause = turn(desk, stillness)
            nudge.wait(pause)
            nudge.clear()


def turn(desk: Desk, stillness: Stillness) -> float:
    """Look at the inbox once and do what is due; returns the seconds until the next look."""
    try:
        waiting = _take_in_due(desk, stillness)
        cleared = pipeline.clear(desk)
    except (IngestError, RecordsError, OSError) as error:
        # A message of the system may hold a file's name; the house's own messages never do.
        own = isinstance(error, IngestError | RecordsError)
        log.warning("intake pauses: %s", error if own else type(error).__name__)
        return TROUBLE_PAUSE_SECONDS
    return WAITING_POLL_SECONDS if waiting or cleared else desk.patience.poll


def _take_in_due(desk: Desk, stillness: Stillness) -> bool:
    listing = list_inbox(desk.inbox)
    still = stillness.look(listing, time.monotonic())
    due = [found for found in listing if _is_due(desk, found, still[found.path])]
    for found in due:
        pipeline.claim(desk, found)
    with desk.ledger.read() as connection:
        claimed = arrivals.claimed(connection, INBOX)
    for arrival in claimed:
        _take_in(desk, arrival)
    return len(due) < len(listing) or bool(claimed)


def _take_in(desk: Desk, arrival: Arrival) -> None:
    step = partial(pipeline.take_in, desk, arrival)
    if not attempt(step, "arrival", arrival.id, passing=(RecordsError, OSError)):
        with desk.ledger.write() as connection:
            arrivals.refuse(connection, arrival.id, "unexpected", UNEXPECTED)


def _is_due(desk: Desk, found: Found, still_seconds: float) -> bool:
    if still_seconds < desk.patience.still:
        return False
    whole = found.kind is not Kind.FILE or _is_whole(desk, found)
    return is_due(found, still_seconds, desk.patience, whole=whole)


def _is_whole(desk: Desk, found: Found) -> bool:
    try:
        examine(found.path, desk.limits)
    except IncompleteFile:
        return False
    except (UnreadableFile, OSError):
        return True
    return True


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

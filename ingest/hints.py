"""Events of the file system: they wake the watcher early, and are never the truth."""

import logging
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from chartkeeper.ingest.profiles import Watch

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

log = logging.getLogger(__name__)

# Reading a file is an event too; only these say that something may have come.
CHANGES = {"created", "modified", "moved", "closed", "deleted"}
Identity = tuple[int, int]


class _Nudge(FileSystemEventHandler):
    def __init__(self, event: Event) -> None:
        self._event = event

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in CHANGES:
            self._event.set()


class Hints:
    """Sets `nudge` when something happens in a folder, as long as it is the same folder."""

    def __init__(self, folder: Path, wanted: Watch, nudge: Event) -> None:
        self._folder, self._wanted, self._nudge = folder, wanted, nudge
        self._of: Identity | None = None
        self._observer: BaseObserver | None = None

    def follow(self, identity: Identity | None, *, remote: bool) -> None:
        """Listen to the folder that is there now; None for none.

        Without events, as on a share, the listing at intervals does the work alone.
        """
        if identity == self._of:
            return
        self.end()
        self._of = identity
        polled = self._wanted is Watch.POLL or (remote and self._wanted is Watch.AUTO)
        if identity is None or polled:
            return
        observer = Observer()
        try:
            observer.schedule(_Nudge(self._nudge), str(self._folder), recursive=True)
            observer.start()
        except OSError as error:
            # The system gives out only so many of these (inotify(7)), and the folder may be gone.
            kind = type(error).__name__
            log.info("no events from an inbox (%s): it is listed at intervals", kind)
            return
        self._observer = observer

    def end(self) -> None:
        """Listen no more."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
        self._observer, self._of = None, None

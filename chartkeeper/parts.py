"""The parts of the service, each the life of one process: watch, worker, index writer, web ..."""

import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event

from chartkeeper.desks import limits, make_desk
from chartkeeper.filing.doctypes import RESTRICTED, load_doctypes
from chartkeeper.folders import Home
from chartkeeper.home import inbox_folders, open_home
from chartkeeper.ingest.children import die_with_parent
from chartkeeper.ingest.drawing import Drawers
from chartkeeper.ingest.errors import trouble_in_words
from chartkeeper.ingest.guard import attempt
from chartkeeper.ingest.indexing import keep_index
from chartkeeper.ingest.watch import watch
from chartkeeper.ingest.worker import cores, remove_leftovers, work
from chartkeeper.keeper import keep_records
from chartkeeper.records.database import Ledger
from chartkeeper.records.vault import Vault
from chartkeeper.settings import Settings, items
from chartkeeper.terminal import EXPECTED
from chartkeeper.webui.app import create_app
from chartkeeper.webui.parts import TypeChoice, WebParts
from chartkeeper.webui.serve import serve

log = logging.getLogger(__name__)

MOST_DRAWERS = 4
# The kernel derives the priority of reading and writing from it too (ioprio_set(2)): lowest of all.
NICENESS = 19

Part = Callable[[Path, Event, int | None], None]


def run_watch(path: Path, stop: Event, _port: int | None = None) -> None:
    """Take in what comes into the inbox."""
    watch(make_desk(*open_home(path)), stop)


def run_worker(path: Path, stop: Event, _port: int | None = None) -> None:
    """Read and file pages."""
    work(make_desk(*open_home(path)), stop)


def run_index_writer(path: Path, stop: Event, _port: int | None = None) -> None:
    """Keep the search index up to date."""
    keep_index(make_desk(*open_home(path)), stop)


def run_web(path: Path, stop: Event, port: int | None = None) -> None:
    """Answer browsers, on `port` or else on that of the settings."""
    del stop
    # waitress ends on this, after the answers that are under way.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    home, settings, ledger = open_home(path)
    home.web_scratch.mkdir(parents=True, exist_ok=True)
    remove_leftovers(home.web_scratch)
    tempfile.tempdir = str(home.web_scratch)
    drawers = Drawers(most_drawers(settings), home.web_scratch, limits(settings))
    try:
        serve(
            create_app(web_parts(home, settings, ledger, drawers)),
            settings.host,
            port or settings.port,
            threads=settings.web_threads,
            behind_proxy=settings.behind_proxy,
        )
    finally:
        # They do not hear a stop, and this process would wait for them until their rest is over.
        drawers.end()


def run_keeper(path: Path, stop: Event, _port: int | None = None) -> None:
    """Verify and back up if it is due, then end."""
    del stop
    # Whatever is cut off here is taken up again by the next run: it need not wait to be told.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.nice(NICENESS)
    keep_records(*open_home(path))


def web_parts(home: Home, settings: Settings, ledger: Ledger, drawers: Drawers) -> WebParts:
    """What the web pages stand on, from the home and its settings."""
    types = load_doctypes().types
    return WebParts(
        ledger=ledger,
        vault=Vault(home.vault),
        index_folder=home.index,
        inbox=home.inbox,
        inboxes=inbox_folders(home, settings),
        places=_places(home, settings),
        locks=home.locks,
        failed=home.failed,
        types=tuple(
            TypeChoice(kind.key, kind.name, kind.loinc, kind.date_required) for kind in types
        ),
        idle_seconds=settings.idle_minutes * 60,
        secure_cookies=settings.secure_cookies,
        limits=limits(settings),
        draw=drawers.draw,
        restricted_types=restricted_types(settings),
        emergency_minutes=settings.emergency_minutes,
    )


def restricted_types(settings: Settings) -> frozenset[str]:
    """The types kept from casual view: those that always are, and those that this home names."""
    always = {kind.key for kind in load_doctypes().types if kind.sensitivity == RESTRICTED}
    return frozenset({*always, *items(settings.restricted_types, ",")})


def _places(home: Home, settings: Settings) -> dict[str, Path]:
    places = {"Originals": home.vault, "Ledger": home.path, "Inbox": home.inbox}
    return places | ({"Backup": Path(settings.backup_folder)} if settings.backup_folder else {})


def most_drawers(settings: Settings) -> int:
    """How many pages may be drawn for browsers at the same time; reading goes on beside it."""
    return max(1, min(MOST_DRAWERS, cores(), settings.web_threads - 1))


PARTS: dict[str, Part] = {
    "keeper": run_keeper,
    "watch": run_watch,
    "worker": run_worker,
    "index writer": run_index_writer,
    "web": run_web,
}


def live(name: str, path: Path, port: int | None) -> None:
    """The life of a part's process: until it is told to stop, or the one that started it is gone.

    Ends the process with status 1 after a failure that a person has to mend; it is in the log.
    """
    die_with_parent()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    step = partial(PARTS[name], path, stop, port)
    try:
        done = attempt(step, name, os.getpid(), passing=(*EXPECTED, OSError))
    except (*EXPECTED, OSError) as error:
        log.error("%s", trouble_in_words(error))  # noqa: TRY400 - the message says what to do; places say nothing here
        sys.exit(1)
    if not done:
        sys.exit(1)

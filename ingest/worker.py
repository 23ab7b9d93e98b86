"""The worker: keeps every core reading, files what is read. The ledger says what is to do."""

import logging
import os
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event

from chartkeeper.filing.remembered import forget_pages
from chartkeeper.ingest import learning, pipeline
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.errors import ChildNotStarted, trouble_in_words
from chartkeeper.ingest.guard import attempt
from chartkeeper.ingest.locks import sole
from chartkeeper.ingest.readers import Outcome, Readers
from chartkeeper.ingest.reading import Failure
from chartkeeper.records import documents, pages, rereading, scans
from chartkeeper.records.documents import DocumentFacts
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.model import Scan

log = logging.getLogger(__name__)

OUTCOME_WAIT_SECONDS = 0.5
# How soon a page that has just come in is noticed.
IDLE_POLL_SECONDS = 0.2
TROUBLE_PAUSE_SECONDS = 5.0
# Power cuts hit a page now and then; one that is hit so often brings the worker down itself.
MAX_INTERRUPTIONS = 10
INTERRUPTED = (
    "The program was stopped again and again while this page was being read. Look at the original; "
    "it may be damaged or far too large. Scan it again, or have it tried once more."
)


def work(desk: Desk, stop: Event) -> None:
    """Read and file whatever is there, until told to stop. Raises AlreadyRunning.

    Pages that an earlier worker of this machine had taken are given back first: the lock says
    that it is gone. Filing goes on beside the reading, so that no reader waits for it.
    """
    owner = socket.gethostname()
    with sole(desk.locks, f"worker-{owner}"):
        with desk.ledger.write() as connection:
            given_up = pages.interrupted(connection, owner, MAX_INTERRUPTIONS, INTERRUPTED)
            for page_id in given_up:
                rereading.settle(connection, page_id)
        remove_leftovers(desk.scratch)
        ended = Event()
        with ThreadPoolExecutor(2, "filing") as pool, Readers(desk.readers, desk.terms) as readers:
            filing = pool.submit(_file_until, ended, desk)
            pool.submit(learning.learn_until, ended, desk)
            tray = pipeline.Tray()
            try:
                while not stop.is_set() and not filing.done():
                    stop.wait(_turn(desk, readers, tray, owner, stop))
            finally:
                ended.set()
                _give_back(desk, owner)
            filing.result()


def _give_back(desk: Desk, owner: str) -> None:
    # What cannot be given back now, the next worker gives back.
    with suppress(RecordsError), desk.ledger.write() as connection:
        pages.release(connection, owner)


def remove_leftovers(scratch: Path) -> None:
    """Remove page images that a killed process left behind; only when nobody else works there."""
    for leftover in scratch.iterdir():
        if leftover.is_file():
            leftover.unlink(missing_ok=True)
        else:
            shutil.rmtree(leftover, ignore_errors=True)


def _turn(desk: Desk, readers: Readers, tray: pipeline.Tray, owner: str, stop: Event) -> float:
    """One round of the readers; returns for how many seconds to pause."""
    try:
        return _step(desk, readers, tray, owner, stop)
    except (RecordsError, ChildNotStarted, OSError) as error:
        return _trouble(error)


def _step(desk: Desk, readers: Readers, tray: pipeline.Tray, owner: str, stop: Event) -> float:
    pipeline.read(desk, readers, tray)
    outcomes = readers.outcomes(OUTCOME_WAIT_SECONDS) if readers.busy else []
    if stop.is_set():
        # The engines were told to stop as well; what they say now is not the pages' fault.
        return 0.0
    trouble = machine_trouble(outcomes)
    if not trouble:
        # The readers go on while the ledger is written.
        pipeline.read(desk, readers, tray)
    tray.done += outcomes
    pipeline.keep(desk, tray, owner)
    if trouble:
        log.warning("work pauses: %s", trouble)
        return TROUBLE_PAUSE_SECONDS
    return 0.0 if tray.hand or readers.busy else IDLE_POLL_SECONDS


def _trouble(error: RecordsError | ChildNotStarted | OSError) -> float:
    log.warning("work pauses: %s", trouble_in_words(error))
    return TROUBLE_PAUSE_SECONDS


def _file_until(ended: Event, desk: Desk) -> None:
    while not ended.is_set():
        try:
            pause = 0.0 if _file_ready(desk, ended) else IDLE_POLL_SECONDS
        except (RecordsError, OSError) as error:
            pause = _trouble(error)
        ended.wait(pause)


def _file_ready(desk: Desk, ended: Event) -> int:
    """File the next scan whose pages are all read, and the next document put together anew.

    The ledger is asked again after each: what was read of today comes before the rest of a
    migration. Returns how many there were.
    """
    with desk.ledger.read() as connection:
        ready = scans.ready_to_file(connection, 1)
        anew = documents.waiting_to_be_filed(connection, 1)
    for scan in ready:
        if not ended.is_set():
            _file(desk, scan)
    for facts in anew:
        if not ended.is_set():
            _file_anew(desk, facts)
    return len(ready) + len(anew)


def _file(desk: Desk, scan: Scan) -> None:
    step = partial(pipeline.file, desk, scan)
    if not attempt(step, "scan", scan.id, passing=(RecordsError, OSError)):
        pipeline.leave_to_clerk(desk, scan)
    forget_pages()


def _file_anew(desk: Desk, facts: DocumentFacts) -> None:
    step = partial(pipeline.file_anew, desk, facts)
    number = facts.document.id
    if not attempt(step, "document", number, passing=(RecordsError, OSError)):
        pipeline.leave_anew_to_clerk(desk, facts)
    forget_pages()


def machine_trouble(outcomes: list[Outcome]) -> str:
    """What is wrong with the machine, as a reader found it; empty if nothing is."""
    failures = [item.result for item in outcomes if isinstance(item.result, Failure)]
    return next((failure.reason for failure in failures if failure.of_machine), "")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))

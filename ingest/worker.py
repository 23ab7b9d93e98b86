"""The worker: keeps every core reading, files what is read. The ledger says what is to do."""

import logging
import os
import shutil
import socket
from functools import partial
from pathlib import Path
from threading import Event

from chartkeeper.ingest import pipeline
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.guard import attempt
from chartkeeper.ingest.locks import sole
from chartkeeper.ingest.readers import READINGS_BEFORE_KILL, Failure, Outcome, Readers
from chartkeeper.records import pages, scans
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.model import Scan

log = logging.getLogger(__name__)

OUTCOME_WAIT_SECONDS = 0.5
# How soon a page that has just come in is noticed.
IDLE_POLL_SECONDS = 0.2
TROUBLE_PAUSE_SECONDS = 5.0


def work(desk: Desk, stop: Event) -> None:
    """Read and file whatever is there, until told to stop. Raises AlreadyRunning.

    Pages that an earlier worker of this machine had taken are given back first: the lock says
    that it is gone.
    """
    owner = socket.gethostname()
    with sole(desk.locks, f"worker-{owner}"):
        with desk.ledger.write() as connection:
            pages.release(connection, owner)
        remove_leftovers(desk.scratch)
        with Readers(desk.readers, desk.scratch, desk.limits, desk.page_memory_bytes) as readers:
            while not stop.is_set():
                stop.wait(_turn(desk, readers, owner, stop))


def remove_leftovers(scratch: Path) -> None:
    """Remove page images that a killed process left behind; only when nobody else works there."""
    for leftover in scratch.iterdir():
        if leftover.is_file():
            leftover.unlink(missing_ok=True)
        else:
            shutil.rmtree(leftover, ignore_errors=True)


def _turn(desk: Desk, readers: Readers, owner: str, stop: Event) -> float:
    try:
        return _step(desk, readers, owner, stop)
    except (RecordsError, OSError) as error:
        own = isinstance(error, RecordsError)
        log.warning("work pauses: %s", error if own else type(error).__name__)
        return TROUBLE_PAUSE_SECONDS


def _step(desk: Desk, readers: Readers, owner: str, stop: Event) -> float:
    lease_seconds = int(2 * READINGS_BEFORE_KILL * desk.limits.page_timeout_seconds)
    pipeline.read(desk, readers, owner, lease_seconds)
    busy = readers.free < desk.readers
    if busy:
        outcomes = readers.outcomes(OUTCOME_WAIT_SECONDS)
        if stop.is_set():
            # The engines were told to stop as well; what they say now is not the pages' fault.
            return 0.0
        if outcomes:
            pipeline.keep(desk, outcomes)
            if trouble := machine_trouble(outcomes):
                log.warning("work pauses: %s", trouble)
                return TROUBLE_PAUSE_SECONDS
            # The readers go on while the parent files.
            pipeline.read(desk, readers, owner, lease_seconds)
    filed = _file_ready(desk)
    return 0.0 if busy or filed else IDLE_POLL_SECONDS


def _file_ready(desk: Desk) -> int:
    with desk.ledger.read() as connection:
        ready = scans.ready_to_file(connection)
    for scan in ready:
        _file(desk, scan)
    return len(ready)


def _file(desk: Desk, scan: Scan) -> None:
    step = partial(pipeline.file, desk, scan)
    if not attempt(step, "scan", scan.id, passing=(RecordsError, OSError)):
        pipeline.leave_to_clerk(desk, scan)


def machine_trouble(outcomes: list[Outcome]) -> str:
    """What is wrong with the machine, as a reader found it; empty if nothing is."""
    failures = [item.result for item in outcomes if isinstance(item.result, Failure)]
    return next((failure.reason for failure in failures if failure.of_machine), "")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))

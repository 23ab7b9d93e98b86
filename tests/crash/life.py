"""One life of the service in one process: the stages in their order, until nothing is left to do.

Each effect happens in the same order in every run, so that the n-th is the same one; what the
service does side by side in several processes is killed elsewhere.
"""

import contextlib
import io
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from chartkeeper.__main__ import cli
from chartkeeper.desks import make_desk
from chartkeeper.home import open_home
from chartkeeper.index.store import open_writer
from chartkeeper.ingest import pipeline
from chartkeeper.ingest.desk import Desk, Patience
from chartkeeper.ingest.readers import Outcome
from chartkeeper.ingest.reading import Job, Reader
from chartkeeper.ingest.verdicts import keep_outcome
from chartkeeper.ingest.watch import Attention, turn
from chartkeeper.ingest.worker import remove_leftovers
from chartkeeper.ocr.examine import examine
from chartkeeper.records import pages, scans

OWNER = "one life"
TURNS = 3


def live(home: Path) -> None:
    """Take in, read, file, index and clear all that lies in the inbox of a home."""
    desk = _desk(home)
    attention = Attention()
    desk.vault.discard_leftovers()
    turn(desk, attention)
    _read_all(desk)
    with desk.ledger.read() as connection:
        ready = scans.ready_to_file(connection)
    for scan in ready:
        pipeline.file(desk, scan)
    with open_writer(desk.index) as writer:
        while pipeline.index(desk, writer):
            pass
    for _ in range(TURNS):
        turn(desk, attention)
    desk.ledger.close()


class ExaminerInside:
    """Examines files in this process, so that all happens in one."""

    examine = staticmethod(examine)


def _desk(home: Path) -> Desk:
    return replace(
        make_desk(*open_home(home)),
        patience=Patience(still=0, incomplete=0, leftover=0),
        readers=1,
        examiner=ExaminerInside(),
    )


def _read_all(desk: Desk) -> None:
    with desk.ledger.write() as connection:
        pages.release(connection, OWNER)
    remove_leftovers(desk.scratch)
    reader = None
    while True:
        with desk.ledger.write() as connection:
            tasks = pages.lease(connection, OWNER, 1, datetime.now(UTC), desk.lease_seconds)
        if not tasks:
            return
        reader = reader or Reader(desk.terms)
        result = reader.read(Job(tasks[0], desk.vault.path(tasks[0].sha256)))
        with desk.ledger.write() as connection:
            keep_outcome(connection, Outcome(tasks[0], result))


def command(home: Path) -> Callable[..., tuple[int, str]]:
    """Runs commands of chartkeeper on a home within this process."""

    def run(*words: str) -> tuple[int, str]:
        printed, status = io.StringIO(), 0
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            try:
                cli(["--home", str(home), *words], standalone_mode=False)
            except SystemExit as end:
                status = int(end.code or 0)
        return status, printed.getvalue()

    return run


def in_child(step: Callable[[], None]) -> int:
    """Run a step in a forked process of its own process group; how that ended, as waitpid says."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            os.setpgid(0, 0)
            step()
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the child ends here, whatever it was
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    return os.waitpid(child, 0)[1]

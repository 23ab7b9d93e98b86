"""Keeping the parts of the service alive: a part that ends is started again, a little later.

A timed part does what is due and ends; it is started every so often, and holds no memory between.
"""

import logging
import multiprocessing
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType

from chartkeeper.ingest.guard import say_places_only
from chartkeeper.settings import quiet_engines

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
# A part that ran for this long was healthy; the next time it ends it starts again at once.
HEALTHY_AFTER_SECONDS = 60.0
STOP_PATIENCE_SECONDS = 20.0
WATCH_SECONDS = 1.0
# The parts that look whether something is due, and how often. What is due they know themselves.
TIMED_SECONDS = {"keeper": 300.0}

context = multiprocessing.get_context("forkserver")


@dataclass(slots=True)
class _Running:
    process: ForkServerProcess | None = None
    started: float = 0.0
    not_before: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS


def supervise(path: Path, parts: Sequence[str], port: int | None = None) -> None:
    """Run parts of a home, each in a process, until SIGTERM or SIGINT.

    The names are those of parts.PARTS; `port` is where the web pages answer, if not on that of
    the settings.
    """
    # Loaded once and shared by all parts: a part's own memory is only what it adds.
    context.set_forkserver_preload(["chartkeeper.__main__", "chartkeeper.parts"])
    told = _listen()
    running = {name: _Running() for name in parts}
    while not told:
        for name, item in running.items():
            _look_after(name, item, path, port)
        wait([item.process.sentinel for item in running.values() if item.process], WATCH_SECONDS)
    _stop([item.process for item in running.values() if item.process])


def _listen() -> list[int]:
    told: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hear)
    return told


def _look_after(name: str, item: _Running, path: Path, port: int | None) -> None:
    now = time.monotonic()
    if item.process is not None and item.process.is_alive():
        return
    if item.process is not None:
        _note_end(name, item, now)
    if now >= item.not_before:
        item.process = context.Process(target=live_as, args=(name, path, port), name=name)
        item.process.start()
        item.started = now


def _note_end(name: str, item: _Running, now: float) -> None:
    assert item.process is not None  # noqa: S101 - narrows the type; the caller looked
    if name in TIMED_SECONDS and not item.process.exitcode:
        item.not_before, item.process = item.started + TIMED_SECONDS[name], None
        return
    healthy = now - item.started > HEALTHY_AFTER_SECONDS
    item.pause = FIRST_PAUSE_SECONDS if healthy else min(item.pause * 2, LONGEST_PAUSE_SECONDS)
    item.not_before = now + item.pause
    log.warning(
        "%s ended (status %s); it starts again in %.0f s", name, item.process.exitcode, item.pause
    )
    item.process = None


def _stop(processes: list[ForkServerProcess]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_PATIENCE_SECONDS
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()


def live_as(name: str, path: Path, port: int | None) -> None:
    """Become a part; its code is loaded here, so that the supervisor itself stays small."""
    prepare_process()
    import_module("chartkeeper.parts").live(name, path, port)


def prepare_process() -> None:
    """What every process of the service needs before it begins."""
    quiet_engines()
    say_places_only()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # They log every file or job they touch; what matters of it is in the ledger.
    for noisy in ("watchdog", "PIL", "alembic", "waitress.queue"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

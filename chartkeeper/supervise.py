"""Keeping the parts of the service alive: a part that ends is started again, a little later."""

import logging
import multiprocessing
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType

from chartkeeper.parts import Part, live

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
# A part that ran for this long was healthy; the next time it ends it starts again at once.
HEALTHY_AFTER_SECONDS = 60.0
STOP_PATIENCE_SECONDS = 20.0
WATCH_SECONDS = 1.0

context = multiprocessing.get_context("forkserver")


@dataclass(slots=True)
class _Running:
    part: Part
    process: ForkServerProcess | None = None
    started: float = 0.0
    not_before: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS


def supervise(path: Path, parts: Mapping[str, Part]) -> None:
    """Run the parts of a home, each in a process, until SIGTERM or SIGINT."""
    # Loaded once and shared by all parts: a part's own memory is only what it adds.
    context.set_forkserver_preload(["chartkeeper.__main__", "chartkeeper.parts"])
    told = _listen()
    running = {name: _Running(part) for name, part in parts.items()}
    while not told:
        for name, item in running.items():
            _look_after(name, item, path)
        wait([item.process.sentinel for item in running.values() if item.process], WATCH_SECONDS)
    _stop([item.process for item in running.values() if item.process])


def _listen() -> list[int]:
    told: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hear)
    return told


def _look_after(name: str, item: _Running, path: Path) -> None:
    now = time.monotonic()
    if item.process is not None and item.process.is_alive():
        return
    if item.process is not None:
        _note_end(name, item, now)
    if now >= item.not_before:
        item.process = context.Process(target=live, args=(item.part, path), name=name)
        item.process.start()
        item.started = now


def _note_end(name: str, item: _Running, now: float) -> None:
    assert item.process is not None  # noqa: S101 - narrows the type; the caller looked
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

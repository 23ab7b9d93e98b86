"""The page readers: one process a core, each of which may hang or crash and is replaced."""

import multiprocessing
import os
import resource
import signal
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from chartkeeper.ocr.engines import Engines, FirstEngine, first_engine
from chartkeeper.ocr.errors import (
    EngineFailed,
    MissingProgram,
    OutOfMemory,
    StorageFailed,
    UnreadablePage,
)
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.page import Page
from chartkeeper.ocr.read import read_page
from chartkeeper.records.model import PageTask

# A page may be read several times over (turned pages); each reading has a limit of its own, and
# this many of them together end the reader.
READINGS_BEFORE_KILL = 4

context = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page was not read.

    `again` says whether another try could help; `of_machine` that it is not the page's fault but
    that of the machine (a program or a disk is missing), so that the try does not count.
    """

    reason: str
    again: bool
    of_machine: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a page."""

    task: PageTask
    result: Page | Failure


@dataclass(frozen=True, slots=True)
class Job:
    """A page to read and the original that holds it."""

    task: PageTask
    path: Path


@dataclass(slots=True)
class _Reader:
    process: ForkServerProcess
    pipe: Connection
    task: PageTask | None = None
    deadline: float = 0.0


class Readers:
    """So many reader processes; jobs go in, outcomes come out."""

    def __init__(self, count: int, scratch: Path, limits: Limits, memory_bytes: int) -> None:
        self._scratch, self._limits, self._memory_bytes = scratch, limits, memory_bytes
        context.set_forkserver_preload(["chartkeeper.ocr.read"])
        self._readers = [self._start() for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for reader in self._readers:
            self._end(reader)

    @property
    def free(self) -> int:
        """How many readers have nothing to do."""
        return sum(reader.task is None for reader in self._readers)

    def submit(self, job: Job) -> None:
        """Give a page to a free reader; there must be one."""
        reader = next(reader for reader in self._readers if reader.task is None)
        reader.task = job.task
        reader.deadline = (
            time.monotonic() + READINGS_BEFORE_KILL * self._limits.page_timeout_seconds
        )
        # One that died while idle is found by outcomes(), by its closed pipe, and replaced.
        with suppress(BrokenPipeError):
            reader.pipe.send(job)

    def outcomes(self, wait_seconds: float) -> list[Outcome]:
        """The pages that were ended since the last call; waits for the first one."""
        busy = [reader for reader in self._readers if reader.task is not None]
        ready = wait([reader.pipe for reader in busy], timeout=wait_seconds)
        found = [self._receive(reader) for reader in busy if reader.pipe in ready]
        now = time.monotonic()
        late = [reader for reader in busy if reader.task is not None and now > reader.deadline]
        return found + [self._give_up(reader, "took too long to read") for reader in late]

    def _receive(self, reader: _Reader) -> Outcome:
        assert reader.task is not None  # noqa: S101 - narrows the type; only busy readers get here
        try:
            result: Page | Failure = reader.pipe.recv()
        except (EOFError, OSError):
            return self._give_up(reader, "made the reader stop")
        task, reader.task = reader.task, None
        return Outcome(task, result)

    def _give_up(self, reader: _Reader, what: str) -> Outcome:
        assert reader.task is not None  # noqa: S101 - narrows the type; only busy readers get here
        task = reader.task
        self._end(reader)
        self._readers[self._readers.index(reader)] = self._start()
        reason = f"The page {what}. Look at the original; scan the page again if it is damaged."
        return Outcome(task, Failure(reason, again=True))

    def _start(self) -> _Reader:
        ours, theirs = context.Pipe()
        arguments = (theirs, self._scratch, self._limits, self._memory_bytes)
        process = context.Process(target=read_jobs, args=arguments, name="reader", daemon=True)
        process.start()
        theirs.close()
        return _Reader(process, ours)

    def _end(self, reader: _Reader) -> None:
        reader.process.kill()
        reader.process.join()
        reader.pipe.close()


def read_jobs(pipe: Connection, scratch: Path, limits: Limits, memory_bytes: int) -> None:
    """The life of a reader process: a job comes in, a page or a failure goes out."""
    die_with_parent()
    # Ctrl-C and a stop of the service are for the parent, which ends its readers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Whatever a library writes to a temporary file is part of a chart and stays under the home.
    tempfile.tempdir = str(scratch)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    engines = Engines(first_engine(FirstEngine.AUTO, scratch))
    while True:
        try:
            job: Job = pipe.recv()
        except EOFError:
            return
        pipe.send(_read(job, engines, limits))


def die_with_parent() -> None:
    """End this process as soon as the one that started it is gone, however that ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_after, args=(parent.sentinel,), daemon=True).start()


def _leave_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _read(job: Job, engines: Engines, limits: Limits) -> Page | Failure:
    try:
        return read_page(job.path, Format(job.task.format), job.task.number, limits, engines)
    except (StorageFailed, MissingProgram) as error:
        return Failure(str(error), again=True, of_machine=True)
    except (EngineFailed, OutOfMemory) as error:
        # The system may have ended the engine for want of memory; the page need not be at fault.
        return Failure(str(error), again=True)
    except UnreadablePage as error:
        return Failure(str(error), again=False)
    except MemoryError:
        reason = "The page needs more memory than a page may have. Scan it again at 300 dpi."
        return Failure(reason, again=False)

"""The page readers: one process a core, each of which may hang or crash and is replaced."""

import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Self

from chartkeeper.ingest.reading import Failure, Job, Terms, context, read_jobs
from chartkeeper.ocr.page import Page
from chartkeeper.records.model import PageTask

# All readings of a page together have the page's time limit, drawing it has the same once more.
# A reader that is busy for longer hangs.
LIMITS_BEFORE_KILL = 2.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a page."""

    task: PageTask
    result: Page | Failure


@dataclass(slots=True)
class _Reader:
    process: ForkServerProcess
    pipe: Connection
    task: PageTask | None = None
    deadline: float = 0.0


class Readers:
    """So many reader processes; jobs go in, outcomes come out."""

    def __init__(self, count: int, terms: Terms) -> None:
        self._terms = terms
        context.set_forkserver_preload(["chartkeeper.ingest.reading"])
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
    def busy(self) -> bool:
        """Whether any reader has something to do."""
        return any(reader.task is not None for reader in self._readers)

    @property
    def free(self) -> int:
        """How many readers have nothing to do."""
        return sum(reader.task is None for reader in self._readers)

    def submit(self, job: Job) -> None:
        """Give a page to a free reader; there must be one."""
        reader = next(reader for reader in self._readers if reader.task is None)
        reader.task = job.task
        patience = LIMITS_BEFORE_KILL * self._terms.limits.page_timeout_seconds
        reader.deadline = time.monotonic() + patience
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
        arguments = (theirs, self._terms)
        process = context.Process(target=read_jobs, args=arguments, name="reader", daemon=True)
        process.start()
        theirs.close()
        return _Reader(process, ours)

    def _end(self, reader: _Reader) -> None:
        reader.process.kill()
        reader.process.join()
        reader.pipe.close()

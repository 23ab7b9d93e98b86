"""The page readers: one process a core, each of which may hang or crash and is replaced."""

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from chartkeeper.ingest.children import Child, ChildLost
from chartkeeper.ingest.errors import ChildNotStarted
from chartkeeper.ingest.reading import Failure, Job, Terms, read_pages
from chartkeeper.ocr.page import Page
from chartkeeper.records.model import PageTask

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a page."""

    task: PageTask
    result: Page | Failure


@dataclass(slots=True)
class _Reader:
    child: Child[Job, Page | Failure] | None = None
    task: PageTask | None = None
    deadline: float = 0.0


class Readers:
    """So many reader processes; jobs go in, outcomes come out.

    A process that the machine does not give at once is started with the next job for it.
    """

    def __init__(self, count: int, terms: Terms) -> None:
        self._terms = terms
        self._readers = [self._begin(_Reader()) for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for reader in self._readers:
            if reader.child:
                reader.child.end()

    @property
    def busy(self) -> bool:
        """Whether any reader has something to do."""
        return any(reader.task is not None for reader in self._readers)

    @property
    def free(self) -> int:
        """How many readers have nothing to do."""
        return sum(reader.task is None for reader in self._readers)

    def submit(self, job: Job) -> None:
        """Give a page to a free reader; there must be one. Raises ChildNotStarted."""
        reader = next(reader for reader in self._readers if reader.task is None)
        reader.child = reader.child or self._start()
        reader.task = job.task
        reader.deadline = time.monotonic() + self._terms.patience_seconds
        # One that died while idle is found by outcomes(), by its closed pipe, and replaced.
        reader.child.give(job)

    def outcomes(self, wait_seconds: float) -> list[Outcome]:
        """The pages that were ended since the last call; waits for the first one."""
        busy = [reader for reader in self._readers if reader.task is not None]
        pipes = {reader.child.pipe: reader for reader in busy if reader.child}
        ready = wait(list(pipes), timeout=wait_seconds)
        found = [self._receive(reader) for pipe, reader in pipes.items() if pipe in ready]
        now = time.monotonic()
        late = [reader for reader in busy if reader.task is not None and now > reader.deadline]
        return found + [self._give_up(reader, "took too long to read") for reader in late]

    def _receive(self, reader: _Reader) -> Outcome:
        assert reader.task and reader.child  # noqa: PT018, S101 - narrows; only busy ones get here
        try:
            result = reader.child.answer()
        except ChildLost:
            return self._give_up(reader, "made the reader stop")
        task, reader.task = reader.task, None
        return Outcome(task, result)

    def _give_up(self, reader: _Reader, what: str) -> Outcome:
        assert reader.task and reader.child  # noqa: PT018, S101 - narrows; only busy ones get here
        task = reader.task
        log.warning("a reader ended over page %d: %s", task.page_id, reader.child.ended_how())
        reader.child.end()
        reader.child = reader.task = None
        self._begin(reader)
        reason = f"The page {what}. Look at the original; scan the page again if it is damaged."
        return Outcome(task, Failure(reason, again=True))

    def _begin(self, reader: _Reader) -> _Reader:
        # What the machine does not give now is asked for again by submit().
        with suppress(ChildNotStarted):
            reader.child = self._start()
        return reader

    def _start(self) -> Child[Job, Page | Failure]:
        terms = self._terms
        return Child("reader", terms.scratch, terms.allowance, read_pages, terms)

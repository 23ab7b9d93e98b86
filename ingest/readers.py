"""The page readers: one process a core, each of which may hang or crash and is replaced."""

import logging
import time
from dataclasses import dataclass
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from chartkeeper.ingest.children import Child, ChildLost
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
    child: Child[Job, Page | Failure]
    task: PageTask | None = None
    deadline: float = 0.0


class Readers:
    """So many reader processes; jobs go in, outcomes come out."""

    def __init__(self, count: int, terms: Terms) -> None:
        self._terms = terms
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
        """Give a page to a free reader; there must be one."""
        reader = next(reader for reader in self._readers if reader.task is None)
        reader.task = job.task
        reader.deadline = time.monotonic() + self._terms.patience_seconds
        # One that died while idle is found by outcomes(), by its closed pipe, and replaced.
        reader.child.give(job)

    def outcomes(self, wait_seconds: float) -> list[Outcome]:
        """The pages that were ended since the last call; waits for the first one."""
        busy = [reader for reader in self._readers if reader.task is not None]
        ready = wait([reader.child.pipe for reader in busy], timeout=wait_seconds)
        found = [self._receive(reader) for reader in busy if reader.child.pipe in ready]
        now = time.monotonic()
        late = [reader for reader in busy if reader.task is not None and now > reader.deadline]
        return found + [self._give_up(reader, "took too long to read") for reader in late]

    def _receive(self, reader: _Reader) -> Outcome:
        assert reader.task is not None  # noqa: S101 - narrows the type; only busy readers get here
        try:
            result = reader.child.answer()
        except ChildLost:
            return self._give_up(reader, "made the reader stop")
        task, reader.task = reader.task, None
        return Outcome(task, result)

    def _give_up(self, reader: _Reader, what: str) -> Outcome:
        assert reader.task is not None  # noqa: S101 - narrows the type; only busy readers get here
        task = reader.task
        log.warning("a reader ended over page %d: %s", task.page_id, reader.child.ended_how())
        reader.child.end()
        self._readers[self._readers.index(reader)] = self._start()
        reason = f"The page {what}. Look at the original; scan the page again if it is damaged."
        return Outcome(task, Failure(reason, again=True))

    def _start(self) -> _Reader:
        terms = self._terms
        return _Reader(Child("reader", terms.scratch, terms.allowance, read_pages, terms))

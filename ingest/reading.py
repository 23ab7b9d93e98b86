"""The life of a reader process: a job comes in, a page or the reason why there is none goes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chartkeeper.filing.doubt import fields_in_doubt, fields_that_tell
from chartkeeper.filing.remembered import forget_pages
from chartkeeper.ingest.children import Post, answer_jobs, settle
from chartkeeper.ocr.confine import GIGABYTE, Allowance, for_pages
from chartkeeper.ocr.engines import Engines, FirstEngine, first_engine, second_engine
from chartkeeper.ocr.errors import (
    EngineFailed,
    MissingProgram,
    OutOfMemory,
    PageTookTooLong,
    StorageFailed,
    UnreadablePage,
)
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.memory import give_back, keep_freed
from chartkeeper.ocr.page import Page
from chartkeeper.ocr.read import looked_again, read_page
from chartkeeper.ocr.tesseract import TesseractProgram
from chartkeeper.records.model import Lane, PageTask

# Second looks that a reader may have saved up: a small batch of bad pages gets them all.
MOST_SAVED_LOOKS = 12.0
# All readings of a page together have the page's time limit, drawing it has the same once more.
# A reader that is busy for longer hangs.
LIMITS_BEFORE_KILL = 2.5


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms pages are read.

    `scratch` is a folder for pictures while they are read. `second_shares` says how many pages in
    one (0 to 1) of each lane may get a second look, over time; a lane not named gets none.
    """

    scratch: Path
    limits: Limits = field(default_factory=Limits)
    memory_bytes: int = 4 * GIGABYTE
    first: FirstEngine = FirstEngine.AUTO
    second_shares: Mapping[Lane, float] = field(default_factory=dict)

    @property
    def allowance(self) -> Allowance:
        """What a reader may use."""
        return for_pages(self.limits, self.memory_bytes)

    @property
    def patience_seconds(self) -> float:
        """How long a reader may be busy with one page."""
        return LIMITS_BEFORE_KILL * self.limits.page_timeout_seconds


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
class Job:
    """A page to read and the original that holds it."""

    task: PageTask
    path: Path


class Purse:
    """How many pages may still get a second look: each page read earns a share of one."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._saved = MOST_SAVED_LOOKS if share else 0.0

    @property
    def has_one(self) -> bool:
        """Whether the next page may get a second look."""
        return self._saved >= 1

    def account(self, *, spent: bool) -> None:
        """One more page was read, and a second look was `spent` on it or not."""
        self._saved = min(MOST_SAVED_LOOKS, self._saved + self._share - spent)


class Reader:
    """The engines of one process, and what they may still cost."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._first = first_engine(terms.first, terms.scratch)
        self._second = second_engine() if any(terms.second_shares.values()) else None
        self._purses = {lane: Purse(terms.second_shares.get(lane, 0.0)) for lane in Lane}

    def read(self, job: Job) -> Page | Failure:
        """Read a page; the programs that always work read one that failed before."""
        purse = self._purses[job.task.lane]
        failed_before = job.task.attempts > 0
        engines = Engines(self._first, self._second)
        if failed_before:
            engines = Engines(TesseractProgram(self._terms.scratch))
        manner = Manner(
            engines,
            second_look=purse.has_one,
            in_doubt=fields_in_doubt,
            telling=fields_that_tell,
            slow_but_sure=failed_before,
        )
        result = _result(job, self._terms.limits, manner)
        purse.account(spent=isinstance(result, Page) and looked_again(result, manner))
        forget_pages()
        return result

    def release(self) -> None:
        """Give back memory that is only needed while pages come; the next page takes longer."""
        self._first.release()
        if self._second:
            self._second.release()
        give_back()


def read_pages(post: Post, terms: Terms) -> None:
    """The life of a reader: read what comes through the pipe until it is closed."""
    settle(post)
    keep_freed()
    reader = Reader(replace(terms, scratch=post.folder or terms.scratch))
    answer_jobs(post, reader.read, lambda _job: terms.patience_seconds, reader.release)


def _result(job: Job, limits: Limits, manner: Manner) -> Page | Failure:
    try:
        return read_page(job.path, Format(job.task.format), job.task.number, limits, manner)
    except (StorageFailed, MissingProgram) as error:
        return Failure(str(error), again=True, of_machine=True)
    except (EngineFailed, OutOfMemory, PageTookTooLong) as error:
        # The machine may have been busy, or have ended the engine for want of memory; the page
        # need not be at fault.
        return Failure(str(error), again=True)
    except UnreadablePage as error:
        return Failure(str(error), again=False)
    except MemoryError:
        reason = "The page needs more memory than a page may have. Scan it again at 300 dpi."
        return Failure(reason, again=False)

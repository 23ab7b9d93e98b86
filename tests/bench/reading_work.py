"""Pages through a system on all cores, with what that cost: CPU seconds, wall time, memory."""

import multiprocessing
import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.pool import Pool
from pathlib import Path

from material import ROOT, BenchPage
from processes import pss_megabytes
from reading_systems import (
    BATCH_SECONDS,
    PageReader,
    Reading,
    System,
    bound,
    sidecar,
    start_ocrmypdf,
)

CORES = min(2, len(os.sched_getaffinity(0)))
LOOK_SECONDS = 0.2
# Read by every reader before anything is measured: engines load at their first page.
WARM_UP = BenchPage("", "", ROOT / "samples" / "charts" / "scan-0013.tif", 1, "", ordered=False)


@dataclass(frozen=True)
class Run:
    """Readings in the order of the pages, and their cost; memory is that of the largest reader."""

    readings: list[Reading]
    cpu_seconds: float
    wall_seconds: float
    megabytes: float


@dataclass
class Peak:
    """The most memory that any of the sessions looked at has had."""

    megabytes: float = 0.0
    done: threading.Event = field(default_factory=threading.Event)

    def look(self, sessions: list[int]) -> None:
        """Look until done."""
        while not self.done.wait(LOOK_SECONDS):
            self.megabytes = max(self.megabytes, *(measured(session) for session in sessions))


def measured(session: int) -> float:
    """Memory of the processes of a session, 0 after its end."""
    try:
        return pss_megabytes(session)
    except ProcessLookupError:
        return 0.0


@contextmanager
def watched(sessions: list[int]) -> Iterator[Peak]:
    """The memory of sessions while the block runs."""
    peak = Peak()
    thread = threading.Thread(target=peak.look, args=(sessions,), daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        peak.done.set()
        thread.join()


# The reader of this worker process; a pool has no other place for what its workers keep.
_reader: list[PageReader] = []


def begin(open_reader: Callable[[Path], PageReader], scratch: Path) -> None:
    """Make this process a reader in a session of its own, so that its children are known."""
    os.setsid()
    folder = Path(tempfile.mkdtemp(dir=scratch))
    _reader[:] = [open_reader(folder)]


def one_page(page: BenchPage) -> tuple[Reading, float]:
    """Read a page; and the CPU seconds of this process and its children for it."""
    before = cpu_seconds(resource.RUSAGE_SELF) + cpu_seconds(resource.RUSAGE_CHILDREN)
    reading = _reader[0](page)
    after = cpu_seconds(resource.RUSAGE_SELF) + cpu_seconds(resource.RUSAGE_CHILDREN)
    return reading, after - before


def cpu_seconds(who: int) -> float:
    """CPU time used so far."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


@contextmanager
def crew(system: System, scratch: Path) -> Iterator[Callable[[list[BenchPage]], Run]]:
    """A reader a core, started and warm: what reads pages as long as the block runs."""
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("fork")
    with context.Pool(CORES, begin, (system.open, scratch)) as pool:
        mine = set(multiprocessing.active_children()) - others
        pool.map(one_page, [WARM_UP] * CORES, chunksize=1)
        yield partial(read_all, pool, [child.pid for child in mine if child.pid])


def read_all(pool: Pool, workers: list[int], pages: list[BenchPage]) -> Run:
    """Read pages in a crew's pool."""
    with watched(workers) as peak:
        began = time.monotonic()
        results = pool.map(one_page, pages, chunksize=1)
        wall = time.monotonic() - began
    cpu = sum(seconds for _, seconds in results)
    return Run([reading for reading, _ in results], cpu, wall, peak.megabytes)


def read_with_ocrmypdf(program: str, scratch: Path, pages: list[BenchPage]) -> Run:
    """Read pages bound into one PDF; binding them is not counted."""
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        order, source = bound(pages, program, Path(name))
        before, began = cpu_seconds(resource.RUSAGE_CHILDREN), time.monotonic()
        process = start_ocrmypdf(program, source, CORES)
        with watched([process.pid]) as peak:
            code = process.wait(BATCH_SECONDS)
        wall = time.monotonic() - began
        cpu = cpu_seconds(resource.RUSAGE_CHILDREN) - before
        # It may fail in checking its PDF, with all text read.
        text = sidecar(source)
        texts = text.read_text().split("\f") if text.exists() else []
    failure = "" if code == 0 else f"ocrmypdf exit {code}"
    texts += [""] * (len(order) - len(texts))
    found = dict(zip(order, texts, strict=False))
    readings = [Reading(found[page], failure=failure) for page in pages]
    return Run(readings, cpu, wall, peak.megabytes)

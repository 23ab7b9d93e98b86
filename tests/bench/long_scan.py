"""A scan of a thousand pages: memory of all processes, and when its first page is found.

    python tests/bench/long_scan.py [--pages 1000] [--lines 40] [--json FILE]

Every page is different. The engine's own memory is that of as many processes as there are cores,
each of which has read one of the pages and nothing else of the program.
"""

import argparse
import json
import multiprocessing
import random
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from PIL import Image, ImageDraw, ImageFont  # noqa: E402 - the path comes first
from processes import pss_megabytes  # noqa: E402 - the path comes first
from service import Service  # noqa: E402 - the path comes first
from sheets import FONT, NUMBERS  # noqa: E402 - the path comes first

from chartkeeper.ocr.engine import Layout  # noqa: E402 - the path comes first
from chartkeeper.ocr.engines import FirstEngine, first_engine  # noqa: E402 - the path comes first
from chartkeeper.records.database import open_ledger  # noqa: E402 - the path comes first
from chartkeeper.records.model import PageState  # noqa: E402 - the path comes first
from chartkeeper.records.work import progress  # noqa: E402 - the path comes first

WIDTH, HEIGHT, DPI = 2550, 3300, 300
WORDS = [
    "patient",
    "admitted",
    "yesterday",
    "complaining",
    "of",
    "intermittent",
    "chest",
    "discomfort",
    "radiating",
    "toward",
    "the",
    "left",
    "shoulder",
    "examination",
    "unremarkable",
    "vital",
    "signs",
    "stable",
    "laboratory",
    "values",
    "within",
    "normal",
    "limits",
    "electrocardiogram",
    "showed",
    "sinus",
    "rhythm",
    "without",
    "acute",
    "changes",
    "plan",
    "continue",
    "observation",
]
LOOK_SECONDS = 2.0
FIRST_PAGE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Course:
    """What was seen while the scan was read; times in seconds since it was dropped."""

    pages: int
    seconds: float
    first_found_seconds: float
    pages_unread_then: int
    idle_megabytes: float
    peak_megabytes: float
    engine_megabytes: float

    @property
    def beyond_engine_megabytes(self) -> float:
        """Peak memory of all processes that is not the engine's."""
        return self.peak_megabytes - self.engine_megabytes


def mark(number: int) -> str:
    """A word that only this page holds; a figure might be read as a letter."""
    return "sheet" + "".join(NUMBERS[int(digit)] for digit in str(number))


def draw_page(number: int, lines: int) -> Image.Image:
    """A dense typed page that says its number in a word of its own."""
    luck = random.Random(number)
    page = Image.new("1", (WIDTH, HEIGHT), 1)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, 42)
    pen.text((200, 150), f"PROGRESS NOTE {mark(number)}", fill=0, font=font)
    for row in range(lines):
        text = " ".join(luck.choice(WORDS) for _ in range(10))
        pen.text((200, 260 + row * 70), text, fill=0, font=font)
    return page


def make_scan(path: Path, pages: int, lines: int) -> None:
    """A PDF of bilevel pages."""
    rest = (draw_page(number, lines) for number in range(2, pages + 1))
    first = draw_page(1, lines)
    first.save(path, "PDF", save_all=True, append_images=rest, resolution=DPI)


class Watch(threading.Thread):
    """Notes the most memory that a tree of processes has at any time."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root, self.peak, self.ended = root, 0.0, threading.Event()

    def run(self) -> None:
        while not self.ended.wait(LOOK_SECONDS):
            self.peak = max(self.peak, pss_megabytes(self.root))


def engine_megabytes(lines: int, cores: int) -> float:
    """Memory of as many engines as there are cores, each after one page."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_read_one, args=(lines, queue))
    process.start()
    found = queue.get(timeout=120)
    process.join()
    return float(found) * cores


def _read_one(lines: int, queue: "multiprocessing.Queue[float]") -> None:
    with tempfile.TemporaryDirectory() as scratch:
        engine = first_engine(FirstEngine.AUTO, Path(scratch))
        engine.read(draw_page(1, lines).convert("L"), DPI, Layout.AUTOMATIC, 120)
        rollup = Path("/proc/self/smaps_rollup").read_text()
    queue.put(next(int(row.split()[1]) for row in rollup.splitlines() if "Pss:" in row) / 1024)


def course(pages: int, lines: int, folder: Path) -> Course:
    """Drop the scan into a running service and look on."""
    scan = folder / "long.pdf"
    make_scan(scan, pages, lines)
    service = Service(folder / "home")
    service.start()
    assert service.process is not None
    try:
        time.sleep(4)
        idle = pss_megabytes(service.process.pid)
        watch = Watch(service.process.pid)
        watch.start()
        began = time.monotonic()
        service.drop(scan)
        unread = _until_found(service)
        first = time.monotonic() - began
        service.wait_idle(1, 6 * pages + 300)
        seconds = time.monotonic() - began
        watch.ended.set()
        assert len(service.search(mark(pages))) == 1
    finally:
        service.stop()
    cores = multiprocessing.cpu_count()
    return Course(pages, seconds, first, unread, idle, watch.peak, engine_megabytes(lines, cores))


def _until_found(service: Service) -> int:
    deadline = time.monotonic() + FIRST_PAGE_SECONDS
    while not service.search(mark(1)) and time.monotonic() < deadline:
        time.sleep(0.5)
    ledger = open_ledger(service.home / "ledger.db")
    with ledger.read() as connection:
        now = progress(connection).pages
    ledger.close()
    return now[PageState.WAITING] + now[PageState.READING]


def main() -> None:
    options = argparse.ArgumentParser(description="A long scan: memory, and the first page found.")
    options.add_argument("--pages", type=int, default=1000)
    options.add_argument("--lines", type=int, default=40)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        seen = course(given.pages, given.lines, Path(name))
    print(
        f"{seen.pages} pages in {seen.seconds:.0f} s, {60 * seen.pages / seen.seconds:.0f} a minute"
    )
    print(
        f"first page found after {seen.first_found_seconds:.1f} s, "
        f"{seen.pages_unread_then} pages then unread"
    )
    print(
        f"memory (PSS, all processes): idle {seen.idle_megabytes:.0f} MB, "
        f"peak {seen.peak_megabytes:.0f} MB; "
        f"of it the engine's own {seen.engine_megabytes:.0f} MB, "
        f"beyond it {seen.beyond_engine_megabytes:.0f} MB"
    )
    if given.json:
        given.json.write_text(json.dumps(asdict(seen), indent=1))


if __name__ == "__main__":
    main()

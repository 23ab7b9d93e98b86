"""Pages a minute of the whole pipeline against a bare loop of Tesseract over the same page images.

Both in one run, in turns, on all cores. The bare loop reads page images that were prepared
beforehand as the pipeline prepares them, one Tesseract a core, one thread each, files in, TSV out.
The pipeline is a running service: files go into its inbox, and the clock stops when every page is
read, filed and found. Prints a table, and JSON with --json FILE.

    python tests/bench/pipeline.py [--rounds N] [--pages N] [--json FILE]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "bench")]

from processes import cpu_seconds, pss_megabytes  # noqa: E402 - the path comes first
from service import Service  # noqa: E402 - the path comes first

from chartkeeper.ocr.enhance import prepare  # noqa: E402 - the path comes first
from chartkeeper.ocr.examine import examine  # noqa: E402 - the path comes first
from chartkeeper.ocr.limits import Limits  # noqa: E402 - the path comes first
from chartkeeper.ocr.raster import load  # noqa: E402 - the path comes first

DATA = ROOT.parent / "shared" / "data"
CORES = len(os.sched_getaffinity(0))
IDLE_SECONDS = 10


@dataclass(frozen=True)
class Image:
    """A page image ready for Tesseract."""

    path: Path
    dpi: int


@dataclass(frozen=True)
class Run:
    """One measurement; memory is that of all processes of the service, right after the work."""

    wall_seconds: float
    cpu_seconds: float
    pages: int
    megabytes: float = 0.0

    @property
    def pages_a_minute(self) -> float:
        return 60 * self.pages / self.wall_seconds

    @property
    def cpu_a_page(self) -> float:
        return self.cpu_seconds / self.pages


def sets(pages: int) -> dict[str, list[Path]]:
    """Kinds of paper: the project's samples, and real pages where they lie beside the checkout."""
    found = {"samples": sorted((ROOT / "samples" / "charts").iterdir())}
    if DATA.is_dir():
        found["forms 90 dpi"] = sorted((DATA / "funsd" / "images").iterdir())[:pages]
        found["book pages 300 dpi"] = sorted((DATA / "oldbooks" / "images").iterdir())[:pages]
    return found


def prepared(files: list[Path], folder: Path) -> list[Image]:
    """Every page as the pipeline would hand it to Tesseract."""
    images = []
    for path in files:
        facts = examine(path, Limits())
        for number in range(1, facts.page_count + 1):
            ready = prepare(load(path, facts.format, number, Limits()))
            target = folder / f"{len(images):04}.pgm"
            ready.image.convert("L").save(target)
            images.append(Image(target, ready.dpi))
    return images


def tesseract(image: Image) -> None:
    """Read one image."""
    arguments = ["tesseract", str(image.path), "-", "--psm", "3", "--dpi", str(image.dpi), "tsv"]
    subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def bare_loop(images: list[Image]) -> Run:
    """Tesseract and nothing else, a process a core."""
    used, began = os.times(), time.monotonic()
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(tesseract, images))
    wall, now = time.monotonic() - began, os.times()
    cpu = now.children_user + now.children_system - used.children_user - used.children_system
    return Run(wall, cpu, len(images))


def pipeline(files: list[Path], pages: int, folder: Path) -> Run:
    """Files into the inbox of a running service, until every page is found."""
    service = Service(folder / f"home-{time.monotonic_ns()}")
    service.start()
    assert service.process is not None
    try:
        time.sleep(3)
        used, began = cpu_seconds(service.process.pid), time.monotonic()
        for path in files:
            shutil.copyfile(path, service.inbox / path.name)
        service.wait_idle(len(files), 3600)
        wall = time.monotonic() - began
        cpu = cpu_seconds(service.process.pid) - used
        memory = pss_megabytes(service.process.pid)
    finally:
        service.stop()
    return Run(wall, cpu, pages, memory)


def idle(folder: Path) -> dict[str, float]:
    """Memory and CPU of a service that has nothing to do."""
    service = Service(folder / "idle")
    service.start()
    assert service.process is not None
    try:
        time.sleep(5)
        used = cpu_seconds(service.process.pid)
        time.sleep(IDLE_SECONDS)
        share = (cpu_seconds(service.process.pid) - used) / IDLE_SECONDS
        return {"megabytes": pss_megabytes(service.process.pid), "cpu_share": share}
    finally:
        service.stop()


def measure(rounds: int, pages: int, folder: Path) -> Iterator[dict[str, object]]:
    """For each kind of paper both ways in turns, and the medians of their figures."""
    for name, files in sets(pages).items():
        images = prepared(files, folder)
        bare, whole = [], []
        for _ in range(rounds):
            bare.append(bare_loop(images))
            whole.append(pipeline(files, len(images), folder))
        ratios = [w.pages_a_minute / b.pages_a_minute for b, w in zip(bare, whole, strict=True)]
        yield {
            "material": name,
            "pages": len(images),
            "bare_pages_a_minute": statistics.median(run.pages_a_minute for run in bare),
            "pipeline_pages_a_minute": statistics.median(run.pages_a_minute for run in whole),
            "ratio": statistics.median(ratios),
            "ratios": ratios,
            "bare_cpu_a_page": statistics.median(run.cpu_a_page for run in bare),
            "pipeline_cpu_a_page": statistics.median(run.cpu_a_page for run in whole),
            "megabytes_after": statistics.median(run.megabytes for run in whole),
            "runs": [asdict(run) for run in (*bare, *whole)],
        }


COLUMNS = {
    "material": "material",
    "pages": "pages",
    "bare_pages_a_minute": "bare p/min",
    "pipeline_pages_a_minute": "pipeline p/min",
    "ratio": "ratio",
    "bare_cpu_a_page": "bare CPU s/p",
    "pipeline_cpu_a_page": "pipeline CPU s/p",
    "megabytes_after": "MB after",
}


def row(values: dict[str, object]) -> str:
    """A line of the table."""
    cells = [values[name] for name in COLUMNS]
    texts = [f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in cells]
    return "| " + " | ".join(texts) + " |"


def main() -> None:
    options = argparse.ArgumentParser(description="Pages a minute, whole and bare.")
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--pages", type=int, default=24)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    os.environ["OMP_THREAD_LIMIT"] = "1"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        at_rest = idle(folder)
        print(f"{CORES} cores; {given.rounds} rounds, medians")
        print("| " + " | ".join(COLUMNS.values()) + " |")
        print("|" + " --- |" * len(COLUMNS))
        results = []
        for result in measure(given.rounds, given.pages, folder):
            results.append(result)
            print(row(result), flush=True)
    print(
        f"idle: {at_rest['megabytes']:.0f} MB (PSS, all processes), "
        f"{at_rest['cpu_share']:.1%} of one core"
    )
    report = {"idle": at_rest, "results": results}
    if given.json:
        given.json.write_text(json.dumps(report, indent=1))
    else:
        print(json.dumps(report))


if __name__ == "__main__":
    main()

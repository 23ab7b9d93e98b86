"""Pages a minute of the whole pipeline, of the bare engine, and of OCRmyPDF on the same pages.

All in one run, in turns, on all cores. The bare loop is the engine that the pipeline uses and
nothing else: a process a core, on page images that were prepared beforehand as the pipeline
prepares them, one reading a page. The pipeline is a running service: files go into its inbox, and
the clock stops when every page is read, filed and found; once without second looks, as the bare
loop has none, and once with the settings as they come. OCRmyPDF gets the PDF as it is. Prints a
table, and JSON with --json FILE.

    python tests/bench/pipeline.py [--rounds N] [--pages N] [--kinds TEXT...] [--quick]
        [--ocrmypdf PROGRAM] [--json FILE]

Beside pages a minute, which other work on the machine disturbs, it prints the same ratios of CPU
seconds, which it hardly does. --quick leaves out the run with second looks.
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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "bench")]

import numpy as np  # noqa: E402 - the path comes first
from long_scan import draw_page  # noqa: E402 - the path comes first
from PIL import Image, ImageFilter  # noqa: E402 - the path comes first
from processes import cpu_seconds, pss_megabytes  # noqa: E402 - the path comes first
from reading_systems import ocrmypdf_program  # noqa: E402 - the path comes first
from service import Service  # noqa: E402 - the path comes first

from chartkeeper.ocr.engine import Layout  # noqa: E402 - the path comes first
from chartkeeper.ocr.engines import FirstEngine, first_engine  # noqa: E402 - the path comes first
from chartkeeper.ocr.enhance import prepare  # noqa: E402 - the path comes first
from chartkeeper.ocr.examine import examine  # noqa: E402 - the path comes first
from chartkeeper.ocr.limits import Limits  # noqa: E402 - the path comes first
from chartkeeper.ocr.raster import load  # noqa: E402 - the path comes first
from chartkeeper.settings import quiet_engines  # noqa: E402 - the path comes first

DATA = ROOT.parent / "shared" / "data"
CORES = len(os.sched_getaffinity(0))
IDLE_SECONDS = 10
GRAIN, JPEG_QUALITY = 14, 85
NOISE, NOISY_QUALITY = 6, 75


@dataclass(frozen=True)
class PageImage:
    """A page image ready for the engine, and what it is told of its resolution."""

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


def sets(pages: int, folder: Path) -> dict[str, Callable[[], list[Path]]]:
    """Kinds of paper: the project's samples, drawn pages, and real ones where they are at hand."""

    def dense() -> Iterator[Image.Image]:
        return (draw_page(number, 42) for number in range(1, pages + 1))

    def noisy() -> Iterator[Image.Image]:
        return (_noisy(page, seed) for seed, page in enumerate(dense()))

    def in_one(pictures: Iterable[Image.Image], name: str, dpi: int, *quality: int) -> list[Path]:
        return [_bound(pictures, folder / f"{name}.pdf", dpi, *quality)]

    def real(name: str) -> list[Path]:
        return sorted((DATA / name / "images").iterdir())[:pages]

    found: dict[str, Callable[[], list[Path]]] = {
        "samples": lambda: sorted((ROOT / "samples" / "charts").iterdir()),
        "dense print, 300 dpi, 1 bit": lambda: in_one(dense(), "dense", 300),
        "the same, grey JPEG with grain": lambda: in_one(map(_grainy, dense()), "grainy", 300),
        "the same, noisy grey JPEG": lambda: in_one(noisy(), "noisy", 300, NOISY_QUALITY),
        "noisy grey JPEG, most files of one page": lambda: _as_they_come(list(noisy()), folder),
    }
    if DATA.is_dir():
        found["forms, 90 dpi"] = lambda: in_one(map(Image.open, real("funsd")), "forms", 90)
        found["book pages, 300 dpi"] = lambda: real("oldbooks")
    return found


def _as_they_come(pictures: list[Image.Image], folder: Path) -> list[Path]:
    """PDFs of one page, and for five of these one of ten."""
    files: list[Path] = []
    while pictures:
        count = 10 if len(files) % 6 == 5 else 1
        path = folder / f"noisy-{len(files)}.pdf"
        files.append(_bound(pictures[:count], path, 300, NOISY_QUALITY))
        pictures = pictures[count:]
    return files


def _bound(
    pictures: Iterable[Image.Image], path: Path, dpi: int, quality: int = JPEG_QUALITY
) -> Path:
    first, *rest = [picture.convert("L") if picture.mode not in "1L" else picture
                    for picture in pictures]  # fmt: skip
    options = {"resolution": dpi, **({} if first.mode == "1" else {"quality": quality})}
    first.save(path, "PDF", save_all=True, append_images=rest, **options)
    return path


def _grainy(page: Image.Image) -> Image.Image:
    luck = np.random.default_rng(1)
    grey = np.where(np.asarray(page), 225.0, 40.0)
    grain = luck.normal(0, GRAIN, grey.shape)
    return Image.fromarray(np.clip(grey + grain, 0, 255).astype(np.uint8))


def _noisy(page: Image.Image, seed: int) -> Image.Image:
    """As a poor scanner gives it: out of focus, up to a degree crooked, grey paper, noise."""
    luck = np.random.default_rng(seed)
    laid = page.convert("L").rotate(
        luck.uniform(-1, 1), Image.Resampling.BICUBIC, fillcolor="white"
    )
    grey = np.asarray(laid.filter(ImageFilter.GaussianBlur(1)), dtype=np.float32) * 0.8 + 30
    noise = luck.normal(0, NOISE, grey.shape)
    return Image.fromarray(np.clip(grey + noise, 0, 255).astype(np.uint8))


def prepared(files: list[Path], folder: Path) -> list[PageImage]:
    """Every page as the pipeline would hand it to the engine."""
    images = []
    for path in files:
        facts = examine(path, Limits())
        for number in range(1, facts.page_count + 1):
            ready = prepare(load(path, facts.format, number, Limits()))
            target = folder / f"{path.stem}-{len(images):04}.pgm"
            part = ready.reading_part
            size = round(ready.image.width * part), round(ready.image.height * part)
            ready.image.resize(size, Image.Resampling.BICUBIC).save(target)
            images.append(PageImage(target, round(ready.told_dpi * part)))
    return images


_engine = None


def load_engine(scratch: Path) -> None:
    """In each process of the bare loop, before the clock starts."""
    global _engine  # noqa: PLW0603 - one a process, for all its pages
    _engine = first_engine(FirstEngine.AUTO, scratch)
    _engine.read(Image.new("L", (100, 100), 255), 300, Layout.AUTOMATIC, 60)


def read_one(image: PageImage) -> None:
    """Read one image."""
    with Image.open(image.path) as picture:
        assert _engine is not None
        _engine.read(picture.convert("L"), image.dpi, Layout.AUTOMATIC, 120)


def bare_loop(images: list[PageImage], folder: Path) -> Run:
    """The engine and nothing else, a process a core."""
    context = get_context("spawn")
    with context.Pool(CORES, load_engine, (folder,)) as pool:
        pool.map(load_nothing, range(CORES * 4))
        used, began = cpu_seconds(os.getpid()), time.monotonic()
        pool.map(read_one, images, chunksize=1)
        wall, cpu = time.monotonic() - began, cpu_seconds(os.getpid()) - used
    return Run(wall, cpu, len(images))


def load_nothing(_number: int) -> None:
    """Wait until the processes are there."""
    time.sleep(0.2)


def pipeline(files: list[Path], pages: int, folder: Path, **settings: object) -> Run:
    """Files into the inbox of a running service, until every page is found."""
    service = Service(folder / f"home-{time.monotonic_ns()}", **settings)
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


def ocrmypdf(program: str, files: list[Path], pages: int, folder: Path) -> Run:
    """OCRmyPDF at its quickest, on all cores, a file after the other."""
    command = [program, "--jobs", str(CORES), "--output-type", "pdf", "-O0", "--quiet"]
    used, began = os.times(), time.monotonic()
    for source in files:
        subprocess.run([*command, str(source), str(folder / "searchable.pdf")], check=True)
    wall, now = time.monotonic() - began, os.times()
    cpu = now.children_user + now.children_system - used.children_user - used.children_system
    return Run(wall, cpu, pages)


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


def measure(
    given: argparse.Namespace, program: str | None, folder: Path
) -> Iterator[dict[str, object]]:
    """For each kind of paper all ways in turns, and the medians of their figures."""
    for name, drawn in sets(given.pages, folder).items():
        if given.kinds and not any(text in name for text in given.kinds):
            continue
        files = drawn()
        images = prepared(files, folder)
        count = len(images)
        runs: dict[str, list[Run]] = {}
        for _ in range(given.rounds):
            runs.setdefault("bare", []).append(bare_loop(images, folder))
            one_look = {"second_reader_share": 0}
            runs.setdefault("pipeline", []).append(pipeline(files, count, folder, **one_look))
            if not given.quick:
                runs.setdefault("as it comes", []).append(pipeline(files, count, folder))
            if program and all(path.suffix == ".pdf" for path in files):
                runs.setdefault("OCRmyPDF", []).append(ocrmypdf(program, files, count, folder))
        yield {
            "material": name,
            "pages": count,
            "pages_a_minute": {
                way: _median(found, "pages_a_minute") for way, found in runs.items()
            },
            "cpu_a_page": {way: _median(found, "cpu_a_page") for way, found in runs.items()},
            "pipeline_to_bare": _ratio(runs, "bare", _speed),
            "pipeline_to_bare_cpu": _ratio(runs, "bare", _thrift),
            "pipeline_to_ocrmypdf": _ratio(runs, "OCRmyPDF", _speed),
            "pipeline_to_ocrmypdf_cpu": _ratio(runs, "OCRmyPDF", _thrift),
            "megabytes_after": _median(runs["pipeline" if given.quick else "as it comes"],
                                       "megabytes"),
            "runs": {way: [asdict(run) for run in found] for way, found in runs.items()},
        }  # fmt: skip


def _median(runs: list[Run], figure: str) -> float:
    return statistics.median(getattr(run, figure) for run in runs)


def _speed(run: Run) -> float:
    return run.pages_a_minute


def _thrift(run: Run) -> float:
    return 1 / run.cpu_a_page


def _ratio(runs: dict[str, list[Run]], other: str, figure: Callable[[Run], float]) -> float | None:
    pairs = zip(runs["pipeline"], runs.get(other, []), strict=False)
    ratios = [figure(ours) / figure(theirs) for ours, theirs in pairs]
    return statistics.median(ratios) if ratios else None


WAYS = ("bare", "pipeline", "as it comes", "OCRmyPDF")


def row(result: dict[str, object]) -> str:
    """A line of the table."""
    speed, cpu = result["pages_a_minute"], result["cpu_a_page"]
    ways = [f"{speed[way]:.0f} / {cpu[way]:.2f}" if way in speed else "" for way in WAYS]
    shown = []
    for other in ("bare", "ocrmypdf"):
        ratio, thrift = result[f"pipeline_to_{other}"], result[f"pipeline_to_{other}_cpu"]
        shown.append(f"{ratio:.2f} / {thrift:.2f}" if ratio and thrift else "")
    cells = [result["material"], result["pages"], *ways, *shown, f"{result['megabytes_after']:.0f}"]
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> None:
    options = argparse.ArgumentParser(description="Pages a minute, whole and bare.")
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--pages", type=int, default=60)
    options.add_argument("--kinds", nargs="+", default=[], help="those with this in their name")
    options.add_argument("--quick", action="store_true")
    options.add_argument("--ocrmypdf", type=Path)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    quiet_engines()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        at_rest = idle(folder)
        print(f"{CORES} cores; {given.rounds} rounds, medians; pages a minute / CPU s a page")
        titles = ("material", "pages", *WAYS, "to bare", "to OCRmyPDF", "MB after")
        print("| " + " | ".join(titles) + " |")
        print("|" + " --- |" * len(titles))
        results = []
        program = ocrmypdf_program(given.ocrmypdf)
        for result in measure(given, program, folder):
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

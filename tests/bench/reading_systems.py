"""The systems that read the same pages side by side.

A page system is opened once a worker process and takes a page at a time; OCRmyPDF takes all pages
of a kind bound into one PDF. `systems()` lists them: add a reader there.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from material import BenchPage

from chartkeeper.ocr import resident
from chartkeeper.ocr.engines import Engines, FirstEngine, first_engine, second_engine
from chartkeeper.ocr.enhance import DEFAULT_STEPS, Step
from chartkeeper.ocr.errors import UnreadablePage
from chartkeeper.ocr.examine import examine
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.read import read_page

PAGE_SECONDS = 180
BATCH_SECONDS = 3600
FULL_DPI = "300"


@dataclass(frozen=True)
class Reading:
    """What a system made of a page; `rotation` is None where it does not say."""

    text: str
    rotation: int | None = None
    failure: str = ""


PageReader = Callable[[BenchPage], Reading]


@dataclass(frozen=True)
class System:
    """A reader by name; `open` makes it in the process that reads, with a folder for scratch."""

    name: str
    open: Callable[[Path], PageReader]


def systems(wanted: list[str]) -> list[System]:
    """The page systems of those names that are installed, in the order of the list below."""
    known = [
        System("plain", open_plain),
        System("tesseract", partial(open_ours, FirstEngine.TESSERACT)),
    ]
    if resident.is_installed():
        known.append(System("tesserocr", partial(open_ours, FirstEngine.TESSEROCR)))
    if second_engine() is not None:
        known.append(System("second", partial(open_ours, FirstEngine.AUTO, second=True)))
    return [system for system in known if system.name in wanted]


def ablations(left_out: list[str]) -> list[System]:
    """The reading as it is, and without each of those steps of its preparation; all if empty."""
    found = [System("ours", partial(open_ours, FirstEngine.AUTO))]
    for step in map(Step, left_out or Step):
        steps = DEFAULT_STEPS - {step}
        found.append(System(f"-{step}", partial(open_ours, FirstEngine.AUTO, steps=steps)))
    return found


def open_plain(scratch: Path) -> PageReader:
    """The tesseract program with its own settings on the picture as stored; PDFs by pdftoppm."""

    def read(page: BenchPage) -> Reading:
        picture = page.path
        if picture.suffix == ".pdf":
            number = str(page.number)
            picture = scratch / "page.ppm"
            run("pdftoppm", "-r", FULL_DPI, "-f", number, "-l", number, "-singlefile",
                str(page.path), str(scratch / "page"))  # fmt: skip
        try:
            return Reading(run("tesseract", str(picture), "-"))
        except subprocess.TimeoutExpired:
            # Grain all over a page can keep it busy for hours.
            return Reading("", failure="TimeoutExpired")

    return read


def run(*command: str) -> str:
    """What a program prints; empty if it fails. Raises subprocess.TimeoutExpired."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PAGE_SECONDS, check=False
    )
    return done.stdout


def open_ours(
    choice: FirstEngine,
    scratch: Path,
    *,
    second: bool = False,
    steps: frozenset[Step] = DEFAULT_STEPS,
) -> PageReader:
    """The way of a page through this project, with an engine, the second one, or other steps."""
    engines = Engines(first_engine(choice, scratch), second_engine() if second else None)
    manner = Manner(engines, steps)

    def read(page: BenchPage) -> Reading:
        facts = examine(page.path, Limits())
        try:
            found = read_page(page.path, facts.format, page.number, Limits(), manner)
        except UnreadablePage as failure:
            return Reading("", failure=type(failure).__name__)
        return Reading(found.text, found.rotation)

    return read


def ocrmypdf_program(given: Path | None) -> str | None:
    """OCRmyPDF as given or on PATH; None where there is none."""
    return shutil.which(str(given)) if given else shutil.which("ocrmypdf")


def bound(pages: list[BenchPage], program: str, folder: Path) -> tuple[list[BenchPage], Path]:
    """All pages in one PDF, pixels and resolutions as they are, and the order in which they lie.

    img2pdf comes with OCRmyPDF and lies beside it. Raises CalledProcessError.
    """
    pictures = [page for page in pages if page.path.suffix != ".pdf"]
    prints = [page for page in pages if page.path.suffix == ".pdf"]
    parts = []
    if pictures:
        parts.append(folder / "pictures.pdf")
        beside = Path(program).with_name("img2pdf")
        command = [str(beside), "--rotation", "none", "-o", str(parts[0])]
        subprocess.run([*command, *(str(page.path) for page in pictures)], check=True)
    for place, page in enumerate(prints):
        parts.append(folder / f"print-{place}.pdf")
        number = str(page.number)
        command = ["pdfseparate", "-f", number, "-l", number, str(page.path), str(parts[-1])]
        subprocess.run(command, check=True)
    if len(parts) == 1:
        return pictures + prints, parts[0]
    whole = folder / "bound.pdf"
    subprocess.run(["pdfunite", *(str(part) for part in parts), str(whole)], check=True)
    return pictures + prints, whole


def start_ocrmypdf(program: str, source: Path, cores: int) -> subprocess.Popen[bytes]:
    """OCRmyPDF on its way, in a session of its own; the text will lie beside the source."""
    command = [program, "--jobs", str(cores), "--output-type", "pdf", "-O0", "--quiet", "--sidecar"]
    target = source.with_suffix(".ocr.pdf")
    return subprocess.Popen(
        [*command, str(sidecar(source)), str(source), str(target)],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def sidecar(source: Path) -> Path:
    """Where the text of a PDF comes to lie, a form feed between pages."""
    return source.with_suffix(".txt")

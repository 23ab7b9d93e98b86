"""How well and how fast pages are read: this project, plain Tesseract and OCRmyPDF side by side.

    python tests/bench/reading.py [--family real tuning unseen] [--kinds KIND...] [--pages N]
        [--systems plain tesseract tesserocr second ocrmypdf] [--half even|odd|all]
        [--ocrmypdf PROGRAM] [--folder DIR] [--json FILE]
    python tests/bench/reading.py --ablate [--steps STEP...] ...   without each preparation step
    python tests/bench/reading.py --turns ...    pages laid upright, sideways and upside down

Words are counted without regard to their order (reading_score.py); CER is letter edits a letter,
where the reading order is defined. CPU seconds are those of reader and children, memory that of one
reader with its children (of all of OCRmyPDF). Needs Linux.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

import reading_turns
from material import FAMILIES, BenchPage, collect, kinds_of
from reading_score import Score, score, total
from reading_systems import ablations, ocrmypdf_program, systems
from reading_work import Run, crew, read_with_ocrmypdf

from chartkeeper.settings import quiet_engines

ALLOWED_LOSS = 0.005
PLAIN, OCRMYPDF = "plain", "ocrmypdf"
SYSTEMS = (PLAIN, "tesseract", "tesserocr", "second", OCRMYPDF)
Reader = Callable[[list[BenchPage]], Run]


@dataclass(frozen=True)
class Result:
    """One system on one kind of page."""

    family: str
    kind: str
    system: str
    pages: int
    by_page: dict[str, Score]
    cpu_seconds: float
    wall_seconds: float
    megabytes: float
    failures: tuple[str, ...]

    @property
    def score(self) -> Score:
        """All pages together."""
        return total(self.by_page.values())

    @property
    def figures(self) -> dict[str, object]:
        """What is told of it: counts, seconds a page, megabytes."""
        errors = self.score.letter_errors
        return {
            "family": self.family,
            "kind": self.kind,
            "system": self.system,
            "pages": self.pages,
            "recall": round(self.score.recall, 4),
            "precision": round(self.score.precision, 4),
            "f1": round(self.score.f1, 4),
            "cer": None if errors is None else round(errors, 4),
            "cpu_a_page": round(self.cpu_seconds / self.pages, 3),
            "pages_a_minute": round(60 * self.pages / self.wall_seconds, 1),
            "megabytes": round(self.megabytes),
            "failures": list(self.failures),
        }


def measure(name: str, reader: Reader, pages: list[BenchPage]) -> Result:
    """Read pages of one kind with one system and score them."""
    run = reader(pages)
    by_page = {
        f"{page.path.name} {page.number}": score(page.truth, reading.text, ordered=page.ordered)
        for page, reading in zip(pages, run.readings, strict=True)
    }
    costs = (run.cpu_seconds, run.wall_seconds, run.megabytes)
    failures = tuple(reading.failure for reading in run.readings if reading.failure)
    first = pages[0]
    return Result(first.family, first.kind, name, len(pages), by_page, *costs, failures)


def material(given: argparse.Namespace, folder: Path) -> Iterator[list[BenchPage]]:
    """The pages asked for, kind by kind; kinds without pages are left out."""
    for family in given.family:
        for kind in kinds_of(family):
            if not given.kinds or kind in given.kinds:
                pages = collect(family, kind, given.pages, given.half, folder)
                if pages:
                    yield pages


def readers(given: argparse.Namespace, folder: Path, stack: ExitStack) -> dict[str, Reader]:
    """The systems asked for by name, up until `stack` ends; says which are not there."""
    chosen = ablations(given.steps) if given.ablate else systems(given.systems)
    found = {system.name: stack.enter_context(crew(system, folder)) for system in chosen}
    if given.ablate:
        return found
    program = ocrmypdf_program(given.ocrmypdf)
    if program and OCRMYPDF in given.systems:
        found[OCRMYPDF] = partial(read_with_ocrmypdf, program, folder)
    for name in given.systems:
        if name not in found:
            print(f"not installed, not measured: {name}", flush=True)
    return found


def line(*cells: object) -> str:
    """A line of a table."""
    return "| " + " | ".join("" if cell is None else str(cell) for cell in cells) + " |"


def report(results: list[Result]) -> Iterator[str]:
    """A row a kind and a column a system: recall / F1 / CPU seconds a page."""
    names = list(dict.fromkeys(result.system for result in results))
    yield line("kind: recall / F1 / CPU s a page", *names)
    yield "|" + " --- |" * (len(names) + 1)
    for family, kind in dict.fromkeys((result.family, result.kind) for result in results):
        found = {r.system: r for r in results if (r.family, r.kind) == (family, kind)}
        yield line(f"{family} {kind}", *(cell(found[name], found.get(PLAIN)) for name in names))


def cell(result: Result, plain: Result | None) -> str:
    """The figures of a system on a kind, marked where it finds less than plain Tesseract does."""
    worse = plain is not None and result.score.recall < plain.score.recall - ALLOWED_LOSS
    costs = f"{result.cpu_seconds / result.pages:.2f}"
    mark = " **below**" if worse else ""
    return f"{result.score.recall:.3f} / {result.score.f1:.3f} / {costs}{mark}"


def counts(by_page: dict[str, Score]) -> dict[str, dict[str, int]]:
    """The counts behind the figures, for the JSON file."""
    return {name: asdict(score_) for name, score_ in by_page.items()}


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="How well and how fast pages are read.")
    parser.add_argument("--family", nargs="+", choices=[*FAMILIES, "all"], default=["all"])
    kinds = dict.fromkeys(kind for family in FAMILIES for kind in kinds_of(family))
    parser.add_argument("--kinds", nargs="+", choices=list(kinds), default=[])
    parser.add_argument("--pages", type=int, default=10, help="of each kind, at most")
    parser.add_argument("--half", choices=["even", "odd", "all"], default="all")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--ocrmypdf", type=Path, help="the program, where it is not on PATH")
    parser.add_argument("--ablate", action="store_true")
    parser.add_argument("--steps", nargs="+", default=[], help="to leave out; all if none is named")
    parser.add_argument("--turns", action="store_true")
    parser.add_argument("--folder", type=Path, help="keeps the pages made")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if "all" in given.family:
        given.family = list(FAMILIES)
    return given


def run(given: argparse.Namespace, folder: Path) -> list[Result]:
    """Every kind with every system, telling each as it comes."""
    results: list[Result] = []
    with ExitStack() as stack:
        chosen = readers(given, folder, stack)
        for pages in material(given, folder):
            for name, reader in chosen.items():
                results.append(measure(name, reader, pages))
                figures = results[-1].figures
                if len(results) == 1:
                    print(line(*figures), "|" + " --- |" * len(figures), sep="\n")
                print(line(*figures.values()), flush=True)
    return results


def main() -> None:
    """Read the command line, measure, tell."""
    given = options()
    quiet_engines()
    with tempfile.TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if given.turns:
            reading_turns.run(material(given, folder), folder, given.json)
            return
        results = run(given, folder)
    print("", *report(results), sep="\n")
    if given.json:
        rows = [result.figures | {"by_page": counts(result.by_page)} for result in results]
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()

"""Numbers with a decimal point in tables and sentences: how many are read right.

    python tests/bench/reading_numbers.py [--kinds KIND...] [--pages N] [--first N]
        [--systems plain tesserocr second] [--json FILE]

A number is right where it stands in the text with its point. `point lost` counts those that stand
there as other numbers, ten or a hundred times as large; `invented` those read with a point that are
nowhere on the paper. `in order` is the part of all words that follow the word that they follow on
paper. Pages are made by material_tables.py; --first takes others of them.
"""

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, astuple, dataclass
from itertools import pairwise
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from material import ALL_KINDS, BenchPage, save
from material_kinds import Kind
from material_tables import table_at
from reading_systems import System, systems
from reading_work import crew

KINDS = (
    *("clean-bilevel-300", "clean-grey-200", "noisy-grey-300", "low-contrast"),
    *("fax-fine", "fax-standard", "fax-photocopy", "photocopy-twice"),
)
DECIMAL = re.compile(r"(?<![\d.,])\d*\.\d+(?!\d)")
NUMBER = re.compile(r"\d[\d.,]*\d|\d|\.\d+")


@dataclass(frozen=True)
class Numbers:
    """Counts of one page or of many: of numbers with a point, and of words in their order."""

    right: int = 0
    point_lost: int = 0
    otherwise: int = 0
    invented: int = 0
    in_order: int = 0
    words: int = 0

    def __add__(self, other: "Numbers") -> "Numbers":
        return Numbers(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def compare(truth: str, text: str) -> Numbers:
    """The numbers of a page as it is and as it was read, without regard to their places."""
    wanted, found = Counter(DECIMAL.findall(truth)), Counter(NUMBER.findall(text))
    right = wanted & found
    rest, point_lost = found - right, 0
    for number, times in (wanted - right).items():
        bare = number.replace(".", "")
        lost = min(times, rest[bare])
        rest[bare] -= lost
        point_lost += lost
    return Numbers(
        right.total(),
        point_lost,
        (wanted - right).total() - point_lost,
        sum(times for number, times in (found - wanted).items() if "." in number.strip(".")),
        (_pairs(truth) & _pairs(text)).total(),
        _pairs(truth).total(),
    )


def _pairs(text: str) -> Counter[tuple[str, str]]:
    return Counter(pairwise(text.split()))


def pages_of(kind: Kind, numbers: range, folder: Path) -> list[BenchPage]:
    """The tables of those numbers, printed and spoilt as the kind asks."""
    pages = []
    for number in numbers:
        sheet = kind.reset(table_at(number, folder), number)
        path = folder / f"{kind.name}-{number}.{kind.ending}"
        save(kind.picture(sheet, number), path)
        pages.append(BenchPage("tables", kind.name, path, 1, sheet.plain_text(), ordered=False))
    return pages


def measured(system: System, pages: list[BenchPage], folder: Path) -> Numbers:
    """All numbers of the pages as a system reads them."""
    with crew(system, folder) as read:
        readings = read(pages).readings
    each = zip(pages, readings, strict=True)
    return sum((compare(page.truth, reading.text) for page, reading in each), Numbers())


def told(kind: str, system: str, found: Numbers) -> str:
    """A row of the table."""
    all_of_them = found.right + found.point_lost + found.otherwise
    counts = found.right, found.point_lost, found.otherwise, found.invented
    parts = [f"{count / all_of_them:.3f}" for count in counts]
    return " | ".join((f"| {kind}", system, *parts, f"{found.in_order / found.words:.2f} |"))


def asked() -> argparse.Namespace:
    """What is to be measured."""
    parser = argparse.ArgumentParser(description="Numbers with a point, read.")
    parser.add_argument("--kinds", nargs="+", default=KINDS)
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--systems", nargs="+", default=["plain", "tesserocr", "second"])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main() -> None:
    """Measure what is asked for and print it."""
    given, rows = asked(), []
    print("| kind | system | right | point lost | otherwise | invented | in order |")
    print("|" + " --- |" * 7)
    numbers = range(given.first, given.first + given.pages)
    with tempfile.TemporaryDirectory() as name:
        for kind in (one for one in ALL_KINDS if one.name in given.kinds):
            pages = pages_of(kind, numbers, Path(name))
            for system in systems(given.systems):
                found = measured(system, pages, Path(name))
                rows.append({"kind": kind.name, "system": system.name, **asdict(found)})
                print(told(kind.name, system.name, found), flush=True)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()

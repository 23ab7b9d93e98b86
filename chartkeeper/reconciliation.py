"""The reconciliation of imports as people read it: tables, lists of exceptions."""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import TextIO

from chartkeeper.plain import plain
from chartkeeper.records.batch_report import BoxReport, total
from chartkeeper.records.findings import SAID

# The same order for files and pages; a column that only one of them has is left out of the other.
COLUMNS = (
    *(
        "expected",
        "received",
        "filed",
        "review",
        "aside",
        "blank",
        "separator",
        "unreadable",
        "failed",
    ),
    *("unread", "refused", "missing", "rejected", "waiting", "surplus", "unopened"),
)
EXCEPTION_COLUMNS = (
    *("file", "outcome", "reason", "codes", "line", "batch", "box", "source_id"),
    *("pages_expected", "pages_received", "excused", "excused_by"),
)
# What a spreadsheet would take for the beginning of a formula (OWASP, CSV Injection); the wide
# signs are those of East Asian keyboards.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")


class ListingUnwritable(Exception):
    """The list of exceptions cannot be written where it is to be."""

    def __init__(self) -> None:
        super().__init__(
            "The list of exceptions cannot be written there: its folder does not exist, this "
            "account may not write to it, or the disk is full. Give another file with --exceptions."
        )


def table(boxes: Sequence[BoxReport]) -> Iterator[str]:
    """The boxes as lines of a table, the sum of all last; columns without a number are left out."""
    rows = [(_box_name(box), box) for box in boxes]
    rows += [("all", total(list(boxes)))] if len(boxes) != 1 else []
    cells = [(name, kind, _numbers(box, kind)) for name, box in rows for kind in ("files", "pages")]
    shown = [one for one in COLUMNS if any(numbers.get(one) for _, _, numbers in cells)]
    lines = [["box", "", *shown]]
    for name, kind, numbers in cells:
        lines.append([name, kind, *(_cell(numbers.get(column)) for column in shown)])
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    for line in lines:
        first = "  ".join(cell.ljust(width) for cell, width in zip(line, widths[:2], strict=False))
        rest = "  ".join(
            cell.rjust(width) for cell, width in zip(line[2:], widths[2:], strict=True)
        )
        yield f"{first}  {rest}"


def finding_lines(counted: Mapping[str, int]) -> Iterator[str]:
    """How often what was found, in words where it is of the list."""
    said_of = {finding.value: words for finding, words in SAID.items()}
    for code, number in counted.items():
        words = said_of.get(code, "see the list of exceptions")
        yield f"{number:>9,}  {code}: {words}"


def check_place(wanted: Path) -> None:
    """See whether a list can be written there, before the work. Raises ListingUnwritable."""
    try:
        with TemporaryFile(dir=wanted.parent):
            pass
    except OSError as error:
        raise ListingUnwritable from error


def numbered(wanted: Path) -> Iterator[Path]:
    """The names that lists of exceptions get, one after the other."""
    yield wanted
    yield from (wanted.with_stem(f"{wanted.stem}-{number}") for number in range(2, 10_000))


def new_file(wanted: Path) -> Path:
    """An empty file of this name, or with a number behind it if there is one already.

    It will name files of charts: it is for the service's account only.
    """
    free = next(path for path in numbered(wanted) if not path.exists())
    os.close(os.open(free, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return free


def list_exceptions(lines: Iterable[Mapping[str, object]], wanted: Path) -> Path | None:
    """Write the lines into a new file; returns it, or None if there are no lines.

    Raises ListingUnwritable.
    """
    try:
        listing = new_file(wanted)
        with listing.open("w", encoding="utf-8", newline="") as file:
            number = write_exceptions(lines, file)
        if number:
            return listing
        listing.unlink()
    except OSError as error:
        raise ListingUnwritable from error
    return None


def write_exceptions(lines: Iterable[Mapping[str, object]], out: TextIO) -> int:
    """Write the lines as CSV; returns how many there were."""
    writer = csv.writer(out)
    writer.writerow(EXCEPTION_COLUMNS)
    number = 0
    for line in lines:
        writer.writerow([harmless(line[name]) for name in EXCEPTION_COLUMNS])
        number += 1
    return number


def harmless(value: object) -> object:
    """A value that a spreadsheet takes for text: a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _box_name(box: BoxReport) -> str:
    return plain(" / ".join(filter(None, (box.label, box.box)))) or "-"


def _numbers(box: BoxReport, kind: str) -> dict[str, int]:
    line = box.line()
    return {
        name.removeprefix(f"{kind}_"): int(str(value))
        for name, value in line.items()
        if name.startswith(f"{kind}_")
    }


def _cell(number: int | None) -> str:
    return "" if number is None else f"{number:,}"

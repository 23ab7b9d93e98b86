"""An import list, read: each line a file with what the list says of it, or why it cannot be used.

Lists are CSV files and OnBase DIP index files, told apart by their first lines (docs/migration.md).
They come from old systems, so nothing in them is trusted: every line, value and number is limited,
and a line that makes no sense is rejected with its number while the others go on.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from chartkeeper.ingest import manifest_csv, manifest_dip
from chartkeeper.ingest.errors import ManifestInvalid
from chartkeeper.ingest.manifest_entry import Entry, Rejected
from chartkeeper.ingest.manifest_lines import Line, lines, text_of
from chartkeeper.ingest.manifest_mapping import FieldMap, Target
from chartkeeper.records.findings import Finding
from chartkeeper.records.model import is_spreadsheet_number

MAX_ROWS = 10_000_000
MAX_PATH_CHARS = 4_096
MAX_VALUE_CHARS = 200
MAX_PAGES = 1_000_000
EARLIEST_YEAR = 1850
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?")
_WRITTEN = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: .*)?")


@dataclass(frozen=True, slots=True)
class Row:
    """A file that the list names, and what it claims of it; empty or None where it says nothing.

    `file` is the path as written, `type` the type as written. `doubts` are the values that could
    not be understood: they are left out, the file is not.
    """

    line: int
    file: str
    box: str = ""
    label: str = ""
    source_id: str = ""
    mrn: str = ""
    last: str = ""
    first: str = ""
    type: str = ""
    dob: date | None = None
    service_date: date | None = None
    pages: int | None = None
    sha256: str = ""
    priority: int | None = None
    doubts: tuple[Finding, ...] = ()


def read_manifest(path: Path, mapping: FieldMap) -> Iterator[Row | Rejected]:
    """Each file that the list at `path` names, in order, or each line that cannot be used.

    Memory does not grow with the list. Raises ManifestInvalid for a list that cannot be used at
    all: not readable, without a header, too long, or with a mapping that does not fit it.
    """
    for number, found in enumerate(_entries(path, mapping)):
        if number >= MAX_ROWS:
            raise ManifestInvalid(
                f"The list has more than {MAX_ROWS:,} lines. Divide it and import the parts."
            )
        yield found if isinstance(found, Rejected) else row_of(found, mapping)


def row_of(entry: Entry, mapping: FieldMap) -> Row | Rejected:
    """An entry with its values understood, or why it cannot be used."""
    fields = {name: value.strip() for name, value in entry.fields.items()}
    if not fields.get(Target.FILE):
        return Rejected(entry.line, Finding.NO_FILE)
    if any(len(fields[name]) > _limit(name) for name in fields):
        return Rejected(entry.line, Finding.VALUE_TOO_LONG)
    last, first = _name(fields)
    doubts: list[Finding] = []
    return Row(
        line=entry.line,
        file=fields[Target.FILE],
        mrn=_record_number(fields, doubts),
        last=last,
        first=first,
        dob=_day(fields, Target.DOB, Finding.IMPOSSIBLE_BIRTH_DATE, doubts, mapping),
        service_date=_day(fields, Target.SERVICE_DATE, Finding.IMPOSSIBLE_DATE, doubts, mapping),
        pages=_number(fields, Target.PAGES, (0, MAX_PAGES), Finding.PAGES_UNCLEAR, doubts),
        sha256=_checksum(fields, doubts),
        priority=_number(fields, Target.PRIORITY, (1, 9), Finding.PRIORITY_UNCLEAR, doubts),
        doubts=tuple(doubts),
        **{name: fields.get(name, "") for name in ("box", "label", "source_id", "type")},
    )


def written_day(text: str, *, day_first: bool) -> date | None:
    """The day that `text` writes: YYYY-MM-DD, YYYYMMDD, or MM/DD/YYYY (DD/MM if `day_first`).

    A time behind it is passed over. None for what is no day since 1850.
    """
    iso, written = _ISO.fullmatch(text), _WRITTEN.fullmatch(text)
    if iso:
        year, month, day = map(int, iso.groups())
    elif written:
        month, day, year = map(int, written.groups())
        month, day = (day, month) if day_first else (month, day)
    else:
        return None
    try:
        return date(year, month, day) if year >= EARLIEST_YEAR else None
    except ValueError:
        return None


def _entries(path: Path, mapping: FieldMap) -> Iterator[Entry | Rejected]:
    text = text_of(path)
    first = [line for line in islice(lines(path, text), 50) if line.text.strip()]
    stream: Iterator[Line] = lines(path, text)
    if not first:
        raise ManifestInvalid("The list is empty. Export it again.")
    begin = manifest_dip.begin_of(first[0].text, mapping)
    if begin:
        return manifest_dip.entries(stream, begin, mapping)
    return manifest_csv.entries(stream, mapping)


def _limit(name: str) -> int:
    return MAX_PATH_CHARS if name == Target.FILE else MAX_VALUE_CHARS


def _name(fields: Mapping[str, str]) -> tuple[str, str]:
    """Last and first name, from their own fields or from one that holds `Last, First`."""
    last, comma, first = fields.get(Target.NAME, "").partition(",")
    last, first = (last, first) if comma else ("", "")
    return fields.get(Target.LAST) or last.strip(), fields.get(Target.FIRST) or first.strip()


def _record_number(fields: Mapping[str, str], doubts: list[Finding]) -> str:
    written = fields.get(Target.MRN, "")
    if is_spreadsheet_number(written):
        doubts.append(Finding.MRN_UNCLEAR)
        return ""
    return written


def _day(
    fields: Mapping[str, str],
    name: str,
    doubt: Finding,
    doubts: list[Finding],
    mapping: FieldMap,
) -> date | None:
    written = fields.get(name, "")
    found = written_day(written, day_first=mapping.day_first)
    if written and found is None:
        doubts.append(doubt)
    return found


def _number(
    fields: Mapping[str, str],
    name: str,
    bounds: tuple[int, int],
    doubt: Finding,
    doubts: list[Finding],
) -> int | None:
    written = fields.get(name, "")
    if not written:
        return None
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1
    if bounds[0] <= number <= bounds[1]:
        return number
    doubts.append(doubt)
    return None


def _checksum(fields: Mapping[str, str], doubts: list[Finding]) -> str:
    written = fields.get(Target.SHA256, "")
    if written and not _SHA256.fullmatch(written):
        doubts.append(Finding.CHECKSUM_UNCLEAR)
        return ""
    return written.lower()

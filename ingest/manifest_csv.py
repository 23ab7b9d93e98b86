"""Lists as CSV: the separator and the columns found, a record at a time."""

import csv
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from chartkeeper.ingest.errors import ManifestInvalid
from chartkeeper.ingest.manifest_entry import Entry, Rejected
from chartkeeper.ingest.manifest_lines import Line
from chartkeeper.ingest.manifest_mapping import FieldMap, Target, known_target, plain
from chartkeeper.records.findings import Finding

SEPARATORS = ",;\t|"
# What spreadsheets take for the separator if it stands before the names of the columns.
SEPARATOR_LINE = re.compile(rf"sep=([{SEPARATORS}])", re.IGNORECASE)
# A value may hold line ends, if it is in quotes; one that goes on for longer was never closed.
MAX_RECORD_LINES = 20
MAX_COLUMNS = 500
# Nothing is decided by these; the first of several counts.
SHOWN_ONLY = frozenset({Target.SOURCE_ID, Target.BOX, Target.LABEL})
UNREADABLE = ("\ufffd", "\0")


def entries(stream: Iterator[Line], mapping: FieldMap) -> Iterator[Entry | Rejected]:
    """Each record of a CSV list by field, blank lines left out.

    Raises ManifestInvalid for a header without a column for the file, or without a mapped column.
    """
    header = next((line for line in stream if line.text.strip()), None)
    if header is None or not header.whole:
        raise ManifestInvalid("The list has no header line that names its columns. Add one.")
    if "\0" in header.text:
        raise ManifestInvalid(
            "The list is no text: it may be a workbook, or a file of some other program. Save it "
            "there as CSV, and give that."
        )
    said = SEPARATOR_LINE.fullmatch(header.text)
    header = next(stream, header) if said else header
    separator = said[1] if said else max(SEPARATORS, key=header.text.count)
    names = _fields(header.text, separator)
    columns = columns_of(names or [], mapping)
    for line, text in _records(stream, separator, len(columns)):
        yield _entry(line, text, separator, columns)


def columns_of(names: list[str], mapping: FieldMap) -> list[Target | None]:
    """What each column means: as mapped, else by its name.

    Raises ManifestInvalid if a mapped column or one for the file is not there, or if several
    columns may be the same field by their names: which of them it is, nobody has said.
    """
    if len(names) > MAX_COLUMNS:
        raise ManifestInvalid(f"The list has more than {MAX_COLUMNS} columns. Export fewer.")
    told = {plain(column): target for target, column in mapping.columns.items()}
    lacking = [column for column in mapping.columns.values() if plain(column) not in
               {plain(name) for name in names}]  # fmt: skip
    if lacking:
        raise ManifestInvalid(
            f"The list has no column {', '.join(lacking)}. Its first line must name the columns."
        )
    found: list[Target | None] = []
    rivals: dict[Target, list[str]] = {}
    for name in names:
        usual = known_target(name)
        meant = told.get(plain(name)) or (None if usual in mapping.columns else usual)
        found.append(None if meant in found else meant)
        if meant and meant not in mapping.columns and meant not in SHOWN_ONLY:
            rivals.setdefault(meant, []).append(name)
    _refuse_rivals(rivals)
    if Target.FILE not in found:
        raise ManifestInvalid(
            "The list has no column that names the files. Say which it is: --map file=COLUMN"
        )
    return found


def _refuse_rivals(columns: Mapping[Target, Sequence[str]]) -> None:
    several = {target: names for target, names in columns.items() if len(names) > 1}
    if several:
        which = "; ".join(
            f"{target}: {' or '.join(map(repr, several[target]))}" for target in several
        )
        raise ManifestInvalid(
            f"The list has several columns for one field ({which}). Say which it is: "
            f"--map {next(iter(several))}=COLUMN"
        )


def _entry(
    line: Line, text: str | None, separator: str, columns: list[Target | None]
) -> Entry | Rejected:
    if not line.whole:
        return Rejected(line.number, Finding.LINE_TOO_LONG)
    if text is None:
        return Rejected(line.number, Finding.QUOTE_NOT_CLOSED)
    if any(mark in text for mark in UNREADABLE):
        return Rejected(line.number, Finding.NOT_TEXT)
    values = _fields(text, separator)
    if values is None:
        return Rejected(line.number, Finding.QUOTE_NOT_CLOSED)
    if len(values) != len(columns):
        return Rejected(line.number, Finding.FIELD_COUNT)
    pairs = zip(columns, values, strict=True)
    return Entry(line.number, {column: value for column, value in pairs if column})


def _records(
    stream: Iterator[Line], separator: str, columns: int
) -> Iterator[tuple[Line, str | None]]:
    """Each record with its first line; None for one whose quotation mark is never closed.

    A mark that a later record seems to close, by one of its own, is not. After such a record the
    next line is one of its own again: a mark too many costs one line.
    """
    open_quote = _open_quote(separator)
    # Lines that were looked at for a record's end without being of it.
    again: deque[Line] = deque()
    while line := again.popleft() if again else next(stream, None):
        text = line.text
        if not text.strip():
            continue
        if _is_whole(line, separator, columns) or not open_quote.search(text):
            yield line, text
            continue
        taken: list[Line] = []
        fits = False
        while (
            not fits
            and len(taken) < MAX_RECORD_LINES
            and (more := again.popleft() if again else next(stream, None))
        ):
            taken.append(more)
            text = f"{text}\n{more.text}"
            fits = more.whole and _fits(text, separator, columns)
        yield line, text if fits else None
        again.extendleft(reversed([] if fits else taken))


def _is_whole(line: Line, separator: str, columns: int) -> bool:
    return not line.whole or '"' not in line.text or _fits(line.text, separator, columns)


def _fits(text: str, separator: str, columns: int) -> bool:
    return len(_fields(text, separator) or ()) == columns


def _open_quote(separator: str) -> re.Pattern[str]:
    """Finds a field that begins with a quotation mark and is not closed by the end."""
    return re.compile(rf'(?:^|{re.escape(separator)})"(?:[^"]|"")*\Z')


def _fields(text: str, separator: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        return None

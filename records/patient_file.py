"""Patient lists as CSV: read, checked row by row, loaded into the patient index."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from chartkeeper.records.days import read_day
from chartkeeper.records.errors import PatientFileInvalid
from chartkeeper.records.model import Patient, PersonName, is_spreadsheet_number, mrn_key
from chartkeeper.records.patient_lines import MAX_LINE_CHARS, UNREADABLE, lines_of, rows_of
from chartkeeper.records.patients import TEXT_FIELDS, name_key, parse_aliases, parse_former_mrns

REQUIRED = ("mrn", "last", "first", "dob")
COLUMNS = (*REQUIRED, "aliases", "former_mrns", *TEXT_FIELDS)
MAX_FIELD_CHARS = 200
EARLIEST_BIRTH_YEAR = 1880
# What a patient is known and shown by: one line of plain characters each.
PLAIN = (*REQUIRED, "middle", "suffix", "aliases", "former_mrns")
SSN4 = re.compile("([0-9]{4})?")
INVISIBLE = {"Cc", "Zl", "Zp"}
SPREADSHEET_NUMBER = (
    "has an mrn as spreadsheets write numbers (1.23E+09, 1234567.0), so that digits are lost or "
    "added. Export the list again with that column as text"
)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be loaded: its line in the file and what is wrong with it."""

    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be loaded, and its line in the file."""

    line: int
    patient: Patient


def read_patient_file(path: Path, today: date) -> Iterator[Row | Rejected]:
    """Each row of a patient list as a patient, or as rejected with the reason.

    Columns are those of section 6 of the design and `former_mrns` (numbers merged into this one,
    separated by `;`), in any order, with a header row; UTF-8, comma,
    semicolon or tab between fields. Nobody is born after `today`.
    Raises PatientFileInvalid if the file cannot be read at all.
    Reasons never repeat what the row says.
    """
    # Of text in another encoding single lines cannot be read; the others can.
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        header = file.readline(MAX_LINE_CHARS)
        separator = _separator(header)
        columns = _columns(_names(header, separator))
        for line, row in rows_of(lines_of(file, 2), separator, columns):
            if isinstance(row, str):
                yield Rejected(line, row)
            elif any(field.strip() for field in row):
                yield _row(line, columns, row, today)


def is_same_person(one: Patient, other: Patient) -> bool:
    """Whether two rows of one number are one person's: the same names and birth date."""

    def identity(patient: Patient) -> tuple[str, str, date]:
        return name_key(patient.last), name_key(patient.first), patient.dob

    return identity(one) == identity(other)


def is_another_person(one: Patient, other: Patient) -> bool:
    """Whether neither a name, aliases included, nor the birth date of two rows is the same."""

    def names(patient: Patient) -> set[tuple[str, str]]:
        all_ = (PersonName(patient.last, patient.first), *patient.aliases)
        return {(name_key(name.last), name_key(name.first)) for name in all_}

    return one.dob != other.dob and not names(one) & names(other)


def _names(header: str, separator: str) -> list[str]:
    if UNREADABLE in header:
        raise PatientFileInvalid(
            "The patient list is not UTF-8 text. Save it again as 'CSV UTF-8'."
        )
    try:
        return next(csv.reader([header], delimiter=separator, strict=True), [])
    except csv.Error as error:
        raise PatientFileInvalid(
            "The first row of the patient list, which names the columns, has a quotation mark "
            "that is not closed. Export the list again."
        ) from error


def _separator(header: str) -> str:
    return max(",;\t", key=header.count)


def _columns(names: list[str]) -> list[str]:
    columns = [name.strip().lower() for name in names]
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise PatientFileInvalid(
            f"The patient list lacks the column(s) {', '.join(missing)}. "
            f"The first row must name the columns; known are: {', '.join(COLUMNS)}."
        )
    strange = {
        name or "(a column without a name)"
        for name in columns
        if (name and name not in COLUMNS) or columns.count(name) > 1
    }
    if strange:
        raise PatientFileInvalid(
            "The patient list has columns that are unknown or named twice: "
            f"{', '.join(sorted(strange))}. Known are: {', '.join(COLUMNS)}."
        )
    return columns


def _row(line: int, columns: list[str], row: list[str], today: date) -> Row | Rejected:
    if len(row) != len(columns):
        return Rejected(line, f"has {len(row)} fields instead of {len(columns)}")
    fields = {name: value.strip() for name, value in zip(columns, row, strict=True)}
    problem = _problem(fields, today)
    if problem:
        return Rejected(line, problem)
    text = {name: fields.get(name, "") for name in TEXT_FIELDS}
    patient = Patient(
        id=0,
        mrn=fields["mrn"],
        mrn_key=mrn_key(fields["mrn"]),
        last=fields["last"],
        first=fields["first"],
        dob=date.fromisoformat(fields["dob"]),
        aliases=parse_aliases(fields.get("aliases", "")),
        former_mrns=_former(fields),
        **text,
    )
    return Row(line, patient)


def _former(fields: dict[str, str]) -> tuple[str, ...]:
    own = mrn_key(fields["mrn"])
    named = parse_former_mrns(fields.get("former_mrns", ""))
    return tuple(mrn for mrn in named if mrn_key(mrn) != own)


def _problem(fields: dict[str, str], today: date) -> str | None:
    empty = [name for name in REQUIRED if not fields[name]]
    if empty:
        return f"has no {', '.join(empty)}"
    long = [name for name, value in fields.items() if len(value) > MAX_FIELD_CHARS]
    if long:
        return f"is too long in {', '.join(long)}"
    strange = [name for name in PLAIN if _has_invisible(fields.get(name, ""))]
    if strange:
        return f"has a line break or another control character in {', '.join(strange)}"
    if not name_key(fields["last"]):
        return "has a last name without letters"
    return _number_problem(fields) or _birth_date_problem(fields["dob"], today)


def _has_invisible(value: str) -> bool:
    return any(unicodedata.category(char) in INVISIBLE for char in value)


def _number_problem(fields: dict[str, str]) -> str | None:
    if not mrn_key(fields["mrn"]):
        return "has an mrn without digits or letters"
    numbers = fields["mrn"], *parse_former_mrns(fields.get("former_mrns", ""))
    if any(is_spreadsheet_number(number) for number in numbers):
        return SPREADSHEET_NUMBER
    if not SSN4.fullmatch(fields.get("ssn4", "")):
        return "has an ssn4 that is not four digits"
    return None


def _birth_date_problem(written: str, today: date) -> str | None:
    born = read_day(written)
    if born is None:
        return "has a dob that is not a date written YYYY-MM-DD"
    if born.year < EARLIEST_BIRTH_YEAR:
        return f"has a dob before {EARLIEST_BIRTH_YEAR}"
    return "has a dob in the future" if born > today else None

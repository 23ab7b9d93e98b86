"""What a list says, held against the patient index and the document types, many rows at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chartkeeper.filing.claim import differences
from chartkeeper.filing.doctypes import DocTypes
from chartkeeper.ingest.manifest import Row
from chartkeeper.ingest.manifest_mapping import plain
from chartkeeper.records import patients
from chartkeeper.records.database import Connection
from chartkeeper.records.findings import Finding
from chartkeeper.records.model import Patient, Wanted, mrn_key

# Below what one look-up of the patient index gives.
ROWS_AT_ONCE = 200
_DIFFERENCE = {"name": Finding.NAME_DIFFERS, "birth date": Finding.BIRTH_DATE_DIFFERS}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a row comes to: its findings, its type's key, and the dates that may be believed."""

    findings: tuple[Finding, ...]
    type: str
    dob: date | None
    service_date: date | None


def check(
    connection: Connection,
    rows: Sequence[Row],
    types: Mapping[str, str],
    doctypes: DocTypes,
    today: date,
) -> Iterator[Checked]:
    """For each row, in order, what is wrong with it; at most ROWS_AT_ONCE rows.

    `types` are names of types in the old system (as `plain` writes them) by what they are here.
    """
    keys = frozenset(key for row in rows if (key := mrn_key(row.mrn)))
    found = patients.look_up(connection, Wanted(mrn_keys=keys)) if keys else []
    former = {key: one for one in found for key in one.former_keys}
    holders = {one.mrn_key: one for one in found}
    for row in rows:
        key = mrn_key(row.mrn)
        who = holders.get(key) or former.get(key)
        about_patient = _of_patient(row, who, key) if row.mrn else []
        named = type_key(row.type, types, doctypes)
        unknown = [Finding.UNKNOWN_TYPE] if row.type and not named else []
        dob, day, of_dates = _dates(row, who, today)
        findings = (*row.doubts, *about_patient, *unknown, *of_dates)
        yield Checked(findings, named, dob, day)


def type_key(written: str, types: Mapping[str, str], doctypes: DocTypes) -> str:
    """The key of the type that a list names: by the mapping, a key or code, its name or LOINC code.

    Empty for a type that is not known.
    """
    code = types.get(plain(written), written).strip()
    found = doctypes.of_separator(code) if code else None
    if found:
        return found.key
    names = {plain(text): one.key for one in doctypes.types for text in (one.name, one.display)}
    by_loinc = {plain(one.loinc): one.key for one in doctypes.types}
    return (names | by_loinc).get(plain(code), "") if code else ""


def _of_patient(row: Row, who: Patient | None, key: str) -> list[Finding]:
    if who is None:
        return [Finding.UNKNOWN_MRN]
    merged = [Finding.MERGED_MRN] if key != who.mrn_key else []
    return merged + [_DIFFERENCE[what] for what in differences(row.last, row.first, row.dob, who)]


def _dates(
    row: Row, who: Patient | None, today: date
) -> tuple[date | None, date | None, list[Finding]]:
    """The birth date and service date that may be believed, and what is wrong with the others."""
    findings = []
    dob, day = row.dob, row.service_date
    if dob and dob > today:
        findings.append(Finding.IMPOSSIBLE_BIRTH_DATE)
        dob = None
    born = who.dob if who else dob
    if day and (day > today or (born and day < born)):
        findings.append(Finding.IMPOSSIBLE_DATE)
        day = None
    return dob, day, findings

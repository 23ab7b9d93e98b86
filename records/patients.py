"""The patient index: known patients, looked up by number, birth date or name.

It is loaded from lists; nothing read from a page ever adds to it.
"""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    func,
    insert,
    or_,
    select,
    update,
)

from chartkeeper.records.errors import UnknownPatient
from chartkeeper.records.model import Patient, PersonName, mrn_key
from chartkeeper.records.outbox import enqueue
from chartkeeper.records.schema import documents, pages, patient_names, patients

ALIAS_SEPARATOR = ";"
# Enough for a birth date in an index of a million patients (about 35 share one), and a bound on
# what a common surname brings along.
LOOK_UP_LIMIT = 500
TEXT_FIELDS = ("middle", "suffix", "sex", "address", "city", "state", "zip", "phone", "ssn4")


def save(connection: Connection, new: Patient) -> bool:
    """Add a patient or bring a known one up to date, by MRN; `new.id` is not looked at.

    Returns True if the patient was not known before. The pages of a patient whose names changed
    are indexed anew.
    """
    known = connection.execute(
        select(patients.c.id).where(patients.c.mrn_key == new.mrn_key)
    ).scalar_one_or_none()
    values = _values(new)
    if known is None:
        result = connection.execute(insert(patients).values(**values))
        assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
        _save_names(connection, int(result.inserted_primary_key[0]), new)
        return True
    before = by_ids(connection, [known])[known]
    if _values(before) == values:
        return False
    connection.execute(update(patients).where(patients.c.id == known).values(**values))
    connection.execute(patient_names.delete().where(patient_names.c.patient_id == known))
    _save_names(connection, known, new)
    statement = (
        select(pages.c.id)
        .join(documents, documents.c.id == pages.c.document_id)
        .where(documents.c.patient_id == known)
    )
    enqueue(connection, list(connection.execute(statement).scalars()))
    return False


def get(connection: Connection, patient_id: int) -> Patient:
    """The patient of this number. Raises UnknownPatient."""
    found = by_ids(connection, [patient_id])
    if not found:
        raise UnknownPatient
    return found[patient_id]


def by_ids(connection: Connection, patient_ids: Collection[int]) -> dict[int, Patient]:
    """The patients of these numbers, as far as they exist."""
    return {item.id: item for item in _select(connection, patients.c.id.in_(patient_ids))}


def by_mrn(connection: Connection, written: str) -> Patient | None:
    """The patient with this MRN, punctuation and leading zeros aside."""
    found = _select(connection, patients.c.mrn_key == mrn_key(written))
    return found[0] if found else None


def look_up(
    connection: Connection,
    mrn_keys: Collection[str],
    dobs: Collection[date],
    surnames: Collection[str],
) -> list[Patient]:
    """Everybody who has one of these numbers, birth dates or surnames.

    Takes MRNs as from mrn_key() and surnames as from name_key(). At most LOOK_UP_LIMIT for each
    of the three, so a very common surname alone may not bring everybody who has it.
    """
    named = patients.c.id.in_(
        select(patient_names.c.patient_id)
        .where(patient_names.c.surname_key.in_(surnames))
        .limit(LOOK_UP_LIMIT)
    )
    found: dict[int, Patient] = {}
    for condition in (patients.c.mrn_key.in_(mrn_keys), patients.c.dob.in_(dobs), named):
        for patient in _select(connection, condition, LOOK_UP_LIMIT):
            found[patient.id] = patient
    return list(found.values())


def search(connection: Connection, text: str, limit: int = 20) -> list[Patient]:
    """Patients for a clerk who types: an MRN, a birth date (YYYY-MM-DD), or the start of names.

    Words are matched against the beginnings of surname and given names, in any order.
    """
    text = text.strip()
    if not text:
        return []
    exact = _exact(text)
    if exact is not None:
        return _select(connection, exact, limit)
    keys = [key for key in map(name_key, text.replace(",", " ").split()) if key]
    return _select(connection, and_(*map(_starts, keys)), limit) if keys else []


def count(connection: Connection) -> int:
    """How many patients are known."""
    return connection.execute(select(func.count()).select_from(patients)).scalar_one()


def name_key(name: str) -> str:
    """The form in which names are compared: capitals A to Z only, accents off."""
    plain = unicodedata.normalize("NFKD", name).upper()
    return "".join(char for char in plain if "A" <= char <= "Z")


def surname_keys(surname: str) -> list[str]:
    """A surname as a whole and, if hyphenated or of several words, each part that is a name."""
    parts = [name_key(part) for part in surname.replace("-", " ").split()]
    return list(dict.fromkeys([name_key(surname), *(part for part in parts if len(part) > 2)]))


def _exact(text: str) -> ColumnElement[bool] | None:
    try:
        return patients.c.dob == date.fromisoformat(text)
    except ValueError:
        pass
    if any(char.isdigit() for char in text):
        return patients.c.mrn_key == mrn_key(text)
    return None


def _starts(key: str) -> ColumnElement[bool]:
    named = select(patient_names.c.patient_id).where(
        or_(
            patient_names.c.surname_key.startswith(key),
            patient_names.c.given_key.startswith(key),
        )
    )
    return patients.c.id.in_(named)


def _values(new: Patient) -> dict[str, object]:
    aliases = f"{ALIAS_SEPARATOR} ".join(f"{alias.last}, {alias.first}" for alias in new.aliases)
    text = {name: getattr(new, name) for name in TEXT_FIELDS}
    return {
        "mrn": new.mrn,
        "mrn_key": new.mrn_key,
        "last": new.last,
        "first": new.first,
        "dob": new.dob,
        "aliases": aliases,
        **text,
    }


def _save_names(connection: Connection, patient_id: int, new: Patient) -> None:
    rows = [
        {"patient_id": patient_id, "surname_key": key, "given_key": name_key(name.first)}
        for name in (PersonName(new.last, new.first), *new.aliases)
        for key in surname_keys(name.last)
        if key
    ]
    if rows:
        connection.execute(insert(patient_names), rows)


def parse_aliases(written: str) -> tuple[PersonName, ...]:
    """Aliases as the patient list writes them: `Last, First`, separated by semicolons."""
    return tuple(_names(written.split(ALIAS_SEPARATOR)))


def _names(items: Iterable[str]) -> Iterable[PersonName]:
    for item in items:
        last, _, first = item.partition(",")
        if last.strip():
            yield PersonName(last.strip(), first.strip())


def _select(
    connection: Connection, condition: ColumnElement[bool], limit: int | None = None
) -> list[Patient]:
    statement = select(patients).where(condition)
    ordered = statement.order_by(patients.c.last, patients.c.first, patients.c.id).limit(limit)
    return [_patient(row) for row in connection.execute(ordered).mappings()]


def _patient(row: RowMapping) -> Patient:
    fields = dict(row)
    fields["aliases"] = parse_aliases(fields["aliases"])
    return Patient(**fields)


def charts_of_same_name(connection: Connection, patient: Patient) -> Sequence[Patient]:
    """Other patients with the same surname and given name: a warning for whoever decides."""
    same = select(patient_names.c.patient_id).where(
        patient_names.c.surname_key == name_key(patient.last),
        patient_names.c.given_key == name_key(patient.first),
    )
    return _select(connection, and_(patients.c.id.in_(same), patients.c.id != patient.id))

"""The patient index: known patients, looked up by number, birth date or name.

It is loaded from lists; nothing read from a page ever adds to it.
"""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from chartkeeper.records.errors import NumberRetired, UnknownPatient
from chartkeeper.records.model import (
    Alike,
    Frequencies,
    Known,
    Lane,
    Patient,
    PersonName,
    Wanted,
    mrn_key,
)
from chartkeeper.records.outbox import enqueue
from chartkeeper.records.schema import (
    documents,
    pages,
    patient_names,
    patient_numbers,
    patients,
)

LIST_SEPARATOR = ";"
# Enough for a birth date in an index of a million patients (about 35 share one), and a bound on
# what a common surname brings along.
LOOK_UP_LIMIT = 500
# Of namesakes only some can be weighed; without a number or birth date none can be chosen.
NAMESAKES_LIMIT = 60
# A clerk is shown five; more than some hundred who are nearly like that cannot be told apart.
ALIKE_LIMIT = 150
MOST_COUNTED = 20_000
# Comes behind every letter of a key.
BEHIND_LETTERS = "["
TEXT_FIELDS = ("middle", "suffix", "sex", "address", "city", "state", "zip", "phone", "ssn4")


def save(connection: Connection, new: Patient) -> bool:
    """Add a patient or bring a known one up to date, by MRN; `new.id` is not looked at.

    Returns True if the patient was not known before. The pages of a patient whose names changed
    are indexed anew. Raises NumberRetired for a number that was merged into another patient's.
    """
    row = connection.execute(
        select(patients.c.id, patients.c.merged_into).where(patients.c.mrn_key == new.mrn_key)
    ).one_or_none()
    if row is None:
        result = connection.execute(insert(patients).values(**_values(new)))
        assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
        _save_keys(connection, int(result.inserted_primary_key[0]), new)
        return True
    if row.merged_into is not None:
        raise NumberRetired
    known = int(row.id)
    before = by_ids(connection, [known])[known]
    # A number once merged into this one stays so, whether the list goes on naming it or not.
    kept = replace(new, former_mrns=_joined(before.former_mrns, new.former_mrns))
    if _values(before) == _values(kept):
        return False
    connection.execute(update(patients).where(patients.c.id == known).values(**_values(kept)))
    for table in (patient_names, patient_numbers):
        connection.execute(table.delete().where(table.c.patient_id == known))
    _save_keys(connection, known, kept)
    statement = (
        select(pages.c.id)
        .join(documents, documents.c.id == pages.c.document_id)
        .where(documents.c.patient_id == known)
    )
    # A list may rename thousands; what arrives today is not kept waiting for that.
    enqueue(connection, list(connection.execute(statement).scalars()), Lane.MIGRATION)
    return False


def get(connection: Connection, patient_id: int) -> Patient:
    """The patient of this number. Raises UnknownPatient."""
    found = by_ids(connection, [patient_id])
    if not found:
        raise UnknownPatient
    return found[patient_id]


def by_ids(connection: Connection, patient_ids: Collection[int]) -> dict[int, Patient]:
    """The patients of these numbers, as far as they exist; those merged away as well."""
    statement = select(patients).where(patients.c.id.in_(patient_ids))
    return {row["id"]: _patient(row) for row in connection.execute(statement).mappings()}


def by_mrn(connection: Connection, written: str) -> Patient | None:
    """The patient who has this MRN, or had it before; punctuation and leading zeros aside."""
    found = by_numbers(connection, [mrn_key(written)])
    return found[0] if found else None


def holder(connection: Connection, written: str) -> Patient | None:
    """The patient whose number in use this is, punctuation and leading zeros aside."""
    found = chosen(connection, patients.c.mrn_key == mrn_key(written))
    return found[0] if found else None


def look_up(connection: Connection, wanted: Wanted) -> list[Patient]:
    """Everybody whom `wanted` may mean, each once.

    At most LOOK_UP_LIMIT for each way of looking, so a very common surname alone does not bring
    everybody who has it; a number or birth date always brings those who have it.
    """
    found = by_numbers(connection, wanted.mrn_keys)
    if wanted.dobs:
        found += chosen(connection, patients.c.dob.in_(wanted.dobs), LOOK_UP_LIMIT)
    if wanted.loose_dobs and wanted.loose_names:
        found += _born_and_named(connection, wanted)
    if wanted.surnames:
        found += _namesakes(connection, wanted)
    return list({patient.id: patient for patient in found}.values())


def by_numbers(connection: Connection, keys: Collection[str]) -> list[Patient]:
    """Whoever has one of these numbers, or had it before a merger."""
    if not keys:
        return []
    former = select(patient_numbers.c.patient_id).where(patient_numbers.c.mrn_key.in_(keys))
    found = chosen(connection, patients.c.mrn_key.in_(keys), LOOK_UP_LIMIT)
    return found + chosen(connection, patients.c.id.in_(former), LOOK_UP_LIMIT)


def _born_and_named(connection: Connection, wanted: Wanted) -> list[Patient]:
    ids = (
        select(patient_names.c.patient_id)
        .where(
            patient_names.c.dob.in_(wanted.loose_dobs),
            patient_names.c.surname_key.in_(wanted.loose_names),
        )
        .limit(LOOK_UP_LIMIT)
    )
    return chosen(connection, patients.c.id.in_(ids))


def _namesakes(connection: Connection, wanted: Wanted) -> list[Patient]:
    """Whoever bears one of the surnames, some of those who bear a given name as well first."""
    bears = patient_names.c.surname_key.in_(wanted.surnames)
    both = and_(bears, patient_names.c.given_key.in_(wanted.given_names))
    found = []
    for condition in (both, bears):
        ids = select(patient_names.c.patient_id).where(condition).limit(NAMESAKES_LIMIT)
        found += chosen(connection, patients.c.id.in_(ids))
    return found


def known(connection: Connection, wanted: Wanted) -> Known:
    """Everybody whom `wanted` may mean, and how common the names in it are."""
    found = look_up(connection, wanted)
    also = alike(connection, wanted.alike)
    return Known(tuple(found), _frequencies(connection, wanted, found), tuple(also))


def alike(connection: Connection, sought: Alike) -> list[Patient]:
    """Others whom a clerk may be shown, each once; at most ALIKE_LIMIT for each way of looking."""
    named = or_(
        patient_names.c.surname_key.in_(sought.names), patient_names.c.given_key.in_(sought.names)
    )
    ways: list[ColumnElement[bool]] = []
    if sought.full_names:
        whole = tuple_(patient_names.c.surname_key, patient_names.c.given_key)
        ways.append(whole.in_(sought.full_names))
    if sought.starts:
        ways.append(or_(*(_bears_start(*start) for start in sought.starts)))
    if sought.dobs and sought.names:
        ways.append(and_(patient_names.c.dob.in_(sought.dobs), named))
    if sought.mrn_keys and sought.names:
        numbered = select(patients.c.id).where(patients.c.mrn_key.in_(sought.mrn_keys))
        ways.append(and_(patient_names.c.patient_id.in_(numbered), named))
    found = [one for way in ways for one in _bearing(connection, way)]
    return list({patient.id: patient for patient in found}.values())


def _bears_start(surname: str, start: str) -> ColumnElement[bool]:
    """A surname with a given name that begins so."""
    return and_(patient_names.c.surname_key == surname, begins(patient_names.c.given_key, start))


def _bearing(connection: Connection, condition: ColumnElement[bool]) -> list[Patient]:
    ids = select(patient_names.c.patient_id).where(condition).limit(ALIKE_LIMIT)
    return chosen(connection, patients.c.id.in_(ids))


def _frequencies(connection: Connection, wanted: Wanted, found: Sequence[Patient]) -> Frequencies:
    """How many patients there are, about, and how many bear those names that led to somebody."""
    newest = connection.execute(select(func.max(patients.c.id))).scalar_one()
    names = [name for one in found for name in (PersonName(one.last, one.first), *one.aliases)]
    surnames = wanted.surnames & {key for name in names for key in surname_keys(name.last)}
    given_names = wanted.given_names & {name_key(name.first) for name in names}
    return Frequencies(
        patients=newest or 0,
        surnames=_bearers(connection, patient_names.c.surname_key, surnames),
        given_names=_bearers(connection, patient_names.c.given_key, given_names),
    )


def _bearers(
    connection: Connection, column: ColumnElement[str], names: Collection[str]
) -> dict[str, int]:
    """How many bear each name; beyond MOST_COUNTED it makes no difference."""
    found = {}
    for name in names:
        some = select(column).where(column == name).limit(MOST_COUNTED).subquery()
        found[name] = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def count(connection: Connection) -> int:
    """How many patients are known, those merged into others not counted."""
    live = select(func.count()).where(patients.c.merged_into.is_(None))
    return connection.execute(live).scalar_one()


def name_key(name: str) -> str:
    """The form in which names are compared: capitals A to Z only, accents off."""
    plain = unicodedata.normalize("NFKD", name).upper()
    return "".join(char for char in plain if "A" <= char <= "Z")


def surname_keys(surname: str) -> list[str]:
    """A surname as a whole and, if hyphenated or of several words, each part that is a name."""
    parts = [name_key(part) for part in surname.replace("-", " ").split()]
    return list(dict.fromkeys([name_key(surname), *(part for part in parts if len(part) > 2)]))


def begins(column: ColumnElement[str], key: str) -> ColumnElement[bool]:
    """Whether a key begins so."""
    # A range, which an index answers; LIKE looks at every name, as it may not mind the case.
    return and_(column >= key, column < key + BEHIND_LETTERS)


def _values(new: Patient) -> dict[str, object]:
    aliases = f"{LIST_SEPARATOR} ".join(f"{alias.last}, {alias.first}" for alias in new.aliases)
    text = {name: getattr(new, name) for name in TEXT_FIELDS}
    return {
        "mrn": new.mrn,
        "mrn_key": new.mrn_key,
        "last": new.last,
        "first": new.first,
        "dob": new.dob,
        "aliases": aliases,
        "former_mrns": f"{LIST_SEPARATOR} ".join(new.former_mrns),
        **text,
    }


def _joined(before: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    return tuple({mrn_key(mrn): mrn for mrn in (*before, *now)}.values())


def _save_keys(connection: Connection, patient_id: int, new: Patient) -> None:
    """What the patient is looked up by beside the number: names, and numbers of before."""
    former = [{"patient_id": patient_id, "mrn_key": key} for key in new.former_keys]
    if former:
        connection.execute(insert(patient_numbers), former)
    rows = [
        {
            "patient_id": patient_id,
            "surname_key": key,
            "given_key": name_key(name.first),
            "dob": new.dob,
        }
        for name in (PersonName(new.last, new.first), *new.aliases)
        for key in surname_keys(name.last)
        if key
    ]
    if rows:
        connection.execute(insert(patient_names), rows)


def parse_aliases(written: str) -> tuple[PersonName, ...]:
    """Aliases as the patient list writes them: `Last, First`, separated by semicolons."""
    return tuple(_names(written.split(LIST_SEPARATOR)))


def parse_former_mrns(written: str) -> tuple[str, ...]:
    """Numbers as the patient list writes them, separated by semicolons."""
    return tuple(item.strip() for item in written.split(LIST_SEPARATOR) if mrn_key(item))


def _names(items: Iterable[str]) -> Iterable[PersonName]:
    for item in items:
        last, _, first = item.partition(",")
        if last.strip():
            yield PersonName(last.strip(), first.strip())


def chosen(
    connection: Connection, condition: ColumnElement[bool], limit: int | None = None
) -> list[Patient]:
    """Those of whom a condition holds, by name; nobody who was merged into somebody else."""
    statement = select(patients).where(condition, patients.c.merged_into.is_(None))
    ordered = statement.order_by(patients.c.last, patients.c.first, patients.c.id).limit(limit)
    return [_patient(row) for row in connection.execute(ordered).mappings()]


def _patient(row: RowMapping) -> Patient:
    fields = dict(row)
    del fields["merged_into"], fields["restricted"]
    fields["aliases"] = parse_aliases(fields["aliases"])
    fields["former_mrns"] = parse_former_mrns(fields["former_mrns"])
    return Patient(**fields)


def has_chart(connection: Connection, patient_id: int) -> bool:
    """Whether there is a document of this patient, filed or proposed as theirs."""
    found = select(documents.c.id).where(documents.c.patient_id == patient_id).limit(1)
    return connection.execute(found).first() is not None


def charts_of_same_name(connection: Connection, patient: Patient) -> Sequence[Patient]:
    """Other patients with the same surname and given name: a warning for whoever decides."""
    same = select(patient_names.c.patient_id).where(
        patient_names.c.surname_key == name_key(patient.last),
        patient_names.c.given_key == name_key(patient.first),
    )
    return chosen(connection, and_(patients.c.id.in_(same), patients.c.id != patient.id))

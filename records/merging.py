"""Two numbers that turn out to be one patient: the charts become one, and can be told apart again.

HL7 calls it A40: one number survives, the other is retired but must go on finding the survivor.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from chartkeeper.records import marking
from chartkeeper.records import patients as patient_index
from chartkeeper.records.documents import relink
from chartkeeper.records.errors import MergeImpossible
from chartkeeper.records.model import Patient, PersonName
from chartkeeper.records.schema import documents, patients


def merge(
    connection: Connection, retired: Patient, survivor: Patient, by: str, now: datetime
) -> list[int]:
    """Retire the number of one patient in favour of another's; returns the documents that moved.

    The survivor is found by the retired number and name from now on. Each document keeps, in its
    history, whose it was; the survivor's chart is restricted if either was. Raises MergeImpossible
    if they are one patient already.
    """
    if retired.id == survivor.id:
        raise MergeImpossible
    connection.execute(
        update(patients).where(patients.c.id == retired.id).values(merged_into=survivor.id)
    )
    patient_index.save(connection, _both(survivor, retired))
    mark = marking.mark_of_chart(connection, retired.id)
    if mark and not marking.mark_of_chart(connection, survivor.id):
        marking.mark_chart(connection, survivor.id, mark, by, now)
    statement = select(documents.c.id).where(documents.c.patient_id == retired.id)
    moved = [int(number) for number in connection.execute(statement).scalars()]
    because = f"MRN {retired.mrn} was merged into {survivor.mrn}"
    for document_id in moved:
        relink(connection, document_id, survivor.id, because, by, now)
    return moved


def _both(survivor: Patient, retired: Patient) -> Patient:
    own = PersonName(survivor.last, survivor.first)
    other = PersonName(retired.last, retired.first)
    names = dict.fromkeys((*survivor.aliases, other, *retired.aliases))
    names.pop(own, None)
    numbers = (*survivor.former_mrns, retired.mrn, *retired.former_mrns)
    return replace(survivor, aliases=tuple(names), former_mrns=numbers)

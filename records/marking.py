"""Marking documents and charts as kept from casual view, and taking marks off; by people alone.

What is marked now stands with the document or patient, so that every look can ask for it; who
marked what when, and who took the mark off, is only ever added to.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from chartkeeper.records import documents as filed
from chartkeeper.records import patients as patient_index
from chartkeeper.records import restricted
from chartkeeper.records.access import ChartReason, DocumentReason
from chartkeeper.records.schema import documents, patients, restrictions


@dataclass(frozen=True, slots=True)
class Marking:
    """A mark set, or taken off if `reason` is None: by whom, and when."""

    reason: str | None
    by: str
    at: datetime


def mark_document(
    connection: Connection, document_id: int, reason: DocumentReason | None, by: str, now: datetime
) -> bool:
    """Mark a document, or take its mark off with None; False if it was so already.

    Raises UnknownDocument, DocumentJoined, DocumentRestricted.
    """
    if filed.facts(connection, document_id).restricted == reason:
        return False
    set_mark(connection, document_id, reason, by, now)
    return True


def set_mark(
    connection: Connection, document_id: int, reason: str | None, by: str, now: datetime
) -> None:
    """Write down the mark of a document, as of pages that were cut from one that bears it."""
    mine = update(documents).where(documents.c.id == document_id)
    connection.execute(mine.values(restricted=reason))
    _note(connection, {"document_id": document_id}, reason, by, now)


def mark_chart(
    connection: Connection, patient_id: int, reason: ChartReason | None, by: str, now: datetime
) -> bool:
    """Mark a chart, or take its mark off with None; False if it was so already.

    Raises UnknownPatient.
    """
    patient_index.get(connection, patient_id)
    if mark_of_chart(connection, patient_id) == reason:
        return False
    connection.execute(
        update(patients).where(patients.c.id == patient_id).values(restricted=reason)
    )
    _note(connection, {"patient_id": patient_id}, reason, by, now)
    return True


def mark_of_chart(connection: Connection, patient_id: int) -> ChartReason | None:
    """Why a chart is marked; None if it is not."""
    statement = select(patients.c.restricted).where(patients.c.id == patient_id)
    kept = connection.execute(statement).scalar_one_or_none()
    return ChartReason(kept) if kept else None


def history_of_document(connection: Connection, document_id: int) -> list[Marking]:
    """The marks of a document, oldest first, and when each was taken off.

    Raises DocumentRestricted.
    """
    restricted.check(connection, document_id)
    return _history(connection, restrictions.c.document_id == document_id)


def history_of_chart(connection: Connection, patient_id: int) -> list[Marking]:
    """The marks of a chart as a whole, oldest first, and when each was taken off.

    Raises ChartRestricted.
    """
    restricted.check_chart(connection, patient_id)
    return _history(connection, restrictions.c.patient_id == patient_id)


def _note(
    connection: Connection, of: dict[str, int], reason: str | None, by: str, now: datetime
) -> None:
    values = {**of, "reason": reason, "decided_by": by, "decided_at": now}
    connection.execute(insert(restrictions).values(**values))


def _history(connection: Connection, of: ColumnElement[bool]) -> list[Marking]:
    statement = select(restrictions).where(of).order_by(restrictions.c.id)
    return [_marking(row) for row in connection.execute(statement).mappings()]


def _marking(row: RowMapping) -> Marking:
    return Marking(row["reason"], row["decided_by"], row["decided_at"])

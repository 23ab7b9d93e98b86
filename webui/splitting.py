"""Cutting a document in two and joining two, by a person, accounted for like every decision."""

from collections.abc import Mapping

from chartkeeper.records import patients, separation
from chartkeeper.records.access_log import Entry, Event
from chartkeeper.records.database import Connection
from chartkeeper.records.documents import DocumentFacts, facts
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import entry, record_in, writing


def cut(document_id: int, seen_version: int, sheet: int) -> int:
    """Begin a new document at a page, counted from 1 in this one; returns the new one's number.

    Raises UnknownDocument, StaleDecision, BoundaryImpossible.
    """
    with writing() as connection:
        before = facts(connection, document_id)
        page = before.document.first_page + sheet - 1
        name = current.user().name
        new_id = separation.split(connection, document_id, seen_version, page, name, clock.now())
        detail = {"split_before_page": sheet, "new_document": new_id}
        record_in(
            connection,
            _entry(connection, before, document_id, detail),
            _entry(connection, before, new_id, {"split_from": document_id}),
        )
    return new_id


def join(document_id: int, seen_version: int, next_id: int) -> None:
    """Join the document behind this one to it.

    Raises UnknownDocument, StaleDecision, BoundaryImpossible.
    """
    with writing() as connection:
        before = facts(connection, document_id)
        name = current.user().name
        taken = separation.join(connection, document_id, seen_version, next_id, name, clock.now())
        record_in(
            connection,
            _entry(connection, before, document_id, {"joined_with": next_id}),
            _entry(connection, taken, next_id, {"joined_to": document_id}),
        )


def _entry(
    connection: Connection, whose: DocumentFacts, document_id: int, detail: Mapping[str, object]
) -> Entry:
    patient = patients.get(connection, whose.patient_id) if whose.patient_id else None
    return entry(Event.DECISION, patient=patient, document_id=document_id, detail=detail)

"""Documents, what was decided of them, by whom, and what else it could have been."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    func,
    insert,
    select,
    update,
)

from chartkeeper.ocr.page import Box
from chartkeeper.records.errors import StaleDecision, UnknownDocument
from chartkeeper.records.model import (
    Candidate,
    Decision,
    Document,
    DocumentStatus,
    Evidence,
    Field,
    Filing,
    RecordedDecision,
)
from chartkeeper.records.outbox import enqueue_document
from chartkeeper.records.schema import (
    candidates,
    decisions,
    documents,
    evidence,
    pages,
)

AUTOMATIC = "chartkeeper"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document with its current decisions; `version` grows with each change of them."""

    document: Document
    type: str | None
    patient_id: int | None
    service_date: date | None
    version: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a clerk decided of a document: all three fields, None where it cannot be known."""

    type: str | None
    patient_id: int | None
    service_date: date | None


def file(connection: Connection, scan_id: int, filing: Filing, now: datetime) -> int:
    """Keep what filing made of a run of pages; returns the document's number."""
    run = {"first_page": filing.first_page, "last_page": filing.last_page}
    current = {
        "type": filing.type.value,
        "patient_id": filing.patient.value and int(filing.patient.value),
        "service_date": _date(filing.service_date.value),
    }
    outcome = {"status": filing.status.value, "reason": filing.reason, "version": 1}
    result = connection.execute(
        insert(documents).values(scan_id=scan_id, **run, **current, **outcome)
    )
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    document_id = int(result.inserted_primary_key[0])
    for decision in (filing.type, filing.patient, filing.service_date):
        _record(connection, document_id, decision, AUTOMATIC, now)
    for candidate in filing.candidates:
        _record_candidate(connection, document_id, candidate)
    _own_pages(connection, document_id, scan_id, filing.first_page, filing.last_page)
    enqueue_document(connection, document_id)
    return document_id


def decide(
    connection: Connection,
    document_id: int,
    seen_version: int,
    verdict: Verdict,
    by: str,
    now: datetime,
) -> DocumentFacts:
    """Let a person decide: new decisions supersede the old ones, and the pages are indexed anew.

    Raises UnknownDocument, or StaleDecision if the document is not at `seen_version` any more.
    Returns the document as it was before.
    """
    before = facts(connection, document_id)
    if before.version != seen_version:
        raise StaleDecision(document_id)
    for decision in _changes(before, verdict, by):
        _record(connection, document_id, decision, by, now)
    status, reason = _standing(verdict)
    connection.execute(
        update(documents)
        .where(documents.c.id == document_id)
        .values(
            type=verdict.type,
            patient_id=verdict.patient_id,
            service_date=verdict.service_date,
            status=status.value,
            reason=reason,
            version=seen_version + 1,
        )
    )
    enqueue_document(connection, document_id)
    return before


def relink(
    connection: Connection,
    document_id: int,
    patient_id: int,
    because: str,
    by: str,
    now: datetime,
) -> None:
    """Move a document to another patient's chart without a word on type, date or status.

    For charts that become one; the decision before stays in the history. Raises UnknownDocument.
    """
    version = facts(connection, document_id).version
    _record(
        connection, document_id, Decision(Field.PATIENT, str(patient_id), 1.0, because), by, now
    )
    connection.execute(
        update(documents)
        .where(documents.c.id == document_id)
        .values(patient_id=patient_id, version=version + 1)
    )
    enqueue_document(connection, document_id)


def facts(connection: Connection, document_id: int) -> DocumentFacts:
    """The document of this number. Raises UnknownDocument."""
    found = _select(connection, documents.c.id == document_id)
    if not found:
        raise UnknownDocument(document_id)
    return found[0]


def of_scan(connection: Connection, scan_id: int) -> list[DocumentFacts]:
    """The documents of a scan, in the order of their pages."""
    return _select(connection, documents.c.scan_id == scan_id)


def by_ids(connection: Connection, document_ids: Collection[int]) -> dict[int, DocumentFacts]:
    """The documents of these numbers, as far as they exist."""
    found = _select(connection, documents.c.id.in_(document_ids))
    return {item.document.id: item for item in found}


def review_queue(connection: Connection, limit: int, after_id: int = 0) -> list[DocumentFacts]:
    """Documents that wait for a clerk, longest waiting first, from behind `after_id` on."""
    waiting = documents.c.status == DocumentStatus.REVIEW.value
    return _select(connection, and_(waiting, documents.c.id > after_id), limit)


def chart(connection: Connection, patient_id: int) -> list[DocumentFacts]:
    """The documents of a patient that are filed, newest service date first."""
    filed = documents.c.status == DocumentStatus.FILED.value
    found = _select(connection, and_(documents.c.patient_id == patient_id, filed))
    return sorted(found, key=lambda item: item.service_date or date.min, reverse=True)


def after(connection: Connection, after_id: int, limit: int) -> list[DocumentFacts]:
    """All documents by number, from behind `after_id` on, `limit` at a time."""
    return _select(connection, documents.c.id > after_id, limit)


def counts(connection: Connection) -> dict[DocumentStatus, int]:
    """How many documents there are in each state."""
    statement = select(documents.c.status, func.count()).group_by(documents.c.status)
    found = {DocumentStatus(name): int(number) for name, number in connection.execute(statement)}
    return {status: found.get(status, 0) for status in DocumentStatus}


def history(connection: Connection, document_id: int) -> list[RecordedDecision]:
    """Every decision on a document, oldest first, with its evidence."""
    statement = (
        select(decisions).where(decisions.c.document_id == document_id).order_by(decisions.c.id)
    )
    rows = connection.execute(statement).mappings().all()
    backing = _evidence(connection, evidence.c.decision_id, [row["id"] for row in rows])
    return [_recorded(row, backing.get(row["id"], ())) for row in rows]


def current(connection: Connection, document_ids: Sequence[int]) -> dict[tuple[int, Field], float]:
    """The confidence of the decision in force, by document and field."""
    newest = (
        select(func.max(decisions.c.id))
        .where(decisions.c.document_id.in_(document_ids))
        .group_by(decisions.c.document_id, decisions.c.field)
    )
    statement = select(decisions.c.document_id, decisions.c.field, decisions.c.confidence).where(
        decisions.c.id.in_(newest)
    )
    return {
        (int(document_id), Field(field)): float(confidence)
        for document_id, field, confidence in connection.execute(statement)
    }


def candidates_of(connection: Connection, document_id: int) -> list[Candidate]:
    """The patients that filing thought possible, likeliest first."""
    statement = (
        select(candidates)
        .where(candidates.c.document_id == document_id)
        .order_by(candidates.c.score.desc(), candidates.c.id)
    )
    rows = connection.execute(statement).mappings().all()
    backing = _evidence(connection, evidence.c.candidate_id, [row["id"] for row in rows])
    return [
        Candidate(row["patient_id"], row["score"], row["because"], backing.get(row["id"], ()))
        for row in rows
    ]


def _changes(before: DocumentFacts, verdict: Verdict, by: str) -> list[Decision]:
    # A clerk who files a document vouches for all three fields, changed or not.
    patient = None if verdict.patient_id is None else str(verdict.patient_id)
    day = None if verdict.service_date is None else verdict.service_date.isoformat()
    old = (
        before.type,
        None if before.patient_id is None else str(before.patient_id),
        None if before.service_date is None else before.service_date.isoformat(),
    )
    new = (verdict.type, patient, day)
    return [
        Decision(field, value, 1.0, f"{'confirmed' if value == was else 'corrected'} by {by}")
        for field, value, was in zip(Field, new, old, strict=True)
    ]


def _standing(verdict: Verdict) -> tuple[DocumentStatus, str]:
    missing = [
        name
        for name, value in (("type", verdict.type), ("patient", verdict.patient_id))
        if value is None
    ]
    if missing:
        return DocumentStatus.REVIEW, f"The {' and the '.join(missing)} must still be decided."
    return DocumentStatus.FILED, ""


def _record(
    connection: Connection, document_id: int, decision: Decision, by: str, now: datetime
) -> None:
    result = connection.execute(
        insert(decisions).values(
            document_id=document_id,
            field=decision.field.value,
            value=decision.value,
            confidence=decision.confidence,
            because=decision.because,
            decided_by=by,
            decided_at=now,
        )
    )
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    decision_id = int(result.inserted_primary_key[0])
    _record_evidence(connection, decision.evidence, decision_id=decision_id)


def _record_candidate(connection: Connection, document_id: int, candidate: Candidate) -> None:
    result = connection.execute(
        insert(candidates).values(
            document_id=document_id,
            patient_id=candidate.patient_id,
            score=candidate.score,
            because=candidate.because,
        )
    )
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    candidate_id = int(result.inserted_primary_key[0])
    _record_evidence(connection, candidate.evidence, candidate_id=candidate_id)


def _record_evidence(connection: Connection, items: Sequence[Evidence], **owner: int) -> None:
    rows = [
        {
            **owner,
            "page": item.page,
            "left": item.box and item.box.left,
            "top": item.box and item.box.top,
            "width": item.box and item.box.width,
            "height": item.box and item.box.height,
            "text": item.text,
            "meaning": item.meaning,
            "weight": item.weight,
        }
        for item in items
    ]
    if rows:
        connection.execute(insert(evidence), rows)


def _own_pages(
    connection: Connection, document_id: int, scan_id: int, first: int, last: int
) -> None:
    connection.execute(
        update(pages)
        .where(pages.c.scan_id == scan_id, pages.c.number.between(first, last))
        .values(document_id=document_id)
    )


def _evidence(
    connection: Connection, owner: ColumnElement[int], owner_ids: Sequence[int]
) -> dict[int, tuple[Evidence, ...]]:
    statement = select(evidence, owner.label("owner")).where(owner.in_(owner_ids))
    found: dict[int, tuple[Evidence, ...]] = {}
    for row in connection.execute(statement.order_by(evidence.c.id)).mappings():
        found[row["owner"]] = (*found.get(row["owner"], ()), _one_evidence(row))
    return found


def _one_evidence(row: RowMapping) -> Evidence:
    box = None
    if row["left"] is not None:
        box = Box(row["left"], row["top"], row["width"], row["height"])
    return Evidence(row["page"], box, row["text"], row["meaning"], row["weight"])


def _recorded(row: RowMapping, backing: tuple[Evidence, ...]) -> RecordedDecision:
    decision = Decision(
        Field(row["field"]), row["value"], row["confidence"], row["because"], backing
    )
    return RecordedDecision(
        row["id"], row["document_id"], decision, row["decided_by"], row["decided_at"]
    )


def _select(
    connection: Connection, condition: ColumnElement[bool], limit: int | None = None
) -> list[DocumentFacts]:
    order = (documents.c.id,)
    rows = connection.execute(select(documents).where(condition).order_by(*order).limit(limit))
    return [_facts(row) for row in rows.mappings()]


def _facts(row: RowMapping) -> DocumentFacts:
    document = Document(
        row["id"],
        row["scan_id"],
        row["first_page"],
        row["last_page"],
        DocumentStatus(row["status"]),
        row["reason"],
    )
    return DocumentFacts(
        document, row["type"], row["patient_id"], row["service_date"], row["version"]
    )


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)

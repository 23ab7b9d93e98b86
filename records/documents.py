"""Documents, what was decided of them, by whom, and what else it could have been."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from chartkeeper.records import restricted, suggestions, waiting
from chartkeeper.records.counting import by_state, number_of
from chartkeeper.records.errors import (
    DocumentJoined,
    DocumentSetAside,
    StaleDecision,
    UnknownDocument,
)
from chartkeeper.records.evidence import evidence_of, keep_evidence
from chartkeeper.records.model import (
    FILING_FIELDS,
    Candidate,
    Decision,
    Document,
    DocumentStatus,
    Evidence,
    Field,
    Filing,
    Lane,
    RecordedDecision,
)
from chartkeeper.records.outbox import enqueue_document
from chartkeeper.records.schema import (
    UtcDateTime,
    candidates,
    decisions,
    documents,
    evidence,
    pages,
    scans,
)

AUTOMATIC = "chartkeeper"
ASIDE = documents.c.status == DocumentStatus.ASIDE.value


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document with its current decisions; `version` grows with each change of them.

    `to_file` while it waits to be filed anew; `split_from` is the document it was cut from.
    `waiting_since` is when it came into the review queue the last time, None if it never did.
    `restricted` is why a person marked it as kept from casual view, None if nobody did.
    """

    document: Document
    type: str | None
    patient_id: int | None
    service_date: date | None
    version: int
    to_file: bool = False
    split_from: int | None = None
    waiting_since: datetime | None = None
    restricted: str | None = None

    @property
    def is_aside(self) -> bool:
        """Whether a person found that it belongs to no chart."""
        return self.document.status is DocumentStatus.ASIDE

    @property
    def owner_id(self) -> int | None:
        """Whose it is, or is thought to be; nobody's once it was set aside."""
        return None if self.is_aside else self.patient_id


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
    outcome: dict[str, object] = {"status": filing.status.value, "reason": filing.reason}
    if filing.status is DocumentStatus.REVIEW:
        # What is filed on arrival waits since it arrived.
        came = select(scans.c.stored_at).where(scans.c.id == scan_id).scalar_subquery()
        outcome["waiting_since"] = came
    result = connection.execute(
        insert(documents).values(scan_id=scan_id, version=1, **run, **current, **outcome)
    )
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    document_id = int(result.inserted_primary_key[0])
    for decision in (filing.type, filing.patient, filing.service_date):
        record(connection, document_id, decision, AUTOMATIC, now)
    keep_findings(connection, document_id, filing)
    own_pages(connection, document_id, scan_id, filing.first_page, filing.last_page)
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

    Raises UnknownDocument, DocumentSetAside, or StaleDecision if the document is not at
    `seen_version` any more. Returns the document as it was before.
    """
    before = as_seen(connection, document_id, seen_version)
    if before.is_aside:
        raise DocumentSetAside(document_id)
    status, reason = _standing(connection, before, verdict)
    for decision in _changes(before, verdict, by):
        record(connection, document_id, decision, by, now)
    if status is DocumentStatus.FILED:
        # Whoever files it as one document says that it is one.
        suggestions.answer(connection, document_id, suggestions.Answer.KEPT)
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
            to_file=False,
            waiting_since=enters_queue(now),
        )
    )
    enqueue_document(connection, document_id, Lane.DAILY)
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
    record(connection, document_id, Decision(Field.PATIENT, str(patient_id), 1.0, because), by, now)
    connection.execute(
        update(documents)
        .where(documents.c.id == document_id)
        .values(patient_id=patient_id, version=version + 1)
    )
    enqueue_document(connection, document_id, Lane.MIGRATION)


def facts(connection: Connection, document_id: int) -> DocumentFacts:
    """The document of this number. Raises UnknownDocument, DocumentJoined, DocumentRestricted."""
    restricted.check(connection, document_id)
    found = selected(connection, documents.c.id == document_id)
    if not found:
        statement = select(documents.c.joined_to).where(documents.c.id == document_id)
        joined_to = connection.execute(statement).scalar_one_or_none()
        raise DocumentJoined(document_id, joined_to) if joined_to else UnknownDocument(document_id)
    return found[0]


def as_seen(connection: Connection, document_id: int, seen_version: int) -> DocumentFacts:
    """The document, if nobody changed it meanwhile. Raises UnknownDocument, StaleDecision."""
    found = facts(connection, document_id)
    if found.version != seen_version:
        raise StaleDecision(document_id)
    return found


def following(connection: Connection, document_id: int) -> DocumentFacts | None:
    """The document behind this one in the same file, if there is one that may be opened.

    Raises UnknownDocument, DocumentRestricted.
    """
    document = facts(connection, document_id).document
    behind = of_scan(connection, document.scan_id)
    later = (item for item in behind if item.document.first_page > document.last_page)
    return min(later, key=lambda item: item.document.first_page, default=None)


def waiting_to_be_filed(connection: Connection, limit: int) -> list[DocumentFacts]:
    """Documents to be filed anew, oldest first; those set aside once they are brought back."""
    return selected(connection, and_(documents.c.to_file.is_(true()), ~ASIDE), limit)


def of_scan(connection: Connection, scan_id: int) -> list[DocumentFacts]:
    """The documents of a scan, in the order of their pages."""
    found = selected(connection, documents.c.scan_id == scan_id)
    return sorted(found, key=lambda item: item.document.first_page)


def by_ids(connection: Connection, document_ids: Collection[int]) -> dict[int, DocumentFacts]:
    """The documents of these numbers, as far as they exist."""
    found = selected(connection, documents.c.id.in_(document_ids))
    return {item.document.id: item for item in found}


def chart(connection: Connection, patient_id: int) -> list[DocumentFacts]:
    """The documents of a patient that are filed and may be opened, newest service date first.

    Raises ChartRestricted.
    """
    restricted.check_chart(connection, patient_id)
    filed = documents.c.status == DocumentStatus.FILED.value
    found = selected(connection, and_(documents.c.patient_id == patient_id, filed))
    return sorted(found, key=lambda item: item.service_date or date.min, reverse=True)


def may_belong(connection: Connection, patient_id: int, limit: int) -> list[int]:
    """The numbers of documents in review that may be this patient's, longest waiting first.

    Those are the ones for which the patient was chosen before, or thought possible; restricted ones
    as well, of which this says no more than of any other. Raises ChartRestricted.
    """
    restricted.check_chart(connection, patient_id)
    waiting = documents.c.status == DocumentStatus.REVIEW.value
    possible = exists().where(
        candidates.c.document_id == documents.c.id, candidates.c.patient_id == patient_id
    )
    statement = (
        select(documents.c.id)
        .where(waiting, or_(documents.c.patient_id == patient_id, possible))
        .where(documents.c.joined_to.is_(None))
        .order_by(documents.c.waiting_since, documents.c.id)
    )
    return [int(number) for number in connection.execute(statement.limit(limit)).scalars()]


def after(connection: Connection, after_id: int, limit: int) -> list[DocumentFacts]:
    """All documents by number, from behind `after_id` on, `limit` at a time."""
    return selected(connection, documents.c.id > after_id, limit)


def counts(connection: Connection) -> dict[DocumentStatus, int]:
    """How many documents there are in each state."""
    found = by_state(connection, documents.c.status, DocumentStatus, DocumentStatus.FILED)
    return {status: found[status] - _joined(connection, status) for status in DocumentStatus}


def _joined(connection: Connection, status: DocumentStatus) -> int:
    # Numbers begin at 1; asked so, only those that were joined are looked at.
    return number_of(connection, documents.c.status == status.value, documents.c.joined_to > 0)


def counts_of_scan(connection: Connection, scan_id: int) -> Counter[DocumentStatus]:
    """How many documents of a scan there are in each state, whoever asks."""
    mine = (documents.c.scan_id == scan_id) & documents.c.joined_to.is_(None)
    found = connection.execute(select(documents.c.status).where(mine)).scalars()
    return Counter(map(DocumentStatus, found))


def history(connection: Connection, document_id: int) -> list[RecordedDecision]:
    """Every decision on a document, oldest first, with its evidence. Raises DocumentRestricted."""
    restricted.check(connection, document_id)
    statement = (
        select(decisions).where(decisions.c.document_id == document_id).order_by(decisions.c.id)
    )
    rows = connection.execute(statement).mappings().all()
    backing = evidence_of(connection, evidence.c.decision_id, [row["id"] for row in rows])
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
    """The patients that filing thought possible, likeliest first. Raises DocumentRestricted."""
    restricted.check(connection, document_id)
    statement = (
        select(candidates)
        .where(candidates.c.document_id == document_id)
        .order_by(candidates.c.score.desc(), candidates.c.id)
    )
    rows = connection.execute(statement).mappings().all()
    backing = evidence_of(connection, evidence.c.candidate_id, [row["id"] for row in rows])
    return [
        Candidate(row["patient_id"], row["score"], row["because"], backing.get(row["id"], ()))
        for row in rows
    ]


def candidate_ids(
    connection: Connection, document_ids: Collection[int]
) -> dict[int, tuple[int, ...]]:
    """The patients that filing thought possible for each of these documents, by number."""
    statement = select(candidates.c.document_id, candidates.c.patient_id).where(
        candidates.c.document_id.in_(document_ids)
    )
    found: dict[int, tuple[int, ...]] = {}
    for document_id, patient_id in connection.execute(statement.order_by(candidates.c.id)):
        found[document_id] = (*found.get(document_id, ()), patient_id)
    return found


def keep_findings(connection: Connection, document_id: int, filing: Filing) -> None:
    """Keep what filing found beside its decisions: who else it may be, where it may be two."""
    for candidate in filing.candidates:
        _record_candidate(connection, document_id, candidate)
    suggestions.keep(connection, document_id, filing.suggestions)


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
        for field, value, was in zip(FILING_FIELDS, new, old, strict=True)
    ]


def _standing(
    connection: Connection, before: DocumentFacts, verdict: Verdict
) -> tuple[DocumentStatus, str]:
    """Whether it is filed now, or why it waits: what filing said of it holds on where it can."""
    now_open = _open(verdict)
    if not now_open & {Field.TYPE, Field.PATIENT}:
        return DocumentStatus.FILED, ""
    said = "" if before.to_file else before.document.reason
    then_open = _open(before)
    kept = waiting.still_holds(said, then_open - now_open)
    unsaid = [
        field
        for field in (Field.TYPE, Field.PATIENT)
        if field in now_open and not (kept and field in then_open)
    ]
    because = {} if before.to_file else _left_open(connection, before.document.id, unsaid)
    return DocumentStatus.REVIEW, ". ".join(
        filter(None, (kept, waiting.still_open(unsaid, because)))
    )


def _open(decided: DocumentFacts | Verdict) -> set[Field]:
    values = {
        Field.TYPE: decided.type,
        Field.PATIENT: decided.patient_id,
        Field.DATE: decided.service_date,
    }
    return {field for field, value in values.items() if value is None}


def _left_open(
    connection: Connection, document_id: int, fields: Collection[Field]
) -> dict[Field, str]:
    """Why filing left some of these fields open, as far as it did."""
    automatic = (one for one in history(connection, document_id) if one.decided_by == AUTOMATIC)
    newest = {one.decision.field: one.decision for one in automatic}
    return {
        field: newest[field].because
        for field in fields
        if field in newest and newest[field].value is None
    }


def record(
    connection: Connection, document_id: int, decision: Decision, by: str, now: datetime
) -> None:
    """Write down one decision on a document; it supersedes the one before on the same field."""
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
    keep_evidence(connection, decision.evidence, decision_id=decision_id)


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
    keep_evidence(connection, candidate.evidence, candidate_id=candidate_id)


def own_pages(
    connection: Connection, document_id: int, scan_id: int, first: int, last: int
) -> None:
    """Give the pages `first` to `last` of a scan to a document, whosever they were."""
    connection.execute(
        update(pages)
        .where(pages.c.scan_id == scan_id, pages.c.number.between(first, last))
        .values(document_id=document_id)
    )


def _recorded(row: RowMapping, backing: tuple[Evidence, ...]) -> RecordedDecision:
    decision = Decision(
        Field(row["field"]), row["value"], row["confidence"], row["because"], backing
    )
    return RecordedDecision(
        row["id"], row["document_id"], decision, row["decided_by"], row["decided_at"]
    )


def selected(
    connection: Connection,
    condition: ColumnElement[bool],
    limit: int | None = None,
    in_order_of: ColumnElement[Any] | None = None,
) -> list[DocumentFacts]:
    """The documents that meet a condition and were not joined to others, by number unless told.

    Left out are those that whoever reads may not open.
    """
    own = documents.c.joined_to.is_(None)
    order = [] if in_order_of is None else [in_order_of]
    statement = select(documents).where(condition, own).order_by(*order, documents.c.id)
    rows = connection.execute(statement.limit(limit)).mappings().all()
    open_ones = restricted.readable(connection, [row["id"] for row in rows])
    return [_facts(row) for row in rows if row["id"] in open_ones]


def enters_queue(at: datetime) -> ColumnElement[Any]:
    """Since when a document waits that is in review from now on: since before, or since `at`."""
    waits = documents.c.status == DocumentStatus.REVIEW.value
    return case((waits, documents.c.waiting_since), else_=literal(at, UtcDateTime()))


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
        document,
        row["type"],
        row["patient_id"],
        row["service_date"],
        row["version"],
        row["to_file"],
        row["split_from"],
        row["waiting_since"],
        row["restricted"],
    )


def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)

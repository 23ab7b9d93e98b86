"""Which pages are one document, as a person sees it: cut, joined, and then filed anew.

Originals stay as they are and every page belongs to exactly one document at all times. What filing
decided of the pages before no longer holds; what a person decided does, for the document that keeps
its number.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, case, delete, insert, select, true, update

from chartkeeper.records import marking, suggestions
from chartkeeper.records.counting import number_of
from chartkeeper.records.documents import (
    ASIDE,
    AUTOMATIC,
    DocumentFacts,
    as_seen,
    enters_queue,
    facts,
    following,
    history,
    keep_findings,
    of_scan,
    own_pages,
    record,
)
from chartkeeper.records.errors import BoundaryImpossible, DocumentSetAside, StaleDecision
from chartkeeper.records.model import (
    FILING_FIELDS,
    Decision,
    DocumentStatus,
    Field,
    Filing,
    Lane,
    Suggestion,
)
from chartkeeper.records.outbox import enqueue_document
from chartkeeper.records.schema import candidates, documents, evidence, scans
from chartkeeper.records.suggestions import Answer

BEING_FILED = "It is being filed anew, as its pages were put together anew."
DISAGREES = "What was decided by hand is not what the pages say; look once more."
_NOTHING = {"type": None, "patient_id": None, "service_date": None}
_Values = Mapping[Field, str | None]


def split(
    connection: Connection, document_id: int, seen_version: int, page: int, by: str, now: datetime
) -> int:
    """Cut a document before `page` (counted in the file); returns the number of the new one.

    The first pages stay with the document of this number, and so does what a person decided of it.
    A mark as restricted is on both.
    Raises UnknownDocument, StaleDecision, DocumentSetAside, BoundaryImpossible.
    """
    before = _to_change(connection, document_id, seen_version)
    document = before.document
    if not document.first_page < page <= document.last_page:
        raise BoundaryImpossible
    new_id = _new(connection, before, page, now)
    if before.restricted:
        marking.set_mark(connection, new_id, before.restricted, by, now)
    own_pages(connection, new_id, document.scan_id, page, document.last_page)
    suggestions.answer(connection, document_id, Answer.CUT, page)
    suggestions.answer(connection, document_id, Answer.OUTDATED)
    suggestions.move(connection, document_id, new_id, page + 1)
    because = f"cut from document {document_id} by {by}"
    for field in FILING_FIELDS:
        record(connection, new_id, Decision(field, None, 0.0, because), AUTOMATIC, now)
    _await_filing(connection, before, by_people(connection, [document_id]), page - 1, now)
    enqueue_document(connection, new_id, Lane.DAILY)
    return new_id


def join(
    connection: Connection,
    document_id: int,
    seen_version: int,
    next_id: int,
    by: str,
    now: datetime,
) -> DocumentFacts:
    """Join a document with `next_id`, the one behind it in the same file, which it takes in.

    What people decided of either stays as far as they agree; a mark as restricted on either is on
    both. Returns the one taken in as it was.
    Raises UnknownDocument, StaleDecision if another one is behind it by now, DocumentSetAside of
    either, BoundaryImpossible.
    """
    before = _to_change(connection, document_id, seen_version)
    taken = following(connection, document_id)
    if taken is None:
        raise BoundaryImpossible
    if taken.document.id != next_id:
        raise StaleDecision(document_id)
    if taken.is_aside:
        raise DocumentSetAside(next_id)
    kept = by_people(connection, [document_id, next_id])
    last = taken.document.last_page
    own_pages(connection, document_id, before.document.scan_id, before.document.first_page, last)
    suggestions.move(connection, next_id, document_id, 0)
    suggestions.answer(connection, document_id, Answer.OUTDATED)
    _note_joint(connection, before, taken, by)
    if taken.restricted and not before.restricted:
        marking.set_mark(connection, document_id, taken.restricted, by, now)
    gone = {**_NOTHING, "joined_to": document_id, "to_file": False, "version": taken.version + 1}
    connection.execute(update(documents).where(documents.c.id == next_id).values(gone))
    for field, value in kept.items():
        because = f"as decided by hand before document {next_id} was joined by {by}"
        record(connection, document_id, Decision(field, value, 1.0, because), by, now)
    _await_filing(connection, before, kept, last, now)
    return taken


def file_anew(
    connection: Connection, document_id: int, seen_version: int, filing: Filing, now: datetime
) -> bool:
    """Keep what filing made of the pages that a person put together; not over a person's word.

    Returns whether it was kept: not if somebody decided, changed the pages or set it aside
    meanwhile.
    """
    before = facts(connection, document_id)
    if before.version != seen_version or not before.to_file or before.is_aside:
        return False
    kept = by_people(connection, [document_id])
    found = {one.field: one for one in (filing.type, filing.patient, filing.service_date)}
    for field in found.keys() - kept.keys():
        record(connection, document_id, found[field], AUTOMATIC, now)
    values = {field: kept.get(field, found[field].value) for field in FILING_FIELDS}
    status, reason = _standing(filing, kept, {field: one.value for field, one in found.items()})
    _forget_candidates(connection, document_id)
    keep_findings(connection, document_id, filing)
    outcome = {"status": status.value, "reason": reason, "to_file": False}
    _set(connection, before, {**_columns(values), **outcome})
    return True


def file_scan_anew(connection: Connection, scan_id: int, because: str) -> None:
    """Have the documents of a scan filed anew, but for those on which a person decided.

    Until then they are in review with the reason in `because`.
    """
    for found in of_scan(connection, scan_id):
        if not found.is_aside and not by_people(connection, [found.document.id]):
            file_again(connection, found, because)


def file_again(connection: Connection, found: DocumentFacts, because: str) -> None:
    """Have a document filed anew, and in review with the reason in `because` until then.

    What a person decided of it holds. One that did not wait does so since it came in: nobody has
    looked at it since.
    """
    number = found.document.id
    came = select(scans.c.stored_at).where(scans.c.id == documents.c.scan_id).scalar_subquery()
    waits = documents.c.status == DocumentStatus.REVIEW.value
    since = case((waits, documents.c.waiting_since), else_=came)
    waiting = {"status": DocumentStatus.REVIEW.value, "reason": because, "to_file": True}
    values = {**waiting, "waiting_since": since, "version": found.version + 1}
    connection.execute(update(documents).where(documents.c.id == number).values(values))
    enqueue_document(connection, number)


def by_people(connection: Connection, document_ids: Collection[int]) -> dict[Field, str | None]:
    """What people filed some documents as, where they did not leave it open and agree."""
    found: dict[Field, set[str | None]] = {}
    for document_id in document_ids:
        newest = {one.decision.field: one for one in history(connection, document_id)}
        for field, one in newest.items():
            filed = field in FILING_FIELDS and one.decision.value is not None
            if filed and one.decided_by != AUTOMATIC:
                found.setdefault(field, set()).add(one.decision.value)
    return {field: next(iter(said)) for field, said in found.items() if len(said) == 1}


def count_waiting(connection: Connection) -> int:
    """How many documents wait to be filed anew."""
    return number_of(connection, documents.c.to_file.is_(true()), ~ASIDE)


def _to_change(connection: Connection, document_id: int, seen_version: int) -> DocumentFacts:
    found = as_seen(connection, document_id, seen_version)
    if found.is_aside:
        raise DocumentSetAside(document_id)
    return found


def _new(connection: Connection, before: DocumentFacts, page: int, now: datetime) -> int:
    """A document for the pages from `page` on, of which nothing is known yet."""
    waits = before.document.status is DocumentStatus.REVIEW
    result = connection.execute(
        insert(documents).values(
            scan_id=before.document.scan_id,
            first_page=page,
            last_page=before.document.last_page,
            status=DocumentStatus.REVIEW.value,
            reason=BEING_FILED,
            waiting_since=before.waiting_since if waits else now,
            version=1,
            to_file=True,
            split_from=before.document.id,
        )
    )
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    return int(result.inserted_primary_key[0])


def _await_filing(
    connection: Connection, before: DocumentFacts, kept: _Values, last_page: int, now: datetime
) -> None:
    """Leave a document to the worker, with what people decided of it and its new last page."""
    waiting = {"status": DocumentStatus.REVIEW.value, "reason": BEING_FILED, "to_file": True}
    values = {**_NOTHING, **_columns(kept), **waiting, "last_page": last_page}
    _set(connection, before, {**values, "waiting_since": enters_queue(now)})


def _set(connection: Connection, before: DocumentFacts, values: Mapping[str, object]) -> None:
    document_id = before.document.id
    connection.execute(
        update(documents)
        .where(documents.c.id == document_id)
        .values({**values, "version": before.version + 1})
    )
    enqueue_document(connection, document_id, Lane.DAILY)


def _columns(values: _Values) -> dict[str, object]:
    """Values of decisions as the table of documents keeps them."""
    patient, day = values.get(Field.PATIENT), values.get(Field.DATE)
    return {
        "type": values.get(Field.TYPE),
        "patient_id": int(patient) if patient else None,
        "service_date": date.fromisoformat(day) if day else None,
    }


def _standing(filing: Filing, kept: _Values, found: _Values) -> tuple[DocumentStatus, str]:
    """Whether the document has its place now; not where a person and the pages disagree."""
    if kept.get(Field.TYPE) and kept.get(Field.PATIENT):
        return DocumentStatus.FILED, ""
    if filing.status is DocumentStatus.REVIEW:
        return DocumentStatus.REVIEW, filing.reason
    if any(value != found[field] for field, value in kept.items()):
        return DocumentStatus.REVIEW, DISAGREES
    return DocumentStatus.FILED, ""


def _note_joint(
    connection: Connection, before: DocumentFacts, taken: DocumentFacts, by: str
) -> None:
    """That the pages belong together is not asked again."""
    because = f"joined by {by}; it was document {taken.document.id}"
    joint = Suggestion(taken.document.first_page, because, 0.0)
    suggestions.note(connection, before.document.id, joint, Answer.KEPT)


def _forget_candidates(connection: Connection, document_id: int) -> None:
    old = select(candidates.c.id).where(candidates.c.document_id == document_id)
    connection.execute(delete(evidence).where(evidence.c.candidate_id.in_(old)))
    connection.execute(delete(candidates).where(candidates.c.document_id == document_id))

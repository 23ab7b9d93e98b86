"""Paper that belongs to no chart: set aside by a person for a reason, and brought back.

What filing and people decided of its type, patient and date stays in the ledger as it was, so that
a document that is brought back waits as it waited before; until then none of it is in force.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    select,
    update,
)

from chartkeeper.records.counting import number_of
from chartkeeper.records.documents import (
    ASIDE,
    AUTOMATIC,
    DocumentFacts,
    as_seen,
    by_ids,
    record,
)
from chartkeeper.records.errors import NotInReview, NotSetAside
from chartkeeper.records.model import Decision, DocumentStatus, Field, Lane
from chartkeeper.records.outbox import enqueue_document
from chartkeeper.records.schema import decisions, documents

MAX_NOTE_CHARS = 300


class Reason(StrEnum):
    """Why a document belongs to no chart, as people choose it."""

    NOT_A_CHART = "not_a_chart"
    MISDIRECTED = "misdirected"
    EMPTY_FORM = "empty_form"
    OTHER = "other"


WORDS = {
    Reason.NOT_A_CHART: "Not a chart document",
    Reason.MISDIRECTED: "Sent to us by mistake",
    Reason.EMPTY_FORM: "Empty form",
    Reason.OTHER: "Another reason",
}


@dataclass(frozen=True, slots=True)
class Grounds:
    """What somebody gives as the reason; `note` is empty where there is nothing to add."""

    reason: Reason
    note: str = ""

    @property
    def because(self) -> str:
        """The reason in words, with the note."""
        return ": ".join(filter(None, (WORDS[self.reason], self.note)))


@dataclass(frozen=True, slots=True)
class SetAside:
    """A document that belongs to no chart: why, in words, who said so and when.

    `decision_id` is the number of that decision.
    """

    facts: DocumentFacts
    decision_id: int
    reason: Reason
    because: str
    by: str
    at: datetime


def set_aside(
    connection: Connection,
    document_id: int,
    seen_version: int,
    grounds: Grounds,
    by: str,
    now: datetime,
) -> DocumentFacts:
    """Take a document out of the review queue, as belonging to no chart.

    Raises UnknownDocument, StaleDecision, NotInReview. Returns the document as it was.
    """
    before = as_seen(connection, document_id, seen_version)
    if before.document.status is not DocumentStatus.REVIEW:
        raise NotInReview(document_id)
    decision = Decision(Field.ASIDE, grounds.reason.value, 1.0, grounds.because)
    _decide(connection, before, DocumentStatus.ASIDE, decision, by, now)
    return before


def bring_back(
    connection: Connection, document_id: int, seen_version: int, by: str, now: datetime
) -> DocumentFacts:
    """Put a document back into the review queue, as it was when it was set aside.

    Raises UnknownDocument, StaleDecision, NotSetAside. Returns the document as it was.
    """
    before = as_seen(connection, document_id, seen_version)
    if not before.is_aside:
        raise NotSetAside(document_id)
    decision = Decision(Field.ASIDE, None, 1.0, f"brought back to review by {by}")
    _decide(connection, before, DocumentStatus.REVIEW, decision, by, now)
    return before


def newest(connection: Connection, limit: int, before: int | None = None) -> list[SetAside]:
    """What is set aside, latest first; `before` goes on from the decision of that number."""
    earlier = decisions.c.id < before if before is not None else decisions.c.id > 0
    statement = _in_force().where(earlier).order_by(decisions.c.id.desc()).limit(limit)
    return _all(connection, statement)


def of_documents(connection: Connection, document_ids: Collection[int]) -> dict[int, SetAside]:
    """Those of these documents that are set aside, by number."""
    statement = _in_force().where(documents.c.id.in_(document_ids))
    return {one.facts.document.id: one for one in _all(connection, statement)}


def count(connection: Connection) -> int:
    """How many documents are set aside."""
    return number_of(connection, ASIDE, documents.c.joined_to.is_(None))


def _decide(
    connection: Connection,
    before: DocumentFacts,
    status: DocumentStatus,
    decision: Decision,
    by: str,
    now: datetime,
) -> None:
    document_id = before.document.id
    record(connection, document_id, decision, by, now)
    values = {"status": status.value, "version": before.version + 1}
    connection.execute(update(documents).where(documents.c.id == document_id).values(values))
    enqueue_document(connection, document_id, Lane.DAILY)


def _in_force() -> Select[Any]:
    """The newest decision on each document that is set aside."""
    last = select(func.max(decisions.c.id)).where(_by_people()).group_by(decisions.c.document_id)
    columns = ("id", "document_id", "value", "because", "decided_by", "decided_at")
    return (
        select(*(decisions.c[name] for name in columns))
        .join(documents, documents.c.id == decisions.c.document_id)
        .where(ASIDE, documents.c.joined_to.is_(None), decisions.c.id.in_(last))
    )


def _by_people() -> ColumnElement[bool]:
    # Written into the statement and not handed over beside it: only then is the small index used.
    automatic: BindParameter[str] = bindparam("automatic", AUTOMATIC, literal_execute=True)
    return and_(decisions.c.field == Field.ASIDE.value, decisions.c.decided_by != automatic)


def _all(connection: Connection, statement: Select[Any]) -> list[SetAside]:
    rows = connection.execute(statement).mappings().all()
    found = by_ids(connection, [row["document_id"] for row in rows])
    return [_one(row, found[row["document_id"]]) for row in rows if row["document_id"] in found]


def _one(row: RowMapping, facts: DocumentFacts) -> SetAside:
    return SetAside(
        facts, row["id"], Reason(row["value"]), row["because"], row["decided_by"], row["decided_at"]
    )

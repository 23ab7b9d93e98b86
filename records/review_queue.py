"""What waits for a clerk, longest waiting first: all of it, or what waits for one thing."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, exists, literal, not_, or_, select, tuple_

from chartkeeper.records.counting import number_of
from chartkeeper.records.documents import DocumentFacts, selected
from chartkeeper.records.model import DocumentStatus, PageState
from chartkeeper.records.schema import documents, pages, suggestions
from chartkeeper.records.suggestions import Answer


class Lacks(StrEnum):
    """What keeps a document from being filed; it may be several things, or `other` than these."""

    PATIENT = "patient"
    TYPE = "type"
    DATE = "date"
    PAGES = "pages"
    BOUNDARY = "boundary"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents of the queue: those of a type, those that lack something, or all."""

    type: str = ""
    lacks: Lacks | None = None


ALL = Wanted()


def waiting(
    connection: Connection, limit: int, wanted: Wanted = ALL, after_id: int = 0
) -> list[DocumentFacts]:
    """Documents that wait for a clerk, in order, from behind document `after_id` on.

    That one need not wait any more: its place in the queue is where it was the last time.
    """
    place = tuple_(documents.c.waiting_since, documents.c.id)
    since = select(documents.c.waiting_since).where(documents.c.id == after_id)
    behind = place > tuple_(since.scalar_subquery(), literal(after_id))
    conditions = (*_conditions(wanted), behind) if after_id else _conditions(wanted)
    return selected(connection, and_(*conditions), limit, in_order_of=documents.c.waiting_since)


def count(connection: Connection, wanted: Wanted = ALL) -> int:
    """How many documents wait for a clerk."""
    return number_of(connection, documents.c.joined_to.is_(None), *_conditions(wanted))


def _conditions(wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    review = documents.c.status == DocumentStatus.REVIEW.value
    of_type = (documents.c.type == wanted.type,) if wanted.type else ()
    return (review, *of_type, *((_lacking(wanted.lacks),) if wanted.lacks else ()))


def _lacking(lacks: Lacks) -> ColumnElement[bool]:
    unread = exists().where(
        pages.c.document_id == documents.c.id, pages.c.state == PageState.FAILED.value
    )
    asked = exists().where(
        suggestions.c.document_id == documents.c.id, suggestions.c.answer == Answer.OPEN.value
    )
    # Most types may be undated: whether this one may, filing has said in the reason.
    undated = and_(documents.c.service_date.is_(None), documents.c.reason.contains("Date: "))
    said = {
        Lacks.PATIENT: documents.c.patient_id.is_(None),
        Lacks.TYPE: documents.c.type.is_(None),
        Lacks.DATE: undated,
        Lacks.PAGES: unread,
        Lacks.BOUNDARY: asked,
    }
    return said[lacks] if lacks in said else not_(or_(*said.values()))

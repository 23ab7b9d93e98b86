"""Pages at which a document may be two, and what a person made of it."""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from chartkeeper.records import restricted
from chartkeeper.records.evidence import evidence_of, keep_evidence
from chartkeeper.records.model import Suggestion
from chartkeeper.records.schema import evidence, suggestions


class Answer(StrEnum):
    """What became of a suggestion: a person cut there, or left the pages together; or neither."""

    OPEN = "open"
    CUT = "cut"
    KEPT = "kept"
    OUTDATED = "outdated"


def keep(connection: Connection, document_id: int, found: Sequence[Suggestion]) -> None:
    """Note where a document may be two, but where a person has left the pages together."""
    settled = kept_together(connection, document_id)
    for one in found:
        if one.page not in settled:
            note(connection, document_id, one, Answer.OPEN)


def note(connection: Connection, document_id: int, one: Suggestion, answer: Answer) -> None:
    """Write down one suggestion with its answer."""
    result = connection.execute(
        insert(suggestions).values(
            document_id=document_id,
            page=one.page,
            points=one.points,
            because=one.because,
            answer=answer.value,
        )
    )
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    keep_evidence(connection, one.evidence, suggestion_id=int(result.inserted_primary_key[0]))


def open_ones(connection: Connection, document_id: int) -> list[Suggestion]:
    """The suggestions that wait for an answer, in the order of their pages.

    Raises DocumentRestricted.
    """
    restricted.check(connection, document_id)
    statement = select(suggestions).where(
        suggestions.c.document_id == document_id, suggestions.c.answer == Answer.OPEN.value
    )
    rows = connection.execute(statement.order_by(suggestions.c.page)).mappings().all()
    backing = evidence_of(connection, evidence.c.suggestion_id, [row["id"] for row in rows])
    return [
        Suggestion(row["page"], row["because"], row["points"], backing.get(row["id"], ()))
        for row in rows
    ]


def answer(connection: Connection, document_id: int, said: Answer, page: int | None = None) -> None:
    """Answer the open suggestions of a document, or only those at `page`."""
    statement = update(suggestions).where(
        suggestions.c.document_id == document_id, suggestions.c.answer == Answer.OPEN.value
    )
    if page is not None:
        statement = statement.where(suggestions.c.page == page)
    connection.execute(statement.values(answer=said.value))


def move(connection: Connection, from_id: int, to_id: int, from_page: int) -> None:
    """Hand what was said of the pages from `from_page` on over to the document that has them."""
    connection.execute(
        update(suggestions)
        .where(suggestions.c.document_id == from_id, suggestions.c.page >= from_page)
        .values(document_id=to_id)
    )


def kept_together(connection: Connection, document_id: int) -> frozenset[int]:
    """The pages of a document at which a person left, or put, pages together."""
    statement = select(suggestions.c.page).where(
        suggestions.c.document_id == document_id, suggestions.c.answer == Answer.KEPT.value
    )
    return frozenset(connection.execute(statement).scalars())

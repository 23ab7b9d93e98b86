"""Who has a document of the review queue open, so that two clerks do not decide on it at once.

It is a hint and never a lock: it runs out by itself, and whoever decides first has decided.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from chartkeeper.records.schema import openings

# After so long without a sign, whoever had it open is taken to have left it.
LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Opening:
    """A document that `by` has open since then."""

    document_id: int
    by: str
    since: datetime


def note(connection: Connection, document_id: int, by: str, now: datetime) -> Opening | None:
    """Note that somebody opens a document; returns who else has it open, if anybody has.

    A person works on one document at a time: what the same had open before is open no more.
    """
    before = _live(connection, [document_id], now).get(document_id)
    leave(connection, by)
    if before and before.by != by:
        return before
    close(connection, document_id)
    since = before.since if before else now
    values = {"document_id": document_id, "user_name": by, "since": since, "seen_at": now}
    connection.execute(insert(openings).values(**values))
    return None


def of_others(
    connection: Connection, document_ids: Collection[int], by: str, now: datetime
) -> dict[int, Opening]:
    """Those of these documents that somebody other than `by` has open, by number."""
    live = _live(connection, document_ids, now)
    return {number: opening for number, opening in live.items() if opening.by != by}


def close(connection: Connection, document_id: int) -> None:
    """Nobody has the document open any more: it was decided on."""
    connection.execute(delete(openings).where(openings.c.document_id == document_id))


def leave(connection: Connection, by: str) -> None:
    """Somebody has nothing open any more."""
    connection.execute(delete(openings).where(openings.c.user_name == by))


def _live(
    connection: Connection, document_ids: Collection[int], now: datetime
) -> dict[int, Opening]:
    statement = select(openings.c.document_id, openings.c.user_name, openings.c.since).where(
        openings.c.document_id.in_(document_ids), openings.c.seen_at > now - LASTS
    )
    rows = connection.execute(statement)
    return {number: Opening(number, name, since) for number, name, since in rows}

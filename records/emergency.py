"""Emergency access: who opened which chart without the right to it, why, and what came of it.

Each is asked for by a person with a reason, holds for one chart and a short time, and stays open
until somebody else has looked at it (45 CFR 164.312(a)(2)(ii); healthcare.md, section 1).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from chartkeeper.records.access import Grant
from chartkeeper.records.counting import number_of
from chartkeeper.records.errors import EmergencyReviewed, OwnEmergency, UnknownEmergency
from chartkeeper.records.model import User
from chartkeeper.records.schema import emergencies

MAX_NOTE_CHARS = 300


class EmergencyReason(StrEnum):
    """Why somebody needs a chart at once; few and short, or all would take the first."""

    TREATMENT = "treatment"
    DANGER = "danger"
    COVERING = "covering"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: which chart, why, for how long."""

    patient_id: int
    reason: EmergencyReason
    note: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Emergency:
    """An emergency access as it stands; `reviewed_by` is None until somebody has looked at it.

    `ended_at` is when its owner ended it early, None if that never was.
    """

    grant: Grant
    user_name: str
    reason: EmergencyReason
    note: str
    ended_at: datetime | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    review_note: str | None


def begin(connection: Connection, user: User, wish: Wish, now: datetime) -> Grant:
    """Give somebody emergency access; whoever asks for it has been told apart by a password."""
    until = now + timedelta(minutes=wish.minutes)
    result = connection.execute(
        insert(emergencies).values(
            user_id=user.id,
            user_name=user.name,
            patient_id=wish.patient_id,
            reason=wish.reason.value,
            note=wish.note,
            begun_at=now,
            until=until,
        )
    )
    assert result.inserted_primary_key is not None  # noqa: S101 - narrows the type; always set
    return Grant(int(result.inserted_primary_key[0]), wish.patient_id, now, until)


def live_of(connection: Connection, user_id: int, now: datetime) -> tuple[Grant, ...]:
    """The emergency accesses of somebody that hold now."""
    statement = _all().where(emergencies.c.user_id == user_id, emergencies.c.until > now)
    live = filter(
        lambda grant: grant.holds(now), map(_grant, connection.execute(statement).mappings())
    )
    return tuple(sorted(live, key=lambda grant: grant.id))


def end(connection: Connection, emergency_id: int, user_id: int, now: datetime) -> Grant | None:
    """End one's own emergency access early; None if it does not hold any more, or is another's."""
    live = (grant for grant in live_of(connection, user_id, now) if grant.id == emergency_id)
    found = next(live, None)
    if found:
        mine = update(emergencies).where(emergencies.c.id == emergency_id)
        connection.execute(mine.values(until=now, ended_at=now))
    return found


def review(connection: Connection, emergency_id: int, by: User, note: str, now: datetime) -> Grant:
    """Write down what somebody found who looked at an emergency access.

    Raises UnknownEmergency, OwnEmergency, EmergencyReviewed.
    """
    found = get(connection, emergency_id)
    if found.user_name == by.name:
        raise OwnEmergency
    if found.reviewed_by is not None:
        raise EmergencyReviewed(found.reviewed_by)
    values = {"reviewed_by": by.name, "reviewed_at": now, "review_note": note}
    connection.execute(update(emergencies).where(emergencies.c.id == emergency_id).values(**values))
    return found.grant


def get(connection: Connection, emergency_id: int) -> Emergency:
    """The emergency access of this number. Raises UnknownEmergency."""
    statement = _all().where(emergencies.c.id == emergency_id)
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise UnknownEmergency
    return _emergency(row)


def open_ones(connection: Connection, limit: int) -> list[Emergency]:
    """Those that nobody has looked at, oldest first."""
    statement = _all().where(emergencies.c.reviewed_by.is_(None)).order_by(emergencies.c.id)
    return [_emergency(row) for row in connection.execute(statement.limit(limit)).mappings()]


def reviewed(connection: Connection, limit: int) -> list[Emergency]:
    """Those that somebody has looked at, newest first."""
    statement = _all().where(emergencies.c.reviewed_by.is_not(None))
    newest = statement.order_by(emergencies.c.id.desc()).limit(limit)
    return [_emergency(row) for row in connection.execute(newest).mappings()]


def count_open(connection: Connection) -> int:
    """How many nobody has looked at."""
    return number_of(connection, emergencies.c.reviewed_by.is_(None))


def _all() -> Select[Any]:
    return select(emergencies)


def _grant(row: RowMapping) -> Grant:
    return Grant(row["id"], row["patient_id"], row["begun_at"], row["until"])


def _emergency(row: RowMapping) -> Emergency:
    return Emergency(
        grant=_grant(row),
        user_name=row["user_name"],
        reason=EmergencyReason(row["reason"]),
        note=row["note"],
        ended_at=row["ended_at"],
        reviewed_by=row["reviewed_by"],
        reviewed_at=row["reviewed_at"],
        review_note=row["review_note"],
    )

"""What users looked for: kept under a random name, which is all that an address shows."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, insert, select

from chartkeeper.records.schema import searches


def keep(connection: Connection, user_id: int, query: str, now: datetime) -> str:
    """Keep the words of a search; returns the name under which they are found again."""
    name = secrets.token_urlsafe(16)
    connection.execute(insert(searches).values(id=name, user_id=user_id, query=query, at=now))
    return name


def find(connection: Connection, user_id: int, name: str) -> str | None:
    """The words of a search of this user; nobody sees the searches of others."""
    mine = (searches.c.id == name) & (searches.c.user_id == user_id)
    return connection.execute(select(searches.c.query).where(mine)).scalar_one_or_none()

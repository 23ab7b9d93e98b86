"""How each inbox stands, as the watcher last saw it: what troubles it, and what lies in it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, exists, insert, select, update

from chartkeeper.records.schema import arrivals, inboxes

MAX_LATE_NAMED = 20
NO_LONGER_NAMED = (
    "This inbox is not in chartkeeper.toml any more, but files of it are still being taken in. "
    "Name it again with the same folder until they are through."
)


@dataclass(frozen=True, slots=True)
class Late:
    """A file that has lain in an inbox for long: its name there, for how long, and why."""

    name: str
    minutes: int
    why: str


@dataclass(frozen=True, slots=True)
class InboxState:
    """An inbox at one moment.

    `trouble` says in a clerk's words what keeps the inbox from being used, empty if nothing does.
    `waiting` files lie in it, `late_count` of them for long; `late` names the first of those.
    """

    name: str
    department: str = ""
    source: str = ""
    trouble: str = ""
    waiting: int = 0
    late_count: int = 0
    late: tuple[Late, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxRow:
    """The state of an inbox, when it was seen, and since when its trouble lasts."""

    state: InboxState
    seen_at: datetime
    trouble_since: datetime | None


def note(connection: Connection, state: InboxState, now: datetime) -> None:
    """Keep how an inbox stands now."""
    mine = inboxes.c.name == state.name
    before = connection.execute(select(inboxes).where(mine)).mappings().one_or_none()
    values = {**_values(state), "seen_at": now, "trouble_since": _since(before, state, now)}
    if before is None:
        connection.execute(insert(inboxes).values(**values))
    else:
        connection.execute(update(inboxes).where(mine).values(**values))


def all_noted(connection: Connection) -> list[InboxRow]:
    """Every inbox by name, as it was last seen."""
    rows = connection.execute(select(inboxes).order_by(inboxes.c.name)).mappings()
    return [InboxRow(_state(row), row["seen_at"], row["trouble_since"]) for row in rows]


def retire(connection: Connection, names: Sequence[str], now: datetime) -> None:
    """Forget inboxes other than these; one of which files are still claimed is in trouble."""
    others = inboxes.c.name.not_in(names)
    claimed = exists().where(arrivals.c.inbox == inboxes.c.name, arrivals.c.cleared.is_(False))
    connection.execute(inboxes.delete().where(others, ~claimed))
    connection.execute(
        update(inboxes).where(others).values(trouble=NO_LONGER_NAMED, trouble_since=now)
    )


def _since(before: RowMapping | None, state: InboxState, now: datetime) -> datetime | None:
    if not state.trouble:
        return None
    same = before is not None and before["trouble"] == state.trouble
    return before["trouble_since"] if before is not None and same else now


def _values(state: InboxState) -> dict[str, object]:
    late = [[item.name, item.minutes, item.why] for item in state.late[:MAX_LATE_NAMED]]
    return {
        "name": state.name,
        "department": state.department,
        "source": state.source,
        "trouble": state.trouble,
        "waiting": state.waiting,
        "late_count": state.late_count,
        "late": json.dumps(late),
    }


def _state(row: RowMapping) -> InboxState:
    fields = {name: row[name] for name in InboxState.__dataclass_fields__}
    fields["late"] = tuple(Late(*item) for item in json.loads(row["late"]))
    return InboxState(**fields)

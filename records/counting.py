"""How many rows there are in each state, without looking at all that are done one by one."""

from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Column, ColumnElement, Connection, func, select

State = TypeVar("State", bound=StrEnum)


def by_state(
    connection: Connection, column: Column[str], states: type[State], usual: State
) -> dict[State, int]:
    """How many rows of a table are in each of the states that `column` can hold.

    `usual` is the state in which nearly all rows end. Its rows are what the others leave over of
    the whole: a table is counted by the block, the rows of a state one by one.
    """
    found = {
        state: number_of(connection, column == state.value) for state in states if state != usual
    }
    whole = connection.execute(select(func.count()).select_from(column.table)).scalar_one()
    found[usual] = whole - sum(found.values())
    return {state: found[state] for state in states}


def number_of(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    """How many rows meet the conditions."""
    return connection.execute(select(func.count()).where(*conditions)).scalar_one()

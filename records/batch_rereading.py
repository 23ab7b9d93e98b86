"""A list that is read once more in another way: new lines in the place of the old ones.

Until a line is written down anew, what it was is kept under its negative number.
"""

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from chartkeeper.records import batches
from chartkeeper.records.batches import Batch, Item, change, item_of
from chartkeeper.records.model import ItemState
from chartkeeper.records.schema import batch_items
from chartkeeper.records.schema import batches as batch_table


def begin(connection: Connection, batch: Batch, source_key: str) -> Batch:
    """Have the list of a batch read anew from its first line on. Raises BatchClosed."""
    batches.go_on(connection, batch)
    mine = batch_items.c.batch_id == batch.id
    old = update(batch_items).where(mine, batch_items.c.line > 0)
    connection.execute(old.values(line=-batch_items.c.line))
    change(connection, batch.id, source_key=source_key, lines=0, listed=False)
    return batches.get(connection, batch.id)


def earlier(connection: Connection, batch_id: int, lines: Collection[int]) -> dict[int, Item]:
    """What these lines were, by line, as far as they are not written down anew yet."""
    statement = select(batch_items).where(
        batch_items.c.batch_id == batch_id,
        batch_items.c.line.in_([-line for line in lines]),
        batch_items.c.state != ItemState.SURPLUS.value,
    )
    found = [item_of(row) for row in connection.execute(statement).mappings()]
    return {-item.line: item for item in found}


def put(connection: Connection, batch: Batch, old: Item, new: Item) -> bool:
    """Write a line down in place of what it was; returns whether an excuse ended with that."""
    change(connection, batch.id, lines=batch_table.c.lines + 1)
    return batches.rewrite(connection, old.id, new)


def end(connection: Connection, batch_id: int) -> None:
    """Forget lines that the list does not have any more.

    Of files that are not named, the excused ones stay, behind the lines of the list.
    """
    old = batch_items.c.batch_id == batch_id, batch_items.c.line < 0
    stays = batch_items.c.excused_at.is_not(None), batch_items.c.state == ItemState.SURPLUS.value
    line = batches.highest_line(connection, batch_id)
    kept = select(batch_items).where(*old, *stays).order_by(batch_items.c.line.desc())
    for item in [item_of(row) for row in connection.execute(kept).mappings()]:
        if (item.root, item.file) not in batches.named(connection, batch_id, [item.file]):
            line += 1
            mine = batch_items.c.id == item.id
            connection.execute(update(batch_items).where(mine).values(line=line))
    connection.execute(batch_items.delete().where(*old))

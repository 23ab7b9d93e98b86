"""The words on pages that led to a decision, a candidate or a suggestion, kept in the ledger."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select

from chartkeeper.ocr.page import Box
from chartkeeper.records.model import Evidence
from chartkeeper.records.schema import evidence


def keep_evidence(connection: Connection, items: Sequence[Evidence], **owner: int) -> None:
    """Keep what backs one thing; `owner` names the column of that thing and its number."""
    rows = [
        {
            **owner,
            "page": item.page,
            "left": item.box and item.box.left,
            "top": item.box and item.box.top,
            "width": item.box and item.box.width,
            "height": item.box and item.box.height,
            "text": item.text,
            "meaning": item.meaning,
            "weight": item.weight,
        }
        for item in items
    ]
    if rows:
        connection.execute(insert(evidence), rows)


def evidence_of(
    connection: Connection, owner: ColumnElement[int], owner_ids: Sequence[int]
) -> dict[int, tuple[Evidence, ...]]:
    """What backs each of these, by its number; `owner` is the column of the kind of thing."""
    statement = select(evidence, owner.label("owner")).where(owner.in_(owner_ids))
    found: dict[int, tuple[Evidence, ...]] = {}
    for row in connection.execute(statement.order_by(evidence.c.id)).mappings():
        found[row["owner"]] = (*found.get(row["owner"], ()), _one(row))
    return found


def _one(row: RowMapping) -> Evidence:
    box = None
    if row["left"] is not None:
        box = Box(row["left"], row["top"], row["width"], row["height"])
    return Evidence(row["page"], box, row["text"], row["meaning"], row["weight"])

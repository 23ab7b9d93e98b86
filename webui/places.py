"""Where pages that are known by their number belong."""

from collections.abc import Sequence
from dataclasses import dataclass

from chartkeeper.records.database import Connection
from chartkeeper.records.schema import pages


@dataclass(frozen=True, slots=True)
class Place:
    """A page's place: its document, its scan, and its number within the scan."""

    document_id: int
    scan_id: int
    number: int


def places(connection: Connection, page_ids: Sequence[int]) -> dict[int, Place]:
    """The place of each of these pages that exists and belongs to a document."""
    wanted = pages.c.id.in_(page_ids) & pages.c.document_id.is_not(None)
    return {
        row["id"]: Place(row["document_id"], row["scan_id"], row["number"])
        for row in connection.execute(pages.select().where(wanted)).mappings()
    }

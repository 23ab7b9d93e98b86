"""A migration that waits to be read: real small pages, stored and noted as an import does."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sheets import draw, spelled

from chartkeeper.ingest.claims import set_down
from chartkeeper.ocr.examine import FileFacts
from chartkeeper.ocr.formats import Format
from chartkeeper.records import arrivals
from chartkeeper.records.database import Ledger
from chartkeeper.records.model import Lane
from chartkeeper.records.vault import Vault

DRAWN_PAGES = 20


def stock(ledger: Ledger, vault: Vault, folder: Path, files: int, pages: int) -> None:
    """Have so many files of so many pages each wait in the migration lane.

    The pages of a file come from a few that were drawn; files differ in what follows the picture.
    """
    content = _drawn(folder / "pages.tif", pages)
    for number in range(files):
        source = folder / "legacy.tif"
        source.write_bytes(content + b"legacy %d" % number)
        stored, now = vault.store(source), datetime.now(UTC)
        seen = arrivals.Seen(
            str(folder), f"legacy{number:05d}.tif", uuid4().hex, Lane.MIGRATION, stored.size
        )
        with ledger.write() as connection:
            arrival = arrivals.claim(connection, seen, now)
            set_down(connection, arrival, FileFacts(Format.TIFF, pages), stored, now)
            arrivals.mark_cleared(connection, arrival.id)


def _drawn(path: Path, pages: int) -> bytes:
    first, *rest = _sheets(pages)
    first.save(
        path, "TIFF", save_all=True, append_images=rest, compression="group4", dpi=(200, 200)
    )
    return path.read_bytes()


def _sheets(pages: int) -> Iterator[object]:
    drawn = [
        draw(("PROGRESS NOTE", f"old {spelled(number)}", "potassium normal")).convert("1")
        for number in range(min(pages, DRAWN_PAGES))
    ]
    return (drawn[number % len(drawn)] for number in range(pages))

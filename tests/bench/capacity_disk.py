"""Bytes a page: of the ledger by table, of the vault beside the originals, of the index."""

import sqlite3
import tempfile
from pathlib import Path

from sqlalchemy import select

from chartkeeper.folders import Home
from chartkeeper.index.entry import PageEntry
from chartkeeper.index.store import create_index, open_writer
from chartkeeper.records import schema
from chartkeeper.records.database import open_ledger

INDEXED_PAGES = 3_000
INDEXED_AT_ONCE = 200
BLOCK_BYTES = 512


def disk_use(home: Home) -> dict[str, object]:
    """Bytes by table and index of the ledger, and a page, and of the vault and the index."""
    by_name = dict(_stored(home.ledger))
    pages = _count(home.ledger, "pages")
    return {
        "pages": pages,
        "ledger_bytes": home.ledger.stat().st_size,
        "ledger_bytes_a_page": home.ledger.stat().st_size / pages,
        "ledger_bytes_a_page_by_table": {
            name: round(size / pages, 1)
            for name, size in sorted(by_name.items(), key=lambda item: -item[1])
            if size / pages >= 1
        },
        "vault": _vault(home.vault),
        "index_bytes_a_page": _index_bytes(home),
    }


def _stored(ledger: Path) -> list[tuple[str, int]]:
    connection = sqlite3.connect(ledger)
    try:
        statement = "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"
        return connection.execute(statement).fetchall()
    except sqlite3.OperationalError:
        # This SQLite was built without the table of its own sizes.
        return []
    finally:
        connection.close()


def _count(ledger: Path, name: str) -> int:
    connection = sqlite3.connect(ledger)
    try:
        return int(connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0])
    finally:
        connection.close()


def _vault(folder: Path) -> dict[str, float]:
    """What lies there, and how much more of the disk that takes than the files are long."""
    facts = [path.stat() for path in folder.glob("??/*")]
    folders = sum(path.stat().st_size for path in folder.glob("??"))
    taken = sum(one.st_blocks * BLOCK_BYTES for one in facts) + folders
    return {
        "originals": len(facts),
        "bytes": sum(one.st_size for one in facts),
        "overhead_bytes_an_original": (taken - sum(one.st_size for one in facts)) / len(facts),
    }


def _index_bytes(home: Home) -> float:
    """Of an index of some of the pages, made for this."""
    ledger = open_ledger(home.ledger)
    statement = select(schema.page_words.c.page_id, schema.page_words.c.text)
    with ledger.read() as connection:
        rows = connection.execute(statement.limit(INDEXED_PAGES)).all()
    ledger.close()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "index"
        create_index(folder)
        with open_writer(folder) as writer:
            for first in range(0, len(rows), INDEXED_AT_ONCE):
                writer.write([_entry(*row) for row in rows[first : first + INDEXED_AT_ONCE]], [])
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return size / len(rows)


def _entry(page_id: int, text: str) -> PageEntry:
    return PageEntry(str(page_id), "letter", "1000001", "TESTER SAM", None, text)

"""A ledger that an older version made is brought up to date with everything that is in it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from chartkeeper.records import (
    accounts,
    arrivals,
    batches,
    database,
    documents,
    pages,
    restricted,
    review_queue,
    scans,
    verify,
)
from chartkeeper.records.access import Reader
from chartkeeper.records.database import (
    NEWEST_REVISION,
    create_ledger,
    known_revisions,
    open_ledger,
)
from chartkeeper.records.errors import LedgerOutdated
from chartkeeper.records.model import Lane, PageState, Role
from chartkeeper.records.schema import metadata

MIGRATIONS = Path(database.__file__).parent / "migrations"
SHA = "ab" * 32
AT = "2025-03-07 10:00:00.000000"
# A scan of three pages: one read, one that waits, one in the hands of a reader who is gone.
ROWS = {
    "scans": [
        {"id": 1, "sha256": SHA, "format": "tiff", "size": 9, "page_count": 3, "lane": "migration",
         "state": "stored", "stored_at": AT, "unread": 2},
    ],
    "arrivals": [
        {"id": 1, "inbox": "inbox", "name": "a.tif", "claim": "c" * 32, "lane": "migration",
         "state": "accepted", "scan_id": 1, "seen_at": AT, "cleared": 0, "size": 9},
    ],
    "pages": [
        {"id": number, "scan_id": 1, "number": number, "state": state, "lane": "migration",
         "attempts": 1, "reader": "me" if state == "reading" else None}
        for number, state in ((1, "read"), (2, "waiting"), (3, "reading"))
    ],
    "page_words": [{"page_id": 1, "text": "potassium", "words": b""}],
}  # fmt: skip


def made_at(path, revision):
    """A ledger as the version with this revision made it, with something in it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    with closing(sqlite3.connect(path)) as raw:
        for table, rows in ROWS.items():
            known = {row[1] for row in raw.execute(f"PRAGMA table_info({table})")}
            for row in rows:
                given = {name: value for name, value in row.items() if name in known}
                marks = ", ".join("?" * len(given))
                names = ", ".join(given)
                raw.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [*given.values()])
        raw.commit()


def test_what_it_works_with_is_the_last_migration():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST_REVISION]


@pytest.mark.parametrize("revision", sorted(known_revisions()))
def test_from_every_revision_on(tmp_path, revision):
    path = tmp_path / "ledger.db"
    made_at(path, revision)
    if revision != max(known_revisions()):
        with pytest.raises(LedgerOutdated, match=revision):
            open_ledger(path)
    create_ledger(path)
    ledger = open_ledger(path)
    with ledger.write() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        (arrival,) = arrivals.newest(connection, 10)
        assert (arrival.name, arrival.lane) == ("a.tif", Lane.MIGRATION)
        assert batches.newest(connection, 10) == []
        assert scans.ready_to_file(connection) == []
        pages.interrupted(connection, "me", 10, "interrupted too often")
        tasks = pages.lease(connection, "a reader", 10, datetime.now(UTC), 60)
        assert [task.number for task in tasks] == [2, 3]
        assert verify.verify_counts(connection) == []
        assert pages.counts(connection)[PageState.READ] == 1
    ledger.close()


def test_what_waits_for_a_clerk_has_waited_since_it_came_in(tmp_path):
    path = tmp_path / "ledger.db"
    made_at(path, "0005")
    columns = "scan_id, first_page, last_page, status, reason, version"
    with closing(sqlite3.connect(path)) as raw:
        for number, status in ((1, "review"), (2, "filed")):
            row = (1, number, number, status, "a clerk must look", 1)
            raw.execute(f"INSERT INTO documents ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)
        raw.commit()
    create_ledger(path)
    ledger = open_ledger(path)
    with ledger.read() as connection:
        waits, filed = documents.of_scan(connection, 1)
        assert waits.waiting_since == datetime.fromisoformat(f"{AT}+00:00")
        assert filed.waiting_since is None
        assert review_queue.waiting(connection, 10) == [waits]
    ledger.close()


def test_nobody_of_an_older_home_has_the_right_and_nothing_in_it_is_restricted(tmp_path):
    path = tmp_path / "ledger.db"
    made_at(path, "0007")
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(
            "INSERT INTO users (id, name, role, password_hash, disabled, failures)"
            " VALUES (1, 'ann', 'administrator', 'x', 0, 0)"
        )
        row = (1, 1, 1, "filed", "", 1, "letter", AT)
        columns = "scan_id, first_page, last_page, status, reason, version, type, waiting_since"
        marks = "?, ?, ?, ?, ?, ?, ?, ?"
        raw.execute(f"INSERT INTO documents ({columns}) VALUES ({marks})", row)
        raw.execute("UPDATE pages SET document_id = 1")
        raw.commit()
    create_ledger(path)
    ledger = open_ledger(path)
    with ledger.read() as connection:
        assert not accounts.get_user(connection, "ann").restricted
        assert documents.facts(connection, 1).restricted is None
    nobody = Reader(Role.STAFF, datetime.now(UTC))
    with ledger.on_behalf_of(lambda: nobody).read() as connection:
        assert restricted.hidden_pages(connection) == frozenset()
        assert pages.words(connection, 2) == ()
    ledger.close()

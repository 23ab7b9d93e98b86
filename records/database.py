"""Opening the ledger: one engine, short transactions, and the schema at the right revision."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from chartkeeper.records.errors import LedgerMissing, LedgerOutdated, LedgerUnavailable

__all__ = ["Connection", "Ledger", "create_ledger", "open_ledger"]

BUSY_TIMEOUT_SECONDS = 30
# Locked for too long, disk full or failing: the machine's fault, never that of a file.
MACHINE_FAULTS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # A commit that was acknowledged survives a power cut; NORMAL would not promise that.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
)


class Ledger:
    """The open ledger. Hands out transactions; the functions of this room take them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the ledger and changes nothing.

        Raises LedgerUnavailable.
        """
        with _available(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may change the ledger: all of it is kept, or nothing.

        Raises LedgerUnavailable; then nothing was kept.
        """
        with _available(), self._engine.connect() as connection:
            writing = connection.execution_options(writing=True)
            with writing.begin():
                yield writing

    def close(self) -> None:
        """Give the files back."""
        self._engine.dispose()


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        # The low byte is the kind of failure, the others say more of it.
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in MACHINE_FAULTS:
            raise LedgerUnavailable from None
        raise


def create_ledger(path: Path) -> None:
    """Make the ledger at `path`, or bring one made by an older version up to date."""
    engine = _engine(path)
    with engine.connect() as connection:
        command.upgrade(_alembic(connection), "head")
    engine.dispose()
    path.chmod(0o600)


def open_ledger(path: Path) -> Ledger:
    """Open the ledger at `path`.

    Raises LedgerMissing where there is none, LedgerOutdated where it is of another revision.
    """
    if not path.is_file():
        raise LedgerMissing
    engine = _engine(path)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    wanted = ScriptDirectory.from_config(_alembic(None)).get_current_head()
    if found != wanted:
        engine.dispose()
        raise LedgerOutdated(found, str(wanted))
    return Ledger(engine)


def _engine(path: Path) -> Engine:
    # Values of a statement are patient data more often than not; an error must not repeat them.
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
    # The driver must not open transactions by itself: it would open them too late and unlocked.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    # Taking the write lock at once means waiting for it, instead of failing half way.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _alembic(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config

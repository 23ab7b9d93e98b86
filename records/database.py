"""Opening the ledger: one engine, short transactions, and the schema at the right revision."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chartkeeper.records.access import Reader, Reading
from chartkeeper.records.errors import (
    LedgerDamaged,
    LedgerMissing,
    LedgerOutdated,
    LedgerTooNew,
    LedgerUnavailable,
)

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["Connection", "Ledger", "create_ledger", "look_into", "open_copy", "open_ledger"]

# The revision of the schema that this version works with: that of the last migration. Later
# versions count on from it.
NEWEST_REVISION = "0008"
BUSY_TIMEOUT_SECONDS = 30
LARGEST_IDLE_LOG_BYTES = 64 * 1024 * 1024
MAX_DAMAGES = 20
# Locked for too long, disk full or failing: the machine's fault, never that of a file.
MACHINE_FAULTS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # A commit that was acknowledged survives a power cut; NORMAL would not promise that.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
    # While somebody reads for long the log of changes grows; it need not stay so for ever.
    f"PRAGMA journal_size_limit={LARGEST_IDLE_LOG_BYTES}",
)


class Ledger:
    """The open ledger. Hands out transactions; the functions of this room take them."""

    def __init__(self, engine: Engine, reader: Callable[[], Reader] | None = None) -> None:
        self._engine = engine
        self._reader = reader

    def on_behalf_of(self, reader: Callable[[], Reader]) -> "Ledger":
        """The same ledger for readers: each transaction gives what `reader` may open, no more."""
        return Ledger(self._engine, reader)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the ledger and changes nothing.

        Raises LedgerUnavailable.
        """
        with _available(), self._connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may change the ledger: all of it is kept, or nothing.

        Raises LedgerUnavailable; then nothing was kept.
        """
        with _available(), self._connect() as connection:
            writing = connection.execution_options(writing=True)
            with writing.begin():
                yield writing

    def _connect(self) -> Connection:
        connection = self._engine.connect()
        if self._reader is None:
            return connection
        return connection.execution_options(reading=Reading(self._reader()))

    def snapshot(self, target: Path) -> None:
        """Copy one state of the ledger into an empty file, in one step; others go on writing.

        Raises sqlite3.Error where the file cannot be written.
        """
        pooled = self._engine.raw_connection()
        try:
            driver = pooled.driver_connection
            assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - narrows the type
            with closing(sqlite3.connect(target)) as copy:
                driver.backup(copy)
                # The copy is one file that nobody writes any more.
                copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            pooled.close()

    def close(self) -> None:
        """Give the files back."""
        self._engine.dispose()


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except PoolTimeout:
        # Too many parts of one process want a connection at once.
        raise LedgerUnavailable from None
    except DatabaseError as error:
        # The low byte is the kind of failure, the others say more of it.
        kind = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if kind in DAMAGE:
            raise LedgerDamaged from None
        if isinstance(error, OperationalError) and kind in MACHINE_FAULTS:
            raise LedgerUnavailable from None
        raise


def create_ledger(path: Path) -> None:
    """Make the ledger at `path`, or bring one made by an older version up to date.

    Raises LedgerTooNew, LedgerDamaged, LedgerUnavailable; what was done until then stays and can be
    gone on with.
    """
    # Loading it takes as long as all else of this room, and most programs migrate nothing.
    from alembic import command  # noqa: PLC0415

    with look_into(path) as connection:
        _refuse_newer(revision(connection))
        # The look has begun a transaction, in which Alembic would not see its own to be ended.
        connection.rollback()
        command.upgrade(_alembic(connection), "head")
    path.chmod(0o600)


@contextmanager
def look_into(path: Path) -> Iterator[Connection]:
    """A connection to a ledger of any revision, for as long as it is needed.

    Raises LedgerDamaged, LedgerUnavailable.
    """
    engine = _engine(path)
    try:
        with _available(), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def open_ledger(path: Path) -> Ledger:
    """Open the ledger at `path`.

    Raises LedgerMissing where there is none, LedgerOutdated or LedgerTooNew where it is of another
    revision, LedgerDamaged.
    """
    if not path.is_file():
        raise LedgerMissing
    engine = _engine(path)
    with _available(), engine.connect() as connection:
        found = revision(connection)
    if found != NEWEST_REVISION:
        engine.dispose()
        _refuse_newer(found)
        raise LedgerOutdated(found, NEWEST_REVISION)
    return Ledger(engine)


def is_outdated(path: Path) -> bool:
    """Whether there is a ledger at `path`, and one of an older version.

    Raises LedgerDamaged, LedgerUnavailable.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return False
    with look_into(path) as connection:
        found = revision(connection)
    return found is not None and found < NEWEST_REVISION


def _refuse_newer(found: str | None) -> None:
    if found is not None and found > NEWEST_REVISION:
        raise LedgerTooNew(found, NEWEST_REVISION)


def open_copy(path: Path) -> Ledger:
    """Open a copy of a ledger that nobody writes, of any revision, to be read and not changed."""
    place = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(place, uri=True, isolation_level=None)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "begin", _begin)
    return Ledger(engine)


def revision(connection: Connection) -> str | None:
    """The revision of the schema that a ledger has, where Alembic keeps it."""
    tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if connection.exec_driver_sql(tables).scalar() is None:
        return None
    kept = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
    return kept.scalar_one_or_none()


def known_revisions() -> set[str]:
    """The revisions of the schema that this program can bring up to date."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as in create_ledger()

    return {
        str(step.revision) for step in ScriptDirectory.from_config(_alembic(None)).walk_revisions()
    }


def damage(connection: Connection) -> list[str]:
    """What is wrong with the database file itself and with the links between its tables."""
    said = connection.exec_driver_sql(f"PRAGMA quick_check({MAX_DAMAGES})").scalars().all()
    broken = (
        [] if list(said) == ["ok"] else [f"ledger: the file is damaged ({line})" for line in said]
    )
    links = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MAX_DAMAGES)
    return broken + [f"ledger: a row of {link[0]} belongs to none of {link[2]}" for link in links]


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


def _alembic(connection: Connection | None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - as in create_ledger()

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config

"""Whether a ledger has come to nothing, or knows of originals; asked of one of any revision."""

from pathlib import Path

from chartkeeper.records.database import Connection, look_into

# Lies in a folder that is to become a home, until all of the backup is there.
RESTORE_MARK = "restore-unfinished.txt"
TABLES = {"arrivals", "access_log"}


def is_blank(path: Path) -> bool:
    """Whether there is no ledger at `path`, or one in which nothing was ever written.

    Raises LedgerDamaged, LedgerUnavailable.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return True
    with look_into(path) as connection:
        return not (_has_tables(connection) and any(_has_rows(connection, t) for t in TABLES))


def knows_originals(path: Path) -> bool:
    """Whether the ledger at `path` names originals. Raises LedgerDamaged, LedgerUnavailable."""
    if is_blank(path):
        return False
    with look_into(path) as connection:
        return _has_rows(connection, "scans")


def _has_tables(connection: Connection) -> bool:
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    return set(found.scalars()) >= TABLES


def _has_rows(connection: Connection, table: str) -> bool:
    return bool(connection.exec_driver_sql(f"SELECT EXISTS (SELECT 1 FROM {table})").scalar_one())  # noqa: S608 - the names are constants of this module

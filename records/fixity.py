"""Whether the originals are still what they were: each read again from the disk, now and then."""

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, exists, func, insert, select

from chartkeeper.records.schema import fixity, scans

BLOCK_BYTES = 1024 * 1024
ROWS_AT_ONCE = 1000
# The first two digits of an original's name: the folders of the vault.
PREFIXES = tuple(f"{number:02x}" for number in range(256))


class Problem(StrEnum):
    """What can be wrong with an original."""

    DAMAGED = "damaged"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Original:
    """An original as the ledger names it; `size` is in bytes."""

    scan_id: int
    sha256: str
    size: int


def place_of(folder: Path, sha256: str) -> Path:
    """Where an original lies in a vault or in a store of a backup."""
    return folder / sha256[:2] / sha256


def sha256_from_disk(path: Path) -> str:
    """The SHA-256 of a file as the disk has it, in hexadecimal; raises OSError.

    What the system remembers of the file is dropped first: a copy in memory proves nothing of the
    disk, and a whole vault read through would push out what the service needs.
    """
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        _forget(file.fileno())
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
        _forget(file.fileno())
    return digest.hexdigest()


def _forget(descriptor: int) -> None:
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def check(vault: Path, original: Original) -> Problem | None:
    """Read an original again; says what is wrong with it, None if nothing is."""
    try:
        found = sha256_from_disk(place_of(vault, original.sha256))
    except FileNotFoundError:
        return Problem.MISSING
    except OSError as error:
        return Problem.DAMAGED if error.errno == errno.EIO else Problem.UNREADABLE
    return None if found == original.sha256 else Problem.DAMAGED


def note(
    connection: Connection, checked: Sequence[tuple[Original, Problem | None]], now: datetime
) -> None:
    """Write down that these originals were read again, and what was found."""
    if not checked:
        return
    numbers = [original.scan_id for original, _ in checked]
    connection.execute(delete(fixity).where(fixity.c.scan_id.in_(numbers)))
    rows = [
        {"scan_id": original.scan_id, "checked_at": now, "problem": problem and problem.value}
        for original, problem in checked
    ]
    connection.execute(insert(fixity), rows)


def newest_scan(connection: Connection) -> int:
    """The number of the newest original, 0 if there is none."""
    return int(connection.execute(select(func.coalesce(func.max(scans.c.id), 0))).scalar_one())


def every(connection: Connection, after_id: int, through_id: int, limit: int) -> list[Original]:
    """Originals by number, from behind `after_id` to `through_id`."""
    return _select(connection, scans.c.id > after_id, scans.c.id <= through_id, limit=limit)


def suspect(connection: Connection, after_id: int, through_id: int, limit: int) -> list[Original]:
    """The same, of those with which something was wrong when they were last read."""
    wrong = scans.c.id.in_(select(fixity.c.scan_id).where(fixity.c.problem.is_not(None)))
    return _select(connection, wrong, scans.c.id > after_id, scans.c.id <= through_id, limit=limit)


def unread(connection: Connection, after_id: int, through_id: int, limit: int) -> list[Original]:
    """The same, of those that were never read again."""
    never = ~exists().where(fixity.c.scan_id == scans.c.id)
    return _select(connection, never, scans.c.id > after_id, scans.c.id <= through_id, limit=limit)


def longest_ago(connection: Connection, before: datetime, limit: int) -> list[Original]:
    """The originals whose last check lies longest back, of those checked before a moment."""
    statement = (
        select(scans.c.id, scans.c.sha256, scans.c.size)
        .join_from(fixity, scans, scans.c.id == fixity.c.scan_id)
        .where(fixity.c.checked_at < before)
        .order_by(fixity.c.checked_at, fixity.c.scan_id)
        .limit(limit)
    )
    return [_original(row) for row in connection.execute(statement).mappings()]


def with_prefix(connection: Connection, prefix: str) -> dict[str, int]:
    """The originals of one folder of the vault: name to size in bytes."""
    # Compared as text, every name that begins so lies between these two.
    inside = scans.c.sha256.between(prefix, prefix + "g")
    statement = select(scans.c.sha256, scans.c.size).where(inside)
    return {str(name): int(size) for name, size in connection.execute(statement)}


def by_folder(connection: Connection) -> Iterator[tuple[str, dict[str, int]]]:
    """The same for each folder that there is, in order, one after the other."""
    statement = select(scans.c.sha256, scans.c.size).order_by(scans.c.sha256)
    rows = connection.execute(statement.execution_options(yield_per=ROWS_AT_ONCE))
    for prefix, group in groupby(rows, lambda row: str(row.sha256)[:2]):
        yield prefix, {str(name): int(size) for name, size in group}


def totals(connection: Connection) -> tuple[int, int]:
    """How many originals there are, and how many bytes."""
    statement = select(func.count(), func.coalesce(func.sum(scans.c.size), 0)).select_from(scans)
    number, size = connection.execute(statement).one()
    return int(number), int(size)


def _select(connection: Connection, *conditions: ColumnElement[bool], limit: int) -> list[Original]:
    statement = select(scans.c.id, scans.c.sha256, scans.c.size).where(*conditions)
    rows = connection.execute(statement.order_by(scans.c.id).limit(limit)).mappings()
    return [_original(row) for row in rows]


def _original(row: RowMapping) -> Original:
    return Original(row["id"], row["sha256"], row["size"])

"""Batch migration: files and folders taken in where they lie, in a lane behind the daily work."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from chartkeeper.ingest.claims import refusal, set_down
from chartkeeper.ingest.desk import INBOX, Desk
from chartkeeper.ingest.errors import SourceMissing
from chartkeeper.ingest.guard import attempt
from chartkeeper.ingest.inbox import list_inbox
from chartkeeper.ingest.locks import sole
from chartkeeper.ingest.watch import UNEXPECTED
from chartkeeper.ocr.errors import MissingProgram, UnreadableFile, UnreadablePermissions
from chartkeeper.ocr.examine import examine
from chartkeeper.records import arrivals
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.model import Arrival, ArrivalState, Lane


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import; `name` is its path below the folder that was given."""

    path: Path
    name: str
    root: str


def sources(paths: Sequence[Path]) -> list[Source]:
    """Every file under the paths, in a steady order. Raises SourceMissing."""
    found: list[Source] = []
    for path in paths:
        if path.is_dir() and str(path):
            root = str(path.resolve())
            found += [Source(item.path, item.name, root) for item in list_inbox(path)]
        elif os.path.lexists(path):
            found.append(Source(path, path.name, str(path.resolve().parent)))
        else:
            raise SourceMissing
    return sorted(found, key=lambda source: (source.root, source.name))


def remaining(desk: Desk, found: Sequence[Source]) -> list[Source]:
    """Those that an earlier run of the same import did not take in."""
    with desk.ledger.read() as connection:
        known = {root: arrivals.known_names(connection, root) for root in _roots(found)}
    return [source for source in found if source.name not in known[source.root]]


def survey(desk: Desk, found: Sequence[Source]) -> Iterator[tuple[Source, str]]:
    """What would become of each file, without taking anything: `accepted` or a reason code."""
    for source in found:
        try:
            refusal(source.path, source.name)
            examine(source.path, desk.limits)
        except UnreadableFile as error:
            yield source, error.code
        except OSError:
            yield source, "unreadable"
        else:
            yield source, ArrivalState.ACCEPTED.value


def take_in_all(desk: Desk, found: Sequence[Source]) -> Iterator[Arrival]:
    """Take the files in, one after the other; yields each with its outcome.

    Files are copied into the vault and left where they are. One import at a time: raises
    AlreadyRunning. Raises VaultFull, LedgerUnavailable, MissingProgram, after which the import can
    be resumed.
    """
    with sole(desk.locks, "import"):
        _forget_unfinished(desk)
        for source in found:
            arrival = _arrive(desk, source)
            step = partial(_take_in, desk, source, arrival)
            if not attempt(step, "arrival", arrival.id, passing=(RecordsError, MissingProgram)):
                _refuse(desk, arrival, "unexpected", UNEXPECTED)
            with desk.ledger.write() as connection:
                arrivals.mark_cleared(connection, arrival.id)
                ended = arrivals.get(connection, arrival.id)
            yield ended


def summary(outcomes: Sequence[Arrival]) -> dict[ArrivalState, int]:
    """How many files ended in which way; the numbers add up to the number of files."""
    counted = Counter(arrival.state for arrival in outcomes)
    return {state: counted[state] for state in ArrivalState}


def _roots(found: Sequence[Source]) -> set[str]:
    return {source.root for source in found}


def _forget_unfinished(desk: Desk) -> None:
    # The lock says that no other import is at work: what is still claimed came to nothing.
    with desk.ledger.write() as connection:
        for stale in arrivals.claimed_elsewhere(connection, INBOX):
            arrivals.withdraw(connection, stale.id)


def _arrive(desk: Desk, source: Source) -> Arrival:
    try:
        size = source.path.lstat().st_size
    except OSError:
        size = 0
    seen = arrivals.Seen(source.root, source.name, uuid4().hex, Lane.MIGRATION, size)
    with desk.ledger.write() as connection:
        return arrivals.claim(connection, seen, datetime.now(UTC))


def _take_in(desk: Desk, source: Source, arrival: Arrival) -> None:
    try:
        refusal(source.path, arrival.name)
        facts = examine(source.path, desk.limits)
        stored = desk.vault.store(source.path)
    except UnreadableFile as error:
        _refuse(desk, arrival, error.code, str(error))
    except OSError:
        # Gone, or on a medium that fails: this source's trouble, the others go on.
        _refuse(desk, arrival, UnreadablePermissions.code, UnreadablePermissions.reason)
    else:
        with desk.ledger.write() as connection:
            set_down(connection, arrival, facts, stored, datetime.now(UTC))


def _refuse(desk: Desk, arrival: Arrival, code: str, reason: str) -> None:
    with desk.ledger.write() as connection:
        arrivals.refuse(connection, arrival.id, code, reason)

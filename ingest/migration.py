"""Batch migration: files taken in where they lie, in a lane behind the daily work.

A batch is written down first (ingest/batches.py), then its files are looked at one after the other,
kept in the vault, and written into the ledger a few at a time. Whatever is interrupted is looked at
again: until the commit nothing has happened, after it the file is taken in.
"""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from uuid import uuid4

from chartkeeper.ingest.claims import refusal, set_down
from chartkeeper.ingest.desk import INBOX, Desk
from chartkeeper.ingest.errors import ChildNotStarted
from chartkeeper.ingest.guard import attempt
from chartkeeper.ingest.locks import sole
from chartkeeper.ingest.places import Place
from chartkeeper.ingest.sources import Sources
from chartkeeper.ingest.watch import UNEXPECTED
from chartkeeper.ocr.errors import (
    IncompleteFile,
    MissingProgram,
    UnreadableFile,
    UnreadablePermissions,
)
from chartkeeper.ocr.examine import FileFacts
from chartkeeper.records import arrivals, batches, scans
from chartkeeper.records.batch_closing import note_ended
from chartkeeper.records.batches import Batch, Item, Outcome
from chartkeeper.records.database import Connection, Ledger
from chartkeeper.records.errors import RecordsError, SourceChanged
from chartkeeper.records.findings import OF_THE_FILE, Finding
from chartkeeper.records.model import Arrival, ItemState, Lane
from chartkeeper.records.vault import Stored, file_sha256

FILES_A_COMMIT = 20
SECONDS_A_COMMIT = 2.0
MAX_FILES_A_MINUTE = 100_000
# What is the machine's fault; everything else is laid to the file.
OF_MACHINE = (RecordsError, MissingProgram, ChildNotStarted)
# Of a file that came: what was true then, and stays so.
ABOUT_ARRIVING = frozenset({Finding.SAME_CONTENT, Finding.IN_VAULT, Finding.REPLACED})
STAYS = "The file that came before it (arrival {}) stays in the vault, with its documents."
Keep = Callable[[Path, os.stat_result], Stored]
# A name that is too long is that of no file here; of every other failure nobody knows.
NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that was looked at: what it is and as what it is kept, or why it is not usable.

    Neither is there for a file that is not where it should be.
    """

    item: Item
    facts: FileFacts | None = None
    stored: Stored | None = None
    code: str = ""
    reason: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """How files are looked at: by which desk, what keeps them, and what they are read from."""

    desk: Desk
    keep: Keep
    sources: Sources


@dataclass(slots=True)
class Pace:
    """How fast files are taken: at most `files_a_minute` (0: as fast as can be), until `stop`."""

    files_a_minute: float = 0.0
    stop: Event = field(default_factory=Event)
    due: float = 0.0

    def wait(self) -> bool:
        """Wait until the next file is due; False if it is not to be taken any more."""
        now = time.monotonic()
        if self.files_a_minute:
            self.stop.wait(max(0.0, self.due - now))
            self.due = max(self.due, now) + 60 / self.files_a_minute
        return not self.stop.is_set()


def alone(desk: Desk) -> AbstractContextManager[None]:
    """Be the one import of this home. Raises AlreadyRunning."""
    return sole(desk.locks, "import")


def take_in(desk: Desk, batch: Batch, pace: Pace, sources: Sources) -> Iterator[list[Outcome]]:
    """Take the files of a batch in, a few at a time; yields what became of them, once committed.

    Files are copied into the vault and left where they are. Raises VaultFull, LedgerUnavailable,
    MissingProgram, SourceGone, after which the import can be resumed.
    """
    _forget_unfinished(desk)
    look = Look(desk, desk.vault.store, sources)
    for looked in _looks(look, desk.ledger, batch, pace):
        with desk.ledger.write() as connection:
            outcomes = [_take(connection, batch, one) for one in looked]
        yield outcomes


def survey(
    desk: Desk, scratch: Ledger, batch: Batch, pace: Pace, sources: Sources
) -> Iterator[list[Outcome]]:
    """What would become of the files of a batch in `scratch`, without taking anything.

    Raises SourceGone.
    """
    for looked in _looks(Look(desk, _measured, sources), scratch, batch, pace):
        with desk.ledger.read() as connection:
            known = {
                one.stored.sha256
                for one in looked
                if one.stored and scans.by_sha256(connection, one.stored.sha256)
            }
        with scratch.write() as connection:
            outcomes = [_surveyed(connection, batch, one, known) for one in looked]
        yield outcomes


def outcome_name(outcome: Outcome) -> str:
    """What a clerk calls it: accepted, duplicate, refused or missing; or kept as it was."""
    if outcome.kept:
        return "kept"
    if outcome.state is not ItemState.TAKEN:
        return outcome.state.value
    return "duplicate" if batches.AGAIN & set(outcome.findings) else "accepted"


def _looks(look: Look, ledger: Ledger, batch: Batch, pace: Pace) -> Iterator[list[Looked]]:
    while True:
        with ledger.read() as connection:
            waiting = batches.expected(connection, batch.id, FILES_A_COMMIT)
        some: list[Looked] = []
        until = time.monotonic() + SECONDS_A_COMMIT
        for item in waiting:
            if (some and time.monotonic() > until) or not pace.wait():
                break
            some.append(_look(look, item))
        if not some:
            return
        yield some


def _look(look: Look, item: Item) -> Looked:
    found: list[Looked] = []

    def step() -> None:
        found.append(_examined(look, item))

    if not attempt(step, "batch item", item.id, passing=OF_MACHINE):
        found = [Looked(item, code="unexpected", reason=UNEXPECTED)]
    if found[0].stored is None:
        # That may be the file's trouble, or that of all: then nothing is said of this one.
        look.sources.check()
    return found[0]


def _examined(look: Look, item: Item) -> Looked:
    path = Place(item.root, item.file).path
    try:
        before = path.lstat()
    except OSError as error:
        if error.errno in NOT_THERE:
            return Looked(item)
        code, reason = UnreadablePermissions.code, UnreadablePermissions.reason
        return Looked(item, code=code, reason=reason)
    try:
        refusal(path, item.file)
        facts = look.desk.examine(path)
        stored = look.keep(path, before)
    except SourceChanged:
        code, reason = IncompleteFile.code, IncompleteFile.reason
        return Looked(item, code=code, reason=reason, size=_size(path))
    except UnreadableFile as error:
        return Looked(item, code=error.code, reason=str(error), size=_size(path))
    except OSError:
        # On a medium that fails, or gone meanwhile: this file's trouble, the others go on.
        code, reason = UnreadablePermissions.code, UnreadablePermissions.reason
        return Looked(item, code=code, reason=reason, size=_size(path))
    return Looked(item, facts, stored, size=stored.size)


def _take(connection: Connection, batch: Batch, looked: Looked) -> Outcome:
    """Write down what was looked at: as an arrival, and as what became of the item."""
    if looked.item.scan_id is not None and not _is_another(looked):
        outcome = _kept(looked)
    elif looked.code:
        outcome = _refused(connection, looked)
    elif looked.facts is None or looked.stored is None:
        outcome = _missing()
    else:
        outcome = _arrived(connection, batch, looked)
    if batches.settle(connection, _afresh(looked.item), outcome):
        note_ended(connection, batch.id, looked.item.line, datetime.now(UTC))
    return outcome


def _is_another(looked: Looked) -> bool:
    """Whether what lies there is a usable file with another content than the one that came."""
    return looked.stored is not None and looked.stored.sha256 != looked.item.found_sha256


def _kept(looked: Looked) -> Outcome:
    """What had come stays what it is; the list may say something else of it by now."""
    item = looked.item
    assert item.found_sha256 is not None  # noqa: S101 - narrows the type; it came
    assert item.found_pages is not None  # noqa: S101 - the same
    findings = [
        *_against_list(item, item.found_sha256, item.found_pages),
        *(one for one in item.findings if one in ABOUT_ARRIVING),
        *([Finding.REPLACEMENT_REFUSED] if looked.code else []),
    ]
    return Outcome(
        ItemState.TAKEN,
        tuple(findings),
        looked.code or None,
        item.reason,
        item.found_sha256,
        item.found_pages,
        item.arrival_id,
        item.scan_id,
        kept=True,
    )


def _arrived(connection: Connection, batch: Batch, looked: Looked) -> Outcome:
    """Take a file in. One that came before under its name stays, and the line says so."""
    assert looked.facts is not None  # noqa: S101 - narrows the type; asked only when it is there
    assert looked.stored is not None  # noqa: S101 - the same
    known = scans.by_sha256(connection, looked.stored.sha256) is not None
    arrival = _arrive(connection, looked)
    set_down(connection, arrival, looked.facts, looked.stored, datetime.now(UTC))
    arrivals.mark_cleared(connection, arrival.id)
    scan_id = arrivals.get(connection, arrival.id).scan_id
    outcome = _taken(connection, batch, looked, known=known)
    outcome = replace(outcome, arrival_id=arrival.id, scan_id=scan_id)
    if looked.item.scan_id is None:
        return outcome
    reason = " ".join(filter(None, (looked.item.reason, STAYS.format(looked.item.arrival_id))))
    return replace(outcome, findings=(*outcome.findings, Finding.REPLACED), reason=reason)


def _surveyed(connection: Connection, batch: Batch, looked: Looked, known: set[str]) -> Outcome:
    if looked.code:
        outcome = Outcome(ItemState.REFUSED, (), looked.code, looked.reason)
    elif looked.stored is None:
        outcome = _missing()
    else:
        outcome = _taken(connection, batch, looked, known=looked.stored.sha256 in known)
    batches.settle(connection, _afresh(looked.item), outcome)
    return outcome


def _missing() -> Outcome:
    return Outcome(ItemState.MISSING, (Finding.NOT_THERE,))


def _refused(connection: Connection, looked: Looked) -> Outcome:
    before = looked.item.arrival_id
    outcome = Outcome(ItemState.REFUSED, (), looked.code, looked.reason, arrival_id=before)
    if before and arrivals.get(connection, before).reason_code == looked.code:
        # Tried again and no better: still the same arrival.
        return outcome
    arrival = _arrive(connection, looked)
    arrivals.refuse(connection, arrival.id, looked.code, looked.reason)
    arrivals.mark_cleared(connection, arrival.id)
    return replace(outcome, arrival_id=arrival.id)


def _taken(connection: Connection, batch: Batch, looked: Looked, *, known: bool) -> Outcome:
    assert looked.facts is not None  # noqa: S101 - narrows the type; asked only when it is there
    assert looked.stored is not None  # noqa: S101 - the same
    item, sha256, pages = looked.item, looked.stored.sha256, looked.facts.page_count
    findings = _against_list(item, sha256, pages)
    if batches.has_content(connection, batch.id, sha256, item.id):
        findings.append(Finding.SAME_CONTENT)
    elif known:
        findings.append(Finding.IN_VAULT)
    return Outcome(ItemState.TAKEN, tuple(findings), found_sha256=sha256, found_pages=pages)


def _against_list(item: Item, sha256: str, pages: int) -> list[Finding]:
    """What of a file is not as the list says."""
    findings = []
    if item.pages is not None and item.pages != pages:
        findings.append(Finding.PAGE_COUNT)
    if item.sha256 and item.sha256 != sha256:
        findings.append(Finding.CHECKSUM)
    return findings


def _arrive(connection: Connection, looked: Looked) -> Arrival:
    item = looked.item
    claim = uuid4().hex
    seen = arrivals.Seen(item.root, item.file, claim, Lane.MIGRATION, looked.size, item.priority)
    return arrivals.claim(connection, seen, datetime.now(UTC))


def _afresh(item: Item) -> Item:
    """The item without what was said of its file when it was looked at before."""
    return replace(item, findings=tuple(one for one in item.findings if one not in OF_THE_FILE))


def _forget_unfinished(desk: Desk) -> None:
    # The lock says that no other import is at work: what is still claimed came to nothing.
    with desk.ledger.write() as connection:
        for stale in arrivals.claimed_elsewhere(connection, INBOX):
            arrivals.withdraw(connection, stale.id)


def _measured(path: Path, before: os.stat_result) -> Stored:
    del before
    return Stored(file_sha256(path), path.lstat().st_size)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0

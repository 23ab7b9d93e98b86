"""A run of verify: originals, ledger, index, access log and folders held against each other.

It may run beside the service: everything is asked in an order that makes work under way no false
alarm, in short transactions.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, starmap, zip_longest
from operator import and_, gt, or_
from pathlib import Path

from chartkeeper.anchors import last_anchor, note_anchor
from chartkeeper.folders import Home
from chartkeeper.index.failures import IndexFailure
from chartkeeper.index.search import open_searcher
from chartkeeper.ingest.claimed import CLAIMS_FOLDER, SIDECAR_CLAIM
from chartkeeper.ingest.locks import sole
from chartkeeper.records import access_log, arrivals, fixity, keeping, outbox
from chartkeeper.records import verify as checks
from chartkeeper.records.database import Connection, Ledger, damage
from chartkeeper.records.failed import REASON_SUFFIX, SIDECAR_SUFFIXES
from chartkeeper.records.fixity import Original
from chartkeeper.records.keeping import MAX_FINDINGS_KEPT, Kind, Run
from chartkeeper.records.verify import Finding

ORIGINALS_AT_ONCE = 200
PAGES_AT_ONCE = 20_000
CLAIMS_AT_ONCE = 200
SAY_NOTHING: Callable[[int], None] = lambda _number: None  # noqa: E731 - a value like any other


@dataclass(frozen=True, slots=True)
class Depth:
    """How much is read again: everything, or what is new and, for so many minutes, the rest."""

    kind: Kind = Kind.FULL
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run: the run itself, and its findings as far as they are kept."""

    run: Run
    findings: tuple[Finding, ...]
    unfinished: int


@dataclass(slots=True)
class _Tally:
    """What is gathered on the way; of more findings than are kept only the number grows."""

    found: dict[Finding, None] = field(default_factory=dict)
    more: int = 0
    originals: int = 0
    bytes: int = 0

    def add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if finding in self.found:
                continue
            if len(self.found) < MAX_FINDINGS_KEPT:
                self.found[finding] = None
            else:
                self.more += 1


def verify_home(
    home: Home,
    inboxes: Mapping[str, Path],
    ledger: Ledger,
    depth: Depth,
    tell: Callable[[int], None] = SAY_NOTHING,
) -> Report:
    """Check everything, and keep what was found in the ledger; one run at a time.

    `inboxes` are its inboxes by name; `tell` is told of every batch of originals that was read.
    Raises AlreadyRunning.
    """
    with sole(home.locks, "verify"):
        started = datetime.now(UTC)
        with ledger.write() as connection:
            run_id = keeping.begin_run(connection, depth.kind, started)
        tally = _Tally()
        _read_originals(home, ledger, depth, tally, tell)
        tally.add(_all_findings(home, ledger, depth))
        for name, inbox in inboxes.items():
            found = _claim_findings(inbox / CLAIMS_FOLDER, ledger)
            tally.add(checks.looked("inbox", f"{name!r}", found))
        run = Run(
            *(run_id, depth.kind, started, datetime.now(UTC)),
            *(tally.originals, tally.bytes, len(tally.found) + tally.more),
        )
        return _finish(home, ledger, run, tally)


def _finish(home: Home, ledger: Ledger, run: Run, tally: _Tally) -> Report:
    kept = tuple(tally.found)
    with ledger.read() as connection:
        open_work, head = checks.unfinished(connection), access_log.head(connection)
    # Noted down first: a good run without its head would be taken for one that was removed.
    if not run.findings:
        note_anchor(home, head)
    with ledger.write() as connection:
        keeping.end_run(connection, run, kept, run.ended_at or run.started_at)
    return Report(run, kept, open_work)


def _all_findings(home: Home, ledger: Ledger, depth: Depth) -> Iterator[Finding]:
    yield from checks.vault_findings(ledger, home.vault)
    yield from map(checks.finding, _ledger_problems(home, ledger, depth))
    yield from map(checks.finding, _index_problems(home, ledger))
    yield from checks.looked("failed", "its folder", _failed_findings(home.failed))


def _read_originals(
    home: Home, ledger: Ledger, depth: Depth, tally: _Tally, tell: Callable[[int], None]
) -> None:
    if not os.path.isdir(home.vault):  # noqa: PTH112 - Path.is_dir raises where it may not look
        # Said once for all of them, by what looks at the folder.
        return
    for batch in _batches(ledger, depth):
        results = [(original, fixity.check(home.vault, original)) for original in batch]
        with ledger.write() as connection:
            fixity.note(connection, results, datetime.now(UTC))
        wrong = ((original, problem) for original, problem in results if problem is not None)
        tally.add(checks.original_finding(original.sha256, problem) for original, problem in wrong)
        tally.originals += len(batch)
        tally.bytes += sum(original.size for original in batch)
        tell(len(batch))


def _batches(ledger: Ledger, depth: Depth) -> Iterator[list[Original]]:
    """What is to be read again, in batches; originals that come in meanwhile are left out."""
    with ledger.read() as connection:
        through = fixity.newest_scan(connection)
    if depth.kind is Kind.FULL:
        return _by_number(ledger, fixity.every, through)
    started, deadline = datetime.now(UTC), time.monotonic() + depth.minutes * 60
    return chain(
        _by_number(ledger, fixity.suspect, through),
        _by_number(ledger, fixity.unread, through),
        _longest_ago(ledger, started, deadline),
    )


def _by_number(
    ledger: Ledger, choose: Callable[..., list[Original]], through: int
) -> Iterator[list[Original]]:
    last = 0
    while True:
        with ledger.read() as connection:
            batch = choose(connection, last, through, ORIGINALS_AT_ONCE)
        if not batch:
            return
        last = batch[-1].scan_id
        yield batch


def _longest_ago(ledger: Ledger, started: datetime, deadline: float) -> Iterator[list[Original]]:
    while time.monotonic() < deadline:
        with ledger.read() as connection:
            batch = fixity.longest_ago(connection, started, ORIGINALS_AT_ONCE)
        if not batch:
            return
        yield batch


def _ledger_problems(home: Home, ledger: Ledger, depth: Depth) -> Iterator[str]:
    whole = depth.kind is Kind.FULL
    with ledger.read() as connection:
        anchor, problems = last_anchor(home, noted=keeping.was_good_once(connection))
        yield from problems
        yield from checks.verify_counts(connection)
        yield from checks.verify_access_log(connection, anchor, whole=whole)
        if whole:
            yield from damage(connection)


def _index_problems(home: Home, ledger: Ledger) -> list[str]:
    """What the index lacks or has too much, by one byte a page before, in the index, and after.

    A page counts only if it belonged before and after; it may have come or gone meanwhile.
    """
    before = _belonging(ledger)
    try:
        indexed = _marked(map(int, open_searcher(home.index).keys()))
    except IndexFailure as error:
        return [f"index: {str(error).rstrip('.')}"]
    after = _belonging(ledger)
    certain = _joined(and_, before.certain, after.certain)
    possible = _joined(or_, before.possible, after.possible)
    missing = sum(_joined(gt, certain, indexed))
    surplus = sum(_joined(gt, indexed, possible))
    return [f"index: {missing} pages are missing, {surplus} too many"] if missing + surplus else []


@dataclass(frozen=True, slots=True)
class _Belonging:
    """A byte a page: 1 where it must be in the index, 1 where it may be since it is queued."""

    certain: bytes
    possible: bytes


def _belonging(ledger: Ledger) -> _Belonging:
    with ledger.read() as connection:
        pages = _marked(_indexable(connection))
        queued = _marked(checks.queued_page_ids(connection))
    return _Belonging(_joined(gt, pages, queued), _joined(or_, pages, queued))


def _indexable(connection: Connection) -> Iterator[int]:
    last = 0
    while batch := outbox.all_page_ids(connection, last, PAGES_AT_ONCE):
        last = batch[-1]
        yield from batch


def _marked(page_ids: Iterable[int]) -> bytes:
    marks = bytearray()
    for page_id in page_ids:
        if page_id >= len(marks):
            marks.extend(bytes(max(page_id + 1, 2 * len(marks)) - len(marks)))
        marks[page_id] = 1
    return bytes(marks)


def _joined(how: Callable[[int, int], int], one: bytes, other: bytes) -> bytes:
    return bytes(starmap(how, zip_longest(one, other, fillvalue=0)))


def _claim_findings(folder: Path, ledger: Ledger) -> Iterator[Finding]:
    """Claimed files that no arrival knows: the ledger is older than they are, or was lost."""
    # The arrival is committed before the file is moved here, so the ledger is asked last.
    names = [item.name for item in _entries(folder)]
    for first in range(0, len(names), CLAIMS_AT_ONCE):
        claims = {
            name: name.removesuffix(SIDECAR_CLAIM) for name in names[first : first + CLAIMS_AT_ONCE]
        }
        with ledger.read() as connection:
            known = arrivals.by_claims(connection, list(claims.values()))
        for name in (name for name, claim in claims.items() if claim not in known):
            if os.path.lexists(folder / name):
                remedy = "Nothing is lost: it goes back into the inbox when the service starts"
                yield Finding("inbox", f"claimed file {name[:8]} has no arrival", remedy)


def _failed_findings(folder: Path) -> Iterator[Finding]:
    """Files without the note that says why they are there; the note is written first."""
    for item in _entries(folder):
        bare = not item.name.startswith(".") and not item.name.endswith(REASON_SUFFIX)
        if bare and not _is_explained(item.path) and os.path.lexists(item.path):
            remedy = "See who put it there; drop it into the inbox if it was never filed"
            yield Finding("failed", f"file {item.name.split(' ')[0]} has no note", remedy)


def _is_explained(path: str) -> bool:
    # The note of a refused fax explains what the fax server said of it, too.
    faxes = (path.removesuffix(suffix) for suffix in SIDECAR_SUFFIXES)
    return any(os.path.lexists(name + REASON_SUFFIX) for name in (path, *faxes))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from entries

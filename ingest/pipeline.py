"""The whole way of a paper through the house, from top to bottom.

    path -> arrival -> scan -> page images -> words -> documents -> decisions -> (commit)
         -> index -> (inbox cleared)

Each stage takes what the ledger says is to be done, does it, and commits; nothing else drives
them. The order of effects is always: store, commit, index, clear the inbox. Whatever a crash
interrupts is found in the ledger and done again (docs/crash-safety.md).
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

from chartkeeper.filing.claim import wanted_too
from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.decide import file_run
from chartkeeper.filing.fax import questioned
from chartkeeper.filing.split import asked
from chartkeeper.filing.wanted import wanted
from chartkeeper.index.store import IndexWriter
from chartkeeper.ingest import learning
from chartkeeper.ingest.circumstances import (
    Circumstances,
    circumstances_of,
    doubts,
    rules_of,
    seen_at,
)
from chartkeeper.ingest.claims import (
    clear_claim,
    give_back,
    has_changed,
    move_to_claims,
    refusal,
    set_down,
    settle_claim,
    tidy,
)
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.entries import page_entry
from chartkeeper.ingest.errors import ChildNotStarted, InboxUnusable
from chartkeeper.ingest.inbox import Found, is_as_found
from chartkeeper.ingest.listed import held_against
from chartkeeper.ingest.readers import Outcome, Readers
from chartkeeper.ingest.reading import Job
from chartkeeper.ingest.runs import Run, run_of, runs_of
from chartkeeper.ingest.suspects import examined
from chartkeeper.ingest.verdicts import NO_PAGE_READ, STUMBLED, keep_outcome, undecided
from chartkeeper.ocr.errors import UnreadableFile
from chartkeeper.records import (
    arrivals,
    documents,
    outbox,
    pages,
    patients,
    scans,
    separation,
    suggestions,
)
from chartkeeper.records.database import Connection
from chartkeeper.records.documents import DocumentFacts
from chartkeeper.records.errors import SourceChanged
from chartkeeper.records.model import (
    Arrival,
    Delivery,
    Filing,
    Lane,
    PageState,
    PageTask,
    Scan,
    ScanState,
)

INDEX_PAGES_AT_ONCE = 200


def claim(
    desk: Desk, found: Found, delivery: Delivery | None = None, sidecar: Found | None = None
) -> Arrival | None:
    """File in the inbox -> arrival: written down first, then renamed out of everybody's way.

    Its sidecar is renamed before it, so that it never stays behind alone; what it said is in the
    `delivery`. None if one of them is not what was found: whoever writes it goes on. Raises
    InboxUnusable if it cannot be renamed; then nothing is claimed.
    """
    seen = seen_at(desk.profile, found, delivery, uuid4().hex)
    with desk.ledger.write() as connection:
        arrival = arrivals.claim(connection, seen, datetime.now(UTC))
    path, beside = desk.claim_path(arrival.claim), desk.sidecar_path(arrival.claim)
    try:
        if sidecar:
            move_to_claims(sidecar.path, beside)
        move_to_claims(found.path, path)
    except (InboxUnusable, OSError):
        unclaim(desk, arrival)
        raise
    if is_as_found(found, path) and (sidecar is None or is_as_found(sidecar, beside)):
        return arrival
    unclaim(desk, arrival)
    return None


def unclaim(desk: Desk, arrival: Arrival) -> None:
    """A claim that came to nothing -> what was moved of it back in the inbox, and forgotten."""
    give_back(desk, arrival)
    with desk.ledger.write() as connection:
        arrivals.withdraw(connection, arrival.id)


def take_in(desk: Desk, arrival: Arrival) -> None:
    """Arrival -> scan: checked, stored in the vault, committed; or refused with the reason.

    A file that is written to meanwhile stays claimed, and is taken in at the next turn.
    """
    path = desk.claim_path(arrival.claim)
    try:
        before = path.lstat()
        settle_claim(desk, arrival)
        refusal(path, arrival.name, desk.profile.sidecar.suffix)
        facts = examined(desk, path)
    except FileNotFoundError:
        unclaim(desk, arrival)
    except UnreadableFile as error:
        if has_changed(path, before):
            return
        with desk.ledger.write() as connection:
            arrivals.refuse(connection, arrival.id, error.code, str(error))
    else:
        try:
            stored = desk.vault.store(path, before)
        except SourceChanged:
            return
        with desk.ledger.write() as connection:
            set_down(connection, arrival, facts, stored, datetime.now(UTC))


@dataclass(slots=True)
class Tray:
    """Between the ledger and the readers: pages at hand, and pages read but not yet kept.

    At hand is at most a page a reader of each lane, so that no reader waits for a commit, and no
    page of today for one of a migration but those that are being read.
    """

    hand: list[PageTask] = field(default_factory=list)
    done: list[Outcome] = field(default_factory=list)


def read(desk: Desk, readers: Readers, tray: Tray) -> None:
    """Scan -> page images -> words: as many of the pages at hand as there are free readers."""
    while tray.hand and readers.free:
        task = tray.hand.pop(0)
        job = Job(task, desk.vault.path(task.sha256))
        try:
            readers.submit(job)
        except ChildNotStarted:
            tray.hand.insert(0, task)
            raise


def keep(desk: Desk, tray: Tray, owner: str) -> None:
    """Words -> ledger, and the next pages out of it in the same transaction.

    Today's pages come before those of a migration that are at hand already.
    """
    daily = desk.readers - sum(task.lane is Lane.DAILY for task in tray.hand)
    if not tray.done and not daily:
        return
    with desk.ledger.write() as connection:
        for outcome in tray.done:
            keep_outcome(connection, outcome)
        new = _lease(desk, connection, owner, daily, Lane.DAILY)
        new += _lease(desk, connection, owner, desk.readers - len(tray.hand) - len(new))
    tray.done.clear()
    tray.hand = sorted([*tray.hand, *new], key=lambda task: task.lane is not Lane.DAILY)


def _lease(
    desk: Desk, connection: Connection, owner: str, limit: int, only: Lane | None = None
) -> list[PageTask]:
    if limit <= 0:
        return []
    return pages.lease(connection, owner, limit, datetime.now(UTC), desk.lease_seconds, only)


def file(desk: Desk, scan: Scan) -> None:
    """Words -> documents -> decisions -> (commit)."""
    with desk.ledger.read() as connection:
        read_pages = pages.read_pages(connection, scan.id)
        facts = pages.facts_of_scan(connection, scan.id)
        heard = circumstances_of(connection, scan.id)
    unread = [page.number for page in facts if page.state is PageState.FAILED]
    missing = doubts(read_pages, heard, scan.page_count)
    # What a fax machine printed over a page is not the document's.
    rulebook = rules_of(desk.rulebook, heard.origin)
    runs = runs_of([page.body for page in read_pages], unread, rulebook)
    runs = [held_against(heard.listed, run, alone=len(runs) == 1) for run in runs]
    filings = [questioned(decide(desk, run, scan), missing) for run in runs]
    commit(desk, scan, filings, [page.reason or "" for page in facts], heard)


def file_anew(desk: Desk, facts: DocumentFacts) -> None:
    """A document that a person cut or joined -> decisions -> (commit); never over a person's."""
    document = facts.document
    with desk.ledger.read() as connection:
        scan = scans.get(connection, document.scan_id)
        read_pages = pages.read_pages(connection, scan.id)
        states = pages.facts_of_scan(connection, scan.id)
        together = suggestions.kept_together(connection, document.id)
        heard = circumstances_of(connection, scan.id)
        alone = len(documents.of_scan(connection, scan.id)) == 1
    # One that is being read again says nothing yet, and nothing is decided as if it were not there.
    unread = [page.number for page in states if page.state is not PageState.READ]
    bodies = [page.body for page in read_pages]
    run = run_of(document, bodies, unread, together, desk.rulebook)
    run = held_against(heard.listed, run, alone=alone)
    missing = doubts(read_pages, heard, scan.page_count)
    filing = questioned(decide(desk, run, scan), missing)
    with desk.ledger.write() as connection:
        separation.file_anew(connection, document.id, facts.version, filing, datetime.now(UTC))


def decide(desk: Desk, run: Run, scan: Scan) -> Filing:
    """A run of pages -> one document with its decisions."""
    clues = read_clues(run.pages)
    with desk.ledger.read() as connection:
        sought = wanted_too(wanted(clues, run.pages), run.claim)
        known = patients.known(connection, sought)
    arrived_on = scan.stored_at.date()
    rulebook = replace(desk.rulebook, learned=learning.in_use(desk))
    filing = file_run(run.pages, clues, known, rulebook, arrived_on, run.unread, claim=run.claim)
    return asked(filing, run.suggestions)


def commit(
    desk: Desk,
    scan: Scan,
    filings: list[Filing],
    reasons: list[str],
    heard: Circumstances | None = None,
) -> None:
    """The documents of a scan -> ledger, all at once and only once.

    Not if a list or fax server says something new of it meanwhile: then it is decided once more.
    """
    with desk.ledger.write() as connection:
        if scans.get(connection, scan.id).state is not ScanState.STORED:
            return
        if heard is not None and circumstances_of(connection, scan.id) != heard:
            return
        for filing in filings:
            documents.file(connection, scan.id, filing, datetime.now(UTC))
        if filings:
            scans.mark_filed(connection, scan.id)
        else:
            scans.mark_failed(connection, scan.id, next(filter(None, reasons), NO_PAGE_READ))


def index(desk: Desk, writer: IndexWriter, *, early: bool = True) -> int:
    """Ledger -> index; returns how many pages were brought up to date.

    Without `early` not those of long scans that are still being read.
    """
    with desk.ledger.read() as connection:
        due = outbox.waiting(connection, INDEX_PAGES_AT_ONCE, early=early)
        found = outbox.pages_for_index(connection, [item.page_id for item in due])
    if due:
        gone = {item.page_id for item in due} - {page.page_id for page in found}
        writer.write(map(page_entry, found), map(str, gone))
        with desk.ledger.write() as connection:
            outbox.mark_indexed(connection, due)
    return len(due)


def clear(desk: Desk) -> int:
    """Indexed -> inbox cleared; returns how many claims were cleared.

    One that cannot be cleared stops no other; the trouble with it is raised when all were tried.
    """
    cleared, last, trouble = 0, 0, None
    while some := _to_clear(desk, last):
        finished = []
        for arrival, scan in some:
            try:
                clear_claim(desk, arrival, scan)
                finished.append(arrival.id)
            except OSError as error:
                trouble = error
            last = arrival.id
        with desk.ledger.write() as connection:
            arrivals.mark_all_cleared(connection, finished)
        cleared += len(finished)
    if cleared:
        tidy(desk)
    if trouble:
        raise trouble
    return cleared


def _to_clear(desk: Desk, after_id: int) -> list[tuple[Arrival, Scan | None]]:
    with desk.ledger.read() as connection:
        some = arrivals.to_clear(connection, desk.profile.name, after_id=after_id)
        came = scans.of_numbers(connection, [one.scan_id for one in some if one.scan_id])
    return [(arrival, came.get(arrival.scan_id or 0)) for arrival in some]


def leave_to_clerk(desk: Desk, scan: Scan) -> None:
    """A scan that filing stumbled over -> one document in review; nothing is lost over it."""
    filing = undecided(1, scan.page_count, STUMBLED)
    commit(desk, scan, [filing], [])


def leave_anew_to_clerk(desk: Desk, facts: DocumentFacts) -> None:
    """The same for a document that a person put together."""
    document = facts.document
    filing = undecided(document.first_page, document.last_page, STUMBLED)
    with desk.ledger.write() as connection:
        separation.file_anew(connection, document.id, facts.version, filing, datetime.now(UTC))

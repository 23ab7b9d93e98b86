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
from chartkeeper.filing.fax import missing_pages, questioned
from chartkeeper.filing.split import asked
from chartkeeper.filing.wanted import wanted
from chartkeeper.index.store import IndexWriter
from chartkeeper.ingest import learning
from chartkeeper.ingest.claims import (
    clear_claim,
    has_changed,
    move_to_claims,
    refusal,
    set_down,
)
from chartkeeper.ingest.desk import INBOX, Desk
from chartkeeper.ingest.entries import page_entry
from chartkeeper.ingest.errors import InboxUnusable
from chartkeeper.ingest.inbox import Found
from chartkeeper.ingest.readers import Outcome, Readers
from chartkeeper.ingest.reading import Job
from chartkeeper.ingest.runs import Run, run_of, runs_of
from chartkeeper.ingest.verdicts import NO_PAGE_READ, STUMBLED, keep_outcome, undecided
from chartkeeper.ocr.errors import UnreadableFile
from chartkeeper.ocr.examine import examine
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
from chartkeeper.records.documents import DocumentFacts
from chartkeeper.records.model import (
    Arrival,
    Filing,
    Lane,
    PageState,
    PageTask,
    Scan,
    ScanState,
)

INDEX_PAGES_AT_ONCE = 200


def claim(desk: Desk, found: Found) -> Arrival:
    """File in the inbox -> arrival: written down first, then renamed out of everybody's way.

    Raises InboxUnusable if it cannot be renamed; then nothing is claimed.
    """
    seen = arrivals.Seen(INBOX, found.name, uuid4().hex, Lane.DAILY, found.size)
    with desk.ledger.write() as connection:
        arrival = arrivals.claim(connection, seen, datetime.now(UTC))
    try:
        move_to_claims(found.path, desk.claim_path(arrival.claim))
    except InboxUnusable:
        with desk.ledger.write() as connection:
            arrivals.withdraw(connection, arrival.id)
        raise
    return arrival


def take_in(desk: Desk, arrival: Arrival) -> None:
    """Arrival -> scan: checked, stored in the vault, committed; or refused with the reason.

    A file that is written to meanwhile stays claimed, and is taken in at the next turn.
    """
    path = desk.claim_path(arrival.claim)
    try:
        before = path.lstat()
        refusal(path, arrival.name)
        facts = examine(path, desk.limits)
    except FileNotFoundError:
        with desk.ledger.write() as connection:
            arrivals.withdraw(connection, arrival.id)
    except UnreadableFile as error:
        with desk.ledger.write() as connection:
            arrivals.refuse(connection, arrival.id, error.code, str(error))
    else:
        stored = desk.vault.store(path)
        if has_changed(path, before):
            return
        with desk.ledger.write() as connection:
            set_down(connection, arrival, facts, stored, datetime.now(UTC))


@dataclass(slots=True)
class Tray:
    """Between the ledger and the readers: pages at hand, and pages read but not yet kept.

    At hand is at most a page a reader, so that nobody waits for a commit.
    """

    hand: list[PageTask] = field(default_factory=list)
    done: list[Outcome] = field(default_factory=list)


def read(desk: Desk, readers: Readers, tray: Tray) -> None:
    """Scan -> page images -> words: as many of the pages at hand as there are free readers."""
    while tray.hand and readers.free:
        task = tray.hand.pop(0)
        readers.submit(Job(task, desk.vault.path(task.sha256)))


def keep(desk: Desk, tray: Tray, owner: str) -> None:
    """Words -> ledger, and the next pages out of it in the same transaction.

    Today's pages come before those of a migration that are at hand already.
    """
    wanted = desk.readers - sum(task.lane is Lane.DAILY for task in tray.hand)
    if not tray.done and not wanted:
        return
    with desk.ledger.write() as connection:
        for outcome in tray.done:
            keep_outcome(connection, outcome)
        new = pages.lease(connection, owner, wanted, datetime.now(UTC), desk.lease_seconds)
    tray.done.clear()
    tray.hand = sorted([*tray.hand, *new], key=lambda task: task.lane is not Lane.DAILY)


def file(desk: Desk, scan: Scan) -> None:
    """Words -> documents -> decisions -> (commit)."""
    with desk.ledger.read() as connection:
        read_pages = pages.read_pages(connection, scan.id)
        facts = pages.facts_of_scan(connection, scan.id)
    unread = [page.number for page in facts if page.state is PageState.FAILED]
    missing = missing_pages(read_pages)
    # What a fax machine printed over a page is not the document's.
    runs = runs_of([page.body for page in read_pages], unread, desk.rulebook)
    filings = [questioned(decide(desk, run, scan), missing) for run in runs]
    commit(desk, scan, filings, [page.reason or "" for page in facts])


def file_anew(desk: Desk, facts: DocumentFacts) -> None:
    """A document that a person cut or joined -> decisions -> (commit); never over a person's."""
    document = facts.document
    with desk.ledger.read() as connection:
        scan = scans.get(connection, document.scan_id)
        read_pages = pages.read_pages(connection, scan.id)
        states = pages.facts_of_scan(connection, scan.id)
        together = suggestions.kept_together(connection, document.id)
    unread = [page.number for page in states if page.state is PageState.FAILED]
    bodies = [page.body for page in read_pages]
    run = run_of(document, bodies, unread, together, desk.rulebook)
    filing = questioned(decide(desk, run, scan), missing_pages(read_pages))
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


def commit(desk: Desk, scan: Scan, filings: list[Filing], reasons: list[str]) -> None:
    """The documents of a scan -> ledger, all at once and only once."""
    with desk.ledger.write() as connection:
        if scans.get(connection, scan.id).state is not ScanState.STORED:
            return
        for filing in filings:
            documents.file(connection, scan.id, filing, datetime.now(UTC))
        if filings:
            scans.mark_filed(connection, scan.id)
        else:
            scans.mark_failed(connection, scan.id, next(filter(None, reasons), NO_PAGE_READ))


def index(desk: Desk, writer: IndexWriter) -> int:
    """Ledger -> index; returns how many pages were brought up to date."""
    with desk.ledger.read() as connection:
        due = outbox.waiting(connection, INDEX_PAGES_AT_ONCE)
        found = outbox.pages_for_index(connection, [item.page_id for item in due])
    if due:
        gone = {item.page_id for item in due} - {page.page_id for page in found}
        writer.write(map(page_entry, found), map(str, gone))
        with desk.ledger.write() as connection:
            outbox.mark_indexed(connection, due)
    return len(due)


def clear(desk: Desk) -> int:
    """Indexed -> inbox cleared; returns how many claims were cleared."""
    with desk.ledger.read() as connection:
        done = arrivals.to_clear(connection, INBOX)
    for arrival in done:
        with desk.ledger.read() as connection:
            scan = scans.get(connection, arrival.scan_id) if arrival.scan_id else None
        clear_claim(desk, arrival, scan)
        with desk.ledger.write() as connection:
            arrivals.mark_cleared(connection, arrival.id)
    return len(done)


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

"""Proof that nothing was lost: originals re-hashed, counts reconciled, the access log checked."""

import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, ScalarSelect, exists, func, select

from chartkeeper.records import access_log
from chartkeeper.records.contradictions import document_problems
from chartkeeper.records.database import Ledger
from chartkeeper.records.fixity import PREFIXES, Problem, with_prefix
from chartkeeper.records.model import TO_BE_READ, ArrivalState, ItemState, PageState, ScanState
from chartkeeper.records.schema import (
    arrivals,
    batch_items,
    batches,
    documents,
    index_queue,
    page_words,
    pages,
)
from chartkeeper.records.schema import scans as scan_table

YOUNG_SECONDS = 600
ORIGINAL_NAME = re.compile("[0-9a-f]{64}")
CLOSED = "Give the service's account the right to look into it, and check its disk or share"
FOREIGN = "Nothing but originals belongs there: see who put it there, and move it away"
HALF_COPY = "Nothing is lost: it is removed when the service starts"
UNKNOWN = (
    "It was stored and never recorded, or the ledger is older than the vault: see whether the "
    "ledger was put back from a backup, and drop a copy of the file into the inbox"
)
TELL = "Keep the machine as it is, back the home up to a new folder, and report it as a fault"
REMEDIES = {
    "arrivals": TELL,
    "pages": TELL,
    "documents": TELL,
    "decisions": (
        "The ledger was changed by something else than the program: keep the machine as it is, "
        "tell the privacy officer, and have a clerk decide on these documents again"
    ),
    "imports": TELL,
    "ledger": "Restore the newest whole backup into a new home, and have the disk examined",
    "access log": "Keep the machine as it is and tell the privacy officer",
    "index": "Nothing is lost. Run: chartkeeper reindex",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: where, what, and what to do about it."""

    place: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """One line for the administrator."""
        return f"{self.place}: {self.what}. {self.remedy}."


def finding(problem: str) -> Finding:
    """A problem as the checks of this room word it ("place: what"), with its remedy."""
    place, _, what = problem.partition(": ")
    return Finding(place, what, REMEDIES[place])


def original_finding(sha256: str, problem: Problem) -> Finding:
    """An original that is not what it was; `problem` says how."""
    if problem is Problem.UNREADABLE:
        remedy = "Give the service's account the right to read the vault, and check its disk"
        return Finding("vault", f"original {sha256[:12]} cannot be read", remedy)
    place = f"{sha256[:2]}/{sha256}"
    remedy = f"Copy originals/{place} of a backup to vault/{place} and verify again"
    return Finding("vault", f"original {sha256[:12]} is {problem.value}", remedy)


def looked(place: str, what: str, found: Iterable[Finding]) -> Iterator[Finding]:
    """What a look into a folder finds; one that may not be looked into is a finding itself."""
    try:
        yield from found
    except OSError:
        yield Finding(place, f"{what} cannot be looked into", CLOSED)


def vault_findings(ledger: Ledger, vault: Path) -> Iterator[Finding]:
    """Files of the vault against the ledger, one folder after the other.

    An original comes before its row: one that the ledger does not know is only told of when it is
    no longer young, and may not belong to an arrival under way. So for half copies.
    """
    if not os.path.isdir(vault):  # noqa: PTH112 - Path.is_dir raises where it may not look
        yield Finding(
            "vault", "there is no vault", "Connect its disk, then start the service again"
        )
        return
    yield from looked("vault", "its folder", _strays(vault))
    if not os.access(vault, os.R_OK | os.X_OK):
        # Said above, once for all that lies in it.
        return
    for prefix in PREFIXES:
        with ledger.read() as connection:
            known = with_prefix(connection, prefix)
        yield from looked("vault", f"folder {prefix}", _folder_findings(known, vault / prefix))


def _strays(vault: Path) -> Iterator[Finding]:
    for item in list(os.scandir(vault)):
        if item.name in PREFIXES and item.is_dir(follow_symlinks=False):
            continue
        if not item.name.endswith(".part"):
            yield Finding("vault", "a foreign file or folder lies in the vault", FOREIGN)
        elif _age_seconds(item) > YOUNG_SECONDS:
            yield Finding("vault", "a half copy was left in the vault", HALF_COPY)


def _folder_findings(known: dict[str, int], folder: Path) -> Iterator[Finding]:
    here = list(os.scandir(folder)) if folder.is_dir() else []
    for item in here:
        if item.name in known:
            continue
        if not (ORIGINAL_NAME.fullmatch(item.name) and item.name[:2] == folder.name):
            yield Finding("vault", f"a foreign file lies in its folder {folder.name}", FOREIGN)
        elif _age_seconds(item) > YOUNG_SECONDS:
            yield Finding("vault", f"original {item.name[:12]} is not in the ledger", UNKNOWN)
    # What was stored since is in neither list; what the ledger named before must be in the folder.
    for sha256 in sorted(known.keys() - {item.name for item in here}):
        yield original_finding(sha256, Problem.MISSING)


def _age_seconds(item: os.DirEntry[str]) -> float:
    try:
        return time.time() - item.stat(follow_symlinks=False).st_ctime
    except FileNotFoundError:
        return 0.0


def verify_counts(connection: Connection) -> list[str]:
    """Reconcile arrivals, scans, pages, documents and decisions; returns what does not add up."""
    return [
        *_arrival_problems(connection),
        *_page_problems(connection),
        *_document_problems(connection),
        *document_problems(connection),
        *_batch_problems(connection),
    ]


def verify_access_log(
    connection: Connection, anchored: tuple[int, str] | None, *, whole: bool = True
) -> list[str]:
    """Check the chain, and that it still holds the entry that was noted down elsewhere.

    Not `whole`: only what was written since that entry.
    """
    gone = verify_noted(connection, anchored) if anchored else []
    if whole or anchored is None or gone:
        return access_log.verify(connection) + gone
    return access_log.verify(connection, anchored)


def verify_noted(connection: Connection, noted: tuple[int, str]) -> list[str]:
    """Check that the log still holds an entry that was noted down elsewhere, by number and hash."""
    if access_log.hash_at(connection, noted[0]) == noted[1]:
        return []
    return [f"access log: entry {noted[0]}, noted down earlier, is gone or changed"]


def queued_page_ids(connection: Connection) -> Iterator[int]:
    """The pages that the index has still to be told of, in no order."""
    return connection.execute(select(index_queue.c.page_id)).yield_per(1000).scalars()


def unfinished(connection: Connection) -> int:
    """How many arrivals and pages are still on their way."""
    claimed = _count(connection, arrivals.c.state == ArrivalState.CLAIMED.value)
    unread = _count(connection, pages.c.state.in_(TO_BE_READ))
    return claimed + unread


def _arrival_problems(connection: Connection) -> list[str]:
    settled = [ArrivalState.ACCEPTED.value, ArrivalState.DUPLICATE.value]
    lost = _count(connection, arrivals.c.state.in_(settled), arrivals.c.scan_id.is_(None))
    silent = _count(
        connection, arrivals.c.state == ArrivalState.REFUSED.value, arrivals.c.reason.is_(None)
    )
    accepted = _count(connection, arrivals.c.state == ArrivalState.ACCEPTED.value)
    stored = _count(connection, scan_table.c.id.is_not(None))
    foundling = _count(connection, scan_table.c.id.is_not(None), _times_accepted() != 1)
    problems = []
    if lost:
        problems.append(f"arrivals: {lost} accepted without a scan")
    if silent:
        problems.append(f"arrivals: {silent} refused without a reason")
    if accepted != stored:
        problems.append(f"arrivals: {accepted} accepted, but {stored} scans in the ledger")
    if foundling:
        problems.append(f"arrivals: {foundling} scans were not accepted exactly once")
    return problems


def _times_accepted() -> ScalarSelect[int]:
    """With how many arrivals a scan was new."""
    mine = arrivals.c.scan_id == scan_table.c.id
    accepted = arrivals.c.state == ArrivalState.ACCEPTED.value
    return select(func.count()).where(mine, accepted).scalar_subquery()


def _page_problems(connection: Connection) -> list[str]:
    present = select(func.count()).where(pages.c.scan_id == scan_table.c.id).scalar_subquery()
    wrong = _count(connection, scan_table.c.page_count != present)
    homeless = _count(
        connection,
        pages.c.document_id.is_(None),
        pages.c.kind.is_distinct_from("separator"),
        pages.c.scan_id.in_(
            select(scan_table.c.id).where(scan_table.c.state == ScanState.FILED.value)
        ),
    )
    wordless = _count(
        connection,
        pages.c.state == PageState.READ.value,
        ~exists().where(page_words.c.page_id == pages.c.id),
    )
    open_pages = select(func.count()).where(
        pages.c.scan_id == scan_table.c.id, pages.c.state.in_(TO_BE_READ)
    )
    miscounted = _count(
        connection,
        scan_table.c.state == ScanState.STORED.value,
        scan_table.c.unread != open_pages.scalar_subquery(),
    )
    problems = []
    if wordless:
        problems.append(f"pages: the words of {wordless} pages that were read are gone")
    if miscounted:
        problems.append(f"pages: {miscounted} scans have another number of unread pages than noted")
    if wrong:
        problems.append(f"pages: {wrong} scans do not have as many pages as they arrived with")
    if homeless:
        problems.append(f"pages: {homeless} pages of filed scans belong to no document")
    return problems


def _document_problems(connection: Connection) -> list[str]:
    own_pages = exists().where(pages.c.document_id == documents.c.id)
    empty = _count(connection, ~own_pages, documents.c.joined_to.is_(None))
    own_documents = exists().where(documents.c.scan_id == scan_table.c.id)
    without = _count(connection, scan_table.c.state == ScanState.FILED.value, ~own_documents)
    # A document that was joined to another one gave all its pages away.
    greedy = _count(connection, own_pages, documents.c.joined_to.is_not(None))
    problems = []
    if empty:
        problems.append(f"documents: {empty} have no page")
    if greedy:
        problems.append(f"documents: {greedy} were joined to others and have pages still")
    if without:
        problems.append(f"documents: {without} filed scans have none")
    return problems


def _batch_problems(connection: Connection) -> list[str]:
    """What an import's list names is in the ledger line by line, whatever became of it."""
    mine = batch_items.c.batch_id == batches.c.id
    named = select(func.count()).where(mine, batch_items.c.state != ItemState.SURPLUS.value)
    short = _count(
        connection, batches.c.by_list, batches.c.listed, batches.c.lines > named.scalar_subquery()
    )
    return [f"imports: lines of {short} lists are gone from the ledger"] if short else []


def _count(connection: Connection, *conditions: object) -> int:
    statement = select(func.count()).where(*conditions)  # type: ignore[arg-type]
    return connection.execute(statement).scalar_one()

"""Proof that nothing was lost: originals re-hashed, counts reconciled, the access log checked."""

from sqlalchemy import Connection, exists, func, select

from chartkeeper.records import access_log, scans
from chartkeeper.records.errors import OriginalMissing
from chartkeeper.records.model import ArrivalState, PageState, ScanState
from chartkeeper.records.schema import arrivals, documents, pages
from chartkeeper.records.schema import scans as scan_table
from chartkeeper.records.vault import Vault

YOUNG_SECONDS = 600


def original_problem(vault: Vault, sha256: str) -> str | None:
    """Read an original of the ledger again; says what is wrong with it, None if nothing is."""
    name = f"vault: original {sha256[:12]}"
    try:
        return None if vault.is_intact(sha256) else f"{name} is damaged"
    except OriginalMissing:
        return f"{name} is missing"
    except OSError as error:
        return f"{name} cannot be read ({type(error).__name__})"


def surplus_problems(connection: Connection, vault: Vault, stored: set[str]) -> list[str]:
    """Originals that were `stored` a while ago and that the ledger still does not know.

    An original comes before its row; a young one may belong to an arrival under way.
    """
    unknown = sorted(stored - scans.all_names(connection))
    old = [name for name in unknown if vault.age_seconds(name) > YOUNG_SECONDS]
    return [f"vault: original {name[:12]} is not in the ledger" for name in old]


def verify_counts(connection: Connection) -> list[str]:
    """Reconcile arrivals, scans, pages and documents; returns what does not add up."""
    return [
        *_arrival_problems(connection),
        *_page_problems(connection),
        *_document_problems(connection),
    ]


def verify_access_log(connection: Connection, anchored: tuple[int, str] | None) -> list[str]:
    """Check the chain, and that it still holds the entry that was noted down elsewhere."""
    problems = access_log.verify(connection)
    if anchored is not None and access_log.hash_at(connection, anchored[0]) != anchored[1]:
        problems.append(f"access log: entry {anchored[0]}, noted down earlier, is gone or changed")
    return problems


def unfinished(connection: Connection) -> int:
    """How many arrivals and pages are still on their way."""
    waiting = [PageState.WAITING.value, PageState.READING.value]
    claimed = _count(connection, arrivals.c.state == ArrivalState.CLAIMED.value)
    unread = _count(connection, pages.c.state.in_(waiting))
    return claimed + unread


def _arrival_problems(connection: Connection) -> list[str]:
    settled = [ArrivalState.ACCEPTED.value, ArrivalState.DUPLICATE.value]
    lost = _count(connection, arrivals.c.state.in_(settled), arrivals.c.scan_id.is_(None))
    silent = _count(
        connection, arrivals.c.state == ArrivalState.REFUSED.value, arrivals.c.reason.is_(None)
    )
    accepted = _count(connection, arrivals.c.state == ArrivalState.ACCEPTED.value)
    stored = _count(connection, scan_table.c.id.is_not(None))
    problems = []
    if lost:
        problems.append(f"arrivals: {lost} accepted without a scan")
    if silent:
        problems.append(f"arrivals: {silent} refused without a reason")
    if accepted != stored:
        problems.append(f"arrivals: {accepted} accepted, but {stored} scans in the ledger")
    return problems


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
    problems = []
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


def _count(connection: Connection, *conditions: object) -> int:
    statement = select(func.count()).where(*conditions)  # type: ignore[arg-type]
    return connection.execute(statement).scalar_one()

"""What becomes of a page that was tried: kept, tried again, or given up."""

from chartkeeper.ingest.readers import Outcome
from chartkeeper.ingest.reading import Failure
from chartkeeper.records import pages, rereading
from chartkeeper.records.database import Connection
from chartkeeper.records.model import FILING_FIELDS, Decision, DocumentStatus, Filing

MAX_ATTEMPTS = 3
NO_PAGE_READ = "No page of the file could be read. Look at the original; scan it again if needed."

STUMBLED = (
    "The program could not work out what this is, for a reason that it does not know. "
    "Decide by looking at the pages, and tell whoever looks after the program."
)


def keep_outcome(connection: Connection, outcome: Outcome) -> None:
    """Write into the ledger what became of a page."""
    task, result = outcome.task, outcome.result
    if not isinstance(result, Failure):
        if pages.store(connection, task.page_id, result):
            rereading.settle(connection, task.page_id)
    elif result.of_machine:
        pages.give_back(connection, task.page_id, blame=False)
    elif result.again and task.attempts + 1 < MAX_ATTEMPTS:
        pages.give_back(connection, task.page_id, blame=True)
    elif pages.fail(connection, task.page_id, result.reason):
        rereading.settle(connection, task.page_id)


def undecided(first_page: int, last_page: int, reason: str) -> Filing:
    """A document of which nothing is decided, for a clerk; `reason` says why."""
    type_, patient, service_date = (Decision(field, None, 0.0, reason) for field in FILING_FIELDS)
    return Filing(
        first_page, last_page, type_, patient, service_date, (), DocumentStatus.REVIEW, reason
    )

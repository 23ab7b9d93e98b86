"""What arrived, how far the work is, what failed and why, and trying it again, page by page."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import (
    arrivals,
    documents,
    inboxes,
    patients,
    rereading,
    restricted,
    retrying,
    scans,
)
from chartkeeper.records import pages as ledger_pages
from chartkeeper.records.access_log import Event
from chartkeeper.records.database import Connection
from chartkeeper.records.inboxes import InboxRow
from chartkeeper.records.model import Arrival, DocumentStatus, Scan, ScanState
from chartkeeper.records.work import progress
from chartkeeper.webui import current
from chartkeeper.webui.accounting import account_for, entry, record_in, writing
from chartkeeper.webui.errors import FormInvalid, PageNotThere
from chartkeeper.webui.numbers import optional

pages = Blueprint("intake", __name__)

ARRIVALS_A_PAGE = 50
FAILURES_SHOWN = 50
# A watcher gives a sign of life twice a minute; a share that hangs keeps it from doing so.
UNSEEN_AFTER = timedelta(minutes=3)
DONE = {"back": "It is being tried again. The outcome will show in the list below."}
GONE = (
    "There is nothing to try again: the file was taken back or removed in the meantime. "
    "Open the intake page again to see how it stands."
)
NOT_UNREADABLE = (
    "There is nothing to read again: the page was read, or is being read again already. Open the "
    "document to see what it says."
)
CANNOT_MOVE = (
    "The file could not be moved back into its inbox: the folder is not there, or the service's "
    "account may not write to it. Have that mended and try again; the file is still in the failed "
    "folder."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An arrival with what became of its content: how many documents by their status.

    `is_restricted`: one of them is kept from whoever looks, and the file's name may tell of it.
    """

    arrival: Arrival
    scan: Scan | None
    is_restricted: bool = False
    filed: int = 0
    in_review: int = 0
    aside: int = 0


@dataclass(frozen=True, slots=True)
class Inbox:
    """An inbox as it was last seen; `unseen` if that is long ago."""

    row: InboxRow
    unseen: bool


@pages.get("/intake")
def overview() -> ResponseReturnValue:
    """Counts, failures, and the latest arrivals."""
    before = optional(request.args.get("before"))
    with current.parts().ledger.read() as connection:
        newest = arrivals.newest(connection, ARRIVALS_A_PAGE + 1, before)
        failures = retrying.failures(connection, current.parts().failed)
        noted = inboxes.all_noted(connection)
        outcomes = [_outcome(connection, item) for item in newest[:ARRIVALS_A_PAGE]]
        now_at = progress(connection)
    account_for(
        entry(
            Event.LIST_VIEW, detail={"list": "intake", "arrivals": [o.arrival.id for o in outcomes]}
        )
    )
    return render_template(
        "intake.html",
        progress=now_at,
        failures=failures[:FAILURES_SHOWN],
        inboxes=[_inbox(row) for row in noted],
        more_failures=max(0, len(failures) - FAILURES_SHOWN),
        outcomes=outcomes,
        older=outcomes[-1].arrival.id if len(newest) > ARRIVALS_A_PAGE else None,
        paged=before is not None,
        done=DONE.get(request.args.get("done", ""), ""),
    )


@pages.post("/intake/arrivals/<int:arrival_id>/retry")
def retry_arrival(arrival_id: int) -> ResponseReturnValue:
    """Put a refused file back into its inbox."""
    return _retry(arrival_id, {"arrival": arrival_id})


@pages.post("/intake/scans/<int:scan_id>/retry")
def retry_scan(scan_id: int) -> ResponseReturnValue:
    """Have the pages of a failed scan read once more."""
    with current.parts().ledger.read() as connection:
        arrival = arrivals.first_of_scan(connection, scan_id)
    if arrival is None:
        raise FormInvalid(GONE)
    return _retry(arrival.id, {"scan": scan_id})


@pages.post("/documents/<int:document_id>/pages/<int:page>/again")
def retry_page(document_id: int, page: int) -> ResponseReturnValue:
    """Have one page of a document read again, and show the document where it was pressed."""
    with writing() as connection:
        owner = documents.facts(connection, document_id).owner_id
        patient = patients.get(connection, owner) if owner else None
        found = ledger_pages.facts_in_document(connection, document_id, page)
        if found is None:
            raise PageNotThere
        if not rereading.read_again(connection, found.id):
            raise FormInvalid(NOT_UNREADABLE)
        why = {"page_read_again": page}
        record_in(
            connection,
            entry(
                Event.INTAKE_RETRY, patient=patient, document_id=document_id, page=page, detail=why
            ),
        )
    here = f"page-{page}"
    if request.form.get("from") == "review":
        return redirect(url_for("review.work", document_id=document_id, _anchor=here), 303)
    seen = url_for("viewer.document", document_id=document_id, page=page, _anchor=here)
    return redirect(seen, 303)


def _retry(arrival_id: int, detail: dict[str, object]) -> ResponseReturnValue:
    parts = current.parts()
    with parts.ledger.read() as connection:
        failure = retrying.failure_of(connection, parts.failed, arrival_id)
    if failure is None or (failure.scan_id is None) != ("arrival" in detail):
        raise FormInvalid(GONE)
    if failure.unreadable:
        detail = {**detail, "pages_read_again": list(failure.unreadable.numbers)}
    account_for(entry(Event.INTAKE_RETRY, detail=detail))
    try:
        done = retrying.try_again(parts.ledger, failure, parts.failed, parts.inboxes, parts.inbox)
    except OSError:
        raise FormInvalid(CANNOT_MOVE) from None
    if not done:
        raise FormInvalid(GONE)
    return redirect(url_for("intake.overview", done="back"), 303)


def _inbox(row: InboxRow) -> Inbox:
    return Inbox(row, datetime.now(UTC) - row.seen_at > UNSEEN_AFTER)


def _outcome(connection: Connection, arrival: Arrival) -> Outcome:
    if arrival.scan_id is None:
        return Outcome(arrival, None)
    scan = scans.get(connection, arrival.scan_id)
    is_filed = scan.state is ScanState.FILED
    counted = documents.counts_of_scan(connection, scan.id) if is_filed else Counter()
    filed, in_review, aside = (counted[status] for status in DocumentStatus)
    hides = bool(restricted.hiding_scans(connection, [scan.id]))
    return Outcome(arrival, scan, hides, filed, in_review, aside)

"""What arrived, how far the work is, what failed and why, and trying it again."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import arrivals, documents, scans
from chartkeeper.records.access_log import Event
from chartkeeper.records.database import Connection
from chartkeeper.records.failed import failed_name, put_back
from chartkeeper.records.model import Arrival, DocumentStatus, Scan, ScanState
from chartkeeper.records.work import progress
from chartkeeper.webui import current
from chartkeeper.webui.accounting import account_for, entry, record_in, writing
from chartkeeper.webui.errors import FormInvalid
from chartkeeper.webui.numbers import optional

pages = Blueprint("intake", __name__)

ARRIVALS_A_PAGE = 50
FAILURES_SHOWN = 50
DONE = {"back": "It is being tried again. The outcome will show in the list below."}
GONE = (
    "There is nothing to try again: the file was taken back or removed in the meantime. "
    "Open the intake page again to see how it stands."
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that came to nothing: refused on arrival, or a scan of which no page could be read.

    `retry` names what is to be tried again: "arrivals" or "scans", with its number.
    """

    arrival: Arrival
    reason: str
    retry: str
    number: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """An arrival with what became of its content."""

    arrival: Arrival
    scan: Scan | None
    filed: int
    in_review: int


@pages.get("/intake")
def overview() -> ResponseReturnValue:
    """Counts, failures, and the latest arrivals."""
    before = optional(request.args.get("before"))
    with current.parts().ledger.read() as connection:
        newest = arrivals.newest(connection, ARRIVALS_A_PAGE + 1, before)
        failures = _failures(connection)
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
        more_failures=max(0, len(failures) - FAILURES_SHOWN),
        outcomes=outcomes,
        older=outcomes[-1].arrival.id if len(newest) > ARRIVALS_A_PAGE else None,
        paged=before is not None,
        done=DONE.get(request.args.get("done", ""), ""),
    )


@pages.post("/intake/arrivals/<int:arrival_id>/retry")
def retry_arrival(arrival_id: int) -> ResponseReturnValue:
    """Put a refused file back into the inbox."""
    with current.parts().ledger.read() as connection:
        found = [item for item in arrivals.refused(connection) if item.id == arrival_id]
    if not found or not _lies_aside(found[0]):
        raise FormInvalid(GONE)
    account_for(entry(Event.INTAKE_RETRY, detail={"arrival": arrival_id}))
    failed, inbox = current.parts().failed, current.parts().inbox
    if not put_back(failed, inbox, arrival_id, found[0].name):
        raise FormInvalid(GONE)
    return redirect(url_for("intake.overview", done="back"), 303)


@pages.post("/intake/scans/<int:scan_id>/retry")
def retry_scan(scan_id: int) -> ResponseReturnValue:
    """Have the pages of a failed scan read once more."""
    with writing() as connection:
        there = any(item.id == scan_id for item in scans.failed(connection))
        if there:
            scans.retry(connection, scan_id)
            record_in(connection, entry(Event.INTAKE_RETRY, detail={"scan": scan_id}))
    if not there:
        raise FormInvalid(GONE)
    return redirect(url_for("intake.overview", done="back"), 303)


def _failures(connection: Connection) -> list[Failure]:
    """Newest first; refused files that were put back are failures no longer."""
    refused = [
        Failure(item, item.reason or "", "arrivals", item.id)
        for item in arrivals.refused(connection)
        if _lies_aside(item)
    ]
    failed = scans.failed(connection)
    came = arrivals.of_scans(connection, [scan.id for scan in failed])
    unread = [
        Failure(came[scan.id][0], scan.reason or "", "scans", scan.id)
        for scan in failed
        if scan.id in came
    ]
    return sorted([*refused, *unread], key=lambda failure: -failure.arrival.id)


def _lies_aside(arrival: Arrival) -> bool:
    return (current.parts().failed / failed_name(arrival.id, arrival.name)).is_file()


def _outcome(connection: Connection, arrival: Arrival) -> Outcome:
    if arrival.scan_id is None:
        return Outcome(arrival, None, 0, 0)
    scan = scans.get(connection, arrival.scan_id)
    made = documents.of_scan(connection, scan.id) if scan.state is ScanState.FILED else []
    return Outcome(
        arrival, scan, _count(made, DocumentStatus.FILED), _count(made, DocumentStatus.REVIEW)
    )


def _count(made: Sequence[documents.DocumentFacts], status: DocumentStatus) -> int:
    return sum(item.document.status is status for item in made)

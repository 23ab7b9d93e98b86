"""Imports: how far each is, what of it needs a person, and its reconciliation by box."""

from itertools import islice

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import batch_closing, batch_report
from chartkeeper.records import batches as ledger_batches
from chartkeeper.records.access_log import Event
from chartkeeper.records.errors import NothingToExcuse
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for, entry, record_in, writing
from chartkeeper.webui.errors import FormInvalid
from chartkeeper.webui.numbers import optional

pages = Blueprint("batches", __name__)

BATCHES_A_PAGE = 50
LINES_A_PAGE = 100
BOXES_SHOWN = 500
NO_REASON = (
    "Say why the line need not be complete, and try again. A line that lacks nothing, or of which "
    "the file is not read yet, cannot be accounted for."
)
DONE = {
    "closed": "The import is closed; nothing is added to it any more.",
    "excused": "The line is accounted for.",
}


@pages.get("/batches")
def overview() -> ResponseReturnValue:
    """Every import, newest first, with how far it is."""
    before = optional(request.args.get("before"))
    with current.parts().ledger.read() as connection:
        found = ledger_batches.newest(connection, BATCHES_A_PAGE + 1, before)
        shown = [
            (batch, ledger_batches.counts(connection, batch.id)) for batch in found[:BATCHES_A_PAGE]
        ]
    account_for(entry(Event.LIST_VIEW, detail={"list": "batches"}))
    older = shown[-1][0].id if len(found) > BATCHES_A_PAGE else None
    return render_template("batches.html", shown=shown, older=older, paged=before is not None)


@pages.get("/batches/<int:batch_id>")
def batch(batch_id: int) -> ResponseReturnValue:
    """One import: its files by what became of them, and the lines that need a person."""
    after = optional(request.args.get("after")) or 0
    with current.parts().ledger.read() as connection:
        found = ledger_batches.get(connection, batch_id)
        counts = ledger_batches.counts(connection, batch_id)
        odd = batch_report.exceptions(connection, batch_id, after)
        lines = list(islice(odd, LINES_A_PAGE + 1))
    account_for(entry(Event.LIST_VIEW, detail={"list": "batch", "batch": batch_id, "after": after}))
    return render_template(
        "batch.html",
        batch=found,
        counts=counts,
        lines=lines[:LINES_A_PAGE],
        more=lines[LINES_A_PAGE - 1]["line"] if len(lines) > LINES_A_PAGE else None,
        after=after,
        done=DONE.get(request.args.get("done", ""), ""),
    )


@pages.get("/batches/<int:batch_id>/boxes")
def boxes(batch_id: int) -> ResponseReturnValue:
    """The reconciliation of an import: each file and page of each box in one column."""
    with current.parts().ledger.read() as connection:
        found = ledger_batches.get(connection, batch_id)
        by_box = batch_report.reconcile(connection, batch_id)
        lacking = batch_closing.lacking(connection, batch_id)
    account_for(entry(Event.LIST_VIEW, detail={"list": "batch boxes", "batch": batch_id}))
    return render_template(
        "batch_boxes.html",
        batch=found,
        boxes=by_box[:BOXES_SHOWN],
        more=max(0, len(by_box) - BOXES_SHOWN),
        total=batch_report.total(by_box),
        lacking=lacking,
    )


@pages.post("/batches/<int:batch_id>/lines/<int:line>/excuse")
def excuse(batch_id: int, line: int) -> ResponseReturnValue:
    """Account for a line that stays missing, refused or incomplete."""
    reason, by = request.form.get("reason", ""), current.user().name
    try:
        with writing() as connection:
            batch_closing.excuse(connection, batch_id, line, reason, by, clock.now())
            detail = {"batch": batch_id, "line": line, "reason": reason}
            record_in(connection, entry(Event.BATCH_EXCUSED, detail=detail))
    except NothingToExcuse as error:
        raise FormInvalid(NO_REASON) from error
    return redirect(url_for("batches.batch", batch_id=batch_id, done="excused"), 303)


@pages.post("/batches/<int:batch_id>/close")
def close(batch_id: int) -> ResponseReturnValue:
    """Close an import for good, unless something of it is lacking."""
    with writing() as connection:
        lacking = batch_closing.close(connection, batch_id, current.user().name, clock.now())
        detail = {"batch": batch_id, "lacking": lacking}
        outcome = "refused" if lacking else "ok"
        record_in(connection, entry(Event.BATCH_CLOSED, outcome=outcome, detail=detail))
    if lacking:
        return redirect(url_for("batches.boxes", batch_id=batch_id), 303)
    return redirect(url_for("batches.batch", batch_id=batch_id, done="closed"), 303)

"""Setting documents aside that belong to no chart, the list of them, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import arrivals, aside, documents, openings, patients
from chartkeeper.records.access_log import Event
from chartkeeper.records.aside import Grounds, SetAside
from chartkeeper.records.database import Connection
from chartkeeper.records.model import Arrival, Patient
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for_documents, entry, record_in, writing
from chartkeeper.webui.deciding import grounds_of, read_aside_draft
from chartkeeper.webui.errors import FormInvalid
from chartkeeper.webui.named import named_in
from chartkeeper.webui.numbers import number, optional
from chartkeeper.webui.review import fresh_work_page, go_on

pages = Blueprint("aside", __name__)

LINES_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A document that was set aside, with the file that brought it.

    `named` are patients whom the note names, of those who were thought possible.
    """

    item: SetAside
    arrival: Arrival | None
    named: Sequence[Patient]

    @property
    def seen(self) -> list[tuple[int, Patient | None]]:
        """The document with each patient who is seen beside it, or with nobody."""
        number = self.item.facts.document.id
        return [(number, who) for who in self.named] or [(number, None)]


@pages.get("/aside")
def overview() -> ResponseReturnValue:
    """What was set aside, latest first."""
    before = optional(request.args.get("before"))
    with current.parts().ledger.read() as connection:
        found = aside.newest(connection, LINES_A_PAGE + 1, before)
        shown = _lines(connection, found[:LINES_A_PAGE])
        total = aside.count(connection)
    seen = [one for line in shown for one in line.seen]
    account_for_documents(Event.LIST_VIEW, seen, {"list": "set aside"})
    older = shown[-1].item.decision_id if len(found) > LINES_A_PAGE else None
    return render_template(
        "aside.html", shown=shown, total=total, older=older, paged=before is not None
    )


@pages.post("/review/<int:document_id>/aside")
def set_aside(document_id: int) -> ResponseReturnValue:
    """Set a document aside; anything but the button for it only shows the form again."""
    draft = read_aside_draft()
    if request.form.get("action") != "aside":
        return fresh_work_page(document_id, draft)
    try:
        grounds = grounds_of(draft)
    except FormInvalid as error:
        return fresh_work_page(document_id, replace(draft, problem=str(error))), 400
    _record(document_id, draft.version, grounds)
    return go_on(document_id, {"aside": document_id})


@pages.post("/aside/<int:document_id>/back")
def bring_back(document_id: int) -> ResponseReturnValue:
    """Put a document that was set aside back into the review queue, and open it there."""
    version = number(request.form.get("version"))
    with writing() as connection:
        name = current.user().name
        aside.bring_back(connection, document_id, version, name, clock.now())
        detail = {"brought_back": "to review"}
        record_in(connection, entry(Event.DECISION, document_id=document_id, detail=detail))
    return redirect(url_for("review.work", document_id=document_id, back=document_id), 303)


def _record(document_id: int, seen_version: int, grounds: Grounds) -> None:
    """Decide and account for it in one transaction; whose it was thought to be is told, too."""
    with writing() as connection:
        name, at = current.user().name, clock.now()
        before = aside.set_aside(connection, document_id, seen_version, grounds, name, at)
        openings.close(connection, document_id)
        was = patients.get(connection, before.patient_id) if before.patient_id else None
        detail = {"set_aside": grounds.reason.value, "note": grounds.note}
        record_in(
            connection,
            entry(Event.DECISION, patient=was, document_id=document_id, detail=detail),
        )


def _lines(connection: Connection, found: Sequence[SetAside]) -> list[Line]:
    came = arrivals.of_scans(connection, [one.facts.document.scan_id for one in found])
    possible = documents.candidate_ids(connection, [one.facts.document.id for one in found])
    thought = {one.facts.patient_id for one in found if one.facts.patient_id}
    people = patients.by_ids(connection, thought.union(*possible.values()))
    lines = []
    for one in found:
        numbers = {*possible.get(one.facts.document.id, ()), one.facts.patient_id}
        named = named_in(one.because, [people[key] for key in numbers if key])
        arrival = next(iter(came.get(one.facts.document.scan_id, [])), None)
        lines.append(Line(one, arrival, list(named.values())))
    return lines

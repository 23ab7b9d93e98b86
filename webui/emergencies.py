"""Emergency openings: what was opened in an emergency, looked at by somebody else afterwards."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import access_log, emergency, patients
from chartkeeper.records.access_log import Event
from chartkeeper.records.database import Connection
from chartkeeper.records.emergency import MAX_NOTE_CHARS, Emergency
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for, entry, record_in, writing
from chartkeeper.webui.emergency import REASONS

pages = Blueprint("emergencies", __name__)

OPEN_SHOWN = 50
REVIEWED_SHOWN = 50
NO_NOTE = (
    "Write what you found before you close it: whether the emergency was one, and how you know."
)


@dataclass(frozen=True, slots=True)
class Opening:
    """An emergency access, and how many looks and deeds the access log has under it."""

    told: Emergency
    entries: int


@pages.get("/emergencies")
def overview() -> ResponseReturnValue:
    """Those that nobody has looked at, oldest first, and those that somebody has."""
    return _page()


@pages.post("/emergencies/<int:emergency_id>/review")
def review(emergency_id: int) -> ResponseReturnValue:
    """Close one with what was found; never one's own."""
    note = request.form.get("note", "").strip()
    if not note or len(note) > MAX_NOTE_CHARS:
        return _page(problem=NO_NOTE), 400
    with writing() as connection:
        grant = emergency.review(connection, emergency_id, current.user(), note, clock.now())
        patient = patients.get(connection, grant.patient_id)
        detail = {"reviewed": grant.id, "note": note}
        record_in(connection, entry(Event.EMERGENCY_REVIEWED, patient=patient, detail=detail))
    return redirect(url_for("emergencies.overview", done=1), 303)


def _page(problem: str = "") -> str:
    with current.parts().ledger.read() as connection:
        waiting = [_opening(connection, one) for one in emergency.open_ones(connection, OPEN_SHOWN)]
        total = emergency.count_open(connection)
        done = emergency.reviewed(connection, REVIEWED_SHOWN)
    account_for(entry(Event.LIST_VIEW, detail={"list": "emergency openings"}))
    return render_template(
        "emergencies.html",
        waiting=waiting,
        total=total,
        reviewed=done,
        problem=problem,
        reasons=REASONS,
        most=MAX_NOTE_CHARS,
        closed="done" in request.args,
    )


def _opening(connection: Connection, one: Emergency) -> Opening:
    grant = one.grant
    within = (grant.begun_at, grant.until)
    return Opening(one, access_log.count_of(connection, one.user_name, grant.patient_id, within))

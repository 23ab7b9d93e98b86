"""The access log: who looked at what, who decided what, and whether the log is whole."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import access_log, accounts, patients
from chartkeeper.records.access_log import Event, Wanted
from chartkeeper.records.errors import UnknownPatient
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for, entry
from chartkeeper.webui.errors import FormInvalid
from chartkeeper.webui.numbers import optional

pages = Blueprint("log", __name__)

ENTRIES_A_PAGE = 100


@pages.get("/log")
def entries() -> ResponseReturnValue:
    """Entries that agree with the filters, newest first."""
    return _page()


@pages.post("/log")
def narrow() -> ResponseReturnValue:
    """Set the filters; a patient's number becomes one that means nothing outside."""
    mrn = request.form.get("mrn", "").strip()
    names = ("user", "event", "document", "since", "until")
    chosen: dict[str, Any] = {
        name: value for name in names if (value := request.form.get(name, "").strip())
    }
    if mrn:
        with current.parts().ledger.read() as connection:
            patient = patients.by_mrn(connection, mrn)
        if patient is None:
            raise UnknownPatient
        chosen["patient"] = str(patient.id)
    return redirect(url_for("log.entries", **chosen), 303)


@pages.post("/log/check")
def check() -> ResponseReturnValue:
    """Check the chain from the first entry to the last."""
    with current.parts().ledger.read() as connection:
        problems = access_log.verify(connection)
        number, newest = access_log.head(connection)
    return _page(checked=True, problems=problems, head=number, head_hash=newest)


def _page(**values: object) -> str:
    wanted = _wanted()
    before = optional(request.args.get("before"))
    with current.parts().ledger.read() as connection:
        found = access_log.entries(connection, wanted, ENTRIES_A_PAGE + 1, before)
        shown = found[:ENTRIES_A_PAGE]
        asked = [wanted.patient_id] if wanted.patient_id is not None else []
        patient = patients.by_ids(connection, asked).get(wanted.patient_id or 0)
        names = [user.name for user in accounts.all_users(connection)]
    filters = {name: value for name, value in asdict(wanted).items() if value is not None}
    detail = {"filters": filters, "checked": "checked" in values}
    account_for(entry(Event.LOG_VIEW, patient=patient, detail=detail))
    return render_template(
        "log.html",
        shown=shown,
        patient=patient,
        names=names,
        events=list(Event),
        older=shown[-1].seq if len(found) > ENTRIES_A_PAGE else None,
        chosen={name: value for name, value in request.args.items() if name in FILTERS},
        **values,
    )


FILTERS = ("user", "event", "patient", "document", "since", "until")


def _wanted() -> Wanted:
    since = clock.read_day(request.args.get("since", ""), "The first day")
    until = clock.read_day(request.args.get("until", ""), "The last day")
    event = request.args.get("event", "")
    if event and event not in set(Event):
        raise FormInvalid("There is no such event in the access log. Choose one from the list.")
    return Wanted(
        actor=request.args.get("user") or None,
        event=Event(event) if event else None,
        patient_id=optional(request.args.get("patient")),
        document_id=optional(request.args.get("document")),
        since=clock.day_begins(since) if since else None,
        before=clock.day_ends(until) if until else None,
    )

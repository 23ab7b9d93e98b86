"""The access log: who looked at what, who decided what, and whether the log is whole."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import access_log, accounts, patients, restricted
from chartkeeper.records.access_log import Event, LoggedEntry, Wanted
from chartkeeper.records.database import Connection
from chartkeeper.records.model import Patient
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for, entry
from chartkeeper.webui.errors import FormInvalid
from chartkeeper.webui.numbers import optional

pages = Blueprint("log", __name__)

ENTRIES_A_PAGE = 100
FILTERS = ("user", "event", "patient", "document", "since", "until")


@pages.get("/log")
def entries() -> ResponseReturnValue:
    """Entries that agree with the filters, newest first."""
    chosen = {name: value for name, value in request.args.items() if name in FILTERS}
    try:
        wanted = _wanted(chosen)
    except FormInvalid as error:
        return _refused(chosen, str(error))
    return _page(wanted, chosen)


@pages.post("/log")
def narrow() -> ResponseReturnValue:
    """Set the filters; a patient's number becomes one that means nothing outside."""
    names = [name for name in FILTERS if name != "patient"]
    chosen: dict[str, Any] = {
        name: value for name in names if (value := request.form.get(name, "").strip())
    }
    mrn = request.form.get("mrn", "").strip()
    try:
        _wanted(chosen)
    except FormInvalid as error:
        return _refused(chosen, str(error), mrn)
    if mrn:
        with current.parts().ledger.read() as connection:
            patient = patients.by_mrn(connection, mrn)
        if patient is None:
            return _refused(chosen, f"No patient has the MRN {mrn}. Check the number.", mrn)
        chosen["patient"] = str(patient.id)
    return redirect(url_for("log.entries", **chosen), 303)


@pages.post("/log/check")
def check() -> ResponseReturnValue:
    """Check the chain from the first entry to the last."""
    with current.parts().ledger.read() as connection:
        problems = access_log.verify(connection)
        number, newest = access_log.head(connection)
    return _page(Wanted(), {}, checked=True, problems=problems, head=number, head_hash=newest)


@pages.get("/log/check")
def checked_before() -> ResponseReturnValue:
    """Back to the log: a check is asked for, not called up again."""
    return redirect(url_for("log.entries"), 303)


def _page(wanted: Wanted, chosen: Mapping[str, str], **values: object) -> str:
    before = optional(request.args.get("before"))
    with current.parts().ledger.read() as connection:
        found = access_log.entries(connection, wanted, ENTRIES_A_PAGE + 1, before)
        shown = found[:ENTRIES_A_PAGE]
        hidden = _hidden(connection, shown)
    patient = _person(wanted.patient_id)
    filters = {name: value for name, value in asdict(wanted).items() if value is not None}
    detail = {"filters": filters, "checked": "checked" in values}
    account_for(entry(Event.LOG_VIEW, patient=patient, detail=detail))
    older = shown[-1].seq if len(found) > ENTRIES_A_PAGE else None
    return _template(chosen, shown=shown, patient=patient, older=older, hidden=hidden, **values)


def _hidden(connection: Connection, shown: Sequence[LoggedEntry]) -> set[int]:
    """The numbers of those entries that tell what was decided of a document kept from the reader.

    An entry of a look tells nothing of what was seen.
    """
    telling = {Event.DECISION, Event.RESTRICTION}
    of = {one.seq: one.entry.document_id for one in shown if one.entry.event in telling}
    open_ones = restricted.readable(connection, {number for number in of.values() if number})
    return {seq for seq, number in of.items() if number and number not in open_ones}


def _refused(chosen: Mapping[str, str], problem: str, mrn: str = "") -> ResponseReturnValue:
    """The filters as they were sent, with what is wrong with them, and no entries."""
    patient, detail = _person(optional(chosen.get("patient"))), {"filters": dict(chosen)}
    account_for(entry(Event.LOG_VIEW, patient=patient, detail=detail))
    return _template(chosen, problem=problem, mrn=mrn, shown=[], patient=patient), 400


def _template(chosen: Mapping[str, str], **values: object) -> str:
    values = {"hidden": frozenset(), **values}
    with current.parts().ledger.read() as connection:
        names = [user.name for user in accounts.all_users(connection)]
    return render_template("log.html", names=names, events=list(Event), chosen=chosen, **values)


def _person(patient_id: int | None) -> Patient | None:
    with current.parts().ledger.read() as connection:
        return patients.by_ids(connection, [patient_id]).get(patient_id) if patient_id else None


def _wanted(chosen: Mapping[str, str]) -> Wanted:
    """The filters as they are asked for. Raises FormInvalid for one that makes no sense."""
    since = clock.read_day(chosen.get("since", ""), "The first day")
    until = clock.read_day(chosen.get("until", ""), "The last day")
    event = chosen.get("event", "")
    if event and event not in set(Event):
        raise FormInvalid("There is no such event in the access log. Choose one from the list.")
    return Wanted(
        actor=chosen.get("user") or None,
        event=Event(event) if event else None,
        patient_id=_number(chosen.get("patient", ""), "The patient"),
        document_id=_number(chosen.get("document", ""), "The document"),
        since=clock.day_begins(since) if since else None,
        before=clock.day_ends(until) if until else None,
    )


def _number(written: str, what: str) -> int | None:
    found = optional(written)
    if written.strip() and found is None:
        raise FormInvalid(f"{what} is no number. Write it as it stands on its page: 38.")
    return found

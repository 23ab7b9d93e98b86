"""Patients: looking one up, and the chart with all that is filed to it."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import (
    documents,
    marking,
    patient_search,
    patients,
    restricted,
    searches,
)
from chartkeeper.records.access_log import Event
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for, account_for_list, entry, writing
from chartkeeper.webui.refine import SearchForm, packed
from chartkeeper.webui.search import kept_form

pages = Blueprint("charts", __name__)

PATIENTS_SHOWN = 50
WAITING_SHOWN = 20


@pages.get("/patients")
def look_up() -> ResponseReturnValue:
    """The empty look-up page."""
    marked = "marked" in request.args
    return render_template("patients.html", text="", found=None, marked=marked)


@pages.post("/patients")
def submit() -> ResponseReturnValue:
    """Keep what was typed under a random name, so that no address holds it."""
    text = request.form.get("patient", "").strip()
    if not text:
        return redirect(url_for("charts.look_up"), 303)
    with writing() as connection:
        kept = packed(SearchForm(patient=text))
        name = searches.keep(connection, current.user().id, kept, clock.now())
    return redirect(url_for("charts.found", name=name), 303)


@pages.get("/patients/found/<name>")
def found(name: str) -> ResponseReturnValue:
    """The patients who answer a kept look-up, or else those whose names are written alike."""
    text = kept_form(name).patient
    with current.parts().ledger.read() as connection:
        people = patient_search.search(connection, text, PATIENTS_SHOWN)
        alike = [] if people else patient_search.written_alike(connection, text, PATIENTS_SHOWN)
    shown = people or alike
    account_for_list(Event.PATIENT_SEARCH, {who.id: who for who in shown}, {"query": text})
    return render_template(
        "patients.html", text=text, found=shown, alike=bool(alike), most=PATIENTS_SHOWN
    )


@pages.get("/patients/<int:patient_id>")
def chart(patient_id: int) -> ResponseReturnValue:
    """A patient's chart, newest first, and what waits in review and may belong to it."""
    with current.parts().ledger.read() as connection:
        patient = patients.get(connection, patient_id)
        filed = documents.chart(connection, patient_id)
        namesakes = patients.charts_of_same_name(connection, patient)
        waiting = documents.may_belong(connection, patient_id, WAITING_SHOWN + 1)
        hidden = restricted.hidden_in_chart(connection, patient_id)
        marks = marking.history_of_chart(connection, patient_id)
    numbers = waiting[:WAITING_SHOWN]
    detail = {"documents": len(filed), "in_review": numbers, "not_shown": hidden}
    account_for(entry(Event.CHART_VIEW, patient=patient, detail=detail))
    return render_template(
        "chart.html",
        patient=patient,
        filed=filed,
        namesakes=len(namesakes),
        waiting=numbers,
        more_wait=len(waiting) > WAITING_SHOWN,
        hidden=hidden,
        marks=marks,
    )

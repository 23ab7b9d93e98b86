"""Emergency access to what is restricted: asking for it, and ending it."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import accounts, emergency, patients, restricted
from chartkeeper.records.access_log import Event
from chartkeeper.records.emergency import MAX_NOTE_CHARS, EmergencyReason, Wish
from chartkeeper.records.model import Patient
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for, entry, record_in, writing
from chartkeeper.webui.errors import FormInvalid

pages = Blueprint("emergency", __name__)

REASONS = {
    EmergencyReason.TREATMENT: "Emergency treatment of this patient",
    EmergencyReason.DANGER: "Danger to the patient or to others",
    EmergencyReason.COVERING: "Covering for whoever treats this patient",
    EmergencyReason.OTHER: "Something else that cannot wait",
}
NO_REASON = "Choose a reason."
NO_NOTE = "Write in a few words what the emergency is."
WRONG = (
    "The password is not right, or the account is paused. After five failures in a row an account "
    "pauses for five minutes."
)
NO_CHART = (
    "The document is in no chart yet, so there is no emergency access to it. A records clerk can "
    "open it in the review queue and file it."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What emergency access is asked for: a chart, or a document in whose address nobody stands.

    `document_id` is None where a chart is asked for; its patient is then named on the form.
    """

    patient: Patient
    document_id: int | None

    @property
    def here(self) -> str:
        """The address of the form."""
        if self.document_id is None:
            return url_for("emergency.ask_chart", patient_id=self.patient.id)
        return url_for("emergency.ask_document", document_id=self.document_id)

    @property
    def target(self) -> str:
        """The address of what is asked for."""
        if self.document_id is None:
            return url_for("charts.chart", patient_id=self.patient.id)
        return url_for("viewer.document", document_id=self.document_id)


@pages.get("/patients/<int:patient_id>/emergency")
def ask_chart(patient_id: int) -> ResponseReturnValue:
    """The form for a chart; to the chart itself where nothing is kept from whoever asks."""
    return _ask(_chart(patient_id))


@pages.post("/patients/<int:patient_id>/emergency")
def open_chart(patient_id: int) -> ResponseReturnValue:
    """Give emergency access to a chart."""
    return _open(_chart(patient_id))


@pages.get("/documents/<int:document_id>/emergency")
def ask_document(document_id: int) -> ResponseReturnValue:
    """The form for the chart that a document is in, which it does not name."""
    return _ask(_document(document_id))


@pages.post("/documents/<int:document_id>/emergency")
def open_document(document_id: int) -> ResponseReturnValue:
    """Give emergency access to the chart that a document is in."""
    return _open(_document(document_id))


@pages.post("/emergency/<int:emergency_id>/end")
def end(emergency_id: int) -> ResponseReturnValue:
    """End one's own emergency access before its time."""
    with writing() as connection:
        ended = emergency.end(connection, emergency_id, current.user().id, clock.now())
        if ended:
            patient = patients.get(connection, ended.patient_id)
            record_in(connection, entry(Event.EMERGENCY_ENDED, patient=patient))
    return redirect(url_for("search.home"), 303)


def _chart(patient_id: int) -> Asked:
    with current.parts().ledger.read() as connection:
        return Asked(patients.get(connection, patient_id), None)


def _document(document_id: int) -> Asked:
    """Raises FormInvalid where the document is in no chart."""
    with current.parts().ledger.read() as connection:
        patient_id = restricted.chart_of(connection, document_id)
        if patient_id is None:
            raise FormInvalid(NO_CHART)
        return Asked(patients.get(connection, patient_id), document_id)


def _ask(asked: Asked) -> ResponseReturnValue:
    with current.parts().ledger.read() as connection:
        needed = restricted.hides_in_chart(connection, asked.patient.id)
    return _form(asked) if needed else redirect(asked.target, 303)


def _open(asked: Asked) -> ResponseReturnValue:
    reason, note = request.form.get("reason", ""), request.form.get("note", "").strip()
    if reason not in set(EmergencyReason):
        return _form(asked, NO_REASON), 400
    if not note or len(note) > MAX_NOTE_CHARS:
        return _form(asked, NO_NOTE), 400
    minutes = current.parts().emergency_minutes
    if not _begin(asked, Wish(asked.patient.id, EmergencyReason(reason), note, minutes)):
        return _form(asked, WRONG), 401
    return redirect(asked.target, 303)


def _begin(asked: Asked, wish: Wish) -> bool:
    """Begin it and account for it in one step.

    False if the password was not right; that is then a log-in that failed.
    """
    ledger, name = current.parts().ledger, current.user().name
    attempt = accounts.try_password(ledger, name, request.form.get("password", ""))
    with writing() as connection:
        user = accounts.settle(connection, attempt, clock.now())
        if user is not None:
            grant = emergency.begin(connection, user, wish, clock.now())
            detail = {
                "emergency": grant.id,
                "reason": wish.reason.value,
                "note": wish.note,
                "until": grant.until.isoformat(timespec="seconds"),
            }
            begun = entry(Event.EMERGENCY_BEGUN, patient=asked.patient, detail=detail)
            record_in(connection, begun)
            return True
    failed = {"wanted": request.endpoint}
    account_for(entry(Event.LOGIN_FAILED, outcome="refused", detail=failed))
    return False


def _form(asked: Asked, problem: str = "") -> str:
    named = asked.patient if asked.document_id is None else None
    detail = {"list": "emergency form"}
    account_for(entry(Event.LIST_VIEW, patient=named, document_id=asked.document_id, detail=detail))
    return render_template(
        "emergency.html",
        asked=asked,
        patient=named,
        problem=problem,
        reasons=REASONS,
        chosen=request.form.get("reason", ""),
        note_text=request.form.get("note", ""),
        most=MAX_NOTE_CHARS,
        minutes=current.parts().emergency_minutes,
    )

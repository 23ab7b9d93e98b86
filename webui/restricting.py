"""The words for what is restricted, and marking documents and charts by hand.

Every clerk may mark, as it takes nothing from anybody's safety; a mark is taken off only by a clerk
or administrator who has the right to open what is restricted.
"""

from typing import TypeVar

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.records import documents, marking, patients, restricted
from chartkeeper.records.access import ChartReason, DocumentReason
from chartkeeper.records.access_log import Event
from chartkeeper.records.model import DocumentStatus
from chartkeeper.webui import clock, current
from chartkeeper.webui.accounting import account_for, entry, record_in, writing
from chartkeeper.webui.errors import FormInvalid, NotAllowed

pages = Blueprint("restricting", __name__)

DOCUMENT_REASONS = {
    DocumentReason.PART2: "Substance use treatment (42 CFR Part 2)",
    DocumentReason.PSYCHOTHERAPY: "Psychotherapy notes",
    DocumentReason.HIV: "HIV",
    DocumentReason.REPRODUCTIVE: "Reproductive health",
    DocumentReason.MINOR: "A minor's own confidential care",
    DocumentReason.OTHER: "Other",
}
CHART_REASONS = {
    ChartReason.VIP: "Known to the public",
    ChartReason.EMPLOYEE: "Works here",
    ChartReason.FAMILY: "Family of somebody who works here",
    ChartReason.OTHER: "Other",
}
Reason = TypeVar("Reason", DocumentReason, ChartReason)
LIFT = "lift"
NO_REASON = "Choose why it is restricted."


def reason_in_words(reason: str | None) -> str:
    """Why something is marked, on screen."""
    words = [*DOCUMENT_REASONS.items(), *CHART_REASONS.items()]
    return next((text for key, text in words if key == reason), "Not restricted any more")


@pages.post("/documents/<int:document_id>/restricted")
def mark_document(document_id: int) -> ResponseReturnValue:
    """Mark a document, or take the mark off, and go on where whoever did it may be."""
    reason = None if _lifts() else _chosen(DocumentReason)
    with writing() as connection:
        facts = documents.facts(connection, document_id)
        patient = patients.get(connection, facts.owner_id) if facts.owner_id else None
        marking.mark_document(connection, document_id, reason, current.user().name, clock.now())
        detail = {"restricted": [facts.restricted, reason]}
        record_in(
            connection,
            entry(Event.RESTRICTION, patient=patient, document_id=document_id, detail=detail),
        )
    return redirect(_after(document_id, facts), 303)


@pages.post("/patients/<int:patient_id>/restricted")
def mark_chart(patient_id: int) -> ResponseReturnValue:
    """Mark a whole chart, or take the mark off."""
    reason = None if _lifts() else _chosen(ChartReason)
    with writing() as connection:
        restricted.check_chart(connection, patient_id)
        patient = patients.get(connection, patient_id)
        before = marking.mark_of_chart(connection, patient_id)
        marking.mark_chart(connection, patient_id, reason, current.user().name, clock.now())
        detail = {"chart_restricted": [before, reason]}
        record_in(connection, entry(Event.RESTRICTION, patient=patient, detail=detail))
    if reason and not current.user().restricted:
        return redirect(url_for("charts.look_up", marked=1), 303)
    return redirect(url_for("charts.chart", patient_id=patient_id), 303)


def _lifts() -> bool:
    """Whether a mark is to be taken off. Raises NotAllowed, after noting it, without the right."""
    if request.form.get("action") != LIFT:
        return False
    if not current.user().restricted:
        account_for(entry(Event.DENIED, outcome="refused", detail={"wanted": request.endpoint}))
        raise NotAllowed
    return True


def _chosen(kind: type[Reason]) -> Reason:
    reason = request.form.get("reason", "")
    if reason not in set(kind):
        raise FormInvalid(NO_REASON)
    return kind(reason)


def _after(document_id: int, facts: documents.DocumentFacts) -> str:
    with current.parts().ledger.read() as connection:
        is_open = document_id in restricted.readable(connection, [document_id])
    if is_open and facts.document.status is DocumentStatus.REVIEW:
        return url_for("review.work", document_id=document_id)
    if is_open:
        return url_for("viewer.document", document_id=document_id)
    if facts.owner_id:
        return url_for("charts.chart", patient_id=facts.owner_id)
    return url_for("search.home")

"""What a clerk decides with the review form: the form as a value, and what it must not decide."""

from dataclasses import dataclass
from datetime import date

from flask import request

from chartkeeper.records.aside import MAX_NOTE_CHARS, WORDS, Grounds, Reason
from chartkeeper.records.documents import DocumentFacts, Verdict
from chartkeeper.records.model import Patient
from chartkeeper.webui import clock, current
from chartkeeper.webui.errors import DateMissing, FormInvalid
from chartkeeper.webui.numbers import number, optional


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it stands: before it was touched, or as it came back.

    `undated` says that somebody looked for the date and that it is not on the paper.
    """

    version: int
    type: str
    patient: int | None
    service_date: str
    looked_for: str = ""
    undated: bool = False

    @property
    def choices(self) -> tuple[str, int | None, str]:
        """What would be lost with the form."""
        return self.type, self.patient, self.service_date


@dataclass(frozen=True, slots=True)
class AsideDraft:
    """The form with which a document is set aside, as it came back; `problem` is what it lacks."""

    version: int
    reason: str
    note: str
    problem: str = ""


def read_aside_draft() -> AsideDraft:
    """The form to set a document aside as it came back."""
    form = request.form
    note = " ".join(form.get("note", "").split())[:MAX_NOTE_CHARS]
    return AsideDraft(number(form.get("version")), form.get("reason", ""), note)


def grounds_of(draft: AsideDraft) -> Grounds:
    """Why a document is to be set aside. Raises FormInvalid where the form does not say."""
    if draft.reason not in WORDS:
        raise FormInvalid("Choose why the document belongs to no chart.")
    reason = Reason(draft.reason)
    if reason is Reason.OTHER and not draft.note:
        raise FormInvalid("Write the reason into the note.")
    return Grounds(reason, draft.note)


def fresh_draft(facts: DocumentFacts) -> Draft:
    """The form before anybody touched it."""
    day = facts.service_date.isoformat() if facts.service_date else ""
    return Draft(facts.version, facts.type or "", facts.patient_id, day)


def read_draft() -> Draft:
    """The form as it came back."""
    form = request.form
    return Draft(
        version=number(form.get("version")),
        type=form.get("type", ""),
        patient=optional(form.get("patient")),
        service_date=form.get("service_date", "").strip(),
        looked_for=form.get("looked_for", "").strip(),
        undated=form.get("undated") == "yes",
    )


def verdict_of(draft: Draft, *, keep: bool) -> Verdict:
    """What the form decides; with `keep` the patient stays open.

    Raises FormInvalid for what cannot be filed, DateMissing where only the date is wanting.
    """
    day = clock.read_day(draft.service_date, "The service date")
    if day and day > clock.now().astimezone().date():
        raise FormInvalid("The service date lies in the future. Look at the page again.")
    known = {choice.key: choice for choice in current.parts().types}
    if draft.type and draft.type not in known:
        raise FormInvalid("There is no such document type. Choose one from the list.")
    if keep:
        return Verdict(draft.type or None, None, day)
    if not draft.type:
        raise FormInvalid("Choose a document type before filing.")
    if draft.patient is None:
        raise FormInvalid("Choose a patient before filing, or keep the document in review.")
    if day is None and known[draft.type].date_required and not draft.undated:
        raise DateMissing
    return Verdict(draft.type, draft.patient, day)


def check_birth(service_date: date | None, patient: Patient | None) -> None:
    """Nothing is done for somebody who is not born yet. Raises FormInvalid."""
    if service_date and patient and service_date < patient.dob:
        raise FormInvalid(
            "The service date lies before the patient was born. "
            "Look at the date and at the patient again."
        )

"""What the step before did, said on the page that comes next; only numbers travel in addresses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import request

from chartkeeper.records import aside, documents, patients, restricted
from chartkeeper.records.access_log import Entry, Event
from chartkeeper.records.aside import WORDS
from chartkeeper.records.database import Connection
from chartkeeper.records.documents import DocumentFacts
from chartkeeper.records.model import DocumentStatus, Patient
from chartkeeper.webui import current
from chartkeeper.webui.accounting import entry
from chartkeeper.webui.numbers import optional
from chartkeeper.webui.shown import day

SAID = {
    "filed": "Document {} was filed.",
    "kept": "Document {} was saved and stays in review.",
    "aside": "Document {} was set aside.",
    "back": "Document {} is back in review, as it was before.",
    "cut": "The pages behind are document {} now. Both are being filed anew.",
    "joined": "Document {} has the pages of both now and is being filed anew.",
}


@dataclass(frozen=True, slots=True)
class LastStep:
    """What was done, in a sentence, to which document; `patient` if the sentence names one.

    `back_from` is the version of a document that was set aside and can be brought back. Unless
    `is_open`, the document is one by now that whoever did it may not open.
    """

    text: str
    document_id: int
    patient: Patient | None = None
    back_from: int | None = None
    is_open: bool = True

    @property
    def entries(self) -> Sequence[Entry]:
        """What the access log says of showing it."""
        if self.patient is None:
            return ()
        why = {"shown": "just filed"}
        return (
            entry(
                Event.DOCUMENT_VIEW,
                patient=self.patient,
                document_id=self.document_id,
                detail=why,
            ),
        )


def last_step(connection: Connection) -> LastStep | None:
    """What the address says was done; None where it says nothing."""
    for key, text in SAID.items():
        document_id = optional(request.args.get(key))
        if document_id is not None:
            said = LastStep(text.format(document_id), document_id)
            if document_id not in restricted.readable(connection, [document_id]):
                return replace(said, text=f"{said.text} It is restricted.", is_open=False)
            told = TOLD[key](connection, document_id) if key in TOLD else None
            return told or said
    return None


def _aside(connection: Connection, document_id: int) -> LastStep | None:
    """Why a document was set aside; None if it is not, or not any more."""
    found = aside.of_documents(connection, [document_id]).get(document_id)
    if found is None:
        return None
    # The note may name somebody; the reason alone does not.
    text = f"Document {document_id} was set aside: {WORDS[found.reason]}."
    return LastStep(text, document_id, back_from=found.facts.version)


def _filed(connection: Connection, document_id: int) -> LastStep | None:
    """As what a document was filed and to whom; None if it is not, or not any more."""
    facts = documents.by_ids(connection, [document_id]).get(document_id)
    if facts is None or facts.document.status is not DocumentStatus.FILED or not facts.patient_id:
        return None
    patient = patients.get(connection, facts.patient_id)
    return LastStep(_sentence(facts, patient), document_id, patient)


def _sentence(facts: DocumentFacts, patient: Patient) -> str:
    what = current.parts().type_name(facts.type)
    when = f"of {day(facts.service_date)}" if facts.service_date else "without a date"
    whose = f"{patient.shown_name} (MRN {patient.mrn})"
    return f"Document {facts.document.id} was filed: {what} {when}, to {whose}."


TOLD = {"filed": _filed, "aside": _aside}

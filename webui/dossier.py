"""All that the ledger says of one document, gathered for a page about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from chartkeeper.records import arrivals, documents, pages, patients, scans
from chartkeeper.records.aside import WORDS, Reason
from chartkeeper.records.database import Connection
from chartkeeper.records.documents import DocumentFacts
from chartkeeper.records.model import (
    FILING_FIELDS,
    Arrival,
    DocumentStatus,
    Evidence,
    Field,
    Patient,
    RecordedDecision,
    Scan,
)
from chartkeeper.records.pages import PageFacts
from chartkeeper.webui.named import named_in

FIELD_NAMES = {
    Field.TYPE: "Type",
    Field.PATIENT: "Patient",
    Field.DATE: "Service date",
    Field.ASIDE: "Set aside",
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision as a page shows it: what was decided, in words; `patient` if it is about one."""

    recorded: RecordedDecision
    field: str
    value: str
    patient: Patient | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A document with its patient, pages, origin, and decisions: those in force, and all.

    `patient` is None while the document belongs to nobody. `arrivals` are the files that brought
    it, first one first. `in_force` has the newest decision for each field; of a document that was
    set aside that alone, which is in `aside`, too. `named` are other patients whom the reasons
    name, by number.
    """

    facts: DocumentFacts
    patient: Patient | None
    pages: Sequence[PageFacts]
    scan: Scan
    arrivals: Sequence[Arrival]
    in_force: Sequence[Ruling]
    history: Sequence[Ruling]
    named: Mapping[int, Patient]
    aside: Ruling | None = None

    @property
    def id(self) -> int:
        """The document's number."""
        return self.facts.document.id

    @property
    def is_filed(self) -> bool:
        """Whether it has its place in a chart."""
        return self.facts.document.status is DocumentStatus.FILED

    def sheet_number(self, page: int) -> int:
        """Which page of the document a page of the file is, from 1."""
        return page - self.facts.document.first_page + 1

    @property
    def earlier_patients(self) -> dict[int, Patient]:
        """Those to whom the document was linked before, by number."""
        linked = {ruling.patient.id: ruling.patient for ruling in self.history if ruling.patient}
        return {key: who for key, who in linked.items() if key != self.facts.owner_id}

    def evidence(self, decision_id: int | None) -> tuple[Evidence, ...]:
        """What backs a decision of this document; nothing for another number."""
        for ruling in self.history:
            if ruling.recorded.id == decision_id:
                return ruling.recorded.decision.evidence
        return ()


def open_dossier(
    connection: Connection, document_id: int, type_name: Callable[[str], str]
) -> Dossier:
    """Gather what is known of a document. Raises UnknownDocument.

    `type_name` gives the name on screen of a type key.
    """
    facts = documents.facts(connection, document_id)
    recorded = _tellable(documents.history(connection, document_id))
    possible = documents.candidate_ids(connection, [document_id]).get(document_id, ())
    people = patients.by_ids(connection, {*_people(facts, recorded), *possible})
    history = [_ruling(item, people, type_name) for item in recorded]
    scan_id = facts.document.scan_id
    in_force = {item.recorded.decision.field: item for item in history}
    aside = in_force.pop(Field.ASIDE, None) if facts.is_aside else None
    return Dossier(
        facts=facts,
        patient=people.get(facts.owner_id or 0),
        pages=pages.facts_of_document(connection, document_id),
        scan=scans.get(connection, scan_id),
        arrivals=arrivals.of_scans(connection, [scan_id]).get(scan_id, []),
        in_force=[aside]
        if aside
        else [in_force[field] for field in in_force if field in FILING_FIELDS],
        history=history,
        named=_named(facts, history, people),
        aside=aside,
    )


def _tellable(recorded: Sequence[RecordedDecision]) -> list[RecordedDecision]:
    """The decisions without the reasons of earlier filings for leaving the patient open.

    Such a reason may name people, and whom it named is kept for the newest filing only.
    """
    filings = [
        item
        for item in recorded
        if item.decided_by == documents.AUTOMATIC and item.decision.field is Field.PATIENT
    ]
    silent = {item.id for item in filings[:-1] if item.decision.value is None}
    return [_without_reason(item) if item.id in silent else item for item in recorded]


def _without_reason(item: RecordedDecision) -> RecordedDecision:
    return replace(item, decision=replace(item.decision, because=""))


def _named(
    facts: DocumentFacts, history: Sequence[Ruling], people: Mapping[int, Patient]
) -> dict[int, Patient]:
    """Others than the patient whom the reasons name that everybody may read."""
    # The reason of a link to somebody else is kept from those who may not see that link.
    shared = [one for one in history if not one.patient or one.patient.id == facts.owner_id]
    # Why it waited is not shown of what waits no more.
    reason = "" if facts.is_aside else facts.document.reason
    said = [reason, *(one.recorded.decision.because for one in shared)]
    others = (who for who in people.values() if who.id != facts.owner_id)
    return named_in("\n".join(said), others)


def _people(facts: DocumentFacts, recorded: Sequence[RecordedDecision]) -> set[int]:
    decisions = (item.decision for item in recorded)
    named = {int(d.value) for d in decisions if d.field is Field.PATIENT and d.value}
    return named | ({facts.patient_id} if facts.patient_id else set())


def _ruling(
    recorded: RecordedDecision, people: Mapping[int, Patient], type_name: Callable[[str], str]
) -> Ruling:
    decision = recorded.decision
    patient, value = None, decision.value or "not known"
    if decision.value and decision.field is Field.TYPE:
        value = type_name(decision.value)
    elif decision.value and decision.field is Field.PATIENT:
        patient = people[int(decision.value)]
        value = f"{patient.shown_name}, MRN {patient.mrn}"
    elif decision.field is Field.ASIDE:
        value = WORDS[Reason(decision.value)] if decision.value else "back in review"
    return Ruling(recorded, FIELD_NAMES[decision.field], value, patient)

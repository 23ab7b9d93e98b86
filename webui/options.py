"""The patients that a clerk may choose between, each with what speaks for and against."""

from collections.abc import Sequence
from dataclasses import dataclass

from chartkeeper.records import documents, patients
from chartkeeper.records.database import Connection
from chartkeeper.records.model import Candidate, Evidence, Patient

# One key each.
CANDIDATES_SHOWN = 9


@dataclass(frozen=True, slots=True)
class Option:
    """A patient to choose.

    `because` says why the patient is offered. `agrees` and `disagrees` are what was read on the
    pages. `namesakes` is how many other patients have the same name. `looked_up` says that a clerk
    asked for the patient, not that the pages led there.
    """

    patient: Patient
    because: str
    agrees: Sequence[Evidence]
    disagrees: Sequence[Evidence]
    namesakes: int
    looked_up: bool


def options(
    connection: Connection, document_id: int, chosen: int | None, looked_up: Sequence[Patient]
) -> list[Option]:
    """The candidates of a document, likeliest first, then the one chosen, then those looked up."""
    candidates = documents.candidates_of(connection, document_id)[:CANDIDATES_SHOWN]
    offered = {item.patient_id: item for item in candidates}
    wanted = [*offered, *([chosen] if chosen else []), *(who.id for who in looked_up)]
    people = patients.by_ids(connection, wanted)
    return [
        _option(connection, people[number], offered.get(number), is_chosen=number == chosen)
        for number in dict.fromkeys(wanted)
        if number in people
    ]


def _option(
    connection: Connection, patient: Patient, offered: Candidate | None, *, is_chosen: bool
) -> Option:
    found = "Chosen before." if is_chosen else "Found by your look-up."
    evidence = offered.evidence if offered else ()
    return Option(
        patient=patient,
        because=offered.because if offered else found,
        agrees=[item for item in evidence if item.weight > 0],
        disagrees=[item for item in evidence if item.weight < 0],
        namesakes=len(patients.charts_of_same_name(connection, patient)),
        looked_up=offered is None and not is_chosen,
    )

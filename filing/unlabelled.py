"""A record number whose label was lost: believed only beside a labelled identifier of its owner."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chartkeeper.filing.clues import Clues
from chartkeeper.filing.match import agreement_of
from chartkeeper.filing.names import Agreement
from chartkeeper.filing.values import Clue
from chartkeeper.records.model import Patient

# That a number without a label is a record number is a guess: it supports and proves nothing alone
# (LOWEST_PROOF_CONFIDENCE).
CONFIDENCE = 0.5
FEWEST_DIGITS = 6


def with_lost_number(clues: Clues, candidates: Sequence[Patient]) -> Clues:
    """`clues` with the numbers that belong to whoever the labelled name or birth date names.

    Only where no number is labelled as the patient's, only numbers that no other label claims (an
    account, a phone, somebody else's), only on the page of the identifier that agrees exactly.
    """
    if clues.mrns:
        return clues
    claimed = {(clue.page, clue.box) for clue in clues.others}
    free = [clue for clue in clues.numbers if (clue.page, clue.box) not in claimed]
    return replace(clues, mrns=tuple(_owned(free, clues, candidates)))


def _owned(free: Sequence[Clue], clues: Clues, candidates: Sequence[Patient]) -> Iterator[Clue]:
    for patient in candidates:
        numbers = [c for c in free if patient.mrn_key in c.keys and _is_long(patient.mrn_key)]
        if numbers:
            named_on = {c.page for c in clues.labelled if _is_exact(c, patient)}
            yield from (
                replace(number, confidence=min(number.confidence, CONFIDENCE))
                for number in numbers
                if number.page in named_on
            )


def _is_long(key: str) -> bool:
    return sum(char.isdigit() for char in key) >= FEWEST_DIGITS


def _is_exact(clue: Clue, patient: Patient) -> bool:
    return agreement_of(clue, patient) is Agreement.EXACT

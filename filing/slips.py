"""What is the patient's though it differs: misread in one place, as nothing else explains it.

Two identifiers agree exactly and were read well; the third differs as worn print makes it differ
(healthcare notes, 4.3), and nobody else in the index is meant by it.
"""

from collections.abc import Iterable, Sequence

from rapidfuzz.distance import OSA

from chartkeeper.filing.dates import figures
from chartkeeper.filing.match import IDENTITY, Assessed, Match
from chartkeeper.filing.names import Agreement, Fit, WrittenName, fit, letters
from chartkeeper.filing.values import Clue, names_read
from chartkeeper.filing.wanted import is_misread_digit
from chartkeeper.filing.wordings import LabelKind
from chartkeeper.records.model import Patient, PersonName

LEAST_ALIKE = 0.5  # of a given name or surname, the other being exactly the patient's


def is_slip(match: Match, best: Assessed, others: Iterable[Assessed]) -> bool:
    """Whether what differs is the patient's, misread.

    The other two identifiers must prove the patient by themselves. A number or date may differ in
    one figure that worn print confuses, a name in one half that is still alike. A number as read
    must be nobody's; whose birth date or name it is as read must be unlike in everything else.
    """
    proven = {proof.clue.kind for proof in best.proofs if proof.proves}
    rest = [kind for kind in IDENTITY if kind is not match.clue.kind]
    if not proven.issuperset(rest) or not _is_near(match.clue, best.patient):
        return False
    owners = [one for one in others if _agrees(one.by_kind.get(match.clue.kind, ()))]
    if match.clue.kind is LabelKind.MRN:
        return not owners
    return all(_is_unlike(one, rest) for one in owners)


def _agrees(matches: Sequence[Match]) -> bool:
    return any(match.agreement is Agreement.EXACT for match in matches)


def _is_unlike(other: Assessed, kinds: Sequence[LabelKind]) -> bool:
    return all(
        match.agreement is Agreement.DIFFERENT
        and (match.another_name or kind is not LabelKind.NAME)
        for kind in kinds
        for match in other.by_kind.get(kind, ())
    )


def _is_near(clue: Clue, patient: Patient) -> bool:
    if clue.kind is LabelKind.MRN:
        return any(is_misread_digit(key, patient.mrn_key) for key in clue.keys)
    if clue.kind is LabelKind.BIRTH_DATE:
        born = figures(patient.dob)
        return any(is_misread_digit(figures(day), born) for day in clue.dates)
    known = (PersonName(patient.last, patient.first), *patient.aliases)
    return any(_is_half_misread(name, one, patient) for name in names_read(clue) for one in known)


def _is_half_misread(name: WrittenName, known: PersonName, patient: Patient) -> bool:
    """Whether one half of a name is the known one exactly, and the other still like it."""
    found = fit(name, known.last, known.first, patient.middle, patient.suffix)
    if found.suffix_differs or found.suffix_unproven or _is_neither(found):
        return False
    last, first = letters(known.last), letters(known.first)
    whole = "".join(name.parts)
    if found.last is Agreement.EXACT:
        return any(_is_like(part, first) for part in name.parts if part != last)
    return any(_is_like(part, last) for part in name.parts if part != first) or _is_like(
        whole.replace(first, "", 1), last
    )


def _is_neither(found: Fit) -> bool:
    return Agreement.EXACT not in (found.last, found.first)


def _is_like(read: str, known: str) -> bool:
    return len(read) > 1 and OSA.normalized_similarity(read, known) >= LEAST_ALIKE

"""What a separator sheet claims of the pages behind it, held against what they say themselves.

The bar code was read beyond doubt, but somebody printed the sheet and somebody laid it between the
pages: it is one identifier more, never proof alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from chartkeeper.filing.clues import Clue, Clues
from chartkeeper.filing.cover import body_pages
from chartkeeper.filing.doctypes import DocTypes
from chartkeeper.filing.labels import LabelKind
from chartkeeper.filing.match import LOWEST_PROOF_CONFIDENCE, agreement_of
from chartkeeper.filing.names import Agreement
from chartkeeper.filing.patient import PatientDecision, decide_patient
from chartkeeper.filing.policy import Policy
from chartkeeper.ocr.page import Box, Page
from chartkeeper.records.model import (
    Candidate,
    Decision,
    Evidence,
    Known,
    Patient,
    Wanted,
    mrn_key,
)

SHEET = "separator sheet"
CONFIDENCE = 0.9  # of a type or date that only the sheet tells
MAX_PAGES_CLAIMED = 40
_ON_SHEET = f"of the {SHEET}"
_NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one separator sheet says, or several together: `mrn` and `type` empty where it does not.

    `mrn` is as printed, `type` a type key or one of the codes of doctypes.toml.
    """

    mrn: str = ""
    type: str = ""
    service_date: date | None = None


NO_CLAIM = Claim()


def wanted_too(wanted: Wanted, claim: Claim) -> Wanted:
    """What to look up in the patient index, with the number that the sheet claims."""
    key = mrn_key(claim.mrn)
    return replace(wanted, mrn_keys=wanted.mrn_keys | {key}) if key else wanted


def claimed_patient(
    pages: Sequence[Page], clues: Clues, known: Known, policy: Policy, claim: Claim
) -> PatientDecision:
    """Whose document `pages` are, the claimed number taken for one more identifier.

    It may join one well-read identifier of the pages to a proof. Where the pages prove another
    patient than the sheet claims, nobody is chosen.
    """
    plain = decide_patient(pages, clues, known, policy)
    key = mrn_key(claim.mrn)
    if not key:
        return plain
    if plain.decision.value is None:
        return _joined(pages, clues, known, policy, claim)
    chosen = _patient(plain.decision, known)
    if key in (chosen.mrn_key, *chosen.former_keys):
        because = f"{plain.decision.because}; the {SHEET} says so too"
        return replace(plain, decision=replace(plain.decision, because=because))
    because = f"The {SHEET} says MRN {claim.mrn}, but {plain.decision.because}"
    refused = replace(plain.decision, value=None, confidence=0.0, because=because)
    return replace(plain, decision=refused)


def _joined(
    pages: Sequence[Page], clues: Clues, known: Known, policy: Policy, claim: Claim
) -> PatientDecision:
    """Whose the pages are if the claimed number stood on them, which do not tell by themselves."""
    joined = decide_patient(pages, _with_number(clues, claim, pages), known, policy)
    decision = joined.decision
    if decision.value and not _is_read_well(clues, _patient(decision, known)):
        because = f"{decision.because}, but what agrees on the pages is hard to read"
        decision = replace(decision, value=None, confidence=0.0, because=because)
    candidates = tuple(_placeless_candidate(one) for one in joined.candidates)
    return PatientDecision(_placeless_decision(decision), candidates)


def _patient(decision: Decision, known: Known) -> Patient:
    return next(one for one in known.candidates if str(one.id) == decision.value)


def _is_read_well(clues: Clues, patient: Patient) -> bool:
    """Whether a birth date or name that agrees was read well: the sheet lends no certainty."""
    return any(
        clue.confidence >= LOWEST_PROOF_CONFIDENCE
        and not clue.doubted
        and agreement_of(clue, patient) is Agreement.EXACT
        for clue in (*clues.birth_dates, *clues.names)
    )


def _with_number(clues: Clues, claim: Claim, pages: Sequence[Page]) -> Clues:
    """`clues` with the claimed number on each page of the document itself that names somebody.

    So every rule for numbers on pages holds for it: it counts as one identifier, must be joined by
    another one on a page, and stops automatic filing where anything disagrees.
    """
    body = sorted(body_pages(pages))
    naming = {clue.page for clue in clues.labelled}
    places = [number for number in body if number in naming] or body[:1]
    text = f"{claim.mrn} {_ON_SHEET}"
    claimed = tuple(
        Clue(LabelKind.MRN, at, _NOWHERE, text, SHEET, 1.0, keys=(mrn_key(claim.mrn),))
        for at in places[:MAX_PAGES_CLAIMED]
    )
    return replace(clues, mrns=(*clues.mrns, *claimed))


def claimed_type(decision: Decision, claim: Claim, doctypes: DocTypes) -> Decision:
    """The type that the pages tell, or where they do not, the one that the sheet claims."""
    named = doctypes.of_separator(claim.type) if claim.type else None
    if named is None:
        return decision
    if decision.value is None:
        because = f"{named.name}: the {SHEET} says so; of the pages: {_inside(decision.because)}"
        return replace(decision, value=named.key, confidence=CONFIDENCE, because=because)
    if decision.value == named.key:
        return replace(decision, because=f"{decision.because}; the {SHEET} says so too")
    return decision


def claimed_date(decision: Decision, claim: Claim, since: date | None, until: date) -> Decision:
    """The service date that the pages tell, or where they do not, the one that the sheet claims.

    A claimed day before `since` (the birth date, if known) or after `until` is not believed.
    """
    day = claim.service_date
    if day is None or not (since or day) <= day <= until:
        return decision
    if decision.value is None:
        because = f"the {SHEET} says {day.isoformat()}; of the pages: {_inside(decision.because)}"
        return replace(decision, value=day.isoformat(), confidence=CONFIDENCE, because=because)
    if decision.value == day.isoformat():
        return replace(decision, because=f"{decision.because}; the {SHEET} says so too")
    return decision


def objections(
    claim: Claim, decided_type: Decision, service_date: Decision, doctypes: DocTypes
) -> list[str]:
    """What of type and date the sheet claims and the pages deny, in a clerk's words."""
    found = []
    named = doctypes.of_separator(claim.type) if claim.type else None
    if claim.type and named is None:
        found.append(f"Type: the {SHEET} says {claim.type}, which is no known type")
    elif named and decided_type.value != named.key:
        found.append(f"Type: the {SHEET} says {named.name}, the pages say otherwise")
    day = claim.service_date.isoformat() if claim.service_date else None
    if day and service_date.value != day:
        pages_say = service_date.value or "do not say so"
        found.append(f"Date: the {SHEET} says {day}, the pages {pages_say}")
    return found


def _placeless_decision(decision: Decision) -> Decision:
    """`decision` with evidence from the sheet shown as such: it stands nowhere on the pages."""
    return replace(decision, evidence=tuple(map(_placeless, decision.evidence)))


def _placeless_candidate(one: Candidate) -> Candidate:
    return replace(one, evidence=tuple(map(_placeless, one.evidence)))


def _placeless(item: Evidence) -> Evidence:
    return replace(item, box=None) if item.text.endswith(_ON_SHEET) else item


def _inside(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]

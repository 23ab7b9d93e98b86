"""What others claim of pages, held against what they say themselves.

A separator sheet's bar code was read beyond doubt, but somebody printed the sheet and somebody laid
it between the pages; an import list was exported by a machine, but rows shift and numbers are those
of namesakes. So a claim is one identifier more, never proof alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from chartkeeper.filing.clues import Clues
from chartkeeper.filing.cover import body_pages
from chartkeeper.filing.doctypes import DocTypes
from chartkeeper.filing.match import LOWEST_PROOF_CONFIDENCE, agreement_of
from chartkeeper.filing.names import Agreement, fit, letters, parse_name
from chartkeeper.filing.patient import PatientDecision, decide_patient
from chartkeeper.filing.policy import Policy
from chartkeeper.filing.values import Clue
from chartkeeper.filing.wordings import LabelKind
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
LIST = "import list"
CONFIDENCE = 0.9  # of a type or date that only a claim tells
MAX_PAGES_CLAIMED = 40
_NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one separator sheet or import list says, or several together; empty where it does not.

    `mrn` is as printed, `type` a type key or one of the codes of doctypes.toml. `last`, `first` and
    `dob` only ever speak against a patient. `origin` says who claims it. `lends` is False for a
    claim that may not join what was read to a proof, as it may mean other pages. `conflict` says
    why nothing may be filed on it, in a clerk's words.
    """

    mrn: str = ""
    type: str = ""
    service_date: date | None = None
    last: str = ""
    first: str = ""
    dob: date | None = None
    origin: str = SHEET
    lends: bool = True
    conflict: str = ""

    @property
    def identifies(self) -> bool:
        """Whether it says anything of whose the pages are."""
        return bool(self.mrn or self.last or self.dob)


NO_CLAIM = Claim()
_PARTS = ("last", "first", "dob", "type", "service_date")


def joined_claim(claims: Sequence[Claim]) -> Claim:
    """What several claims of the same pages come to; where they contradict each other, nothing.

    Numbers are compared as numbers are; the claim then says that it is in conflict.
    """
    said = [claim for claim in claims if claim != Claim(origin=claim.origin)]
    if len(said) < 2:
        return said[0] if said else NO_CLAIM
    apart = [what for what, values in _said(said).items() if len(values) > 1]
    agreed = {name: _only({getattr(claim, name) for claim in said}) for name in _PARTS}
    conflicts = [claim.conflict for claim in said] + [_conflict(said, apart)]
    return replace(
        Claim(**{name: value for name, value in agreed.items() if value}),  # type: ignore[arg-type]
        mrn="" if "MRN" in apart else next((one.mrn for one in said if one.mrn), ""),
        origin=" and the ".join(dict.fromkeys(claim.origin for claim in said)),
        lends=any(one.lends and one.mrn for one in said),
        conflict=". ".join(dict.fromkeys(filter(None, conflicts))),
    )


def _conflict(claims: Sequence[Claim], apart: Sequence[str]) -> str:
    if not apart:
        return ""
    origins = list(dict.fromkeys(claim.origin for claim in claims))
    if len(origins) > 1:
        who = f"The {' and the '.join(origins)} say different things of these pages"
    else:
        who = f"The {origins[0]} names this file several times and says different things of it"
    return f"{who} ({', '.join(apart)})"


def of_whole_file(claim: Claim, *, alone: bool) -> Claim:
    """What a claim of a whole file is worth for one document of it, `alone` if it is the only one.

    Of several documents, it can not say which one has the type and the date, and some may be
    another patient's: there it joins nothing to a proof, and is only checked.
    """
    return claim if alone else replace(claim, type="", service_date=None, lends=False)


def differences(last: str, first: str, dob: date | None, patient: Patient) -> list[str]:
    """In what a claimed name or birth date is not the patient's: `name`, `birth date`.

    A name differs if it is clearly another one: short forms and initials do not.
    """
    found = []
    written = parse_name(f"{last}, {first}") if last and first else None
    names = [(patient.last, patient.first), *((one.last, one.first) for one in patient.aliases)]
    if written and all(
        fit(written, *name, patient.middle, patient.suffix).is_contradiction for name in names
    ):
        found.append("name")
    if dob and dob != patient.dob:
        found.append("birth date")
    return found


def wanted_too(wanted: Wanted, claim: Claim) -> Wanted:
    """What to look up in the patient index, with the number that is claimed."""
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
    if claim.conflict:
        return _nobody(plain, claim.conflict)
    key = mrn_key(claim.mrn)
    if plain.decision.value is None:
        return _joined(pages, clues, known, policy, claim) if key and claim.lends else plain
    if not claim.identifies:
        return plain
    chosen = _patient(plain.decision, known)
    against = _against(claim, key, chosen)
    if against:
        return _nobody(plain, f"The {claim.origin} says {against}, but {plain.decision.because}")
    because = f"{plain.decision.because}; the {claim.origin} says so too"
    return replace(plain, decision=replace(plain.decision, because=because))


def _against(claim: Claim, key: str, chosen: Patient) -> str:
    """What the claim says that is not the chosen patient's, in a clerk's words."""
    if key and key not in (chosen.mrn_key, *chosen.former_keys):
        return f"MRN {claim.mrn}"
    different = differences(claim.last, claim.first, claim.dob, chosen)
    return f"another {' and '.join(different)}" if different else ""


def _nobody(plain: PatientDecision, because: str) -> PatientDecision:
    refused = replace(plain.decision, value=None, confidence=0.0, because=because)
    return replace(plain, decision=refused)


def _joined(
    pages: Sequence[Page], clues: Clues, known: Known, policy: Policy, claim: Claim
) -> PatientDecision:
    """Whose the pages are if the claimed number stood on them, which do not tell by themselves."""
    joined = decide_patient(pages, _with_number(clues, claim, pages), known, policy)
    decision = joined.decision
    different = _list_differs(decision, known, claim)
    if different:
        because = (
            f"The {claim.origin} gives MRN {claim.mrn} another {different} than the index does"
        )
        decision = replace(decision, value=None, confidence=0.0, because=because)
    rival = _rival(clues, known, decision)
    if rival:
        because = f"What was read fits {rival} as well; only the {claim.origin} tells who it is"
        decision = replace(decision, value=None, confidence=0.0, because=because)
    if decision.value and not _is_read_well(clues, _patient(decision, known)):
        because = f"{decision.because}, but what agrees on the pages is hard to read"
        decision = replace(decision, value=None, confidence=0.0, because=because)
    mark = _mark(claim)
    candidates = tuple(_placeless_candidate(one, mark) for one in joined.candidates)
    return PatientDecision(_placeless_decision(decision, mark), candidates)


def _rival(clues: Clues, known: Known, decision: Decision) -> str:
    """Somebody of the same surname whom all fits that was read of the chosen one, if there is one.

    Of namesakes and of twins a claimed number alone would say which: it may be the other's.
    """
    if decision.value is None:
        return ""
    chosen = _patient(decision, known)
    read = [clue for clue in (*clues.birth_dates, *clues.names) if _fits(clue, chosen)]
    return next(
        (
            one.shown_name
            for one in known.candidates
            if one.id != chosen.id
            and letters(one.last) == letters(chosen.last)
            and all(_fits(clue, one) for clue in read)
        ),
        "",
    )


def _fits(clue: Clue, patient: Patient) -> bool:
    return agreement_of(clue, patient) is Agreement.EXACT


def _list_differs(decision: Decision, known: Known, claim: Claim) -> str:
    """In what the claimed name and birth date are not those of the claimed number's patient."""
    if decision.value is None:
        return ""
    who = _patient(decision, known)
    return " and ".join(differences(claim.last, claim.first, claim.dob, who))


def _patient(decision: Decision, known: Known) -> Patient:
    return next(one for one in known.candidates if str(one.id) == decision.value)


def _is_read_well(clues: Clues, patient: Patient) -> bool:
    """Whether a birth date or name that agrees was read well: the sheet lends no certainty."""
    return any(
        clue.confidence >= LOWEST_PROOF_CONFIDENCE and not clue.doubted and _fits(clue, patient)
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
    text = f"{claim.mrn} {_mark(claim)}"
    claimed = tuple(
        Clue(LabelKind.MRN, at, _NOWHERE, text, claim.origin, 1.0, keys=(mrn_key(claim.mrn),))
        for at in places[:MAX_PAGES_CLAIMED]
    )
    return replace(clues, mrns=(*clues.mrns, *claimed))


def claimed_type(decision: Decision, claim: Claim, doctypes: DocTypes) -> Decision:
    """The type that the pages tell, or where they do not, the one that is claimed."""
    named = doctypes.of_separator(claim.type) if claim.type else None
    if named is None:
        return decision
    if decision.value is None:
        because = (
            f"{named.name}: the {claim.origin} says so; of the pages: {_inside(decision.because)}"
        )
        return replace(decision, value=named.key, confidence=CONFIDENCE, because=because)
    if decision.value == named.key:
        return replace(decision, because=f"{decision.because}; the {claim.origin} says so too")
    return decision


def claimed_date(decision: Decision, claim: Claim, since: date | None, until: date) -> Decision:
    """The service date that the pages tell, or where they do not, the one that is claimed.

    A claimed day before `since` (the birth date, if known) or after `until` is not believed.
    """
    day = claim.service_date
    if day is None or not (since or day) <= day <= until:
        return decision
    if decision.value is None:
        because = (
            f"the {claim.origin} says {day.isoformat()}; of the pages: {_inside(decision.because)}"
        )
        return replace(decision, value=day.isoformat(), confidence=CONFIDENCE, because=because)
    if decision.value == day.isoformat():
        return replace(decision, because=f"{decision.because}; the {claim.origin} says so too")
    return decision


def objections(
    claim: Claim, decided_type: Decision, service_date: Decision, doctypes: DocTypes
) -> list[str]:
    """What of type and date is claimed and the pages deny, in a clerk's words."""
    found = []
    named = doctypes.of_separator(claim.type) if claim.type else None
    if claim.type and named is None:
        found.append(f"Type: the {claim.origin} says {claim.type}, which is no known type")
    elif named and decided_type.value != named.key:
        found.append(f"Type: the {claim.origin} says {named.name}, the pages say otherwise")
    day = claim.service_date.isoformat() if claim.service_date else None
    if day and service_date.value != day:
        pages_say = service_date.value or "do not say so"
        found.append(f"Date: the {claim.origin} says {day}, the pages {pages_say}")
    return found


def _placeless_decision(decision: Decision, mark: str) -> Decision:
    """`decision` with evidence that is claimed shown as such: it stands nowhere on the pages."""
    return replace(decision, evidence=tuple(_placeless(one, mark) for one in decision.evidence))


def _placeless_candidate(one: Candidate, mark: str) -> Candidate:
    return replace(one, evidence=tuple(_placeless(item, mark) for item in one.evidence))


def _placeless(item: Evidence, mark: str) -> Evidence:
    return replace(item, box=None) if item.text.endswith(mark) else item


def _mark(claim: Claim) -> str:
    """What a claimed number is told by where everything else was read."""
    return f"of the {claim.origin}"


def _said(claims: Sequence[Claim]) -> dict[str, set[object]]:
    """The different things that claims say, by what they are about."""
    values: dict[str, set[object]] = {
        "MRN": {mrn_key(one.mrn) for one in claims},
        "name": {(letters(one.last), letters(one.first)) for one in claims if one.last},
        "birth date": {one.dob for one in claims},
        "type": {one.type for one in claims},
        "date": {one.service_date for one in claims},
    }
    return {what: some - {"", None} for what, some in values.items()}


def _only(values: set[object]) -> object:
    said = values - {"", None}
    return next(iter(said)) if len(said) == 1 else None


def _inside(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]

"""Whose document it is: candidates by likeness, a decision only by proof."""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import TypeVar

from rapidfuzz.distance import OSA

from chartkeeper.filing.clues import Clue, Clues, names_read
from chartkeeper.filing.cover import body_pages
from chartkeeper.filing.dates import differs_by_one_slip, is_default_birth_date
from chartkeeper.filing.labels import LabelKind
from chartkeeper.filing.names import (
    PLACEHOLDERS,
    Agreement,
    Fit,
    WrittenName,
    fit,
    letters,
)
from chartkeeper.ocr.page import Page
from chartkeeper.records.model import Candidate, Decision, Evidence, Field, Patient

LOWEST_PROOF_CONFIDENCE = 0.6  # a word read less surely than this proves nothing
# Two misreadings do not both land on the one patient whose third identifier was read well.
LOWEST_SUPPORT_CONFIDENCE = 0.3
PROOFS_NEEDED = 2
# A rival must be at least two single misreadings farther from the pages than the chosen patient.
RIVAL_DISTANCE = 2
MAX_CANDIDATES_SHOWN = 5
MAX_CANDIDATES_WEIGHED = 5_000
MAX_MRN_KEYS = 400
MAX_BIRTH_DATES = 400
MAX_SURNAMES = 100
MAX_CANDIDATES_ASSESSED = 60

# Evidence in bits, log2 of m over u: healthcare notes, section 4.5. A likeness counts about half.
_BITS = {
    (LabelKind.MRN, Agreement.EXACT): 16.0,
    (LabelKind.MRN, Agreement.SIMILAR): 8.0,
    (LabelKind.MRN, Agreement.DIFFERENT): -4.0,
    (LabelKind.BIRTH_DATE, Agreement.EXACT): 14.5,
    (LabelKind.BIRTH_DATE, Agreement.SIMILAR): 6.0,
    (LabelKind.BIRTH_DATE, Agreement.DIFFERENT): -6.0,
    (LabelKind.SEX, Agreement.EXACT): 1.0,
    (LabelKind.SEX, Agreement.DIFFERENT): -3.0,
}
_LAST_BITS = {Agreement.EXACT: 9.0, Agreement.SIMILAR: 4.0, Agreement.DIFFERENT: -3.0}
_FIRST_BITS = {Agreement.EXACT: 6.5, Agreement.SIMILAR: 3.0, Agreement.DIFFERENT: -3.0}
_BARE_NUMBER_BITS = 7.0
_BARE_DATE_BITS = 5.0
_IDENTITY = (LabelKind.MRN, LabelKind.BIRTH_DATE, LabelKind.NAME)
_CONFUSED_DIGITS = {
    "0": "86",
    "1": "74",
    "2": "7",
    "3": "8",
    "4": "91",
    "5": "63",
    "6": "58",
    "7": "12",
    "8": "306",
    "9": "4",
}  # fmt: skip
_Item = TypeVar("_Item")
_SHOWN_AS = {LabelKind.MRN: "MRN", LabelKind.BIRTH_DATE: "birth date", LabelKind.NAME: "name"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look up in the patient index: any patient who has one of these is a candidate.

    `surnames` are in capital letters only, also the parts of double names.
    """

    mrn_keys: frozenset[str]
    dobs: frozenset[date]
    surnames: frozenset[str]


@dataclass(frozen=True, slots=True)
class PatientDecision:
    """The decision (value: the patient's id in decimal, or None) and the best candidates."""

    decision: Decision
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """One labelled clue against one patient.

    `proves` if it may count towards a decision; `supports` if it may where all three identifiers
    agree and another of them proves.
    """

    clue: Clue
    agreement: Agreement
    proves: bool
    supports: bool
    bits: float


@dataclass(frozen=True, slots=True)
class _Assessed:
    """One patient against all clues."""

    patient: Patient
    matches: tuple[_Match, ...]
    extra: tuple[Evidence, ...]
    sex_differs: bool
    is_on_pages: bool  # number and birth date both stand somewhere, labelled by nobody

    @property
    def score(self) -> float:
        best = sum(max(m.bits for m in found) for found in self.by_kind().values())
        return best + sum(evidence.weight for evidence in self.extra)

    @property
    def proofs(self) -> tuple[_Match, ...]:
        """The proofs of the page that has most kinds of them."""
        pages = sorted({match.clue.page for match in self.matches if match.proves})
        most = max((self._proofs_on(page) for page in pages), key=len, default={})
        return tuple(most[kind] for kind in _IDENTITY if kind in most)

    def _proofs_on(self, page: int) -> dict[LabelKind, _Match]:
        here = [m for m in reversed(self.matches) if m.clue.page == page]
        proving = {m.clue.kind: m for m in here if m.proves}
        together = {m.clue.kind: m for m in here if m.supports} | proving
        return together if proving and len(together) == len(_IDENTITY) else proving

    @property
    def distance(self) -> int:
        """How many single misreadings part the pages from this patient, as far as was read."""
        best = (max(m.agreement for m in found) for found in self.by_kind().values())
        return sum(Agreement.EXACT - agreement for agreement in best)

    def by_kind(self) -> dict[LabelKind, list[_Match]]:
        kinds = {match.clue.kind for match in self.matches}
        return {
            kind: [m for m in self.matches if m.clue.kind is kind]
            for kind in _IDENTITY
            if kind in kinds
        }


def wanted(clues: Clues) -> Wanted:
    """What the caller looks up in the patient index before `decide_patient`.

    Bounded by MAX_MRN_KEYS, MAX_BIRTH_DATES and MAX_SURNAMES; labelled clues come first.
    """
    labelled = [key for clue in clues.mrns for key in clue.keys]
    misread = [near for key in labelled[:10] for near in _near_numbers(key)]
    bare = [key for clue in clues.numbers for key in clue.keys]
    days = [day for clue in clues.birth_dates for day in clue.dates]
    swapped = [_swapped(day) for day in days]
    bare_days = [day for clue in clues.dates for day in clue.dates]
    surnames = [surname for clue in clues.names for surname in _surnames(clue)]
    return Wanted(
        frozenset(_first(MAX_MRN_KEYS, [*labelled, *misread, *bare])),
        frozenset(_first(MAX_BIRTH_DATES, [day for day in [*days, *swapped, *bare_days] if day])),
        frozenset(_first(MAX_SURNAMES, surnames)),
    )


def decide_patient(
    pages: Sequence[Page], clues: Clues, candidates: Sequence[Patient]
) -> PatientDecision:
    """Whose document `pages` are, among `candidates`, or why that is not known.

    A patient is chosen only if two of labelled MRN, labelled birth date and full name, read well on
    one page, or all three of which one was read well, agree exactly, nothing labelled as the
    patient's disagrees, and no other candidate is within RIVAL_DISTANCE misreadings. Fax covers
    support but prove nothing when a body follows.
    """
    body = body_pages(pages)
    likely = _likely(clues, candidates, body)
    ranked = sorted(
        (_assess(patient, clues, body) for patient in likely),
        key=lambda one: (-len(one.proofs), -one.score, one.patient.id),
    )
    doubt = _doubt(ranked, clues)
    best_first = sorted(ranked, key=lambda one: (-one.score, one.patient.id))
    shown = tuple(_candidate(one) for one in best_first[:MAX_CANDIDATES_SHOWN] if one.score > 0)
    if doubt:
        seen = shown[0].evidence if shown else tuple(_evidence(c, 0.0) for c in clues.labelled[:6])
        return PatientDecision(Decision(Field.PATIENT, None, 0.0, doubt, seen), shown)
    return PatientDecision(_chosen(ranked[0]), shown)


def _likely(clues: Clues, candidates: Sequence[Patient], body: frozenset[int]) -> list[Patient]:
    """The candidates worth a close look: the best when each distinct thing read counts once."""
    unique = {patient.id: patient for patient in candidates[:MAX_CANDIDATES_WEIGHED]}
    if len(unique) <= MAX_CANDIDATES_ASSESSED:
        return list(unique.values())
    distinct = {
        (clue.kind, clue.keys, clue.dates, names_read(clue), clue.doubted): clue
        for clue in clues.labelled
    }
    once = dataclasses.replace(
        clues,
        mrns=tuple(c for c in distinct.values() if c.kind is LabelKind.MRN),
        birth_dates=tuple(c for c in distinct.values() if c.kind is LabelKind.BIRTH_DATE),
        names=tuple(c for c in distinct.values() if c.kind is LabelKind.NAME),
    )
    rough = [_assess(patient, once, body) for patient in unique.values()]
    rough.sort(key=lambda one: (-one.score, one.patient.id))
    return [one.patient for one in rough[:MAX_CANDIDATES_ASSESSED]]


def _chosen(best: _Assessed) -> Decision:
    proofs = best.proofs
    what = _listed([_shown(match.clue) for match in proofs])
    verb = "agree" if len(proofs) > 1 else "agrees"
    because = f"{what} on page {proofs[0].clue.page} {verb} with {best.patient.shown_name}"
    surest = min(match.clue.confidence for match in proofs)
    confidence = (0.99 if len(proofs) > PROOFS_NEEDED else 0.97) * (0.9 + 0.1 * surest)
    evidence = tuple(_evidence(m.clue, m.bits) for m in best.matches if m.bits > 0)
    return Decision(Field.PATIENT, str(best.patient.id), confidence, because, evidence)


def _doubt(ranked: Sequence[_Assessed], clues: Clues) -> str:
    """Why no patient may be chosen, in a clerk's words; empty if the first may be."""
    if not clues.labelled:
        return "No patient name, birth date or MRN was found on the pages"
    if not ranked:
        return f"No patient in the index has {_what_was_read(clues)}"
    best = ranked[0]
    proven = [one for one in ranked if len(one.proofs) >= PROOFS_NEEDED]
    if not proven:
        return _too_little(best, clues)
    if len(proven) > 1:
        return _two_patients(proven[0], proven[1])
    return _contradicted(best, ranked) or _rivalled(best, ranked)


def _contradicted(best: _Assessed, ranked: Sequence[_Assessed]) -> str:
    """What on the pages speaks against the proven patient; empty if nothing does."""
    against = next((match for match in best.matches if _objects(match)), None)
    if against:
        return _contradiction(best, against, ranked)
    if best.sex_differs and LabelKind.MRN not in {match.clue.kind for match in best.proofs}:
        return f"The sex on the pages is not that of {best.patient.shown_name}"
    return ""


def _rivalled(best: _Assessed, ranked: Sequence[_Assessed]) -> str:
    """Which other patient the pages may mean as well; empty if none."""
    chosen = best.patient.shown_name
    stray = next((one for one in ranked[1:] if one.is_on_pages), None)
    if stray:
        return f"Number and birth date of {stray.patient.shown_name} stand on the pages as well"
    unsure = any(not match.proves for match in best.proofs)
    far = best.distance + RIVAL_DISTANCE + unsure
    rival = next((one for one in ranked[1:] if one.distance < far), None)
    if rival:
        other = rival.patient.shown_name
        return f"{chosen} and {other} are too alike: the pages nearly fit both"
    return ""


def _objects(match: _Match) -> bool:
    """Whether a labelled clue speaks against the patient it was matched with."""
    if match.clue.kind is LabelKind.NAME:
        return match.agreement is Agreement.DIFFERENT
    # A number or date that differs in one stroke may be a misreading, or somebody else's.
    return match.agreement is not Agreement.EXACT


def _assess(patient: Patient, clues: Clues, body: frozenset[int]) -> _Assessed:
    matches = tuple(_match(clue, patient, body) for clue in clues.labelled)
    sexes = {clue.text.upper()[:1] for clue in clues.sexes}
    sex = patient.sex.upper()[:1]
    differs = sex in ("M", "F") and bool(sexes) and sex not in sexes
    on_pages = _is_on_pages(patient, clues)
    return _Assessed(patient, matches, _extra(patient, clues, sexes), differs, on_pages)


def _is_on_pages(patient: Patient, clues: Clues) -> bool:
    """Whether number and birth date both stand on the pages, not labelled as somebody else's."""
    claimed = {(clue.page, clue.box) for clue in clues.others}
    free = [c for c in (*clues.numbers, *clues.dates) if (c.page, c.box) not in claimed]
    number = any(patient.mrn_key in clue.keys for clue in free)
    return number and any(patient.dob in clue.dates for clue in free)


def _match(clue: Clue, patient: Patient, body: frozenset[int]) -> _Match:
    counted = clue.page in body and not clue.doubted
    supported = counted and clue.confidence >= LOWEST_SUPPORT_CONFIDENCE
    readable = counted and clue.confidence >= LOWEST_PROOF_CONFIDENCE
    if clue.kind is LabelKind.NAME and clue.name:
        best = _fit_of(clue, patient)
        counts = best.is_proof and not _is_placeholder(clue.name, patient)
        bits = _LAST_BITS[best.last] + _FIRST_BITS[best.first]
        return _Match(clue, _name_agreement(best), readable and counts, supported and counts, bits)
    agreement = _agreement(clue, patient)
    default = clue.kind is LabelKind.BIRTH_DATE and is_default_birth_date(patient.dob)
    counts = agreement is Agreement.EXACT and not default
    bits = _BITS[clue.kind, agreement]
    return _Match(clue, agreement, readable and counts, supported and counts, bits)


def _agreement(clue: Clue, patient: Patient) -> Agreement:
    """How a labelled number or date fits the patient's."""
    if clue.kind is LabelKind.NAME and clue.name:
        return _name_agreement(_fit_of(clue, patient))
    if clue.kind is LabelKind.MRN:
        exact, near = (
            patient.mrn_key in clue.keys,
            any(_is_near(key, patient.mrn_key) for key in clue.keys),
        )
    else:
        exact = patient.dob in clue.dates
        near = any(differs_by_one_slip(day, patient.dob) for day in clue.dates)
    if exact:
        return Agreement.EXACT
    return Agreement.SIMILAR if near else Agreement.DIFFERENT


def _fit_of(clue: Clue, patient: Patient) -> Fit:
    """How well the name fits, in whichever reading fits better."""
    fits = [_best_fit(name, patient) for name in names_read(clue)]
    return max(fits, key=lambda found: (found.is_proof, not found.is_contradiction))


def _name_agreement(best: Fit) -> Agreement:
    if best.is_contradiction:
        return Agreement.DIFFERENT
    return Agreement.EXACT if best.is_proof else Agreement.SIMILAR


@lru_cache(maxsize=65_536)
def _best_fit(name: WrittenName, patient: Patient) -> Fit:
    known = [
        (patient.last, patient.first),
        *((alias.last, alias.first) for alias in patient.aliases),
    ]
    fits = (fit(name, last, first, patient.middle, patient.suffix) for last, first in known)
    return max(fits, key=lambda one: one.rank)


def _is_placeholder(name: WrittenName, patient: Patient) -> bool:
    known = {letters(part) for part in re.split(r"[\s-]+", f"{patient.first} {patient.last}")}
    return name.is_placeholder or bool(known & PLACEHOLDERS)


def _extra(patient: Patient, clues: Clues, sexes: set[str]) -> tuple[Evidence, ...]:
    """Weak evidence, for the order of the candidates only."""
    found: list[Evidence] = []
    labelled = {key for clue in clues.mrns for key in clue.keys}
    if patient.mrn_key not in labelled:
        bare = (c for c in clues.numbers if patient.mrn_key in c.keys)
        found += [_evidence(clue, _BARE_NUMBER_BITS) for clue in islice(bare, 1)]
    if patient.dob not in {day for clue in clues.birth_dates for day in clue.dates}:
        bare = (clue for clue in clues.dates if patient.dob in clue.dates)
        found += [_evidence(clue, _BARE_DATE_BITS) for clue in islice(bare, 1)]
    if sexes and patient.sex:
        agrees = Agreement.EXACT if patient.sex.upper()[:1] in sexes else Agreement.DIFFERENT
        found += [_evidence(clues.sexes[0], _BITS[LabelKind.SEX, agrees])]
    return tuple(found)


def _candidate(one: _Assessed) -> Candidate:
    kinds = {kind: max(found, key=lambda m: m.bits) for kind, found in one.by_kind().items()}
    agree = [_shown(m.clue) for m in kinds.values() if m.agreement is Agreement.EXACT]
    like = [_shown(m.clue) for m in kinds.values() if m.agreement is Agreement.SIMILAR]
    differ = [_shown(m.clue) for m in kinds.values() if m.agreement is Agreement.DIFFERENT]
    pieces = [
        f"{text}: {_listed(group)}"
        for text, group in (("agrees", agree), ("nearly agrees", like), ("differs", differ))
        if group
    ]
    evidence = (*map(_matched, kinds.values()), *one.extra)
    because = "; ".join(pieces) or "only a number or date somewhere on the pages agrees"
    return Candidate(one.patient.id, round(one.score, 1), because, evidence)


def _too_little(best: _Assessed, clues: Clues) -> str:
    exact = {m.clue.kind for m in best.matches if m.agreement is Agreement.EXACT}
    proofs = best.proofs
    if len(exact) >= PROOFS_NEEDED:
        return _weak(best, exact)
    read = {clue.kind for clue in clues.labelled}
    missing = [_SHOWN_AS[kind] for kind in _IDENTITY if kind not in read]
    wrong = [_SHOWN_AS[kind] for kind in _IDENTITY if kind in read and kind not in exact]
    tail = [f"{_listed(missing)} not found on the pages"] if missing else []
    tail += [f"{_listed(wrong)} on the pages is not in the index with it"] if wrong else []
    if not exact:
        return f"No patient in the index has {_what_was_read(clues)}"
    agreed = _SHOWN_AS[proofs[0].clue.kind] if proofs else _SHOWN_AS[next(iter(exact))]
    return f"Only the {agreed} agrees; {'; '.join(tail)}"


def _weak(best: _Assessed, exact: set[LabelKind]) -> str:
    what = _listed([_SHOWN_AS[kind] for kind in _IDENTITY if kind in exact])
    if LabelKind.BIRTH_DATE in exact and is_default_birth_date(best.patient.dob):
        return f"{what} agree, but a birth date of 01/01 may stand for an unknown one"
    unsure = [
        m
        for m in best.matches
        if m.agreement is Agreement.EXACT and m.clue.confidence < LOWEST_PROOF_CONFIDENCE
    ]
    if unsure:
        clue = unsure[0].clue
        return f"{what} agree, but {_shown(clue)} on page {clue.page} is hard to read"
    return f"{what} agree, but not two of them together on one page of the document"


def _two_patients(one: _Assessed, other: _Assessed) -> str:
    first, second = one.proofs[0].clue, other.proofs[0].clue
    if first.page == second.page:
        return (
            f"The pages fit two patients: {one.patient.shown_name} and {other.patient.shown_name}"
        )
    return (
        f"Two patients are named on these pages: page {first.page} {one.patient.shown_name}, "
        f"page {second.page} {other.patient.shown_name}"
    )


def _contradiction(best: _Assessed, against: _Match, ranked: Sequence[_Assessed]) -> str:
    clue = against.clue
    owner = next((o for o in ranked[1:] if _agreement(clue, o.patient) is Agreement.EXACT), None)
    if owner and clue.kind is not LabelKind.BIRTH_DATE:
        return (
            f"Two patients are named on these pages: page {best.proofs[0].clue.page} "
            f"{best.patient.shown_name}, page {clue.page} {owner.patient.shown_name}"
        )
    agreed = _listed([_SHOWN_AS[match.clue.kind] for match in best.proofs])
    chosen = best.patient.shown_name
    return f"{agreed} agree with {chosen}, but {_shown(clue)} on page {clue.page} does not"


def _what_was_read(clues: Clues) -> str:
    firsts = [group[0] for group in (clues.mrns, clues.birth_dates, clues.names) if group]
    return " or ".join(_shown(clue) for clue in firsts)


def _shown(clue: Clue) -> str:
    return f"{_SHOWN_AS.get(clue.kind, clue.kind.value)} {clue.text}"


def _matched(match: _Match) -> Evidence:
    """As a clerk should see it: what differs speaks against, what is similar only puts forward."""
    found = _evidence(match.clue, match.bits)
    if match.agreement is Agreement.DIFFERENT:
        # A name of which one half agrees still brings the patient into the list.
        return replace(found, weight=min(found.weight, _LAST_BITS[Agreement.DIFFERENT]))
    if match.agreement is Agreement.SIMILAR:
        return replace(found, meaning=f"{found.meaning}, only similar to")
    return found


def _evidence(clue: Clue, bits: float) -> Evidence:
    meaning = clue.kind.value if clue.label else f"{clue.kind.value}, not labelled"
    if clue.doubted:
        meaning += ", read in two ways"
    return Evidence(clue.page, clue.box, clue.text, meaning, bits)


def _listed(items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _surnames(clue: Clue) -> list[str]:
    parts = [letters(part) for part in re.split(r"[\s,-]+", clue.text)]
    whole = sorted({surname for name in names_read(clue) for surname in name.surnames})
    return [name for name in (*whole, *parts) if len(name) > 1]


def _near_numbers(key: str) -> list[str]:
    """`key` with one digit misread or two neighbours swapped."""
    misread = [
        key[:at] + other + key[at + 1 :]
        for at, char in enumerate(key)
        for other in _CONFUSED_DIGITS.get(char, "")
    ]
    swapped = [key[:at] + key[at + 1] + key[at] + key[at + 2 :] for at in range(len(key) - 1)]
    return [near.lstrip("0") for near in misread + swapped if near != key]


@lru_cache(maxsize=65_536)
def _is_near(read: str, known: str) -> bool:
    width = max(len(read), len(known))
    return OSA.distance(read.zfill(width), known.zfill(width), score_cutoff=1) <= 1 or (
        OSA.distance(read, known, score_cutoff=1) <= 1
    )


def _swapped(day: date) -> date | None:
    return day.replace(month=day.day, day=day.month) if day.day <= 12 else None


def _first(size: int, items: Iterable[_Item]) -> list[_Item]:
    return list(islice(dict.fromkeys(items), size))

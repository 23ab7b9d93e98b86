"""One patient held against all that the pages say: what agrees, what proves, what differs."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

from rapidfuzz.distance import OSA

from chartkeeper.filing.captions import is_named_in
from chartkeeper.filing.clues import Clues
from chartkeeper.filing.dates import differs_by_one_slip, figures, is_default_birth_date
from chartkeeper.filing.names import PLACEHOLDERS, Agreement, Fit, WrittenName, fit, letters
from chartkeeper.filing.policy import Policy, is_sound_number
from chartkeeper.filing.values import Clue, names_read
from chartkeeper.filing.weights import (
    BARE_DATE_BITS,
    BARE_NUMBER_BITS,
    field_bits,
    name_bits,
)
from chartkeeper.filing.wordings import LabelKind
from chartkeeper.ocr.page import Page
from chartkeeper.records.model import Frequencies, Patient, PersonName

LOWEST_PROOF_CONFIDENCE = 0.6  # a word read less surely, or in two ways, proves nothing alone
IDENTITY = (LabelKind.MRN, LabelKind.BIRTH_DATE, LabelKind.NAME)


@dataclass(frozen=True)
class Grounds:
    """What every patient is held against: the clues, the pages that count, rules, frequencies.

    `unread` are pages whose header could not be read, `headings` names that head pages, `rosters`
    pages that list people, `texts` the words of each page in reading order, capital letters only,
    `pages` the pages by number.
    """

    clues: Clues
    body: frozenset[int]
    policy: Policy
    frequencies: Frequencies
    unread: frozenset[int] = frozenset()
    headings: tuple[WrittenName, ...] = ()
    rosters: frozenset[int] = frozenset()
    texts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    pages: Mapping[int, Page] = field(default_factory=dict)

    @cached_property
    def labelled_keys(self) -> frozenset[str]:
        """The numbers labelled as the patient's."""
        return frozenset(key for clue in self.clues.mrns for key in clue.keys)

    @cached_property
    def labelled_days(self) -> frozenset[date]:
        """The birth dates labelled as the patient's."""
        return frozenset(day for clue in self.clues.birth_dates for day in clue.dates)

    @cached_property
    def numbers(self) -> Mapping[str, Clue]:
        """All numbers on the pages, each where it stands first."""
        return {key: clue for clue in reversed(self.clues.numbers) for key in clue.keys}

    @cached_property
    def days(self) -> Mapping[date, Clue]:
        """All dates on the pages, each where it stands first."""
        return {day: clue for clue in reversed(self.clues.dates) for day in clue.dates}

    @cached_property
    def unclaimed_numbers(self) -> Mapping[str, frozenset[int]]:
        """The pages on which a number stands that is not labelled as somebody else's."""
        return _pages_of(
            (key, clue.page) for clue in self._unclaimed(self.clues.numbers) for key in clue.keys
        )

    @cached_property
    def unclaimed_days(self) -> frozenset[date]:
        """The dates that are not labelled as somebody else's."""
        return frozenset(day for clue in self._unclaimed(self.clues.dates) for day in clue.dates)

    def _unclaimed(self, clues: Sequence[Clue]) -> list[Clue]:
        claimed = {(clue.page, clue.box) for clue in self.clues.others}
        return [clue for clue in clues if (clue.page, clue.box) not in claimed]


@dataclass(frozen=True, slots=True)
class Match:
    """One labelled clue against one patient.

    `proves` if it may count towards a decision; `supports` if it may beside another that proves.
    `former` if it is a number that was merged into this one, `another_name` if neither the last
    nor the first name is like the patient's.
    """

    clue: Clue
    agreement: Agreement
    proves: bool
    supports: bool
    bits: float
    former: bool = False
    another_name: bool = False


@dataclass(frozen=True, slots=True)
class Bare:
    """A number or date of the patient's that stands on the pages without a label of its own."""

    clue: Clue
    bits: float


@dataclass(frozen=True)
class Assessed:
    """One patient against all clues.

    `sex_differs` where the pages name only the other sex.
    """

    patient: Patient
    matches: tuple[Match, ...]
    bare: tuple[Bare, ...]
    sex: Bare | None
    sex_differs: bool

    @cached_property
    def by_kind(self) -> Mapping[LabelKind, tuple[Match, ...]]:
        """The matches of each identifier that the pages label."""
        kinds = {match.clue.kind for match in self.matches}
        return {
            kind: tuple(m for m in self.matches if m.clue.kind is kind)
            for kind in IDENTITY
            if kind in kinds
        }

    @cached_property
    def labelled_bits(self) -> float:
        """The weight of what is labelled, the best match of each identifier."""
        best = sum(max(m.bits for m in found) for found in self.by_kind.values())
        return best + (self.sex.bits if self.sex else 0.0)

    @cached_property
    def score(self) -> float:
        """The weight of everything, for the order of candidates."""
        return self.labelled_bits + sum(one.bits for one in self.bare)

    @cached_property
    def proofs(self) -> tuple[Match, ...]:
        """The proofs of the page that has most kinds of them."""
        pages = sorted({match.clue.page for match in self.matches if match.proves})
        most = max((self._proofs_on(page) for page in pages), key=len, default={})
        return tuple(most[kind] for kind in IDENTITY if kind in most)

    @cached_property
    def distance(self) -> int:
        """How many single misreadings part the pages from this patient, as far as was read.

        At least: two in a name that differs, four where both names do, and as many in a number or
        date as figures differ; but two in any name if the patient's is one of two readings of a
        number.
        """
        asked = any(m.clue.doubted and m.agreement is Agreement.EXACT for m in self._numbers)
        return sum(
            min(_distance(match, self.patient, names_count_twice=not asked) for match in found)
            for found in self.by_kind.values()
        )

    @property
    def _numbers(self) -> tuple[Match, ...]:
        return self.by_kind.get(LabelKind.MRN, ())

    def _proofs_on(self, page: int) -> dict[LabelKind, Match]:
        here = [m for m in reversed(self.matches) if m.clue.page == page]
        proving = {m.clue.kind: m for m in here if m.proves}
        return {m.clue.kind: m for m in here if m.supports} | proving


def _is_of_the_document(clue: Clue, patient: Patient, grounds: Grounds) -> bool:
    """Not on a fax cover, where somebody wrote down whom the fax was meant to be about."""
    del patient
    return clue.page in grounds.body


def _is_no_default_date(clue: Clue, patient: Patient, grounds: Grounds) -> bool:
    """Not the birth date that stands for an unknown one."""
    del grounds
    return clue.kind is not LabelKind.BIRTH_DATE or not is_default_birth_date(patient.dob)


def _is_no_placeholder(clue: Clue, patient: Patient, grounds: Grounds) -> bool:
    """Not the name of somebody unknown, a newborn or a test."""
    del grounds
    if clue.kind is not LabelKind.NAME or clue.name is None:
        return True
    return not (clue.name.is_placeholder or is_placeholder(patient))


def is_placeholder(patient: Patient) -> bool:
    """Whether the index itself names the patient by what stands for nobody in particular."""
    known = {letters(part) for part in re.split(r"[\s-]+", f"{patient.first} {patient.last}")}
    return bool(known & PLACEHOLDERS)


def _has_sound_check_digit(clue: Clue, patient: Patient, grounds: Grounds) -> bool:
    """Not a number of which the check digit shows that it was misread."""
    sound = is_sound_number(patient.mrn_key, grounds.policy)
    return clue.kind is not LabelKind.MRN or sound


def _is_in_use(clue: Clue, patient: Patient, grounds: Grounds) -> bool:
    """Not a number that was given up for another."""
    del grounds
    return clue.kind is not LabelKind.MRN or patient.mrn_key in clue.keys


def _is_not_introduced(clue: Clue, patient: Patient, grounds: Grounds) -> bool:
    """Not behind a caption or in a sentence that may be about somebody else."""
    del grounds
    named = clue.kind is not LabelKind.NAME and is_named_in(clue.caption, patient)
    return not clue.caption or named


def _is_not_beneath_another(clue: Clue, patient: Patient, grounds: Grounds) -> bool:
    """Not under somebody else's heading, unless a label on the page names the patient."""
    named = (one for one in grounds.clues.names if one.page == clue.page and one.label)
    return not clue.beneath or any(_fit_of(one, patient)[0].is_proof for one in named)


# What an exact agreement must be beside exact to be a proof; each is a trap of the field.
PROOF_RULES: tuple[Callable[[Clue, Patient, Grounds], bool], ...] = (
    _is_of_the_document,
    _is_no_default_date,
    _is_no_placeholder,
    _has_sound_check_digit,
    _is_in_use,
    _is_not_introduced,
    _is_not_beneath_another,
)


def assess(patient: Patient, grounds: Grounds) -> Assessed:
    """`patient` held against the clues of `grounds`."""
    clues = grounds.clues
    sexes = {clue.text.upper()[:1] for clue in clues.sexes}
    sex = patient.sex.upper()[:1]
    return Assessed(
        patient,
        tuple(_match(clue, patient, grounds) for clue in clues.labelled),
        tuple(_bare(patient, grounds)),
        _sex(sex, sexes, grounds),
        sex_differs=sex in ("M", "F") and bool(sexes) and sex not in sexes,
    )


def agreement_of(clue: Clue, patient: Patient) -> Agreement:
    """How a labelled clue fits the patient's."""
    if clue.kind is LabelKind.NAME and clue.name:
        return _name_agreement(_fit_of(clue, patient)[0])
    if clue.kind is LabelKind.MRN:
        exact = bool({patient.mrn_key, *patient.former_keys} & set(clue.keys))
        near = any(_is_near(key, patient.mrn_key) for key in clue.keys)
    else:
        exact = patient.dob in clue.dates
        near = any(differs_by_one_slip(day, patient.dob) for day in clue.dates)
    if exact:
        return Agreement.EXACT
    return Agreement.SIMILAR if near else Agreement.DIFFERENT


def _match(clue: Clue, patient: Patient, grounds: Grounds) -> Match:
    agreement, another = agreement_of(clue, patient), False
    former = clue.kind is LabelKind.MRN and bool(set(patient.former_keys) & set(clue.keys))
    if clue.kind is LabelKind.NAME and clue.name:
        found, name = _fit_of(clue, patient)
        exact, another = found.is_proof, found.is_another
        bits = name_bits(found, letters(name.last), letters(name.first), grounds.frequencies)
    else:
        exact = agreement is Agreement.EXACT
        bits = field_bits(clue.kind, agreement, grounds.frequencies)
    counts = exact and all(rule(clue, patient, grounds) for rule in PROOF_RULES)
    return Match(
        clue,
        agreement,
        proves=counts and not clue.doubted and clue.confidence >= LOWEST_PROOF_CONFIDENCE,
        # A misreading does not land by chance on the patient of whom another was read well.
        supports=counts,
        bits=bits,
        former=former,
        another_name=another,
    )


def _distance(match: Match, patient: Patient, *, names_count_twice: bool) -> int:
    """How many single misreadings at least part what was read from the patient's."""
    if match.agreement is not Agreement.DIFFERENT:
        return Agreement.EXACT - match.agreement
    if match.clue.kind is LabelKind.NAME:
        return 4 if match.another_name and names_count_twice else 2
    return max(2, _figures_apart(match.clue, patient))


def _figures_apart(clue: Clue, patient: Patient) -> int:
    """How many figures of a number or date differ from the patient's, in the nearest reading."""
    if clue.kind is LabelKind.MRN:
        return min(OSA.distance(key, patient.mrn_key) for key in clue.keys)
    born = figures(patient.dob)
    return min(OSA.distance(figures(day), born) for day in clue.dates)


def _fit_of(clue: Clue, patient: Patient) -> tuple[Fit, PersonName]:
    """How well the name fits, in whichever reading fits better, and to which of the names."""
    fits = [best_fit(name, patient) for name in names_read(clue)]
    return max(fits, key=lambda found: found[0].rank)


@lru_cache(maxsize=65_536)
def best_fit(name: WrittenName, patient: Patient) -> tuple[Fit, PersonName]:
    """How well a name fits the patient, and to which of the patient's names."""
    known = (PersonName(patient.last, patient.first), *patient.aliases)
    fits = [(fit(name, k.last, k.first, patient.middle, patient.suffix), k) for k in known]
    return max(fits, key=lambda one: one[0].rank)


def _name_agreement(best: Fit) -> Agreement:
    if best.is_contradiction:
        return Agreement.DIFFERENT
    return Agreement.EXACT if best.is_proof else Agreement.SIMILAR


@lru_cache(maxsize=65_536)
def _is_near(read: str, known: str) -> bool:
    width = max(len(read), len(known))
    return OSA.distance(read.zfill(width), known.zfill(width), score_cutoff=1) <= 1 or (
        OSA.distance(read, known, score_cutoff=1) <= 1
    )


def _sex(known: str, read: set[str], grounds: Grounds) -> Bare | None:
    if not known or not read:
        return None
    agrees = Agreement.EXACT if known in read else Agreement.DIFFERENT
    bits = field_bits(LabelKind.SEX, agrees, grounds.frequencies)
    return Bare(grounds.clues.sexes[0], bits)


def _bare(patient: Patient, grounds: Grounds) -> list[Bare]:
    """Weak evidence, for the order of the candidates only."""
    found: list[Bare] = []
    number = grounds.numbers.get(patient.mrn_key)
    if number and patient.mrn_key not in grounds.labelled_keys:
        found.append(Bare(number, BARE_NUMBER_BITS))
    day = grounds.days.get(patient.dob)
    if day and patient.dob not in grounds.labelled_days:
        found.append(Bare(day, BARE_DATE_BITS))
    return found


def _pages_of(places: Iterable[tuple[str, int]]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for key, page in places:
        found[key].add(page)
    return {key: frozenset(pages) for key, pages in found.items()}


def ranked(patients: Sequence[Patient], grounds: Grounds) -> list[Assessed]:
    """`patients` held against the grounds, those with most proofs first, then the weightiest."""
    return sorted(
        (assess(patient, grounds) for patient in patients),
        key=lambda one: (-len(one.proofs), -one.labelled_bits, one.patient.id),
    )

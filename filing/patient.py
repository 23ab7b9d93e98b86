"""Whose document it is: candidates by likeness, a decision only by proof."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from chartkeeper.filing import reasons
from chartkeeper.filing.ages import (
    ages_on,
    contradicted,
    days_on,
    labelled_days,
    sexes_in_prose,
    years_between,
)
from chartkeeper.filing.alike import likenesses, most_alike, score, traces
from chartkeeper.filing.astray import is_astray
from chartkeeper.filing.captions import named_behind
from chartkeeper.filing.clues import Clues
from chartkeeper.filing.cover import body_pages
from chartkeeper.filing.headers import heading_names, unread_headers
from chartkeeper.filing.layout import content_lines
from chartkeeper.filing.match import (
    IDENTITY,
    Assessed,
    Grounds,
    Match,
    assess,
    is_placeholder,
    ranked,
)
from chartkeeper.filing.names import Agreement, letters
from chartkeeper.filing.newborns import GROWN_YEARS, newborn_words
from chartkeeper.filing.policy import Policy, of_this_house
from chartkeeper.filing.reasons import PROOFS_NEEDED, quoted
from chartkeeper.filing.roster import rosters
from chartkeeper.filing.slips import is_slip
from chartkeeper.filing.speakers import speaks_for_another
from chartkeeper.filing.stamps import stamp_on
from chartkeeper.filing.stickers import with_stickers
from chartkeeper.filing.unlabelled import with_lost
from chartkeeper.filing.values import Clue, names_read
from chartkeeper.filing.weights import prior_bits
from chartkeeper.filing.wordings import LabelKind
from chartkeeper.ocr.page import Page
from chartkeeper.records.model import Candidate, Decision, Field, Known, Patient

# A rival must be at least two single misreadings farther from the pages than the chosen patient,
RIVAL_DISTANCE = 2
# and its weight lower by odds of a thousand to one.
RIVAL_BITS = 10.0
# The odds that somebody quite unlike agrees so by chance must be below a thousand to one, too.
LOWEST_NET_BITS = 10.0
MAX_CANDIDATES_SHOWN = 5
MAX_CANDIDATES_WEIGHED = 5_000
MAX_CANDIDATES_ASSESSED = 60
MAX_ALIKE_ASSESSED = 40
MAX_EVIDENCE = 6
DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True)
class PatientDecision:
    """The decision (value: the patient's id in decimal, or None) and the best candidates."""

    decision: Decision
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The candidates held against the pages, those with most proofs first, and the grounds."""

    ranked: tuple[Assessed, ...]
    grounds: Grounds

    @property
    def best(self) -> Assessed:
        """The one who would be chosen."""
        return self.ranked[0]

    @property
    def others(self) -> tuple[Assessed, ...]:
        """Everybody else."""
        return self.ranked[1:]

    @property
    def body(self) -> tuple[Page, ...]:
        """The pages without their fax covers."""
        return tuple(
            page for number, page in self.grounds.pages.items() if number in self.grounds.body
        )

    @property
    def days(self) -> tuple[date, ...]:
        """The days on these pages, those aside on which somebody was born."""
        return days_on(self.grounds.clues, self.grounds.body, self.best.patient.dob)


def decide_patient(
    pages: Sequence[Page], clues: Clues, known: Known, policy: Policy = DEFAULT_POLICY
) -> PatientDecision:
    """Whose document `pages` are, among the candidates of `known`, or why that is not known.

    A patient is chosen only if no rule of SAFETY_RULES speaks against it: two of labelled MRN,
    labelled birth date and full name, read well on one page, or all three of which one was read
    well, must agree exactly, and so on. Fax covers support but prove nothing when a body follows.
    """
    ours = with_lost(_ours(clues, pages, known, policy), pages, known.candidates)
    case = _case(pages, ours, known, policy)
    doubt = forbidden(case)
    best_first = _for_a_clerk(case, pages, known) if doubt else _by_weight(case)
    best = [one for one, bits in best_first[:MAX_CANDIDATES_SHOWN] if bits > 0]
    # Whoever is named in the reason is among those to choose from, and known to have been shown.
    named = [one for one in case.ranked if one.patient.shown_name in doubt and one not in best]
    shown = tuple(map(reasons.candidate, (*best, *named)))
    if not doubt:
        return PatientDecision(_chosen(case.best), shown)
    unweighed = reasons.evidence_unweighed(case.grounds.clues, MAX_EVIDENCE)
    seen = shown[0].evidence if shown else unweighed
    return PatientDecision(Decision(Field.PATIENT, None, 0.0, doubt, seen), shown)


def _ours(clues: Clues, pages: Sequence[Page], known: Known, policy: Policy) -> Clues:
    """The clues that may be this house's, blocks without labels among them."""
    labelled = of_this_house(clues, pages, policy)
    stacked = with_stickers(labelled, pages, known.candidates)
    # A block whose number is another house's is another house's.
    return stacked if of_this_house(stacked, pages, policy) == stacked else labelled


def _by_weight(case: Case) -> list[tuple[Assessed, float]]:
    return _best_first((one, one.score) for one in case.ranked)


def _for_a_clerk(case: Case, pages: Sequence[Page], known: Known) -> list[tuple[Assessed, float]]:
    """Everybody whom a clerk may mean, the likeliest first, misreadings allowed for.

    Only the order of a list: whoever it brings was not, and will not be, weighed for a decision.
    """
    found = traces(case.grounds.clues, pages)
    weighed = {one.patient.id: one for one in case.ranked}
    others = [one for one in (*known.candidates, *known.alike) if one.id not in weighed]
    likely = most_alike(others[:MAX_CANDIDATES_WEIGHED], found, MAX_ALIKE_ASSESSED)
    people = [*case.ranked, *(assess(one, case.grounds) for one, _ in likely)]
    bits = likenesses([one.patient for one in people], found)
    return _best_first(
        (one, score(one, likeness)) for one, likeness in zip(people, bits, strict=True)
    )


def _best_first(weighed: Iterable[tuple[Assessed, float]]) -> list[tuple[Assessed, float]]:
    return sorted(weighed, key=lambda one: (-one[1], one[0].patient.id))


def _case(pages: Sequence[Page], clues: Clues, known: Known, policy: Policy) -> Case:
    texts = {page.number: tuple(_words(page)) for page in pages}
    unread = unread_headers(pages, clues)
    grounds = Grounds(
        clues,
        body_pages(pages),
        policy,
        known.frequencies,
        unread,
        heading_names(pages, clues),
        rosters(pages, clues),
        texts,
        {page.number: page for page in pages},
    )
    return Case(tuple(ranked(_likely(known.candidates, grounds), grounds)), grounds)


def _words(page: Page) -> Iterator[str]:
    """The words of `page`, those of names written together (`SMITH,ANN`) apart."""
    parts = (part for line in content_lines(page) for word in line for part in word.text.split(","))
    return filter(None, map(letters, parts))


def forbidden(case: Case, rules: Sequence[Callable[[Case], str]] | None = None) -> str:
    """Why no patient may be chosen, in a clerk's words; empty if the first may be.

    The first of `rules` (SAFETY_RULES unless given) that objects says why.
    """
    said = (rule(case) for rule in (SAFETY_RULES if rules is None else rules))
    return next((reason for reason in said if reason), "")


def something_is_labelled(case: Case) -> str:
    """The pages must say whose they are."""
    clues = case.grounds.clues
    return "" if clues.labelled else reasons.nothing_labelled(clues)


def somebody_is_known(case: Case) -> str:
    """The patient index must know somebody like that."""
    return "" if case.ranked else reasons.nobody_has(case.grounds.clues)


def two_proofs(case: Case) -> str:
    """Two independent identifiers must agree exactly, together on one page."""
    enough = case.ranked and len(case.best.proofs) >= PROOFS_NEEDED
    return "" if enough else reasons.too_little(case.best, case.grounds.clues)


def named_as_the_patient(case: Case) -> str:
    """Number and birth date without the name must not stand beside it where it is another's."""
    kinds = {match.clue.kind for match in case.best.proofs}
    if LabelKind.NAME in kinds:
        return ""
    return next(filter(None, (_named_behind(match.clue, case) for match in case.best.proofs)), "")


def _named_behind(clue: Clue, case: Case) -> str:
    patient, page = case.best.patient, case.grounds.pages[clue.page]
    words = named_behind(patient, page, clue.box)
    if not words:
        return ""
    return (
        f'On page {clue.page} {patient.shown_name} stands behind "{quoted(words)}" and may be '
        "somebody else than the patient"
    )


def one_patient(case: Case) -> str:
    """Nobody else may be proven on the same pages.

    Of two patients of one name and birth date the number tells which, if it is quite another.
    """
    proven = [one for one in case.others if len(one.proofs) >= PROOFS_NEEDED]
    rivals = [one for one in proven if not _is_ruled_out(one, case.best)]
    return reasons.two_patients(case.best, rivals[0]) if rivals else ""


def somebody_real(case: Case) -> str:
    """The patient must be somebody, not a name that stands for a newborn, a test or an unknown."""
    patient = case.best.patient
    if not is_placeholder(patient):
        return ""
    return f"{patient.shown_name} is a name for somebody unknown, a newborn or a test"


def nothing_differs(case: Case) -> str:
    """Nothing labelled as the patient's may disagree, on any page."""
    objecting = (match for match in case.best.matches if _objects(match))
    against = next((m for m in objecting if not is_slip(m, case.best, case.others)), None)
    return reasons.contradiction(case.best, against, case.others) if against else ""


def sex_agrees(case: Case) -> str:
    """The sex must not differ, whatever else agrees: a label may be on the wrong paper."""
    told = frozenset[str]().union(*map(sexes_in_prose, case.body))
    own = case.best.patient.sex.upper()[:1]
    in_prose = own in ("M", "F") and bool(told) and own not in told
    if not (case.best.sex_differs or in_prose):
        return ""
    return f"The sex on the pages is not that of {case.best.patient.shown_name}"


def age_agrees(case: Case) -> str:
    """A printed age must be the patient's on some day that the pages bear."""
    ages = [age for page in case.body for age in ages_on(page)]
    against = contradicted(case.best.patient.dob, ages, case.days) if ages else None
    if against is None:
        return ""
    born = case.best.patient.dob.isoformat()
    return (
        f"{case.best.patient.shown_name} was born on {born}, but page {against.page} says "
        f'"{against.text}"'
    )


def not_before_birth(case: Case) -> str:
    """The dates that labels ask for must not all be of days before the patient's birth."""
    born, days = case.best.patient.dob, labelled_days(case.grounds.clues, case.grounds.body)
    if not days or any(day >= born for day in days):
        return ""
    who = f"{case.best.patient.shown_name} on {born.isoformat()}"
    return f"The dates on the pages lie before the birth of {who}"


def not_a_newborns(case: Case) -> str:
    """A newborn's paper must not go to somebody older: the mother's label is often on it."""
    patient = case.best.patient
    lived = [years_between(patient.dob, day) for day in case.days if day >= patient.dob]
    # Nothing says how old somebody was on an undated paper.
    years = min(lived, default=GROWN_YEARS)
    page, words = newborn_words(case.body, years, patient) if years else (0, "")
    if not page:
        return ""
    born = f"{patient.shown_name} was born on {patient.dob.isoformat()}"
    return f'Page {page} seems to be a newborn\'s ("{words}"), but {born}'


def speaks_for_themselves(case: Case) -> str:
    """Whoever signs must not sign for somebody else, as a parent does."""
    patient = case.best.patient
    page, words = speaks_for_another(patient, case.body)
    return (
        f'On page {page} {patient.shown_name} signs for somebody else ("{words}")' if page else ""
    )


def not_withdrawn(case: Case) -> str:
    """No stamp or line may say that the paper is void or another patient's."""
    page, words = stamp_on(case.body)
    return f'Page {page} says "{quoted(words)}"' if page else ""


def nobody_astray(case: Case) -> str:
    """No other patient may stand on the pages without a label, by number, birth date or heading."""
    chosen, others = case.best.patient, (one.patient for one in case.others)
    stray = next((one for one in others if is_astray(one, chosen, case.grounds)), None)
    if stray is None:
        return ""
    return f"{stray.shown_name} seems to stand on the pages as well"


def every_header_read(case: Case) -> str:
    """No page may be headed by somebody's identity that could not be read."""
    unread = sorted(case.grounds.unread & case.grounds.body)
    if not unread:
        return ""
    return f"Whose page {unread[0]} is could not be read; it may be another patient's"


def no_roster(case: Case) -> str:
    """No page may list people: whoever stands in its first row does not own it."""
    listing = sorted(case.grounds.rosters & case.grounds.body)
    return f"Page {listing[0]} seems to list several patients" if listing else ""


def no_lookalike(case: Case) -> str:
    """No other patient may be so near that a misreading or two would make the pages that one's."""
    unsure = any(not match.proves for match in case.best.proofs)
    far = case.best.distance + RIVAL_DISTANCE + unsure
    return _too_alike(case, [one for one in case.others if one.distance < far])


def no_close_second(case: Case) -> str:
    """What was read must speak for this patient much more than for any other."""
    least = case.best.labelled_bits - RIVAL_BITS
    return _too_alike(case, [one for one in case.others if one.labelled_bits > least])


def no_chance(case: Case) -> str:
    """The agreement must be rarer than one among so many patients by chance."""
    net = case.best.labelled_bits + prior_bits(case.grounds.frequencies)
    if net >= LOWEST_NET_BITS:
        return ""
    what = reasons.listed([reasons.shown(match.clue) for match in case.best.proofs])
    return f"{what} agree with {case.best.patient.shown_name}, but may be somebody else's by chance"


# Removing any of these makes a test of tests/filing/test_safety_rules.py fail.
SAFETY_RULES: tuple[Callable[[Case], str], ...] = (
    something_is_labelled,
    somebody_is_known,
    two_proofs,
    named_as_the_patient,
    one_patient,
    somebody_real,
    nothing_differs,
    sex_agrees,
    age_agrees,
    not_before_birth,
    not_a_newborns,
    speaks_for_themselves,
    not_withdrawn,
    nobody_astray,
    every_header_read,
    no_roster,
    no_lookalike,
    no_close_second,
    no_chance,
)


def _is_ruled_out(other: Assessed, best: Assessed) -> bool:
    """Whether all three identifiers are the best's, and the other's number is quite another."""
    numbers = other.by_kind.get(LabelKind.MRN, ())
    return (
        len(best.proofs) == len(IDENTITY)
        and bool(numbers)
        and all(match.agreement is Agreement.DIFFERENT for match in numbers)
    )


def _too_alike(case: Case, rivals: Sequence[Assessed]) -> str:
    if not rivals:
        return ""
    chosen, other = case.best.patient.shown_name, rivals[0].patient.shown_name
    return f"{chosen} and {other} are too alike: the pages nearly fit both"


def _objects(match: Match) -> bool:
    """Whether a labelled clue speaks against the patient it was matched with."""
    if match.clue.kind is LabelKind.NAME:
        return match.agreement is Agreement.DIFFERENT
    # A number or date that differs in one stroke may be a misreading, or somebody else's.
    return match.agreement is not Agreement.EXACT


def _chosen(best: Assessed) -> Decision:
    surest = min(match.clue.confidence for match in best.proofs)
    confidence = (0.99 if len(best.proofs) > PROOFS_NEEDED else 0.97) * (0.9 + 0.1 * surest)
    because, evidence = reasons.why_chosen(best), reasons.evidence_for(best)
    return Decision(Field.PATIENT, str(best.patient.id), confidence, because, evidence)


def _likely(candidates: Sequence[Patient], grounds: Grounds) -> list[Patient]:
    """The candidates worth a close look: the best when each distinct thing read counts once."""
    unique = {patient.id: patient for patient in candidates[:MAX_CANDIDATES_WEIGHED]}
    if len(unique) <= MAX_CANDIDATES_ASSESSED:
        return list(unique.values())
    once = dataclasses.replace(grounds, clues=_each_once(grounds.clues))
    rough = [assess(patient, once) for patient in unique.values()]
    rough.sort(key=lambda one: (-one.score, one.patient.id))
    return [one.patient for one in rough[:MAX_CANDIDATES_ASSESSED]]


def _each_once(clues: Clues) -> Clues:
    distinct: dict[object, Clue] = {
        (clue.kind, clue.keys, clue.dates, names_read(clue), clue.doubted): clue
        for clue in clues.labelled
    }

    def of(kind: LabelKind) -> tuple[Clue, ...]:
        return tuple(clue for clue in distinct.values() if clue.kind is kind)

    return dataclasses.replace(
        clues,
        mrns=of(LabelKind.MRN),
        birth_dates=of(LabelKind.BIRTH_DATE),
        names=of(LabelKind.NAME),
    )

"""One document of the filing benchmark before it is laid out: who, what, when, and the truth."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from filing_population import Population
from filing_senders import TYPES, Sender, senders_of

from chartkeeper.records.model import Patient

ARRIVED = date(2026, 7, 31)
LONGEST_AGO_DAYS = 1_500
# Which day of a paper is its service date; section 7 of the design.
DATE_KINDS = {
    **dict.fromkeys(("discharge_summary",), "discharged"),
    **dict.fromkeys(("lab_report", "pathology_report"), "collected"),
    **dict.fromkeys(("imaging_report", "ecg_report", "echo_report"), "examined"),
    **dict.fromkeys(("operative_note", "procedure_note"), "performed"),
    **dict.fromkeys(
        ("history_physical", "consult_note", "progress_note", "ed_note", "nursing_note"), "visit"
    ),
    "therapy_note": "visit",
    "letter": "letter",
}
# How often papers of a type come; the rest weigh 1.
COMMON_TYPES = {
    "lab_report": 4,
    "progress_note": 4,
    "imaging_report": 3,
    "consult_note": 2,
    "letter": 2,
}
WITH_ADDRESS, ADDRESS_SHARE = ("table", "columns", "form", "typewriter", "dense"), 0.3
NAME, DOB, MRN = "name", "dob", "mrn"
ALL = frozenset((NAME, DOB, MRN))
Shown = frozenset[str]


@dataclass(frozen=True)
class Other:
    """Somebody else printed on a page, in a block that says who that is; `large` in big type."""

    role: str
    person: Patient
    shown: Shown = frozenset((NAME, DOB))
    large: bool = False


@dataclass
class Case:
    """A document to be made.

    `person` is printed as the patient with the identifiers `shown`; `truth` is the number of the
    patient it belongs to, None if it must be linked to nobody. `linkable` as said in filing.py.
    `name_as`, `dob_as`, `mrn_as` replace what the index says of the person; `claimed` is the
    number that the separator sheet in front of it says where that is not the patient's.
    """

    type: str
    sender: Sender
    person: Patient
    day: date
    truth: str | None
    linkable: bool = False
    trap: str = "none"
    shown: Shown = ALL
    name_as: str = ""
    dob_as: date | None = None
    mrn_as: str = ""
    account: str = ""
    others: list[Other] = field(default_factory=list)
    label: Patient | None = None
    second: Patient | None = None
    listed: list[Patient] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    misreads: dict[str, str] = field(default_factory=dict)
    cover: Patient | None = None
    empty_fields: bool = False
    has_address: bool = False
    claimed: str = ""

    @property
    def date_kind(self) -> str:
        """What its service date is the day of."""
        return DATE_KINDS.get(self.type, "form")

    @property
    def scored_day(self) -> date | None:
        """The service date; None for an insurance card, which has none."""
        return None if self.type == "insurance_card" or self.listed else self.day


def plain_case(family: str, people: Population, rng: random.Random) -> Case:
    """A paper without a trap, of any type of the family."""
    return case_for(family, people.anybody(rng), rng, people)


def case_for(
    family: str, person: Patient, rng: random.Random, people: Population, *, own: bool | None = None
) -> Case:
    """A paper about somebody; `own` asks for a sender that prints our numbers, or for another."""
    weights = [COMMON_TYPES.get(name, 1) for name in TYPES]
    senders: list[Sender] = []
    while not senders:
        doc_type = rng.choices(TYPES, weights)[0]
        senders = [one for one in senders_of(family, doc_type) if own is None or one.own == own]
    sender = rng.choice(senders)
    case = Case(doc_type, sender, person, _service_day(person, rng), person.mrn or None)
    case.shown = _shown(sender, rng)
    case.account = f"{rng.randrange(10_000_000, 99_999_999)}"
    case.has_address = sender.layout in WITH_ADDRESS and rng.random() < ADDRESS_SHARE
    judge(case, people)
    return case


def _service_day(person: Patient, rng: random.Random) -> date:
    longest = min(LONGEST_AGO_DAYS, max(2, (ARRIVED - person.dob).days - 1))
    return ARRIVED - timedelta(days=1 + int(longest * rng.random() ** 3))


def _shown(sender: Sender, rng: random.Random) -> Shown:
    """Which identifiers a paper has: mostly all that its sender prints."""
    luck = rng.random()
    if not sender.own:
        return frozenset((NAME, DOB)) if luck < 0.93 else frozenset((NAME,))
    if luck < 0.82:
        return ALL
    if luck < 0.9:
        return frozenset((NAME, MRN))
    return frozenset((NAME, DOB)) if luck < 0.97 else frozenset((NAME,))


def judge(case: Case, people: Population) -> None:
    """Set `linkable`: two identifiers of the right patient are printed, alone, unmistakably.

    A birth date on 1 January counts as none, for it may stand for an unknown one.
    """
    counted = set(case.shown)
    if (case.person.dob.month, case.person.dob.day) == (1, 1):
        counted.discard(DOB)
    unmistakable = MRN in counted or not has_double(case.person, people)
    case.linkable = bool(case.truth) and len(counted) >= 2 and unmistakable


def has_double(person: Patient, people: Population) -> bool:
    """Whether somebody else in the index has the same name and birth date."""
    doubles = [pair for pair in people.groups["same_name_same_dob"] if person.mrn in pair]
    return bool(doubles)

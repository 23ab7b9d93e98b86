"""The words of the trade as values: what arrived, what it is, who decided, who looked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from chartkeeper.ocr.page import Box


class Lane(StrEnum):
    """Which work goes first: daily before migration."""

    DAILY = "daily"
    MIGRATION = "migration"


# Priorities within a lane go from 1, the most urgent, to 9.
USUAL_PRIORITY = 5


class ArrivalState(StrEnum):
    """The life of a file seen in an inbox; the arrows are drawn in docs/states.md."""

    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class ScanState(StrEnum):
    """The life of the content of a file, from durable to found by a search."""

    STORED = "stored"
    FILED = "filed"
    FAILED = "failed"


class PageState(StrEnum):
    """The life of a page in the reading room."""

    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    FAILED = "failed"


# Of these pages it is not known yet what they say.
TO_BE_READ = (PageState.WAITING, PageState.READING)


class DocumentStatus(StrEnum):
    """Whether a document has its place, waits for a clerk, or was found to belong to no chart."""

    FILED = "filed"
    REVIEW = "review"
    ASIDE = "aside"


class ItemState(StrEnum):
    """The life of a file of an import: a line of its list, or a file found without one.

    `surplus` is a file that lies there and that the list does not name.
    """

    EXPECTED = "expected"
    TAKEN = "taken"
    REFUSED = "refused"
    MISSING = "missing"
    REJECTED = "rejected"
    SURPLUS = "surplus"


class Field(StrEnum):
    """What is decided of a document; `aside`, that it belongs to no chart, by people alone."""

    TYPE = "type"
    PATIENT = "patient"
    DATE = "date"
    ASIDE = "aside"


# What filing decides of each document.
FILING_FIELDS = (Field.TYPE, Field.PATIENT, Field.DATE)


class Role(StrEnum):
    """What an account may do; each role may do what those above it may, and more."""

    STAFF = "staff"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Origin:
    """What the profile of an inbox says of everything that comes through it.

    `source` is the kind of device ("fax", "scanner"). `duplex`: both sides of each sheet are in the
    file. `blank_separates` overrides the home's rule on blank sheets; None leaves it.
    """

    department: str = ""
    source: str = ""
    duplex: bool = False
    blank_separates: bool | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a fax server says of a file that it delivered; empty where nobody said anything.

    `pages_expected` is how many pages it received, `error` what went wrong while it did. `note`
    tells in a clerk's words why nothing is known although a report was to come.
    """

    sender: str = ""
    pages_expected: int | None = None
    error: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file seen in an inbox or import: where, when, under what name, with which outcome.

    `claim` names the file while it is being taken in; it holds nothing of the file's own name.
    `reason` says in a clerk's words why a file was refused and what to do.
    """

    id: int
    inbox: str
    name: str
    claim: str
    state: ArrivalState
    lane: Lane
    priority: int
    seen_at: datetime
    size: int
    scan_id: int | None
    reason_code: str | None
    reason: str | None
    cleared: bool
    origin: Origin = Origin()
    delivery: Delivery = Delivery()


@dataclass(frozen=True, slots=True)
class Scan:
    """The content of an arrived file, named by its SHA-256; stored once, never changed."""

    id: int
    sha256: str
    format: str
    size: int
    page_count: int
    state: ScanState
    lane: Lane
    priority: int
    stored_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class PageTask:
    """A page to be read: which page of which scan, and how often it was tried before."""

    page_id: int
    scan_id: int
    sha256: str
    format: str
    number: int
    attempts: int
    lane: Lane


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words on a page that led to a decision.

    `box` is in pixels of the upright page image, None where the whole page speaks. `meaning` says
    what the words were taken for ("MRN", "birth date", "title"). `weight` is positive for, negative
    against the decision.
    """

    page: int
    box: Box | None
    text: str
    meaning: str
    weight: float


@dataclass(frozen=True, slots=True)
class Decision:
    """One field of a document decided, or honestly left open.

    `value` is a type key, a patient id in decimal, an ISO date, or why it was set aside; None means
    that it is not known, or not set aside any more.
    `confidence` runs from 0 to 1. `because` is a sentence that a clerk can read.
    """

    field: Field
    value: str | None
    confidence: float
    because: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A decision as it stands in the ledger: by whom and when; superseded, never overwritten."""

    id: int
    document_id: int
    decision: Decision
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A patient whom a document may belong to, with what speaks for and against.

    `score` is a sum of evidence weights in bits; more is better, and 0 says nothing.
    """

    patient_id: int
    score: float
    because: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A further document may begin at `page` of the scan.

    `because` says in a clerk's words what speaks for it; `points` say how much.
    """

    page: int
    because: str
    points: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """What filing makes of a run of pages; `reason` says why a clerk must look, empty if filed.

    `suggestions` are the pages at which it may be two documents.
    """

    first_page: int
    last_page: int
    type: Decision
    patient: Decision
    service_date: Decision
    candidates: tuple[Candidate, ...]
    status: DocumentStatus
    reason: str
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A run of pages of one scan that is one chart document."""

    id: int
    scan_id: int
    first_page: int
    last_page: int
    status: DocumentStatus
    reason: str


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name somebody goes by; `last` and `first` as written in the patient index."""

    last: str
    first: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A person in the patient index.

    `mrn` is as the index writes it; `mrn_key` is the same without punctuation and leading zeros,
    which is how numbers are compared. `aliases` are other and former names, `former_mrns` numbers
    that were merged into this one.
    """

    id: int
    mrn: str
    mrn_key: str
    last: str
    first: str
    dob: date
    middle: str = ""
    suffix: str = ""
    sex: str = ""
    aliases: tuple[PersonName, ...] = ()
    address: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    phone: str = ""
    ssn4: str = ""
    former_mrns: tuple[str, ...] = ()

    @property
    def former_keys(self) -> tuple[str, ...]:
        """The former numbers as they are compared."""
        return tuple(mrn_key(mrn) for mrn in self.former_mrns)

    @property
    def shown_name(self) -> str:
        """The name as a chart tab shows it: `Last, First Middle Suffix`."""
        given = " ".join(part for part in (self.first, self.middle, self.suffix) if part)
        return f"{self.last}, {given}"


@dataclass(frozen=True, slots=True)
class Alike:
    """Whom a clerk may be shown beside the candidates; names in capital letters only.

    Whoever bears one of `full_names` (surname, given name) or of `starts` (surname, first letters
    of the given name) is found; `dobs` and `mrn_keys` may be misread in several places, and count
    for whoever also bears one of `names` as surname or given name.
    """

    full_names: frozenset[tuple[str, str]] = frozenset()
    starts: frozenset[tuple[str, str]] = frozenset()
    dobs: frozenset[date] = frozenset()
    mrn_keys: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look up in the patient index; names in capital letters only.

    Whoever has one of `mrn_keys` or `dobs` is a candidate, and whoever bears one of `surnames`,
    those first who bear one of `given_names` too. `loose_dobs` are days that may be no birth dates,
    or not as read: they count for whoever also bears one of `loose_names`, words from anywhere on
    the pages.
    """

    mrn_keys: frozenset[str] = frozenset()
    dobs: frozenset[date] = frozenset()
    surnames: frozenset[str] = frozenset()
    given_names: frozenset[str] = frozenset()
    loose_dobs: frozenset[date] = frozenset()
    loose_names: frozenset[str] = frozenset()
    alike: Alike = field(default_factory=Alike)


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How many patients are known, and how many of them bear a name (in capital letters only)."""

    patients: int = 0
    surnames: Mapping[str, int] = field(default_factory=dict)
    given_names: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What the patient index says to what was wanted: candidates, and how common names are.

    `alike` are others whom a clerk may be shown; nobody of them is ever chosen.
    """

    candidates: tuple[Patient, ...] = ()
    frequencies: Frequencies = field(default_factory=Frequencies)
    alike: tuple[Patient, ...] = ()


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with an account; never deleted, only disabled.

    `restricted` is the right to open what is kept from casual view.
    """

    id: int
    name: str
    role: Role
    disabled: bool
    restricted: bool = False


# 1.23E+09 (a large number in a narrow column), 1234567.0 (a column of numbers with gaps in it).
_OF_SPREADSHEET = re.compile(r"\d+([.,]\d+)?[eE]\+\d+|\d+[.,]0")


def is_spreadsheet_number(written: str) -> bool:
    """Whether a record number is one as spreadsheets write numbers: digits are lost or added.

    Without punctuation, 1234567.0 is the number 12345670, which may be another patient's.
    """
    return bool(_OF_SPREADSHEET.fullmatch(written.strip()))


def mrn_key(written: str) -> str:
    """The form in which medical record numbers are compared.

    Takes a number as written (`123-4567`, `0001234567`), returns it in capitals without
    punctuation and leading zeros (`1234567`). Source: section 6 of the design.
    """
    return "".join(char for char in written.upper() if char.isalnum()).lstrip("0")

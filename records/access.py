"""Who may open what is kept from casual view: the one decision, pure, and the words it is made in.

What is restricted, and who sees it, is explained in docs/decisions/restricted.md.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chartkeeper.records.model import DocumentStatus, Role


class DocumentReason(StrEnum):
    """Why a document is kept from casual view (healthcare.md, row 42 CFR Part 2)."""

    PART2 = "part2"
    PSYCHOTHERAPY = "psychotherapy"
    HIV = "hiv"
    REPRODUCTIVE = "reproductive"
    MINOR = "minor"
    OTHER = "other"


class ChartReason(StrEnum):
    """Why a whole chart is kept from casual view."""

    VIP = "vip"
    EMPLOYEE = "employee"
    FAMILY = "family"
    OTHER = "other"


class Access(StrEnum):
    """Whether somebody may open something, and by what."""

    OPEN = "open"
    TO_FILE = "to file"
    RIGHT = "right"
    EMERGENCY = "emergency"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Grant:
    """Emergency access of one person to one chart, from `begun_at` until before `until`."""

    id: int
    patient_id: int
    begun_at: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it holds at a moment; one from the future was given by a clock since set back."""
        return self.begun_at <= at < self.until


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, and when.

    `restricted` is the right to open all that is kept from casual view. `restricted_types` are the
    document types that this home keeps so. `grants` are the emergencies that the reader declared.
    """

    role: Role
    at: datetime
    restricted: bool = False
    restricted_types: frozenset[str] = frozenset()
    grants: tuple[Grant, ...] = ()

    def grant_for(self, patient_id: int | None) -> Grant | None:
        """The emergency access to a chart that holds now."""
        mine = (one for one in self.grants if one.patient_id == patient_id and one.holds(self.at))
        return next(mine, None)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be opened, a document or a chart, with all that may restrict it.

    Of a chart, `status` is None. `marked`: this document was marked. `chart_marked`: so was the
    chart that it is in. `may_be_marked`: it waits for a clerk, and a chart that it may belong to
    was marked. `being_filed`: its pages were put together anew, and what was known of them does not
    hold until they are filed.
    """

    patient_id: int | None
    status: DocumentStatus | None = None
    type: str | None = None
    marked: bool = False
    chart_marked: bool = False
    may_be_marked: bool = False
    being_filed: bool = False

    @property
    def waits(self) -> bool:
        """Whether it is in no chart: a clerk has to decide, or has decided, where it belongs."""
        return self.status in (DocumentStatus.REVIEW, DocumentStatus.ASIDE)


def decide(reader: Reader, subject: Subject) -> Access:
    """Whether a reader may open something, and by what.

    What is in no chart yet is open to clerks whatever it is, as somebody must file it.
    """
    if not _is_restricted(reader, subject):
        return Access.OPEN
    if reader.restricted:
        return Access.RIGHT
    if subject.waits and reader.role in (Role.CLERK, Role.ADMINISTRATOR):
        return Access.TO_FILE
    if subject.status is not DocumentStatus.ASIDE and reader.grant_for(subject.patient_id):
        return Access.EMERGENCY
    return Access.REFUSED


def _is_restricted(reader: Reader, subject: Subject) -> bool:
    return (
        subject.marked
        or subject.chart_marked
        or subject.may_be_marked
        or subject.being_filed
        or subject.type in reader.restricted_types
    )


@dataclass(slots=True)
class Reading:
    """One transaction of a reader. `opened` are documents already found open to the reader in it.

    A transaction sees one state of the ledger, so nothing is asked twice in it. `restricts` is
    whether anything at all is restricted in this home, None until it was asked.
    """

    reader: Reader
    restricts: bool | None = None
    opened: set[int] = field(default_factory=set)

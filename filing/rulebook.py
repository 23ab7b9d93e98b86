"""By what filing decides in one home: its table of types and its policy."""

from dataclasses import dataclass, field

from chartkeeper.filing.doctypes import DocTypes
from chartkeeper.filing.learned import TypeModel
from chartkeeper.filing.policy import Policy


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The document types, and what the department decided about filing.

    `learned` is what the decisions of clerks taught about types, None for nothing.
    """

    doctypes: DocTypes
    policy: Policy = field(default_factory=Policy)
    learned: TypeModel | None = None

"""What the readers of lists hand on: the values of one file by field, or a line that is no use."""

from collections.abc import Mapping
from dataclasses import dataclass

from chartkeeper.records.findings import Finding


@dataclass(frozen=True, slots=True)
class Entry:
    """The values that a list gives for one file, by field, as written, and the line it is in."""

    line: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that cannot be used, and why."""

    line: int
    why: Finding

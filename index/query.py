"""What is asked of the index, as a small tree that belongs to no engine.

Words in it are normalised as by `chartkeeper.index.words.words`.
"""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """Pages with this word in any of its English endings."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Pages with these two or more words one right after the other."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    """Pages with a word that begins so, as it is written on the page."""

    text: str


@dataclass(frozen=True, slots=True)
class Misread:
    """Pages with this word in any of its endings, or as one mistake in reading has left it."""

    text: str


@dataclass(frozen=True, slots=True)
class TypeIs:
    """Pages of documents of this type."""

    key: str


@dataclass(frozen=True, slots=True)
class MrnIs:
    """Pages linked to the patient with this number."""

    number: str


@dataclass(frozen=True, slots=True)
class PatientNamed:
    """Pages linked to a patient in whose names all of these words are, in any order."""

    words: "tuple[Term | Prefix, ...]"


@dataclass(frozen=True, slots=True)
class DatedWithin:
    """Pages with a service date from `first` to `last`, both included; None is an open end."""

    first: dt.date | None
    last: dt.date | None


@dataclass(frozen=True, slots=True)
class Everything:
    """All pages."""


@dataclass(frozen=True, slots=True)
class And:
    """Pages that all of the two or more parts match."""

    parts: "tuple[Query, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """Pages that at least one of the two or more parts matches."""

    parts: "tuple[Query, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """All pages that the part does not match."""

    part: "Query"


Query = (
    Term
    | Phrase
    | Prefix
    | Misread
    | TypeIs
    | MrnIs
    | PatientNamed
    | DatedWithin
    | Everything
    | And
    | Or
    | Not
)

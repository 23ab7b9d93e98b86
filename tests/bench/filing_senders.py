"""Senders of paper, and how each writes names, dates and numbers; data in `data/`."""

import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chartkeeper.records.model import Patient

DATA = Path(__file__).with_name("data")
FAMILIES = ("tuning", "unseen")
_RANGE = re.compile(r"<(\d+(?:\.\d+)?)~(\d+(?:\.\d+)?)>")
_CHOICE = re.compile(r"<([^<>~]*\|[^<>~]*)>")


@dataclass(frozen=True)
class Sender:
    """A house that sends paper: its layout, type face, labels, and manners of writing."""

    family: str
    name: str
    kind: str
    layout: str
    own: bool
    font: str
    types: tuple[str, ...]
    name_format: str
    date_format: str
    mrn_format: str
    labels: Mapping[str, str]
    folio: str
    continuation: str
    caps: bool
    size: float


def _load() -> tuple[Sender, ...]:
    rows = tomllib.loads((DATA / "filing_senders.toml").read_text(encoding="utf-8"))["sender"]
    return tuple(Sender(**row | {"types": tuple(row["types"])}) for row in rows)


SENDERS = _load()
WORDINGS: dict[str, Any] = tomllib.loads(
    (DATA / "filing_wordings.toml").read_text(encoding="utf-8")
)
TYPES = tuple(WORDINGS["titles"])
OWN_SITE = {"tuning": "Sampleton Memorial Hospital", "unseen": "Lakebed General Hospital"}


def senders_of(family: str, doc_type: str) -> list[Sender]:
    """The senders of a family that send papers of a type."""
    return [one for one in SENDERS if one.family == family and doc_type in one.types]


def wordings(family: str, *path: str) -> list[str]:
    """The family's half of a list of wordings."""
    found: Any = WORDINGS
    for name in path:
        found = found[name]
    return found[FAMILIES.index(family) :: 2]


def written_name(person: Patient, pattern: str) -> str:
    """A name as a sender writes it: capitals in the pattern mean capitals on the paper.

    Bars in the pattern part what goes into fields of its own.
    """
    middle = person.middle
    pieces = {
        "LAST": person.last.upper(),
        "FIRST": person.first.upper(),
        "Last": person.last,
        "First": person.first,
    }
    dotted = f"{middle}." if pattern == "First M Last" and middle else middle
    text = re.sub(r"LAST|FIRST|Last|First|\bM\b", lambda m: pieces.get(m[0], dotted), pattern)
    text = " ".join(text.split())
    if not person.suffix:
        return text
    suffix = person.suffix.upper() if "LAST" in pattern else person.suffix
    mark = next((mark for mark in ",|" if mark in text), "")
    first_half, _, rest = text.partition(mark or "\n")
    return f"{first_half} {suffix}{mark}{rest}" if mark else f"{text} {suffix}"


def running(pattern: str) -> str:
    """The pattern for a name in running text."""
    return "Last, First M" if "|" in pattern else pattern


def written_date(day: date, pattern: str) -> str:
    """A date as a sender writes it."""
    return day.strftime(pattern)


def written_mrn(mrn: str, pattern: str) -> str:
    """A number of seven digits as a sender writes it."""
    if pattern.startswith("zeros"):
        return mrn.zfill(int(pattern.removeprefix("zeros")))
    if pattern == "hyphen":
        return f"{mrn[:3]}-{mrn[3:]}"
    if pattern == "hyphen2":
        return f"{mrn[:2]}-{mrn[2:4]}-{mrn[4:]}"
    return mrn


def filled(text: str, rng: random.Random) -> str:
    """`<1~9>` becomes a number between, `<a|b>` one of the words."""
    return _CHOICE.sub(
        lambda m: rng.choice(m[1].split("|")), _RANGE.sub(lambda m: _number(m, rng), text)
    )


def _number(match: re.Match[str], rng: random.Random) -> str:
    low, high = match[1], match[2]
    places = len(high.partition(".")[2])
    return f"{rng.uniform(float(low), float(high)):.{places}f}"

"""Patients as a person asks for them: by what stands on the paper, or was heard on the phone.

A number, a birth date and names may be typed together, and must then agree. Names are matched by
their beginnings, in any order. What stands beside them on paper, an initial, `Jr`, a title, a
middle name, tells apart whom it can, and keeps nobody from being found of whom it is not known.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from string import ascii_uppercase

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from chartkeeper.records import patients as people
from chartkeeper.records.days import readings
from chartkeeper.records.model import Patient, mrn_key
from chartkeeper.records.patients import begins, name_key
from chartkeeper.records.schema import patient_names, patient_numbers, patients

# Written before a number or birth date, and no part of it; what is said to be a number is no day.
_NUMBER = re.compile(r"\bMRN\b[\s:#.]*", re.IGNORECASE)
_BIRTH = re.compile(r"\bDOB\b[\s:#.]*", re.IGNORECASE)
NUMBER_SIGN = "#"
_FIGURE = re.compile(r"\d")
_KEYS = (patient_names.c.surname_key, patient_names.c.given_key)
SUFFIXES = frozenset({"JR", "SR", "II", "III", "IV"})
TITLES = frozenset({"MR", "MRS", "MS", "MISS", "DR"})
# Shorter names are one letter away from half of all others.
ALIKE_CHARS = 4
# Nobody's names, number and birth date together are longer. What somebody pasted by mistake would
# be a question without end: a name of n letters has 53 n spellings of n letters.
MOST_CHARS = 200
# Nobody has more names of which two may be one.
MOST_NAMES = 5
# Shorter words among names are initials, or such as `de` and `la`, and may be missing in a list.
NAME_CHARS = 3


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed: words that may be birth dates, a number, and names by their keys."""

    days: dict[str, list[date]]
    number: str
    names: tuple[str, ...]
    surname_first: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """Names that somebody must have, those that they may have beside, and what the middle is."""

    names: tuple[str, ...]
    beside: tuple[str, ...] = ()
    middle: str = ""


def search(connection: Connection, text: str, limit: int = 20) -> list[Patient]:
    """Patients for a person who types, each once; whose number all of it is comes first.

    Nobody for more than MOST_CHARS.
    """
    if len(text) > MOST_CHARS:
        return []
    asked = _asked(text)
    found = []
    if _FIGURE.search(text) and not _is_day(text):
        found = people.by_numbers(connection, [mrn_key(_NUMBER.sub("", text))])
    found += next(filter(None, (_named(connection, asked, way) for way in _ways(asked))), [])
    for way in _in_one(asked):
        found += _named(connection, asked, way)
    return list({who.id: who for who in found}.values())[:limit]


def written_alike(connection: Connection, text: str, limit: int = 20) -> list[Patient]:
    """Whoever has names that are a letter away from those typed, or two letters that swapped.

    Nobody for more than MOST_CHARS.
    """
    if len(text) > MOST_CHARS:
        return []
    asked = _asked(text)
    names = [name for name in asked.names if not _is_beside(name)]
    if not any(len(name) >= ALIKE_CHARS for name in names):
        return []
    conditions = [*_figures(asked), *map(_alike, names)]
    return people.chosen(connection, and_(*conditions), limit)


def is_names_alone(text: str) -> bool:
    """Whether this is nothing but names, by which pages are found without the patient index."""
    names = _asked(text).names
    short = [name for name in names if len(name) < NAME_CHARS]
    beside = any(map(_is_beside, names)) or 0 < len(short) < len(names)
    # Of three names one may be a middle name, which the list need not know.
    return not (beside or len(names) > 2 or _FIGURE.search(text))


def _asked(text: str) -> _Asked:
    plain = _BIRTH.sub(" ", _NUMBER.sub(f" {NUMBER_SIGN}", text))
    words = plain.replace(",", " ").replace(";", " ").split()
    days = {word: found for word in words if (found := readings(word))}
    rest = [word for word in words if word not in days]
    number = "".join(word for word in rest if _FIGURE.search(word))
    names = (name_key(word) for word in rest if not _FIGURE.search(word))
    return _Asked(days, number, tuple(filter(None, names)), "," in text)


def _ways(asked: _Asked) -> Iterator[_Way]:
    """What may have been meant by the names: all that was typed, then less and less of it."""
    plain = [name for name in asked.names if not _is_beside(name)]
    long = [name for name in plain if len(name) >= NAME_CHARS]
    fewer: list[Sequence[str]] = [plain, long]
    if len(long) > 2:
        fewer.append(_without_middle(asked, long))
    yield _Way(asked.names)
    yield from (_way(asked, kept) for kept in fewer if kept)
    if len(long) == 2:
        # Many go by their middle name.
        yield from (_way(asked, [kept], name) for kept, name in (long, reversed(long)))


def _without_middle(asked: _Asked, names: Sequence[str]) -> Sequence[str]:
    """The middle name stands last behind a comma, and second without one."""
    return names[:-1] if asked.surname_first else [names[0], *names[2:]]


def _way(asked: _Asked, kept: Sequence[str], middle: str = "") -> _Way:
    beside = (name for name in asked.names if name not in {*kept, middle})
    return _Way(tuple(kept), tuple(beside), middle)


def _in_one(asked: _Asked) -> Iterator[_Way]:
    """Names in two words, such as Mary Ann, as they are compared: MARYANN."""
    plain = tuple(name for name in asked.names if not _is_beside(name))
    beside = tuple(name for name in asked.names if _is_beside(name))
    pairs = pairwise(plain) if len(plain) <= MOST_NAMES else ()
    for at, (one, other) in enumerate(pairs):
        names = (*plain[:at], one + other, *plain[at + 2 :])
        yield _Way(names, beside)
        if len(names) > 2:
            kept = _without_middle(asked, names)
            yield _Way(tuple(kept), (*beside, *(name for name in names if name not in kept)))


def _named(connection: Connection, asked: _Asked, way: _Way) -> list[Patient]:
    """Those who agree in number, birth date and the names that count, and may have the others."""
    conditions = [*_figures(asked), *map(_starts, way.names)]
    if not conditions:
        return []
    found = people.chosen(connection, and_(*conditions), people.LOOK_UP_LIMIT)
    return [who for who in found if _may_be(who, way)]


def _may_be(who: Patient, way: _Way) -> bool:
    goes_by = not way.middle or name_key(who.middle).startswith(way.middle)
    return goes_by and all(_may_have(who, name) for name in way.beside)


def _is_beside(name: str) -> bool:
    return len(name) == 1 or name in SUFFIXES or name in TITLES


def _may_have(who: Patient, name: str) -> bool:
    """Whether somebody may have this beside the names; what the list leaves empty, anybody may."""
    middle, suffix = name_key(who.middle), name_key(who.suffix)
    if name in SUFFIXES:
        return suffix in {"", name}
    if name in TITLES or len(name) == NAME_CHARS - 1:
        return True
    return not middle or middle.startswith(name) or name.startswith(middle)


def _figures(asked: _Asked) -> list[ColumnElement[bool]]:
    """What must agree of birth dates and number."""
    found = [_born_or_numbered(word, days) for word, days in asked.days.items()]
    return [*found, _numbered(asked.number)] if asked.number else found


def _born_or_numbered(word: str, days: Sequence[date]) -> ColumnElement[bool]:
    born = patients.c.dob.in_(days)
    return born if _is_day(word) else or_(born, _numbered(word))


def _is_day(text: str) -> bool:
    """Whether this cannot be a number: none has strokes."""
    return "/" in text


def _numbered(text: str) -> ColumnElement[bool]:
    key = mrn_key(text)
    former = select(patient_numbers.c.patient_id).where(patient_numbers.c.mrn_key == key)
    return or_(patients.c.mrn_key == key, patients.c.id.in_(former))


def _starts(key: str) -> ColumnElement[bool]:
    return _bears(*(begins(column, key) for column in _KEYS))


def _alike(key: str) -> ColumnElement[bool]:
    spelt = spellings(key) if len(key) >= ALIKE_CHARS else []
    return _bears(*(_begins_or_is(column, key, spelt) for column in _KEYS))


def _begins_or_is(
    column: ColumnElement[str], key: str, spelt: Sequence[str]
) -> ColumnElement[bool]:
    return or_(begins(column, key), column.in_(spelt))


def _bears(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return patients.c.id.in_(select(patient_names.c.patient_id).where(or_(*conditions)))


def spellings(key: str) -> list[str]:
    """A name with a letter missing, changed or added, or two neighbours swapped."""
    cuts = [(key[:at], key[at:]) for at in range(len(key) + 1)]
    missing = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    changed = {a + letter + b[1:] for a, b in cuts if b for letter in ascii_uppercase}
    added = {a + letter + b for a, b in cuts for letter in ascii_uppercase}
    return sorted(missing | swapped | changed | added)

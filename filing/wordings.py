"""The wordings of chart papers: labels and whose values they announce, stamps, covers, newborns.

They are data, read from wordings.toml; the rules that use them stand in the modules named there.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

from chartkeeper.filing.phrases import Phrase

MAX_LABEL_WORDS = 5
_WORDING = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_LABEL = re.compile(rf"[a-z0-9#]+(?: [a-z0-9#]+){{0,{MAX_LABEL_WORDS - 1}}}")
_STAMPS = "out_of_the_chart"
_TABLES = ("fields", "owners", "other_fields", "lines", "newborns", "stamps", "covers")


class WordingsError(Exception):
    """The wordings cannot be used; the message says which table or wording is wrong and why."""


class LabelKind(StrEnum):
    """What a label announces."""

    MRN = "MRN"
    BIRTH_DATE = "birth date"
    NAME = "name"
    LAST_NAME = "last name"  # the parts of a name that forms ask for in boxes of their own
    FIRST_NAME = "first name"
    SEX = "sex"
    OTHER = "other"


class Owner(StrEnum):
    """Whose value a label announces."""

    PATIENT = "patient"
    RELATIVE = "relative"  # anybody but a clinician who may have a birth date on the page
    MEMBER = "member"  # of a health plan: the patient, unless the paper names the patient as well
    CHILD = "child"  # the patient of a children's form, unless the paper names the patient as well
    CLIENT = "client"  # the patient, or whoever sends a laboratory its work
    CLINICIAN = "clinician"
    ELSEWHERE = "elsewhere"  # a number that another house, or an earlier system, gave


NAME_KINDS = frozenset({LabelKind.NAME, LabelKind.LAST_NAME, LabelKind.FIRST_NAME})
# Whose values go on until somebody else is named.
PERSONS = frozenset({Owner.PATIENT, Owner.RELATIVE, Owner.MEMBER, Owner.CHILD})


@dataclass(frozen=True, slots=True)
class LineWordings:
    """Words beside a label or name that make nobody else of whoever is named.

    `houses` end the names of houses, `ages` count an age, `of_the_house` and `of_nobody` stand
    before labels, `introducing` before the name of whom a paper is about, `speakers` before the
    names of those who fill forms in.
    """

    houses: frozenset[str]
    ages: frozenset[str]
    of_the_house: frozenset[str]
    of_nobody: frozenset[str]
    introducing: frozenset[str]
    speakers: frozenset[str]


@dataclass(frozen=True, slots=True)
class NewbornWordings:
    """What tells a newborn's papers.

    `own_papers` is said there only, `birth` in the mother's chart, too; `labor` is of her own
    record, `history` of a child's chart. `called_by_mother` stands before the mother's name.
    """

    own_papers: frozenset[Phrase]
    called_by_mother: frozenset[Phrase]
    birth: frozenset[Phrase]
    labor: frozenset[Phrase]
    history: frozenset[Phrase]


@dataclass(frozen=True, slots=True)
class CoverWordings:
    """What tells a fax cover: its titles, what it asks for, and what it says to a wrong receiver.

    `counts` say how many sheets come behind it.
    """

    titles: frozenset[Phrase]
    receiver: frozenset[Phrase]
    sender: frozenset[Phrase]
    fields: frozenset[Phrase]
    counts: frozenset[Phrase]
    notices: frozenset[Phrase]


@dataclass(frozen=True, slots=True)
class Wordings:
    """All wordings, in capitals as read words are compared.

    `fields` tell what a label announces and `owners` whose value it is; `other_fields` are labels
    of what identifies nobody. `stamps` take a paper out of the chart.
    """

    fields: Mapping[Phrase, LabelKind]
    owners: Mapping[Phrase, Owner]
    other_fields: frozenset[Phrase]
    lines: LineWordings
    newborns: NewbornWordings
    stamps: frozenset[Phrase]
    covers: CoverWordings


@lru_cache(maxsize=1)
def load_wordings() -> Wordings:
    """The wordings that come with the product.

    Raises WordingsError if a list is missing or unknown, or a wording can never be found.
    """
    text = resources.files("chartkeeper.filing").joinpath("wordings.toml").read_text("utf-8")
    return parse_wordings(text)


def parse_wordings(text: str) -> Wordings:
    """The wordings that the TOML `text` lists; raises WordingsError naming what is at fault."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WordingsError(
            f"wordings.toml is not valid TOML: {error}. Restore the file."
        ) from error
    if set(tables) != set(_TABLES):
        raise WordingsError(f"wordings.toml must have the tables {', '.join(_TABLES)}, no others.")
    kinds = {kind.name.lower(): kind for kind in LabelKind if kind is not LabelKind.OTHER}
    owners = {owner.name.lower(): owner for owner in Owner}
    asked, whose = _table(tables, "fields", kinds), _table(tables, "owners", owners)
    stamps = _lists(_table(tables, "stamps", [_STAMPS]))
    return Wordings(
        fields={phrase: kinds[name] for phrase, name in _labels(asked).items()},
        owners={phrase: owners[name] for phrase, name in _labels(whose).items()},
        other_fields=frozenset(_labels(_table(tables, "other_fields", tables["other_fields"]))),
        lines=LineWordings(**_words(_table(tables, "lines", _names(LineWordings)))),
        newborns=NewbornWordings(**_lists(_table(tables, "newborns", _names(NewbornWordings)))),
        stamps=stamps[_STAMPS],
        covers=CoverWordings(**_lists(_table(tables, "covers", _names(CoverWordings)))),
    )


def _names(kind: type[LineWordings | NewbornWordings | CoverWordings]) -> list[str]:
    return [one.name for one in fields(kind)]


def _table(tables: Mapping[str, Any], name: str, wanted: Iterable[str]) -> dict[str, list[Any]]:
    """The table `name`, if it has the lists that are `wanted` and no others."""
    table = {key: value for key, value in tables[name].items() if isinstance(value, list)}
    if set(wanted) != set(tables[name]) or set(table) != set(tables[name]):
        raise WordingsError(
            f"The table `{name}` of wordings.toml must have these lists and no others: "
            f"{', '.join(wanted)}. Correct it."
        )
    return table


def _labels(table: Mapping[str, list[Any]]) -> dict[Phrase, str]:
    """The list of `table` that each wording stands in; it stands in one, once."""
    found: dict[Phrase, str] = {}
    for name, wordings in table.items():
        for phrase in _phrases(name, wordings, _LABEL):
            if phrase in found:
                raise _twice(phrase, found[phrase], name)
            found[phrase] = name
    return found


def _lists(table: Mapping[str, list[Any]]) -> dict[str, frozenset[Phrase]]:
    found = {name: _phrases(name, wordings, _WORDING) for name, wordings in table.items()}
    for name, phrases in found.items():
        twice = next((phrase for phrase in phrases if phrases.count(phrase) > 1), None)
        if twice:
            raise _twice(twice, name, name)
    return {name: frozenset(phrases) for name, phrases in found.items()}


def _words(table: Mapping[str, list[Any]]) -> dict[str, frozenset[str]]:
    found = _lists(table)
    return {name: frozenset(map(" ".join, phrases)) for name, phrases in found.items()}


def _phrases(name: str, wordings: list[Any], wanted: re.Pattern[str]) -> list[Phrase]:
    wrong = [text for text in wordings if not (isinstance(text, str) and wanted.fullmatch(text))]
    if wrong:
        raise WordingsError(
            f"`{wrong[0]}` in the list `{name}` of wordings.toml can never be found. Write it in "
            f"lower case, letters and figures only; a label in at most {MAX_LABEL_WORDS} words."
        )
    return [tuple(text.upper().split()) for text in wordings]


def _twice(phrase: Phrase, one: str, other: str) -> WordingsError:
    text = " ".join(phrase).lower()
    return WordingsError(
        f"`{text}` stands in wordings.toml twice: in `{one}` and in `{other}`. Keep one."
    )

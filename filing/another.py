"""Whether two pages are surely about two people, by what each labels as its patient's."""

from collections.abc import Iterable, Sequence

from rapidfuzz.distance import OSA

from chartkeeper.filing.clues import Clues
from chartkeeper.filing.dates import differs_by_one_slip
from chartkeeper.filing.names import Agreement, WrittenName, compare
from chartkeeper.filing.values import Clue

CHANGED_CHARACTERS = 3  # numbers that differ in fewer may be one number, misread
PET_NAME_LETTERS = 3  # the first ones of a name and of what it is shortened to
NUMBER, BIRTH_DATE, NAME = "MRN", "birth date", "name"


def changed(before: Clues, page: Clues) -> list[str]:
    """Which kinds of identifiers are surely others, where that makes another patient likely.

    None where the number is surely the same. Of number, birth date and name two outweigh a third
    that is the same: a father's and son's name, the number apart, or the birth date of twins. One
    alone is told only if nothing is the same.
    """
    told = {
        NUMBER: numbers_changed(before.mrns, page.mrns),
        BIRTH_DATE: _days_changed(before.birth_dates, page.birth_dates),
        NAME: _names_changed(before.names, page.names),
    }
    kinds = [kind for kind, differs in told.items() if differs]
    same = [kind for kind, differs in told.items() if differs is False]
    if NUMBER in same or (same and len(kinds) < 2):
        return []
    return kinds


def is_same(before: Clues, page: Clues) -> bool:
    """Whether an identifier is surely the same and none is surely another."""
    told = (
        numbers_changed(before.mrns, page.mrns),
        _days_changed(before.birth_dates, page.birth_dates),
        _names_changed(before.names, page.names),
    )
    return False in told and True not in told


def is_sibling(before: Clues, page: Clues) -> bool:
    """Whether two pages name one surname and birth date with two given names, as twins have."""
    same_day = _days_changed(before.birth_dates, page.birth_dates) is False
    same_number = numbers_changed(before.mrns, page.mrns) is False
    return same_day and not same_number and bool(_names_changed(before.names, page.names))


def numbers_changed(one: Sequence[Clue], other: Sequence[Clue]) -> bool | None:
    """Whether record numbers are surely others; None where one of the pages has none."""
    pairs = [(a, b) for x in one for y in other for a in x.keys for b in y.keys]
    return _all(OSA.distance(a, b) >= CHANGED_CHARACTERS for a, b in pairs)


def _days_changed(one: Sequence[Clue], other: Sequence[Clue]) -> bool | None:
    pairs = [(a, b) for x in one for y in other for a in x.dates for b in y.dates]
    return _all(a != b and not differs_by_one_slip(a, b) for a, b in pairs)


def _names_changed(one: Sequence[Clue], other: Sequence[Clue]) -> bool | None:
    pairs = [(a.name, b.name) for a in one for b in other if a.name and b.name]
    return _all(_are_others(a, b) for a, b in pairs)


def _are_others(one: WrittenName, other: WrittenName) -> bool:
    """Whether no surname fits another, or no given name does beside a surname that fits."""
    shared = [left for left in one.surnames for right in other.surnames if _fits(left, right)]
    if not shared:
        return True
    given = [_given(name, shared) for name in (one, other)]
    # An initial or a surname alone tells of nobody else.
    if not all(any(len(part) > 1 for part in parts) for parts in given):
        return False
    return not any(_may_be_one(a, b) for a in given[0] for b in given[1])


def _given(name: WrittenName, surnames: Iterable[str]) -> list[str]:
    """The parts of `name` that fit none of `surnames`."""
    return [part for part in name.parts if not any(_fits(part, one) for one in surnames)]


def _fits(one: str, other: str) -> bool:
    return compare(one, other) is not Agreement.DIFFERENT


def _may_be_one(one: str, other: str) -> bool:
    """Whether two parts of names may be one: misread, shortened, or a pet name (Wally)."""
    long = min(len(one), len(other)) >= PET_NAME_LETTERS
    called = long and one[:PET_NAME_LETTERS] == other[:PET_NAME_LETTERS]
    return called or _fits(one, other)


def _all(answers: Iterable[bool]) -> bool | None:
    known = list(answers)
    return all(known) if known else None

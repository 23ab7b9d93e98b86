"""Whom the words about a document name: reasons are written for clerks, with patients in them."""

import re
from collections.abc import Iterable

from chartkeeper.records.model import Patient, PersonName, mrn_key
from chartkeeper.records.patients import name_key

_WORD = re.compile(r"[\w'-]+")


def named_in(text: str, people: Iterable[Patient]) -> dict[int, Patient]:
    """Those of `people` of whom a name or number stands in `text`, by their number.

    A surname or a given name alone will do: names may have been put right since it was written.
    """
    words = _WORD.findall(text)
    names = {name_key(word) for word in words} - {""}
    numbers = {mrn_key(word) for word in words if any(char.isdigit() for char in word)}
    return {
        who.id: who
        for who in people
        if names & _names(who) or numbers & {who.mrn_key, *who.former_keys}
    }


def _names(who: Patient) -> set[str]:
    known = (PersonName(who.last, who.first), *who.aliases)
    written = " ".join(f"{name.last} {name.first}" for name in known)
    return {name_key(word) for word in _WORD.findall(written)}

"""What a records department decided about filing: which types, what its own numbers are like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from chartkeeper.filing.check_digits import CheckDigit, is_sound
from chartkeeper.filing.clues import Clues
from chartkeeper.filing.names import letters
from chartkeeper.filing.values import Clue
from chartkeeper.ocr.page import Page


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one home; the default is what is safe anywhere.

    `automatic_types` are the type keys that may be filed without a person, None for all. A number
    that does not fit `mrn_format` (a regular expression for the number as compared: capitals and
    digits, no leading zeros) or whose `mrn_check` digit is wrong is not one of this house. Where
    `own_facilities` are named, a number counts only on documents that name one of them: a number
    belongs to whoever issued it. `blank_separates` says that a blank sheet parts documents; where
    both sides of each sheet were scanned (`duplex`), a sheet is blank if both its sides are.
    """

    automatic_types: frozenset[str] | None = None
    mrn_format: str = ""
    mrn_check: CheckDigit = CheckDigit.NONE
    own_facilities: tuple[str, ...] = ()
    blank_separates: bool = False
    duplex: bool = False

    def may_file(self, type_key: str) -> bool:
        """Whether documents of this type may be filed without a person."""
        return self.automatic_types is None or type_key in self.automatic_types


def of_this_house(clues: Clues, pages: Sequence[Page], policy: Policy) -> Clues:
    """`clues` with numbers that some other house must have given moved to the others."""
    foreign = {clue for clue in clues.mrns if not _fits(clue, policy)}
    if policy.own_facilities and not _names_one(pages, policy.own_facilities):
        foreign = set(clues.mrns)
    if not foreign:
        return clues
    return replace(
        clues,
        mrns=tuple(clue for clue in clues.mrns if clue not in foreign),
        others=(*clues.others, *(clue for clue in clues.mrns if clue in foreign)),
    )


def is_sound_number(key: str, policy: Policy) -> bool:
    """Whether the check digit of a number as compared agrees, under this house's scheme."""
    return is_sound(key, policy.mrn_check)


def _fits(clue: Clue, policy: Policy) -> bool:
    if not policy.mrn_format:
        return True
    form = _compiled(policy.mrn_format)
    return any(form.fullmatch(key) for key in clue.keys)


@lru_cache(maxsize=16)
def _compiled(form: str) -> re.Pattern[str]:
    return re.compile(form)


def _names_one(pages: Sequence[Page], facilities: Sequence[str]) -> bool:
    """Whether any page names one of the facilities; spaces and punctuation aside."""
    text = [letters("".join(word.text for word in page.words)) for page in pages]
    wanted = [letters(name) for name in facilities]
    return any(name and name in page for name in wanted for page in text)

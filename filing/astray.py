"""Who else seems to stand on the pages, though nothing labels it as the patient's."""

from collections.abc import Sequence

from chartkeeper.filing.match import Grounds, best_fit
from chartkeeper.filing.names import letters
from chartkeeper.records.model import Patient

NAME_REACH = 2  # a given name stands beside the surname, an initial between them


def is_astray(other: Patient, chosen: Patient, grounds: Grounds) -> bool:
    """Whether enough of `other` stands on the pages, as nobody else's, to be about that one.

    The number beside birth date or surname, the birth date beside the surname, or the name alone
    where it heads a page. What is the chosen patient's own says nothing of a namesake or relative:
    a name that is the chosen one's in full, a surname with the chosen one's given name beside it.
    """
    if _is_heading(other, chosen, grounds):
        return True
    pages = grounds.unclaimed_numbers.get(other.mrn_key, frozenset())
    if pages and other.dob in grounds.unclaimed_days:
        return True
    pages |= _born_on(other, grounds)
    return any(_is_named(other, chosen, grounds.texts.get(page, ())) for page in pages)


def _is_heading(other: Patient, chosen: Patient, grounds: Grounds) -> bool:
    """Whether the patient's name heads a page though no label says what it is."""
    return any(
        best_fit(name, other)[0].is_proof and not best_fit(name, chosen)[0].is_proof
        for name in grounds.headings
    )


def _born_on(other: Patient, grounds: Grounds) -> frozenset[int]:
    """The page on which the birth date stands as nobody's.

    The first name may be misread there, as where it was read together with the next label.
    """
    if other.dob not in grounds.unclaimed_days - grounds.labelled_days:
        return frozenset()
    return frozenset((grounds.days[other.dob].page,))


def _is_named(other: Patient, chosen: Patient, words: Sequence[str]) -> bool:
    """Whether the surname stands among `words` apart from the chosen patient's own name."""
    surname, given = letters(other.last), letters(chosen.first)
    related = surname == letters(chosen.last)
    return any(
        word == surname and not (related and given in _beside(words, at))
        for at, word in enumerate(words)
    )


def _beside(words: Sequence[str], at: int) -> Sequence[str]:
    return words[max(0, at - NAME_REACH) : at + NAME_REACH + 1]

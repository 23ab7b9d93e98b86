"""Papers of a newborn that bear the mother's label: nobody older is the patient there.

The mother's own record of labour tells of the child, too; a child's chart tells of its birth.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from chartkeeper.filing.layout import runs
from chartkeeper.filing.names import letters
from chartkeeper.filing.phrases import Phrase, Vocabulary, pieces
from chartkeeper.filing.wordings import load_wordings
from chartkeeper.ocr.page import Page
from chartkeeper.records.model import Patient

MOTHERS_AGES = range(11, 60)
GROWN_YEARS = 18


@dataclass(frozen=True, slots=True)
class _Said:
    """A known phrase where it stands: as printed, as compared, and the words beside it."""

    page: int
    text: str
    phrase: Phrase
    beside: frozenset[str]


def newborn_words(pages: Sequence[Page], years: int, patient: Patient) -> tuple[int, str]:
    """The page and the words that make the pages a newborn's, `patient` being `years` old; or none.

    A mother's own chart is not one, nor is the birth history of a child.
    """
    known = load_wordings().newborns
    found = [one for page in pages for one in _found(page)]
    said = {one.phrase for one in found}
    if years < GROWN_YEARS and said & known.history:
        return 0, ""
    mother = patient.sex.upper()[:1] != "M" and years in MOTHERS_AGES
    own_chart = mother and bool(said & known.labor)
    telling = known.own_papers if own_chart else known.own_papers | known.birth
    hers = {letters(part) for half in (patient.last, patient.first) for part in half.split()}
    hits = (
        (one.page, one.text) for one in found if one.phrase in telling or _is_of_mother(one, hers)
    )
    return next(hits, (0, ""))


def _is_of_mother(one: _Said, hers: AbstractSet[str]) -> bool:
    """Whether a newborn is called by these names; not where the words are the names themselves."""
    called = one.phrase in load_wordings().newborns.called_by_mother and not set(one.phrase) & hers
    return called and bool(one.beside & hers)


@lru_cache(maxsize=1)
def _vocabulary() -> Vocabulary:
    known = load_wordings().newborns
    return Vocabulary(
        known.own_papers | known.called_by_mother | known.birth | known.labor | known.history
    )


def _found(page: Page) -> Iterator[_Said]:
    """The known phrases on `page`."""
    for run in runs(page):
        read = pieces(run)
        for start, end, phrase in _vocabulary().find(read):
            text = " ".join(dict.fromkeys(piece.word.text for piece in read[start:end]))
            beside = (*read[max(0, start - 1) : start], *read[end : end + 1])
            words = frozenset(letters(piece.text) for piece in beside)
            yield _Said(page.number, text.strip(",.:;()"), phrase, words)

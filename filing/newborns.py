"""Papers of a newborn that bear the mother's label: nobody older is the patient there.

The mother's own record of labour tells of the child, too; a child's chart tells of its birth.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from chartkeeper.filing.layout import runs
from chartkeeper.filing.names import letters
from chartkeeper.filing.phrases import Phrase, Vocabulary, phrase_of, pieces
from chartkeeper.ocr.page import Page
from chartkeeper.records.model import Patient

MOTHERS_AGES = range(11, 60)
GROWN_YEARS = 18
# What is said of a newborn on its own papers only.
_OWN_PAPERS = (
    "DAY OF LIFE, DAYS OF LIFE, NEWBORN SCREENING, NEWBORN SCREEN, NEWBORN METABOLIC SCREEN, "
    "NEWBORN HEARING SCREEN, NEWBORN RECORD, NEWBORN NOTE, NEWBORN PROGRESS NOTE, NEWBORN EXAM, "
    "NEWBORN EXAMINATION, NEWBORN ADMISSION, NEWBORN ASSESSMENT, NEWBORN IDENTIFICATION, NEWBORN "
    "DISCHARGE, NEWBORN HISTORY, NEWBORN MALE, NEWBORN FEMALE, NEWBORN BOY, NEWBORN GIRL, TERM "
    "NEWBORN, PRETERM NEWBORN, NURSERY NOTE, NURSERY RECORD, NURSERY FLOWSHEET, NEWBORN NURSERY, "
    "WELL BABY NURSERY, NICU NOTE, NICU PROGRESS NOTE, CORD BLOOD OF INFANT, HEEL "
    "STICK, HEELSTICK, NEONATAL SCREEN, NEONATAL BILIRUBIN"
)
# What a newborn is called by its mother's name.
_OF_MOTHER = (
    "BB OF, BG OF, NB OF, BO OF, BABY OF, BABY BOY OF, BABY GIRL OF, INFANT OF, INFANT BOY OF, "
    "INFANT GIRL OF, NEWBORN OF, NEWBORN SON OF, NEWBORN DAUGHTER OF, CHILD OF, B O, BO, BB, BG, "
    "NB, BABY BOY, BABY GIRL"
)
# What stands in the mother's chart, too.
_OF_BIRTH = "APGAR, APGARS, APGAR SCORE, APGAR SCORES, CORD BLOOD"
_OBSTETRIC = (
    "LABOR, LABOUR, DELIVERY, DELIVERED, GRAVIDA, PARA, CESAREAN, CAESAREAN, CESAREAN SECTION, C "
    "SECTION, PLACENTA, EPIDURAL, PERINEUM, LOCHIA, FUNDUS, POSTPARTUM, OBSTETRIC, OBSTETRICAL, "
    "MATERNITY, PREGNANCY, DILATION, EFFACEMENT, AMNIOTIC, VIABLE INFANT, ESTIMATED BLOOD LOSS"
)
_HISTORY = (
    "BIRTH HISTORY, NEONATAL HISTORY, PERINATAL HISTORY, PRENATAL HISTORY, DEVELOPMENTAL HISTORY, "
    "WAS BORN, BIRTH WEIGHT, BIRTH HX, PREGNANCY AND BIRTH"
)


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
    found = [one for page in pages for one in _found(page)]
    said = {one.phrase for one in found}
    if years < GROWN_YEARS and said & _known(_HISTORY):
        return 0, ""
    mother = patient.sex.upper()[:1] != "M" and years in MOTHERS_AGES
    own_chart = mother and bool(said & _known(_OBSTETRIC))
    telling = _known(_OWN_PAPERS) if own_chart else _known(_OWN_PAPERS) | _known(_OF_BIRTH)
    hers = {letters(part) for half in (patient.last, patient.first) for part in half.split()}
    hits = (
        (one.page, one.text) for one in found if one.phrase in telling or _is_of_mother(one, hers)
    )
    return next(hits, (0, ""))


def _is_of_mother(one: _Said, hers: AbstractSet[str]) -> bool:
    """Whether a newborn is called by these names; not where the words are the names themselves."""
    called = one.phrase in _known(_OF_MOTHER) and not set(one.phrase) & hers
    return called and bool(one.beside & hers)


@lru_cache(maxsize=8)
def _known(listed: str) -> frozenset[Phrase]:
    return frozenset(phrase_of(text) for text in listed.split(", "))


@lru_cache(maxsize=1)
def _vocabulary() -> Vocabulary:
    return Vocabulary(
        phrase
        for listed in (_OWN_PAPERS, _OF_MOTHER, _OF_BIRTH, _OBSTETRIC, _HISTORY)
        for phrase in _known(listed)
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

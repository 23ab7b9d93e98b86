"""Whom else to show a clerk, where more was misread than `wanted` allows for.

The search goes by what stands at the head and foot of the pages, however misread, several weak
traces together. Nobody found by it is chosen, supports or stops a choice: the list only grows.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice, pairwise
from typing import TypeVar

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from chartkeeper.filing.clues import Clues
from chartkeeper.filing.dates import find_dates
from chartkeeper.filing.layout import without_strokes
from chartkeeper.filing.match import IDENTITY, LOWEST_PROOF_CONFIDENCE, Assessed
from chartkeeper.filing.misread import days_meant, numbers_meant
from chartkeeper.filing.names import is_unparted, letters
from chartkeeper.filing.remembered import remembered
from chartkeeper.filing.values import Clue, names_read
from chartkeeper.filing.weights import AVERAGE_GIVEN_BITS, AVERAGE_SURNAME_BITS
from chartkeeper.filing.wordings import LabelKind
from chartkeeper.ocr.page import Page, PageKind, Word
from chartkeeper.records.model import Alike, Patient

ENOUGH_READ = 2  # kinds of identifiers read surely: then the patient is found by them
HEAD_SHARE, FOOT_SHARE = 0.4, 0.88
MAX_PAGES_TRACED = 6
MAX_WORDS_TRACED = 150
MAX_FULL_NAMES = 500
MAX_STARTS = 24
MAX_DAYS = 160
MAX_NUMBERS = 600
MAX_NUMBERS_VARIED = 6
SHORTEST_GLUED = 8
SHORTEST_PART = 3
FIRST_LETTERS = 3
# What a name, day or number that is nearly as read says, for the order of a clerk's list only.
LEAST_LIKENESS = 0.55
DAY_BITS = {0: 9.0, 1: 7.0, 2: 4.5, 3: 2.5}
NUMBER_BITS = {0: 9.0, 1: 7.0, 2: 5.0}
ADDRESS_BITS = 5.0
MIDDLE_BITS = 2.0
# A name without an initial is likelier that of somebody who has none.
NO_MIDDLE_BITS = 1.0
NAME_SHARE = 0.8
_AS_LETTERS = str.maketrans("012456789|", "OIZASGTBGI")
_Item = TypeVar("_Item")
_APART = re.compile(r"[,;.:|/()]+")


@dataclass(frozen=True)
class Traces:
    """What the heads and feet of pages may mean: words in capital letters only, days, numbers.

    Days and numbers carry the count of errors that would explain them (filing/misread.py).
    `figures` are all figures of each word, for telephone numbers.
    """

    words: tuple[str, ...] = ()
    days: Mapping[date, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    figures: frozenset[str] = frozenset()


def alike(clues: Clues, pages: Sequence[Page]) -> Alike:
    """What to look up for a clerk's list; nothing where enough was read to find the patient by."""
    sure = {clue.kind for clue in clues.labelled if _is_sure(clue)}
    if len(sure) >= ENOUGH_READ or not pages:
        return Alike()
    found = traces(clues, pages)
    parts = list(_name_parts(clues))
    pairs = chain(parts, _neighbours(found.words), _unglued(found.words))
    return Alike(
        full_names=frozenset(islice(dict.fromkeys(pairs), MAX_FULL_NAMES)),
        starts=frozenset(islice(dict.fromkeys(_starts(parts)), MAX_STARTS)),
        dobs=frozenset(_cheapest(found.days, MAX_DAYS)),
        mrn_keys=frozenset(_cheapest(found.numbers, MAX_NUMBERS)),
        names=frozenset(word for word in found.words if len(word) >= SHORTEST_PART),
    )


def _is_sure(clue: Clue) -> bool:
    return not clue.doubted and clue.confidence >= LOWEST_PROOF_CONFIDENCE


def _cheapest(costs: Mapping[_Item, int], most: int) -> Iterator[_Item]:
    return islice(sorted(costs, key=lambda item: costs[item]), most)


def traces(clues: Clues, pages: Sequence[Page]) -> Traces:
    """What the heads and feet of the first pages with words may mean."""
    content = [page for page in pages if page.kind is PageKind.CONTENT][:MAX_PAGES_TRACED]
    words = [word for page in content for word in _head_and_foot(page)]
    days: dict[date, int] = {}
    for text in chain((clue.text for clue in clues.birth_dates), _unread_days(words)):
        _keep_cheaper(days, days_meant(text))
    _keep_cheaper(days, dict.fromkeys(_free_days(clues, content), 0))
    numbers: dict[str, int] = {}
    for text in _number_texts(clues, content):
        _keep_cheaper(numbers, numbers_meant(text))
    named = islice(dict.fromkeys(chain.from_iterable(map(_spelled, words))), MAX_WORDS_TRACED)
    figures = ("".join(filter(str.isdigit, word.text)) for word in words)
    return Traces(tuple(named), days, numbers, frozenset(filter(None, figures)))


def _keep_cheaper(found: dict[_Item, int], more: Mapping[_Item, int]) -> None:
    for item, cost in more.items():
        found[item] = min(cost, found.get(item, cost))


@remembered
def _head_and_foot(page: Page) -> tuple[Word, ...]:
    """The words where forms and letters say whose they are."""
    head, foot = page.height * HEAD_SHARE, page.height * FOOT_SHARE
    return tuple(word for word in page.words if word.box.top <= head or word.box.top >= foot)


def _spelled(word: Word) -> list[str]:
    """What of `word` may be a name, in capital letters; figures in it as the letters they are."""
    pieces = _APART.split(without_strokes(word.text))
    return [
        letters(piece.translate(_AS_LETTERS))
        for piece in pieces
        if len(piece) > 1 and sum(map(str.isalpha, piece)) * 2 > len(piece)
    ]


def _free_days(clues: Clues, pages: Sequence[Page]) -> Iterator[date]:
    """The days at the heads and feet of pages that no label claims."""
    claimed = {(clue.page, clue.box) for clue in clues.others}
    places = {(page.number, word.box) for page in pages for word in _head_and_foot(page)}
    for clue in clues.dates:
        if (clue.page, clue.box) in places - claimed:
            yield from clue.dates


def _unread_days(words: Sequence[Word]) -> Iterator[str]:
    """The texts that look like dates and are none as they stand."""
    for at, word in enumerate(words):
        text = without_strokes(word.text).strip(".,;:")
        if any(map(str.isdigit, text)) and not text.isdigit() and not find_dates(text):
            yield text
        following = " ".join(one.text for one in words[at : at + 3])
        if text[:3].isalpha() and not find_dates(following, compact=True):
            yield following


def _number_texts(clues: Clues, pages: Sequence[Page]) -> Iterator[str]:
    """The numbers labelled as the patient's; without any, all that no label claims."""
    if clues.mrns:
        texts = dict.fromkeys(clue.text for clue in clues.mrns)
        return islice(texts, MAX_NUMBERS_VARIED)
    claimed = {(clue.page, clue.box) for clue in clues.others}
    free = (
        word.text.strip(".,;:|#")
        for page in pages
        for word in _head_and_foot(page)
        if (page.number, word.box) not in claimed
    )
    return islice((text for text in free if numbers_meant(text)), MAX_NUMBERS_VARIED)


def _name_parts(clues: Clues) -> Iterator[tuple[str, str]]:
    """(Surname, given name) as every name on the pages may mean them, the patient's first."""
    for clue in (*clues.names, *(one for one in clues.others if one.kind is LabelKind.NAME)):
        for name in names_read(clue):
            parts = name.parts
            for size in range(1, len(parts)):
                left, right = parts[:size], parts[size:]
                yield "".join(left), right[0]
                yield "".join(left), "".join(right)
                yield "".join(right), left[0]
                yield right[-1], "".join(left)


def _neighbours(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Words that stand beside each other, an initial between them passed over, in both orders."""
    for one, other in (*pairwise(words), *zip(words, words[2:], strict=False)):
        if min(len(one), len(other)) >= SHORTEST_PART:
            yield one, other
            yield other, one


def _unglued(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        if len(word) >= SHORTEST_GLUED:
            for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
                yield word[:at], word[at:]
                yield word[at:], word[:at]


def _starts(parts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """A surname with the first letters of the given name, for one that is misread further on."""
    for surname, given in parts:
        if len(surname) >= SHORTEST_PART and given:
            yield surname, given[: FIRST_LETTERS - (len(given) <= FIRST_LETTERS)]


def most_alike(
    people: Collection[Patient], found: Traces, most: int
) -> list[tuple[Patient, float]]:
    """Those of `people` whom the traces fit best, with the bits of it, the likeliest first."""
    unique = list({one.id: one for one in people}.values())
    fits = zip(unique, likenesses(unique, found), strict=True)
    return sorted(fits, key=lambda fit: (-fit[1], fit[0].id))[:most]


def likenesses(people: Sequence[Patient], found: Traces) -> list[float]:
    """How much the traces speak for each of `people`, in bits: an order, never a proof."""
    if not people:
        return []
    surnames = _best([letters(one.last) for one in people], found.words)
    givens = _best([letters(one.first) for one in people], found.words)
    return [
        _name_bits(one, last, first, found) + _figure_bits(one, found)
        for one, last, first in zip(people, surnames, givens, strict=True)
    ]


def _best(names: Sequence[str], words: Sequence[str]) -> list[float]:
    """The likeness, 0 to 1, of each name to the word that is most like it."""
    if not words:
        return [0.0] * len(names)
    rows = cdist(names, words, scorer=Levenshtein.normalized_similarity)
    return [float(best) for best in rows.max(axis=1)]


def _name_bits(one: Patient, last: float, first: float, found: Traces) -> float:
    if any(is_unparted(word, one.last, one.first) for word in found.words):
        last = first = 1.0
    share = AVERAGE_SURNAME_BITS * _above(last) + AVERAGE_GIVEN_BITS * _above(first)
    return NAME_SHARE * share


def _above(likeness: float) -> float:
    return max(0.0, likeness - LEAST_LIKENESS) / (1 - LEAST_LIKENESS)


def _figure_bits(one: Patient, found: Traces) -> float:
    """What the birth date, the number and the telephone say, each as far as it was read."""
    bits = DAY_BITS[found.days[one.dob]] if one.dob in found.days else 0.0
    if one.mrn_key in found.numbers:
        bits += NUMBER_BITS[found.numbers[one.mrn_key]]
    phone = "".join(filter(str.isdigit, one.phone))[-7:]
    reached = len(phone) == 7 and phone in found.figures
    return bits + (ADDRESS_BITS if reached or _lives_there(one, found) else 0.0)


def _lives_there(one: Patient, found: Traces) -> bool:
    """Whether house number and street of the patient stand on the pages."""
    number, _, street = one.address.partition(" ")
    words = letters(street.partition(" ")[0])
    return number.isdigit() and bool(words) and number in found.figures and words in found.words


def score(one: Assessed, likeness: float) -> float:
    """The place of a patient in a clerk's list: what was labelled or, where it says more, traced.

    What is labelled and differs speaks against a patient only as far as the traces leave it.
    """
    against = sum(min(0.0, max(m.bits for m in one.by_kind[kind])) for kind in one.by_kind)
    return max(one.score, likeness + against / len(IDENTITY)) + _middle_bits(one)


def _middle_bits(one: Assessed) -> float:
    """Whether the middle initial agrees, which tells namesakes apart."""
    middle = letters(one.patient.middle)[:1]
    names = [name for match in one.matches for name in names_read(match.clue)]
    initials = {part for name in names for part in name.parts[1:] if len(part) == 1}
    if names and not initials and not middle:
        return NO_MIDDLE_BITS
    if not middle or not initials:
        return 0.0
    return MIDDLE_BITS if middle in initials else -MIDDLE_BITS

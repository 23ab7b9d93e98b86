"""What to ask the patient index: everybody whom the pages may mean, misreadings allowed for.

Tolerance belongs here and only here: whoever is found is a candidate, and proves nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import TypeVar

from chartkeeper.filing.alike import alike
from chartkeeper.filing.clues import Clues
from chartkeeper.filing.headers import heading_names
from chartkeeper.filing.names import letters
from chartkeeper.filing.values import Clue, names_read
from chartkeeper.ocr.page import Page, PageKind
from chartkeeper.records.model import Wanted

MAX_MRN_KEYS = 400
MAX_BIRTH_DATES = 40
MAX_LOOSE_DATES = 100
MAX_NAMES = 200
MAX_LOOSE_NAMES = 400
MAX_NUMBERS_VARIED = 10
SHORTEST_NAME = 2

# What a digit may have been, as worn print and fax lines are misread (healthcare notes, 4.3).
CONFUSED_DIGITS = {
    "0": "689",
    "1": "74",
    "2": "7",
    "3": "85",
    "4": "91",
    "5": "63",
    "6": "580",
    "7": "12",
    "8": "3069",
    "9": "480",
}  # fmt: skip
CONFUSED_LETTERS = (
    ("E", "F"), ("E", "C"), ("E", "B"), ("I", "L"), ("I", "T"), ("I", "J"), ("L", "T"),
    ("O", "Q"), ("O", "D"), ("O", "C"), ("C", "G"), ("P", "F"), ("P", "R"), ("U", "V"), ("V", "Y"),
    ("H", "N"), ("N", "M"), ("S", "Z"), ("A", "O"), ("RN", "M"), ("CL", "D"), ("VV", "W"),
    ("LI", "U"), ("II", "N"), ("II", "U"),
)  # fmt: skip
_Item = TypeVar("_Item")


def wanted(clues: Clues, pages: Sequence[Page] = ()) -> Wanted:
    """What the caller looks up in the patient index before `decide_patient`.

    Numbers and birth dates as labelled and as they may have been misread, those that stand anywhere
    on `pages`, and names. Bounded by the MAX_ constants of this module; labelled clues come first.
    """
    labelled = [key for clue in clues.mrns for key in clue.keys]
    misread = [near for key in labelled[:MAX_NUMBERS_VARIED] for near in _near_numbers(key)]
    bare = [key for clue in (*clues.numbers, *clues.others) for key in clue.keys]
    days = list(dict.fromkeys(day for clue in clues.birth_dates for day in clue.dates))
    loose = [near for day in days[:MAX_NUMBERS_VARIED] for near in _near_days(day)]
    loose += [day for clue in clues.dates for day in clue.dates]
    surnames = [surname for clue in clues.names for surname in _surnames(clue)]
    surnames += [near for name in dict.fromkeys(surnames) for near in _near_names(name)]
    given = [part for clue in clues.names for name in names_read(clue) for part in name.parts]
    heading = heading_names(pages, clues)
    surnames += [surname for name in heading for surname in sorted(name.surnames)]
    given += [part for name in heading for part in name.parts]
    anywhere = (letters(word) for word in _name_words(pages))
    return Wanted(
        frozenset(_first(MAX_MRN_KEYS, [*labelled, *misread, *bare])),
        frozenset(_first(MAX_BIRTH_DATES, days)),
        frozenset(_first(MAX_NAMES, surnames)),
        frozenset(_first(MAX_NAMES, given)),
        frozenset(_first(MAX_LOOSE_DATES, loose)),
        frozenset(_first(MAX_LOOSE_NAMES, [*surnames, *(name for name in anywhere if name)])),
        alike(clues, pages),
    )


def is_misread_digit(read: str, known: str) -> bool:
    """Whether two numbers differ in one digit, and that is one of CONFUSED_DIGITS."""
    if len(read) != len(known):
        return False
    pairs = [(one, other) for one, other in zip(read, known, strict=True) if one != other]
    return len(pairs) == 1 and pairs[0][1] in CONFUSED_DIGITS.get(pairs[0][0], "")


def _near_names(name: str) -> Iterator[str]:
    """`name` with one letter, or pair of letters, taken for what worn print makes of it."""
    for one, other in CONFUSED_LETTERS:
        for read, meant in ((one, other), (other, one)):
            for at in range(len(name) - len(read) + 1):
                if name.startswith(read, at):
                    yield name[:at] + meant + name[at + len(read) :]


def _near_numbers(key: str) -> Iterator[str]:
    """`key` with one digit misread or two neighbours swapped."""
    for at, char in enumerate(key):
        for other in CONFUSED_DIGITS.get(char, ""):
            yield (key[:at] + other + key[at + 1 :]).lstrip("0")
    for at in range(len(key) - 1):
        swapped = key[:at] + key[at + 1] + key[at] + key[at + 2 :]
        if swapped != key:
            yield swapped.lstrip("0")


def _near_days(day: date) -> Iterator[date]:
    """What else `day` may have been: one digit misread, or day and month swapped."""
    if day.day <= 12:
        yield day.replace(month=day.day, day=day.month)
    written = f"{day:%Y%m%d}"
    for at, char in enumerate(written):
        for other in CONFUSED_DIGITS.get(char, ""):
            near = _day(written[:at] + other + written[at + 1 :])
            if near:
                yield near


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _surnames(clue: Clue) -> list[str]:
    parts = [letters(part) for part in re.split(r"[\s,-]+", clue.text)]
    whole = sorted({surname for name in names_read(clue) for surname in name.surnames})
    return [name for name in (*whole, *parts) if len(name) >= SHORTEST_NAME]


def _name_words(pages: Sequence[Page]) -> Iterator[str]:
    """The words that may be part of a name: of letters, with a capital first."""
    for page in pages:
        if page.kind is PageKind.CONTENT:
            for word in page.words:
                text = word.text.strip(".,:;()[]*#")
                if len(text) >= SHORTEST_NAME and text[0].isupper() and not _has_digit(text):
                    yield text


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _first(size: int, items: Iterable[_Item]) -> list[_Item]:
    return list(islice(dict.fromkeys(items), size))

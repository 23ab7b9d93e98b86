"""Letters and words out of what a recognising network gives out for a line."""

from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

# So sure of a space, between two letters, is sure enough.
MIN_SPACE = 0.1
_FOLLOWED_BY_SPACE = frozenset(",;")
# Signs of Latin-1, then dashes, quotes, the bullet, the ellipsis, the euro. Not the multiplication
# sign and the middle dot, which the network takes for x and for full stops and hyphens.
_MARKS = "\u00a3\u00a7\u00a9\u00ae\u00b0\u00b1\u00b5\u00bc\u00bd\u00be"
_MARKS += "\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac"


@dataclass(frozen=True, slots=True)
class Part:
    """A word within its line: `start` and `end` run from 0 to 1 along it."""

    text: str
    confidence: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters that are read and their columns in what the network gives out.

    The first is the blank that stands between two characters, the last the space.
    """

    characters: tuple[str, ...]
    columns: NDArray[np.intp]


def parts_of(sure: NDArray[np.float32], alphabet: Alphabet) -> tuple[Part, ...]:
    """The words of a line, from how sure (0 to 1) each step along it is of each character.

    `sure` has a row for each step and a column for each character of `alphabet`. The surest
    character of each step counts, repeats and blanks do not (connectionist temporal
    classification, Graves et al. 2006). A space is taken for one well before it is the surest, and
    between a comma and a letter even where there is none: the network is trained on Chinese too
    and grudges them.
    """
    surest = sure.argmax(axis=1)
    steps = len(surest)
    parts: list[Part] = []
    letters: list[tuple[int, str]] = []
    space = len(alphabet.characters) - 1
    before = 0
    for step, character in enumerate(surest.tolist()):
        if character == space or (character == 0 and sure[step, space] >= MIN_SPACE):
            parts += _part(letters, sure, surest, steps)
            letters = []
        elif character not in (0, before):
            letter = alphabet.characters[character]
            if letter.isalpha() and letters and letters[-1][1] in _FOLLOWED_BY_SPACE:
                parts += _part(letters, sure, surest, steps)
                letters = []
            letters.append((step, letter))
        before = character
    return (*parts, *_part(letters, sure, surest, steps))


def _part(
    letters: list[tuple[int, str]],
    sure: NDArray[np.float32],
    surest: NDArray[np.intp],
    steps: int,
) -> Iterator[Part]:
    text = normalize("NFKC", "".join(letter for _, letter in letters)).strip()
    if text:
        # A word is as sure as its least sure letter, as Tesseract counts too.
        least = min(float(sure[step, surest[step]]) for step, _ in letters)
        yield Part(text, min(1.0, least), letters[0][0] / steps, (letters[-1][0] + 1) / steps)


def alphabet_of(characters: list[str]) -> Alphabet:
    """The Latin characters of a network that gives out a blank, `characters` and a space."""
    latin = [(at, c) for at, c in enumerate(characters, 1) if len(c) == 1 and is_latin(c)]
    columns = [0, *(at for at, _ in latin), len(characters) + 1]
    return Alphabet(("", *(c for _, c in latin), " "), np.array(columns))


def is_latin(character: str) -> bool:
    """Whether text in English, or a name in it, may hold this: no Greek, no Chinese."""
    return (
        "!" <= character <= "~"
        or ("\u00c0" <= character <= "\u00ff" and character.isalpha())
        or character in _MARKS
    )

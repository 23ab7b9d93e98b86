"""Known phrases in read text, a misread letter forgiven."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from chartkeeper.filing.layout import Run, without_accents
from chartkeeper.ocr.page import Word

FUZZY_LETTERS = 6  # shorter words are too near to others for an edit
LONG_WORD_LETTERS = 10  # from here on two edits are forgiven
STARTING_LETTERS = 3
WORN_LETTERS = 4  # shorter words that are misread are not known again
GLUED_LETTERS = 10  # a phrase of so many letters is known though its spaces were lost

_APOSTROPHE = re.compile("['\u2019`]")
_WORDS = re.compile(r"[^\W_]+")
AS_LETTERS = str.maketrans("01458|", "OIASBI")
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a read word: capitals and digits only; `colon` if a colon follows it."""

    text: str
    word: Word
    colon: bool


@lru_cache(maxsize=65_536)
def phrase_of(text: str) -> Phrase:
    """`text` as phrases are compared: capitals, `&` as AND, no accents and punctuation."""
    plain = without_accents(_APOSTROPHE.sub("", text).replace("&", " AND ").upper())
    return tuple(_WORDS.findall(plain))


def pieces(run: Run) -> list[Piece]:
    """The pieces of the words of `run`, in order; letters set apart (`R E P O R T`) are joined."""
    found: list[Piece] = []
    for token in run.tokens:
        if token.text[0] in ":=" and found:
            found[-1] = Piece(found[-1].text, found[-1].word, colon=True)
        text = "I" if token.text == "|" else token.text  # the word I, as readers see it
        found += [Piece(part, token.word, colon=False) for part in phrase_of(text)]
    return _closed_up(found)


class Vocabulary:
    """The words of a set of phrases, and the phrases themselves.

    `phrases` is any number of phrases as `phrase_of` makes them.
    """

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.phrases = frozenset(phrases)
        self.words = frozenset(word for phrase in self.phrases for word in phrase)
        self.longest = max((len(phrase) for phrase in self.phrases), default=0)
        self._long = sorted(word for word in self.words if len(word) >= FUZZY_LETTERS)
        joined = {"".join(phrase): phrase for phrase in self.phrases if len(phrase) > 1}
        self._glued = {
            text: phrase for text, phrase in joined.items() if len(text) >= GLUED_LETTERS
        }
        self._blanked: dict[Phrase, set[str]] = {}
        for phrase in joined.values():
            for at, word in enumerate(phrase):
                if (
                    WORN_LETTERS <= len(word) < FUZZY_LETTERS
                    and len("".join(phrase)) >= GLUED_LETTERS
                ):
                    self._blanked.setdefault(_without(phrase, at), set()).add(word)
        # Nearly every word of a page begins no phrase: told at one look.
        self._firsts = frozenset(phrase[0] for phrase in self.phrases if phrase)
        self._glued_starts = frozenset(text[:STARTING_LETTERS] for text in self._glued)
        self.spelled = lru_cache(maxsize=65_536)(self._spelled)

    def find(self, read: Sequence[Piece]) -> Iterator[tuple[int, int, Phrase]]:
        """Each phrase in `read` with the pieces it spans, start to end; they may overlap."""
        words = [self.spelled(piece.text) for piece in read]
        worn = self._worn(tuple(words))
        if worn:
            yield 0, len(words), worn
        for start, word in enumerate(words):
            if word in self._firsts:
                for end in range(start + 1, min(start + self.longest, len(words)) + 1):
                    phrase = tuple(words[start:end])
                    if phrase in self.phrases:
                        yield start, end, phrase
            if len(word) >= STARTING_LETTERS and word[:STARTING_LETTERS] not in self._glued_starts:
                continue
            for end in range(start + 1, min(start + 4, len(words)) + 1):
                # As read, too: `ofprocedure` alone is taken for a misread `procedure`.
                as_read = "".join(piece.text for piece in read[start:end])
                glued = self._glued.get("".join(words[start:end])) or self._glued.get(as_read)
                if glued and len(glued) != end - start:
                    yield start, end, glued

    def _worn(self, words: Phrase) -> Phrase | None:
        """The phrase that a whole line is but for one short word, one letter of it misread."""
        unknown = [at for at, word in enumerate(words) if word not in self.words]
        if len(unknown) != 1 or not 1 < len(words) <= self.longest:
            return None
        (at,) = unknown
        fits = self._blanked.get(_without(words, at), set())
        near = [word for word in fits if OSA.distance(words[at], word, score_cutoff=1) <= 1]
        return (*words[:at], near[0], *words[at + 1 :]) if len(near) == 1 else None

    def _spelled(self, text: str) -> str:
        """The known word that `text` is, or `text` with lookalike digits read as letters."""
        if text in self.words:
            return text
        letters = sum(char.isalpha() for char in text)
        plain = text.translate(AS_LETTERS) if letters * 2 >= len(text) else text
        upright = plain.replace("L", "I", 1) if plain.startswith("L") else plain
        if plain not in self.words and upright in self.words:
            return upright
        if plain in self.words or len(plain) < FUZZY_LETTERS or not plain.isalpha():
            return plain
        allowed = 2 if len(plain) >= LONG_WORD_LETTERS else 1
        narrow = plain.replace("RN", "M").replace("VV", "W")  # letters that ran together
        if narrow in self.words:
            return narrow
        hit = process.extractOne(narrow, self._long, scorer=OSA.distance, score_cutoff=allowed)
        return hit[0] if hit else plain


def _without(phrase: Phrase, at: int) -> Phrase:
    """`phrase` with a gap at its word `at`."""
    return (*phrase[:at], "", *phrase[at + 1 :])


def _closed_up(found: list[Piece]) -> list[Piece]:
    """Single letters in a row as one word: titles are often spaced out."""
    letters = [piece for piece in found if len(piece.text) == 1 and piece.text.isalpha()]
    if len(letters) < FUZZY_LETTERS or len(letters) != len(found):
        return found
    return [Piece("".join(piece.text for piece in found), found[0].word, found[-1].colon)]

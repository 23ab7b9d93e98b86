"""What may have become of a word when its page was read, and a query that looks for that, too."""

from collections.abc import Iterator
from functools import lru_cache
from string import ascii_lowercase, digits

from chartkeeper.index.query import And, Misread, Or, Query, Term

# Shorter words are a letter away from too many others.
MIN_MISREAD_CHARS = 4
# Each stands for some hundred spellings, each of which is looked for.
MAX_MISREAD_WORDS = 8
_SIGNS = ascii_lowercase + digits
# Strokes that stand close are taken for those of another letter.
_JOINED = (("rn", "m"), ("cl", "d"), ("vv", "w"), ("ii", "u"), ("li", "h"), ("ri", "n"))


@lru_cache(maxsize=100)
def misreadings(word: str) -> frozenset[str]:
    """The word itself, and what one mistake of whoever reads or writes it makes of it.

    A letter is missing, changed or added, two neighbours are swapped, or letters run together.
    """
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    missing = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    changed = {a + sign + b[1:] for a, b in cuts if b for sign in _SIGNS}
    added = {a + sign + b for a, b in cuts for sign in _SIGNS}
    return frozenset({word} | missing | swapped | changed | added | set(_run_together(cuts)))


def _run_together(cuts: list[tuple[str, str]]) -> Iterator[str]:
    for two, one in _JOINED:
        for before, after in cuts:
            if after.startswith(two):
                yield before + one + after.removeprefix(two)
            if after.startswith(one):
                yield before + two + after.removeprefix(one)


def with_misreadings(query: Query) -> Query:
    """The query with misreadings of its first words, as far as they are words and long enough.

    Numbers stay as they are: what is a letter away from one is another one's.
    """
    return _Wider().of(query)


class _Wider:
    """Goes through a query and counts the words that it widens."""

    def __init__(self) -> None:
        self._left = MAX_MISREAD_WORDS

    def of(self, query: Query) -> Query:
        match query:
            case Term(text) if self._left and text.isalpha() and len(text) >= MIN_MISREAD_CHARS:
                self._left -= 1
                return Misread(text)
            case And(parts):
                return And(tuple(map(self.of, parts)))
            case Or(parts):
                return Or(tuple(map(self.of, parts)))
            case _:
                return query

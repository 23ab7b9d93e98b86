"""What may have become of a word when its page was read, and a query that looks for that, too."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, product
from math import prod
from string import ascii_lowercase, digits

from chartkeeper.index.query import And, Misread, Or, Phrase, Query, Term

# Shorter words are a letter away from too many others.
MIN_MISREAD_CHARS = 4
# Each stands for some hundred spellings, each of which is looked for.
MAX_MISREAD_WORDS = 8
_SIGNS = ascii_lowercase + digits
# Strokes that stand close are taken for those of another letter.
_JOINED = (("rn", "m"), ("cl", "d"), ("vv", "w"), ("ii", "u"), ("li", "h"), ("ri", "n"))
# Figures and letters that no reader can tell apart but by what stands around them.
_ALIKE = {"0": "0o", "o": "o0", "1": "1il", "i": "il1", "l": "li1"}
_FIGURES = str.maketrans("oil", "011")
_MIN_MIXED_CHARS = 3
_MAX_ALIKE = 100


@lru_cache(maxsize=1000)
def look_alikes(word: str) -> frozenset[str]:
    """The word itself, and how it may be read if it mixes letters and figures: HbA1c as HbAlc.

    One letter at least stays one, or I10 would be found wherever there is a 110; and where no
    figure is left one sign alone was taken for another, or I11 would be found in III and ill.
    """
    choices = [_ALIKE.get(sign, sign) for sign in word]
    if not _is_mixed(word) or prod(map(len, choices)) > _MAX_ALIKE:
        return frozenset({word})
    spelt = map("".join, product(*choices))
    return frozenset({word} | {one for one in spelt if _may_be_read(word, one)})


def _may_be_read(word: str, spelt: str) -> bool:
    changes = sum(a != b for a, b in zip(word, spelt, strict=True))
    return not spelt.isdigit() and (changes == 1 or not spelt.isalpha())


def as_figures(word: str) -> str:
    """A word that mixes letters and figures, read as figures alone: I10 as 110; else itself."""
    figures = word.translate(_FIGURES)
    return figures if _is_mixed(word) and figures.isdigit() else word


def _is_mixed(word: str) -> bool:
    """Whether this is a code, such as HbA1c or E11, which no dictionary tells from a misreading."""
    mixed = not word.isalpha() and not word.isdigit()
    return mixed and word.isascii() and len(word) >= _MIN_MIXED_CHARS


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

    Numbers stay as they are: what is a letter away from one is another one's. Codes such as I10
    are looked for as 110, too.
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
            case Term(text) if (figures := as_figures(text)) != text:
                return Or((query, Term(figures)))
            case Phrase(run) if (codes := tuple(map(as_figures, run))) != run:
                return Or((query, Phrase(codes)))
            case And(parts):
                return And(tuple(map(self.of, parts)))
            case Or(parts):
                wider = map(self.of, parts)
                flat = (one.parts if isinstance(one, Or) else (one,) for one in wider)
                return Or(tuple(chain.from_iterable(flat)))
            case _:
                return query

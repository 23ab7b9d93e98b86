"""The one way text is cut into words: for indexing, queries, snippets and marking alike."""

import re
import unicodedata
from functools import lru_cache

from whoosh.lang.porter import stem as porter_stem

MAX_WORD_CHARS = 64

# Letters and digits without the underscore, which on paper is a line to write on. Fractions such
# as ½ are left out, or "5½" would be found as 512. Accents written as characters of their own,
# soft hyphens and zero-width joiners do not end a word.
_LETTERS = r"[^\W_\u00bc-\u00be\u2150-\u215f\u2189]"
_INSIDE = r"[\u0300-\u036f\u00ad\u200b-\u200d\u2060]"
_WORD = re.compile(rf"{_LETTERS}+(?:{_INSIDE}+{_LETTERS}*)*")


def words(text: str) -> list[tuple[str, int, int]]:
    """Cuts text into words, in order.

    Returns:
        One (normalised word, start, end) a word; start and end are character offsets in `text`.
    """
    found = []
    for match in _WORD.finditer(text):
        word = _normalised(match.group())
        if word:
            found.append((word, match.start(), match.end()))
    return found


def stem(word: str) -> str:
    """Cuts the English endings off a normalised word (Porter 1980), so that plurals find singulars.

    Numbers, mixtures such as `b12` and words of other alphabets stay as they are.
    """
    return _porter(word) if word.isascii() and word.isalpha() else word


def identifier(number: str) -> str:
    """Brings an MRN to the form in which two of them are compared.

    Returns:
        Its letters and digits in lower case without leading zeros; "" if none are left.
    """
    return "".join(word for word, _, _ in words(number)).lstrip("0")


def type_key(name: str) -> str:
    """Brings the name of a document type to the form in which two of them are compared."""
    return "_".join(word for word, _, _ in words(name))


def _normalised(word: str) -> str:
    if word.isascii():
        return word.lower()[:MAX_WORD_CHARS]
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return "".join(filter(str.isalnum, folded))[:MAX_WORD_CHARS]


@lru_cache(maxsize=50_000)
def _porter(word: str) -> str:
    return str(porter_stem(word))

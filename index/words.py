"""The one way text is cut into words: for indexing, queries, snippets and marking alike."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from whoosh.lang.porter import stem as porter_stem

MAX_WORD_CHARS = 64

# Letters and digits without the underscore, which on paper is a line to write on. Fractions such
# as ½ are left out, or "5½" would be found as 512. Accents written as characters of their own,
# soft hyphens and zero-width joiners do not end a word.
_LETTERS = r"[^\W_\u00bc-\u00be\u2150-\u215f\u2189]"
_INSIDE = r"[\u0300-\u036f\u00ad\u200b-\u200d\u2060]"
_APOSTROPHE = r"['\u2018\u2019`\u00b4]"
# An owner is the word alone: Parkinson's disease, and what newer papers call Parkinson disease.
_OWNED = rf"(?:{_APOSTROPHE}[sS](?!{_LETTERS}|{_INSIDE}))?"
_WORD = re.compile(rf"(?P<word>{_LETTERS}+(?:{_INSIDE}+{_LETTERS}*)*){_OWNED}")
# A figure ends where its unit begins: whoever looks for 10 mg does not know how it was written.
_DOSE = re.compile(
    "([0-9]+)(mg|mcg|ug|kg|ml|dl|cc|mm|cm|mmhg|mmol|meq|iu|bpm|lbs?|oz|hrs?|mins?|tabs?|caps?)"
)
# What stands between the parts of a word: x-ray, O'Brien, b.i.d., and a hyphen at a line's end.
_JOINT_SIGNS = frozenset("-\u2010\u2011'\u2018\u2019`\u00b4.")
_LINE_END = re.compile(r"[-\u2010\u2011]\s+")
_MAX_PARTS = 5
# Figures on both sides of a hyphen are a range or a day, unless there are so many of them.
_SHORTEST_NUMBER = 7
_SHORTEST_SIS = 7

Cut = tuple[str, int, int]


def words(text: str) -> list[Cut]:
    """Cuts text into words, in order.

    Returns:
        One (normalised word, start, end) a word; start and end are character offsets in `text`.
    """
    found = []
    for match in _WORD.finditer(text):
        written, (start, end) = match["word"], match.span()
        word = _normalised(written)
        if written.isascii() and written[0].isdigit() and (dose := _DOSE.fullmatch(word)):
            unit = start + dose.start(2)
            found += [(dose[1], start, unit), (dose[2], unit, end)]
        elif word:
            found.append((word, start, end))
    return found


def together(text: str, cut: Sequence[Cut]) -> list[Cut]:
    """Finds words that are written in parts: `x-ray`, `O'Brien`, `b.i.d.`, `hyper-` and `tension`.

    Args:
        text: any text.
        cut: what `words` made of it.

    Returns:
        One (word in one piece, first, last) a word; first and last are indexes in `cut`. Of three
        parts and more each two neighbours are a word, too.
    """
    found = []
    for first, last in _runs(_joints(text, cut)):
        for begin, end in _stretches(first, last, text[cut[first][2]] == "."):
            word = "".join(part for part, _, _ in cut[begin : end + 1])[:MAX_WORD_CHARS]
            if not word.isdigit() or len(word) >= _SHORTEST_NUMBER:
                found.append((word, begin, end))
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


def _joints(text: str, cut: Sequence[Cut]) -> dict[int, str]:
    """Which words of `cut` are held to the next one, and by what: a dot or a hyphen."""
    # Blanks part most words; nothing else is looked at so often.
    signs = (at for at in range(len(cut) - 1) if text[cut[at][2]] in _JOINT_SIGNS)
    return {at: kind for at in signs if (kind := _joint(text, cut, at))}


def _joint(text: str, cut: Sequence[Cut], at: int) -> str:
    (one, _, end), (other, start, _) = cut[at], cut[at + 1]
    gap = text[end:start]
    if gap == ".":
        letters = len(one) == len(other) == 1 and one.isalpha() and other.isalpha()
        return "." if letters else ""
    parted = _LINE_END.fullmatch(gap) and one.isalpha() and other.isalpha()
    return "-" if parted or len(gap) == 1 else ""


def _runs(joints: Mapping[int, str]) -> Iterator[tuple[int, int]]:
    """First and last word of each run that one kind of joint holds together."""
    for first, kind in joints.items():
        if joints.get(first - 1) != kind:
            last = first
            while joints.get(last) == kind:
                last += 1
            yield first, last


def _stretches(first: int, last: int, is_dotted: bool) -> Iterator[tuple[int, int]]:  # noqa: FBT001 - tells two kinds of runs apart
    if last - first < _MAX_PARTS:
        yield first, last
    if last - first > 1 and not is_dotted:
        yield from ((at, at + 1) for at in range(first, last))


@lru_cache(maxsize=50_000)
def _porter(word: str) -> str:
    # Greek words on -sis have their plural on -ses: metastasis and metastases. Shorter ones would
    # meet others, such as `thesis` and `these`.
    if word.endswith("sis") and len(word) >= _SHORTEST_SIS:
        word = f"{word[:-2]}es"
    return str(porter_stem(word))

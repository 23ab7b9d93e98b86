"""The words that a PDF page carries itself, and whether they can be trusted.

pdftotext's output is XHTML made from a stranger's document. It is read with one pattern, word by
word, so there are no entities to expand and no markup to be led astray by.
"""

import re
import unicodedata
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from statistics import mean

from chartkeeper.ocr.page import Word
from chartkeeper.ocr.tesseract import clipped

MAX_WORDS = 20_000
# A stamp or running header alone does not make a page with text.
ENOUGH_WORDS = 20
# Above this a picture, most likely a scan with its own reading hidden behind it, is the page.
MAX_PICTURE_COVER = 0.25
MIN_ALPHANUMERIC = 0.6
MAX_BROKEN = 0.01
# English text has 38 vowels in 100 letters, lists of laboratory codes some 25; letters taken
# from a font without a proper table have hardly any.
MIN_VOWELS = 0.18
MIN_MEAN_LETTERS = 2.0
_VOWELS = frozenset("aeiouy")
_NUMBER = r'"(-?\d{1,7}(?:\.\d{1,9})?)"'
_WORD = re.compile(
    rf"<word xMin={_NUMBER} yMin={_NUMBER} xMax={_NUMBER} yMax={_NUMBER}>([^<]*)</word>"
)
_BROKEN = frozenset({"Cc", "Cn", "Co", "Cs"})


@dataclass(frozen=True, slots=True)
class LayerWord:
    """A word of the text layer and its edges in points from the top left corner of the page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def parse_words(xhtml: str) -> tuple[LayerWord, ...]:
    """The words in the output of `pdftotext -bbox`, in its reading order, at most MAX_WORDS."""
    words = []
    for found in _WORD.finditer(xhtml):
        text = unescape(found[5]).strip()
        if text:
            words.append(LayerWord(text, *map(float, found.groups()[:4])))
        if len(words) == MAX_WORDS:
            break
    return tuple(words)


def is_usable(words: tuple[LayerWord, ...], picture_cover: float) -> bool:
    """Whether the layer may stand for the page instead of reading its picture.

    `picture_cover` is the part of the page under pictures. Refused are few words, pages that are
    pictures, broken letters (private use, replacement, control), letters that make no language,
    and text that does not run from left to right.
    """
    text = "".join(word.text for word in words)
    return (
        len(words) >= ENOUGH_WORDS
        and picture_cover <= MAX_PICTURE_COVER
        and len(text) / len(words) >= MIN_MEAN_LETTERS
        and _broken_part(text) <= MAX_BROKEN
        and mean(letter.isalnum() for letter in text) >= MIN_ALPHANUMERIC
        and _vowel_part(text) >= MIN_VOWELS
        and not _stands_on_end(words)
        and _runs_right(words)
    )


def _broken_part(text: str) -> float:
    return mean(
        letter == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(letter) in _BROKEN
        for letter in text
    )


def _vowel_part(text: str) -> float:
    letters = [letter for letter in text.lower() if letter.isalpha()]
    # A page of figures has no language to judge by.
    if len(letters) < 2 * ENOUGH_WORDS:
        return 1.0
    plain = (unicodedata.normalize("NFD", letter)[0] for letter in letters)
    return mean(letter in _VOWELS for letter in plain)


def _stands_on_end(words: tuple[LayerWord, ...]) -> bool:
    long = [word for word in words if len(word.text) >= 4]
    tall = sum(word.bottom - word.top > word.right - word.left for word in long)
    return tall * 4 > len(long)


def _runs_right(words: tuple[LayerWord, ...]) -> bool:
    """Most words start to the right of the one before on the same line (else upside down)."""
    pairs = [(a, b) for a, b in pairwise(words) if _same_row(a, b)]
    return sum(b.left >= a.left for a, b in pairs) * 2 >= len(pairs)


def _same_row(one: LayerWord, other: LayerWord) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared * 2 >= min(one.bottom - one.top, other.bottom - other.top)


def page_words(
    words: tuple[LayerWord, ...], scale: float, width: int, height: int
) -> tuple[Word, ...]:
    """The words in pixels (`scale` pixels a point) of a page `width` x `height` pixels.

    A word belongs to the line of the word before when it stands beside it, to its right.
    Confidence is 1. Words outside the page are dropped, they are not seen either.
    """
    found: list[Word] = []
    line = -1
    before: LayerWord | None = None
    for word in words:
        if before is None or not (_same_row(before, word) and word.left >= before.left):
            line += 1
        before = word
        left, top = round(word.left * scale), round(word.top * scale)
        right, bottom = round(word.right * scale), round(word.bottom * scale)
        box = clipped(left, top, right, bottom, width, height)
        text = "".join(letter for letter in word.text if letter.isprintable())
        if box.width and box.height and text:
            found.append(Word(text, box, 1.0, line))
    return tuple(found)

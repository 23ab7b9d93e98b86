"""The words that a PDF page carries itself, and whether they can be trusted.

pdftotext's output is XHTML made from a stranger's document. It is read with one pattern, word by
word, so there are no entities to expand and no markup to be led astray by.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from itertools import pairwise
from math import ceil, floor
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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
# Print below this size (one millimetre) is not meant to be read.
MIN_POINTS = 3.0
# Levels of grey, 0 to 255, between the lightest and the darkest under a word.
INK_CONTRAST = 24
# More words than this without ink, and the layer is not that of the page.
MAX_UNSEEN = 0.05
# The nine most frequent letters make 70 of 100 in English text, 59 and more on the forms, receipts
# and book pages measured; of the same pages with each letter moved by three places, which is what a
# font without a table commonly gives, at most 39.
MIN_FREQUENT = 0.48
_FREQUENT = frozenset("etaoinshr")
# Shorter words may be abbreviations, which follow no language.
_SPOKEN = re.compile(r"[^\W\d_]{4,}")
_VOWELS = frozenset("aeiouy")
_NUMBER = r'"(-?\d{1,7}(?:\.\d{1,9})?)"'
_WORD = re.compile(
    rf"<word xMin={_NUMBER} yMin={_NUMBER} xMax={_NUMBER} yMax={_NUMBER}>([^<]*)</word>"
)
_BROKEN = frozenset({"Cc", "Cn", "Co", "Cs"})


class Layer(StrEnum):
    """What was found of a page's text layer, as `Page.reading` records it.

    Only `TEXT` stands for the page. The others, in this order: words too few to be a page; words
    behind a picture, an old reading; letters that make no language; text that does not run from
    left to right; words where the page as drawn shows none; words that say whose the page is where
    it shows others.
    """

    TEXT = "text-layer"
    THIN = "layer-thin"
    OF_A_SCAN = "layer-of-a-scan"
    GARBLED = "layer-garbled"
    SIDEWAYS = "layer-sideways"
    UNSEEN = "layer-unseen"
    UNLIKE = "layer-unlike"


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


def judge(words: tuple[LayerWord, ...], picture_cover: float) -> Layer | None:
    """What the layer of `words` is worth; None for a page without any.

    `picture_cover` is the part of the page under pictures.
    """
    if not words:
        return None
    if len(words) < ENOUGH_WORDS:
        return Layer.THIN
    if picture_cover > MAX_PICTURE_COVER:
        return Layer.OF_A_SCAN
    if _is_garbled(words):
        return Layer.GARBLED
    if _stands_on_end(words) or not _runs_right(words):
        return Layer.SIDEWAYS
    return Layer.TEXT


def legible(
    words: tuple[LayerWord, ...], width_points: float, height_points: float
) -> tuple[LayerWord, ...]:
    """The words that lie on the page and are large enough for an eye."""
    return tuple(
        word
        for word in words
        if _size_points(word) >= MIN_POINTS
        and 0 <= word.left + word.right <= 2 * width_points
        and 0 <= word.top + word.bottom <= 2 * height_points
    )


def _size_points(word: LayerWord) -> float:
    """About the size of its letters, whichever way the word stands."""
    sides = word.right - word.left, word.bottom - word.top
    # The short side of an "i" or a full stop says nothing about its size.
    return min(sides) if len(word.text) > 2 else max(sides)


def with_ink(
    words: tuple[LayerWord, ...], picture: Image.Image, scale: float
) -> tuple[LayerWord, ...]:
    """The words under which the drawn page shows any contrast.

    White, hidden, covered and misplaced text shows none. `picture` is the page in grey at `scale`
    pixels a point.
    """
    greys = np.asarray(picture.convert("L"))
    return tuple(word for word in words if _contrast(greys, word, scale) >= INK_CONTRAST)


def _contrast(greys: NDArray[np.uint8], word: LayerWord, scale: float) -> int:
    rows = slice(max(0, floor(word.top * scale)), max(0, ceil(word.bottom * scale)))
    columns = slice(max(0, floor(word.left * scale)), max(0, ceil(word.right * scale)))
    under = greys[rows, columns]
    return int(under.max()) - int(under.min()) if under.size else 0


def _is_garbled(words: tuple[LayerWord, ...]) -> bool:
    """Broken letters (private use, replacement, control), or letters that make no language."""
    text = "".join(word.text for word in words)
    return (
        len(text) / len(words) < MIN_MEAN_LETTERS
        or _broken_part(text) > MAX_BROKEN
        or mean(letter.isalnum() for letter in text) < MIN_ALPHANUMERIC
        or _vowel_part(text) < MIN_VOWELS
        or _frequent_part(words) < MIN_FREQUENT
    )


def _broken_part(text: str) -> float:
    return mean(
        letter == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(letter) in _BROKEN
        for letter in text
    )


def _vowel_part(text: str) -> float:
    return _part_of([letter for letter in text if letter.isalpha()], _VOWELS)


def _frequent_part(words: tuple[LayerWord, ...]) -> float:
    spoken = (word for layer_word in words for word in _SPOKEN.findall(layer_word.text))
    return _part_of([letter for word in spoken for letter in word], _FREQUENT)


def _part_of(letters: list[str], among: frozenset[str]) -> float:
    # A page of figures has no language to judge by.
    if len(letters) < 2 * ENOUGH_WORDS:
        return 1.0
    plain = (unicodedata.normalize("NFD", letter.lower())[0] for letter in letters)
    return mean(letter in among for letter in plain)


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

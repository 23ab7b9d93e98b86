"""A second look at pages that the first reading was unsure of, and at single fields.

A page read weakly goes to the second reader where there is one, and is read again by the first one
from a smaller picture without the rules of forms. Where there is none the first engine reads it
again word by word instead of line by line, without the rules. Each of these finds what the first
reading missed and invents things of its own; merged, word by word, they are better than each alone
(docs/figures.md).
"""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from chartkeeper.ocr.cutting import LINE_DPI, cut_line
from chartkeeper.ocr.engine import ENGINE_FAILURES, Engine, Layout
from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.enhance import Prepared
from chartkeeper.ocr.lexicon import english
from chartkeeper.ocr.merge import TWO_ENGINES, merge
from chartkeeper.ocr.page import Box, Word, sureness
from chartkeeper.ocr.rules import without_rules
from chartkeeper.ocr.skew import straight_reader
from chartkeeper.ocr.smaller import smaller_reader

# What is told of a second look by Tesseract alone, and of one that failed.
SPARSE, FAILED = "sparse", "-failed"
# A word read with less confidence than this is unsure, and a page is weak when more than this part
# of its letters are in such words: nine in ten forms of 90 dpi and receipts, one in eight clean
# pages and pages of books, most of them with misread words (docs/figures.md).
UNSURE_WORD = 0.6
MAX_UNSURE_PART = 0.05
# The smaller picture is this part of the one that was read first. Beside the second reader it
# brings 0.3 points of F1 on forms and 0.2 on receipts, more than 0.6, 0.67 and 0.85 do.
SMALLER_PART = 0.75


@dataclass(frozen=True, slots=True)
class Field:
    """What a second reading made of a field, and how sure it is, 0 to 1; empty where nothing.

    `independent` says that another engine read it. One engine that agrees with itself is wrong five
    times as often as two that agree (docs/figures.md), and is not to be taken for a proof.
    """

    text: str
    confidence: float
    independent: bool = False


def is_weak(words: tuple[Word, ...]) -> bool:
    """Whether a reading is so unsure, or so empty, that the page deserves a second look."""
    return unsure_part(words) > MAX_UNSURE_PART


def unsure_part(words: tuple[Word, ...]) -> float:
    """The part of the letters that are in unsure words, 0 to 1; 1 where there are none."""
    letters = sum(len(word.text) for word in words)
    return 1 - surely_read(words) / letters if letters else 1.0


def surely_read(words: tuple[Word, ...]) -> int:
    """How many letters are in words that are not unsure."""
    return sum(len(word.text) for word in words if word.confidence >= UNSURE_WORD)


def look_again(
    prepared: Prepared,
    words: tuple[Word, ...],
    engines: Engines,
    seconds: Callable[[], float],
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """The words of a weakly read page after a second look, and what was done to get them.

    `prepared` is the page upright, `words` the first reading of it, `seconds()` the time that is
    left. What is done is the second reader's name or `sparse`; with `-failed` behind it where that
    came to nothing, and then the words are those of the first reading.
    """
    how = engines.second.name if engines.second else SPARSE
    try:
        found = _second_reading(prepared, engines, seconds)
    except ENGINE_FAILURES:
        return words, (how + FAILED,)
    if not engines.second:
        return merge(words, found, english().knows), (how,)
    both = _with_smaller(prepared, words, engines.first, seconds)
    return merge(both, found, english().knows, TWO_ENGINES), (how,)


def _with_smaller(
    prepared: Prepared, words: tuple[Word, ...], first: Engine, seconds: Callable[[], float]
) -> tuple[Word, ...]:
    """`words` merged with what the same engine reads from a smaller picture; as they are if not."""
    part = prepared.reading_part * SMALLER_PART
    dpi = round(prepared.told_dpi * part)

    def read(image: Image.Image) -> tuple[Word, ...]:
        return first.read(image, dpi, Layout.AUTOMATIC, seconds())

    reader = smaller_reader(straight_reader(read, prepared.skew_degrees), part)
    try:
        smaller = reader(without_rules(prepared.image))
    except ENGINE_FAILURES:
        return words
    return merge(words, smaller, english().knows)


def _second_reading(
    prepared: Prepared, engines: Engines, seconds: Callable[[], float]
) -> tuple[Word, ...]:
    def read(image: Image.Image) -> tuple[Word, ...]:
        if engines.second:
            return engines.second.read(image, prepared.told_dpi, Layout.AUTOMATIC, seconds())
        return engines.first.read(without_rules(image), prepared.told_dpi, Layout.SPARSE, seconds())

    image = prepared.for_second if engines.second else prepared.image
    return straight_reader(read, prepared.skew_degrees)(image)


def reread(page: Prepared, box: Box, engines: Engines, seconds: Callable[[], float]) -> Field:
    """What stands in `box` of an upright page, read in another way.

    It is taken for one line, and read by the second reader if there is one, else by the first one
    from a picture of another size. Empty where the engine failed on it, or none of the `seconds()`
    of the page are left.
    """
    engine = engines.second or engines.first
    picture = cut_line(page.for_second if engines.second else page.image, box).picture
    try:
        words = engine.read(picture, LINE_DPI, Layout.LINE, seconds())
    except ENGINE_FAILURES:
        return Field("", 0.0)
    text = " ".join(word.text for word in words)
    return Field(text, sureness(words), independent=engine is engines.second)

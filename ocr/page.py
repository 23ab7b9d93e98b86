"""What the reading room hands on: one side of paper as words with their places."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby


class PageKind(StrEnum):
    """What a side of paper is, before anybody asks what it says."""

    CONTENT = "content"
    BLANK = "blank"
    SEPARATOR = "separator"


class TextSource(StrEnum):
    """Where the words of a page came from."""

    OCR = "ocr"
    TEXT_LAYER = "text_layer"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright page image; left and top count from its corner."""

    left: int
    top: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 0 or self.height < 0:
            raise ValueError("a box cannot be inside out")

    @property
    def right(self) -> int:
        """First pixel column to the right of the box."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """First pixel row below the box."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Word:
    """One word as read.

    `confidence` runs from 0 to 1 (a text layer counts as 1); `line` is the number of the word's
    text line on the page, from 0, in reading order.
    """

    text: str
    box: Box
    confidence: float
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """One side of paper in a scan, read.

    `number` counts from 1 within the scan. `width` and `height` are pixels of the upright image
    that the boxes refer to, `dpi` its resolution. `rotation` is how far the stored page has to be
    turned clockwise to stand upright: 0, 90, 180 or 270. `preparation` names what was done to the
    image before it was read, in order.
    """

    number: int
    width: int
    height: int
    dpi: int
    rotation: int
    kind: PageKind
    source: TextSource
    words: tuple[Word, ...]
    preparation: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[tuple[Word, ...], ...]:
        """The words by text line, in reading order."""
        return tuple(tuple(words) for _, words in self._by_line())

    @property
    def text(self) -> str:
        """The words as text, a line of paper a line of text."""
        return "\n".join(" ".join(word.text for word in words) for words in self.lines)

    @property
    def confidence(self) -> float:
        """Mean confidence of the words, each weighed by its length; 0 for a page without words."""
        letters = sum(len(word.text) for word in self.words)
        if not letters:
            return 0.0
        return sum(word.confidence * len(word.text) for word in self.words) / letters

    def _by_line(self) -> Iterator[tuple[int, Iterator[Word]]]:
        return groupby(self.words, key=lambda word: word.line)

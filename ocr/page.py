"""What the reading room hands on: one side of paper as words with their places."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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

    def holds_middle_of(self, other: "Box") -> bool:
        """Whether the middle of `other` lies in this box."""
        across, down = other.left + other.width / 2, other.top + other.height / 2
        return self.left <= across <= self.right and self.top <= down <= self.bottom


@dataclass(frozen=True, slots=True)
class Word:
    """One word as read.

    `confidence` runs from 0 to 1 (a text layer counts as 1); `line` is the number of the word's
    text line on the page, from 0, in reading order. `other` is what a second reading made of the
    word where it differs; empty where there was none or both agree.
    """

    text: str
    box: Box
    confidence: float
    line: int
    other: str = ""


def around(words: Sequence[Word]) -> Box:
    """The smallest box that holds all `words` (at least one)."""
    left = min(word.box.left for word in words)
    top = min(word.box.top for word in words)
    right = max(word.box.right for word in words)
    bottom = max(word.box.bottom for word in words)
    return Box(left, top, right - left, bottom - top)


def sureness(words: Iterable[Word]) -> float:
    """Mean confidence, 0 to 1, each word weighed by its length; 0 where there is none."""
    lengths = [(word.confidence, len(word.text)) for word in words]
    total = sum(length for _, length in lengths)
    weighed = sum(confidence * length for confidence, length in lengths)
    return min(1.0, weighed / total) if total else 0.0


@dataclass(frozen=True, slots=True)
class Barcode:
    """A bar code or matrix code on a page: its kind (`Code128`, `QRCode` ...), text and place."""

    symbology: str
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class FaxHeader:
    """The line that a fax machine prints over a page.

    `lines` are the numbers of the page's text lines that it takes up. `page` and `pages` are the
    sheet's place in the transmission (`P. 2/5`), None where not said or not read; `sent` is the
    day and time and `sender` the station as printed, empty where not read.
    """

    lines: tuple[int, ...]
    page: int | None = None
    pages: int | None = None
    sent: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One side of paper in a scan, read.

    `number` counts from 1 within the scan. `width` and `height` are pixels of the upright image
    that the boxes refer to, `dpi` its resolution. `rotation` is how far the stored page has to be
    turned clockwise to stand upright: 0, 90, 180 or 270. `preparation` names what was done to the
    image before it was read, in order; `reading` how its words were got: what was found of a text
    layer, the engines that read it, whether it was looked at again.
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
    reading: tuple[str, ...] = ()
    barcodes: tuple[Barcode, ...] = ()
    fax_header: FaxHeader | None = None

    def __hash__(self) -> int:
        # Rules remember what they found on a page; hashing each of its words would cost more.
        return hash((self.number, self.width, self.height, len(self.words), self.words[:3]))

    @property
    def body(self) -> "Page":
        """The page without the words of its fax header, which are not the document's."""
        if self.fax_header is None:
            return self
        apart = frozenset(self.fax_header.lines)
        return replace(self, words=tuple(word for word in self.words if word.line not in apart))

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
        """How surely the words were read, see `sureness`."""
        return sureness(self.words)

    def _by_line(self) -> Iterator[tuple[int, Iterator[Word]]]:
        return groupby(self.words, key=lambda word: word.line)

"""Where words stand to each other on a page: tokens, runs of text, right of, below."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, reduce
from statistics import median

from chartkeeper.filing.remembered import remembered
from chartkeeper.ocr.page import Box, Page, Word, around

# A wider gap, in heights of the line, separates columns; word spaces stay under one height even in
# monospaced and justified print.
COLUMN_GAP_HEIGHTS = 1.7
# The narrowest space between words on pages that were really read has 0.14 heights.
TOUCHING_HEIGHTS = 0.06
BELOW_HEIGHTS = 2.6
FLUSH_HEIGHTS = 0.5  # ends of lines that are set to one right edge differ by no more
FAX_HEADER_SHARE = 0.08  # the sender's line is stamped within the top margin of the page
CLEARLY_NEARER = 1.1
MAX_WORDS_PER_PAGE = 5_000

_ITEM = re.compile(r"\d{1,2}[A-Za-z]?[.,)]?")
_PIECE = re.compile(r"[:;=!()\[\]#]|[^:;=!()\[\]#]+")
_LEADER = re.compile(r"(?<=[A-Za-z])\.{4,}")  # dots that lead from a label to its value
_PUNCTUATION = frozenset(":;=!()[]|.,-_*#")
_LETTER_FOR = str.maketrans("01458|", "OIASBI")
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}")
_FAX_WORDS = re.compile(
    r"\bFAX\b|\bFROM\s*:|\bTO\s*:.*\d{7}|\bP(?:AGE|G)?\.?\s?\d{1,3}\s?(?:/|OF)\s?\d{1,3}"
    r"|\bP\.?\d{2,3}\b|\bT-?\d{3}\b|\+?1?[-. (]*\d{3}[-. )]*\d{3}[-. ]\d{4}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a piece of one, split at colons, brackets and number signs.

    `key` is the text as labels are compared: capitals and digits only, lookalike digits within a
    word read as letters. `gap` is the space before it in line heights (0 inside a word).
    """

    text: str
    key: str
    word: Word
    gap: float

    @property
    def is_punctuation(self) -> bool:
        """Whether nothing but punctuation was read."""
        return all(char in _PUNCTUATION for char in self.text)


@dataclass(frozen=True)
class Run:
    """Tokens of one line without a column gap between them; `line` is the line's number."""

    line: int
    tokens: tuple[Token, ...]

    @cached_property
    def box(self) -> Box:
        """The rectangle around the run."""
        return around([token.word for token in self.tokens])

    @cached_property
    def text(self) -> str:
        """The words of the run, pieces of one word not parted."""
        return text_of(self.tokens)


@remembered
def runs(page: Page) -> tuple[Run, ...]:
    """The runs of `page` in reading order, without the sender's fax header lines."""
    found: list[Run] = []
    for words in content_lines(page):
        height = median(word.box.height for word in words) or 1
        current: list[Token] = []
        for word, before in zip(words, (None, *words), strict=False):
            gap = max(0, word.box.left - before.box.right) / height if before else 0.0
            if current and gap > COLUMN_GAP_HEIGHTS:
                found.append(Run(word.line, tuple(current)))
                current = []
            current += _tokens(word, gap)
        if current:
            found.append(Run(words[0].line, tuple(current)))
    return tuple(found)


def content_lines(page: Page) -> tuple[tuple[Word, ...], ...]:
    """The lines of `page` without empty words and fax header lines, pieces of a word joined."""
    kept = _first_words(page)
    return tuple(
        _joined(word for word in line if word.text.strip())
        for line in kept
        if any(word.text.strip() for word in line) and not is_fax_header(line, page.height)
    )


def _joined(words: Iterable[Word]) -> tuple[Word, ...]:
    """`words` with those made one that touch: a reader that takes a word apart leaves no space."""
    return reduce(_with_next, words, ())


def _with_next(before: tuple[Word, ...], word: Word) -> tuple[Word, ...]:
    if not before or not _touch(before[-1], word):
        return (*before, word)
    last = before[-1]
    again = (last.other or last.text) + (word.other or word.text)
    whole = replace(
        last,
        text=last.text + word.text,
        box=around([last, word]),
        confidence=min(last.confidence, word.confidence),
        other=again if last.other or word.other else last.other,
    )
    return (*before[:-1], whole)


def _touch(one: Word, other: Word) -> bool:
    """Whether two neighbours have no space between them and are both letters or both figures."""
    gap = other.box.left - one.box.right
    height = max(one.box.height, other.box.height)
    left, right = one.text[-1], other.text[0]
    alike = (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())
    return alike and abs(gap) <= height * TOUCHING_HEIGHTS


def is_fax_header(line: Sequence[Word], page_height: int) -> bool:
    """Whether the line was stamped by a fax machine: at the top edge, a time and a sender.

    Source: 47 CFR 68.318(d) and the machine patterns in the healthcare notes, section 5.
    """
    if min(word.box.top for word in line) > page_height * FAX_HEADER_SHARE:
        return False
    text = " ".join(word.text for word in line)
    return bool(_CLOCK.search(text)) and len(_FAX_WORDS.findall(text)) >= 2


def right_of(run: Run, others: Sequence[Run]) -> Run | None:
    """The nearest run to the right of `run` in its line or on the same height, if there is one.

    On a slanted page what stands on the same height a column away is of another line.
    """
    last = run.tokens[-1].word.box
    right = [
        other
        for other in others
        if other.tokens[0].word.box.left >= last.right
        and other is not run
        and not all(token.is_punctuation for token in other.tokens)
    ]
    following = min((other for other in right if other.line == run.line), key=_left, default=None)
    level = [other for other in right if _same_height(last, _head(other).word.box)]
    before = [one for one in level if following is None or one.box.right <= following.box.left]
    return min(before, key=_left, default=following)


def _left(run: Run) -> int:
    return run.tokens[0].word.box.left


def _head(run: Run) -> Token:
    """The first token of a run that is more than a mark: specks stand on any height."""
    return next((token for token in run.tokens if not token.is_punctuation), run.tokens[0])


def wrapped(run: Run, others: Sequence[Run]) -> Run | None:
    """The run that opens the next line, if `run` ends its own: there a sentence goes on."""
    if any(other.line == run.line and _left(other) > _left(run) for other in others):
        return None
    reach = run.box.bottom + run.box.height * BELOW_HEIGHTS
    under = [
        other
        for other in others
        if other.line != run.line and run.box.bottom <= other.box.bottom and other.box.top <= reach
    ]
    first = min(under, key=lambda other: (other.line, _left(other)), default=None)
    return first if first and first.box.left < run.tokens[0].word.box.right else None


def below(box: Box, others: Sequence[Run]) -> tuple[Token, ...]:
    """The tokens under `box`, from the first that stands under it to the end of its run."""
    reach = box.bottom + box.height * BELOW_HEIGHTS
    under = [
        (other.box.top, _from(box, other.tokens))
        for other in others
        if box.bottom - box.height * 0.3 <= other.box.top <= reach
    ]
    hits = [(top, tokens) for top, tokens in under if tokens]
    return min(hits, key=lambda hit: hit[0])[1] if hits else ()


def in_cell_below(box: Box, others: Sequence[Run]) -> tuple[Token, ...]:
    """The cell of a table that begins left of the heading in `box`, and reaches under its middle.

    So stands what is set flush left under a heading in the middle of its column. Only in a row of
    at least two columns: a line of prose begins left of every word over it.
    """
    reach = box.bottom + box.height * BELOW_HEIGHTS
    under = [
        other
        for other in others
        if box.bottom - box.height * 0.3 <= other.box.top <= reach
        and other.box.left <= box.left
        and box.left + box.width // 2 <= other.box.right
    ]
    nearest = min(under, key=lambda other: other.box.top, default=None)
    rows = nearest and any(one.line == nearest.line and one is not nearest for one in others)
    return nearest.tokens if nearest and rows else ()


def below_flush_right(box: Box, others: Sequence[Run]) -> Run | None:
    """The next run under `box` that ends at its right edge, as in a block set flush right."""
    reach = box.bottom + box.height * BELOW_HEIGHTS
    under = [
        other
        for other in others
        if box.bottom - box.height * 0.3 <= other.box.top <= reach
        and abs(other.box.right - box.right) <= box.height * FLUSH_HEIGHTS
    ]
    return min(under, key=lambda other: other.box.top, default=None)


def above(box: Box, others: Sequence[Run]) -> tuple[Token, ...]:
    """The tokens over `box`, from the first that stands over it to the end of its run."""
    reach = box.top - box.height * BELOW_HEIGHTS
    over = [
        (other.box.bottom, _from(box, other.tokens))
        for other in others
        if reach <= other.box.bottom <= box.top + box.height * 0.3
    ]
    hits = [(bottom, tokens) for bottom, tokens in over if tokens]
    return max(hits, key=lambda hit: hit[0])[1] if hits else ()


def captions_line(box: Box, others: Sequence[Run]) -> bool:
    """Whether a label captions the line over it: it stands clearly nearer to that than to the next.

    Forms that put labels under their lines leave room above each line to write.
    """
    over, under = above(box, others), below(box, others)
    if not over or not under:
        return False
    gap_over = box.top - over[0].word.box.bottom
    return gap_over * CLEARLY_NEARER < under[0].word.box.top - box.bottom


def opens_item(tokens: Sequence[Token]) -> bool:
    """Whether the number of a form's box opens `tokens`: `4. Medical Record No`."""
    return len(tokens) > 1 and bool(_ITEM.fullmatch(tokens[0].text))


def text_of(tokens: Sequence[Token]) -> str:
    """The text of `tokens`, with a space wherever the paper has one."""
    pieces: list[str] = []
    for token, before in zip(tokens, (None, *tokens), strict=False):
        parted = before is not None and before.word is not token.word
        pieces.append(f" {token.text}" if parted else token.text)
    return "".join(pieces)


def without_strokes(text: str) -> str:
    """`text` without the pieces of ruled lines that were read into it: `341373__1`, `Name____`."""
    stripped = text.strip()
    return stripped.replace("_", "") if any(map(str.isalnum, stripped)) else stripped


def without_accents(text: str) -> str:
    """`text` with the plain letters of accented ones: readers of English mostly lose them."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(char for char in apart if not unicodedata.combining(char))


@lru_cache(maxsize=65_536)
def label_key(text: str) -> str:
    """`text` as labels are compared: capitals and digits; `D0B` is `DOB`, `#` stays."""
    if text == "#":
        return text
    plain = "".join(char for char in without_accents(text.upper()) if char.isalnum() or char == "|")
    digits = sum(char.isdigit() or char == "|" for char in plain)
    if digits * 2 >= len(plain):
        return plain.replace("|", "")
    return plain.translate(_LETTER_FOR)


def _first_words(page: Page) -> tuple[tuple[Word, ...], ...]:
    """The page's lines, up to MAX_WORDS_PER_PAGE words."""
    kept, count = [], 0
    for line in page.lines:
        count += len(line)
        if count > MAX_WORDS_PER_PAGE:
            break
        kept.append(line)
    return tuple(kept)


def _tokens(word: Word, gap: float) -> list[Token]:
    pieces = _PIECE.findall(_LEADER.sub(":", without_strokes(word.text)))
    return [
        Token(piece, label_key(piece), word, gap if at == 0 else 0.0)
        for at, piece in enumerate(pieces)
    ]


def _same_height(one: Box, other: Box) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared * 2 >= min(one.height, other.height)


def _from(box: Box, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """`tokens` from the first one that stands under `box`; empty if none does."""
    slack = box.height
    for at, token in enumerate(tokens):
        place = token.word.box
        starts_under = box.left - slack <= place.left <= box.right + slack
        if starts_under and (at == 0 or tokens[at - 1].word is not token.word):
            return tokens[at:]
    return ()

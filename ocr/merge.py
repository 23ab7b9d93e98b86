"""Two readings of one page made into one that is better than either.

Words of the two readings that lie on each other are about the same ink. Where their letters agree,
the first reading's way of writing them stays; where they differ the surer one is taken, and what
the other made of it is kept beside it. A word that only one reader saw stays if that reader was
sure of it, since noise is seldom read with confidence.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from chartkeeper.ocr.page import Box, Word, sureness
from chartkeeper.ocr.written_dates import date_of

# Two words are about the same ink when they share this part of the lower and of the narrower one.
MIN_SHARED_HEIGHT = 0.5
MIN_SHARED_WIDTH = 0.4
# A box so much higher than a word is not another reading of it but a picture or a frame.
MAX_HEIGHT_RATIO = 4
# The figures below were chosen on every second page of forms and receipts and checked on the others
# and on book pages (docs/figures.md). A word of the lexicon is seldom an accident and stays from
# this confidence on.
MIN_ALONE_KNOWN = 0.5
MIN_KNOWN_ALONE_LETTERS = 4
# Of two words that differ the second reader's is taken unless it is less sure than this and than
# the first, or the first's is in the lexicon and the second's is not.
MAX_UNSURE_SECOND = 0.7
MIN_KNOWN_LETTERS = 3
# What is surer than this and much unlike the known word is something else, a code or a name.
SURE = 0.9
MIN_ALIKE = 0.75
MIN_ALIKE_LETTERS = 5
# Less sure than this was a guess, not worth keeping beside what was taken.
MIN_OTHER = 0.3
# A word belongs to a line that is at most so many of its heights away from it.
MAX_GAP_HEIGHTS = 3
# The page is looked through in bands of this height.
_BAND_PIXELS = 64
_MARKS_IN_NUMBERS = frozenset(".,/:-")
_MARKS_WITHIN = frozenset("-'")
_MARKS_BEFORE = frozenset("(&#$")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")

Line = list[Word]
# Whether letters make a word.
Knows = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Alone:
    """From which confidence (0 to 1) on a word stays that one of the two readings alone has."""

    first: float
    second: float


# Tesseract sees more that is not there, and of what another engine did not see most is not.
ONE_ENGINE = Alone(0.85, 0.6)
TWO_ENGINES = Alone(0.9, 0.7)


@dataclass(frozen=True, slots=True)
class Spot:
    """The same ink as each of the two readers read it; one of the two may be empty."""

    first: tuple[Word, ...]
    second: tuple[Word, ...]


def merge(
    first: tuple[Word, ...],
    second: tuple[Word, ...],
    knows: Knows,
    alone: Alone = ONE_ENGINE,
) -> tuple[Word, ...]:
    """One reading from two of the same picture; boxes in its pixels, lines numbered from 0.

    `knows` says whether letters make a word, `alone` what stays of words that only one has. Lines
    and their order are those of `first`; words that only `second` has join the line that they stand
    on, or come as lines of their own where they stand.
    """
    return _merged(first, second, lambda spot: _decided(spot, knows, alone, _first_is_right))


def merge_sizes(
    first: tuple[Word, ...], second: tuple[Word, ...], knows: Knows
) -> tuple[Word, ...]:
    """One reading from two that the same engine made of one picture in two sizes, as `merge`.

    Its confidences compare, so of words that differ the surer one is taken: small print is read
    better from the larger picture, and what is large from the smaller one.
    """
    return _merged(first, second, lambda spot: _decided(spot, knows, ONE_ENGINE, _first_is_surer))


def _merged(
    first: tuple[Word, ...],
    second: tuple[Word, ...],
    decide: Callable[[Spot], tuple[Word, ...]],
) -> tuple[Word, ...]:
    lines: dict[int, Line] = {}
    found: dict[int, Line] = {}
    for spot in spots(first, second):
        line, into = (spot.first[0].line, lines) if spot.first else (spot.second[0].line, found)
        into.setdefault(line, []).extend(decide(spot))
    return _put_in(lines, found)


def inserted(words: tuple[Word, ...], more: tuple[Word, ...]) -> tuple[Word, ...]:
    """`words` of a page and `more` of the same, which join the lines that they stand on.

    Lines are numbered anew from 0; those of `more` are its own.
    """
    lines: dict[int, Line] = defaultdict(list)
    found: dict[int, Line] = defaultdict(list)
    for group, into in ((words, lines), (more, found)):
        for word in group:
            into[word.line].append(word)
    return _put_in(lines, found)


def _put_in(lines: dict[int, Line], found: dict[int, Line]) -> tuple[Word, ...]:
    ordered = [_left_to_right(lines[number]) for number in sorted(lines) if lines[number]]
    for number in sorted(found):
        for words in _runs(found[number]):
            _insert(words, ordered)
    return tuple(
        replace(word, line=number) for number, words in enumerate(ordered) for word in words
    )


def spots(first: tuple[Word, ...], second: tuple[Word, ...]) -> list[Spot]:
    """All words of both readings, those about the same ink together."""
    bands: dict[int, list[int]] = defaultdict(list)
    for number, word in enumerate(second):
        for band in _bands(word.box):
            bands[band].append(number)
    groups = _Groups(len(first) + len(second))
    for number, word in enumerate(first):
        for other in {other for band in _bands(word.box) for other in bands[band]}:
            if same_ink(word.box, second[other].box):
                groups.join(number, len(first) + other)
    members: dict[int, tuple[Line, Line]] = defaultdict(lambda: ([], []))
    for number, word in enumerate((*first, *second)):
        members[groups.of(number)][number >= len(first)].append(word)
    return [Spot(tuple(ours), tuple(theirs)) for ours, theirs in members.values()]


def same_ink(one: Box, other: Box) -> bool:
    """Whether two words' boxes share so much that they are readings of the same ink."""
    lower, higher = sorted((one.height, other.height))
    narrower = min(one.width, other.width)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    across = min(one.right, other.right) - max(one.left, other.left)
    return (
        0 < higher <= lower * MAX_HEIGHT_RATIO
        and down >= MIN_SHARED_HEIGHT * lower
        and across >= MIN_SHARED_WIDTH * narrower > 0
    )


def _decided(
    spot: Spot, knows: Knows, alone: Alone, first_is_right: Callable[[Spot, Knows], bool]
) -> tuple[Word, ...]:
    """What is kept of a spot."""
    if not spot.first or not spot.second:
        at_least = alone.first if spot.first else alone.second
        words = spot.first or spot.second
        return tuple(word for word in words if _stands_alone(word, at_least, knows))
    if letters(spot.first) == letters(spot.second):
        return _agreed(spot, knows)
    ours, theirs = letters(spot.first), letters(spot.second)
    date = date_of(ours, theirs)
    if date:
        return spot.first if date == ours else spot.second
    if first_is_right(spot, knows):
        return _beside(spot.first, spot.second)
    return _beside(spot.second, spot.first)


def _stands_alone(word: Word, at_least: float, knows: Knows) -> bool:
    known = _is_known(word.text, MIN_KNOWN_ALONE_LETTERS, knows)
    return word.confidence >= (MIN_ALONE_KNOWN if known else at_least)


def _agreed(spot: Spot, knows: Knows) -> tuple[Word, ...]:
    """The same letters; where one reader runs together what the other parts, the likelier words."""
    ours, theirs = sureness(spot.first), sureness(spot.second)
    fewer, more = sorted((spot.first, spot.second), key=len)
    if len(fewer) == len(more):
        taken = spot.first
    elif _is_parted_well(more, fewer, knows):
        taken = more
    else:
        taken = spot.first if ours >= theirs else spot.second
    surer = max(ours, theirs)
    return tuple(replace(word, confidence=max(word.confidence, surer)) for word in taken)


def _is_parted_well(more: tuple[Word, ...], fewer: tuple[Word, ...], knows: Knows) -> bool:
    if len(fewer) == 1 and _is_known(fewer[0].text, MIN_KNOWN_ALONE_LETTERS, knows):
        return False
    return all(_parts_well(one.text, next_.text, knows) for one, next_ in pairwise(more))


def _parts_well(left: str, right: str, knows: Knows) -> bool:
    """Whether a space is likely between the two: after a mark or between words, not in a number."""
    one, other = core(left), core(right)
    if not one or not other:
        return True
    if one[-1].isdigit() and other[0].isdigit():
        return False
    if left[-1] not in _MARKS_WITHIN and not left[-1].isalnum():
        return True
    return (
        right[0] in _MARKS_BEFORE
        or (one.isalpha() and _is_known(one, 2, knows) and not other.isalpha())
        or (other.isalpha() and _is_known(other, 2, knows) and not one.isalpha())
        or (_is_known(one, 2, knows) and _is_known(other, 2, knows))
    )


def _first_is_right(spot: Spot, knows: Knows) -> bool:
    ours, theirs = sureness(spot.first), sureness(spot.second)
    known = all(_is_known(word.text, MIN_KNOWN_LETTERS, knows) for word in spot.first)
    if known != all(_is_known(word.text, MIN_KNOWN_LETTERS, knows) for word in spot.second):
        return known and (theirs < SURE or _alike(spot))
    return theirs < min(ours, MAX_UNSURE_SECOND)


def _first_is_surer(spot: Spot, _knows: Knows) -> bool:
    return sureness(spot.first) >= sureness(spot.second)


def _alike(spot: Spot) -> bool:
    one, other = letters(spot.first), letters(spot.second)
    return (
        len(one) >= MIN_ALIKE_LETTERS and Levenshtein.normalized_similarity(one, other) >= MIN_ALIKE
    )


def _is_known(text: str, at_least: int, knows: Knows) -> bool:
    word = core(text)
    return len(word) >= at_least and word.isalpha() and knows(word)


def core(text: str) -> str:
    """A word without the marks around it."""
    return _EDGES.sub("", text)


def letters(words: tuple[Word, ...]) -> str:
    """What of the words must agree: letters and digits, and the marks within numbers."""
    text = "".join(word.text for word in words).casefold()
    kept = _MARKS_IN_NUMBERS if any(c.isdigit() for c in text) else frozenset()
    return "".join(c for c in text if c.isalnum() or c in kept).strip("".join(kept))


def _beside(taken: tuple[Word, ...], left: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words taken, with what the other reader made of them if it had a view."""
    if sureness(left) < MIN_OTHER or not letters(left):
        return taken
    other = " ".join(word.text for word in left)
    return tuple(replace(word, other=_counterpart(word, left) or other) for word in taken)


def _counterpart(word: Word, left: tuple[Word, ...]) -> str:
    """What the other reader read where `word` stands."""
    return " ".join(other.text for other in left if same_ink(word.box, other.box))


def _runs(words: Line) -> list[Line]:
    """Words of one line, parted where there is room for a column between them."""
    runs: list[Line] = []
    for word in _left_to_right(words):
        gap = word.box.left - runs[-1][-1].box.right if runs else 0
        if runs and gap <= MAX_GAP_HEIGHTS * word.box.height:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _insert(words: Line, lines: list[Line]) -> None:
    """Put words that stand side by side into the line they belong to, or between two lines."""
    host = min(lines, key=lambda line: _distance(words, line), default=None)
    if host is not None and _distance(words, host) <= MAX_GAP_HEIGHTS:
        host[:] = _left_to_right([*host, *words])
        return
    above = [
        (_shares_columns(words, line), _middle(line), number)
        for number, line in enumerate(lines)
        if _middle(line) <= _middle(words)
    ]
    lines.insert(max(above)[2] + 1 if above else 0, words)


def _distance(words: Line, line: Line) -> float:
    """How many heights lie between the words and the nearest word beside them in `line`."""
    return min(
        (
            max(0, a.box.left - b.box.right, b.box.left - a.box.right) / max(1, a.box.height)
            for a in (words[0], words[-1])
            for b in line
            if _side_by_side(a.box, b.box)
        ),
        default=float("inf"),
    )


def _side_by_side(one: Box, other: Box) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared >= MIN_SHARED_HEIGHT * min(one.height, other.height) and shared > 0


def _shares_columns(words: Line, line: Line) -> bool:
    left, right = min(w.box.left for w in words), max(w.box.right for w in words)
    return any(w.box.left < right and w.box.right > left for w in line)


def _middle(line: Line) -> float:
    return sum(word.box.top + word.box.height / 2 for word in line) / len(line)


def _left_to_right(words: Line) -> Line:
    return sorted(words, key=lambda word: word.box.left)


def _bands(box: Box) -> range:
    return range(box.top // _BAND_PIXELS, box.bottom // _BAND_PIXELS + 1)


class _Groups:
    """Things numbered from 0 that are joined into groups, as a disjoint-set forest."""

    def __init__(self, count: int) -> None:
        self._up = list(range(count))

    def of(self, number: int) -> int:
        while self._up[number] != number:
            self._up[number] = number = self._up[self._up[number]]
        return number

    def join(self, one: int, other: int) -> None:
        self._up[self.of(one)] = self.of(other)

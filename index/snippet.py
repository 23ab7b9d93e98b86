"""Which words of a page to mark, and which passage of it to show."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from chartkeeper.index.misread import look_alikes, misreadings
from chartkeeper.index.query import And, Misread, Not, Or, Phrase, Prefix, Query, Term
from chartkeeper.index.words import Cut, stem, together, words

MIN_SNIPPET_CHARS = 40
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a snippet; `marked` if it is a word that was searched for."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class _Hit:
    """A word of the page that answers clause number `clause` of the query."""

    start: int
    end: int
    clause: int


def hit_words(page_words: Sequence[str], query: Query) -> frozenset[int]:
    """Tells which words of a page to mark.

    Args:
        page_words: the words of the page in reading order, as read from the paper.
        query: what was searched for. Words of a phrase are marked only where the whole phrase
            stands; words under NOT never.

    Returns:
        Their indexes in `page_words`.
    """
    text = " ".join(page_words)
    ends = list(accumulate(len(word) + 1 for word in page_words))
    cut = words(text)
    return frozenset(bisect_right(ends, cut[at][1]) for at in _answers(text, cut, query))


def snippet(text: str, query: Query, max_chars: int = 240) -> tuple[Fragment, ...]:
    """Cuts the passage out of a page that answers the most of a query.

    Args:
        text: text of the page.
        query: what was searched for.
        max_chars: length of the passage at most, at least 40. White space counts as one blank.

    Returns:
        The passage in order, the words searched for marked; the beginning of the page if it has
        none of them, and nothing if the page is empty.
    """
    if max_chars < MIN_SNIPPET_CHARS:
        raise ValueError(f"a snippet needs at least {MIN_SNIPPET_CHARS} characters")
    text = " ".join(text.split())
    cut = words(text)
    answers = _answers(text, cut, query)
    hits = [_Hit(cut[at][1], cut[at][2], clause) for at, clause in sorted(answers.items())]
    first, last = _passage(text, hits, max_chars - 2 * len(_CUT))
    return tuple(_fragments(text, hits, first, last))


def _answers(text: str, cut: Sequence[Cut], query: Query) -> dict[int, int]:
    """Gives for each word of the page that answers a clause of the query that clause's number."""
    page = _Cut(text, cut)
    found: dict[int, int] = {}
    for number, clause in enumerate(_clauses(query)):
        for position in page.places(clause):
            found.setdefault(position, number)
    return found


def _clauses(query: Query) -> Iterator[Term | Phrase | Prefix | Misread]:
    match query:
        case Term() | Phrase() | Prefix() | Misread():
            yield query
        case And(parts) | Or(parts):
            for part in parts:
                yield from _clauses(part)
        case Not() | _:
            return


class _Cut:
    """The words of a page, and those of them that are one word together; see `words.together`."""

    def __init__(self, text: str, cut: Sequence[Cut]) -> None:
        self._words = [word for word, _, _ in cut]
        self._stems = [stem(word) for word in self._words]
        self._whole = together(text, cut)

    def places(self, clause: Term | Phrase | Prefix | Misread) -> Iterator[int]:
        """The indexes of the words that answer a clause, in no order."""
        match clause:
            case Term(text):
                return self._spelt(text, look_alikes(text))
            case Misread(text):
                return self._spelt(text, misreadings(text))
            case Prefix(text):
                return self._where(lambda word, _: word.startswith(text))
            case Phrase(run):
                return self._following([{stem(one) for one in look_alikes(w)} for w in run])

    def _spelt(self, text: str, spellings: Collection[str]) -> Iterator[int]:
        wanted = stem(text)
        return self._where(lambda word, its_stem: its_stem == wanted or word in spellings)

    def _where(self, answers: Callable[[str, str], bool]) -> Iterator[int]:
        for at, (word, its_stem) in enumerate(zip(self._words, self._stems, strict=True)):
            if answers(word, its_stem):
                yield at
        for word, first, last in self._whole:
            if answers(word, stem(word)):
                yield from range(first, last + 1)

    def _following(self, run: Sequence[Collection[str]]) -> Iterator[int]:
        for at in range(len(self._stems) - len(run) + 1):
            if self._stems[at] in run[0] and all(
                self._stems[at + n] in wanted for n, wanted in enumerate(run)
            ):
                yield from range(at, at + len(run))


def _passage(text: str, hits: Sequence[_Hit], room: int) -> tuple[int, int]:
    """Gives first and end of the best passage of at most `room` characters."""
    if len(text) <= room:
        return 0, len(text)
    start, end = _densest(hits, room) if hits else (0, 0)
    spare = max(0, room - (end - start))
    first = max(0, min(start - spare // 2, len(text) - room))
    last = min(len(text), first + room)
    return _after_blank(text, first, start), _before_blank(text, last, end)


def _densest(hits: Sequence[_Hit], room: int) -> tuple[int, int]:
    """Finds the stretch with the most different clauses in it, then with the most hits."""
    best, best_count = (hits[0].start, min(hits[0].end, hits[0].start + room)), (0, 0)
    inside: Counter[int] = Counter()
    left = 0
    for right, hit in enumerate(hits):
        inside[hit.clause] += 1
        while left < right and hit.end - hits[left].start > room:
            inside[hits[left].clause] -= 1
            left += 1
        count = (sum(number > 0 for number in inside.values()), right - left + 1)
        if count > best_count:
            best_count = count
            best = hits[left].start, min(hit.end, hits[left].start + room)
    return best


def _after_blank(text: str, first: int, start: int) -> int:
    """Moves the beginning of a passage to a word's beginning, unless that loses the hit."""
    if first == 0 or text[first - 1] == " ":
        return first
    blank = text.find(" ", first, start)
    return first if blank < 0 else blank + 1


def _before_blank(text: str, last: int, end: int) -> int:
    """Moves the end of a passage to a word's end, unless that loses the hit."""
    if last == len(text) or text[last] == " ":
        return last
    blank = text.rfind(" ", end, last)
    return last if blank < 0 else blank


def _fragments(text: str, hits: Sequence[_Hit], first: int, last: int) -> Iterator[Fragment]:
    at, lead = first, _CUT if first > 0 else ""
    for hit in hits:
        if hit.start < first or hit.end > last:
            continue
        if lead or hit.start > at:
            yield Fragment(lead + text[at : hit.start], marked=False)
        yield Fragment(text[hit.start : hit.end], marked=True)
        at, lead = hit.end, ""
    tail = lead + text[at:last] + (_CUT if last < len(text) else "")
    if tail:
        yield Fragment(tail, marked=False)

"""Our query tree to the engine's."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, product

from whoosh import query as engine
from whoosh.reading import IndexReader

from chartkeeper.index.matching import AnyWord, DayRange, ExactPhrase, Without
from chartkeeper.index.misread import look_alikes, misreadings
from chartkeeper.index.query import (
    And,
    DatedWithin,
    Everything,
    Misread,
    MrnIs,
    Not,
    Or,
    PatientNamed,
    Phrase,
    Prefix,
    Query,
    Term,
    TypeIs,
)
from chartkeeper.index.schema import UNDATED, day_number
from chartkeeper.index.words import stem

MAX_PREFIX_WORDS = 100
MAX_PHRASES = 16
_MAX_PREFIX_SCAN_WORDS = 50_000
_LAST_DAY = 9999_12_31


class Translation:
    """Turns a query tree into the engine's for one search.

    Args:
        reader: what is searched; the words that a prefix stands for are looked up in it.
        deadline: `time.monotonic()` at which phrases give up.

    Attributes:
        cut: True after a prefix stood for more than `MAX_PREFIX_WORDS` words, so that pages which
            have only the rarer of them are missing from the answer.
    """

    def __init__(self, reader: IndexReader, deadline: float) -> None:
        self._reader = reader
        self._deadline = deadline
        self.cut = False

    def of(self, query: Query) -> engine.Query:
        """Gives the engine's query for a tree or a part of one."""
        match query:
            case And(parts):
                return self._all_of(parts)
            case Or(parts):
                return engine.Or([self.of(part) for part in parts])
            case Not(part):
                return Without(engine.Every(), self.of(part))
            case Everything():
                return engine.Every()
            case Term() | Phrase() | Prefix() | Misread():
                return self._text(query)
            case _:
                return self._field(query)

    def _all_of(self, parts: Sequence[Query]) -> engine.Query:
        wanted = [self.of(part) for part in parts if not isinstance(part, Not)]
        unwanted = [self.of(part.part) for part in parts if isinstance(part, Not)]
        found = _joined(engine.And, wanted) if wanted else engine.Every()
        return Without(found, _joined(engine.Or, unwanted)) if unwanted else found

    def _text(self, query: Term | Phrase | Prefix | Misread) -> engine.Query:
        match query:
            case Term(text):
                return self._word(text, look_alikes(text) - {text})
            case Phrase(run):
                return _joined(engine.Or, list(self._phrases(run)))
            case Prefix(text):
                return self._beginning("spelling", text)
            case Misread(text):
                return self._word(text, misreadings(text))

    def _field(self, query: TypeIs | MrnIs | PatientNamed | DatedWithin) -> engine.Query:
        match query:
            case TypeIs(key):
                return engine.Term("type", key)
            case MrnIs(number):
                return engine.Term("mrn", number)
            case PatientNamed(names):
                return _joined(engine.And, [self._name(name) for name in names])
            case DatedWithin(first, last):
                return DayRange(
                    day_number(first) if first else UNDATED + 1,
                    day_number(last) if last else _LAST_DAY,
                )

    def _name(self, name: Term | Prefix) -> engine.Query:
        if isinstance(name, Prefix):
            return self._beginning("patient", name.text)
        return engine.Term("patient", name.text)

    def _word(self, text: str, spellings: Collection[str]) -> engine.Query:
        """A word in any of its endings, or as it is spelt in one of these ways."""
        whole = engine.Term("text", stem(text))
        known = [word for word in sorted(spellings) if ("spelling", word) in self._reader]
        return engine.Or([whole, AnyWord("spelling", known, self._deadline)]) if known else whole

    def _phrases(self, run: Sequence[str]) -> Iterator[engine.Query]:
        """The phrase, and as those of its words may have been read that no dictionary knows."""
        for words in islice(product(*map(self._alike, run)), MAX_PHRASES):
            yield ExactPhrase("text", words, self._deadline)

    def _alike(self, word: str) -> list[str]:
        others = sorted({stem(other) for other in look_alikes(word)} - {stem(word)})
        return [stem(word), *(other for other in others if ("text", other) in self._reader)]

    def _beginning(self, fieldname: str, text: str) -> engine.Query:
        counts: Counter[bytes] = Counter()
        for part, _ in self._reader.leaf_readers():
            expanded = islice(part.iter_prefix(fieldname, text), _MAX_PREFIX_SCAN_WORDS)
            for word, info in expanded:
                counts[word] += info.doc_frequency()
        self.cut = self.cut or len(counts) > MAX_PREFIX_WORDS
        frequent = sorted(counts, key=lambda word: (-counts[word], word))[:MAX_PREFIX_WORDS]
        return AnyWord(fieldname, [word.decode() for word in frequent], self._deadline)


def _joined(
    kind: type[engine.And] | type[engine.Or], parts: Sequence[engine.Query]
) -> engine.Query:
    return parts[0] if len(parts) == 1 else kind(list(parts))


def may_skip(query: Query) -> bool:
    """Tells whether the engine may leave out blocks of pages that cannot be among the best.

    It is held to what the ranking tests cover: words and fields, alone or joined by AND.
    """
    match query:
        case And(parts):
            return all(isinstance(part, TypeIs | MrnIs) or _is_one_word(part) for part in parts)
        case _:
            return _is_one_word(query)


def _is_one_word(query: Query) -> bool:
    return isinstance(query, Term) and len(look_alikes(query.text)) == 1

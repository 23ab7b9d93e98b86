"""The query language: what people type, to a query tree and back.

    chest pain                    both words            "chest pain"      the words as a phrase
    fever OR chills               either                -smoker           without; also NOT smoker
    (fever OR chills) cough       grouping              metast*           words that begin so
    type:lab_report               document type         mrn:123-4567      the patient's number
    patient:"garcia maria"        names, any order      date:2024-03      day, month, year or a
    *                             every page                              range: 2024-01-01..2024-06
    metastasis~                   the word, or as one mistake in reading may have left it

AND binds tighter than OR and need not be written. Words are searched as they are cut and normalised
by `chartkeeper.index.words`; characters that are no part of a word are not searched for.
"""

import calendar
import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence

from chartkeeper.index.misread import MAX_MISREAD_WORDS, MIN_MISREAD_CHARS
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
from chartkeeper.index.tokens import (
    HOW_DATES_ARE_WRITTEN,
    OPERANDS,
    Kind,
    QueryError,
    Token,
    in_straight_quotes,
    tokens,
    with_capitals,
)
from chartkeeper.index.words import identifier, together, type_key, words

MAX_QUERY_CHARS = 1000
MAX_NESTING_DEPTH = 20
MAX_CLAUSES = 64
MIN_PREFIX_CHARS = 3


def parse(text: str, types: Collection[str] = ()) -> Query:
    """Reads a query as people write it; of `types`, if given, every type in it must be one.

    Raises:
        QueryError: for whatever cannot be understood or is too long; nothing else is raised.
    """
    if len(text) > MAX_QUERY_CHARS:
        raise QueryError(
            MAX_QUERY_CHARS, f"a query may have at most {MAX_QUERY_CHARS} characters; shorten it."
        )
    if text.strip() == "*":
        return Everything()
    found = tokens(text)
    if not found:
        raise QueryError(0, "there is no word to search for; write a word, or * for every page.")
    if types:
        _refuse_other_types(found, types)
    return _Reader(found, len(text)).whole()


def show(query: Query) -> str:
    """Writes a query tree so that `parse` gives the same tree again."""
    return "*" if isinstance(query, Everything) else _shown(query)


def with_operators(text: str) -> str:
    """The query with `and` and `or` in capitals, where it then is one; else as it was.

    Raises QueryError for whatever parse() cannot understand.
    """
    parse(text)
    meant = with_capitals(text)
    try:
        parse(meant)
    except QueryError:
        return text
    return text if meant == in_straight_quotes(text) else meant


def _refuse_other_types(found: Sequence[Token], types: Collection[str]) -> None:
    known = {type_key(one) for one in types}
    for token in found:
        key = type_key(token.text) if token.field == "type" else ""
        if key and key not in known:
            raise QueryError(
                token.start, f"there is no such document type; the types are {', '.join(types)}."
            )


class _Reader:
    """Recursive descent over the tokens of one query: or, and, not, one operand."""

    def __init__(self, found: Sequence[Token], end: int) -> None:
        self._tokens = found
        self._end = end
        self._at = 0
        self._clauses = 0
        self._misread = 0

    def whole(self) -> Query:
        query = self._either(0)
        if self._at < len(self._tokens):
            raise QueryError(self._here(), "this ) closes nothing; remove it or write a ( before.")
        return query

    def _kind(self) -> Kind | None:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else None

    def _here(self) -> int:
        return self._tokens[self._at].start if self._at < len(self._tokens) else self._end

    def _take(self, kind: Kind) -> bool:
        taken = self._kind() is kind
        self._at += taken
        return taken

    def _either(self, depth: int) -> Query:
        parts = [self._both(depth)]
        while self._take(Kind.OR):
            parts.append(self._both(depth))
        return _joined(Or, parts)

    def _both(self, depth: int) -> Query:
        parts = [self._one(depth)]
        while self._take(Kind.AND) or self._kind() not in {None, Kind.OR, Kind.CLOSE}:
            parts.append(self._one(depth))
        return _joined(And, parts)

    def _one(self, depth: int) -> Query:
        if depth > MAX_NESTING_DEPTH:
            raise QueryError(
                self._here(), f"brackets and NOT may be nested {MAX_NESTING_DEPTH} deep at most."
            )
        if self._take(Kind.NOT) or self._take(Kind.MINUS):
            return Not(self._one(depth + 1))
        start = self._here()
        if self._take(Kind.OPEN):
            return self._bracketed(start, depth + 1)
        if self._kind() not in OPERANDS:
            raise QueryError(
                start,
                "a word is missing here; write one, or put AND, OR and NOT in small letters "
                "to search for them as words.",
            )
        return self._operand()

    def _bracketed(self, start: int, depth: int) -> Query:
        inside = self._tokens[self._at : self._at + 2]
        if [token.text for token in inside] == ["*", ")"]:
            self._at += 2
            return Everything()
        query = self._either(depth)
        if not self._take(Kind.CLOSE):
            raise QueryError(start, "this ( is not closed; write a ) after the words it groups.")
        return query

    def _operand(self) -> Query:
        token = self._tokens[self._at]
        self._at += 1
        query = _FIELD_READERS[token.field](token) if token.field else _text_query(token)
        self._clauses += _size(query)
        self._misread += isinstance(query, Misread)
        if self._misread > MAX_MISREAD_WORDS:
            raise QueryError(
                token.start, f"at most {MAX_MISREAD_WORDS} words may end in ~; leave some out."
            )
        if self._clauses > MAX_CLAUSES:
            raise QueryError(
                token.start, f"a query may have at most {MAX_CLAUSES} words; leave some out."
            )
        return query


def _joined(kind: type[And] | type[Or], parts: list[Query]) -> Query:
    """Joins two or more parts, flattening `a AND (b AND c)`; one part stays itself."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Query] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return kind(tuple(flat))


def _size(query: Query) -> int:
    if isinstance(query, Or):
        return sum(map(_size, query.parts))
    return len(query.words) if isinstance(query, Phrase | PatientNamed) else 1


def _text_query(token: Token) -> Query:
    if token.kind is Kind.WORD:
        if token.text.endswith("~"):
            return _misread(token.text, token.start)
        return _word_or_prefix(token.text, token.start)
    _refuse_stars(token.text, token.text_start)
    return _run(token.text)


def _word_or_prefix(text: str, start: int) -> Query:
    if not text.endswith("*"):
        _refuse_stars(text, start)
        return _in_parts(text)
    begin = text[:-1]
    _refuse_stars(begin, start)
    found = [word for word, _, _ in words(begin)]
    if len(found) > 1:
        raise QueryError(start, "a star can only follow a single word without marks inside it.")
    return _prefix(found[0] if found else "", start)


def _misread(text: str, start: int) -> Misread:
    _refuse_stars(text, start)
    found = [word for word, _, _ in words(text)]
    if len(found) != 1 or len(found[0]) < MIN_MISREAD_CHARS:
        raise QueryError(
            start,
            f"a ~ can only follow a single word of {MIN_MISREAD_CHARS} letters or more, which is "
            "then found as it may have been misread, too.",
        )
    return Misread(found[0])


def _prefix(begin: str, start: int) -> Prefix:
    if len(begin) < MIN_PREFIX_CHARS:
        raise QueryError(
            start,
            f"a star needs at least {MIN_PREFIX_CHARS} letters or digits right before it, "
            "as in hyp*; alone, or as (*) among other words, it stands for every page.",
        )
    return Prefix(begin)


def _refuse_stars(text: str, start: int) -> None:
    if "*" in text:
        raise QueryError(
            start + text.index("*"),
            "a star may only stand once, at the end of a single word outside quotes, as in hyp*.",
        )


def _in_parts(text: str) -> Query:
    """Makes what is written as one, like `1,200`, a phrase of its words; `x-ray` is `xray`, too."""
    cut = words(text)
    whole = [word for word, *ends in together(text, cut) if ends == [0, len(cut) - 1]]
    return Or((_run(text), *map(Term, whole))) if whole else _run(text)


def _run(text: str) -> Term | Phrase:
    """Makes of text a word or a phrase of its words."""
    found = tuple(word for word, _, _ in words(text))
    return Term(found[0]) if len(found) == 1 else Phrase(found)


def _type(token: Token) -> Query:
    key = type_key(token.text)
    _refuse_stars(token.text, token.text_start)
    if not key:
        raise QueryError(token.start, "the document type is missing; write type:lab_report.")
    return TypeIs(key)


def _mrn(token: Token) -> Query:
    number = identifier(token.text)
    _refuse_stars(token.text, token.text_start)
    if not number:
        raise QueryError(token.start, "the number is missing; write mrn: and the patient's number.")
    return MrnIs(number)


def _patient(token: Token) -> Query:
    parts = re.finditer(r"\S+", token.text)
    names = [
        name for part in parts for name in _names(part.group(), token.text_start + part.start())
    ]
    if not names:
        raise QueryError(
            token.start, 'the name is missing; write patient:name or patient:"name name".'
        )
    return PatientNamed(tuple(names))


def _names(part: str, start: int) -> list[Term | Prefix]:
    _refuse_stars(part.removesuffix("*"), start)
    found = [word for word, _, _ in words(part)]
    if not part.endswith("*"):
        return [Term(word) for word in found]
    return [*map(Term, found[:-1]), _prefix(found[-1] if found else "", start)]


_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


def _date(token: Token) -> Query:
    first_text, dots, last_text = token.text.strip().partition("..")
    if not first_text and not last_text:
        raise QueryError(token.start, f"the date is missing; {HOW_DATES_ARE_WRITTEN}")
    last_text = last_text if dots else first_text
    first = _span(first_text, token.start)[0] if first_text else None
    last = _span(last_text, token.start)[1] if last_text else None
    if first and last and first > last:
        raise QueryError(token.start, "the range ends before it begins; write the early end first.")
    return DatedWithin(first, last)


def _span(text: str, start: int) -> tuple[dt.date, dt.date]:
    """Gives first and last day of a day, a month or a year."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        raise QueryError(start, f"this is no date; {HOW_DATES_ARE_WRITTEN}")
    year, month, day = (int(part) if part else None for part in match.groups())
    first_month, last_month = month or 1, month or 12
    try:
        last_day = day or calendar.monthrange(year or 0, last_month)[1]
        return (
            dt.date(year or 0, first_month, day or 1),
            dt.date(year or 0, last_month, last_day),
        )
    except ValueError:
        raise QueryError(start, f"there is no such day; {HOW_DATES_ARE_WRITTEN}") from None


_FIELD_READERS = {"type": _type, "mrn": _mrn, "patient": _patient, "date": _date}


def _shown(query: Query) -> str:
    match query:
        case And(parts):
            return _listed(parts, " AND ")
        case Or(parts):
            return _listed(parts, " OR ")
        case Not(part):
            return f"NOT {_nested(part)}"
        case Term() | Phrase() | Prefix() | Misread():
            return _shown_text(query)
        case _:
            return _shown_field(query)


def _shown_text(query: Term | Phrase | Prefix | Misread) -> str:
    match query:
        case Term(text):
            return f'"{text}"'
        case Prefix(text):
            return f"{text}*"
        case Misread(text):
            return f"{text}~"
        case Phrase(run):
            return f'"{" ".join(run)}"'


def _shown_field(query: TypeIs | MrnIs | PatientNamed | DatedWithin | Everything) -> str:
    match query:
        case TypeIs(key):
            return f'type:"{key}"'
        case MrnIs(number):
            return f'mrn:"{number}"'
        case PatientNamed(names):
            return f'patient:"{" ".join(_shown_name(name) for name in names)}"'
        case DatedWithin(first, last):
            return f"date:{first or ''}..{last or ''}"
        case Everything():
            return "(*)"


def _shown_name(name: Term | Prefix) -> str:
    return f"{name.text}*" if isinstance(name, Prefix) else name.text


def _nested(query: Query) -> str:
    return f"({_shown(query)})" if isinstance(query, And | Or) else _shown(query)


def _listed(parts: Iterable[Query], joint: str) -> str:
    return joint.join(_nested(part) for part in parts)

"""A query cut into its parts: words, words in quotes, fields, brackets and operators."""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from chartkeeper.index.words import words

FIELDS = ("type", "mrn", "patient", "date")
HOW_DATES_ARE_WRITTEN = (
    "write date:2024-03-05 (year-month-day), date:2024-03 or date:2024, or a range such as "
    "date:2024-01-01..2024-06, of which either end may be left open."
)


class QueryError(ValueError):
    """A query that cannot be understood.

    The message says where, what is wrong and how to write it, and repeats nothing of the query,
    which may hold a patient's name.

    Attributes:
        position: offset in the query of the character that is meant, counted from 0.
    """

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(f"At character {position + 1}: {problem}")
        self.position = position


class Kind(Enum):
    """What a part of a query is."""

    WORD = auto()
    QUOTED = auto()
    FIELD = auto()
    OPEN = auto()
    CLOSE = auto()
    MINUS = auto()
    AND = auto()
    OR = auto()
    NOT = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is the word, the words in the quotes, or a field's value; `field` its name."""

    kind: Kind
    text: str
    start: int
    text_start: int
    field: str = ""


_SPECIAL = {"(": Kind.OPEN, ")": Kind.CLOSE}
_OPERATORS = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}
OPERANDS = {Kind.WORD, Kind.QUOTED, Kind.FIELD}
_VALUES = {Kind.WORD, Kind.QUOTED}
_TYPOGRAPHIC_QUOTES = str.maketrans("“”„‟«»", '""""""')
_PART = re.compile(
    r"""(?P<space>\s+)
      | (?P<special>[()])
      | (?P<minus>(?<![^\s(])-(?=["(]|[^\W_]))
      | (?P<date>date:)\s*(?P<span>[^\s()"]+\s+\.\.\s+\d[^\s()"]*)
      | (?P<field>[^\W\d]+:)(?:"(?P<in_field>[^"]*)(?P<field_end>"?)|(?P<value>[^\s()"]*))
      | "(?P<quoted>[^"]*)(?P<quote_end>"?)
      | (?P<word>[^\s()"]+)""",
    re.VERBOSE | re.IGNORECASE,
)


def tokens(text: str) -> list[Token]:
    """Cuts a query into its parts. Raises QueryError."""
    found: list[Token] = []
    for part in _PART.finditer(in_straight_quotes(text)):
        token = _token(part)
        if token is None:
            continue
        if found and _lacks_value(found[-1]) and token.kind in _VALUES:
            found[-1] = replace(found[-1], text=token.text, text_start=token.text_start)
        elif not _is_empty(token):
            found.append(token)
        elif found and found[-1].kind in {Kind.MINUS, Kind.NOT}:
            # Dropped, it would turn the NOT on the word that follows.
            raise QueryError(token.start, "there is no word here that NOT or - could leave out.")
        elif found and found[-1].field == "date" and token.text == "..":
            # Dropped, it would leave one day of what was meant as a range.
            raise QueryError(token.start, f"the range has no end; {HOW_DATES_ARE_WRITTEN}")
    return found


def in_straight_quotes(text: str) -> str:
    """The query with straight quotation marks for curly ones."""
    return text.translate(_TYPOGRAPHIC_QUOTES)


def with_capitals(text: str) -> str:
    """The query with straight quotation marks, and `and` and `or` in capitals."""
    return _PART.sub(lambda part: _capitals(part.group(), part["word"]), in_straight_quotes(text))


def _capitals(written: str, word: str | None) -> str:
    return written.upper() if word and word.lower() in {"and", "or"} else written


def _lacks_value(token: Token) -> bool:
    """Tells whether this is `mrn:` with a blank behind it, as forms and people write it."""
    is_bare = token.text_start == token.start + len(token.field) + 1
    return token.kind is Kind.FIELD and is_bare and not token.text


def _token(part: re.Match[str]) -> Token | None:
    kind, start = part.lastgroup, part.start()
    if kind == "space":
        return None
    if special := part["special"]:
        return Token(_SPECIAL[special], special, start, start)
    if part["minus"]:
        return Token(Kind.MINUS, "-", start, start)
    if part["span"] or part["field"]:
        return _field_token(part)
    if part["quoted"] is not None:
        _refuse_open_quote(part["quote_end"], start)
        return Token(Kind.QUOTED, part["quoted"], start, part.start("quoted"))
    word = part["word"]
    return Token(_OPERATORS.get(word, Kind.WORD), word, start, start)


def _field_token(part: re.Match[str]) -> Token:
    if part["span"]:
        return Token(Kind.FIELD, part["span"], part.start(), part.start("span"), "date")
    field, start = part["field"][:-1].lower(), part.start()
    if part["in_field"] is not None:
        _refuse_open_quote(part["field_end"], part.end("field"))
    value = "value" if part["in_field"] is None else "in_field"
    if field in FIELDS:
        return Token(Kind.FIELD, part[value], start, part.start(value), field)
    if not part[value]:
        return Token(Kind.WORD, field, start, start)
    raise QueryError(
        start,
        "there is no field of this name; the fields are type:, mrn:, patient: and date:. "
        'To search for words with a colon between them, put them in "quotes".',
    )


def _refuse_open_quote(end: str, start: int) -> None:
    if not end:
        raise QueryError(
            start,
            "this quotation mark is not closed; write another one behind the last word that "
            "belongs to it, or take it out.",
        )


def _is_empty(token: Token) -> bool:
    """Tells whether it consists of signs only, which are not searched for."""
    if token.kind not in {Kind.WORD, Kind.QUOTED}:
        return False
    return "*" not in token.text and not words(token.text)

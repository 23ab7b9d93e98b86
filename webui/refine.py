"""A search form to a query and back: the filters are said in the query language."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from chartkeeper.index.language import (
    MAX_QUERY_CHARS,
    MIN_PREFIX_CHARS,
    parse,
    show,
    with_operators,
)
from chartkeeper.index.misread import with_misreadings
from chartkeeper.webui.clock import read_day
from chartkeeper.webui.errors import FormInvalid

# A kept search is at most this long; the query language refuses longer queries in its own words.
MAX_FIELD_CHARS = 1200
NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class SearchForm:
    """What was typed into the search page, field by field.

    `since` and `until` are ISO dates; `order` is NEWEST, or empty for the best hits first.
    """

    text: str = ""
    type: str = ""
    patient: str = ""
    since: str = ""
    until: str = ""
    order: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return not any((self.text, self.type, self.patient, self.since, self.until))


def query_of(form: SearchForm, mrns: Sequence[str] = ()) -> str:
    """The form as one query: what was typed, narrowed by each filter that is set.

    `mrns` are the numbers of those whom the patient filter means, where it names a birth date: the
    index does not know those.
    Raises QueryError for words that make no query, FormInvalid for a date that is none, or a range
    that ends before it begins.
    """
    filters = [*_type(form.type), *_patient(form.patient, mrns), *_dates(form.since, form.until)]
    text = form.text.strip()
    if not filters:
        return text
    if text and text != "*":
        # Alone first: a stray bracket could otherwise close the one put around it.
        parse(text)
        # Without brackets, an OR among the words would let hits slip past the filters.
        filters.insert(0, f"({text})" if " " in text else text)
    return " ".join(filters)


def misread(form: SearchForm) -> SearchForm | None:
    """The same search for its words as they may have been misread, too; None without such words.

    Raises QueryError for words that make no query.
    """
    asked = parse(form.text) if form.text else None
    wider = with_misreadings(asked) if asked else None
    text = show(wider) if wider and wider != asked else ""
    return replace(form, text=text) if 0 < len(text) <= MAX_QUERY_CHARS else None


def in_capitals(form: SearchForm) -> SearchForm | None:
    """The same search with its `and` and `or` as operators; None where it has none to be so meant.

    Raises QueryError for words that make no query.
    """
    text = with_operators(form.text) if form.text else ""
    return replace(form, text=text) if text != form.text else None


def packed(form: SearchForm) -> str:
    """The form as it is kept in the ledger. Raises FormInvalid if a field is too long."""
    if any(len(value) > MAX_FIELD_CHARS for value in asdict(form).values()):
        raise FormInvalid("The search is too long. Shorten it and search again.")
    return json.dumps(asdict(form), ensure_ascii=False)


def unpacked(kept: str) -> SearchForm:
    """The reverse of packed()."""
    return SearchForm(**json.loads(kept))


def _type(key: str) -> list[str]:
    return [f"type:{key}"] if key else []


def _patient(written: str, mrns: Sequence[str]) -> list[str]:
    # Quotation marks cannot be part of a name or number, and would end the field early.
    plain = " ".join(written.replace('"', " ").split())
    if not plain:
        return []
    if mrns:
        anybody = " OR ".join(f'mrn:"{mrn}"' for mrn in mrns)
        return [f"({anybody})" if len(mrns) > 1 else anybody]
    if any(char.isdigit() for char in plain):
        return [f'mrn:"{plain}"']
    return [f'patient:"{" ".join(map(_beginning, plain.replace(",", " ").split()))}"']


def _beginning(name: str) -> str:
    """A name as the beginning of one, where it has enough letters for that behind its last sign."""
    letters = re.split(r"[^\w]", name)[-1]
    return f"{name}*" if len(letters) >= MIN_PREFIX_CHARS else name


def _dates(since: str, until: str) -> list[str]:
    first, last = read_day(since, "The first day"), read_day(until, "The last day")
    if first and last and first > last:
        raise FormInvalid("The first day lies after the last day. Swap the two.")
    return [f"date:{first or ''}..{last or ''}"] if first or last else []

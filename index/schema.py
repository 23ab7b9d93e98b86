"""What the index keeps of a page.

Words reach the engine already cut, as lists, so that its own analysers, which would cut them
otherwise than snippets and marking do, never run.
"""

import datetime as dt
from typing import Any

from whoosh.fields import ID, NUMERIC, TEXT, Schema

from chartkeeper.index.entry import PageEntry
from chartkeeper.index.words import identifier, stem, together, type_key, words

# Raise it with every change of the fields or of the way text is cut into words: an index of
# another version is then refused and rebuilt, never searched with wrong rules.
SCHEMA_VERSION = 2

UNDATED = 0
# No word of any query: it keeps what stands behind it from being the next word of a phrase.
_APART = "-"


def page_schema() -> Schema:
    """Describes the fields.

    `text` holds stems, for words and phrases; `spelling` the words as they are written, without
    positions, for prefixes, which stems would answer wrongly. Words that are written in parts are
    in both in one piece, too, behind the others.
    """
    return Schema(
        key=ID(stored=True, unique=True),
        type=ID(stored=True),
        mrn=ID(stored=True),
        patient=ID(),
        day=NUMERIC(
            int, bits=32, shift_step=0, signed=False, stored=True, sortable=True, default=UNDATED
        ),
        text=TEXT(stored=False, phrase=True),
        spelling=ID(),
    )


def fields_of(entry: PageEntry) -> dict[str, Any]:
    """Gives the field values of one page as the engine takes them."""
    cut = words(entry.text)
    written = [word for word, _, _ in cut]
    whole = [word for word, _, _ in together(entry.text, cut)]
    return {
        "key": entry.key,
        "type": type_key(entry.type),
        "_stored_type": entry.type,
        "mrn": identifier(entry.mrn),
        "_stored_mrn": entry.mrn,
        "patient": [word for word, _, _ in words(entry.patient)],
        "day": day_number(entry.service_date),
        "text": [*map(stem, written), *(part for word in whole for part in (_APART, stem(word)))],
        "spelling": [*written, *whole],
    }


def day_number(date: dt.date | None) -> int:
    """Writes a date as yyyymmdd; no date as 0, before all dates."""
    return date.year * 10_000 + date.month * 100 + date.day if date else UNDATED


def day_date(number: int) -> dt.date | None:
    """Reads a date from yyyymmdd."""
    if number == UNDATED:
        return None
    return dt.date(number // 10_000, number // 100 % 100, number % 100)

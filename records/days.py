"""Days as lists, forms and searches write them: YYYY-MM-DD, and nothing that is only like it.

Whoever looks for somebody may write a day as it stands on the paper: readings() says what it means.
"""

import re
from collections.abc import Iterator
from datetime import date

# Python's own reader takes 19610307, which may be a record number, and 2024-W01-1 for days too.
WRITTEN = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

_NUMBERED = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_NAMED = re.compile(r"([0-9]{1,2})[ /.-]?([A-Za-z]{3})[a-z]*[ /.-]?([0-9]{4}|[0-9]{2})")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_day(written: str) -> date | None:
    """The day that is written YYYY-MM-DD, None for anything else."""
    if not WRITTEN.fullmatch(written):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def readings(written: str) -> list[date]:
    """Every day that may be meant by one written as people do: 3/7/1961, 07-Mar-61, 1961-03-07.

    Where month and day can change places both are among them, as are both centuries.
    """
    day = read_day(written)
    return [day] if day else sorted(set(_likely(written)))


def _likely(written: str) -> Iterator[date]:
    orders: list[tuple[int, int]] = []
    year = ""
    if numbered := _NUMBERED.fullmatch(written):
        one, _, other, year = numbered.groups()
        orders = [(int(one), int(other)), (int(other), int(one))]
    elif (named := _NAMED.fullmatch(written)) and named[2].lower() in MONTHS:
        orders, year = [(MONTHS.index(named[2].lower()) + 1, int(named[1]))], named[3]
    for century in ("",) if len(year) == 4 else ("19", "20"):
        for month, day in orders:
            found = read_day(f"{century}{year}-{month:02}-{day:02}")
            if found:
                yield found

"""What a date or number may have been that was read with wrong characters in it.

For finding and ordering candidates only: whatever stands here proves nothing.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import islice, product

from rapidfuzz.distance import OSA

from chartkeeper.filing.dates import MONTHS

# Figures that fax lines and worn print make of one another (healthcare notes, 4.3, and what was
# counted for tests/bench/data/filing_noise.json), and signs and letters that figures are taken for.
LIKE = {
    "0": "6893", "1": "74", "2": "7310", "3": "8592", "4": "91", "5": "6389", "6": "5804",
    "7": "12", "8": "306951", "9": "4805", "O": "0", "o": "06", "Q": "0", "D": "0", "©": "0",
    "@": "06", "€": "06", "U": "0", "w": "0", "N": "0", "n": "0", "l": "1", "I": "1", "|": "1",
    "i": "1", "!": "1", "f": "1", "t": "1", "L": "1", "T": "17", "J": "1", "/": "17", "Z": "2",
    "z": "2", "?": "27", "a": "24691", "A": "4", "S": "5", "s": "56", "$": "58", "b": "65",
    "G": "6", "B": "8", "&": "8", "E": "8", "g": "9", "q": "9", "P": "9",
}  # fmt: skip
# The cost of a character for what it resembles, for any other, and for one that was not read.
LIKELY, ANY, LOST = 1, 2, 2
MOST = 3  # beyond this cost nothing is left of what was read
MAX_DAYS = 80
MAX_NUMBERS = 300
OLDEST, NEWEST = 1905, 2035
NUMBER_CHARACTERS = range(5, 14)

_NAMED = (
    re.compile(r"(?P<month>[A-Za-z][A-Za-z0-9]{2,8})[.,]?\s*(?P<day>\w{1,2})[,.]+\s*(?P<year>\S{2,4})"),
    re.compile(r"(?P<day>\w{1,2})[-+. ](?P<month>[A-Za-z0-9]{3})[-+. ](?P<year>\S{3,4})"),
)  # fmt: skip
_MARKED = re.compile(r"(\S{1,2})[/.-](\S{1,2})[/.-](\S{2,4})")
_WIDTHS = (2, 3, 5, 6)  # where month and day begin and end in 10/15/1982
_Costs = Mapping[int, int]


@lru_cache(maxsize=2_048)
def days_meant(text: str) -> Mapping[date, int]:
    """The days that `text`, read with errors, may have been, with the cost of each.

    A cost counts the errors: LIKELY for a figure taken for another like it, ANY for another one,
    up to MOST; the MAX_DAYS cheapest. Month first, as American paper has it. Empty if `text` is
    nothing like a date.
    """
    readings = list(_readings(text.strip()))
    found: dict[date, int] = {}
    for cost in range(MOST + 1):
        for reading in readings:
            for day in _days_at(cost, *reading):
                found.setdefault(day, cost)
            if len(found) >= MAX_DAYS:
                return dict(islice(found.items(), MAX_DAYS))
    return found


def _days_at(cost: int, months: _Costs, days: _Costs, years: _Costs) -> Iterator[date]:
    """The days that cost exactly so much."""
    for one, two in product(range(cost + 1), repeat=2):
        three = cost - one - two
        parts = (_at(one, months), _at(two, days), _at(three, years))
        for month, day, year in product(*parts):
            meant = _day(year, month, day)
            if meant:
                yield meant


def _at(cost: int, costs: _Costs) -> list[int]:
    return [value for value, one in costs.items() if one == cost]


@lru_cache(maxsize=2_048)
def numbers_meant(text: str) -> Mapping[str, int]:
    """The record numbers that `text`, read with up to two errors, may have been, with their costs.

    At most MAX_NUMBERS, without hyphens and leading zeros. Empty if `text` is no number.
    """
    plain = re.sub(r"[-. ]", "", text)
    figures = sum(char.isdigit() for char in plain)
    if len(plain) not in NUMBER_CHARACTERS or figures * 2 < len(plain) or figures < 4:
        return {}
    found = {plain.lstrip("0"): 0} if figures == len(plain) else {}
    unsure = [at for at, char in enumerate(plain) if not char.isdigit()]
    if len(unsure) > 2:
        return {}
    for key, cost in _varied(plain, unsure):
        if len(found) >= MAX_NUMBERS:
            break
        found.setdefault(key.lstrip("0"), cost)
    return found


def _varied(plain: str, unsure: list[int]) -> Iterator[tuple[str, int]]:
    """`plain` with the places that are no figures filled, else with one or two figures replaced."""
    places = range(len(plain))
    if len(unsure) == 2:
        yield from _replaced(plain, *unsure)
        return
    if unsure:
        yield from _replaced(plain, unsure[0])
        yield from (
            one for at in places if at != unsure[0] for one in _replaced(plain, unsure[0], at)
        )
        return
    yield from (one for at in places for one in _replaced(plain, at))
    yield from (one for at in places for to in places[at + 1 :] for one in _replaced(plain, at, to))


def _replaced(plain: str, *places: int) -> Iterator[tuple[str, int]]:
    choices = [
        LIKE.get(plain[at], "0123456789" if not plain[at].isdigit() else "") for at in places
    ]
    for figures in product(*choices):
        chars = list(plain)
        for at, figure in zip(places, figures, strict=True):
            chars[at] = figure
        yield "".join(chars), LIKELY * len(places)


def _readings(text: str) -> Iterator[tuple[_Costs, _Costs, _Costs]]:
    """What month, day and year may be, for each way to part `text` into them."""
    for form in _NAMED:
        if match := form.search(text):
            months = _named_months(match["month"])
            if months:
                yield months, _costs(match["day"], 1, 31), _years(match["year"])
    compact = text.replace(" ", "")
    if not 5 <= len(compact) <= 12 or sum(char.isdigit() for char in compact) < 4:
        return
    if match := _MARKED.fullmatch(compact):
        month, day, year = match.groups()
        yield _costs(month, 1, 12), _costs(day, 1, 31), _years(year)
    for whole in _of_ten(compact):
        month, day, year = whole[: _WIDTHS[0]], whole[_WIDTHS[1] : _WIDTHS[2]], whole[_WIDTHS[3] :]
        yield _costs(month, 1, 12), _costs(day, 1, 31), _years(year)


def _of_ten(text: str) -> list[str]:
    """`text` as ten characters: one that is missing put in as a blank, one too many left out."""
    if len(text) == 10:
        return [text]
    if len(text) == 9:
        return [f"{text[:at]} {text[at:]}" for at in range(10)]
    if len(text) == 11:
        return [text[:at] + text[at + 1 :] for at in range(11)]
    return []


def _years(text: str) -> _Costs:
    """The years that four characters, or the last two, may be."""
    if len(text) == 2:
        short = _costs(text, 0, 99)
        both = {1900 + year: cost for year, cost in short.items()}
        both |= {2000 + year: cost for year, cost in short.items()}
        return {year: cost for year, cost in both.items() if OLDEST <= year <= NEWEST}
    return _costs(text, OLDEST, NEWEST)


@lru_cache(maxsize=4_096)
def _costs(text: str, low: int, high: int) -> _Costs:
    """What it costs to take `text` for each number from `low` to `high`, up to MOST."""
    width = len(str(high)) if low > 99 or len(text) >= len(str(high)) else len(text)
    found = {}
    for value in range(low, high + 1):
        written = str(value).zfill(width)
        cost = _cost(text, written)
        if cost <= MOST:
            found[value] = cost
    return found


def _cost(read: str, written: str) -> int:
    if len(read) == len(written):
        return sum(_figure_cost(one, other) for one, other in zip(read, written, strict=True))
    if len(read) + 1 == len(written):
        shorter = (written[:at] + written[at + 1 :] for at in range(len(written)))
        return LOST + min(_cost(read, part) for part in shorter)
    return MOST + 1


def _figure_cost(read: str, figure: str) -> int:
    if read == figure:
        return 0
    return LIKELY if figure in LIKE.get(read, "") else ANY


def _named_months(word: str) -> _Costs:
    """The months whose name `word` may be, whole or shortened; two errors in long ones."""
    upper = word.upper()
    found = {}
    for number, name in enumerate(MONTHS, 1):
        slips = min(
            OSA.distance(upper, name), OSA.distance(upper, name[:3]) if len(word) < 5 else 9
        )
        if slips <= (2 if len(word) >= 6 else 1):
            found[number] = slips
    return found


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

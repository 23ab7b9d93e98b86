"""Dates in figures, as they stand on paper: of two readings the one that is a date is likelier.

Slashes are read as 1, 7 or l more often than any other sign is misread, and what comes of that
(01715/1986) is no date and no other number of a chart. Nor is what comes of a nought with a stroke
or dot in it, which is read as 6, 8 or 9 (67/15/1986).
"""

import re

_DATE = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})|(\d{4})-(\d{2})-(\d{2})")
MAX_DAY, MAX_MONTH = 31, 12
# What a nought is read as.
_LIKE_NOUGHT = frozenset("689")


def is_date(text: str) -> bool:
    """Whether `text` is a day in figures, month or day or year first."""
    found = _DATE.fullmatch(text)
    if not found:
        return False
    one, other = (int(found[n]) for n in ((1, 3) if found[1] else (6, 7)))
    lower, higher = sorted((one, other))
    return 1 <= lower <= MAX_MONTH and higher <= MAX_DAY


def date_of(one: str, other: str) -> str:
    """The date that one of two readings of the same ink is; empty if both are, or neither.

    It has every figure of the other reading, which differs only where the date has its marks, or
    where no day and no month has another figure than a nought: elsewhere 0 and 8 are two days.
    """
    dates = [text for text in (one, other) if is_date(text)]
    return dates[0] if len(dates) == 1 and _has_figures_of(one, other, dates[0]) else ""


def _has_figures_of(one: str, other: str, date: str) -> bool:
    text = other if date == one else one
    tens = _tens(date)
    return len(text) == len(date) and all(
        there == sign or not sign.isdigit() or (at in tens and there in _LIKE_NOUGHT)
        for at, (there, sign) in enumerate(zip(text, date, strict=True))
    )


def _tens(date: str) -> frozenset[int]:
    """Where the noughts before the figure of a month or day stand."""
    found = _DATE.fullmatch(date)
    if not found:
        return frozenset()
    return frozenset(found.start(n) for n in (1, 3, 6, 7) if (found[n] or "").startswith("0"))

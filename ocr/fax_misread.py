"""What a fax header may have said that was read badly: figures for what figures are taken for.

Machines print their noughts with a stroke or a dot, which small and worn is read as 6, 8 or 9: no
clock stands at 69:41. Good for telling that a line is a header, not for what it says.
"""

import re
from itertools import zip_longest

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# Signs and letters that figures are read as on faxed paper, as filing/misread.py has them.
_READ_AS = {
    "0": "OoQD@€¢", "1": "l|I!]i", "2": "Zz", "4": "aA", "5": "Ss§$", "6": "bG", "8": "&BE",
    "9": "gq", ":": "°",
}  # fmt: skip
_FIGURES = {ord(sign): figure for figure, signs in _READ_AS.items() for sign in signs}
_QUOTES = str.maketrans("\u2018\u2019`", "'''")
_PARTS = re.compile(r"([\s/.:;|-]+)")
_HALF = re.compile(r"(?<=\d)[AP]\.?M\.?$", re.IGNORECASE)
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2})[:;](\d\d)(?:[:;]\d\d)?(?!\d)")
LAST_HOUR, LAST_MINUTE = 23, 59
# So many letters of a month must have been read.
MIN_MONTH_LETTERS = 2


def mended(text: str) -> str:
    """A line of print with figures for the letters among them, months and clocks made sound."""
    parts = _PARTS.split(text.translate(_QUOTES))
    figures = [_figures(part) for part in parts]
    whole = "".join(
        _month(part) if following.strip(",'").isdigit() else part
        for part, following in zip_longest(figures, figures[2:], fillvalue="")
    )
    return _CLOCK.sub(_sound, whole)


def _figures(part: str) -> str:
    """`part` in figures if some of it are and the rest looks like them, `AM` and `PM` aside."""
    half = _HALF.search(part)
    core = part[: half.start()] if half else part
    meant = core.translate(_FIGURES)
    alike = any(c.isdigit() for c in core) and not any(c.isalpha() for c in meant)
    return meant + part[len(core) :] if alike else part


def _month(part: str) -> str:
    """The month of three letters that `part` most looks like, itself if it looks like none."""
    letters = part.upper()
    if len(letters) != len(_MONTHS[0]):
        return part
    alike = [sum(map(str.__eq__, letters, month)) for month in _MONTHS]
    most = max(alike)
    return _MONTHS[alike.index(most)] if most >= MIN_MONTH_LETTERS else part


def _sound(clock: re.Match[str]) -> str:
    hour, minute = clock[1], clock[2]
    hour = hour if int(hour) <= LAST_HOUR else f"0{hour[-1]}"
    minute = minute if int(minute) <= LAST_MINUTE else f"0{minute[-1]}"
    return f"{hour}:{minute}"

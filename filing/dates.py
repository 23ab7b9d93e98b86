"""Written dates: the many ways American charts put a day on paper, read without a clock."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from rapidfuzz.distance import OSA

OLDEST_YEAR = 1880  # nobody with a chart was born before; the oldest verified person was born 1875
NEWEST_YEAR = 2100
CENTURIES = (1900, 2000)
MAX_TEXT_CHARACTERS = 2_000_000
MAX_LINE_CHARACTERS = 300
DAY_FIRST_DATES = 2

MONTHS = (
    *("JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER"),
    *("OCTOBER", "NOVEMBER", "DECEMBER"),
)
_SPANISH_MONTHS = (
    *("ENERO", "FEBRERO", "MARZO", "ABRIL", "MAYO", "JUNIO", "JULIO", "AGOSTO", "SEPTIEMBRE"),
    *("OCTUBRE", "NOVIEMBRE", "DICIEMBRE"),
)
_MONTH_NUMBER = {
    name: number
    for months in (MONTHS, _SPANISH_MONTHS)
    for number, whole in enumerate(months, 1)
    for name in (whole[:3], whole)
} | {"SEPT": 9}
_MONTH = "(?P<name>" + "|".join(sorted(_MONTH_NUMBER, key=len, reverse=True)) + ")"
FILLER = "\0"  # keeps the places of what was written behind a shortened month
_MONTH += f"{FILLER}*"
_LONG_MONTHS = tuple(name for name in MONTHS if len(name) >= 5)
_LONG_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{3,9}")
_YEAR = r"(?P<year>\d{4}(?!:\d)|'?\d{2})"
# `7/17/20 26` may be of 2020 or a year in two pieces: it is no answer.
_SHORT_YEAR = r"(?!(?:19|20)\s\d{2}(?![\d:]))\d{2}"
_BEFORE = r"(?<![A-Z0-9./-])"
# A time may be read together with the year before it: `05/18/202615:06`.
_AFTER = r"(?:(?=\d\d:\d\d(?!\d))|(?![A-Z0-9]|[./-]\d))"
_FORMS = tuple(
    re.compile(_BEFORE + form + _AFTER, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})\s?([-/.])\s?(?P<month>\d{1,2})\s?\2\s?(?P<day>\d{1,2})",
        r"(?P<first>\d{1,2})\s?([-/.])\s?(?P<second>\d{1,2})\s?\2\s?(?P<year>\d{4}(?!:\d)|"
        + _SHORT_YEAR
        + ")",
        _MONTH + r"[.,]?[\s-]{0,2}(?P<day>\d{1,2})(?:ST|ND|RD|TH)?(?:\s?,\s?|[\s.-]\s?)" + _YEAR,
        r"(?P<day>\d{1,2})(?:ST|ND|RD|TH)?[\s-]?(?:DAY\s)?(?:(?:OF|DE)\s)?"
        + _MONTH
        + r"[.,]?[\s-]?(?:DEL?\s)?"
        + _YEAR,
    )
)
_COMPACT = re.compile(_BEFORE + r"(?P<digits>\d{8})" + _AFTER)
# Only in a run of digits and separators is a letter O surely a nought, an l, I or bar surely a one.
_DIGIT_FIELD = re.compile(r"(?<!\S)[0-9OoIl|/.,()-]{6,14}(?!\S)")
# Two digits, two digits and four leave one place for the other separator: `10/15I1982`.
_SLASH_AS_ONE = re.compile(r"(\d\d)(?:([/.-])(\d\d)[Il|]|[Il|](\d\d)([/.-]))(\d{4})")
_DAY_AND_YEAR = re.compile(
    r"(?<!\S)(?P<day>[0-9OIl|]{1,2})(?P<between>[-/ ]{0,2}"
    + _MONTH.replace("?P<name>", "?:")
    + r"[-/., ]{1,2})(?P<year>[0-9OIl|]{2,4})(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_AS_DIGITS = str.maketrans("OoIl|", "00111")
# What else figures are read as, each hardly ever for more than one of them: counted on real reads
# (tests/bench/data/filing_noise.json). Good enough beside a label, and no proof.
_GUESSED = str.maketrans("OoUQIl|iftL!Sb$", "000011111111555")
_GUESSED_FIELD = re.compile(r"(?<!\S)[0-9OoUQIl|iftL!Sb$/.,()-]{6,14}(?!\S)")
_GUESSED_PARTS = re.compile(
    r"(?P<first>[^/.-]{2})(?:(?P<mark>[/.-])(?P<second>[^/.-]{2})[Il|ift]"
    r"|[Il|ift](?P<other>[^/.-]{2})(?P<behind>[/.-]))(?P<year>[^/.-]{4}|[^/.-]{2})"
)
_JULY = re.compile(r"(?<=\d[-/ .])J[uU][iI1|!](?=[-/ .]\d)")
_GUESSED_DAY_AND_YEAR = re.compile(
    r"(?<!\S)(?P<day>[0-9OUQIl|iftL!Sb$]{1,2})(?P<between>[-/., ]{0,2}"
    + _MONTH.replace("?P<name>", "?:")
    + r"[-/., ]{1,2})(?P<year>[0-9OUQIl|iftL!Sb$]{4})(?![0-9A-Za-z])"
    r"|(?P<month>"
    + _MONTH.replace("?P<name>", "?:")
    + r"[., ]{1,2})(?P<day2>[0-9OUQIl|iftL!Sb$]{1,2})(?P<comma>[., ]{1,2})"
    r"(?P<year2>[0-9OUQIl|iftL!Sb$]{4})(?![0-9A-Za-z])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date as written: `text[start:end]` of the text it was found in.

    `year` has two digits if `short_year`, else four. `swapped` is true where the day stood first
    because no month has that number; `numeric` where day and month are numbers before the year,
    `exchangeable` where month and day could be the other way, `guessed` where a sign that is no
    figure was taken for the figure that it most likely is.
    """

    year: int
    month: int
    day: int
    short_year: bool
    swapped: bool
    start: int
    end: int
    numeric: bool = False
    exchangeable: bool = False
    guessed: bool = False

    @property
    def readings(self) -> tuple[date, ...]:
        """All days the writer can have meant: one, or one a century for a two-digit year."""
        if not self.short_year:
            return (date(self.year, self.month, self.day),)
        years = (century + self.year for century in CENTURIES)
        return tuple(date(y, self.month, self.day) for y in years if self._exists_in(y))

    def with_day_first(self) -> "WrittenDate":
        """The same as somebody means it who writes the day before the month."""
        return replace(self, month=self.day, day=self.month) if self.exchangeable else self

    def resolve(self, reference: date) -> date | None:
        """The day meant, by somebody writing on `reference`: the latest reading not after it.

        Returns None if every reading lies after `reference`.
        """
        return max((day for day in self.readings if day <= reference), default=None)

    def _exists_in(self, year: int) -> bool:
        return self.day <= monthrange(year, self.month)[1]


def find_dates(text: str, *, compact: bool = False) -> tuple[WrittenDate, ...]:
    """All dates written in `text`, in order, impossible ones left out; month first if possible.

    `compact` also takes eight digits in a row (19600102, 01021960), long names of months with
    one slip of the reader (Septeber) and signs in the place of figures (05/f8/2026): only sensible
    beside a label. Only the first MAX_TEXT_CHARACTERS are read. Raises nothing.
    """
    kept = text[:MAX_TEXT_CHARACTERS]
    return _found(kept, compact) if len(kept) <= MAX_LINE_CHARACTERS else _dates_in(kept, compact)


def _dates_in(text: str, compact: bool) -> tuple[WrittenDate, ...]:  # noqa: FBT001 - of find_dates
    clean = _DIGIT_FIELD.sub(_as_digits, text)
    clean = _DAY_AND_YEAR.sub(_as_day_and_year, clean)
    found = _written(clean, (*_FORMS, _COMPACT) if compact else _FORMS)
    if compact and not found:
        found = _written(_LONG_WORD.sub(_as_month, clean), _FORMS)
    if compact:
        guesses = (replace(one, guessed=True) for one in _written(_guessed(text), _FORMS))
        found += [one for one in guesses if not any(_overlap(one, other) for other in found)]
    return tuple(sorted(found, key=lambda written: written.start))


# Several rules look at the same line one after the other.
_found = lru_cache(maxsize=8_192)(_dates_in)


def _guessed(text: str) -> str:
    """`text`, as long as before, with the figures in it that signs and letters were taken for."""
    fields = _GUESSED_FIELD.sub(_as_guessed, _JULY.sub("Jul", text))
    return _GUESSED_DAY_AND_YEAR.sub(_as_guessed_day_and_year, fields)


def _as_guessed(match: re.Match[str]) -> str:
    """A field of figures with its signs as figures, specks beside two slashes left out."""
    field = match.group()
    if sum(char.isdigit() for char in field) * 2 < len(field):
        return field
    marks = max("/-", key=field.count)
    clean = re.sub(r"[.,]", "", field) if field.count(marks) == 2 else field
    if parts := _GUESSED_PARTS.fullmatch(clean):
        mark = parts["mark"] or parts["behind"]
        clean = mark.join((parts["first"], parts["second"] or parts["other"], parts["year"]))
    return clean.translate(_GUESSED).ljust(len(field), FILLER)


def _as_guessed_day_and_year(match: re.Match[str]) -> str:
    day, year = match["day"] or match["day2"], match["year"] or match["year2"]
    if sum(map(str.isdigit, day + year)) * 2 < len(day + year):
        return match.group()
    day, year = day.translate(_GUESSED), year.translate(_GUESSED)
    if match["month"]:
        return match["month"] + day + match["comma"] + year
    return day + match["between"] + year


def _written(text: str, forms: Iterable[re.Pattern[str]]) -> list[WrittenDate]:
    found: list[WrittenDate] = []
    for form in forms:
        for match in form.finditer(text):
            written = _from_match(match)
            if written and not any(_overlap(written, other) for other in found):
                found.append(written)
    return found


def _as_month(match: re.Match[str]) -> str:
    """A word that is one slip away from the name of a month as that month, of the same length."""
    word = match.group().upper()
    near = [name for name in _LONG_MONTHS if OSA.distance(word, name, score_cutoff=1) == 1]
    return near[0][:3].ljust(len(word), FILLER) if len(near) == 1 else match.group()


def writes_day_first(texts: Iterable[str], sure: date | None = None) -> bool:
    """Whether whoever wrote these texts puts the day before the month, as most of the world does.

    Only so if DAY_FIRST_DATES different dates cannot be read otherwise and none speaks against it:
    one may be a misreading, and American paper has the month first. `sure`, as the birth date that
    is known, is no misreading: written so, it is enough.
    """
    found = {
        (written.year, written.month, written.day, written.swapped)
        for text in texts
        for written in find_dates(text)
        if written.numeric and not written.exchangeable
    }
    day_first = [written for written in found if written[-1]]
    confirmed = sure and any(one[:3] == (sure.year, sure.month, sure.day) for one in day_first)
    enough = bool(confirmed) or len(day_first) >= DAY_FIRST_DATES
    return enough and len(day_first) == len(found)


def is_default_birth_date(day: date) -> bool:
    """Whether `day` is what clerks type when nobody knows: the first of January of any year."""
    return (day.month, day.day) == (1, 1)


def differs_by_one_slip(one: date, other: date) -> bool:
    """Whether one misread digit, two swapped digits, or day and month exchanged explain it."""
    if one == other:
        return False
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return True
    left, right = figures(one), figures(other)
    wrong = [place for place in range(8) if left[place] != right[place]]
    return len(wrong) == 1 or _are_neighbours_swapped(left, right, wrong)


@lru_cache(maxsize=16_384)
def figures(day: date) -> str:
    """The eight figures of a day as American paper has them: month, day, year."""
    return f"{day:%m%d%Y}"


def _are_neighbours_swapped(left: str, right: str, wrong: list[int]) -> bool:
    if len(wrong) != 2 or wrong[1] - wrong[0] != 1:
        return False
    first, second = wrong
    return left[first] == right[second] and left[second] == right[first]


def _as_day_and_year(match: re.Match[str]) -> str:
    day, between, year = match["day"], match["between"], match["year"]
    return day.translate(_AS_DIGITS) + between + year.translate(_AS_DIGITS)


def _as_digits(match: re.Match[str]) -> str:
    field = match.group()
    if parted := _SLASH_AS_ONE.fullmatch(field):
        first, mark, second, *other, year = parted.groups()
        second, mark = (second, mark) if mark else other
        return f"{first}{mark}{second}{mark}{year}"
    mostly_digits = sum(char.isdigit() for char in field) * 2 >= len(field)
    return field.translate(_AS_DIGITS) if mostly_digits else field


def _from_match(match: re.Match[str]) -> WrittenDate | None:
    for year, month, day, swapped in _parts(match):
        if _is_possible(year, month, day):
            short = year < 100
            numeric = "first" in match.groupdict()
            # Neither 05/05 nor 13/05 can be read in two ways.
            both = numeric and month != day and day <= 12
            return WrittenDate(
                year, month, day, short, swapped, match.start(), match.end(), numeric, both
            )
    return None


def _parts(match: re.Match[str]) -> Iterator[tuple[int, int, int, bool]]:
    """The possible (year, month, day, day stood first) of a match, the likeliest first."""
    groups = match.groupdict()
    if digits := groups.get("digits"):
        yield int(digits[:4]), int(digits[4:6]), int(digits[6:]), False
        yield int(digits[4:]), int(digits[:2]), int(digits[2:4]), False
        return
    year = int(groups["year"].lstrip("'"))
    if "first" in groups:
        first, second = int(groups["first"]), int(groups["second"])
        yield year, first, second, False
        yield year, second, first, True
        return
    name = groups.get("name")
    month = _MONTH_NUMBER[name.upper()] if name else int(groups["month"])
    yield year, month, int(groups["day"]), False


def _is_possible(year: int, month: int, day: int) -> bool:
    if not (1 <= month <= 12 and day >= 1):
        return False
    if year < 100:
        # A leap day needs a year to stand in; 2000 + yy is a leap year whenever 1900 + yy is.
        return day <= monthrange(2000 + year, month)[1]
    return OLDEST_YEAR <= year <= NEWEST_YEAR and day <= monthrange(year, month)[1]


def _overlap(one: WrittenDate, other: WrittenDate) -> bool:
    return one.start < other.end and other.start < one.end

"""The time, asked in one place."""

from datetime import UTC, date, datetime, time, timedelta

from chartkeeper.records import days
from chartkeeper.webui.errors import FormInvalid

# A year outside of these is a slip of the hand, in a search as in a service date.
EARLIEST_YEAR, LATEST_YEAR = 1850, 2200


def now() -> datetime:
    """This moment, with its zone."""
    return datetime.now(UTC)


def read_day(written: str, what: str) -> date | None:
    """A date as a form sends it, None if it was left empty.

    Raises FormInvalid, naming the field as `what`, for anything else.
    """
    if not written:
        return None
    day = days.read_day(written)
    if day is None or not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise FormInvalid(f"{what} is no date. Write it as year-month-day: 2026-07-18.")
    return day


def day_begins(day: date) -> datetime:
    """The first moment of a day where the service stands."""
    return datetime.combine(day, time.min).astimezone()


def day_ends(day: date) -> datetime:
    """The first moment after a day where the service stands."""
    return day_begins(day + timedelta(days=1))


def waited(since: datetime, until: datetime) -> str:
    """How long something has waited, in words: minutes, hours, then days."""
    minutes = int((until - since).total_seconds()) // 60
    if minutes < 60:
        return _counted(max(minutes, 0), "minute")
    if minutes < 48 * 60:
        return _counted(minutes // 60, "hour")
    return _counted(minutes // (24 * 60), "day")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"

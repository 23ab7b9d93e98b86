"""When the daily keeping of the records is due. Pure: the clock and the past are handed in."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

# What was cut off or failed is tried again after so long, not at once and for ever.
AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Past:
    """What was done before: the newest beginning, and the newest that came to its end.

    `since` stands in for both where nothing was done yet: when the home began.
    """

    begun: datetime | None
    done: datetime | None
    since: datetime


def is_due(now: datetime, daily_at: str, past: Past) -> bool:
    """Whether what is to be done every day at `daily_at` ("HH:MM", empty: never) is to be done now.

    It is when its last moment passed without it, however long ago: what a stopped service missed is
    caught up. A time in the future shows that the clock was set back and counts for nothing.
    """
    if not daily_at:
        return False
    cut_off = past.begun is not None and past.begun != past.done
    if cut_off and past.begun and timedelta() <= now - past.begun < AGAIN_AFTER:
        return False
    done = past.done or past.since
    return done < last_moment(now, daily_at) or done > now


def last_moment(now: datetime, daily_at: str) -> datetime:
    """The last time until `now` that the clock of this machine showed `daily_at`."""
    at, local = time.fromisoformat(daily_at), now.astimezone()
    # A time without a zone is taken for one of the machine's clock, summer or winter.
    today = datetime.combine(local.date(), at).astimezone()
    if today <= now:
        return today
    return datetime.combine(local.date() - timedelta(days=1), at).astimezone()


def wants_full(now: datetime, every_days: int, last_full: datetime | None) -> bool:
    """Whether the next run of verify should read every original (`every_days` 0: never)."""
    if not every_days:
        return False
    if last_full is None or last_full > now:
        return True
    # A run takes time: counted in days it would slip by one.
    return now - last_full > timedelta(days=every_days) - timedelta(hours=12)

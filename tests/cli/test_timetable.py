"""When the daily keeping is due: missed nights, clocks that jump, summer time."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chartkeeper.timetable import Past, is_due, last_moment, wants_full

ZONE = ZoneInfo("America/New_York")


@pytest.fixture(autouse=True)
def _clock_of_new_york(monkeypatch):
    monkeypatch.setenv("TZ", str(ZONE))
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


NOW = at("2026-05-10T03:00")
OLD = at("2026-01-01T00:00")


def past(begun=None, done=None, since=OLD):
    return Past(begun and at(begun), done and at(done), since)


@pytest.mark.parametrize(
    ("before", "due"),
    [
        # Yesterday's was done, today's was not.
        (past("2026-05-09T02:30", "2026-05-09T02:30"), True),
        (past("2026-05-10T02:31", "2026-05-10T02:31"), False),
        # The service was off for a week.
        (past("2026-05-03T02:30", "2026-05-03T02:30"), True),
        # By hand, in the evening: the night's is due all the same.
        (past("2026-05-09T22:00", "2026-05-09T22:00"), True),
        # Cut off by a restart: again, but not at once and for ever.
        (past("2026-05-10T02:30", "2026-05-09T02:30"), False),
        (past("2026-05-10T01:30", "2026-05-09T02:30"), True),
        # Never done: the age of the home says whether a night has passed.
        (past(), True),
        (past(since=at("2026-05-10T02:45")), False),
        (past("2026-05-10T02:50"), False),
        # The clock was set back: what was done in the future is no reason never to do it again.
        (past("2031-01-01T00:00", "2031-01-01T00:00"), True),
        (past("2031-01-01T00:00", "2026-05-10T02:31"), False),
    ],
)
def test_what_is_due_is_what_was_missed(before, due):
    assert is_due(NOW, "02:30", before) is due


def test_nothing_is_due_where_no_time_is_set():
    assert not is_due(NOW, "", past())


def test_once_done_it_is_not_due_again_whatever_the_clock_does():
    """A year of looks every five minutes with jumps: one run a night, and never a loop."""
    now, done, runs = at("2026-01-01T12:00"), None, 0
    for look in range(20_000):
        now += timedelta(minutes=5)
        if look in {5_000, 15_000}:
            now -= timedelta(days=3)
        if look == 10_000:
            now += timedelta(days=3)
        if is_due(now, "02:30", Past(done, done, at("2026-01-01T12:00"))):
            done, runs = now, runs + 1
    days = 20_000 * 5 / 60 / 24
    assert days - 3 < runs < days + 5


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-05-10T02:30", "2026-05-10T02:30"),
        ("2026-05-10T02:29", "2026-05-09T02:30"),
        # The hour that does not exist when summer time begins, and the one that comes twice.
        ("2026-03-08T12:00", "2026-03-08T01:30"),
        ("2026-11-01T12:00", "2026-11-01T01:30"),
    ],
)
def test_the_last_moment_is_that_of_the_clock_on_the_wall(now, expected):
    written = "01:30" if "11-01" in now else "02:30"
    assert last_moment(at(now), written).timestamp() == at(expected).timestamp()


def test_a_full_run_comes_every_so_many_days():
    assert wants_full(NOW, 7, None)
    assert wants_full(NOW, 7, NOW - timedelta(days=6, hours=23))
    assert not wants_full(NOW, 7, NOW - timedelta(days=6))
    assert wants_full(NOW, 7, NOW + timedelta(days=400))
    assert not wants_full(NOW, 0, None)

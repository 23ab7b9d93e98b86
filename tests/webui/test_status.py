"""What the page Status says of how the records are kept."""

from datetime import UTC, datetime, timedelta

from chartkeeper.ingest.locks import sole
from chartkeeper.records import keeping
from chartkeeper.records.access_log import Entry, Event, record_each
from chartkeeper.records.keeping import Kind


def test_a_verify_that_was_cut_off_is_said_and_one_at_work_is_not(home, administrator):
    with home.parts.ledger.write() as connection:
        keeping.begin_run(connection, Kind.FULL, datetime.now(UTC) - timedelta(hours=3))
    assert "was cut off" in administrator.get("/status").text
    with sole(home.parts.locks, "verify"):
        assert "was cut off" not in administrator.get("/status").text


def test_what_was_never_done_is_said(administrator):
    said = administrator.get("/status").text
    assert "never verified" in said
    assert "There is no whole backup" in said
    assert "was cut off" not in said


def fail_to_log_in(home, address, times, at):
    failed = Entry(Event.LOGIN_FAILED, actor="someone", address=address, outcome="refused")
    with home.parts.ledger.write() as connection:
        record_each(connection, [failed] * times, at)


def test_passwords_tried_on_many_accounts_from_one_place_are_said(home, administrator):
    now = datetime.now(UTC)
    fail_to_log_in(home, "192.0.2.1", 49, now)
    fail_to_log_in(home, "192.0.2.2", 50, now - timedelta(days=2))
    assert "log-ins failed" not in administrator.get("/status").text
    fail_to_log_in(home, "192.0.2.1", 1, now)
    assert "50 log-ins failed within a day from 192.0.2.1" in administrator.get("/status").text


def test_looking_at_the_locks_keeps_nobody_from_working(home, administrator):
    with sole(home.parts.locks, "verify"):
        pass
    for _ in range(20):
        administrator.get("/status")
        with sole(home.parts.locks, "verify"):
            pass

"""What the page Status says of how the records are kept."""

from datetime import UTC, datetime, timedelta

from chartkeeper.ingest.locks import sole
from chartkeeper.records import keeping
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


def test_looking_at_the_locks_keeps_nobody_from_working(home, administrator):
    with sole(home.parts.locks, "verify"):
        pass
    for _ in range(20):
        administrator.get("/status")
        with sole(home.parts.locks, "verify"):
            pass

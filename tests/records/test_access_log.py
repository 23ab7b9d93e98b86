import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from checkout import ROOT
from sqlalchemy.exc import IntegrityError

from chartkeeper.records import access_log
from chartkeeper.records.access_log import Entry, Event, Wanted
from chartkeeper.records.fhir import audit_event
from chartkeeper.records.verify import verify_access_log


@pytest.fixture
def logged(ledger, now):
    with ledger.write() as connection:
        for page in range(1, 6):
            entry = Entry(
                Event.PAGE_VIEW, "ann", "127.0.0.1", document_id=7, page=page, detail={"n": page}
            )
            access_log.record(connection, entry, now)
    return ledger


def tamper(tmp_path, *statements):
    """Somebody with the file and without scruples: the triggers are taken off first."""
    database = sqlite3.connect(tmp_path / "ledger.db")
    database.execute("DROP TRIGGER access_log_no_UPDATE")
    database.execute("DROP TRIGGER access_log_no_DELETE")
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def problems(ledger, anchor=None):
    with ledger.read() as connection:
        return verify_access_log(connection, anchor)


def test_an_untouched_log_verifies(logged):
    assert problems(logged) == []


@pytest.mark.parametrize("statement", ["UPDATE access_log SET page = 9", "DELETE FROM access_log"])
def test_the_ledger_refuses_to_change_the_log(logged, statement):
    with pytest.raises(IntegrityError, match="append-only"), logged.write() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_log SET actor = 'bob' WHERE seq = 3",
        "UPDATE access_log SET at = '2020-01-01 00:00:00.000000' WHERE seq = 2",
        "UPDATE access_log SET detail = '{}' WHERE seq = 4",
        "DELETE FROM access_log WHERE seq = 3",
        "DELETE FROM access_log WHERE seq = 1",
        "UPDATE access_log SET hash = printf('%064d', 0) WHERE seq = 5",
    ],
)
def test_tampering_shows(logged, tmp_path, statement):
    tamper(tmp_path, statement)
    assert problems(logged)


def rewrite(tmp_path, seq, **changed):
    """An entry changed together with its own hash, which then is right again."""
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as database:
        database.row_factory = sqlite3.Row
        row = dict(database.execute("SELECT * FROM access_log WHERE seq = ?", [seq]).fetchone())
    row |= changed
    at = datetime.fromisoformat(row["at"]).replace(tzinfo=UTC)
    new = {**changed, "hash": access_log.entry_hash({**row, "at": at})}
    values = ", ".join(f"{name} = '{value}'" for name, value in new.items())
    tamper(tmp_path, f"UPDATE access_log SET {values} WHERE seq = {seq}")


@pytest.mark.parametrize(
    ("seq", "changed", "broken"),
    [(3, {"actor": "bob"}, 4), (1, {"mrn": "0012345"}, 2), (4, {"previous_hash": "0" * 64}, 4)],
)
def test_an_entry_rewritten_together_with_its_hash_breaks_the_chain(
    logged, tmp_path, seq, changed, broken
):
    rewrite(tmp_path, seq, **changed)
    said = f"access log: entry {broken} does not follow from the one before"
    assert said in problems(logged)
    assert not any("was changed" in problem for problem in problems(logged))


def test_two_entries_exchanged_show(logged, tmp_path):
    tamper(
        tmp_path,
        "UPDATE access_log SET seq = 99 WHERE seq = 2",
        "UPDATE access_log SET seq = 2 WHERE seq = 3",
        "UPDATE access_log SET seq = 3 WHERE seq = 99",
    )
    assert problems(logged)


def test_a_log_cut_short_shows_against_the_anchor(logged, tmp_path):
    with logged.read() as connection:
        anchor = access_log.head(connection)
    tamper(tmp_path, "DELETE FROM access_log WHERE seq > 3")
    assert problems(logged) == []
    assert problems(logged, anchor)


def test_entries_are_found_by_what_is_wanted_newest_first(logged, now):
    with logged.write() as connection:
        access_log.record(connection, Entry(Event.LOGIN, "bob", "::1", patient_id=3), now)
        seen = access_log.entries(connection, Wanted(actor="ann"), 3)
        assert [item.entry.page for item in seen] == [5, 4, 3]
        older = access_log.entries(connection, Wanted(actor="ann"), 3, seen[-1].seq)
        assert [item.entry.page for item in older] == [2, 1]
        assert len(access_log.entries(connection, Wanted(event=Event.LOGIN), 9)) == 1
        assert len(access_log.entries(connection, Wanted(patient_id=3), 9)) == 1
        assert access_log.entries(connection, Wanted(before=now), 9) == []
        assert len(access_log.entries(connection, Wanted(since=now, document_id=7), 9)) == 5


def test_every_event_has_its_fhir_form(ledger, now):
    with ledger.write() as connection:
        for event in Event:
            entry = Entry(event, "ann", "::1", mrn="1", document_id=2, page=1, detail={"q": "x"})
            access_log.record(connection, entry, now)
        resources = [audit_event(item) for item in access_log.export(connection, Wanted())]
    assert len(resources) == len(Event)
    for resource in resources:
        assert resource["resourceType"] == "AuditEvent"
        assert resource["recorded"].startswith("2026-11-02T09:30")
        assert len(resource["entity"]) == 3


def checked(lines):
    """What the program in the manual says of an export: its status and its words."""
    program = (ROOT / "docs" / "access-log.md").read_text().split("```python\n")[1].split("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_an_export_can_be_checked_without_the_program(ledger, now):
    with ledger.write() as connection:
        for number in range(3):
            # A full second is written with its millionths, too: they are part of the hash.
            at = now.replace(microsecond=0) + timedelta(microseconds=number)
            access_log.record(
                connection, Entry(Event.SEARCH, "ann", "", detail={"words": "Süd"}), at
            )
        lines = list(access_log.export(connection, Wanted()))
        _, last = access_log.head(connection)
    assert checked(lines) == (0, f"intact up to 3 {last}\n")
    assert checked([lines[0], lines[2]]) == (1, "before entry 3 something is missing\n")
    assert checked([*lines[:2], {**lines[2], "actor": "bob"}]) == (1, "entry 3 was changed\n")

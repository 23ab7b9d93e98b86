"""Files taken in from where they lie: what is found out, and what an interruption costs."""

import os
import threading
import time
from dataclasses import replace

import pytest
from importing import listing, order_of, paper, run, said_of, states
from originals import stored
from sqlalchemy import text

from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.ingest import migration
from chartkeeper.ingest.batches import open_batch, write_down
from chartkeeper.ingest.errors import AlreadyRunning, SourceMissing
from chartkeeper.ingest.migration import Pace
from chartkeeper.records import arrivals
from chartkeeper.records.database import create_ledger, open_ledger
from chartkeeper.records.model import ArrivalState, Lane
from chartkeeper.records.vault import Vault, file_sha256


@pytest.fixture
def basement(tmp_path):
    folder = tmp_path / "basement"
    folder.mkdir()
    return folder


def arrived(desk):
    with desk.ledger.read() as connection:
        return list(reversed(arrivals.newest(connection, 1000)))


def whole_ledger(desk):
    """What an import leaves behind, without numbers and times."""
    queries = (
        """SELECT name, arrivals.state, arrivals.lane, reason_code, cleared, sha256 FROM arrivals
        LEFT JOIN scans ON scans.id = scan_id ORDER BY arrivals.id""",
        "SELECT sha256, page_count, state FROM scans ORDER BY id",
        """SELECT line, state, findings, file, box, reason_code, found_sha256, found_pages
        FROM batch_items ORDER BY line""",
        "SELECT name, lines, listed, finished_at IS NOT NULL FROM batches ORDER BY id",
    )
    with desk.ledger.read() as connection:
        return [[tuple(row) for row in connection.execute(text(query))] for query in queries]


def test_a_folder_is_taken_in_where_it_lies(desk, basement):
    paper(basement / "box 1" / "a.tif", 1)
    paper(basement / "b.tif", 1)
    (basement / "empty.pdf").write_bytes(b"")
    batch = run(desk, order_of(basement, priority=7))
    assert states(desk, batch) == {"taken": 2, "refused": 1}
    first, second, third = arrived(desk)
    assert (first.name, first.state) == ("b.tif", ArrivalState.ACCEPTED)
    assert (second.name, second.state) == ("box 1/a.tif", ArrivalState.DUPLICATE)
    assert (third.state, third.reason_code) == (ArrivalState.REFUSED, "empty_file")
    assert {(item.lane, item.priority, item.cleared) for item in arrived(desk)} == {
        (Lane.MIGRATION, 7, True)
    }
    assert sorted(path.name for path in basement.rglob("*.*")) == ["a.tif", "b.tif", "empty.pdf"]


def test_every_planted_error_of_a_list_is_found_and_nothing_else(desk, basement, known_patients):
    for number in range(12):
        paper(basement / f"{number}.tif", number, 1 + number % 3)
    paper(basement / "twin.tif", 0)
    paper(basement / "surplus.tif", 77)
    (basement / "bad.pdf").write_bytes(b"%PDF-1.4 broken")
    (basement / "link.tif").symlink_to(basement / "0.tif")
    wrong, right = "00" * 32, file_sha256(basement / "10.tif")
    head = "file,mrn,last,first,dob,type,service_date,pages,sha256"
    ada = "0012345,Samplewood,Ada,1961-03-07"
    lines = [
        f"0.tif,{ada},LAB,2024-03-04,1,",
        f"1.tif,{ada},LAB,2024-03-04,9,",
        "2.tif,31337,,,,,,,",
        "3.tif,0012345,Specimen,Ada,1961-03-07,,,,",
        "4.tif,0012345,Samplewood,Ada,1961-03-08,,,,",
        f"5.tif,{ada},LAB of old,,,",
        f"6.tif,{ada},,1950-01-01,,",
        f"7.tif,{ada},,2999-01-01,,",
        f"8.tif,{ada},,,,{wrong}",
        "twin.tif,,,,,,,,",
        f"10.tif,,,,,,,,{right}",
        "10.tif,,,,,,,,",
        "gone.tif,,,,,,,3,",
        "bad.pdf,,,,,,,,",
        "link.tif,,,,,,,,",
        "../else.tif,,,,,,,,",
        "short,line",
        "9.tif,0055555,Oldname,Eve,1999-05-05,,,,",
        "11.tif,67890,Testerman Lopez,Jose,12/24/1980,progress_note,12/24/1980,3,",
    ]
    batch = run(desk, order_of(basement, listing(basement, *lines, head=head)))
    assert said_of(desk, batch) == {
        3: ("accepted", "page_count"),
        4: ("accepted", "unknown_mrn"),
        5: ("accepted", "name_differs"),
        6: ("accepted", "birth_date_differs"),
        7: ("accepted", "unknown_type"),
        8: ("accepted", "impossible_date"),
        9: ("accepted", "impossible_date"),
        10: ("accepted", "checksum"),
        11: ("duplicate", "same_content"),
        13: ("duplicate", "named_twice same_content"),
        14: ("missing", "not_there"),
        15: ("refused", "incomplete_file"),
        16: ("refused", "link"),
        17: ("rejected", "outside_folders"),
        18: ("rejected", "field_count"),
        21: ("surplus", "not_named"),
    }


def test_content_that_came_before_is_said(desk, basement):
    paper(basement / "a.tif", 1)
    run(desk, order_of(basement))
    batch = run(desk, order_of(basement))
    assert said_of(desk, batch) == {1: ("duplicate", "in_vault")}


def test_an_import_interrupted_anywhere_and_resumed_is_as_if_it_had_not_been(
    desk, basement, monkeypatch, tmp_path
):
    monkeypatch.setattr(migration, "FILES_A_COMMIT", 3)
    for number in range(20):
        paper(basement / f"{number:02}.tif", number % 15)
    (basement / "03.tif").write_bytes(b"")
    lines = [f"{number:02}.tif,,,," for number in range(25)]
    order = order_of(basement, listing(basement, *lines))
    expected = None
    for stops in ((), (1, 1, 2), (3,), (1, 1, 1, 1, 1, 1, 1)):
        fresh = _emptied(desk, tmp_path / f"run-{len(stops)}")
        for stop_after in stops:
            run(fresh, order, stop_after=stop_after)
        batch = run(fresh, order)
        assert batch.finished_at
        expected = expected or whole_ledger(fresh)
        assert whole_ledger(fresh) == expected
    assert len(expected[0]) == 20
    assert len(expected[1]) == 15


def _emptied(desk, folder):
    (folder / "vault").mkdir(parents=True)
    create_ledger(folder / "ledger.db")
    return replace(desk, ledger=open_ledger(folder / "ledger.db"), vault=Vault(folder / "vault"))


def test_a_list_run_again_changes_nothing_but_tries_what_failed(desk, basement):
    paper(basement / "a.tif", 1)
    (basement / "b.tif").write_bytes(b"")
    order = order_of(basement, listing(basement, "a.tif,,,,", "b.tif,,,,", "c.tif,,,,"))
    first = run(desk, order)
    before = whole_ledger(desk)
    again = run(desk, order)
    assert again.id == first.id
    assert whole_ledger(desk) == before, "refused again is no second arrival"
    paper(basement / "b.tif", 2)
    paper(basement / "c.tif", 3)
    run(desk, order)
    assert states(desk, first) == {"taken": 3}
    assert said_of(desk, first) == {}


def test_a_folder_is_resumed_with_what_is_new_in_it(desk, basement):
    paper(basement / "a.tif", 1)
    first = run(desk, order_of(basement))
    paper(basement / "0 new.tif", 2)
    again = run(desk, order_of(basement), resume=True)
    assert again.id == first.id
    assert states(desk, again) == {"taken": 2}
    assert len(arrived(desk)) == 2
    other = run(desk, order_of(basement))
    assert other.id != first.id


def test_a_file_that_is_written_to_meanwhile_is_refused(desk, basement, monkeypatch):
    path = paper(basement / "a.tif", 1)
    examined = type(desk).examine

    def slow(self, given):
        facts = examined(self, given)
        with path.open("ab") as file:
            file.write(b"more")
        return facts

    monkeypatch.setattr(type(desk), "examine", slow)
    batch = run(desk, order_of(basement))
    assert said_of(desk, batch) == {1: ("refused", "incomplete_file")}


def test_a_dry_run_takes_nothing(desk, basement, tmp_path, known_patients):
    paper(basement / "a.tif", 1, 2)
    paper(basement / "b.tif", 1, 2)
    (basement / "c.pdf").write_bytes(b"")
    order = order_of(
        basement, listing(basement, "a.tif,,12345,2,", "b.tif,,1,3,", "c.pdf,,,,", "d,,,,")
    )
    create_ledger(tmp_path / "scratch.db")
    scratch = open_ledger(tmp_path / "scratch.db")
    batch = open_batch(scratch, order, resume=False)
    write_down(scratch, desk.ledger, batch, order, load_doctypes(), lambda _: None)
    survey = migration.survey(desk, scratch, batch, Pace())
    found = [migration.outcome_name(one) for some in survey for one in some]
    assert found == ["accepted", "duplicate", "refused", "missing"]
    assert arrived(desk) == []
    assert stored(desk) == []
    with desk.ledger.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM batch_items")).scalar_one() == 0
    scratch.close()


def test_files_are_taken_no_faster_than_asked(desk, basement):
    for number in range(4):
        paper(basement / f"{number}.tif", number)
    batch = open_batch(desk.ledger, order_of(basement), resume=False)
    write_down(desk.ledger, desk.ledger, batch, order_of(basement), load_doctypes(), lambda _: None)
    began = time.monotonic()
    list(migration.take_in(desk, batch, Pace(files_a_minute=600)))
    assert time.monotonic() - began >= 0.3


def test_told_to_stop_it_ends_between_two_files(desk, basement):
    for number in range(5):
        paper(basement / f"{number}.tif", number)
    stop = threading.Event()
    order = order_of(basement)
    batch = open_batch(desk.ledger, order, resume=False)
    write_down(desk.ledger, desk.ledger, batch, order, load_doctypes(), lambda _: None)
    stop.set()
    assert list(migration.take_in(desk, batch, Pace(stop=stop))) == []
    assert states(desk, batch) == {"expected": 5}
    assert not run(desk, order, resume=True).closed_at
    assert states(desk, batch) == {"taken": 5}


def test_one_import_at_a_time(desk):
    with migration.alone(desk), pytest.raises(AlreadyRunning), migration.alone(desk):
        pass


def test_a_folder_that_is_not_there_is_said(desk, tmp_path):
    with pytest.raises(SourceMissing):
        run(desk, order_of(tmp_path / "nowhere" / "box"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_does_not_stop_the_others(desk, basement):
    paper(basement / "a.tif", 1).chmod(0)
    paper(basement / "b.tif", 2)
    batch = run(desk, order_of(basement))
    assert states(desk, batch) == {"taken": 1, "refused": 1}

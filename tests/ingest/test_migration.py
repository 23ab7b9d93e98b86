"""Files taken in from where they lie: what is found out, and what an interruption costs."""

import os
import threading
import time
from dataclasses import replace

import pytest
from importing import come_to_its_end, listing, order_of, paper, run, said_of, states
from originals import stored
from sqlalchemy import text

from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.ingest import migration, mounts
from chartkeeper.ingest.batches import conclude, open_batch, write_down
from chartkeeper.ingest.errors import AlreadyRunning, SourceEmpty, SourceGone, SourceMissing
from chartkeeper.ingest.migration import Pace
from chartkeeper.ingest.sources import Sources, sources_of
from chartkeeper.records import arrivals, batches
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
    (basement / "folder").mkdir()
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
        "folder,,,,,,,,",
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
        21: ("refused", "folder"),
        22: ("surplus", "not_named"),
    }


def test_content_that_came_before_is_said(desk, basement):
    paper(basement / "a.tif", 1)
    come_to_its_end(desk, run(desk, order_of(basement)))
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
    come_to_its_end(desk, again)
    other = run(desk, order_of(basement))
    assert other.id != first.id


def test_an_import_of_folders_stopped_while_its_files_are_read_is_no_new_one_afterwards(
    desk, basement
):
    paper(basement / "a.tif", 1)
    first = run(desk, order_of(basement))
    assert first.finished_at
    again = run(desk, order_of(basement))
    assert again.id == first.id
    assert len(arrived(desk)) == 1
    assert said_of(desk, again) == {}


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
    survey = migration.survey(desk, scratch, batch, Pace(), Sources())
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
    list(migration.take_in(desk, batch, Pace(files_a_minute=600), Sources()))
    assert time.monotonic() - began >= 0.3


def test_told_to_stop_it_ends_between_two_files(desk, basement):
    for number in range(5):
        paper(basement / f"{number}.tif", number)
    stop = threading.Event()
    order = order_of(basement)
    batch = open_batch(desk.ledger, order, resume=False)
    write_down(desk.ledger, desk.ledger, batch, order, load_doctypes(), lambda _: None)
    stop.set()
    assert list(migration.take_in(desk, batch, Pace(stop=stop), Sources())) == []
    assert states(desk, batch) == {"expected": 5}
    assert not run(desk, order, resume=True).closed_at
    assert states(desk, batch) == {"taken": 5}


def test_one_import_at_a_time(desk):
    with migration.alone(desk), pytest.raises(AlreadyRunning), migration.alone(desk):
        pass


def test_a_folder_that_is_not_there_is_said(desk, tmp_path):
    with pytest.raises(SourceMissing):
        run(desk, order_of(tmp_path / "nowhere" / "box"))


MOUNT = "22 1 0:40 / {} rw - nfs4 server:/scans rw\n"


@pytest.fixture
def share(basement, monkeypatch, tmp_path):
    """The basement as a share: calling it disconnects it, and leaves the empty mount point."""
    mounted = tmp_path / "mountinfo"
    mounted.write_text(MOUNT.format(basement))
    monkeypatch.setattr(mounts, "MOUNTS", mounted)

    def disconnect():
        mounted.write_text("")
        for path in list(basement.iterdir()):
            path.rename(tmp_path / f"away {path.name}")

    def connect():
        mounted.write_text(MOUNT.format(basement))
        for path in tmp_path.glob("away *"):
            path.rename(basement / path.name.removeprefix("away "))

    disconnect.undo = connect
    return disconnect


def test_a_share_that_goes_away_in_the_middle_ends_an_import_and_nothing_is_missing(
    desk, basement, share, monkeypatch
):
    monkeypatch.setattr(migration, "FILES_A_COMMIT", 2)
    for number in range(6):
        paper(basement / f"{number}.tif", number)
    examine = desk.examine

    def slow(path):
        if path.name == "3.tif":
            share()
        return examine(path)

    monkeypatch.setattr(type(desk), "examine", lambda _, path: slow(path))
    order = order_of(basement, listing(basement, *(f"{n}.tif,,,,1" for n in range(6))))
    with pytest.raises(SourceGone):
        run(desk, order)
    with desk.ledger.read() as connection:
        (batch,) = batches.newest(connection, 2)
    assert not batch.finished_at
    assert states(desk, batch) == {"taken": 2, "expected": 4}
    share.undo()
    monkeypatch.undo()
    assert states(desk, run(desk, order)) == {"taken": 6}


def test_an_import_is_not_finished_when_its_share_went_away_before_the_look_for_surplus(
    desk, basement, share
):
    paper(basement / "0.tif", 0)
    paper(basement / "never named.tif", 1)
    order = order_of(basement, listing(basement, "0.tif,,,,"))
    stop_after = run(desk, order, stop_after=1)
    assert states(desk, stop_after) == {"taken": 1}
    sources = sources_of(order.places.given)
    share()
    with pytest.raises(SourceGone):
        conclude(desk.ledger, desk.ledger, stop_after, order, lambda _: None, sources)
    with desk.ledger.read() as connection:
        assert not batches.get(connection, stop_after.id).finished_at


def test_a_folder_that_went_away_is_no_source(tmp_path):
    (tmp_path / "box").mkdir()
    sources = sources_of([tmp_path / "box"])
    sources.check()
    (tmp_path / "box").rmdir()
    with pytest.raises(SourceGone):
        sources.check()


def test_a_file_of_which_nobody_knows_whether_it_is_there_is_not_said_to_be_missing(desk, basement):
    (basement / "round").symlink_to("round")
    batch = run(desk, order_of(basement, listing(basement, "round/a.tif,,,,", "gone/a.tif,,,,")))
    assert said_of(desk, batch)[2] == ("refused", "cannot_be_opened")
    assert said_of(desk, batch)[3] == ("missing", "not_there")


def test_folders_without_a_file_are_no_import(desk, basement):
    (basement / "box").mkdir()
    with pytest.raises(SourceEmpty):
        run(desk, order_of(basement))
    paper(basement / "box" / "a.tif", 1)
    assert run(desk, order_of(basement)).id == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_does_not_stop_the_others(desk, basement):
    paper(basement / "a.tif", 1).chmod(0)
    paper(basement / "b.tif", 2)
    batch = run(desk, order_of(basement))
    assert states(desk, batch) == {"taken": 1, "refused": 1}

"""Imports that are run once more: what was mended meanwhile, and what was excused before."""

import os

import pytest
from importing import (
    NOW,
    adds_up,
    listing,
    order_of,
    paper,
    read_and_file,
    report,
    run,
    said_of,
    states,
)
from sqlalchemy import text

from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.ingest import batches as ingest_batches
from chartkeeper.ingest import migration
from chartkeeper.ingest.batches import conclude, open_batch, write_down
from chartkeeper.ingest.manifest_mapping import DipTags, FieldMap, Target
from chartkeeper.ingest.migration import Pace
from chartkeeper.ingest.sources import Sources
from chartkeeper.ocr.page import Box, Page, PageKind, TextSource, Word
from chartkeeper.records import access_log, arrivals, batch_closing, batch_report, batches
from chartkeeper.records.access_log import Event
from chartkeeper.records.errors import BatchClosed, NothingToExcuse
from chartkeeper.records.model import (
    FILING_FIELDS,
    ArrivalState,
    Decision,
    DocumentStatus,
    Filing,
)


@pytest.fixture
def basement(tmp_path):
    folder = tmp_path / "basement"
    folder.mkdir()
    return folder


def sheet(task):
    words = (Word("words", Box(100, 100, 140, 30), 0.96, 0),)
    return Page(task.number, 1700, 2200, 200, 0, PageKind.CONTENT, TextSource.OCR, words)


def filed(scan):
    decided = [Decision(field, None, 0.0, "as the test says") for field in FILING_FIELDS]
    return Filing(1, scan.page_count, *decided, (), DocumentStatus.FILED, "")


def read_all(desk, pick=sheet):
    read_and_file(desk, filed, pick)


def lacking(desk, batch):
    with desk.ledger.read() as connection:
        return batch_closing.lacking(connection, batch.id)


def excuse(desk, batch, line):
    with desk.ledger.write() as connection:
        return batch_closing.excuse(connection, batch.id, line, "lost in 2003", "admin", NOW)


def close(desk, batch):
    with desk.ledger.write() as connection:
        return batch_closing.close(connection, batch.id, "admin", NOW)


def lines_of(desk, batch):
    with desk.ledger.read() as connection:
        return {line["line"]: line for line in batch_report.exceptions(connection, batch.id)}


def arrived(desk):
    with desk.ledger.read() as connection:
        return list(reversed(arrivals.newest(connection, 1000)))


def rows(desk, query):
    with desk.ledger.read() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def log(desk, event):
    with desk.ledger.read() as connection:
        return access_log.entries(connection, access_log.Wanted(event=event), 100)


class PowerCut(Exception):
    """The power goes off."""


def cut_power_in_the_walk(desk, order, monkeypatch, after):
    """An import up to so many files looked for; the power goes off then."""
    monkeypatch.setattr(ingest_batches, "FILES_AT_ONCE", 2)
    batch = open_batch(desk.ledger, order, resume=False)
    write_down(desk.ledger, desk.ledger, batch, order, load_doctypes(), lambda _: None)
    list(migration.take_in(desk, batch, Pace(), Sources()))

    def told(number):
        if number >= after:
            raise PowerCut

    with pytest.raises(PowerCut):
        conclude(desk.ledger, desk.ledger, batch, order, told, Sources())
    return batch


def test_a_batch_is_not_finished_before_surplus_files_were_looked_for(desk, basement, monkeypatch):
    for number in range(9):
        paper(basement / f"{number}.tif", number)
    order = order_of(basement, listing(basement, "0.tif,,,,"))
    batch = cut_power_in_the_walk(desk, order, monkeypatch, after=4)
    read_all(desk)
    assert "not read to its end" in close(desk, batch)
    again = run(desk, order)
    assert again.id == batch.id
    assert again.finished_at
    assert states(desk, again) == {"taken": 1, "surplus": 8}
    assert "files not on the list: 8" in close(desk, again)


def test_surplus_files_that_were_noted_stay_noted_while_they_are_looked_for_again(
    desk, basement, monkeypatch
):
    for number in range(9):
        paper(basement / f"{number}.tif", number)
    order = order_of(basement, listing(basement, "0.tif,,,,"))
    first = run(desk, order)
    before = lines_of(desk, first)
    (basement / "8.tif").unlink()
    cut_power_in_the_walk(desk, order, monkeypatch, after=4)
    assert len(lines_of(desk, first)) == 7
    assert "not read to its end" in lacking(desk, first)
    run(desk, order)
    assert list(lines_of(desk, first)) == list(before)[:-1]


def bury(folder, levels, name_chars, number):
    """A file so many folders deep, with names of such a length; no path can name it if too long."""
    at = os.open(folder, os.O_DIRECTORY)
    for _ in range(levels):
        name = "d" * name_chars
        os.mkdir(name, dir_fd=at)
        below = os.open(name, os.O_DIRECTORY, dir_fd=at)
        os.close(at)
        at = below
    paper(folder / "buried.tif", number)
    os.rename(folder / "buried.tif", "buried.tif", dst_dir_fd=at)
    os.close(at)


def test_a_folder_that_cannot_be_opened_keeps_an_import_open_until_it_can(desk, basement):
    paper(basement / "a.tif", 1)
    bury(basement, 20, 250, 2)
    batch = run(desk, order_of(basement))
    read_all(desk)
    assert said_of(desk, batch) == {2: ("surplus", "folder_closed")}
    assert "folders that were not looked into: 1 (line 2)" in close(desk, batch)
    (counted,) = [box for box in report(desk, batch) if box.files.unopened]
    assert (counted.files.unopened, counted.files.surplus) == (1, 0)
    assert sum(box.files.expected for box in report(desk, batch)) == 1
    again = run(desk, order_of(basement), resume=True)
    assert list(lines_of(desk, again)) == [2]
    (basement / ("d" * 250)).rename(basement / "e")
    (basement / "e" / ("d" * 250)).rename(basement / "f")
    bring_up = basement / "f"
    for name in "ghij":
        (bring_up / ("d" * 250)).rename(basement / name)
        bring_up = basement / name
    run(desk, order_of(basement), resume=True)
    read_all(desk)
    assert said_of(desk, batch) == {}
    assert states(desk, batch) == {"taken": 2}
    assert close(desk, batch) == ""


def test_a_folder_that_lies_too_deep_is_said_and_may_be_excused(desk, basement):
    paper(basement / "a.tif", 1)
    bury(basement, 34, 2, 2)
    batch = run(desk, order_of(basement))
    read_all(desk)
    assert said_of(desk, batch) == {2: ("surplus", "folder_too_deep")}
    excuse(desk, batch, 2)
    run(desk, order_of(basement), resume=True)
    assert close(desk, batch) == ""


def test_folders_not_looked_into_are_said_of_an_import_by_list_too(desk, basement):
    paper(basement / "a.tif", 1)
    bury(basement, 34, 2, 2)
    order = order_of(basement, listing(basement, "a.tif,,,,"))
    batch = run(desk, order)
    read_all(desk)
    assert said_of(desk, batch) == {3: ("surplus", "folder_too_deep")}
    (basement / "dd" / "dd").rename(basement / "up")
    (basement / "up" / "dd").rename(basement / "upper")
    run(desk, order)
    assert said_of(desk, batch) == {3: ("surplus", "not_named")}


def test_a_folder_that_may_not_be_opened_while_the_others_are_read(desk, basement, monkeypatch):
    paper(basement / "open" / "a.tif", 1)
    paper(basement / "closed" / "b.tif", 2)
    (basement / "lost+found").mkdir()
    listed = os.scandir

    def forbid(folder):
        if os.fspath(folder).endswith(("closed", "lost+found")):
            raise PermissionError
        return listed(folder)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", forbid)
        batch = run(desk, order_of(basement))
    assert said_of(desk, batch) == {1: ("surplus", "folder_closed")}
    excuse(desk, batch, 1)
    run(desk, order_of(basement), resume=True)
    assert states(desk, batch) == {"taken": 2}


def test_a_file_replaced_by_the_right_one_is_taken_by_the_same_list(desk, basement):
    paper(basement / "a.tif", 1, 1)
    paper(basement / "b.tif", 2, 1)
    order = order_of(basement, listing(basement, "a.tif,x,,2,", "b.tif,x,,1,"))
    batch = run(desk, order)
    read_all(desk)
    first = arrived(desk)[0]
    assert said_of(desk, batch) == {2: ("accepted", "page_count")}
    paper(basement / "a.tif", 3, 2)
    run(desk, order)
    read_all(desk)
    assert said_of(desk, batch) == {2: ("accepted", "replaced")}
    assert f"(arrival {first.id}) stays in the vault" in lines_of(desk, batch)[2]["reason"]
    assert lines_of(desk, batch)[2]["pages_received"] == 2
    assert [one.state for one in arrived(desk)] == [ArrivalState.ACCEPTED] * 3
    assert rows(desk, "SELECT scan_id, status FROM documents ORDER BY scan_id") == [
        (1, "filed"), (2, "filed"), (3, "filed"),
    ]  # fmt: skip
    (box,) = report(desk, batch)
    assert adds_up(box)
    assert (box.replaced, box.files.filed, box.pages.expected, box.pages.filed) == (1, 2, 3, 3)
    assert close(desk, batch) == ""


def test_what_is_as_it_was_is_kept_as_it_is(desk, basement):
    paper(basement / "a.tif", 1, 1)
    paper(basement / "twin.tif", 1, 1)
    order = order_of(basement, listing(basement, "a.tif,,,2,", "twin.tif,,,2,", "c.tif,,,,"))
    batch = run(desk, order)
    read_all(desk)
    excuse(desk, batch, 2)
    query = "SELECT * FROM batch_items ORDER BY id", "SELECT * FROM arrivals ORDER BY id"
    before = [rows(desk, one) for one in query]
    run(desk, order)
    assert [rows(desk, one) for one in query] == before
    (basement / "a.tif").unlink()
    run(desk, order)
    assert [rows(desk, one) for one in query] == before


def test_a_replacement_that_cannot_be_used_takes_nothing_away(desk, basement):
    paper(basement / "a.tif", 1, 1)
    order = order_of(basement, listing(basement, "a.tif,,,2,"))
    batch = run(desk, order)
    (basement / "a.tif").write_bytes(b"")
    run(desk, order)
    assert said_of(desk, batch) == {2: ("accepted", "empty_file page_count replacement_refused")}
    assert states(desk, batch) == {"taken": 1}
    paper(basement / "a.tif", 2, 2)
    run(desk, order)
    assert said_of(desk, batch) == {2: ("accepted", "replaced")}


def test_a_better_scan_of_a_page_that_could_not_be_read_is_taken(desk, basement):
    paper(basement / "a.tif", 1, 2)
    paper(basement / "b.tif", 2, 1)
    order = order_of(basement, listing(basement, "a.tif,,,2,", "b.tif,,,1,"))
    batch = run(desk, order)
    read_all(desk, lambda task: "too dark" if task.number == 2 else sheet(task))
    run(desk, order)
    assert "pages that cannot be read: 1 (line 2)" in lacking(desk, batch)
    paper(basement / "a.tif", 3, 2)
    run(desk, order)
    read_all(desk)
    assert close(desk, batch) == ""
    assert len(arrived(desk)) == 3


def test_only_what_is_wrong_can_be_excused(desk, basement):
    paper(basement / "a.tif", 1)
    paper(basement / "b.tif", 2)
    lines = "a.tif,,31337,1,", "b.tif,,,2,", "c.tif,,,,"
    batch = run(desk, order_of(basement, listing(basement, *lines)))
    with pytest.raises(NothingToExcuse):
        excuse(desk, batch, 3)  # not read yet: more may turn out to be wrong
    read_all(desk)
    with pytest.raises(NothingToExcuse):
        excuse(desk, batch, 2)
    assert [line["may_be_excused"] for line in lines_of(desk, batch).values()] == [
        False, True, True,
    ]  # fmt: skip
    excuse(desk, batch, 3)
    excuse(desk, batch, 4)
    assert close(desk, batch) == ""


def test_an_excuse_ends_when_something_else_becomes_of_its_line(desk, basement):
    order = order_of(basement, listing(basement, "gone.tif,,,1,", "lost.tif,,,1,"))
    batch = run(desk, order)
    excuse(desk, batch, 2)
    excuse(desk, batch, 3)
    assert lacking(desk, batch) == ""
    paper(basement / "gone.tif", 1, 3)
    run(desk, order)
    read_all(desk)
    assert close(desk, batch) == "files with another number of pages: 1 (line 2)"
    (entry,) = log(desk, Event.BATCH_EXCUSE_ENDED)
    assert entry.entry.detail == {"batch": batch.id, "line": 2}
    excuse(desk, batch, 2)
    assert close(desk, batch) == ""


def test_a_list_first_run_with_a_wrong_root_is_not_spoilt(desk, basement):
    for number in range(3):
        paper(basement / f"{number}.tif", number)
    listed = listing(basement, *(rf"D:\Scans\{number}.tif,x,,1," for number in range(3)))
    batch = run(desk, order_of(basement, listed, mapping=FieldMap(roots=[("E:", basement)])))
    assert states(desk, batch) == {"rejected": 3, "surplus": 3}
    excuse(desk, batch, 2)
    excuse(desk, batch, 5)
    right = order_of(basement, listed, mapping=FieldMap(roots=[(r"D:\Scans", basement)]))
    again = run(desk, right)
    read_all(desk)
    assert again.id == batch.id
    assert states(desk, again) == {"taken": 3}
    assert said_of(desk, again) == {}
    assert [entry.entry.detail["line"] for entry in log(desk, Event.BATCH_EXCUSE_ENDED)] == [2]
    assert close(desk, again) == ""
    with pytest.raises(BatchClosed):
        run(desk, order_of(basement, listed))


def test_a_list_read_anew_takes_no_file_twice_and_says_what_it_says_now(
    desk, basement, known_patients
):
    for number in range(3):
        paper(basement / f"{number}.tif", number)
    head = "file,old,chart no,pages"
    listed = listing(basement, "0.tif,9,0012345,1", "1.tif,9,0067890,1", "2.tif,9,,1", head=head)
    wrong = order_of(basement, listed, mapping=FieldMap({Target.MRN: "old"}))
    batch = run(desk, wrong)
    read_all(desk)
    assert set(said_of(desk, batch).values()) == {("accepted", "unknown_mrn")}
    again = run(desk, order_of(basement, listed))
    assert again.id == batch.id
    assert said_of(desk, again) == {}
    assert len(arrived(desk)) == 3
    assert rows(desk, "SELECT line, mrn, state FROM batch_items ORDER BY line") == [
        (2, "0012345", "taken"), (3, "0067890", "taken"), (4, "", "taken"),
    ]  # fmt: skip
    assert rows(desk, "SELECT count(*) FROM documents WHERE to_file") == [(3,)]
    assert rows(desk, "SELECT count(*), sum(lines) FROM batches") == [(1, 3)]


def test_a_listing_interrupted_and_gone_on_with_in_another_way_is_wholly_of_the_other(
    desk, basement, monkeypatch
):
    monkeypatch.setattr(ingest_batches, "FILES_AT_ONCE", 2)
    for number in range(7):
        paper(basement / f"{number}.tif", number)
    head = "file,old,box"
    listed = listing(basement, *(f"{number}.tif,a,b" for number in range(7)), head=head)
    wrong = order_of(basement, listed, mapping=FieldMap({Target.BOX: "old"}))
    batch = open_batch(desk.ledger, wrong, resume=False)

    def told(number):
        if number >= 4:
            raise PowerCut

    for order in (wrong, order_of(basement, listed)):
        batch = open_batch(desk.ledger, order, resume=False)
        with pytest.raises(PowerCut):
            write_down(desk.ledger, desk.ledger, batch, order, load_doctypes(), told)
    again = run(desk, order_of(basement, listed))
    assert rows(desk, "SELECT DISTINCT box FROM batch_items") == [("b",)]
    assert rows(desk, "SELECT line FROM batch_items ORDER BY 1") == [(n,) for n in range(2, 9)]
    assert (again.id, again.lines) == (1, 7)


def test_a_list_worked_off_one_disk_after_the_other_keeps_what_came(desk, basement):
    disks = [basement / "disk 1", basement / "disk 2"]
    for number, disk in enumerate(disks):
        paper(disk / f"{number}.tif", number)
    listed = listing(basement, *(f"{disk}/{n}.tif,x,,1," for n, disk in enumerate(disks)))
    batch = run(desk, order_of(disks[0], listed))
    assert states(desk, batch) == {"taken": 1, "rejected": 1}
    (disks[0] / "0.tif").unlink()
    run(desk, order_of(disks[1], listed))
    read_all(desk)
    assert states(desk, batch) == {"taken": 2}
    assert len(arrived(desk)) == 2
    assert close(desk, batch) == ""


def test_lines_that_a_list_read_anew_does_not_have_are_forgotten(desk, basement):
    paper(basement / "a.tif", 1)
    paper(basement / "b.tif", 2)
    listed = basement.parent / "list.dip"
    listed.write_text("##DOC\nPATH=a.tif\nBOX=1\n##DOC\nOLD=b.tif\n")
    for begin, tag in (("##DOC", "OLD="), ("##DOC", "PATH=")):
        mapping = FieldMap({Target.FILE: tag}, dip=DipTags(begin))
        batch = run(desk, order_of(basement, listed, mapping=mapping))
    found = rows(desk, "SELECT line, state, file FROM batch_items ORDER BY line")
    assert [state for _, state, _ in found] == ["taken", "rejected", "surplus"]
    assert (found[0][2], found[2][2]) == ("a.tif", "b.tif")
    assert batch.id == 1


def test_resume_after_an_import_of_an_older_program_takes_nothing_twice(desk, basement):
    """Which left arrivals, and no batch."""
    paper(basement / "a.tif", 1)
    run(desk, order_of(basement))
    read_all(desk)
    with desk.ledger.write() as connection:
        connection.execute(text("DELETE FROM batch_items"))
        connection.execute(text("DELETE FROM batches"))
    batch = run(desk, order_of(basement), resume=True)
    assert said_of(desk, batch) == {1: ("duplicate", "in_vault")}
    assert rows(desk, "SELECT count(*) FROM scans") == [(1,)]
    assert rows(desk, "SELECT count(*) FROM documents") == [(1,)]
    assert close(desk, batch) == ""


def test_files_of_the_import_itself_are_no_surplus(desk, basement):
    paper(basement / "a.tif", 1)
    listed = basement / "list.csv"
    listed.write_text("file\na.tif\n")
    (basement / "map.toml").write_text("")
    (basement / "linked.csv").symlink_to(listed)
    order = order_of(basement, basement / "linked.csv", beside=(basement / "map.toml",))
    assert states(desk, run(desk, order)) == {"taken": 1}


def test_lists_of_other_imports_are_no_surplus(desk, basement):
    paper(basement / "box 1" / "a.tif", 1)
    for box, name in (("box 1", "first.csv"), ("box 1", "second.csv")):
        (basement / box / name).write_text(f"file,{name}\na.tif,x\n")
    first = order_of(basement / "box 1", basement / "box 1" / "first.csv")
    assert states(desk, run(desk, first)) == {"taken": 1, "surplus": 1}
    second = order_of(basement / "box 1", basement / "box 1" / "second.csv")
    assert states(desk, run(desk, second)) == {"taken": 1}


def test_counts_of_batches_do_not_change_while_they_are_looked_at(desk, basement):
    paper(basement / "a.tif", 1, 1)
    order = order_of(basement, listing(basement, "a.tif,x,,2,"))
    batch = run(desk, order)
    read_all(desk)
    open_batch(desk.ledger, order, resume=False)
    (box,) = report(desk, batch)
    assert adds_up(box)
    assert "files not read yet: 1 (line 2)" in lacking(desk, batch)
    with desk.ledger.read() as connection:
        assert batches.get(connection, batch.id).finished_at is None

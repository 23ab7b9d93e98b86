"""Kills, switches, damage, and other processes."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chartkeeper.index.generations import current_generation
from chartkeeper.index.language import parse
from chartkeeper.index.search import open_searcher
from chartkeeper.index.store import (
    IndexInUse,
    IndexMissing,
    IndexNeedsRebuild,
    Rebuild,
    create_index,
    open_writer,
    start_rebuild,
)

WRITE_ON = """
import sys
from pathlib import Path
from chartkeeper.index.entry import PageEntry
from chartkeeper.index.store import open_writer
with open_writer(Path(sys.argv[1])) as writer:
    number = writer.count()
    print("open", flush=True)
    while True:
        mrn = str(number % 2 + 1)
        writer.write([PageEntry(f"p{number}", "", mrn, "", None, "chest pain"),
                      PageEntry("relinked", "", mrn, "", None, "chest pain")], [])
        print(number, flush=True)
        number += 1
"""
REBUILD = """
import sys
from pathlib import Path
from chartkeeper.index.entry import PageEntry
from chartkeeper.index.store import start_rebuild
rebuild = start_rebuild(Path(sys.argv[1]))
rebuild.add(PageEntry(f"r{n}", "", "", "", None, "rebuilt") for n in range(20))
print("added", flush=True)
sys.stdin.read()
"""


def start(script, folder):
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def end(process):
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    process.stdin.close()
    return rest


def test_a_killed_writer_loses_nothing_it_acknowledged(folder):
    chance, searcher, acknowledged = random.Random(7), open_searcher(folder), set()
    for _ in range(6):
        process = start(WRITE_ON, folder)
        assert process.stdout.readline() == "open\n"
        with pytest.raises(IndexInUse):
            open_writer(folder)
        time.sleep(chance.uniform(0.0, 0.4))
        acknowledged |= {f"p{number}" for number in end(process)}
        assert acknowledged <= set(searcher.keys())
        hits = searcher.search(parse("chest pain"), 1000).hits
        assert sorted(hit.key for hit in hits) == sorted(searcher.keys())
        hits = searcher.search(parse("mrn:1 OR mrn:2"), 1000).hits
        assert [hit.key for hit in hits].count("relinked") == bool(acknowledged)
    assert len(acknowledged) > 6
    with open_writer(folder) as writer:
        writer.write([], list(searcher.keys()))
    assert searcher.count() == 0


def test_another_process_sees_each_commit_while_it_is_written(folder):
    searcher = open_searcher(folder)
    process = start(WRITE_ON, folder)
    process.stdout.readline()
    for _ in range(15):
        number = int(process.stdout.readline())
        found = searcher.search(parse("chest"), 1000).hits
        assert f"p{number}" in [hit.key for hit in found]
        assert [hit.key for hit in found].count("relinked") == 1
    end(process)


def test_killed_writers_leave_no_files_behind(folder, page):
    process = start(WRITE_ON, folder)
    process.stdout.readline()
    end(process)
    generation = current_generation(folder)
    (generation / "_MAIN_9.toc.1234.5").touch()
    with open_writer(folder) as writer:
        writer.write([page("p1")], [])
    assert {path.suffix for path in generation.iterdir()} == {".toc", ".seg"}


def test_a_rebuild_is_made_beside_and_switched(folder, writer, searcher, find, page):
    writer.write([page("old", mrn="1"), page("both", mrn="1")], [])
    with start_rebuild(folder) as rebuild:
        rebuild.add(page(f"new{n}", mrn="2") for n in range(3))
        rebuild.add([page("both", mrn="2")])
        assert find("chest") == ["both", "old"]
        rebuild.switch()
    assert find("chest") == ["both", "new0", "new1", "new2"]
    assert find("mrn:1") == []
    assert len(list(folder.glob("g-*"))) == 1
    writer.write([page("later")], ["new0"])
    assert find("chest") == ["both", "later", "new1", "new2"]


def test_what_is_written_during_a_rebuild_is_in_it(folder, writer, find, page, day):
    writer.write([page("p1", "before"), page("p2", "before")], [])
    with start_rebuild(folder) as rebuild:
        rebuild.add([page("p1", "stale"), page("p2", "stale")])
        changed = page(
            "p1", "é fresh", type="letter", mrn="7", patient="A B", service_date=day("2024-01-02")
        )
        writer.write([changed, page("p3", "fresh")], ["p2"])
        rebuild.switch()
    assert find("*") == ["p1", "p3"]
    assert find("fresh mrn:7 type:letter patient:a date:2024") == ["p1"]
    assert not (folder / "rebuild.journal").exists()


def test_what_is_written_at_the_last_moment_of_a_rebuild_is_in_it(
    folder, writer, find, page, monkeypatch
):
    caught_up = Rebuild._catch_up

    def catch_up_and_write(rebuild):
        caught_up(rebuild)
        if find("late") == []:
            writer.write([page("p2", "late")], [])

    with start_rebuild(folder) as rebuild:
        rebuild.add([page("p1")])
        monkeypatch.setattr(Rebuild, "_catch_up", catch_up_and_write)
        rebuild.switch()
    assert find("*") == ["p1", "p2"]


def test_a_half_written_line_of_the_journal_is_left_out(folder, writer, find, page):
    with start_rebuild(folder) as rebuild:
        writer.write([page("p1")], [])
        with (folder / "rebuild.journal").open("a") as journal:
            journal.write('\n{"pages": [{"key": "torn')
        writer.write([page("p2")], [])
        rebuild.switch()
    assert find("*") == ["p1", "p2"]


def test_a_rebuild_that_is_not_switched_changes_nothing(folder, writer, find, page):
    writer.write([page("p1")], [])
    with start_rebuild(folder) as rebuild:
        rebuild.add([page("p2")])
    assert find("*") == ["p1"]
    assert len(list(folder.glob("g-*"))) == 1


def test_a_rebuild_killed_before_the_switch_changes_nothing(folder, find, page):
    with open_writer(folder) as writer:
        writer.write([page("p1")], [])
    process = start(REBUILD, folder)
    assert process.stdout.readline() == "added\n"
    with pytest.raises(IndexInUse, match="rebuilding"):
        start_rebuild(folder)
    with open_writer(folder) as writer:
        writer.write([page("p2")], [])
        end(process)
        assert len(list(folder.glob("g-*"))) == 2
        writer.write([page("p3")], [])
        assert not (folder / "rebuild.journal").exists()
    assert find("*") == ["p1", "p2", "p3"]
    assert len(list(folder.glob("g-*"))) == 1
    with start_rebuild(folder) as rebuild:
        rebuild.add([page("p4")])
        rebuild.switch()
    assert find("*") == ["p4"]


def test_the_first_index_may_come_from_a_rebuild(tmp_path, page):
    with start_rebuild(tmp_path / "new") as rebuild:
        rebuild.add([page("p1")])
        with pytest.raises(IndexMissing):
            open_searcher(tmp_path / "new")
        rebuild.switch()
    assert open_searcher(tmp_path / "new").count() == 1


def test_making_an_index_leaves_an_existing_one_alone(folder, writer, searcher, page):
    writer.write([page("p1")], [])
    create_index(folder)
    assert searcher.count() == 1


def test_a_large_rebuild_is_committed_in_parts(folder, page, monkeypatch, searcher):
    monkeypatch.setattr("chartkeeper.index.store.REBUILD_COMMIT_PAGES", 10)
    with start_rebuild(folder) as rebuild:
        rebuild.add(page(f"p{n}") for n in range(95))
        rebuild.switch()
    assert searcher.count() == 95


def damage_pointer(folder):
    (folder / "current.json").write_bytes(b"\x00garbage")


def other_version(folder):
    (folder / "current.json").write_text(json.dumps({"generation": "g-000001", "schema": 0}))


def path_as_name(folder):
    (folder / "current.json").write_text(json.dumps({"generation": "../../etc", "schema": 1}))


def no_generation(folder):
    current_generation(folder).rename(folder / "elsewhere")


def damage_contents(folder):
    (toc,) = current_generation(folder).glob("*.toc")
    toc.write_bytes(toc.read_bytes()[:60])


def empty_contents(folder):
    (toc,) = current_generation(folder).glob("*.toc")
    toc.write_bytes(b"")


def no_segment(folder):
    for path in current_generation(folder).glob("*.seg"):
        path.unlink()


def truncate_segment(folder):
    for path in current_generation(folder).glob("*.seg"):
        path.write_bytes(path.read_bytes()[:500])


@pytest.mark.parametrize(
    "damage",
    [damage_pointer, other_version, path_as_name, no_generation, damage_contents, empty_contents,
     no_segment, truncate_segment],
)  # fmt: skip
def test_a_damaged_index_is_reported_left_alone_and_rebuilt(folder, page, damage):
    with open_writer(folder) as writer:
        writer.write([page("p1")], [])
    damage(folder)
    before = sorted(folder.rglob("*"))
    for door in (open_searcher, open_writer):
        with pytest.raises(IndexNeedsRebuild, match="chartkeeper reindex"):
            door(folder)
    assert {path for path in before if not path.name.startswith("g-")} <= set(folder.rglob("*"))
    with start_rebuild(folder) as rebuild:
        rebuild.add([page("p2")])
        rebuild.switch()
    assert list(open_searcher(folder).keys()) == ["p2"]


def test_damage_to_the_open_index_is_reported(folder, writer, searcher, page):
    writer.write([page("p1")], [])
    searcher.count()
    damage_pointer(folder)
    with pytest.raises(IndexNeedsRebuild):
        searcher.search(parse("chest"), 10)
    with pytest.raises(IndexNeedsRebuild):
        writer.write([page("p2")], [])


def test_a_failing_batch_is_not_there_at_all(folder, writer, searcher, page):
    def pages():
        yield page("p1")
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - whatever the source of the pages raises
        writer.write(pages(), [])
    writer.write([page("p2")], [])
    assert list(searcher.keys()) == ["p2"]


def test_a_disk_that_is_full_keeps_the_index_whole(folder, writer, searcher, page, monkeypatch):
    writer.write([page("p1")], [])

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("chartkeeper.index.store.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            writer.write([page("p2")], ["p1"])
    assert list(searcher.keys()) == ["p1"]
    writer.write([page("p3")], [])
    assert sorted(searcher.keys()) == ["p1", "p3"]


def test_refreshing_leaks_no_files(folder, writer, searcher, page):
    def maps():
        return Path("/proc/self/maps").read_text().count(".seg")

    for number in range(60):
        writer.write([page(f"p{number % 5}")], [])
        searcher.count()
    assert maps() <= 40
    assert len(list(Path("/proc/self/fd").iterdir())) < 100

"""Children that parse outside bytes: limited, killable, replaced, and gone with their parent."""

import os
import signal
import struct
import subprocess
import threading
import time
from pathlib import Path

import pytest
from sheets import note

from chartkeeper.ingest.children import end_descendants
from chartkeeper.ingest.drawing import Drawers
from chartkeeper.ingest.examining import ALLOWANCE, Examiner
from chartkeeper.ingest.readers import Readers
from chartkeeper.ingest.reading import Terms
from chartkeeper.ocr.confine import Allowance, can_leave_network
from chartkeeper.ocr.errors import (
    DamagedFile,
    DrawingStopped,
    FileStoppedProgram,
    FileTookTooLong,
    FileWantsMemory,
    PageTookTooLong,
)
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits

MEGABYTE = 1 << 20
QUICK = Limits(examine_timeout_seconds=1)


@pytest.fixture
def page(tmp_path):
    return note(tmp_path / "page.png", "alpha")


@pytest.fixture
def examiner(page):
    """An examiner whose child is at work already."""
    made = Examiner()
    made.examine(page, Limits())
    return made


@pytest.fixture
def drawers(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made = Drawers(1, scratch, Limits(), longest_wait_seconds=3)
    yield made
    made.end()
    assert list(scratch.iterdir()) == []


def child_of(worker):
    """The process of the only child on call."""
    child = worker._on_call._places.get()
    worker._on_call._places.put(child)
    return child.process


def in_background(step):
    """Run a step and note the failure that it ends in."""
    ended = []

    def run():
        try:
            step()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            ended.append(type(error))

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended


def draw(drawers, path):
    return drawers.draw(path, Format.PNG, 1, 0, 400, Limits())


def limits_of(pid):
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[26:47].strip() for line in lines}


def test_a_child_is_held_to_its_allowance(examiner):
    pid = child_of(examiner).pid
    limits = limits_of(pid)
    assert limits["Max address space"] == str(ALLOWANCE.memory_bytes)
    assert limits["Max file size"] == str(ALLOWANCE.written_bytes)
    assert limits["Max open files"] == str(ALLOWANCE.open_files)
    assert limits["Max core file size"] == "0"
    assert int(limits["Max cpu time"]) < 120
    assert "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.skipif(not can_leave_network(), reason="this system keeps processes in its network")
def test_children_have_no_network(examiner, page, drawers, tmp_path):
    draw(drawers, page)
    (tmp_path / "pages").mkdir()
    with Readers(1, Terms(tmp_path / "pages")) as readers:
        (reader,) = readers._readers
        end = time.monotonic() + 10
        pids = [child_of(examiner).pid, child_of(drawers).pid, reader.child.process.pid]
        own = Path("/proc/self/ns/net").readlink()
        while any(Path(f"/proc/{pid}/ns/net").readlink() == own for pid in pids):
            assert time.monotonic() < end
            time.sleep(0.05)
    interfaces = Path(f"/proc/{pids[0]}/net/dev").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] in ([], ["lo"])


def test_a_file_over_which_the_examiner_hangs_is_refused_and_the_next_one_is_seen(examiner, page):
    os.kill(child_of(examiner).pid, signal.SIGSTOP)
    with pytest.raises(FileTookTooLong):
        examiner.examine(page, QUICK)
    assert examiner.examine(page, Limits()).page_count == 1


def test_a_file_over_which_the_examiner_dies_is_refused_and_the_next_one_is_seen(examiner, page):
    pid = child_of(examiner).pid
    os.kill(pid, signal.SIGSTOP)
    thread, ended = in_background(lambda: examiner.examine(page, Limits()))
    time.sleep(0.3)
    os.kill(pid, signal.SIGKILL)
    thread.join()
    assert ended == [FileStoppedProgram]
    assert examiner.examine(page, Limits()).page_count == 1


def many_strips(path, strips=6_000_000):
    """A TIFF, mostly holes, whose lists of strips fill hundreds of megabytes once they are read."""
    tags = [(256, 16, 1, 9), (257, 16, 1, 9), (273, 16, strips, 512), (279, 16, strips, 512)]
    head = b"II" + struct.pack("<HHHQ", 43, 8, 0, 16) + struct.pack("<Q", len(tags))
    with path.open("wb") as file:
        file.write(head + b"".join(struct.pack("<HHQQ", *tag) for tag in tags) + b"\0" * 8)
        file.truncate(512 + 8 * strips)
    return path


def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_one_is_seen(tmp_path, page):
    small = Examiner(Allowance(memory_bytes=320 * MEGABYTE))
    with pytest.raises(FileWantsMemory):
        small.examine(many_strips(tmp_path / "strips.tif"), Limits())
    assert small.examine(page, Limits()).page_count == 1


def test_refusals_and_faults_of_the_machine_come_through(examiner, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff\xd9" + b"\0" * 50)
    with pytest.raises(DamagedFile):
        examiner.examine(tmp_path / "bad.jpg", Limits())
    with pytest.raises(FileNotFoundError):
        examiner.examine(tmp_path / "gone", Limits())


def test_an_examiner_without_work_leaves_and_comes_back(page):
    examiner = Examiner(rest_seconds=0.2)
    examiner.examine(page, Limits())
    first = child_of(examiner)
    first.join(10)
    assert first.exitcode == 0
    assert examiner.examine(page, Limits()).page_count == 1
    assert child_of(examiner).pid != first.pid


def test_an_examiner_ends_with_the_desk_that_has_it(page):
    examiner = Examiner()
    examiner.examine(page, Limits())
    process = child_of(examiner)
    del examiner
    process.join(10)
    assert process.exitcode is not None


def test_a_page_that_hangs_is_not_drawn_and_the_next_one_is(drawers, page):
    assert draw(drawers, page).startswith(b"\xff\xd8")
    os.kill(child_of(drawers).pid, signal.SIGSTOP)
    with pytest.raises(PageTookTooLong):
        draw(drawers, page)
    assert draw(drawers, page).startswith(b"\xff\xd8")


def test_a_page_over_which_the_drawer_dies_is_said_to_be_so(drawers, page):
    draw(drawers, page)
    pid = child_of(drawers).pid
    os.kill(pid, signal.SIGSTOP)
    thread, ended = in_background(lambda: draw(drawers, page))
    time.sleep(0.3)
    os.kill(pid, signal.SIGKILL)
    thread.join()
    assert ended == [DrawingStopped]
    assert draw(drawers, page).startswith(b"\xff\xd8")


def test_no_more_pages_are_drawn_at_once_than_allowed(drawers, page):
    draw(drawers, page)
    pid = child_of(drawers).pid
    os.kill(pid, signal.SIGSTOP)
    busy = [in_background(lambda: draw(drawers, page)) for _ in range(3)]
    time.sleep(1)
    os.kill(pid, signal.SIGCONT)
    for thread, _ in busy:
        thread.join()
    assert [ended for _, ended in busy] == [[], [], []]
    assert child_of(drawers).pid == pid


def test_programs_that_a_child_started_end_with_it():
    with subprocess.Popen(["sh", "-c", "sleep 60 & sleep 60; true"]) as shell:
        time.sleep(0.3)
        end_descendants(shell.pid)
        assert shell.wait(10) == 0

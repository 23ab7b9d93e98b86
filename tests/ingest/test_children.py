"""Children that parse outside bytes: limited, killable, replaced, and gone with their parent."""

import os
import signal
import struct
import subprocess
import threading
import time
from contextlib import contextmanager
from multiprocessing import Pipe, forkserver
from pathlib import Path

import pytest
from sheets import note

from chartkeeper.ingest.children import Child, Post, answer_jobs, end_descendants
from chartkeeper.ingest.drawing import Drawers
from chartkeeper.ingest.errors import ChildNotStarted
from chartkeeper.ingest.examining import ALLOWANCE, Examiner
from chartkeeper.ingest.readers import Readers
from chartkeeper.ingest.reading import Job, Terms
from chartkeeper.ocr.confine import Allowance, can_leave_network
from chartkeeper.ocr.errors import (
    DamagedFile,
    DrawingNotStarted,
    DrawingStopped,
    FileStoppedProgram,
    FileTookTooLong,
    FileWantsMemory,
    PageTookTooLong,
)
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.page import Page
from chartkeeper.records.model import Lane, PageTask

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
    assert limits["Max core file size"] == "1"
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


def dying(monkeypatch, times):
    """The next so many children end over the job that they get, as where memory runs out."""
    give, killed = Child.give, []

    def deadly(child, job):
        if len(killed) < times:
            killed.append(child.process.pid)
            os.kill(child.process.pid, signal.SIGKILL)
            child.process.join()
        give(child, job)

    monkeypatch.setattr(Child, "give", deadly)
    return killed


@pytest.mark.parametrize("times", [1, 2])
def test_a_file_over_which_the_examiner_dies_gets_another_one(examiner, page, monkeypatch, times):
    killed = dying(monkeypatch, times)
    assert examiner.examine(page, Limits()).page_count == 1
    assert len(set(killed)) == times


def test_a_file_over_which_three_examiners_die_is_refused_and_the_next_one_is_seen(
    examiner, page, monkeypatch
):
    killed = dying(monkeypatch, 3)
    with pytest.raises(FileStoppedProgram):
        examiner.examine(page, Limits())
    assert len(set(killed)) == 3
    assert examiner.examine(page, Limits()).page_count == 1


def fork_server():
    """The process that children of this one are forked from."""
    return forkserver._forkserver._forkserver_pid


def test_a_stop_of_all_processes_at_once_is_not_for_the_fork_server(examiner, page):
    before = fork_server()
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(before, number)
    time.sleep(0.3)
    child_of(examiner).kill()
    assert examiner.examine(page, Limits()).page_count == 1
    assert fork_server() == before


@contextmanager
def no_fork_server():
    """A fork server that ends when it is asked for a child, as where the machine has no memory."""
    pid = fork_server()
    os.kill(pid, signal.SIGSTOP)
    killer = threading.Timer(0.5, os.kill, (pid, signal.SIGKILL))
    killer.start()
    yield
    killer.join()
    # It is dying; whoever asks for a child before it is dead is told once more that there is none.
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_a_child_that_does_not_start_is_no_fault_of_the_file_or_page(drawers, page):
    Examiner().examine(page, Limits())
    idle = Examiner()
    with no_fork_server(), pytest.raises(ChildNotStarted):
        idle.examine(page, Limits())
    assert idle.examine(page, Limits()).page_count == 1
    with no_fork_server(), pytest.raises(DrawingNotStarted):
        draw(drawers, page)
    assert draw(drawers, page).startswith(b"\xff\xd8")


def test_a_reader_that_does_not_start_is_started_with_the_next_page(page, tmp_path):
    Examiner().examine(page, Limits())
    (tmp_path / "pages").mkdir()
    task = PageTask(1, 1, "0" * 64, Format.PNG.value, 1, 0, Lane.DAILY)
    with no_fork_server():
        readers = Readers(1, Terms(tmp_path / "pages"))
    with readers:
        Examiner().examine(page, Limits())
        assert readers.free == 1
        with no_fork_server(), pytest.raises(ChildNotStarted):
            readers.submit(Job(task, page))
        assert not readers.busy
        readers.submit(Job(task, page))
        (outcome,) = readers.outcomes(60)
        assert isinstance(outcome.result, Page)
    assert list((tmp_path / "pages").iterdir()) == []


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


def test_a_child_whose_answer_nobody_hears_any_more_leaves_in_silence():
    theirs, ours = Pipe()
    ours.send("an answer")
    theirs.close()
    answer_jobs(Post(ours, None, Allowance()), str, lambda _: 1)

"""The service as a whole: it keeps its parts alive, and leaves nothing behind when it ends."""

import os
import signal
import subprocess
import time
import urllib.request
from contextlib import contextmanager, suppress

import pytest
from command_line import PROGRAM, forked
from service import Service, of_session
from sheets import note

PATIENCE_SECONDS = 60


@contextmanager
def at_work(folder):
    made = Service(folder / "home")
    made.start()
    try:
        wait_for(lambda: answers(made))
        yield made
    finally:
        made.stop()


@pytest.fixture
def service(tmp_path):
    """A service that a test may end."""
    with at_work(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    """A service that no test ends."""
    with at_work(tmp_path_factory.mktemp("lasting")) as made:
        yield made


def answers(service):
    try:
        with urllib.request.urlopen(f"{service.address}/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def wait_for(condition, seconds=PATIENCE_SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)


def test_parts_that_are_killed_start_again_and_go_on(service, tmp_path):
    service.drop(note(tmp_path / "before.png", "alpha"))
    for pid in of_session(service.process.pid):
        # Some end by themselves as soon as those that they belong to are gone.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    service.drop(note(tmp_path / "after.png", "bravo"))
    service.wait_idle(2, PATIENCE_SECONDS)
    wait_for(lambda: answers(service))
    assert {line["file"] for line in service.documents()} == {"before.png", "after.png"}


def test_told_to_stop_it_ends_in_order_and_leaves_no_process(service):
    leader = service.process.pid
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(30) == 0
    service.process = None
    wait_for(lambda: not of_session(leader), 10)


def test_when_the_supervisor_is_killed_nothing_works_on(service):
    leader = service.process.pid
    os.kill(leader, signal.SIGKILL)
    service.process.wait()
    service.process = None
    wait_for(lambda: not of_session(leader), 15)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("serve", "Another serve is at work"),
        ("watch", "Another serve is at work"),
        ("worker", "Another serve is at work"),
        ("web", "is taken by another program"),
    ],
)
def test_beside_a_service_its_parts_end_and_say_so(lasting, words, said):
    done = forked("--home", lasting.home, words, seconds=60)
    assert (done.returncode, said in done.stderr) == (3, True), done.stderr
    assert "at work:" not in done.stderr


def test_a_port_that_is_taken_is_said_with_the_remedy(lasting, tmp_path):
    other = Service(tmp_path / "other", port=lasting.port)
    other.start()
    assert other.process.wait(60) == 3
    said = other.log.read_text()
    assert "is taken by another program" in said
    assert "listening" not in said
    assert "Traceback" not in said


def test_a_service_beside_a_watcher_of_its_own_home_is_refused(tmp_path):
    service = Service(tmp_path / "home")
    words = [*PROGRAM, "--home", str(service.home)]
    with subprocess.Popen([*words, "watch"], stderr=subprocess.PIPE, text=True) as watcher:
        assert "at work: watch" in watcher.stderr.readline()
        done = forked("--home", service.home, "serve", seconds=60)
        assert (done.returncode, "Another watch is at work" in done.stderr) == (3, True)
        watcher.terminate()


def test_import_works_beside_a_running_service(lasting, tmp_path):
    note(tmp_path / "legacy.png", "charlie")
    lasting.run("import", str(tmp_path / "legacy.png"), "--exceptions", str(tmp_path / "e.csv"))
    assert [line["file"] for line in lasting.documents()] == ["legacy.png"]
    assert len(lasting.search("charlie")) == 1

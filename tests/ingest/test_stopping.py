"""A stop or crash of what looks at files is never laid to a file that was just looked at."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path

import pytest
from service import Service
from sheets import note

from chartkeeper.ingest.examining import Examiner
from chartkeeper.ingest.watch import TROUBLE_PAUSE_SECONDS, Attention, turn
from chartkeeper.ocr.limits import Limits
from chartkeeper.records import arrivals
from chartkeeper.records.database import open_ledger
from chartkeeper.records.model import ArrivalState, Lane

WAIT_SECONDS = 60


def came(ledger):
    with ledger.read() as connection:
        return arrivals.newest(connection, 100)


def accepted(ledger):
    return sum(one.state is ArrivalState.ACCEPTED for one in came(ledger))


@pytest.mark.parametrize("already_claimed", [False, True])
def test_a_good_file_outlives_the_fork_server(desk, tmp_path, now, monkeypatch, already_claimed):
    """Whether it dies before the file is claimed or when it lies in its claim."""
    Examiner().examine(note(tmp_path / "first.png", "first"), Limits())
    note(desk.inbox / "scan.png", "hello")
    if already_claimed:
        with desk.ledger.write() as connection:
            seen = arrivals.Seen("inbox", "scan.png", "c0ffee", Lane.DAILY, 1)
            arrivals.claim(connection, seen, now)
        desk.claim_path("c0ffee").parent.mkdir()
        (desk.inbox / "scan.png").rename(desk.claim_path("c0ffee"))
    server = forkserver._forkserver._forkserver_pid
    os.kill(server, signal.SIGSTOP)
    connect = forkserver.connect_to_new_process

    def connect_for_the_last_time(fds):
        connected = connect(fds)
        with suppress(ProcessLookupError):
            os.kill(server, signal.SIGKILL)
        return connected

    monkeypatch.setattr(forkserver, "connect_to_new_process", connect_for_the_last_time)
    attention = Attention()
    assert turn(desk, attention) == TROUBLE_PAUSE_SECONDS
    os.waitid(os.P_PID, server, os.WEXITED | os.WNOWAIT)
    assert "could not be started" in attention.trouble
    assert turn(desk, attention) != TROUBLE_PAUSE_SECONDS
    assert attention.trouble == ""
    assert [one.state for one in came(desk.ledger)] == [ArrivalState.ACCEPTED]


def loading(group):
    """Whether the fork server of the examiner is there, and has just begun to load its code."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (folder / "cmdline").read_bytes()
            if b"chartkeeper.ingest.examining" in line and os.getpgid(int(folder.name)) == group:
                return True
    return False


def until(what):
    deadline = time.monotonic() + WAIT_SECONDS
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_stop_that_goes_to_all_processes_at_once_refuses_nothing(tmp_path):
    """As systemd and timeout(1) stop a service, when it is about to look at its first file."""
    service = Service(tmp_path / "home", still_seconds=0.1)
    command = [sys.executable, "-m", "chartkeeper", "--home", str(service.home), "watch"]
    ledger = open_ledger(service.home / "ledger.db")
    delays = (0.1, 0.3, 0.5)
    for delay in delays:
        note(service.inbox / f"scan {delay}.png", f"hello {delay}")
        watcher = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
        until(lambda: loading(watcher.pid))  # noqa: B023 - asked at once
        time.sleep(delay)
        os.killpg(watcher.pid, signal.SIGTERM)
        _, said = watcher.communicate(timeout=WAIT_SECONDS)
        assert b" failed: " not in said
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as watcher:
        until(lambda: accepted(ledger) == len(delays))
        watcher.terminate()
    assert len(came(ledger)) == len(delays)
    ledger.close()


# A watcher that goes down, with all that belongs to it, as soon as it has a file looked at.
DOOMED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from chartkeeper.desks import make_desk
from chartkeeper.home import open_home
from chartkeeper.ingest import suspects
from chartkeeper.ingest.desk import Desk, Patience
from chartkeeper.ingest.watch import Attention, turn
suspects.MAX_INTERRUPTIONS = 2
if sys.argv[2] == "die":
    Desk.examine = lambda desk, path: os.kill(os.getpid(), signal.SIGKILL)
desk = make_desk(*open_home(Path(sys.argv[1])))
desk = replace(desk, patience=Patience(still=0, incomplete=0, leftover=0))
for _ in range(2):
    turn(desk, Attention())
"""


def test_a_file_over_which_the_watcher_goes_down_is_set_aside_in_the_end(tmp_path):
    """And looked at afresh if a person has it tried again."""
    service = Service(tmp_path / "home")
    note(service.inbox / "scan.png", "hello")
    command = [sys.executable, "-c", DOOMED, str(service.home)]
    for _ in range(2):
        assert subprocess.run([*command, "die"], check=False).returncode == -signal.SIGKILL
    assert subprocess.run([*command, "die"], check=False).returncode == 0
    ledger = open_ledger(service.home / "ledger.db")
    (refused,) = came(ledger)
    assert refused.reason_code == "file_stopped_program"
    assert (service.home / "failed" / f"{refused.id:06d} scan.png").exists()
    assert service.status_of("retry", "--all") == 0
    assert subprocess.run([*command, "live"], check=False).returncode == 0
    assert came(ledger)[0].state is ArrivalState.ACCEPTED
    assert not list((service.home / "work" / "locks").glob("looking-*"))
    ledger.close()

"""Whatever befalls an inbox, its disk or its writers: nothing is lost, and somebody is told why."""

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unicodedata
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from originals import stored
from service import Service
from sheets import draw, note

from chartkeeper.ingest import pipeline
from chartkeeper.ingest.attention import CLOSED, UNENDED, UNFINISHED, UNSETTLED
from chartkeeper.ingest.claims import move_beside, set_down
from chartkeeper.ingest.desk import Patience
from chartkeeper.ingest.inbox import MAX_DEPTH_FOLDERS, look_into
from chartkeeper.ingest.profiles import Profile
from chartkeeper.ingest.watch import TROUBLE_PAUSE_SECONDS, Attention, turn, watch
from chartkeeper.ocr.examine import FileFacts
from chartkeeper.ocr.formats import Format
from chartkeeper.records import arrivals, inboxes, pages, scans
from chartkeeper.records.database import open_ledger
from chartkeeper.records.failed import put_back
from chartkeeper.records.model import ArrivalState, Lane
from chartkeeper.records.vault import Vault

WAIT_SECONDS = 30


def came(ledger):
    with ledger.read() as connection:
        return list(reversed(arrivals.newest(connection, 1000)))


def accepted(ledger):
    return {one.name for one in came(ledger) if one.state is ArrivalState.ACCEPTED}


def noted(ledger):
    with ledger.read() as connection:
        return {row.state.name: row.state for row in inboxes.all_noted(connection)}


def until(what, seconds=WAIT_SECONDS):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


@contextmanager
def at_work(desk):
    """The real watcher, in a thread, with all inboxes of a desk."""
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(desk, stop))
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


def hasty(desk, **patience):
    usual = Patience(still=0.3, incomplete=1.5, leftover=60, poll=0.2)
    return replace(desk, patience=replace(usual, **patience))


def tiff(*texts):
    first, *rest = [draw([text], 850, 1100, 30).convert("1") for text in texts]
    data = io.BytesIO()
    first.save(data, "TIFF", save_all=True, append_images=rest, compression="group4")
    return data.getvalue()


@contextmanager
def mounted(folder, *options, kind="tmpfs", source="none"):
    """A file system of its own on a folder; skips where that is not allowed."""
    command = ["mount", *options] + (["-t", kind] if kind else []) + [source, str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def test_slow_and_paused_writers_are_waited_for(desk):
    """Both end up whole and once; the pause is longer than a file must be still."""
    data = tiff("slow", "and", "steady")

    def write(name, pause_seconds, pieces):
        size = len(data) // pieces + 1
        with (desk.inbox / name).open("wb", buffering=0) as file:
            for start in range(0, len(data), size):
                file.write(data[start : start + size])
                time.sleep(pause_seconds)

    with at_work(hasty(desk)):
        writers = [
            threading.Thread(target=write, args=("slow.tif", 0.05, 40)),
            threading.Thread(target=write, args=("paused.tif", 0.7, 3)),
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        until(lambda: len(came(desk.ledger)) == 2)
    assert {one.state for one in came(desk.ledger)} == {
        ArrivalState.ACCEPTED,
        ArrivalState.DUPLICATE,
    }
    (name,) = stored(desk)
    assert desk.vault.path(name).read_bytes() == data


def test_a_file_that_changes_all_the_time_is_taken_as_it_ends_up(desk):
    """Written over again and again, also while it is being stored."""
    path, last = desk.inbox / "busy.tif", tiff("the last word")
    versions = [tiff(f"version {number}") for number in range(5)]
    with at_work(hasty(desk, still=0.1)):
        for number in range(60):
            path.write_bytes(versions[number % 5])
            time.sleep(0.02 if number % 7 else 0.3)
        path.write_bytes(last)
        wanted = hashlib.sha256(last).hexdigest()
        until(lambda: wanted in set(stored(desk)))
    sound = {hashlib.sha256(data).hexdigest() for data in (*versions, last)}
    assert set(stored(desk)) <= sound
    assert {one.state for one in came(desk.ledger)} <= {
        ArrivalState.ACCEPTED,
        ArrivalState.DUPLICATE,
    }


@pytest.mark.parametrize("moment", [0, 1, 4_102_444_800, 946_684_800])
def test_the_time_of_a_file_may_be_anything(desk, moment):
    """The beginning of time, the year 2100: what counts is that it does not change."""
    path = note(desk.inbox / "scan.png", "hello")
    os.utime(path, (moment, moment))
    attention, patient = Attention(), hasty(desk)
    turn(patient, attention)
    assert came(desk.ledger) == []
    time.sleep(0.35)
    turn(patient, attention)
    assert accepted(desk.ledger) == {"scan.png"}


CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static int (*real)(clockid_t, struct timespec *);
int clock_gettime(clockid_t which, struct timespec *now) {
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  struct timespec steady;
  int answer = real(which, now);
  if (which == CLOCK_REALTIME) {
    real(CLOCK_MONOTONIC, &steady);
    now->tv_sec -= 3600 * (steady.tv_sec % 48);
  }
  return answer;
}
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="a clock that jumps takes a C compiler")
def test_a_wall_clock_that_jumps_back_every_second_holds_nothing_up(tmp_path):
    (tmp_path / "clock.c").write_text(CLOCK)
    library = tmp_path / "clock.so"
    command = ["cc", "-shared", "-fPIC", "-o", str(library), str(tmp_path / "clock.c"), "-ldl"]
    subprocess.run(command, check=True)
    service = Service(tmp_path / "home")
    before = os.environ.get("LD_PRELOAD", "")
    environment = {**os.environ, "LD_PRELOAD": f"{library} {before}".strip()}
    arguments = [sys.executable, "-m", "chartkeeper", "--home", str(service.home), "watch"]
    watcher = subprocess.Popen(arguments, env=environment, stderr=subprocess.DEVNULL)
    ledger = open_ledger(service.home / "ledger.db")
    try:
        for number in range(3):
            note(service.inbox / f"{number}.png", f"hello {number}")
            until(lambda: len(accepted(ledger)) == number + 1)  # noqa: B023 - asked at once
    finally:
        watcher.terminate()
        watcher.wait()
        ledger.close()


def vault_on(desk, folder):
    folder.mkdir()
    return replace(desk, vault=Vault(folder))


def noise(path, size):
    """A file of this size that no compression makes smaller, with a sound end."""
    data = tiff("large")
    path.write_bytes(data + os.urandom(size - len(data)))
    return path


def test_a_full_disk_pauses_and_smaller_files_go_on(desk, tmp_path):
    small = vault_on(desk, tmp_path / "small vault")
    with mounted(tmp_path / "small vault", "-o", "size=512k"):
        noise(desk.inbox / "a large.tif", 1_000_000)
        note(desk.inbox / "b small.png", "hello")
        attention = Attention()
        assert turn(small, attention) == TROUBLE_PAUSE_SECONDS
        assert "vault is full" in noted(desk.ledger)["inbox"].trouble
        assert turn(small, attention) != TROUBLE_PAUSE_SECONDS
        assert accepted(desk.ledger) == {"b small.png"}
        assert "vault is full" in noted(desk.ledger)["inbox"].trouble, "the large one still waits"
        subprocess.run(
            ["mount", "-o", "remount,size=8m", str(tmp_path / "small vault")], check=True
        )
        turn(small, Attention())
        assert accepted(desk.ledger) == {"a large.tif", "b small.png"}
        assert noted(desk.ledger)["inbox"].trouble == ""
    assert list(desk.failed.iterdir()) == []


def test_a_vault_that_may_not_be_written_lets_everything_wait(desk, tmp_path):
    held = vault_on(desk, tmp_path / "held vault")
    with mounted(tmp_path / "held vault", "-o", "ro"):
        note(desk.inbox / "scan.png", "hello")
        attention = Attention()
        for _ in range(3):
            assert turn(held, attention) == TROUBLE_PAUSE_SECONDS
        assert "vault" in noted(desk.ledger)["inbox"].trouble
        subprocess.run(["mount", "-o", "remount,rw", str(tmp_path / "held vault")], check=True)
        turn(held, attention)
        assert accepted(desk.ledger) == {"scan.png"}


def test_a_full_failed_folder_holds_up_only_what_belongs_there(desk, tmp_path):
    with mounted(desk.failed, "-o", "size=16k"):
        noise(desk.inbox / "bad.tif", 100_000)
        (desk.inbox / "bad.tif").write_bytes(b"no scan" * 10_000)
        note(desk.inbox / "scan.png", "hello")
        attention = Attention()
        assert turn(desk, attention) == TROUBLE_PAUSE_SECONDS
        assert "failed files" in noted(desk.ledger)["inbox"].trouble
        assert accepted(desk.ledger) == {"scan.png"}
        subprocess.run(["mount", "-o", "remount,size=1m", str(desk.failed)], check=True)
        assert turn(desk, attention) != TROUBLE_PAUSE_SECONDS
        assert len(list(desk.failed.iterdir())) == 2
    assert len(came(desk.ledger)) == 2


# Root may do everything; without these two it is held to rights like everybody else.
MORTAL = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


@pytest.mark.skipif(bool(MORTAL) and not shutil.which("setpriv"), reason="root may do everything")
def test_rights_that_are_taken_away_are_missed_and_noticed_when_they_come_back(tmp_path):
    """The real watcher, and an inbox that its account may no longer use."""
    service = Service(tmp_path / "home", poll_seconds=0.2)
    arguments = [sys.executable, "-m", "chartkeeper", "--home", str(service.home), "watch"]
    watcher = subprocess.Popen([*MORTAL, *arguments], stderr=subprocess.PIPE)
    ledger = open_ledger(service.home / "ledger.db")
    try:
        note(service.inbox / "before.png", "before")
        until(lambda: accepted(ledger) == {"before.png"})
        service.inbox.chmod(0o500)
        note(service.inbox / "during.png", "during")
        until(lambda: "cannot be moved" in noted(ledger)["inbox"].trouble)
        assert (service.inbox / "during.png").exists()
        service.inbox.chmod(0o700)
        until(lambda: accepted(ledger) == {"before.png", "during.png"})
        until(lambda: noted(ledger)["inbox"].trouble == "")
    finally:
        watcher.send_signal(signal.SIGTERM)
        _, said = watcher.communicate()
        ledger.close()
    assert said.decode().count("intake pauses") == 1, "a trouble is logged once"
    assert "during" not in said.decode()


def test_a_share_that_goes_and_comes_back_while_files_are_claimed_loses_nothing(desk, tmp_path):
    (tmp_path / "server").mkdir()
    attention = Attention()
    with mounted(desk.inbox, "--bind", kind="", source=str(tmp_path / "server")):
        turn(desk, attention)
        note(desk.inbox / "claimed.png", "claimed")
        (found,) = look_into(desk.inbox).found
        pipeline.claim(desk, found)
        note(desk.inbox / "waiting.png", "waiting")
    assert turn(desk, attention) == TROUBLE_PAUSE_SECONDS
    assert "share of this inbox is not connected" in noted(desk.ledger)["inbox"].trouble
    (claimed,) = came(desk.ledger)
    assert claimed.state is ArrivalState.CLAIMED
    with mounted(desk.inbox, "--bind", kind="", source=str(tmp_path / "server")):
        turn(desk, attention)
        assert accepted(desk.ledger) == {"claimed.png", "waiting.png"}
        assert len(came(desk.ledger)) == 2


def test_an_inbox_that_is_removed_and_made_anew_is_watched_again(desk):
    """The events of the system come from the folder that is gone."""
    folder = desk.failed.parent / "further"
    folder.mkdir()
    two = hasty(replace(desk, further=(Profile("further", folder),)), poll=0.3)
    with at_work(two):
        note(folder / "a.png", "a")
        until(lambda: accepted(desk.ledger) == {"a.png"})
        shutil.rmtree(folder)
        until(lambda: noted(desk.ledger)["further"].trouble)
        note(desk.inbox / "meanwhile.png", "the other inbox goes on")
        until(lambda: "meanwhile.png" in accepted(desk.ledger))
        folder.mkdir()
        note(folder / "b.png", "b")
        until(lambda: "b.png" in accepted(desk.ledger))
    assert noted(desk.ledger)["further"].trouble == ""


def test_an_inbox_that_is_not_there_at_the_start_keeps_nobody_from_the_others(desk, tmp_path):
    two = hasty(replace(desk, further=(Profile("gone", tmp_path / "gone"),)))
    with at_work(two):
        note(desk.inbox / "scan.png", "hello")
        until(lambda: accepted(desk.ledger) == {"scan.png"})
        assert "cannot be used" in noted(desk.ledger)["gone"].trouble


ALIKE = [
    *("scan.tif", "Scan.tif", "SCAN.TIF", "ward/scan.tif", "ward/b/scan.tif", "scan.tif.tif"),
    unicodedata.normalize("NFC", "ärztin.tif"),
    unicodedata.normalize("NFD", "ärztin.tif"),
    "é" * 125 + ".tifx",
    "e" * 251 + ".tif",
    b"fax\xff.tif",
    b"fax\xfe.tif",
    "fax\\xff.tif",
    "000001 scan.tif",
]


def written(inbox, name, data):
    path = Path(os.fsdecode(os.fsencode(inbox) + b"/" + os.fsencode(name)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_files_named_alike_each_arrive_with_their_own_content(desk):
    for number, name in enumerate(ALIKE):
        written(desk.inbox, name, tiff(f"file number {number}"))
    turn(desk, Attention())
    assert [one.state for one in came(desk.ledger)] == [ArrivalState.ACCEPTED] * len(ALIKE)
    assert len(set(stored(desk))) == len(ALIKE)


def test_files_named_alike_are_put_aside_and_tried_again_without_loss(desk):
    for number, name in enumerate(ALIKE):
        written(desk.inbox, name, b"no scan, number %d" % number)
    for _ in range(2):
        turn(desk, Attention())
    aside = [path for path in desk.failed.iterdir() if not path.name.endswith(".why.txt")]
    assert len({path.read_bytes() for path in aside}) == len(ALIKE)
    for arrival in came(desk.ledger):
        assert put_back(desk.failed, desk.inbox, arrival.id, arrival.name)
    assert sum(path.is_file() for path in desk.inbox.iterdir()) == len(ALIKE)
    assert list(desk.failed.iterdir()) == []


@pytest.mark.parametrize("name", ["scan.tif", "é" * 125 + ".tifx", "e" * 251 + ".tif"])
def test_what_comes_back_into_an_inbox_replaces_nothing(tmp_path, name):
    (tmp_path / "claims").mkdir()
    for number in range(3):
        (tmp_path / "claims" / str(number)).write_text(str(number))
        move_beside(tmp_path / "claims" / str(number), tmp_path / "in" / name)
    there = sorted(path.read_text() for path in (tmp_path / "in").iterdir())
    assert there == ["0", "1", "2"]
    assert list((tmp_path / "claims").iterdir()) == []


def test_a_move_that_was_broken_off_is_finished(tmp_path):
    """As after a crash between the link and the removal of the first name."""
    (tmp_path / "claim").write_text("x")
    os.link(tmp_path / "claim", tmp_path / "scan.tif")
    assert move_beside(tmp_path / "claim", tmp_path / "scan.tif") == tmp_path / "scan.tif"
    assert [path.name for path in tmp_path.iterdir()] == ["scan.tif"]


def late_at(desk):
    state = noted(desk.ledger)["inbox"]
    return state.late_count, {item.name: item.why for item in state.late}


def test_what_lies_for_long_is_explained_and_logged_once_without_names(desk, caplog):
    caplog.set_level("WARNING")
    patient = replace(desk, patience=Patience(still=0.5, incomplete=60, leftover=60, late=0.2))
    (desk.inbox / "Samplewood.tif.part").write_bytes(b"x")
    (desk.inbox / "cut.tif").write_bytes(tiff("cut off")[:300])
    deep = desk.inbox.joinpath(*(["deep"] * (MAX_DEPTH_FOLDERS + 1)))
    deep.mkdir(parents=True)
    busy, attention = desk.inbox / "busy.tif", Attention()
    for number in range(8):
        busy.write_bytes(b"x" * number)
        turn(patient, attention)
        time.sleep(0.1)
    attention.noted_at = None
    turn(patient, attention)
    count, why = late_at(desk)
    assert count == 4
    assert why == {
        "Samplewood.tif.part": UNFINISHED,
        "cut.tif": UNENDED,
        "busy.tif": UNSETTLED,
        "/".join(["deep"] * (MAX_DEPTH_FOLDERS + 1)) + "/": CLOSED,
    }
    assert caplog.text.count("are not taken") == 1
    assert "Samplewood" not in caplog.text


def test_a_page_of_a_migration_that_is_faxed_today_moves_up(desk, now):
    """Its scan waits in the migration lane; the same content comes through the inbox."""
    path = note(desk.inbox / "fax.png", "hello")
    stored = desk.vault.store(path)
    with desk.ledger.write() as connection:
        seen = arrivals.Seen("/basement", "box/1.png", "c" * 32, Lane.MIGRATION, 1, priority=8)
        first = arrivals.claim(connection, seen, now)
        set_down(connection, first, FileFacts(Format.PNG, 1), stored, now)
        arrivals.mark_cleared(connection, first.id)
    turn(desk, Attention())
    first, fax = came(desk.ledger)
    assert fax.state is ArrivalState.DUPLICATE
    with desk.ledger.write() as connection:
        scan = scans.get(connection, first.scan_id)
        (task,) = pages.lease(connection, "me", 5, now, 60)
    assert (scan.lane, scan.priority) == (Lane.DAILY, 5)
    assert task.lane is Lane.DAILY


def test_one_listing_serves_many_files(desk):
    """Or each of fifty thousand files would be listed a thousand times."""
    for number in range(120):
        (desk.inbox / f"{number}.txt").write_text(f"no scan, number {number}")
    assert turn(desk, Attention()) < TROUBLE_PAUSE_SECONDS
    assert len(came(desk.ledger)) > 30


SWARM = """
import resource, sys, threading, time
from pathlib import Path
from chartkeeper.desks import make_desk
from chartkeeper.home import open_home
from chartkeeper.ingest.watch import watch
from chartkeeper.records import arrivals
home, settings, ledger = open_home(Path(sys.argv[1]))
stop, wanted = threading.Event(), int(sys.argv[2])
threading.Thread(target=watch, args=(make_desk(home, settings, ledger), stop), daemon=True).start()
def size():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 // 1024 // 1024
began, step, last = time.monotonic(), wanted // 10, 0
moments = []
while last < wanted:
    time.sleep(0.2)
    with ledger.read() as connection:
        last = sum(arrivals.counts(connection).values())
    while len(moments) < last // step:
        moments.append(time.monotonic() - began)
        print(len(moments) * step, round(moments[-1], 1), size(), flush=True)
stop.set()
"""


@pytest.mark.soak
def test_fifty_thousand_files_at_once_cost_the_same_each(tmp_path):
    """The first tenth, before fifty thousand others, takes no longer than the last one."""
    files = 50_000
    service = Service(tmp_path / "home")
    first = tiff("swarm")
    for number in range(files):
        (service.inbox / f"{number:05}.tif").write_bytes(first + b"%05d" % number)
    done = subprocess.run(
        [sys.executable, "-c", SWARM, str(service.home), str(files)],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [[float(field) for field in line.split()] for line in done.stdout.splitlines()]
    print(done.stdout)
    times = [row[1] for row in rows]
    spans = [late - early for early, late in zip([0.0, *times], times, strict=False)]
    assert max(spans[1:]) < 2.5 * min(spans[1:])
    assert rows[-1][2] - rows[0][2] < 40, "megabytes"
    assert len(list((service.home / "vault").glob("??/*"))) == files

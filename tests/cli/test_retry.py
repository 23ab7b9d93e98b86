"""One command tries again what could not be used, and says what it could not."""

import subprocess
import sys
import time

from service import Service
from sheets import note

from chartkeeper.home import make_desk, open_home
from chartkeeper.ingest.watch import Attention, turn
from chartkeeper.records import access_log, arrivals, pages, scans
from chartkeeper.records.access_log import Event
from chartkeeper.records.model import ArrivalState, ScanState


def call(home, *words):
    arguments = [sys.executable, "-m", "chartkeeper", "--home", str(home), "retry", *words]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def opened(tmp_path):
    """A home with two inboxes, a file refused at each, and a scan that failed."""
    service = Service(tmp_path / "home")
    (tmp_path / "ward").mkdir()
    text = f'still_seconds = 0.1\n[[inbox]]\nname = "ward"\nfolder = "{tmp_path / "ward"}"\n'
    (service.home / "chartkeeper.toml").write_text(text)
    home, settings, ledger = open_home(service.home)
    made = make_desk(home, settings, ledger)
    desks = [made, made.at(made.further[0])]
    (home.inbox / "a.tif").write_bytes(b"no scan")
    (tmp_path / "ward" / "b.tif").write_bytes(b"no scan either")
    note(home.inbox / "dark.png", "hello")
    for desk in desks:
        attention = Attention()
        for pause in (0, 0.15, 0):
            time.sleep(pause)
            turn(desk, attention)
    with ledger.write() as connection:
        found = {one.name: one for one in arrivals.newest(connection, 10)}
        scan_id = found["dark.png"].scan_id
        (task,) = pages.lease(connection, "me", 1, found["dark.png"].seen_at, 60)
        pages.fail(connection, task.page_id, "too dark")
        scans.mark_failed(connection, scan_id, "too dark")
    return home, ledger, found


def test_files_are_listed_tried_again_by_number_or_all_at_once(tmp_path):
    home, ledger, found = opened(tmp_path)
    number = found["b.tif"].id
    listed = call(home.path)
    assert listed.returncode == 0
    assert f"{number:06d}  'b.tif'" in listed.stdout
    assert "3 files could not be used" in listed.stdout
    one = call(home.path, str(number), "999")
    assert one.returncode == 4
    assert "1 files are being tried again" in one.stdout
    assert "999: nothing to try again" in one.stderr
    assert (tmp_path / "ward" / f"{number:06d} b.tif").read_bytes() == b"no scan either"
    rest = call(home.path, "--all")
    assert rest.returncode == 0
    assert "2 files are being tried again" in rest.stdout
    assert (home.inbox / f"{found['a.tif'].id:06d} a.tif").exists()
    with ledger.read() as connection:
        assert scans.get(connection, found["dark.png"].scan_id).state is ScanState.STORED
        wanted = access_log.Wanted(event=Event.INTAKE_RETRY)
        tried = [item.entry.detail["arrival"] for item in access_log.entries(connection, wanted, 9)]
    assert sorted(tried) == sorted(one.id for one in found.values())
    assert call(home.path, "--all").stdout.startswith("0 files")
    assert call(home.path, "--all", "1").returncode == 2
    assert found["a.tif"].state is ArrivalState.REFUSED

"""One command tries again what could not be used, and says what it could not."""

import os
import sqlite3
import time
from contextlib import closing

from click.testing import CliRunner
from command_line import forked, started
from mortal import MORTAL, needs_rights
from service import Service
from sheets import note

from chartkeeper.desks import make_desk
from chartkeeper.home import open_home
from chartkeeper.ingest.watch import Attention, turn
from chartkeeper.intake_commands import retry
from chartkeeper.records import access_log, arrivals, failed, pages, scans
from chartkeeper.records.access_log import Event
from chartkeeper.records.database import open_ledger
from chartkeeper.records.model import ArrivalState, ScanState


def call(home, *words, **more):
    return (started if more else forked)("--home", home, "retry", *words, **more)


def take_in(*desks):
    for desk in desks:
        attention = Attention()
        for pause in (0, 0.15, 0):
            time.sleep(pause)
            turn(desk, attention)


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
    take_in(*desks)
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
    assert "3 files could not be used or read" in listed.stdout
    one = call(home.path, str(number), "999")
    assert one.returncode == 4
    assert "1 files are being tried again" in one.stdout
    assert "999: nothing to try again" in one.stderr
    assert (tmp_path / "ward" / f"again {number:06d} b.tif").read_bytes() == b"no scan either"
    rest = call(home.path, "--all")
    assert rest.returncode == 0
    assert "2 files are being tried again" in rest.stdout
    assert (home.inbox / f"again {found['a.tif'].id:06d} a.tif").exists()
    with ledger.read() as connection:
        assert scans.get(connection, found["dark.png"].scan_id).state is ScanState.STORED
        wanted = access_log.Wanted(event=Event.INTAKE_RETRY)
        tried = [item.entry.detail["arrival"] for item in access_log.entries(connection, wanted, 9)]
    assert sorted(tried) == sorted(one.id for one in found.values())
    assert call(home.path, "--all").stdout.startswith("0 files")
    assert call(home.path, "--all", "1").returncode == 2
    assert found["a.tif"].state is ArrivalState.REFUSED


def test_while_a_file_is_put_back_others_can_write(tmp_path, monkeypatch):
    home, _, found = opened(tmp_path)
    move, written = failed._move, []

    def move_while_others_write(*places):
        with closing(sqlite3.connect(home.ledger, timeout=0)) as database:
            database.execute("BEGIN IMMEDIATE")
            written.append(database.in_transaction)
        move(*places)

    monkeypatch.setattr(failed, "_move", move_while_others_write)
    done = CliRunner().invoke(retry, [str(found["a.tif"].id)], obj=home.path)
    assert (done.exit_code, written) == (0, [True])
    assert "1 files are being tried again" in done.output


@needs_rights
def test_a_file_that_cannot_be_put_back_keeps_no_other_from_it_and_is_not_named(tmp_path):
    home, ledger, found = opened(tmp_path)
    ledger.close()
    number = found["b.tif"].id
    (tmp_path / "ward").chmod(0o500)
    done = call(home.path, "--all", under=MORTAL)
    assert done.returncode == 4
    assert "2 files are being tried again" in done.stdout
    assert done.stderr.startswith(f"{number}: ")
    assert "no right to one of its folders" in done.stderr
    assert "b.tif" not in done.stderr
    assert "Traceback" not in done.stderr
    (tmp_path / "ward").chmod(0o700)
    assert call(home.path, str(number)).returncode == 0


def test_links_and_pipes_are_listed_and_tried_again_too(tmp_path):
    home, ledger, _ = opened(tmp_path)
    (home.inbox / "link.tif").symlink_to(tmp_path / "nowhere")
    os.mkfifo(home.inbox / "pipe.tif")
    take_in(make_desk(*open_home(home.path)))
    listed = call(home.path).stdout
    assert "'link.tif'" in listed
    assert "'pipe.tif'" in listed
    assert call(home.path, "--all").stdout.startswith("5 files are being tried again")
    kinds = {path.name.split(" ")[-1]: path for path in home.inbox.iterdir()}
    assert kinds["link.tif"].is_symlink()
    assert kinds["pipe.tif"].is_fifo()
    ledger.close()


def test_a_name_does_not_grow_however_often_its_file_is_tried_again(tmp_path):
    home, ledger, _ = opened(tmp_path)
    for _ in range(3):
        assert call(home.path, "--all").returncode == 0
        take_in(make_desk(*open_home(home.path)))
    last = max(path.name for path in home.failed.glob("*a.tif"))
    with ledger.read() as connection:
        newest = next(one for one in arrivals.newest(connection, 9) if "a.tif" in one.name)
    assert last == f"{newest.id:06d} a.tif"
    ledger.close()


def test_pages_of_a_filed_scan_are_read_again(tmp_path):
    service = Service(tmp_path / "home")
    basement = tmp_path / "basement"
    basement.mkdir()
    note(basement / "hangs.png", "Zirconium")
    service.run("import", str(basement))
    ledger = open_ledger(service.home / "ledger.db")
    with ledger.write() as connection:
        # As if the engine had hung over the page.
        connection.exec_driver_sql("UPDATE pages SET state = 'failed', reason = 'it hangs'")
        connection.exec_driver_sql("DELETE FROM page_words")
    service.run("reindex")
    assert service.search("zirconium") == []
    listed = service.run("retry")
    assert "'hangs.png'  Page 1 of the file: it hangs" in listed
    assert service.status_of("batches", "close", "1") == 3
    assert "1 files are being tried again" in service.run("retry", "1")
    # Nor while the page is being read again.
    assert service.status_of("batches", "close", "1") == 3
    assert "0 files" in service.run("retry")
    assert "all of it is read or being read" in call(service.home, "1").stderr
    service.run("import", str(basement), "--resume")
    assert len(service.search("zirconium")) == 1
    (line,) = service.documents("--text")
    assert "Zirconium" in line["text"][0]
    assert service.status_of("batches", "close", "1") == 0
    assert service.status_of("verify") == 0
    ledger.close()

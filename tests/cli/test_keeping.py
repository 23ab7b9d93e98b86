"""verify, backup and restore as an administrator runs them, beside a service that is at work."""

import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from command_line import PROGRAM, forked, started
from mortal import MORTAL, needs_rights
from service import Service
from sheets import note, spelled

from chartkeeper.home import open_home
from chartkeeper.keeper import keep_records
from chartkeeper.records import keeping, review_queue
from chartkeeper.records.database import open_ledger
from chartkeeper.records.keeping import Kind


def call(home, *words, **more):
    return (started if more else forked)("--home", home, *words, **more)


@pytest.fixture(scope="module")
def master(tmp_path_factory):
    """A home with three originals, and a file that was refused."""
    service = Service(tmp_path_factory.mktemp("keeping") / "master")
    for number in range(3):
        note(service.home.parent / f"{number}.png", spelled(number), "chart paper")
    paths = [str(service.home.parent / f"{number}.png") for number in range(3)]
    service.run("import", *paths, "--exceptions", str(service.home.parent / "e.csv"))
    return service


@pytest.fixture
def home(master, tmp_path):
    return shutil.copytree(master.home, tmp_path / "home")


def originals(home):
    return sorted(path for path in (home / "vault").glob("*/*"))


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def forge(home, *statements):
    """Somebody with the file and without scruples."""
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        for name in ("access_log_no_UPDATE", "access_log_no_DELETE"):
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)
        database.commit()


def last_run(home):
    with closing(open_ledger(home / "ledger.db")) as ledger, ledger.read() as connection:
        run = keeping.last_ended(connection)
        return run, keeping.findings_of(connection, run.id, 100)


def test_verify_names_each_damage_with_its_remedy_and_keeps_it(home):
    flipped, gone, _ = originals(home)
    flip(flipped)
    gone.unlink()
    (home / "vault" / "notes.txt").write_text("what is this doing here")
    (home / "failed" / "000099 mystery.pdf").write_bytes(b"without a note")
    (home / "inbox" / ".chartkeeper").mkdir()
    (home / "inbox" / ".chartkeeper" / ("e" * 32)).write_bytes(b"nobody claimed it")
    forge(home, "UPDATE access_log SET actor = 'somebody else' WHERE seq = 1")
    done = call(home, "verify")
    assert done.returncode == 4
    for said in (
        f"original {flipped.name[:12]} is damaged. Copy originals/",
        f"original {gone.name[:12]} is missing. Copy originals/",
        "a foreign file or folder lies in the vault",
        "failed: file 000099 has no note",
        "inbox: claimed file eeeeeeee has no arrival",
        "access log: entry 1 was changed",
    ):
        assert said in done.stdout, said
    assert "mystery" not in done.stdout
    run, findings = last_run(home)
    assert (run.kind, run.originals, run.findings) == (Kind.FULL, 3, 6)
    assert [str(item) for item in findings] == done.stdout.splitlines()
    # What was bad once is looked at again, however little time there is.
    assert call(home, "verify", "--incremental", "--minutes", "0").returncode == 4
    run, _ = last_run(home)
    assert (run.kind, run.originals) == (Kind.INCREMENTAL, 2)


def test_what_a_fax_server_said_of_a_refused_fax_needs_no_note_of_its_own(home):
    failed = home / "failed"
    for suffix in ("", ".json", ".why.txt"):
        (failed / f"000009 fax.tif{suffix}").touch()
    assert call(home, "verify").returncode == 0
    (failed / "000010 other.tif.json").touch()
    done = call(home, "verify")
    assert (done.returncode, "file 000010 has no note" in done.stdout) == (4, True)


def test_an_incremental_verify_reads_what_is_new_and_then_what_is_oldest(home):
    assert "all is well; 3 originals" in call(home, "verify", "--incremental").stdout
    assert (
        "all is well; 0 originals" in call(home, "verify", "--incremental", "--minutes", "0").stdout
    )
    assert "all is well; 3 originals" in call(home, "verify", "--incremental").stdout


def test_a_backup_that_is_killed_is_gone_on_with_by_the_next(home, tmp_path):
    """Killed as soon as something lies in the folder, then run again."""
    folder = tmp_path / "backup"
    words = [*PROGRAM, "--home", str(home), "backup", str(folder)]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(folder.glob("generations/*/ledger.db")):
        assert time.monotonic() < deadline
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not list(folder.glob("generations/*/manifest.json"))
    assert call(home, "restore", str(folder)).returncode == 3
    done = call(home, "backup", str(folder))
    assert done.returncode == 0, done.stderr
    assert len(list(folder.glob("generations/*"))) == 1
    assert not list(folder.rglob("*.part"))
    with closing(open_ledger(home / "ledger.db")) as ledger, ledger.read() as connection:
        whole, cut_off = keeping.latest_backups(connection, 5)
    assert whole.is_whole
    assert cut_off.ended_at is None
    assert call(tmp_path / "new", "restore", str(folder)).returncode == 0


def test_backup_and_restore_end_with_a_status_and_a_remedy(home, tmp_path):
    folder, new = tmp_path / "backup", tmp_path / "new"
    assert "cannot lie inside the home" in call(home, "backup", str(home / "backup")).stderr
    assert call(home, "backup", str(tmp_path)).returncode == 3
    assert call(home, "backup", str(folder)).returncode == 0
    gone, flipped, _ = originals(home)
    gone.unlink()
    # The folder has it from before; what it has never had cannot be copied.
    assert call(home, "backup", str(folder)).returncode == 0
    assert call(home, "backup", str(tmp_path / "other")).returncode == 4
    flip(folder / "originals" / flipped.parent.name / flipped.name)
    done = call(new, "restore", str(folder))
    assert done.returncode == 3
    assert f"original {flipped.name[:12]}" in done.stderr
    assert call(new, "documents").returncode == 3
    done = call(new, "restore", str(folder), "--despite-damage")
    assert done.returncode == 4
    assert flipped.name[:12] in done.stderr
    assert call(new, "verify").returncode == 4
    assert call(new, "restore", str(folder)).returncode == 3
    place = new / "vault" / flipped.parent.name
    place.mkdir(exist_ok=True)
    shutil.copy(flipped, place)
    done = call(new, "verify")
    assert done.returncode == 0, done.stdout


@contextmanager
def closed(path):
    """Nobody may look into a folder or file."""
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        yield
    finally:
        path.chmod(mode)


@needs_rights
def test_what_may_not_be_looked_into_is_found_and_no_end_of_it(home, tmp_path):
    share = tmp_path / "share"
    (share / "fax" / ".chartkeeper").mkdir(parents=True)
    with (home / "chartkeeper.toml").open("a") as settings:
        settings.write(f'[[inbox]]\nname = "fax"\nfolder = "{share / "fax"}"\n')
    place = originals(home)[0].parent
    for folder, said in (
        (home / "vault", "vault: its folder cannot be looked into"),
        (place, f"vault: folder {place.name} cannot be looked into"),
        (home / "failed", "failed: its folder cannot be looked into"),
        (share, "inbox: 'fax' cannot be looked into"),
    ):
        with closed(folder):
            done = call(home, "verify", under=MORTAL)
        assert done.returncode == 4, done.stderr
        assert said in done.stdout
        assert "Traceback" not in done.stderr
        found = [str(item) for item in last_run(home)[1]]
        assert [item.partition(".")[0] for item in found if "looked into" in item] == [said]
    assert call(home, "verify", under=MORTAL).returncode == 0


@needs_rights
def test_a_backup_says_what_of_the_failed_files_it_could_not_read(home, tmp_path):
    (home / "failed" / "000099 scan.pdf").write_bytes(b"the only copy")
    (home / "failed" / "000099 scan.pdf.why.txt").write_text("why")
    for number, place in enumerate([home / "failed" / "000099 scan.pdf", home / "failed"]):
        with closed(place):
            done = call(home, "backup", str(tmp_path / f"backup{number}"), under=MORTAL)
        assert done.returncode == 4, done.stdout
        assert "1 files or folders in failed/ and the inboxes could not be read" in done.stderr
    with closing(open_ledger(home / "ledger.db")) as ledger, ledger.read() as connection:
        assert keeping.last_whole_backup(connection) is None
    assert call(home, "backup", str(tmp_path / "backup0"), under=MORTAL).returncode == 0


def test_a_backup_never_lies_in_an_inbox_nor_an_inbox_in_it(home, tmp_path):
    inbox = tmp_path / "outside" / "fax"
    inbox.mkdir(parents=True)
    settings = home / "chartkeeper.toml"
    table = f'[[inbox]]\nname = "fax"\nfolder = "{inbox}"\n'
    settings.write_text(settings.read_text() + table)
    for folder in (inbox / "backup", inbox, inbox.parent):
        done = call(home, "backup", str(folder))
        assert done.returncode == 3
        assert "inside inbox 'fax' or around it" in done.stderr
    assert list(inbox.iterdir()) == []
    settings.write_text(f'backup_folder = "{inbox / "backup"}"\n{table}')
    assert "backup folder lies inside inbox 'fax'" in call(home, "documents").stderr


def test_the_doctor_names_an_inbox_that_is_gone_and_a_ledger_of_another_version(home, tmp_path):
    settings = home / "chartkeeper.toml"
    given = settings.read_text()
    settings.write_text(given + f'[[inbox]]\nname = "fax"\nfolder = "{tmp_path / "gone"}"\n')
    done = call(home, "doctor")
    assert done.returncode == 4
    assert "Inbox 'fax' cannot be used" in done.stdout
    settings.write_text(given)
    assert call(home, "doctor").returncode == 0
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '0003'")
        database.commit()
    assert "The ledger is at revision 0003" in call(home, "doctor").stdout


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM page_words WHERE page_id = 1", "the words of 1 pages that were read"),
        ("UPDATE scans SET state = 'stored', unread = 1 WHERE id = 1", "another number of unread"),
        ("UPDATE arrivals SET scan_id = 2 WHERE id = 1", "2 scans were not accepted exactly once"),
    ],
)
def test_verify_sees_what_the_sums_do_not(home, statement, said):
    forge(home, statement)
    done = call(home, "verify")
    assert done.returncode == 4
    assert said in done.stdout


def test_heads_of_the_access_log_that_were_removed_are_missed(home):
    anchors = home / "access-log-anchors.txt"
    assert call(home, "documents").returncode == 0
    # Before the first verify there is nothing to be noted down.
    assert not anchors.exists()
    assert call(home, "audit", "verify").returncode == 0
    assert call(home, "verify").returncode == 0
    kept = anchors.read_text()
    anchors.unlink()
    forge(home, "DELETE FROM access_log WHERE seq > 1")
    for words in (("audit", "verify"), ("verify",)):
        done = call(home, *words)
        assert (done.returncode, "access-log-anchors.txt is gone" in done.stdout) == (4, True)
    anchors.write_text(kept)
    assert "noted down earlier, is gone" in call(home, "audit", "verify").stdout


def test_entries_cut_off_since_the_last_verify_are_missed_by_the_log_of_the_service(home, caplog):
    (home / "chartkeeper.toml").write_text('verify_daily_at = ""\n')
    assert call(home, "documents").returncode == 0
    with caplog.at_level("INFO"):
        keep_records(*open_home(home))
    noted = re.search(r"access log: entry (\d+) is ([0-9a-f]{64})", caplog.text).groups()
    assert call(home, "audit", "verify", "--noted", *noted).returncode == 0
    forge(home, f"DELETE FROM access_log WHERE seq >= {noted[0]}")
    assert call(home, "documents").returncode == 0
    assert call(home, "audit", "verify").returncode == 0
    done = call(home, "audit", "verify", "--noted", *noted)
    assert (done.returncode, f"entry {noted[0]}, noted down earlier, is gone" in done.stdout) == (
        4,
        True,
    )


def test_an_empty_list_of_heads_is_none_and_is_missed_once_there_was_one(home):
    anchors = home / "access-log-anchors.txt"
    anchors.touch()
    assert call(home, "verify").returncode == 0
    anchors.write_text("")
    done = call(home, "verify")
    assert (done.returncode, "access-log-anchors.txt is gone" in done.stdout) == (4, True)


def test_a_disk_that_is_full_costs_no_head_that_was_noted_before(home):
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    anchors = home / "access-log-anchors.txt"
    assert call(home, "verify").returncode == 0
    # The ledger's own files stay below the limit, and half a line has room.
    line = anchors.read_text()
    limit = anchors.write_text(line * 40_000) + len(line) // 2
    assert call(home, "verify", preexec_fn=small_files).returncode == 3
    assert [path.name for path in home.glob(".*")] == []
    assert call(home, "verify").returncode == 0


def test_a_verify_stopped_by_hand_has_the_status_of_that(home):
    original, *_ = originals(home)
    original.unlink()
    # Whoever opens a pipe waits for the other end, and then for what comes.
    os.mkfifo(original)
    # Whoever runs the tests in the background has taken Ctrl-C from them.
    hears = ["env", "--default-signal=INT"]
    words = [*hears, *PROGRAM, "--home", str(home), "verify"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    with original.open("wb"):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.endswith("\nstopped\n")


def test_verify_names_a_document_that_was_moved_to_another_patient(home, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("mrn,last,first,dob\n1,Samplewood,Ada,1961-03-07\n")
    assert call(home, "patients", "load", str(path)).returncode == 0
    forge(home, "UPDATE documents SET patient_id = 1 WHERE id = 2")
    done = call(home, "verify")
    assert done.returncode == 4
    assert "another patient than was decided last has document 2. The ledger" in done.stdout


def test_both_are_in_the_access_log(home, tmp_path):
    call(home, "backup", str(tmp_path / "backup"))
    call(tmp_path / "new", "restore", str(tmp_path / "backup"))
    said = call(tmp_path / "new", "audit", "export").stdout
    assert '"event": "backup"' in said
    assert '"event": "restore"' in said
    assert call(tmp_path / "new", "audit", "verify").returncode == 0


def decide_something(home):
    """A clerk files what waits, again and again, as long as the files come."""
    with closing(open_ledger(home / "ledger.db")) as ledger, ledger.write() as connection:
        waiting = review_queue.waiting(connection, 1)
        for facts in waiting:
            connection.exec_driver_sql(
                "UPDATE documents SET reason = 'looked at' WHERE id = ?", (facts.document.id,)
            )


def test_a_backup_taken_under_load_and_restored_elsewhere_is_equal(tmp_path):
    service = Service(tmp_path / "home")
    folder, stop = tmp_path / "backup", threading.Event()
    sheets = [note(tmp_path / f"{number}.png", spelled(number)) for number in range(24)]
    service.start()

    def load():
        for sheet in sheets:
            service.drop(sheet)
            decide_something(service.home)
            if stop.wait(0.25):
                return

    loading = threading.Thread(target=load)
    loading.start()
    try:
        service.wait_idle(3)
        before = {str(line["file"]) for line in service.documents()}
        first = call(service.home, "backup", str(folder))
        second = call(service.home, "backup", str(folder))
        # Nothing that is on its way is a false alarm.
        assert call(service.home, "verify").stdout.startswith("all is well")
    finally:
        stop.set()
        loading.join()
        service.stop()
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    elsewhere = tmp_path / "elsewhere"
    done = call(elsewhere, "restore", str(folder))
    assert done.returncode == 0, done.stderr
    assert "its chain whole" in done.stdout
    text = (elsewhere / "chartkeeper.toml").read_text()
    restored = Service.on(elsewhere)
    moved = text.replace(f"port = {service.port}", f"port = {restored.port}")
    (elsewhere / "chartkeeper.toml").write_text(moved)
    restored.start()
    try:
        restored.wait_idle(len(before))
        time.sleep(1)
        restored.wait_idle(len(before))
    finally:
        restored.stop()
    names = Counter(str(line["file"]) for line in restored.documents())
    assert before <= names.keys()
    assert set(names.values()) == {1}
    assert call(elsewhere, "verify").returncode == 0
    assert len(restored.search("zero")) == 1


def test_the_service_catches_up_what_was_missed_and_the_part_ends(home, tmp_path):
    folder = tmp_path / "backup"
    call(home, "backup", str(folder))
    call(home, "verify")
    long_ago = datetime.now(UTC) - timedelta(days=3)
    with closing(open_ledger(home / "ledger.db")) as ledger, ledger.write() as connection:
        connection.exec_driver_sql("UPDATE backups SET started_at = '2026-01-01 00:00:00.000000'")
        keeping.begin_run(connection, Kind.FULL, long_ago)
        keeping.end_run(connection, keeping.runs(connection, 1)[0], [], long_ago)
    service = Service.on(home)
    settings = f'port = {service.port}\nbackup_folder = "{folder}"\nbackup_keep = 1\n'
    (home / "chartkeeper.toml").write_text(settings)
    service.start()
    try:
        deadline = time.monotonic() + 60
        while last_run(home)[0].started_at <= long_ago:
            assert time.monotonic() < deadline, service.log.read_text()
            time.sleep(0.3)
    finally:
        service.stop()
    run, findings = last_run(home)
    assert (run.kind, findings) == (Kind.INCREMENTAL, [])
    assert len(list(folder.glob("generations/*/manifest.json"))) == 1
    assert "keeper ended" not in service.log.read_text()
    with closing(open_ledger(home / "ledger.db")) as ledger, ledger.read() as connection:
        assert keeping.last_whole_backup(connection).generation.startswith("000002")


def test_a_disk_that_is_not_connected_is_told_of_and_nothing_is_written_there(home, tmp_path):
    place = tmp_path / "mount"
    place.mkdir()
    (home / "chartkeeper.toml").write_text(f'backup_folder = "{place}"\n')
    forge(home, "UPDATE access_log SET at = '2026-01-01 00:00:00.000000' WHERE seq = 1")
    parts = open_home(home)
    keep_records(*parts)
    with parts[2].read() as connection:
        (failed,) = keeping.latest_backups(connection, 5)
        (run,) = keeping.runs(connection, 5)
    parts[2].close()
    assert "its disk is connected" in failed.failure
    assert list(place.iterdir()) == []
    assert run.kind is Kind.FULL

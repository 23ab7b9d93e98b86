"""A home of which something is gone: nothing empty takes its place, and the backup is named."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest
from command_line import PROGRAM, forked, started
from service import ADMIN, PASSWORD, Service
from sheets import note

from chartkeeper.ingest.locks import sole

INIT = ("init", "--admin", ADMIN, "--password-stdin")


def call(home, *words, given="", **more):
    done = (started if more else forked)("--home", home, *words, given=given, **more)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def master(tmp_path_factory):
    """A home with an original and with heads of the access log."""
    service = Service(tmp_path_factory.mktemp("losses") / "home")
    note(service.home.parent / "a.png", "alpha bravo")
    service.run("import", str(service.home.parent / "a.png"))
    service.run("verify")
    return service.home


@pytest.fixture
def home(master, tmp_path):
    return shutil.copytree(master, tmp_path / "home")


def remove(ledger):
    for end in ("", "-wal", "-shm"):
        ledger.with_name(ledger.name + end).unlink(missing_ok=True)


def empty(ledger):
    remove(ledger)
    ledger.touch()


def replace_by_a_new_one(ledger):
    remove(ledger)
    other = Service(ledger.parent.parent / "other")
    shutil.copy(other.home / "ledger.db", ledger)
    with closing(sqlite3.connect(ledger)) as database:
        database.execute("DROP TRIGGER access_log_no_DELETE")
        database.execute("DELETE FROM access_log")
        database.commit()


@pytest.mark.parametrize(
    ("lose", "left"),
    [(remove, "vault"), (empty, "failed"), (replace_by_a_new_one, "access-log-anchors.txt")],
)
def test_a_lost_ledger_is_restored_and_never_made_anew(home, lose, left):
    (home / "failed" / "000009 scan.pdf").write_bytes(b"")
    for name in {"vault", "failed", "access-log-anchors.txt"} - {left}:
        path = home / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    lose(home / "ledger.db")
    before = (home / "ledger.db").stat().st_size if (home / "ledger.db").exists() else None
    for words in (INIT, ("verify",), ("serve",)):
        done = call(home, *words, given=PASSWORD)
        assert done.returncode == 3
        assert "restore the newest backup" in done.stderr
    done = call(home, "doctor")
    assert (done.returncode, "restore the newest backup" in done.stdout) == (4, True)
    after = (home / "ledger.db").stat().st_size if (home / "ledger.db").exists() else None
    assert before == after


@pytest.mark.parametrize("mount_point", [True, False])
def test_an_unmounted_vault_is_not_replaced_by_an_empty_one(home, tmp_path, mount_point):
    (home / "vault").rename(tmp_path / "unplugged")
    if mount_point:
        (home / "vault").mkdir()
    for words in (("init",), ("serve",), ("import", str(tmp_path / "unplugged"))):
        done = call(home, *words)
        assert done.returncode == 3
        assert "Connect its disk or share" in done.stderr
    assert "Connect its disk" in call(home, "doctor").stdout
    assert call(home, "verify").returncode == 4
    assert (home / "vault").exists() == mount_point
    if mount_point:
        (home / "vault").rmdir()
    (tmp_path / "unplugged").rename(home / "vault")
    assert call(home, "init").returncode == 0
    assert call(home, "verify").returncode == 0


def put_at_revision(home, revision):
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        database.commit()


def test_a_home_of_a_newer_version_is_left_as_it_is(home):
    put_at_revision(home, "9999")
    for words in (("init",), ("documents",), ("verify",), ("backup", str(home.parent / "b"))):
        done = call(home, *words)
        assert (done.returncode, "Install that version or a later one" in done.stderr) == (3, True)
    assert "newer version" in call(home, "doctor").stdout


@pytest.mark.parametrize("part", ["serve", "serve-worker", "import"])
def test_a_home_in_use_is_not_brought_up_to_date(home, part):
    put_at_revision(home, "0006")
    with sole(home / "work" / "locks", part):
        done = call(home, "init")
        assert (done.returncode, "Stop that one first" in done.stderr) == (3, True)
    assert "at revision 0006" in call(home, "doctor").stdout


def test_settings_that_are_gone_are_not_replaced_by_the_defaults(home):
    (home / "chartkeeper.toml").unlink()
    done = call(home, "init")
    assert (done.returncode, "Put a copy of it back" in done.stderr) == (3, True)
    (home / "restore-unfinished.txt").touch()
    done = call(home, "init")
    assert (done.returncode, "run the same restore again" in done.stderr) == (3, True)


def init(home, **more):
    return call(home, *INIT, given=PASSWORD, **more)


def content(home):
    return sorted(path.relative_to(home) for path in home.rglob("*"))


@pytest.mark.parametrize("seen", ["inbox", "ledger.db", "index", "chartkeeper.toml"])
def test_an_init_that_was_killed_is_gone_on_with(tmp_path, seen):
    home = tmp_path / "home"
    words = [*PROGRAM, "--home", str(home), *INIT]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (home / seen).exists():
        assert time.monotonic() < deadline
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    done = init(home)
    assert (done.returncode, done.stderr) == (0, "")
    assert call(home, "users", "list").stdout.split()[0] == ADMIN
    assert call(home, "verify").returncode == 0


def test_an_init_on_a_full_disk_says_so_and_can_be_repeated(tmp_path):
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    home = tmp_path / "home"
    assert init(home, preexec_fn=small_files).returncode == 3
    assert init(home).returncode == 0


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    for names in (["letter.doc"], ["inbox", "letter.doc"], ["work", "index"]):
        home = tmp_path / names[0].partition(".")[0] / "home"
        for name in names:
            (home / name).mkdir(parents=True)
        before = content(home)
        done = init(home)
        assert (done.returncode, "no Chartkeeper home" in done.stderr) == (3, True)
        assert content(home) == before


def test_a_ledger_that_is_none_is_said_to_be_damaged(tmp_path):
    home = Service(tmp_path / "home").home
    remove(home / "ledger.db")
    (home / "ledger.db").write_bytes(b"not a database at all\n" * 500)
    for words in (("init",), ("documents",), ("serve",)):
        done = call(home, *words)
        assert (done.returncode, "is damaged" in done.stderr) == (3, True)
    assert "is damaged" in call(home, "doctor").stdout

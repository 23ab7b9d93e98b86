"""A home of which something is gone: nothing empty takes its place, and the backup is named."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from service import ADMIN, PASSWORD, Service
from sheets import note

INIT = ("init", "--admin", ADMIN, "--password-stdin")


def call(home, *words, given="", **more):
    arguments = [sys.executable, "-m", "chartkeeper", "--home", str(home), *words]
    done = subprocess.run(
        arguments, input=given, capture_output=True, text=True, check=False, timeout=120, **more
    )
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

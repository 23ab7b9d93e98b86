"""Backups that are damaged, cut off, moved, pruned and restored, with real files and ledgers."""

import json
import os
import shutil
import sqlite3
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest

from chartkeeper.records import (
    access_log,
    accounts,
    arrivals,
    backup,
    generations,
    keeping,
    pages,
    restore,
    scans,
)
from chartkeeper.records.access_log import Entry, Event
from chartkeeper.records.arrivals import Seen
from chartkeeper.records.backup import Source, back_up, held
from chartkeeper.records.backup_errors import (
    BackupBusy,
    BackupDamaged,
    BackupFull,
    BackupOfAnotherHome,
    BackupTooNew,
    BackupUnusable,
    HomeNotEmpty,
    NoSuchBackup,
    NotABackup,
    RestoreDiffers,
)
from chartkeeper.records.database import Ledger, create_ledger, open_ledger
from chartkeeper.records.errors import LedgerDamaged
from chartkeeper.records.fixity import PREFIXES, place_of
from chartkeeper.records.model import Lane, PageState, Role
from chartkeeper.records.restore import Target
from chartkeeper.records.scans import NewScan
from chartkeeper.records.vault import Vault


class Home:
    """A home with originals, a failed file, a file in the inbox, settings and a log."""

    def __init__(self, path, ledger, now):
        self.path, self.ledger, self.now = path, ledger, now
        for name in ("vault", "inbox", "failed"):
            (path / name).mkdir(parents=True)
        (path / "chartkeeper.toml").write_text("port = 1234\n")
        (path / "failed" / "000007 fax.pdf").write_bytes(b"could not be used")
        (path / "inbox" / "sub").mkdir()
        (path / "inbox" / "sub" / "waiting.pdf").write_bytes(b"not taken yet")
        with ledger.write() as connection:
            for name in ("ann", "bob"):
                access_log.record(connection, Entry(Event.LOGIN, name, "-"), now)
        self.number = 0
        self.names = [self.take_in() for _ in range(6)]

    def take_in(self, lane=Lane.DAILY, content=None):
        self.number += 1
        source = self.path / "arriving"
        source.write_bytes(content or f"scan {self.number} of {self.path}".encode() * 50)
        stored = Vault(self.path / "vault").store(source)
        source.unlink()
        with self.ledger.write() as connection:
            seen = Seen("inbox", f"{self.number}.pdf", stored.sha256[:32], lane, stored.size)
            arrival = arrivals.claim(connection, seen, self.now)
            new = NewScan(stored.sha256, "pdf", stored.size, 1, lane)
            arrivals.accept(connection, arrival.id, scans.add(connection, new, self.now))
        return stored.sha256

    def source(self, ledger=None):
        return Source(
            ledger or self.ledger,
            self.path / "vault",
            files={"chartkeeper.toml": self.path / "chartkeeper.toml"},
            trees={"failed": self.path / "failed", "inbox": self.path / "inbox"},
            program_version="1.2.3",
        )

    def back_up(self, folder, **options):
        with held(folder):
            name, source = generations.next_name(folder, self.now), options.pop("ledger", None)
            return back_up(self.source(source), folder, name, self.now, **options)


@pytest.fixture
def home(tmp_path, ledger, now):
    return Home(tmp_path / "home", ledger, now)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backup"


def put_back(folder, place, generation=None, **options):
    manifest = generations.read_manifest(folder, generation)
    target = Target(place, place / "vault", place / "ledger.db")
    return restore.restore(folder, manifest, target, **options)


def contents(place):
    files = (path for path in place.rglob("*") if path.is_file())
    return {str(path.relative_to(place)): path.read_bytes() for path in files}


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def test_what_comes_back_is_what_was_backed_up(home, folder, tmp_path):
    made = home.back_up(folder)
    place = tmp_path / "elsewhere"
    assert put_back(folder, place) == []
    before, after = contents(home.path), contents(place)
    assert after.pop("restore-unfinished.txt")
    after.pop("ledger.db")
    assert after == before
    assert made.totals.originals == made.totals.copied == 6
    with open_ledger(place / "ledger.db").read() as connection, home.ledger.read() as old:
        assert backup.row_counts(connection) == backup.row_counts(old)
        assert access_log.head(connection) == access_log.head(old)
    modes = {oct(path.stat().st_mode & 0o777) for path in folder.rglob("*")}
    assert modes == {"0o700", "0o600"}
    assert {path.stat().st_mode & 0o777 for path in (place / "vault").glob("*/*")} == {0o400}


def test_the_next_backup_copies_only_what_is_new(home, folder, tmp_path):
    home.back_up(folder)
    new = home.take_in()
    again = home.back_up(folder)
    assert (again.totals.originals, again.totals.copied) == (7, 1)
    assert home.back_up(folder).totals.copied == 0
    first, second, _ = generations.finished(folder)
    put_back(folder, tmp_path / "first", first)
    put_back(folder, tmp_path / "second", second)
    assert not place_of(tmp_path / "first" / "vault", new).exists()
    assert place_of(tmp_path / "second" / "vault", new).exists()


def test_a_flipped_byte_in_the_backup_is_found_and_mended(home, folder, tmp_path):
    home.back_up(folder)
    flip(place_of(folder / "originals", home.names[2]))
    with pytest.raises(BackupDamaged, match=home.names[2][:12]):
        put_back(folder, tmp_path / "new")
    missing = put_back(folder, tmp_path / "new", despite_damage=True)
    assert missing == [f"original {home.names[2][:12]}"]
    # By size nothing is wrong with it; only reading all again shows it.
    assert home.back_up(folder).totals.copied == 0
    assert home.back_up(folder, verify_all=True).mended == 1
    assert put_back(folder, tmp_path / "mended") == []


def test_a_content_that_was_cut_or_removed_is_copied_again(home, folder, tmp_path):
    home.back_up(folder)
    place_of(folder / "originals", home.names[0]).unlink()
    cut = place_of(folder / "originals", home.names[1])
    cut.write_bytes(cut.read_bytes()[:-1])
    with pytest.raises(BackupDamaged, match=home.names[0][:12]) as caught:
        put_back(folder, tmp_path / "new")
    assert home.names[1][:12] in str(caught.value)
    assert home.back_up(folder).totals.copied == 2
    assert put_back(folder, tmp_path / "other") == []


def test_an_original_damaged_in_the_vault_is_not_copied_as_if_whole(home, folder, tmp_path):
    flip(place_of(home.path / "vault", home.names[3]))
    place_of(home.path / "vault", home.names[4]).unlink()
    made = home.back_up(folder)
    assert set(made.manifest.lacking) == set(home.names[3:5])
    assert not place_of(folder / "originals", home.names[3]).exists()
    assert set(put_back(folder, tmp_path / "new")) == set(home.names[3:5])


def test_what_a_backup_has_already_outlives_damage_in_the_vault(home, folder):
    home.back_up(folder)
    flip(place_of(home.path / "vault", home.names[3]))
    assert home.back_up(folder, verify_all=True).manifest.lacking == ()


def test_a_ledger_that_was_cut_is_refused(home, folder, tmp_path):
    made = home.back_up(folder)
    copy = generations.folder_of(folder, made.manifest.generation) / "ledger.db"
    copy.write_bytes(copy.read_bytes()[:-4096])
    with pytest.raises(BackupDamaged, match="the ledger of 000001"):
        put_back(folder, tmp_path / "new")


def test_a_ledger_that_does_not_fit_its_manifest_is_refused(home, folder, tmp_path):
    made = home.back_up(folder)
    rows = {**made.manifest.rows, "scans": 7}
    generations.write_manifest(folder, replace(made.manifest, rows=rows, log_head="0" * 64))
    with pytest.raises(RestoreDiffers, match="the number of rows, the chain of the access log"):
        put_back(folder, tmp_path / "new")
    generations.write_manifest(folder, replace(made.manifest, originals_digest="0" * 64))
    with pytest.raises(RestoreDiffers, match="the names of the originals"):
        put_back(folder, tmp_path / "other")


@pytest.mark.parametrize(
    "change",
    [
        lambda given: given.update(originals=5),
        lambda given: given.pop("log_head"),
        lambda given: given.pop("seal"),
        lambda given: given["files"][0].update(path="../../etc/passwd"),
    ],
)
def test_a_manifest_that_was_changed_is_refused(home, folder, change):
    made = home.back_up(folder)
    path = generations.folder_of(folder, made.manifest.generation) / "manifest.json"
    given = json.loads(path.read_text())
    change(given)
    path.write_text(json.dumps(given))
    with pytest.raises(BackupDamaged, match="the manifest of 000001"):
        generations.read_manifest(folder)


def test_a_path_that_leads_out_of_the_home_is_refused_even_if_sealed(home, folder):
    made = home.back_up(folder)
    out = replace(made.manifest.files[0], path="../elsewhere")
    generations.write_manifest(folder, replace(made.manifest, files=(out,)))
    with pytest.raises(BackupDamaged):
        generations.read_manifest(folder)


def test_without_its_manifest_a_backup_counts_for_nothing(home, folder, tmp_path):
    first = home.back_up(folder).manifest.generation
    second = home.back_up(folder).manifest.generation
    (generations.folder_of(folder, second) / "manifest.json").unlink()
    assert generations.read_manifest(folder).generation == first
    with pytest.raises(NoSuchBackup, match="It has: 000001"):
        generations.read_manifest(folder, second)
    third = home.back_up(folder).manifest.generation
    assert sorted(path.name for path in (folder / "generations").iterdir()) == [first, third]


def test_retention_keeps_every_content_that_a_kept_backup_names(home, folder, tmp_path):
    home.back_up(folder)
    (home.path / "failed" / "000007 fax.pdf").unlink()
    (home.path / "failed" / "000008 other.pdf").write_bytes(b"another failed file")
    home.take_in()
    for _ in range(3):
        home.back_up(folder)
    assert generations.prune(folder, 3) == (1, 1)
    assert generations.prune(folder, 3) == (0, 0)
    assert generations.prune(folder, 1)[0] == 2
    assert put_back(folder, tmp_path / "new") == []
    held_now = sum(len(list((folder / "originals" / prefix).glob("*"))) for prefix in PREFIXES)
    assert held_now == 7 + 3


def test_nothing_is_removed_while_a_kept_backup_cannot_be_read(home, folder):
    for _ in range(3):
        made = home.back_up(folder)
    path = generations.folder_of(folder, made.manifest.generation) / "manifest.json"
    path.write_text("{}")
    before = contents(folder)
    with pytest.raises(BackupDamaged):
        generations.prune(folder, 1)
    assert contents(folder) == before


def test_places_that_are_not_for_this_backup_are_refused(home, folder, tmp_path, now):
    home.back_up(folder)
    (tmp_path / "else").mkdir()
    create_ledger(tmp_path / "else" / "ledger.db")
    later = now + timedelta(days=1)
    other = Home(tmp_path / "other", open_ledger(tmp_path / "else" / "ledger.db"), later)
    with pytest.raises(BackupOfAnotherHome):
        other.back_up(folder)
    other.ledger.close()
    with pytest.raises(NotABackup):
        home.back_up(home.path)
    with pytest.raises(NotABackup):
        generations.read_manifest(home.path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BackupUnusable, match="run it again"):
        home.back_up(tmp_path / "file" / "backup")
    with held(folder), pytest.raises(BackupBusy), held(folder):
        pass


def test_a_damaged_ledger_makes_no_backup(home, folder, tmp_path):
    database = sqlite3.connect(tmp_path / "ledger.db")
    database.execute("DELETE FROM scans")
    database.commit()
    database.close()
    with pytest.raises(LedgerDamaged):
        home.back_up(folder)
    assert generations.finished(folder) == []


class Busy(Ledger):
    """A ledger in which something happens at the very moment after it was copied."""

    def __init__(self, ledger, then):
        super().__init__(ledger._engine)
        self.then = then

    def snapshot(self, target):
        super().snapshot(target)
        self.then()


def test_what_comes_through_the_inbox_meanwhile_is_in_the_backup(home, folder, tmp_path):
    """A file accepted and cleared between the copy of the ledger and that of the inbox."""
    content = b"arrived in the middle" * 9
    made = home.back_up(folder, ledger=Busy(home.ledger, lambda: home.take_in(content=content)))
    put_back(folder, tmp_path / "new")
    assert (tmp_path / "new" / "inbox" / "7.pdf").read_bytes() == content
    assert made.manifest.originals == 6


def test_a_file_claimed_before_and_gone_after_is_in_the_backup(home, folder, tmp_path):
    stored = Vault(home.path / "vault").store(home.path / "chartkeeper.toml")
    with home.ledger.write() as connection:
        seen = Seen("inbox", "fax/claimed.pdf", "c" * 32, Lane.DAILY, stored.size)
        arrival = arrivals.claim(connection, seen, home.now)

    def accept():
        with home.ledger.write() as connection:
            new = NewScan(stored.sha256, "pdf", stored.size, 1, Lane.DAILY)
            arrivals.accept(connection, arrival.id, scans.add(connection, new, home.now))

    home.back_up(folder, ledger=Busy(home.ledger, accept))
    put_back(folder, tmp_path / "new")
    assert (tmp_path / "new" / "inbox" / "fax" / "claimed.pdf").read_bytes() == b"port = 1234\n"


def test_restoring_goes_on_where_it_was_interrupted_and_never_over_a_home(home, folder, tmp_path):
    home.back_up(folder)
    home.take_in()
    home.back_up(folder)
    place = tmp_path / "new"
    put_back(folder, place)
    kept = place_of(place / "vault", home.names[0])
    flip(place_of(place / "vault", home.names[1]))
    inode = kept.stat().st_ino
    assert put_back(folder, place) == []
    assert kept.stat().st_ino == inode
    with pytest.raises(HomeNotEmpty):
        put_back(folder, place, generations.finished(folder)[0])
    restore.finish(place)
    with pytest.raises(HomeNotEmpty):
        put_back(folder, place)


def test_a_backup_of_a_newer_program_says_which_version_to_install(home, folder, tmp_path):
    made = home.back_up(folder)
    generations.write_manifest(folder, replace(made.manifest, schema_revision="9999"))
    with pytest.raises(BackupTooNew, match=r"1\.2\.3"):
        put_back(folder, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_was_true_of_the_old_home_only_is_taken_back(home, folder, tmp_path, now):
    with home.ledger.write() as connection:
        pages.lease(connection, "a host that is gone", 2, now, 60)
        accounts.add_user(connection, "ann", Role.STAFF, "a long enough password")
        user = accounts.all_users(connection)[0]
        accounts.open_session(connection, user, "127.0.0.1", now)
        number = keeping.begin_backup(connection, str(folder), "000001-2026-11-02T093000Z", now)
    made = home.back_up(folder)
    put_back(folder, tmp_path / "new")
    ledger = open_ledger(tmp_path / "new" / "ledger.db")
    with ledger.write() as connection:
        restore.settle(connection, made.manifest)
        assert pages.counts(connection)[PageState.READING] == 0
        assert pages.counts(connection)[PageState.WAITING] == 6
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one() == 0
        whole = keeping.last_whole_backup(connection)
    assert (whole.id, whole.originals, whole.through_scan) == (number, 6, 6)
    ledger.close()


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", str(place)]
    mount = shutil.which("mount")
    if os.geteuid() or not mount or subprocess.run(command, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_and_the_next_run_goes_on(home, small_disk, tmp_path):
    folder = small_disk / "backup"
    names = [home.take_in(content=os.urandom(120_000)) for _ in range(6)]
    with pytest.raises(BackupFull, match="goes on from what was copied"):
        home.back_up(folder)
    assert generations.finished(folder) == []
    copied = sum(place_of(folder / "originals", name).exists() for name in home.names + names)
    subprocess.run(["mount", "-o", "remount,size=9m", str(small_disk)], check=True)
    assert home.back_up(folder).totals.copied == 12 - copied
    assert copied > 0
    assert put_back(folder, tmp_path / "new") == []

import os
import resource
import signal
import subprocess
import sys

import pytest
from originals import originals

from chartkeeper.records.errors import (
    OriginalMissing,
    SourceChanged,
    VaultFull,
    VaultUnusable,
)
from chartkeeper.records.vault import Vault, file_sha256


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "vault"
    path.mkdir()
    return path


@pytest.fixture
def vault(folder):
    return Vault(folder)


def write(path, content):
    path.write_bytes(content)
    return path


def test_an_original_is_kept_under_its_hash_and_read_only(vault, tmp_path):
    source = write(tmp_path / "a.pdf", b"first page")
    stored = vault.store(source)
    assert stored.sha256 == file_sha256(source)
    assert stored.size == 10
    place = vault.path(stored.sha256)
    assert place.read_bytes() == b"first page"
    assert place.stat().st_mode & 0o777 == 0o400
    assert source.exists()


def test_the_same_content_is_stored_once(vault, folder, tmp_path):
    first = vault.store(write(tmp_path / "a", b"same"))
    inode = vault.path(first.sha256).stat().st_ino
    assert vault.store(write(tmp_path / "b", b"same")) == first
    assert vault.path(first.sha256).stat().st_ino == inode
    assert originals(folder) == [first.sha256]


def test_a_new_arrival_of_a_damaged_original_heals_it(vault, folder, tmp_path):
    source = write(tmp_path / "a", b"content")
    sha256 = vault.store(source).sha256
    place = vault.path(sha256)
    place.chmod(0o600)
    place.write_bytes(b"c0ntent")
    assert file_sha256(place) != sha256
    vault.store(source)
    assert originals(folder) == [sha256]


def test_a_file_that_was_written_to_since_it_was_examined_is_not_kept(vault, folder, tmp_path):
    source = write(tmp_path / "a", b"half")
    seen = source.lstat()
    write(source, b"half and more")
    with pytest.raises(SourceChanged, match="once more"):
        vault.store(source, seen)
    assert list(folder.iterdir()) == []
    assert [vault.store(source, source.lstat()).sha256] == originals(folder)


def test_a_source_that_cannot_be_read_is_no_fault_of_the_vault(vault, folder, tmp_path):
    with pytest.raises(IsADirectoryError):
        vault.store(tmp_path)
    assert list(folder.iterdir()) == []


def test_a_missing_original_is_named(vault):
    with pytest.raises(OriginalMissing, match="verify"):
        vault.path("f" * 64)


def test_a_full_disk_leaves_the_source_and_no_half_file(vault, folder, tmp_path):
    source = write(tmp_path / "a", os.urandom(300_000))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        with pytest.raises(VaultUnusable, match="Nothing was lost"):
            vault.store(source)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    assert source.exists()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_disk_without_room_is_said_in_words(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let a test mount a disk")
    try:
        source = write(tmp_path / "a", os.urandom(300_000))
        with pytest.raises(VaultFull, match="Nothing was lost"):
            Vault(disk).store(source)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


KILLED = """
import sys, os
from pathlib import Path
from chartkeeper.records import vault
real = os.fsync
def dying(descriptor):
    real(descriptor)
    os.kill(os.getpid(), 9)
os.fsync = dying
vault.Vault(Path(sys.argv[1])).store(Path(sys.argv[2]))
"""


def test_killed_half_way_it_leaves_nothing_that_looks_like_an_original(vault, folder, tmp_path):
    source = write(tmp_path / "a", b"content")
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(source)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert originals(folder) == []
    assert list(folder.glob(".*.part"))
    vault.discard_leftovers()
    assert list(folder.iterdir()) == []
    assert [vault.store(source).sha256] == originals(folder)

"""A file that its disk does not give up keeps nobody else waiting, and somebody is told of it."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from service import Service
from sheets import note

from chartkeeper.ingest.attention import HELD, UNREADABLE
from chartkeeper.ingest.claimed import CLAIMS_FOLDER
from chartkeeper.ingest.deliveries import NOT_UNDERSTOOD

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="it takes a C compiler")

# Reads of one file, whatever it is called, fail from some byte on: a sector of the disk is gone.
# With LOST_NODE it cannot be given another name either.
DISK = """
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
static int lost(int file, off_t at) {
  struct stat facts;
  const char *inode = getenv("LOST_INODE"), *from = getenv("LOST_FROM");
  return inode && !fstat(file, &facts) && S_ISREG(facts.st_mode)
      && facts.st_ino == (ino_t)atol(inode) && at >= atol(from);
}
ssize_t read(int file, void *data, size_t bytes) {
  if (lost(file, lseek(file, 0, SEEK_CUR))) { errno = EIO; return -1; }
  return syscall(SYS_read, file, data, bytes);
}
ssize_t pread(int file, void *data, size_t bytes, off_t at) {
  if (lost(file, at)) { errno = EIO; return -1; }
  return syscall(SYS_pread64, file, data, bytes, at);
}
static int fixed(const char *path) {
  struct stat facts;
  const char *inode = getenv("LOST_INODE");
  return getenv("LOST_NODE") && inode && !lstat(path, &facts)
      && facts.st_ino == (ino_t)atol(inode);
}
int linkat(int from, const char *path, int to, const char *place, int flags) {
  if (fixed(path)) { errno = EIO; return -1; }
  return syscall(SYS_linkat, from, path, to, place, flags);
}
int rename(const char *path, const char *place) {
  if (fixed(path)) { errno = EIO; return -1; }
  return syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, place, 0);
}
"""

# Three looks at the last inbox of a home, without any patience.
LOOKS = """
import json, sys
from dataclasses import replace
from pathlib import Path
from chartkeeper.desks import make_desk
from chartkeeper.home import open_home
from chartkeeper.ingest.desk import Patience
from chartkeeper.ingest.watch import Attention, turn
from chartkeeper.records import arrivals, inboxes
home, settings, ledger = open_home(Path(sys.argv[1]))
desk = make_desk(home, settings, ledger)
desk = desk.at(desk.further[-1]) if desk.further else desk
hasty = Patience(still=0, incomplete=0, leftover=0, late=-1)
desk = replace(desk, patience=hasty, profile=replace(desk.profile, sidecar_wait_seconds=0))
attention = Attention()
for _ in range(3):
    attention.noted = None
    turn(desk, attention)
with ledger.read() as connection:
    states = {row.state.name: row.state for row in inboxes.all_noted(connection)}
    came = {item.name: [item.state, item.delivery.note] for item in arrivals.newest(connection, 9)}
state = states[desk.profile.name]
late = {item.name: item.why for item in state.late}
print(json.dumps({"came": came, "trouble": state.trouble, "late": late}))
"""


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("disk")
    (folder / "disk.c").write_text(DISK)
    command = ["cc", "-shared", "-fPIC", "-o", str(folder / "disk.so"), str(folder / "disk.c")]
    subprocess.run(command, check=True)
    return folder / "disk.so"


@pytest.fixture
def home(tmp_path):
    return Service(tmp_path / "home").home


def looks(home, disk, lost, first_lost_byte=0, **more):
    """What three looks at an inbox come to, where one file is lost from some byte on."""
    environment = {
        **os.environ,
        "LD_PRELOAD": str(disk),
        "LOST_INODE": str(lost.stat().st_ino),
        "LOST_FROM": str(first_lost_byte),
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-c", LOOKS, str(home)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert lost.name not in done.stderr, "names of files are nobody's business"
    return json.loads(done.stdout)


def test_a_file_that_cannot_be_read_lies_on_and_the_others_go_on(home, disk):
    lost = note(home / "inbox" / "a lost.png", "alpha")
    note(home / "inbox" / "b good.png", "bravo bravo bravo")
    found = looks(home, disk, lost)
    assert found["came"] == {"b good.png": ["accepted", ""]}
    assert found["late"] == {"a lost.png": UNREADABLE}
    assert found["trouble"] == ""
    assert lost.exists()


def test_one_that_fails_only_when_it_is_copied_is_held_and_the_others_go_on(home, disk):
    lost = note(home / "inbox" / "a lost.tif", "alpha")
    with lost.open("ab") as file:
        file.write(os.urandom(3_000_000))
    os.utime(lost, (0, 0))
    note(home / "inbox" / "b good.png", "bravo")
    found = looks(home, disk, lost, 1_000_000)
    assert found["came"] == {"a lost.tif": ["claimed", ""], "b good.png": ["accepted", ""]}
    assert found["late"]["a lost.tif"] == HELD
    assert found["trouble"] == ""


def test_a_claim_of_nobody_that_cannot_be_put_back_lies_on_and_the_others_go_on(home, disk):
    claims = home / "inbox" / CLAIMS_FOLDER
    claims.mkdir()
    lost = note(claims / "0123456789abcdef.png", "alpha").rename(claims / "0123456789abcdef")
    other = note(claims / "9876543210abcdef.png", "bravo").rename(claims / "9876543210abcdef")
    note(home / "inbox" / "b good.png", "charlie")
    found = looks(home, disk, lost, LOST_NODE="yes")
    assert set(found["came"]) == {"b good.png", f"returned {other.name[:8]}"}
    assert found["trouble"] == ""
    assert lost.exists()


def test_a_report_that_cannot_be_read_keeps_its_fax_no_longer_than_a_missing_one(home, disk):
    fax = home.parent / "fax"
    fax.mkdir()
    with (home / "chartkeeper.toml").open("a") as settings:
        settings.write(f'[[inbox]]\nname = "fax"\nfolder = "{fax}"\nsidecar = "json"\n')
        settings.write('[inbox.map]\nsender = "sender"\n')
    note(fax / "a.png", "alpha")
    note(fax / "b.png", "bravo")
    (fax / "b.png.json").write_text('{"sender": "555 0100"}')
    lost = fax / "a.png.json"
    lost.write_text('{"sender": "555 0101 and much more"}')
    found = looks(home, disk, lost)
    assert found["came"] == {"a.png": ["accepted", NOT_UNDERSTOOD], "b.png": ["accepted", ""]}
    assert found["trouble"] == ""

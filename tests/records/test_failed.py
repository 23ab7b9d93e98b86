"""Files that go to the failed folder and back, also between disks and under others' eyes."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from chartkeeper.records import arrivals, failed, retrying
from chartkeeper.records.arrivals import Seen
from chartkeeper.records.model import Lane

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a disk of its own


@pytest.fixture
def elsewhere(tmp_path):
    """A folder on another disk."""
    if not SHARED_MEMORY.is_dir() or SHARED_MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second disk")
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        yield Path(folder)


def test_a_move_to_another_disk_leaves_the_half_copies_of_others_alone(tmp_path, elsewhere):
    source = tmp_path / "scan.pdf"
    source.write_bytes(b"all of it")
    others = elsewhere / ".000012 s.part"
    others.write_bytes(b"half of ano")
    place = failed.put_aside(elsewhere, source, 12, "scan.pdf", "It is damaged.")
    assert place.read_bytes() == b"all of it"
    assert others.read_bytes() == b"half of ano"
    assert not source.exists()
    assert len(list(elsewhere.iterdir())) == 3


def test_while_a_file_is_put_back_others_can_write(ledger, now, tmp_path, monkeypatch):
    inbox, aside = tmp_path / "inbox", tmp_path / "failed"
    inbox.mkdir()
    aside.mkdir()
    with ledger.write() as connection:
        arrival = arrivals.claim(connection, Seen("inbox", "a.pdf", "c", Lane.DAILY, 3), now)
        arrivals.refuse(connection, arrival.id, "damaged", "It is damaged.")
    (inbox / "a.pdf").write_bytes(b"abc")
    failed.put_aside(aside, inbox / "a.pdf", arrival.id, "a.pdf", "It is damaged.")
    with ledger.read() as connection:
        (failure,) = retrying.failures(connection, aside)
    move, written = failed._move, []

    def move_while_others_write(*places):
        with closing(sqlite3.connect(tmp_path / "ledger.db", timeout=0)) as database:
            database.execute("BEGIN IMMEDIATE")
            written.append(database.in_transaction)
        move(*places)

    monkeypatch.setattr(failed, "_move", move_while_others_write)
    assert retrying.try_again(ledger, failure, aside, {}, inbox)
    assert written == [True]
    assert not retrying.try_again(ledger, failure, aside, {}, inbox)

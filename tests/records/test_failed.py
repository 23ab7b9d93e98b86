"""Files that go to the failed folder and back, also between disks and under others' eyes."""

import tempfile
from pathlib import Path

import pytest

from chartkeeper.records import failed

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

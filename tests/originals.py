"""What lies in the vault of a test, seen from outside."""

from pathlib import Path

from chartkeeper.ingest.desk import Desk
from chartkeeper.records.vault import file_sha256


def originals(vault: Path) -> list[str]:
    """The name of every original; each of them has the content that its name says."""
    found = [path for path in vault.glob("??/*") if not path.name.startswith(".")]
    assert [path.name for path in found] == [file_sha256(path) for path in found]
    return [path.name for path in found]


def stored(desk: Desk) -> list[str]:
    """The same of the home that a test's desk belongs to."""
    return originals(desk.failed.parent / "vault")

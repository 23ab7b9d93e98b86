"""Heads of the access log noted down outside of the ledger, so that a rewritten log shows."""

import re
from datetime import UTC, datetime

from chartkeeper.folders import Home
from chartkeeper.records.copying import write_durably
from chartkeeper.records.vault import sync_folder


def last_anchor(home: Home, *, noted: bool) -> tuple[tuple[int, str] | None, list[str]]:
    """The head of the access log as the last good verify noted it down, and what is wrong.

    `noted` is whether there was a good verify, so that something must be noted down.
    """
    # A file in which nothing stands is what a disk that was full leaves of one.
    text = _noted(home).decode("ascii", errors="replace")
    if not text.strip():
        gone = f"access log: {home.anchors.name} is gone; put back its copy, or that of a backup"
        return None, [gone] if noted else []
    last = text.rstrip().rpartition("\n")[2]
    found = re.fullmatch(r"(\d+) ([0-9a-f]{64}) \S+", last)
    if found is None:
        return None, [f"access log: {home.anchors.name} is damaged; restore it from its copy"]
    return (int(found[1]), found[2]), []


def note_anchor(home: Home, head: tuple[int, str]) -> None:
    """Note down the head of the access log, number and hash, once it is known to be whole.

    The file is written anew as a whole: half a line, as a full disk or a power cut leaves it, would
    be taken for tampering. Raises OSError; then the file is as it was.
    """
    if head[0]:
        line = f"{head[0]} {head[1]} {datetime.now(UTC).isoformat()}\n"
        write_durably(home.anchors, _noted(home) + line.encode("ascii"))
        sync_folder(home.path)


def _noted(home: Home) -> bytes:
    return home.anchors.read_bytes() if home.anchors.is_file() else b""

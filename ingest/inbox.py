"""The inbox as it lies there: which files, and for how long each has been still."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path

from chartkeeper.ingest.claimed import CLAIMS_FOLDER
from chartkeeper.ingest.desk import Patience

MAX_DEPTH_FOLDERS = 8
# Names under which scanners, fax servers, editors and file managers keep what is not finished.
TEMPORARY_NAME = re.compile(
    r"^(\.|~|\$)|\.(tmp|temp|part|partial|crdownload|filepart|swp|lock|bak)$|~$"
    r"|^(thumbs\.db|desktop\.ini)$",
    re.IGNORECASE,
)
# What the service itself makes in an inbox to see whether it may.
TRIAL_NAME = ".chartkeeper-trial"
# Made by the file system for itself; nobody drops scans there.
SYSTEM_FOLDERS = {"lost+found"}


class Kind(StrEnum):
    """What lies in the inbox, by its looks from outside."""

    FILE = "file"
    TEMPORARY = "temporary"
    LINK = "link"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True)
class Found:
    """Something in the inbox; `name` is its path below the inbox as text."""

    path: Path
    name: str
    kind: Kind
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in an inbox, oldest first, and the folders in it that were not looked into."""

    found: tuple[Found, ...]
    closed: tuple[str, ...]


@dataclass(slots=True)
class Stillness:
    """Remembers since when each file has not changed, and since when it is there at all.

    Times are seconds of one steady clock: what the wall clock does has no part in it.
    """

    since: dict[Path, tuple[int, int, float, float]] = field(default_factory=dict)

    def look(self, listing: Sequence[Found], now: float) -> dict[Path, float]:
        """For each file listed, how many seconds it has been as it is now."""
        self.since = {
            found.path: self._since(found.path, found.size, found.mtime_ns, now)
            for found in listing
        }
        return {path: now - began for path, (_, _, began, _) in self.since.items()}

    def lain(self, path: Path, now: float) -> float:
        """How many seconds a file of the last listing has been there."""
        return now - self.since[path][3]

    def _since(
        self, path: Path, size: int, mtime_ns: int, now: float
    ) -> tuple[int, int, float, float]:
        before = self.since.get(path)
        if before is None:
            return size, mtime_ns, now, now
        return before if before[:2] == (size, mtime_ns) else (size, mtime_ns, now, before[3])


def look_into(inbox: Path, most: int | None = None) -> Listing:
    """Everything in the inbox and its folders but claims, oldest first; at most so many files.

    Of more files than that, some are left for a later look. A file that vanishes while being looked
    at is left out. Links are not followed.
    """
    closed: list[str] = []
    items = (_found(inbox, entry) for entry in _walk(inbox, inbox, 0, closed))
    found = islice((item for item in items if item), most)
    in_order = sorted(found, key=lambda item: (item.mtime_ns, item.name))
    return Listing(tuple(in_order), tuple(closed))


def is_as_found(found: Found, path: Path) -> bool:
    """Whether what lies at `path` is what was listed, by size and time; also if it is gone."""
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return True
    return (facts.st_size, facts.st_mtime_ns) == (found.size, found.mtime_ns)


def is_due(found: Found, still_seconds: float, patience: Patience, *, whole: bool) -> bool:
    """Whether a file has been still for long enough to be taken, or refused.

    What is plainly no finished scan waits longer: whoever writes it may come back to it.
    """
    if found.kind is Kind.TEMPORARY:
        return still_seconds >= patience.leftover
    if not whole:
        return still_seconds >= patience.incomplete
    return still_seconds >= patience.still


def _walk(
    inbox: Path, folder: Path | str, depth: int, closed: list[str]
) -> Iterator[os.DirEntry[str]]:
    for entry in _entries(inbox, folder, depth, closed):
        if depth == 0 and entry.name in {CLAIMS_FOLDER, TRIAL_NAME}:
            continue
        if not entry.is_dir(follow_symlinks=False):
            yield entry
        elif depth < MAX_DEPTH_FOLDERS:
            yield from _walk(inbox, entry.path, depth + 1, closed)
        else:
            closed.append(_name(inbox, entry.path))


def _entries(
    inbox: Path, folder: Path | str, depth: int, closed: list[str]
) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        if depth == 0:
            raise
        return []
    except OSError:
        # A folder that may not be listed must not hide the others.
        if depth == 0:
            raise
        if Path(folder).name not in SYSTEM_FOLDERS:
            closed.append(_name(inbox, str(folder)))
        return []


def _found(inbox: Path, entry: os.DirEntry[str]) -> Found | None:
    try:
        facts = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    kind = _kind(entry.name, facts.st_mode)
    name = _name(inbox, entry.path)
    return Found(Path(entry.path), name, kind, facts.st_size, facts.st_mtime_ns)


def _name(inbox: Path, path: str) -> str:
    # A name that is not UTF-8 can still be shown and kept.
    relative = os.fsencode(path)[len(os.fsencode(inbox)) + 1 :]
    return relative.decode("utf-8", "backslashreplace")


def _kind(name: str, mode: int) -> Kind:
    if stat.S_ISLNK(mode):
        return Kind.LINK
    if not stat.S_ISREG(mode):
        return Kind.SPECIAL
    return Kind.TEMPORARY if TEMPORARY_NAME.search(name) else Kind.FILE

"""The inbox as it lies there: which files, and for how long each has been still."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from chartkeeper.ingest.desk import CLAIMS_FOLDER, Patience

MAX_DEPTH_FOLDERS = 8
# Names under which scanners, fax servers, editors and file managers keep what is not finished.
TEMPORARY_NAME = re.compile(
    r"^(\.|~|\$)|\.(tmp|temp|part|partial|crdownload|filepart|swp|lock|bak)$|~$"
    r"|^(thumbs\.db|desktop\.ini)$",
    re.IGNORECASE,
)


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


@dataclass(slots=True)
class Stillness:
    """Remembers since when each file has not changed; times are seconds of one steady clock."""

    since: dict[Path, tuple[int, int, float]] = field(default_factory=dict)

    def look(self, listing: list[Found], now: float) -> dict[Path, float]:
        """For each file listed, how many seconds it has been as it is now."""
        seen = {found.path: (found.size, found.mtime_ns) for found in listing}
        self.since = {
            path: self._since(path, size, mtime_ns, now) for path, (size, mtime_ns) in seen.items()
        }
        return {path: now - began for path, (_, _, began) in self.since.items()}

    def _since(self, path: Path, size: int, mtime_ns: int, now: float) -> tuple[int, int, float]:
        before = self.since.get(path)
        if before is not None and before[:2] == (size, mtime_ns):
            return before
        return size, mtime_ns, now


def list_inbox(inbox: Path) -> list[Found]:
    """Everything in the inbox and its folders but claims, oldest first.

    A file that vanishes while being looked at is left out. Links are not followed.
    """
    found = [item for item in (_found(inbox, path) for path in _walk(inbox, 0)) if item]
    return sorted(found, key=lambda item: (item.mtime_ns, item.name))


def is_due(found: Found, still_seconds: float, patience: Patience, *, whole: bool) -> bool:
    """Whether a file has been still for long enough to be taken, or refused.

    What is plainly no finished scan waits longer: whoever writes it may come back to it.
    """
    if found.kind is Kind.TEMPORARY:
        return still_seconds >= patience.leftover
    if not whole:
        return still_seconds >= patience.incomplete
    return still_seconds >= patience.still


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    for item in _entries(folder, depth):
        if item.name == CLAIMS_FOLDER and depth == 0:
            continue
        if not item.is_dir(follow_symlinks=False):
            yield Path(item.path)
        elif depth < MAX_DEPTH_FOLDERS:
            yield from _walk(Path(item.path), depth + 1)


def _entries(folder: Path, depth: int) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        # `lost+found`, or a folder that is just being removed, must not hide the others.
        if depth == 0:
            raise
        return []


def _found(inbox: Path, path: Path) -> Found | None:
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return None
    relative = os.fsencode(path.relative_to(inbox))
    name = relative.decode("utf-8", "backslashreplace")
    return Found(path, name, _kind(path, facts.st_mode), facts.st_size, facts.st_mtime_ns)


def _kind(path: Path, mode: int) -> Kind:
    if stat.S_ISLNK(mode):
        return Kind.LINK
    if not stat.S_ISREG(mode):
        return Kind.SPECIAL
    return Kind.TEMPORARY if TEMPORARY_NAME.search(path.name) else Kind.FILE

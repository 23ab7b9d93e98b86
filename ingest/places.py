"""Where the files of an import lie: below the folders given, and nowhere else."""

import errno
import os
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from chartkeeper.ingest.claimed import CLAIMS_FOLDER
from chartkeeper.ingest.errors import SourceMissing
from chartkeeper.ingest.inbox import SYSTEM_FOLDERS
from chartkeeper.records.findings import Finding

MAX_DEPTH_FOLDERS = 32
FOLDERS_REMEMBERED = 64
# A drive or a share of Windows: a place that exists here only if somebody says where.
_FOREIGN = re.compile(r"[A-Za-z]:|//")
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
# A path below one given, and why not to look into it if it is a folder.
Found = tuple[Path, Finding | None]


@dataclass(frozen=True, slots=True)
class Place:
    """A file of an import: the folder that was given, and its name below it as text.

    `unopened` if it is a folder that was not looked into, and why.
    """

    root: str
    name: str
    unopened: Finding | None = None

    @property
    def path(self) -> Path:
        """Where the file lies; names that are no UTF-8 are found again too."""
        plain = Path(self.root, self.name)
        if "\\x" not in self.name or os.path.lexists(plain):
            return plain
        raw = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), self.name.encode())
        return Path(self.root, os.fsdecode(raw))

    @property
    def is_as_found(self) -> bool:
        """Whether the file is still there, or the folder still one that is not looked into."""
        if self.unopened is Finding.FOLDER_CLOSED:
            return _is_closed(self.path)
        if self.unopened:
            return os.path.isdir(self.path)  # noqa: PTH112 - no error for a path that is too long
        return os.path.lexists(self.path)


@dataclass(frozen=True, slots=True)
class Places:
    """The paths given (resolved), the folder of the list, and old beginnings of paths by folder."""

    given: tuple[Path, ...]
    beside: Path | None = None
    roots: Sequence[tuple[str, Path]] = ()

    def find(self, written: str) -> Place | None:
        """The file that a list writes so, there or not; None if it leads outside the paths given.

        A name that is not there as written is found by its letters alone, as Windows finds it.
        """
        inside = [path for path in self._candidates(written) if self._holds(path)]
        found = next((real for path in inside if (real := _existing(path))), None)
        if found is not None:
            inside = [found] if self._holds(_resolved(found)) else []
        return self._place(inside[0]) if inside else None

    def found(self, leave_out: Collection[Path] = ()) -> Iterator[Place]:
        """Every file below the paths given, in a steady order; links are not followed.

        Folders that may not be opened or lie too deep are among them. Raises SourceMissing for a
        path that is not there or cannot be listed.
        """
        for given in self.given:
            for path, unopened in _walk(given, 0) if given.is_dir() else _alone(given):
                if path not in leave_out:
                    yield replace(self._place(path), unopened=unopened)

    def _candidates(self, written: str) -> list[Path]:
        text = written.replace("\\", "/")
        for old, folder in self.roots:
            start = old.replace("\\", "/").rstrip("/").casefold() + "/"
            if text.casefold().startswith(start):
                return [_normal(folder.absolute() / text[len(start) :].lstrip("/"))]
        if _FOREIGN.match(text):
            return []
        if text.startswith("/"):
            return [_normal(Path(text))]
        folders = [path if path.is_dir() else path.parent for path in self.given]
        beside = [self.beside] if self.beside else []
        return [_normal(folder / text) for folder in (*folders, *beside)]

    def _holds(self, path: Path) -> bool:
        return any(path == given or given in path.parents for given in self.given)

    def _place(self, path: Path) -> Place:
        given = next((one for one in self.given if one in path.parents), path.parent)
        name = os.fsencode(path.relative_to(given)).decode("utf-8", "backslashreplace")
        return Place(str(given), name)


def _normal(path: Path) -> Path:
    return Path(os.path.normpath(path))


def _resolved(path: Path) -> Path:
    """The path with every link in its folders followed; a link at its end stays one."""
    return path.parent.resolve() / path.name


def _existing(path: Path) -> Path | None:
    if os.path.lexists(path):
        return path
    at = Path(path.anchor)
    for part in path.parts[1:]:
        exact = at / part
        if os.path.lexists(exact):
            at = exact
            continue
        name = _by_letters(at).get(_letters(part))
        if name is None:
            return None
        at = at / name
    return at


@lru_cache(maxsize=FOLDERS_REMEMBERED)
def _by_letters(folder: Path) -> Mapping[str, str]:
    """The names in a folder by their letters; of names alike in them, none."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names, and no path made of each
    except OSError:
        return {}
    found: dict[str, str] = {}
    for name in names:
        key = _letters(name)
        found[key] = "" if key in found else name
    return {key: name for key, name in found.items() if name}


def _letters(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _alone(path: Path) -> Iterator[Found]:
    if not os.path.lexists(path):
        raise SourceMissing
    yield path, None


def _walk(folder: Path, depth: int) -> Iterator[Found]:
    try:
        entries = _entries(folder)
    except FileNotFoundError as error:
        if depth == 0:
            raise SourceMissing from error
        return
    except OSError as error:
        if depth == 0:
            raise SourceMissing from error
        # What a file system keeps for itself on top of a disk is nobody's chart.
        if depth > 1 or folder.name not in SYSTEM_FOLDERS:
            yield folder, Finding.FOLDER_CLOSED
        return
    for item in entries:
        if item.name == CLAIMS_FOLDER and depth == 0:
            continue
        if not item.is_dir(follow_symlinks=False):
            yield Path(item.path), None
        elif depth < MAX_DEPTH_FOLDERS:
            yield from _walk(Path(item.path), depth + 1)
        else:
            yield Path(item.path), Finding.FOLDER_TOO_DEEP


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda item: item.name)


def _is_closed(folder: Path) -> bool:
    try:
        _entries(folder)
    except OSError as error:
        # Of a path that is too long the system does not say whether it is there.
        return error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
    return False

"""The folder of backups: dated generations beside one shared store of originals.

chartkeeper-backup.txt      says what the folder is
originals/ab/abcd...        every original and every other file, once, named by its SHA-256
generations/000007-2026-11-24T023000Z/
    ledger.db               the ledger as it was at one moment
    manifest.json           what belongs to the generation; written last, so without it the
                            generation is unfinished and counts for nothing
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from chartkeeper.records.backup_errors import (
    BackupDamaged,
    NoSuchBackup,
    NotABackup,
)
from chartkeeper.records.copying import write_durably
from chartkeeper.records.database import open_copy
from chartkeeper.records.fixity import with_prefix
from chartkeeper.records.vault import sync_folder

MARK = "chartkeeper-backup.txt"
STORE = "originals"
GENERATIONS = "generations"
MANIFEST = "manifest.json"
LEDGER = "ledger.db"
FORMAT = 1
NAME = re.compile(r"(\d{6})-\d{4}-\d\d-\d\dT\d{6}Z")
MARK_TEXT = (
    "This folder holds backups of a Chartkeeper home: patient data, as confidential as the charts."
    "\nDo not change anything in it. Restore with: chartkeeper --home NEW restore THIS_FOLDER\n"
)


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of the home beside the originals: its path below the home, and its content."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What belongs to a generation, and what a restored home is compared with.

    `home` is the hash of the first entry of the access log, by which one home is told from
    another. `rows` counts each table of the ledger. `originals_digest` is the SHA-256 over the
    names of all originals in order, a line each; `lacking` are those that could not be copied.
    `log_whole` says whether the chain of the access log was whole. `unread` are places among the
    failed files and in the inboxes that could not be read.
    """

    format: int
    generation: str
    made_at: str
    program_version: str
    schema_revision: str
    home: str
    ledger_sha256: str
    ledger_bytes: int
    rows: dict[str, int]
    originals: int
    original_bytes: int
    originals_digest: str
    through_scan: int
    log_entries: int
    log_head: str
    log_whole: bool
    lacking: tuple[str, ...]
    files: tuple[HeldFile, ...]
    unread: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the home is missing in it."""
        return not (self.lacking or self.unread)


def folder_of(folder: Path, generation: str) -> Path:
    """Where a generation lies."""
    return folder / GENERATIONS / generation


def store_of(folder: Path) -> Path:
    """Where the contents lie that all generations share."""
    return folder / STORE


def prepare(folder: Path) -> None:
    """Make a folder one of backups. Raises NotABackup if it holds other things, and OSError."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise NotABackup
    for place in (folder, store_of(folder), folder / GENERATIONS):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / MARK).is_file():
        write_durably(folder / MARK, MARK_TEXT.encode())


def finished(folder: Path) -> list[str]:
    """The names of the finished generations, oldest first."""
    return [name for name in _all(folder) if (folder_of(folder, name) / MANIFEST).is_file()]


def next_name(folder: Path, now: datetime) -> str:
    """The name of a new generation; the number in front stands above all clocks."""
    last = max((int(name[:6]) for name in _all(folder)), default=0)
    return f"{last + 1:06d}-{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"


def remove_unfinished(folder: Path) -> None:
    """Remove what interrupted backups left but their originals, from which the next one goes on."""
    for name in set(_all(folder)) - set(finished(folder)):
        shutil.rmtree(folder_of(folder, name))


def _all(folder: Path) -> list[str]:
    place = folder / GENERATIONS
    names = [path.name for path in place.iterdir()] if place.is_dir() else []
    return sorted(name for name in names if NAME.fullmatch(name))


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Finish a generation, durably and in one step; returns the SHA-256 of its manifest."""
    place = folder_of(folder, manifest.generation)
    plain = asdict(manifest)
    content = json.dumps({**plain, "seal": _seal(plain)}, indent=1, sort_keys=True).encode()
    write_durably(place / MANIFEST, content)
    sync_folder(place)
    sync_folder(place.parent)
    return hashlib.sha256(content).hexdigest()


def read_manifest(folder: Path, generation: str | None = None) -> Manifest:
    """The manifest of a generation, the newest unless named.

    Raises NotABackup, NoSuchBackup, and BackupDamaged if it is not what was written.
    """
    if not (folder / MARK).is_file():
        raise NotABackup
    names = finished(folder)
    name = generation or (names[-1] if names else "")
    if name not in names:
        raise NoSuchBackup(names)
    try:
        given: dict[str, Any] = json.loads((folder_of(folder, name) / MANIFEST).read_bytes())
        seal = given.pop("seal")
        if seal != _seal(given) or given["format"] != FORMAT:
            raise BackupDamaged([f"the manifest of {name}"])
        return _manifest(given)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupDamaged([f"the manifest of {name}"]) from error


def _manifest(given: dict[str, Any]) -> Manifest:
    files = tuple(HeldFile(**item) for item in given.pop("files"))
    for item in files:
        path = PurePosixPath(item.path)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(item.sha256)
    lacking, unread = tuple(given.pop("lacking")), tuple(given.pop("unread", ()))
    return Manifest(**given, lacking=lacking, unread=unread, files=files)


def _seal(plain: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def prune(folder: Path, keep: int) -> tuple[int, int]:
    """Remove all but the newest generations, then what no generation names any more.

    Returns how many generations and contents were removed. Raises BackupDamaged, having removed
    nothing, if one of those to be kept cannot be read.
    """
    names = finished(folder)
    kept = [read_manifest(folder, name) for name in names[-keep:]]
    gone = names[:-keep]
    for name in gone:
        place = folder_of(folder, name)
        # Without its manifest it counts for nothing, whatever happens next.
        (place / MANIFEST).unlink()
        shutil.rmtree(place)
    removed = sum(1 for path in _unnamed(folder, kept) if _removed(path)) if gone else 0
    return len(gone), removed


def _removed(path: Path) -> bool:
    path.unlink()
    return True


def _unnamed(folder: Path, kept: list[Manifest]) -> Iterator[Path]:
    files = {item.sha256 for manifest in kept for item in manifest.files}
    ledgers = [folder_of(folder, manifest.generation) / LEDGER for manifest in kept]
    with ExitStack() as stack:
        copies = [stack.enter_context(open_copy(path).read()) for path in ledgers]
        for place in sorted(store_of(folder).glob("??")):
            here = {path.name for path in place.iterdir()} - files
            for connection in copies:
                here -= with_prefix(connection, place.name).keys()
            yield from (place / name for name in sorted(here))

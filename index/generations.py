"""The folder of the index: one subfolder a generation, and a file that names the one in force.

current.json        {"generation": "g-000002", "schema": 1}, replaced as a whole by a switch
g-000002/           the engine's files
g-000003/           a rebuild under way, or left by one that died
rebuild.journal     what was written to the live generation while a rebuild is under way
writer.lock         held by the one writer as long as it is open
rebuild.lock        held by a rebuild as long as it runs
commit.lock         held for each commit and for the switch
"""

import json
import os
import re
import shutil
from pathlib import Path

from chartkeeper.index.failures import IndexInUse, IndexMissing, IndexNeedsRebuild
from chartkeeper.index.locks import FolderLock
from chartkeeper.index.schema import SCHEMA_VERSION

WRITER_LOCK = "writer.lock"
REBUILD_LOCK = "rebuild.lock"
COMMIT_LOCK = "commit.lock"
JOURNAL = "rebuild.journal"

_CURRENT = "current.json"
_GENERATION = re.compile(r"g-(\d{6,})")
_MAX_CURRENT_BYTES = 1000


def current_generation(folder: Path) -> Path:
    """Gives the subfolder in force.

    Raises:
        IndexMissing: there is none yet.
        IndexNeedsRebuild: the file that names it cannot be read, or is of another version.
    """
    try:
        with (folder / _CURRENT).open("rb") as file:
            named = json.loads(file.read(_MAX_CURRENT_BYTES))
        name, version = named["generation"], named["schema"]
    except FileNotFoundError:
        raise IndexMissing from None
    except (ValueError, TypeError, KeyError):
        raise IndexNeedsRebuild("the file that names its parts is damaged") from None
    if version != SCHEMA_VERSION:
        raise IndexNeedsRebuild("it was made by another version of Chartkeeper")
    if not (isinstance(name, str) and _GENERATION.fullmatch(name)):
        raise IndexNeedsRebuild("the file that names its parts is damaged")
    return folder / name


def put_in_force(generation: Path) -> None:
    """Makes a finished generation the one in force, in one step that survives a power cut."""
    folder = generation.parent
    new = folder / f"{_CURRENT}.new"
    with new.open("w", encoding="utf-8") as file:
        json.dump({"generation": generation.name, "schema": SCHEMA_VERSION}, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / _CURRENT)
    sync_folder(folder)


def new_generation(folder: Path) -> Path:
    """Makes the empty subfolder of the generation after all that are there."""
    numbers = [
        int(match[1]) for path in folder.iterdir() if (match := _GENERATION.fullmatch(path.name))
    ]
    made = folder / f"g-{max(numbers, default=0) + 1:06}"
    made.mkdir()
    sync_folder(folder)
    return made


def remove_leftovers(folder: Path) -> None:
    """Removes what died before it was put in force and what no longer is, unless a rebuild runs."""
    try:
        lock = FolderLock(folder / REBUILD_LOCK, "rebuilding")
    except IndexInUse:
        return
    try:
        remove_all_but_current(folder)
    finally:
        lock.release()


def remove_all_but_current(folder: Path) -> None:
    """Removes all generations but the one in force, and the journal; for who holds the locks."""
    (folder / JOURNAL).unlink(missing_ok=True)
    kept = _name_in_force(folder)
    for path in folder.iterdir():
        if _GENERATION.fullmatch(path.name) and path.name != kept:
            shutil.rmtree(path, ignore_errors=True)


def _name_in_force(folder: Path) -> str:
    try:
        return current_generation(folder).name
    except (IndexMissing, IndexNeedsRebuild):
        return ""


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

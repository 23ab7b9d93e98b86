"""The folder of files that could not be used: each with a text beside it that says why."""

import errno
import os
import re
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from chartkeeper.records.vault import sync_folder

REASON_SUFFIX = ".why.txt"
# What ingest/profiles.py knows of; a sidecar keeps its suffix in the failed folder.
SIDECAR_SUFFIXES = (".json", ".xml", ".vars")
# Leaves room for the arrival number before and the suffix behind, in the 255 bytes of a name.
MAX_NAME_BYTES = 200
# A file that is tried again has this and its number before its name.
AGAIN = "again"
_PUT_BACK = re.compile(rf"^{AGAIN} \d{{6,}} (?=.)")


def failed_name(arrival_id: int, name: str) -> str:
    """The name a file has in the failed folder: its arrival number, then what it was called.

    Folders are left out, and characters that would trouble a screen or a shell become spaces. What
    put_back() set before the name of one that is refused again does not stay there.
    """
    last = _PUT_BACK.sub("", name.rsplit("/", 1)[-1])
    tame = re.sub(r"[\x00-\x1f\x7f/\\]+", " ", last).strip()
    while len(tame.encode()) > MAX_NAME_BYTES:
        middle = len(tame) // 2
        tame = tame[: middle - 1] + tame[middle + 1 :]
    return f"{arrival_id:06d} {tame}"


def put_aside(
    folder: Path,
    source: Path,
    arrival_id: int,
    name: str,
    reason: str,
    sidecar: tuple[Path, str] | None = None,
) -> Path:
    """Move a file into the failed folder and write the reason beside it; can be repeated.

    `source` may be gone already, if an earlier try got that far. A `sidecar`, with the suffix that
    it had in the inbox, goes with it. Returns the file's new place.
    """
    target = folder / failed_name(arrival_id, name)
    note = target.with_name(target.name + REASON_SUFFIX)
    note.write_text(f"{name!r} was not filed.\n\n{reason}\n", encoding="utf-8", errors="replace")
    if sidecar:
        _move(sidecar[0], target.with_name(target.name + sidecar[1]))
    if os.path.lexists(source):
        _move(source, target)
        sync_folder(folder)
    return target


def put_back(folder: Path, inbox: Path, arrival_id: int, name: str) -> bool:
    """Move a file from the failed folder into the inbox, to be tried again.

    Returns False if it is not there any more. Its number makes its name one that nobody else
    gives, so that no file in the inbox is replaced. The sidecar goes before the file.
    """
    source = folder / failed_name(arrival_id, name)
    if not os.path.lexists(source):
        return False
    for suffix in SIDECAR_SUFFIXES:
        sidecar = source.with_name(source.name + suffix)
        if sidecar.is_file():
            _move(sidecar, inbox / f"{AGAIN} {sidecar.name}")
    try:
        _move(source, inbox / f"{AGAIN} {source.name}")
    except FileNotFoundError:
        # Somebody else put it back at the same moment; or it is the inbox that is not there.
        if os.path.lexists(source):
            raise
        return False
    source.with_name(source.name + REASON_SUFFIX).unlink(missing_ok=True)
    return True


def _move(source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        if stat.S_ISREG(source.lstat().st_mode):
            _copy_durably(source, target)
        elif source.is_symlink():
            target.unlink(missing_ok=True)
            target.symlink_to(source.readlink())
        # A pipe or device has no content; the note beside it tells that it was there.
        source.unlink()


def _copy_durably(source: Path, target: Path) -> None:
    # Others may be moving files of nearly the same name just now.
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        shutil.copyfile(source, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    sync_folder(target.parent)

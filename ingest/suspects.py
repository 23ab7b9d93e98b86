"""A file over which the watcher itself goes down is not looked at for ever.

A child that ends over a file costs itself only (examining.py). But where memory is short, the
system may end all that belongs to the service. So it is written down, before a file is looked at,
that it is; a note that is still there afterwards tells that nobody lived to take it away.
"""

from contextlib import suppress
from pathlib import Path

from chartkeeper.ingest.claimed import CLAIMS_FOLDER
from chartkeeper.ingest.desk import Desk
from chartkeeper.ocr.errors import FileStoppedProgram
from chartkeeper.ocr.examine import FileFacts

# The service is killed now and then, whatever it looks at; not so often over one and the same file.
MAX_INTERRUPTIONS = 10


def examined(desk: Desk, path: Path) -> FileFacts:
    """What `desk.examine` says of a file of its inbox, and raises.

    Raises FileStoppedProgram without another look if the watcher went down over it too often. Then
    the note is taken away once the file is claimed: it may be tried again after that.
    """
    note = desk.locks / f"looking-{desk.profile.name}.txt"
    who = _identity(path)
    before = _times(note, who)
    if before >= MAX_INTERRUPTIONS:
        if path.parent.name == CLAIMS_FOLDER:
            _remove(note)
        raise FileStoppedProgram
    _write(note, f"{who} {before + 1}")
    try:
        return desk.examine(path)
    finally:
        _remove(note)


def _identity(path: Path) -> str:
    """The same before and after it is claimed, and nobody's name."""
    facts = path.lstat()
    return f"{facts.st_dev} {facts.st_ino} {facts.st_size} {facts.st_mtime_ns}"


def _times(note: Path, who: str) -> int:
    with suppress(OSError, ValueError):
        said, times = note.read_text("ascii").rsplit(" ", 1)
        return int(times) if said == who else 0
    return 0


def _write(note: Path, text: str) -> None:
    # On a full disk nothing is noted; intake must not end of that.
    with suppress(OSError):
        note.write_text(text, "ascii")


def _remove(note: Path) -> None:
    with suppress(OSError):
        note.unlink(missing_ok=True)

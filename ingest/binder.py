"""Files are bound together in children: one that is made to do harm costs its document only."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chartkeeper.ingest.children import (
    AllBusy,
    Child,
    ChildLate,
    ChildLost,
    OnCall,
    Post,
    answer_jobs,
    settle,
)
from chartkeeper.ocr.binding import bind
from chartkeeper.ocr.confine import Allowance
from chartkeeper.ocr.errors import (
    FileStoppedProgram,
    FileTookTooLong,
    FileWantsMemory,
    MissingProgram,
    UnreadableFile,
)
from chartkeeper.ocr.limits import Limits

# As for a child that examines files.
LIMITS_BEFORE_KILL = 1.5


@dataclass(frozen=True, slots=True)
class Sheaf:
    """Files to bind together, in order, and where to."""

    parts: tuple[Path, ...]
    target: Path
    limits: Limits

    @property
    def patience_seconds(self) -> float:
        """How long it may take: a page's and a file's limit for each file."""
        a_part = self.limits.page_timeout_seconds + self.limits.examine_timeout_seconds
        return LIMITS_BEFORE_KILL * a_part * len(self.parts)


Bound = tuple[int, ...] | UnreadableFile | MissingProgram | OSError


class Binders:
    """At most so many children that bind files; temporary files lie in `scratch`."""

    def __init__(self, most: int, scratch: Path, limits: Limits) -> None:
        self._limits = limits
        allowance = Allowance(written_bytes=limits.max_file_bytes)
        start = partial(Child[Sheaf, Bound], "binder", scratch, allowance, bind_files)
        self._on_call: OnCall[Sheaf, Bound] = OnCall(most, start)
        weakref.finalize(self, self._on_call.end)

    def bind(self, parts: Sequence[Path], target: Path) -> tuple[int, ...]:
        """What `ocr.binding.bind` gives and raises.

        Also raises FileTookTooLong, FileStoppedProgram and FileWantsMemory for what a child does
        not get done, and ChildNotStarted.
        """
        sheaf = Sheaf(tuple(part.absolute() for part in parts), target.absolute(), self._limits)
        try:
            found = self._on_call.ask(sheaf, sheaf.patience_seconds)
        except (ChildLate, AllBusy):
            raise FileTookTooLong from None
        except ChildLost:
            raise FileStoppedProgram from None
        if isinstance(found, tuple):
            return found
        raise found


def bind_files(post: Post) -> None:
    """The life of a binder."""
    settle(post)
    answer_jobs(post, _bound, lambda sheaf: sheaf.patience_seconds)


def _bound(sheaf: Sheaf) -> Bound:
    try:
        return bind(sheaf.parts, sheaf.target, sheaf.limits)
    except (UnreadableFile, MissingProgram, OSError) as error:
        return error
    except MemoryError:
        return FileWantsMemory()

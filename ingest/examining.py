"""Files are examined in a child: one that is made to do harm costs itself only."""

import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chartkeeper.ingest.children import (
    REST_SECONDS,
    AllBusy,
    Child,
    ChildLate,
    ChildLost,
    OnCall,
    Post,
    answer_jobs,
    settle,
)
from chartkeeper.ocr.confine import GIGABYTE, Allowance
from chartkeeper.ocr.errors import (
    FileStoppedProgram,
    FileTookTooLong,
    FileWantsMemory,
    MissingProgram,
    UnreadableFile,
)
from chartkeeper.ocr.examine import FileFacts, examine
from chartkeeper.ocr.limits import Limits

# The structure of a file is a matter of megabytes; a program to open a PDF wants address space.
ALLOWANCE = Allowance(memory_bytes=GIGABYTE, written_bytes=64 << 20)
# The look itself ends in time by its own account; a child that takes longer hangs.
LIMITS_BEFORE_KILL = 1.5
# The system ends processes for want of memory, whoever is at fault. So a file over which a child
# ends gets another one after so many seconds, as often as there are pauses here.
PAUSES_SECONDS = (0.2, 1.0)


@dataclass(frozen=True, slots=True)
class Question:
    """A file to examine and its limits."""

    path: Path
    limits: Limits

    @property
    def patience_seconds(self) -> float:
        """How long the answer may take."""
        return LIMITS_BEFORE_KILL * self.limits.examine_timeout_seconds


Finding = FileFacts | UnreadableFile | MissingProgram | OSError


class Examiner:
    """Examines files in a child that starts with the first one and leaves after a rest."""

    def __init__(
        self, allowance: Allowance = ALLOWANCE, rest_seconds: float = REST_SECONDS
    ) -> None:
        life = (None, allowance, examine_files)
        start = partial(Child[Question, Finding], "examiner", *life, rest_seconds=rest_seconds)
        self._on_call: OnCall[Question, Finding] = OnCall(1, start)
        weakref.finalize(self, self._on_call.end)

    def examine(self, path: Path, limits: Limits) -> FileFacts:
        """What `ocr.examine.examine` says of the file, with what that raises.

        Also raises FileTookTooLong, FileStoppedProgram and FileWantsMemory of a file over which
        a child hangs, three children end, or one wants more memory than it may have; and
        ChildNotStarted, which is no fault of the file.
        """
        question = Question(path.absolute(), limits)
        for pause in PAUSES_SECONDS:
            with suppress(ChildLost):
                return self._ask(question)
            time.sleep(pause)
        try:
            return self._ask(question)
        except ChildLost:
            raise FileStoppedProgram from None

    def _ask(self, question: Question) -> FileFacts:
        try:
            found = self._on_call.ask(question, question.patience_seconds)
        except (ChildLate, AllBusy):
            raise FileTookTooLong from None
        if isinstance(found, FileFacts):
            return found
        raise found


def examine_files(post: Post) -> None:
    """The life of an examiner."""
    settle(post)
    answer_jobs(post, _finding, lambda question: question.patience_seconds)


def _finding(question: Question) -> Finding:
    try:
        return examine(question.path, question.limits)
    except (UnreadableFile, MissingProgram, OSError) as error:
        return error
    except MemoryError:
        return FileWantsMemory()

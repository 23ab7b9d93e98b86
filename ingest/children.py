"""Children that parse outside bytes: each does one job at a time and may hang, crash or be killed.

A child is held to its allowance (ocr/confine.py), has a folder of its own for temporary files, and
is gone with all it started when it is ended. What it answers is bounded too.
"""

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any, Generic, TypeVar

from chartkeeper.ingest.errors import ChildNotStarted
from chartkeeper.ingest.guard import attempt, say_places_only
from chartkeeper.ocr.confine import Allowance, allow_cpu, confine

Job = TypeVar("Job")
Answer = TypeVar("Answer")

# One fork server for all children of a process; it loads the code once, and they share it.
PRELOADED = [
    f"chartkeeper.ingest.{name}" for name in ("undisturbed", "reading", "examining", "drawing")
]
# A page of a hundred thousand words, or the picture of one, is smaller.
MAX_ANSWER_BYTES = 64 << 20
# A child without work gives memory back, or leaves, after so long.
REST_SECONDS = 30.0
# How many levels of programs started by programs are ended with a child.
MAX_GENERATIONS = 8

context = multiprocessing.get_context("forkserver")


class ChildLost(Exception):
    """The child ended over its job, or said more than it may; the job may be to blame."""


class ChildLate(Exception):
    """The child did not answer in time."""


class AllBusy(Exception):
    """No child became free in time."""


@dataclass(frozen=True, slots=True)
class Post:
    """Where a child works: its pipe, its folder for temporary files if any, what it may use.

    `rest_seconds` without a job are its rest.
    """

    pipe: Connection
    folder: Path | None
    allowance: Allowance
    rest_seconds: float = REST_SECONDS


class Child(Generic[Job, Answer]):
    """One process and the pipe to it; `life(post, *given)` is what it does until it ends.

    Making one raises ChildNotStarted where the machine does not give a process.
    """

    def __init__(
        self,
        name: str,
        scratch: Path | None,
        allowance: Allowance,
        life: Callable[..., None],
        *given: Any,  # noqa: ANN401 - whatever that life takes
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        context.set_forkserver_preload(PRELOADED)
        self._folder = Path(tempfile.mkdtemp(prefix="child_", dir=scratch)) if scratch else None
        try:
            self.pipe, theirs = context.Pipe()
            with theirs:
                post = Post(theirs, self._folder, allowance, rest_seconds)
                self.process = context.Process(target=life, args=(post, *given), name=name)
                self.process.daemon = True
                self.process.start()
        except (OSError, EOFError) as error:
            # The fork server ended over it, or cannot be reached, or there is no room for one more.
            self._discard_folder()
            raise ChildNotStarted from error

    @property
    def left(self) -> bool:
        """Whether it ended by itself, as it does after a long rest."""
        return self.process.exitcode == 0

    def ended_how(self) -> str:
        """How it ended, for the log: by itself, by which signal of the system, or not at all."""
        self.process.join(1.0)
        code = self.process.exitcode
        if code is None:
            return "it hangs"
        return f"signal {-code}" if code < 0 else f"status {code}"

    def give(self, job: Job) -> None:
        """Hand over a job. That it is gone, `answer` finds out."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(job)

    def answer(self) -> Answer:
        """What it says of its job, which must be there by now. Raises ChildLost."""
        try:
            found: Answer = ForkingPickler.loads(self.pipe.recv_bytes(MAX_ANSWER_BYTES))
        except (EOFError, OSError):
            raise ChildLost from None
        return found

    def ask(self, job: Job, patience_seconds: float) -> Answer:
        """Hand over a job and wait for the answer. Raises ChildLost and ChildLate."""
        self.give(job)
        if not self.pipe.poll(patience_seconds):
            raise ChildLate
        return self.answer()

    def end(self) -> None:
        """End it at once, with the programs that it started, and remove its temporary files."""
        # The number of one that is gone may be another's by now.
        if self.process.is_alive():
            end_descendants(self.process.pid)
        self.process.kill()
        self.process.join()
        self.pipe.close()
        self._discard_folder()

    def _discard_folder(self) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


class OnCall(Generic[Job, Answer]):
    """At most so many children, each started when there is work for it; safe in threads.

    `start` makes one. They leave by themselves after a rest.
    """

    def __init__(self, most: int, start: Callable[[], Child[Job, Answer]]) -> None:
        self._start = start
        self._places: LifoQueue[Child[Job, Answer] | None] = LifoQueue()
        for _ in range(most):
            self._places.put(None)

    def ask(self, job: Job, patience_seconds: float) -> Answer:
        """Have a child do a job within so many seconds, and as many to wait for a free one.

        Raises AllBusy, ChildLate, ChildLost and ChildNotStarted; after these the next job gets a
        new child.
        """
        try:
            child = self._places.get(timeout=patience_seconds)
        except Empty:
            raise AllBusy from None
        try:
            child = child or self._start()
            try:
                return child.ask(job, patience_seconds)
            except ChildLost:
                if not self._has_left(child):
                    raise
            # It went to rest just when the job came.
            child.end()
            child = None
            child = self._start()
            return child.ask(job, patience_seconds)
        except (ChildLost, ChildLate):
            if child is not None:
                child.end()
            child = None
            raise
        finally:
            self._places.put(child)

    def end(self) -> None:
        """End the children; those that are at work are left to it."""
        with suppress(Empty):
            while True:
                child = self._places.get_nowait()
                if child is not None:
                    child.end()

    @staticmethod
    def _has_left(child: Child[Job, Answer]) -> bool:
        child.process.join(1.0)
        return child.left


def settle(post: Post) -> None:
    """Begin the life of a child: held to its allowance, and gone when its parent is."""
    confine(post.allowance)
    say_places_only()
    die_with_parent()
    # Ctrl-C and a stop of the service are for the parent, which ends its children itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Whatever a library writes to a temporary file is part of a chart and stays under the home.
    if post.folder:
        tempfile.tempdir = str(post.folder)


def answer_jobs(
    post: Post,
    answer: Callable[[Job], Answer],
    cpu_seconds: Callable[[Job], float],
    at_rest: Callable[[], None] | None = None,
) -> None:
    """Answer what comes through the pipe until it is closed.

    After a rest `at_rest` is called; a child without it leaves then. A failure that nobody foresaw
    is logged and ends the child.
    """
    while True:
        if not post.pipe.poll(post.rest_seconds):
            if at_rest is None:
                return
            at_rest()
            continue
        try:
            job: Job = post.pipe.recv()
        except (EOFError, ConnectionResetError):
            # Reset, if whoever asked was killed before the answer to the last job was heard.
            return
        allow_cpu(cpu_seconds(job))
        if not attempt(partial(_reply, post.pipe, answer, job), "job of child", os.getpid()):
            sys.exit(1)


def _reply(pipe: Connection, answer: Callable[[Job], Answer], job: Job) -> None:
    pipe.send(answer(job))


def die_with_parent() -> None:
    """End this process as soon as the one that started it is gone, however that ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_after, args=(parent.sentinel,), daemon=True).start()


def _leave_after(sentinel: int) -> None:
    wait([sentinel])
    end_descendants(os.getpid())
    os._exit(1)


def end_descendants(pid: int | None, generations: int = MAX_GENERATIONS) -> None:
    """Kill the programs that a process has started, which would work on without it."""
    if pid is None or not generations:
        return
    for child in _children(pid):
        end_descendants(child, generations - 1)
        with suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    listed = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            listed += [int(child) for child in (thread / "children").read_text("ascii").split()]
    return listed

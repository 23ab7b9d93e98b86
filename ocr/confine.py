"""What a process that parses outside bytes may use at most, and what it gives up for good.

Programs that it starts inherit all of it. Elsewhere than on Linux only the limits of POSIX hold.
"""

import ctypes
import os
import resource
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from chartkeeper.ocr.limits import Limits

GIGABYTE = 1 << 30
# Numbers from linux/prctl.h and linux/sched.h.
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
# A page drawn in colours takes three bytes a pixel, and a heading.
_BYTES_PER_PIXEL = 3
_WRITTEN_BESIDES_BYTES = 64 << 20
# Counted over all processes of the service's account: a ceiling against a swarm, no ration.
MOST_PROCESSES = 4096
TRIAL_SECONDS = 10
# Where cores are handed to a program that collects them, the kernel takes 0 for no limit; with 1 it
# writes none and hands on none (fs/coredump.c).
NO_CORE_BYTES = 1
_TRIAL = "from chartkeeper.ocr import confine; raise SystemExit(not confine.leave_network())"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one process may use: address space, the largest file it writes, files open at once."""

    memory_bytes: int = 4 * GIGABYTE
    written_bytes: int = GIGABYTE
    open_files: int = 256


def for_pages(limits: Limits, memory_bytes: int) -> Allowance:
    """The allowance of a process that draws or reads pages within `limits`."""
    return Allowance(memory_bytes, _BYTES_PER_PIXEL * limits.max_pixels + _WRITTEN_BESIDES_BYTES)


def confine(allowance: Allowance) -> None:
    """Hold this process to its allowance, for good; call it before any thread is started.

    It gets no core file (that would hold a chart), no new rights through the programs it starts,
    and no network where the system lets a process leave it.
    """
    _lower(resource.RLIMIT_AS, allowance.memory_bytes)
    _lower(resource.RLIMIT_FSIZE, allowance.written_bytes)
    _lower(resource.RLIMIT_NOFILE, allowance.open_files)
    _lower(resource.RLIMIT_NPROC, MOST_PROCESSES)
    _lower(resource.RLIMIT_CORE, NO_CORE_BYTES)
    leave_network()
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def allow_cpu(seconds: float) -> None:
    """Let this process use so many more seconds of processor time; beyond them the system ends it.

    Renewed with every job, since the system counts from the start of the process.
    """
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = ceil(used + seconds) + 1
    soft = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, most))


def leave_network() -> bool:
    """Leave the network of the machine for an empty one; False where the system does not let us.

    Root needs no user namespace for it, and in one would lose the right to read what others own.
    """
    if os.geteuid() == 0:
        return _call("unshare", _CLONE_NEWNET)
    user, group = os.geteuid(), os.getegid()
    if not _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET):
        return False
    # In the new namespace the account keeps its number. Without this files are still its own.
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", "ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")
    return True


def can_leave_network() -> bool:
    """Whether `leave_network` works on this machine; tried in a process of its own."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-c", _TRIAL], timeout=TRIAL_SECONDS, capture_output=True, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _lower(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (value, value))


def _call(name: str, *arguments: int) -> bool:
    """A call of the C library that answers 0 if it worked; False where there is no such call."""
    try:
        return int(getattr(ctypes.CDLL(None), name)(*arguments)) == 0
    except (OSError, AttributeError):
        return False

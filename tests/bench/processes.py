"""What a tree of processes has used: CPU seconds, memory. Linux only, from /proc."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """A process and all that descend from it, or were orphaned within its session."""
    session = os.getsid(root)
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == session:
                    found.append(int(entry.name))
            except ProcessLookupError:
                continue
    return found


def cpu_seconds(root: int) -> float:
    """CPU time of the tree so far, with children that have ended and were waited for."""
    total = 0
    for pid in tree(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(fields[number]) for number in (11, 12, 13, 14))
    return total / TICKS


def pss_megabytes(root: int) -> float:
    """Memory of the tree, shared pages divided among those who share them."""
    return sum(_rollup(pid, "Pss:") for pid in tree(root)) / 1024


def _rollup(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)

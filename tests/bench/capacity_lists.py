"""What the long lists cost: how soon the first line comes, how many a second, how much memory."""

import subprocess
import sys
import time
from pathlib import Path

LISTS = {
    "documents": ("documents", "--format", "jsonl"),
    "documents with text": ("documents", "--format", "jsonl", "--text"),
    "audit export": ("audit", "export"),
    "status": ("status",),
}
MOST_SECONDS = 120.0
LOOK_EVERY_LINES = 500


def listing_use(path: Path) -> dict[str, dict[str, float]]:
    """Each list as its own process, read to its end or for so many seconds."""
    return {name: _one(path, words) for name, words in LISTS.items()}


def _one(path: Path, words: tuple[str, ...]) -> dict[str, float]:
    command = [sys.executable, "-m", "chartkeeper", "--home", str(path), *words]
    began = time.monotonic()
    first, lines, peak, early = 0.0, 0, 0.0, 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in process.stdout:
            lines += 1
            first = first or time.monotonic() - began
            if lines % LOOK_EVERY_LINES == 1:
                peak = max(peak, _megabytes(process.pid))
                early = early or peak
            if time.monotonic() - began > MOST_SECONDS:
                process.kill()
                break
        process.wait()
    seconds = time.monotonic() - began
    return {
        "first_line_seconds": round(first, 2),
        "seconds": round(seconds, 2),
        "lines": lines,
        "megabytes_at_first": round(early),
        "megabytes_at_most": round(peak),
    }


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(one.split()[1]) / 1024 for one in lines if one.startswith("VmHWM")), 0.0)

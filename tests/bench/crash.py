"""Kills the service at random moments, at each named step and at each system call; counts losses.

    python tests/bench/crash.py [--files 1000] [--kills 200] [--seed 5] [--json FILE]
    python tests/bench/crash.py --steps [--json FILE]
    python tests/bench/crash.py --calls [--stride 1] [--json FILE]

Each run is compared with an undisturbed one of the same files. Ends with status 1 if anything was
lost, came twice, or differs.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from crash import kills, trials  # noqa: E402 - the path comes first
from crash.shim import compiled  # noqa: E402 - the path comes first


def random_kills(folder: Path, options: argparse.Namespace) -> tuple[dict[str, object], int]:
    """The run of many files, and how many problems it had."""
    report = kills.run(folder, options.files, options.kills, options.seed)
    rows: dict[str, object] = asdict(report) | {
        "hit": dict(report.hit),
        "outcomes": dict(report.outcomes),
        "lost or twice": len(report.lost_or_twice),
        "differences": len(report.differences),
        "verify": "; ".join(report.verify) or "clean",
        "problems": report.problems[:20],
    }
    return rows, len(report.problems)


def named_steps(folder: Path, _: argparse.Namespace) -> tuple[dict[str, object], int]:
    """A kill before and after each named step."""
    table = trials.Table(folder)
    found = {f"{when} {step.name}": table.problems(step, when) for step, when in trials.ALL_STEPS}
    return _summed(found)


def system_calls(folder: Path, options: argparse.Namespace) -> tuple[dict[str, object], int]:
    """A kill at each call with an effect, and a power cut after each effect."""
    with trials.Calls(folder, compiled(folder)) as calls:
        wanted = calls.all_trials(options.stride)
        found = {f"{number} {how}": calls.problems(number, how) for number, how in wanted}
    return _summed(found)


def _summed(found: dict[str, list[str]]) -> tuple[dict[str, object], int]:
    bad = {name: problems for name, problems in found.items() if problems}
    return {"kills": len(found), "with problems": len(bad), "problems": bad}, len(bad)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--calls", action="store_true")
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    measure = named_steps if options.steps else system_calls if options.calls else random_kills
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        rows, bad = measure(Path(folder), options)
    rows["all_seconds"] = round(time.monotonic() - started, 1)
    for name, value in rows.items():
        print(f"{name:24} {value}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, default=str), encoding="utf-8")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())

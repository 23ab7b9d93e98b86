"""Every kind of hostile file at once into a running service: outcomes, answers, memory.

python tests/bench/hostile.py [--json FILE]
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

# Before this file's own folder, in which it has the name of the package that it needs.
sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from hostile.service_run import run  # noqa: E402 - the path comes first


def main() -> int:
    """Run it and print the figures; status 1 if anything ended otherwise than stated."""
    options = argparse.ArgumentParser(description="Hostile files in a running service.")
    options.add_argument("--json", type=Path, help="write the report there as well")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(Path(folder))
    print(f"{report.kinds - len(report.wrong)} of {report.kinds} kinds ended as stated,")
    print(f"all within {report.seconds:.0f} s; a good file afterwards: {report.good_file}")
    print(f"originals answered safely: {report.originals}; pictures of pages: {report.pictures}")
    print(f"and {report.notices} that say why there is none; unsafe answers: {len(report.unsafe)}")
    print(
        f"memory of all processes (PSS): idle {report.idle_megabytes:.0f} MB, "
        f"peak {report.peak_megabytes:.0f} MB, at rest again {report.after_megabytes:.0f} MB; "
        f"processes {report.processes_before} and {report.processes_after}"
    )
    print(f"verify ended with status {report.verify}")
    for item in [*report.wrong, *report.unsafe]:
        print(item)
    if given.json:
        given.json.write_text(json.dumps(asdict(report), indent=1, default=str))
    return int(bool(report.wrong or report.unsafe))


if __name__ == "__main__":
    sys.exit(main())

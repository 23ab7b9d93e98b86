"""A migration of many small files by a list with planted errors: all found, and nothing lost.

Two homes get the same files and list. In the first nothing disturbs the import: its report has to
name each planted error and nothing else. In the second a service runs, the import is killed five
times and run again, and a fax is dropped into the inbox every few seconds: the result has to be
that of the first home, and a fax has to be found about as soon as on an idle machine. Memory of all
processes is sampled all the while. Prints a table, and JSON with --json FILE; ends with status 1 if
anything is not as it should be.

    python tests/bench/migration.py [--files N] [--kills N] [--fax-every SECONDS] [--json FILE]
"""

import argparse
import csv
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "bench")]

from PIL import Image  # noqa: E402 - the path comes first
from processes import pss_megabytes  # noqa: E402 - the path comes first
from service import Service  # noqa: E402 - the path comes first
from sheets import draw  # noqa: E402 - the path comes first
from sqlalchemy import text  # noqa: E402 - the path comes first

from chartkeeper.records.database import Ledger, open_ledger  # noqa: E402 - the path comes first

FILES_A_BOX = 500
# One in so many files has text to be read; the others are blank but for a few specks.
TEXT_EVERY = 50
PEOPLE = 40
HEAD = ("file", "box", "mrn", "last", "first", "dob", "type", "service_date", "pages", "sha256")
SAMPLE_SECONDS = 2.0
IDLE_FAXES = 3
RESULTS = (
    """SELECT name, arrivals.state, arrivals.reason_code, scans.sha256, scans.state FROM arrivals
    LEFT JOIN scans ON scans.id = scan_id WHERE arrivals.lane = 'migration' ORDER BY name, 2""",
    """SELECT line, state, findings, file, box, reason_code, found_sha256, found_pages
    FROM batch_items ORDER BY line""",
    """SELECT scans.sha256, first_page, last_page, documents.status, type, patient_id,
    documents.reason FROM documents JOIN scans ON scans.id = scan_id
    WHERE scans.id IN (SELECT scan_id FROM batch_items) ORDER BY 1, 2""",
)


@dataclass
class Basement:
    """The files, the list, and what is wrong with which line: codes by line."""

    folder: Path
    manifest: Path
    patients: Path
    planted: dict[int, str] = field(default_factory=dict)


def person(number: int) -> tuple[str, str, str, str]:
    """MRN, last name, first name and birth date of a sample patient."""
    return (
        f"{7_000_000 + 13 * number}", f"Samplefield{chr(65 + number % 26)}{chr(65 + number // 26)}",
        f"Testa{chr(65 + number % 7)}", f"{1930 + number:04}-03-{1 + number % 28:02}",
    )  # fmt: skip


def specks(path: Path, number: int) -> None:
    """A tiny page of its own: the bits of its number as specks."""
    page = Image.new("1", (160, 120), 1)
    for bit in range(24):
        if number >> bit & 1:
            page.putpixel((10 + 6 * bit, 60), 0)
    page.save(path, "TIFF", compression="group4", dpi=(100, 100))


def note_page(path: Path, number: int) -> None:
    """A small page with a patient's two identifiers on it."""
    mrn, last, first, dob = person(number % PEOPLE)
    year, month, day = dob.split("-")
    lines = (
        "PROGRESS NOTE", f"Patient: {last.upper()}, {first.upper()}",
        f"DOB: {month}/{day}/{year}   MRN: {mrn}", f"Date of service: 03/{1 + number % 28:02}/2024",
        f"Visit {number}",
    )  # fmt: skip
    page = draw(lines, 900, 320, 30).convert("1")
    page.save(path, "TIFF", compression="group4", dpi=(200, 200))


def basement(root: Path, files: int) -> Basement:
    """So many files in boxes, and a list with errors of each kind planted in it."""
    folder = root / "basement"
    made = Basement(folder, root / "list.csv", root / "patients.csv")
    with made.patients.open("w") as out:
        out.write("mrn,last,first,dob\n")
        out.writelines(",".join(person(number)) + "\n" for number in range(PEOPLE))
    spoilt = {at: kind for kind, at in zip(_kinds(files), _places(files), strict=False)}
    with made.manifest.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEAD)
        line = 1
        for number in range(files):
            for values, codes in _rows(folder, number, spoilt.get(number, "")):
                line += 1
                writer.writerow(values)
                if codes:
                    made.planted[line] = codes
    for number in range(max(1, files // 5000)):
        specks(folder / f"surplus {number}.tif", files + 1000 + number)
        made.planted[line + 1 + number] = "not_named"
    return made


def _kinds(files: int) -> Iterator[str]:
    return (kind for _ in range(max(1, files // 2000)) for kind in SPOIL)


def _places(files: int) -> list[int]:
    luck = random.Random(5)
    # A box's first file is never spoilt: the next one may be its twin.
    return luck.sample([number for number in range(2, files) if number % TEXT_EVERY > 1],
                       min(len(SPOIL) * max(1, files // 2000), files // 3))  # fmt: skip


# What is done to a line, by the code that the report has to give it.
SPOIL = (
    "page_count", "unknown_mrn", "name_differs", "birth_date_differs", "unknown_type",
    "impossible_date", "impossible_birth_date", "pages_unclear", "checksum", "checksum_unclear",
    "same_content", "named_twice same_content", "not_there", "empty_file", "incomplete_file",
    "unsupported_format", "outside_folders", "field_count", "no_file", "value_too_long",
)  # fmt: skip
CHANGES = {
    "page_count": {"pages": "9"},
    "unknown_mrn": {"mrn": "424242", "last": "", "first": "", "dob": ""},
    "name_differs": {"last": "Elsewhere", "first": "Otto"},
    "birth_date_differs": {"dob": "1999-12-31"},
    "unknown_type": {"type": "Sundries"},
    "impossible_date": {"service_date": "2999-01-01"},
    "impossible_birth_date": {"dob": "1950-02-30"},
    "pages_unclear": {"pages": "some"},
    "checksum": {"sha256": "0" * 64},
    "checksum_unclear": {"sha256": "none"},
    "no_file": {"file": ""},
    "value_too_long": {"mrn": "1" * 500},
}
CONTENT = {
    "empty_file": b"",
    "incomplete_file": b"%PDF-1.4 cut off",
    "unsupported_format": b"MZ" + bytes(100),
}


def _rows(folder: Path, number: int, spoil: str) -> Iterator[tuple[list[str], str]]:
    """Make a file and give its line, or lines, of the list, each with the codes it has to get."""
    box = f"box {1 + number // FILES_A_BOX}"
    path = folder / box / f"{number:06}.tif"
    path.parent.mkdir(parents=True, exist_ok=True)
    readable = number % TEXT_EVERY == 0
    (note_page if readable else specks)(path, number - 1 if spoil == "same_content" else number)
    if spoil in CONTENT:
        path.write_bytes(CONTENT[spoil])
    mrn, last, first, dob = person(number % PEOPLE)
    plain = dict(zip(HEAD, (f"{box}/{path.name}", box, mrn, last, first, dob, "progress_note",
                            f"2024-03-{1 + number % 28:02}", "1", ""), strict=True))  # fmt: skip
    changed = {**plain, **CHANGES.get(spoil, {})}
    if spoil == "outside_folders":
        changed["file"] = f"../else {number}.tif"
    values = list(changed.values())
    if spoil in {"not_there", "outside_folders", "no_file", "value_too_long", "field_count"}:
        path.unlink()
    if spoil == "named_twice same_content":
        yield values, ""
    yield values[:4] if spoil == "field_count" else values, spoil


@dataclass
class Sampler:
    """Memory of a process and all that it started, in MB, from time to time."""

    root: int
    samples: list[float] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.ended.wait(SAMPLE_SECONDS):
            try:
                self.samples.append(pss_megabytes(self.root))
            except ProcessLookupError:
                return

    def quarters(self) -> list[float]:
        """The peak of each quarter of the time."""
        size = max(1, len(self.samples) // 4)
        parts = [self.samples[at * size : (at + 1) * size] for at in range(4)]
        return [round(max(part), 1) for part in parts if part]


def importing(service: Service, made: Basement, *words: str) -> subprocess.Popen[bytes]:
    """The import, begun, with everything it starts in a session of its own."""
    command = [sys.executable, "-m", "chartkeeper", "--home", str(service.home), "import"]
    command += [str(made.folder), "--manifest", str(made.manifest), *words]
    with (service.home.parent / f"{service.home.name}-import.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def sampled(process: subprocess.Popen[bytes]) -> Sampler:
    """Wait for a process to end, with its memory sampled."""
    sampler = Sampler(process.pid)
    thread = threading.Thread(target=sampler.run)
    thread.start()
    process.wait()
    sampler.ended.set()
    thread.join()
    return sampler


def exceptions(path: Path) -> dict[int, str]:
    """Codes by line, as the list of exceptions gives them."""
    with path.open(newline="") as file:
        return {int(row["line"]): row["codes"] for row in csv.DictReader(file)}


def differences(found: dict[int, str], planted: dict[int, str]) -> list[str]:
    """What was planted and not found, and what was found and not planted."""
    lines = sorted(found.keys() | planted.keys())
    return [f"line {line}: planted {planted.get(line)}, found {found.get(line)}"
            for line in lines if found.get(line) != planted.get(line)]  # fmt: skip


def result(home: Path) -> list[list[tuple[object, ...]]]:
    """What an import left in the ledger, without numbers and times."""
    ledger = open_ledger(home / "ledger.db")
    try:
        with ledger.read() as connection:
            return [[tuple(row) for row in connection.execute(text(query))] for query in RESULTS]
    finally:
        ledger.close()


def undisturbed(service: Service, made: Basement) -> dict[str, object]:
    """A dry run and a run; what they report against what was planted."""
    began = time.monotonic()
    dry = importing(service, made, "--dry-run", "--exceptions", str(service.home / "dry.csv"))
    dry_memory = sampled(dry)
    dry_seconds = time.monotonic() - began
    began = time.monotonic()
    memory = sampled(importing(service, made, "--exceptions", str(service.home / "run.csv")))
    seconds = time.monotonic() - began
    problems = differences(exceptions(service.home / "dry.csv"), made.planted)
    problems += differences(exceptions(service.home / "run.csv"), made.planted)
    return {
        "problems": problems,
        "dry_run_seconds": round(dry_seconds, 1),
        "dry_run_megabytes": dry_memory.quarters(),
        "seconds": round(seconds, 1),
        "megabytes": memory.quarters(),
        "verify": service.status_of("verify"),
    }


def disturbed(service: Service, made: Basement, wish: argparse.Namespace) -> dict[str, object]:
    """The same beside a running service, killed and run again, with faxes coming in."""
    service.start()
    _wait_served(service)
    faxes = Faxes(service, service.home.parent / "faxes")
    idle = [faxes.drop() for _ in range(IDLE_FAXES)]
    assert service.process is not None
    memory, ended = Sampler(service.process.pid), threading.Event()
    busy: list[float] = []
    beside = [
        threading.Thread(target=memory.run),
        threading.Thread(target=faxes.drop_until, args=(ended, wish.fax_every, busy)),
    ]
    for thread in beside:
        thread.start()
    kills = _killed_again_and_again(service, made, wish)
    for event in (ended, memory.ended):
        event.set()
    for thread in beside:
        thread.join()
    service.stop()
    return {
        "kills": kills,
        "problems": differences(exceptions(service.home / "run.csv"), made.planted),
        "megabytes": memory.quarters(),
        "verify": service.status_of("verify"),
        "fax_idle_seconds": round(statistics.median(idle), 2),
        "fax_busy_seconds": round(statistics.median(busy), 2),
        "fax_busy_worst_seconds": round(max(busy), 2),
        "fax_delay_in_page_times": round(statistics.median(busy) / statistics.median(idle) - 1, 2),
        "faxes": len(busy),
    }


def _killed_again_and_again(service: Service, made: Basement, wish: argparse.Namespace) -> int:
    """Import to the end, killed so many times on the way, from the first line to the last file."""
    luck, kills = random.Random(7), 0
    marks = sorted(luck.randrange(1, 2 * wish.files) for _ in range(wish.kills))
    ledger = open_ledger(service.home / "ledger.db")
    process = importing(service, made, "--exceptions", str(service.home / "run.csv"))
    while process.poll() is None:
        time.sleep(0.05)
        if kills < wish.kills and _steps(ledger) >= marks[kills]:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
            process = importing(service, made, "--exceptions", str(service.home / "run.csv"))
    ledger.close()
    return kills


def _steps(ledger: Ledger) -> int:
    """How many lines are written down and how many files were looked at, together."""
    query = text("SELECT count(*) + coalesce(sum(state != 'expected'), 0) FROM batch_items")
    with ledger.read() as connection:
        return int(connection.execute(query).scalar_one())


@dataclass
class Faxes:
    """Pages dropped into the inbox one after the other, each waited for until it can be found."""

    service: Service
    folder: Path
    number: int = 0

    def drop(self) -> float:
        """Drop a page; how many seconds it takes until it is read, filed and in the index."""
        self.folder.mkdir(exist_ok=True)
        self.number += 1
        path = self.folder / f"fax {self.number}.png"
        draw([f"LETTER {self.number}", "The patient was seen and is better."], 900, 400).save(path)
        began = time.monotonic()
        self.service.drop(path)
        ledger = open_ledger(self.service.home / "ledger.db")
        try:
            while not _found(ledger, path.name):
                time.sleep(0.05)
                if time.monotonic() - began > 600:
                    raise AssertionError("a fax is not found after ten minutes")
        finally:
            ledger.close()
        return time.monotonic() - began

    def drop_until(self, ended: threading.Event, every_seconds: float, took: list[float]) -> None:
        """Drop a page every so many seconds, once at least; notes how long each took."""
        took.append(self.drop())
        while not ended.wait(every_seconds):
            took.append(self.drop())


def _found(ledger: Ledger, name: str) -> bool:
    query = text(
        """SELECT scans.state = 'filed' AND NOT EXISTS (SELECT 1 FROM index_queue
        JOIN pages ON pages.id = page_id WHERE pages.scan_id = scans.id)
        FROM arrivals JOIN scans ON scans.id = scan_id WHERE name = :name"""
    )
    with ledger.read() as connection:
        return bool(connection.execute(query, {"name": name}).scalar())


def _wait_served(service: Service, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if list((service.home / "work" / "locks").glob("worker-*.lock")):
            return
        time.sleep(0.2)
    raise AssertionError("the service did not start")


def measure(wish: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Both runs, and what of them is not as it should be."""
    made = basement(folder, wish.files)
    homes = [Service(folder / name) for name in ("quiet", "noisy")]
    for service in homes:
        service.run("patients", "load", str(made.patients))
    quiet = undisturbed(homes[0], made)
    noisy = disturbed(homes[1], made, wish)
    problems = [*quiet.pop("problems"), *noisy.pop("problems")]
    if result(homes[0].home) != result(homes[1].home):
        problems.append("the interrupted run ended otherwise than the undisturbed one")
    if noisy["kills"] != wish.kills:
        problems.append("the import ended before it was killed as often as it should be")
    for run, found in (("quiet", quiet), ("noisy", noisy)):
        if found["verify"]:
            problems.append(f"verify of the {run} home ended with {found['verify']}")
    return {"files": wish.files, "planted": len(made.planted), "undisturbed": quiet,
            "disturbed": noisy, "problems": problems}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--fax-every", type=float, default=30.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="leave homes and files in this new folder")
    wish = parser.parse_args()
    folder = wish.keep or Path(tempfile.mkdtemp(prefix="migration-"))
    folder.mkdir(exist_ok=True)
    try:
        found = measure(wish, folder)
    finally:
        if not wish.keep:
            shutil.rmtree(folder, ignore_errors=True)
    if wish.json:
        wish.json.write_text(json.dumps(found, indent=1))
    for name in ("files", "planted"):
        print(f"{name:28} {found[name]}")
    for run in ("undisturbed", "disturbed"):
        for name, value in found[run].items():
            print(f"{run + ': ' + name:28} {value}")
    for problem in found["problems"][:50]:
        print(f"PROBLEM {problem}")
    return bool(found["problems"])


if __name__ == "__main__":
    sys.exit(main())

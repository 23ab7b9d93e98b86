"""Imports by a list at the command line: tried dry, run, interrupted, reported, closed."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from checkout import ROOT
from command_line import PROGRAM, forked
from service import Service
from sheets import note

from chartkeeper.reconciliation import harmless

WHOLE = "Patient: SAMPLEWOOD, ADA   DOB: 03/07/1961   MRN: 0012345"
SAID = ("SUBJECTIVE: better.", "PLAN: the same.")
LIST = """Image Path,Box,MRN,Patient Name,DOB,DocType,Date of Service,Pages,Doc ID
D:\\Scans\\box1\\A.PNG,box1,0012345,"Samplewood, Ada",03/07/1961,HIM Progress,03/04/2024,1,1
D:\\Scans\\box1\\b.png,box1,12345,"Samplewood, Ada",03/07/1961,PROG,03/05/2024,1,2
D:\\Scans\\box1\\c.png,box1,0067890,"Specimen, Eve",05/05/1999,PROG,03/06/2024,1,3
D:\\Scans\\box2\\empty.pdf,box2,0012345,,,,,1,4
D:\\Scans\\box2\\gone.pdf,box2,31337,,,,,7,5
"""


@pytest.fixture
def archive(tmp_path):
    """A home with two patients, and a folder of scans with a list."""
    scans = tmp_path / "scans"
    for box in ("box1", "box2"):
        (scans / box).mkdir(parents=True)
    note(scans / "box1" / "a.png", WHOLE, "Date of service: 03/04/2024", *SAID)
    note(scans / "box1" / "b.png", "Patient: SAMPLEWOOD, ADA", "Date of service: 03/05/2024", *SAID)
    note(scans / "box1" / "c.png", WHOLE, "Date of service: 03/06/2024", *SAID)
    (scans / "box2" / "empty.pdf").write_bytes(b"")
    (tmp_path / "list.csv").write_bytes(LIST.encode("utf-16"))
    (tmp_path / "map.toml").write_text('[types]\n"HIM Progress" = "progress_note"\n')
    people = tmp_path / "people.csv"
    people.write_text(
        "mrn,last,first,dob\n0012345,Samplewood,Ada,1961-03-07\n0067890,Specimen,Eve,1999-05-05\n"
    )
    service = Service(tmp_path / "home")
    service.run("patients", "load", str(people))
    return service, scans


def order(service, scans):
    beside = scans.parent
    return (
        "import", str(scans), "--manifest", str(beside / "list.csv"),
        "--mapping", str(beside / "map.toml"), "--root", f"D:\\Scans={scans}",
        "--exceptions", str(beside / "exceptions.csv"),
    )  # fmt: skip


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff20"])
def test_no_cell_of_a_list_of_exceptions_is_a_formula(sign):
    assert harmless(f"{sign}1+1") == f"'{sign}1+1"


def codes(path):
    with path.open(newline="") as file:
        return {int(row["line"]): row["codes"] for row in csv.DictReader(file)}


def test_a_list_from_the_dry_run_to_the_closed_batch(archive):
    service, scans = archive
    said = service.run(*order(service, scans), "--dry-run", check=False)
    assert "nothing was taken in" in said
    expected = {5: "empty_file", 6: "unknown_mrn not_there"}
    assert codes(scans.parent / "exceptions.csv") == expected
    assert service.documents() == []
    assert service.run("batches") == ""
    assert service.status_of(*order(service, scans)) == 4
    assert codes(scans.parent / "exceptions-2.csv") == expected
    found = {line["file"]: line for line in service.documents()}
    assert [found[f"box1/{name}.png"]["status"] for name in "abc"] == ["filed", "filed", "review"]
    assert "The import list says MRN 0067890, but" in found["box1/c.png"]["reason"]
    assert found["box2/empty.pdf"]["status"] == "refused"
    boxes = [json.loads(line) for line in
             service.run("batches", "report", "1", "--format", "jsonl").splitlines()]  # fmt: skip
    assert [(box["box"], box["files_filed"], box["files_review"], box["pages_missing"])
            for box in boxes] == [("box1", 2, 1, 0), ("box2", 0, 0, 7)]  # fmt: skip
    assert "cannot be closed: files missing: 1 (line 6)" in service.run("batches", "report", "1")
    assert service.status_of("batches", "close", "1") == 3
    for line in ("5", "6"):
        service.run("batches", "excuse", "1", line, "--reason", "=lost in 1987")
    assert "'=lost in 1987" in service.run("batches", "report", "1", "--format", "csv")
    assert "is closed" in service.run("batches", "close", "1")
    assert "closed" in service.run("batches")
    assert service.status_of(*order(service, scans)) == 3
    log = service.run("audit", "export")
    assert (log.count('"batch:excuse"'), log.count('"batch:close"')) == (2, 2)
    assert service.status_of("verify") == 0


def test_stopped_by_hand_it_says_how_to_go_on_and_does(archive):
    service, scans = archive
    words = [*order(service, scans), "--files-per-minute", "15"]
    process = subprocess.Popen(
        [*PROGRAM, "--home", str(service.home), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while "taken" not in service.run("batches") and time.monotonic() < deadline:
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Go on with:" in said
    assert "Traceback" not in said
    assert "not finished" in service.run("batches")
    service.run(*order(service, scans), check=False)
    assert "taken 3, refused 1, missing 1" in service.run("batches")
    assert len(service.documents("--status", "refused")) == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--map", "colour=Box"), "no field 'colour'"),
        (("--map", "mrn=Nothing"), "no column Nothing"),
        (("--root", "D:"), "mapped as OLD=FOLDER"),
    ],
)
def test_a_list_that_does_not_fit_is_said(archive, words, reason):
    service, scans = archive
    done = forked("--home", service.home, *order(service, scans), *words)
    assert done.returncode == 3
    assert reason in done.stderr


def test_a_migration_with_planted_errors_killed_and_resumed(tmp_path):
    """The small version of tests/bench/migration.py."""
    out = tmp_path / "found.json"
    program = str(ROOT / "tests" / "bench" / "migration.py")
    words = ["--files", "60", "--kills", "3", "--fax-every", "5", "--json", str(out)]
    done = subprocess.run(
        [sys.executable, program, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(out.read_text())
    assert found["planted"] == 21
    assert found["disturbed"]["kills"] == 3
    assert found["problems"] == []

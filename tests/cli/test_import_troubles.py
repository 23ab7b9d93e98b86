"""Imports at the command line that end badly, and what is said of that."""

import os
import signal
import subprocess
import sys
import time
from io import BytesIO

import pytest
from command_line import PROGRAM, forked
from PIL import Image
from service import Service
from sheets import draw, note

# Dies as soon as a folder of the source is opened, as in a power cut.
DYING = """
import os, sys
opened = os.scandir
def die(folder="."):
    if os.fspath(folder).endswith("scans"):
        os._exit(137)
    return opened(folder)
os.scandir = die
from chartkeeper.__main__ import main
main()
"""


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path / "home")


@pytest.fixture
def scans(tmp_path):
    (tmp_path / "scans").mkdir()
    return tmp_path / "scans"


def call(service, *words):
    return forked("--home", service.home, *words)


def unreadable(path):
    """A picture that looks whole from outside and that no reader can decode."""
    out = BytesIO()
    draw(["some words"], 420, 160).save(out, "JPEG")
    path.write_bytes(out.getvalue().replace(b"\xff\xc0", b"\xff\xc3", 1))


def test_a_batch_that_died_before_the_look_for_surplus_cannot_be_closed(service, scans):
    note(scans / "a.png", "hello")
    note(scans / "never named.png", "goodbye")
    (scans / "list.csv").write_text("file\na.png\n")
    words = "import", scans, "--manifest", scans / "list.csv"
    dying = [sys.executable, "-c", DYING, "--home", service.home, *words]
    assert subprocess.run(dying, capture_output=True, check=False).returncode == 137
    assert "not finished" in service.run("batches")
    assert call(service, "batches", "close", "1").returncode == 3
    assert call(service, *words).returncode == 4
    assert "files not on the list: 1 (line 3)" in call(service, "batches", "close", "1").stderr


def test_pages_that_cannot_be_read_are_said_and_end_an_import_with_a_status(service, scans):
    note(scans / "a.png", "hello")
    unreadable(scans / "b.jpg")
    done = call(service, "import", scans)
    assert done.returncode == 4
    assert "of these, no page could be read: 1" in done.stdout
    assert "pages that could not be read: 1" in done.stdout
    table = done.stdout.splitlines()
    assert "unreadable" in table[0]
    assert "failed" in table[0]
    (scans / "b.jpg").unlink()
    assert call(service, "import", scans).returncode == 0


def test_a_dry_run_ends_with_the_status_of_the_run(service, scans):
    note(scans / "a.png", "hello")
    (scans / "list.csv").write_text("file,pages\na.png,3\n")
    words = "import", scans, "--manifest", scans / "list.csv"
    dry = call(service, *words, "--dry-run")
    assert (dry.returncode, "page_count" in dry.stdout) == (4, True)
    assert call(service, *words).returncode == 4
    (scans / "list.csv").write_text("file,pages\na.png,1\n")
    assert call(service, *words, "--dry-run").returncode == 0
    (scans / "empty.pdf").write_bytes(b"")
    assert call(service, "import", scans, "--dry-run").returncode == 4


def test_an_excused_fault_is_no_fault_of_the_next_run(service, scans):
    note(scans / "a.png", "hello")
    (scans / "list.csv").write_text("file\na.png\ngone.png\n")
    words = "import", scans, "--manifest", scans / "list.csv"
    assert call(service, *words).returncode == 4
    assert call(service, "batches", "excuse", "1", "2", "--reason", "x").returncode == 3
    assert call(service, "batches", "excuse", "1", "3", "--reason", "lost").returncode == 0
    assert call(service, *words).returncode == 0


def test_many_lines_are_accounted_for_at_once(service, scans):
    note(scans / "a.png", "hello")
    names = ["a.png", *(f"gone {number}.png" for number in range(120)), "a.png"]
    (scans / "list.csv").write_text("\n".join(["file", *names]) + "\n")
    words = "import", scans, "--manifest", scans / "list.csv"
    assert call(service, *words).returncode == 4
    said = service.run("batches", "excuse", "1", "101", "2-100", "102-123", "--reason", "burnt")
    assert "98 of lines 2-100 of batch 1" in said
    assert call(service, "batches", "excuse", "1", "2-101", "--reason", "burnt").returncode == 3
    assert "closed" in service.run("batches", "close", "1")
    assert service.run("audit", "report").count("batch:excuse\t") == 120


def test_exceptions_that_cannot_be_written_are_said_before_anything_is_taken(service, scans):
    note(scans / "a.png", "hello")
    (scans / "broken SPECIMEN EVE.pdf").write_bytes(b"")
    for place in (scans.parent / "nowhere" / "SPECIMEN.csv", scans / "a.png" / "SPECIMEN.csv"):
        done = call(service, "import", scans, "--exceptions", place)
        assert done.returncode == 3
        assert "list of exceptions cannot be written" in done.stderr
        assert "Traceback" not in done.stderr
        assert "SPECIMEN" not in done.stderr
    assert service.run("batches") == ""
    assert service.documents() == []


def test_lists_of_the_import_that_lie_among_the_files_are_no_surplus(service, scans):
    note(scans / "a.png", "hello")
    (scans / "list.csv").write_text("file,mrn\na.png,31337\n")
    (scans / "map.toml").write_text('[types]\n"Old" = "LAB"\n')
    words = (
        "import", scans, "--manifest", scans / "list.csv", "--mapping", scans / "map.toml",
        "--exceptions", scans / "odd.csv",
    )  # fmt: skip
    for _ in range(3):
        done = call(service, *words)
        assert (done.returncode, "surplus: 0" in done.stdout) == (0, True), done.stdout
    assert sorted(path.name for path in scans.glob("odd*")) == ["odd-2.csv", "odd-3.csv", "odd.csv"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_an_import_to_which_nobody_listens_any_more_goes_on_and_lists_its_exceptions(
    service, scans
):
    (scans / "list.csv").write_text("file\ngone.png\n")
    reads, writes = os.pipe()
    os.close(reads)
    words = "import", str(scans), "--manifest", str(scans / "list.csv"), "--dry-run"
    command = [sys.executable, "-m", "chartkeeper", "--home", str(service.home), *words]
    subprocess.run(command, stdout=writes, stderr=writes, check=False)
    os.close(writes)
    assert "gone.png,missing" in (service.home / "import-exceptions.csv").read_text()


def test_a_full_vault_says_how_an_import_goes_on(service, scans):
    Image.frombytes("RGB", (400, 400), os.urandom(480_000)).save(scans / "a.png")
    vault = str(service.home / "vault")
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", vault]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("this machine does not let a test mount a disk")
    try:
        done = call(service, "import", scans)
    finally:
        subprocess.run(["umount", vault], check=True)
    assert done.returncode == 3
    assert "in the inbox" not in done.stderr
    assert "an import is run again" in done.stderr
    assert "Go on with:" in done.stderr
    assert f"import {scans}\n" in done.stderr
    assert call(service, "import", scans).returncode == 0


def test_an_interrupted_import_of_folders_goes_on_with_the_same_command(service, scans):
    for shade in (180, 200, 220):
        Image.new("L", (400, 400), shade).save(scans / f"{shade}.png")
    words = [*PROGRAM, "--home", str(service.home), "import", str(scans)]
    process = subprocess.Popen(
        [*words, "--files-per-minute", "1"], stdout=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while "taken" not in service.run("batches") and time.monotonic() < deadline:
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    assert "not finished" in service.run("batches")
    assert call(service, "import", scans).returncode == 0
    assert len(service.run("batches").splitlines()) == 1
    assert "is closed" in service.run("batches", "close", "1")
    # What was done is done: the same folders again are another import.
    assert call(service, "import", scans).returncode == 0
    assert len(service.run("batches").splitlines()) == 2

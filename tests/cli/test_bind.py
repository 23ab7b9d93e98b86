"""Old documents that lie in a file a page: put into one file each, then imported as documents."""

import csv
import shutil

import pytest
from importing import paper
from service import Service
from sheets import draw, note, save

from chartkeeper.ingest.binding import FILES, MARK
from chartkeeper.ocr.binding import is_installed

pytestmark = pytest.mark.skipif(not is_installed(), reason="img2pdf is not installed")
WHO = "Patient: SAMPLEWOOD, ADA   DOB: 03/07/1961   MRN: 0012345"
HEAD = "Image Path,Doc ID,MRN,DocType,Date of Service,Box"


@pytest.fixture
def archive(tmp_path):
    """A home with a patient, and a folder of scans, a page a file."""
    scans = tmp_path / "scans"
    scans.mkdir()
    people = tmp_path / "people.csv"
    people.write_text("mrn,last,first,dob\n0012345,Samplewood,Ada,1961-03-07\n")
    service = Service(tmp_path / "home")
    service.run("patients", "load", str(people))
    return service, scans


def listed(scans, *lines, head=HEAD):
    path = scans.parent / "list.csv"
    path.write_text("\n".join([head, *lines]) + "\n")
    return path


def bind(scans, into=None):
    into = into or scans.parent / "bound"
    return "bind", str(scans), "--manifest", str(scans.parent / "list.csv"), "--into", str(into)


def call(service, *words):
    return service.call("--home", service.home, *words)


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_note_in_two_files_comes_in_as_one_document(archive):
    service, scans = archive
    bound = scans.parent / "bound"
    note(scans / "1.png", WHO, "Date of service: 03/04/2024", "SUBJECTIVE: well.", "Page 1 of 2")
    save(draw(("and better still.", "PLAN: the same.", "Page 2 of 2")), scans / "2.png")
    note(scans / "3.png", WHO, "Date of service: 05/06/2024", "PLAN: more.")
    listed(
        scans,
        "1.png,77,0012345,PROG,03/04/2024,B1",
        "2.png,77,0012345,PROG,03/04/2024,B1",
        "3.png,78,0012345,PROG,05/06/2024,B1",
    )
    said = service.run(*bind(scans))
    assert "bound: 1, of 2 files and 2 pages" in said
    assert "of one file, handed on as it is: 1" in said
    go_on = ("import", str(bound / FILES), "--manifest", str(bound / "list.csv"))
    assert " ".join(go_on) in said
    service.run(*go_on)
    found = [
        (line["first_page"], line["last_page"], line["mrn"], line["status"])
        for line in service.documents()
    ]
    assert sorted(found) == [(1, 1, "0012345", "filed"), (1, 2, "0012345", "filed")]
    service.run("batches", "close", "1")
    parts = table(bound / "parts.csv")
    assert [(one["first_page"], one["last_page"], one["line"]) for one in parts] == [
        ("1", "1", "2"), ("2", "2", "3"),
    ]  # fmt: skip
    assert [one["part"] for one in parts] == [str(scans / "1.png"), str(scans / "2.png")]


def test_what_cannot_be_bound_is_said_and_keeps_the_import_open(archive):
    service, scans = archive
    for number in range(1, 8):
        paper(scans / f"{number}.tif", number)
    (scans / "7.tif").write_bytes((scans / "7.tif").read_bytes()[:-40])
    paper(scans / "nobodys.tif", 99)
    (scans / "link.tif").symlink_to(scans / "1.tif")
    listed(
        scans,
        "1.tif,good,1,LAB,,",
        "2.tif,good,1,LAB,,",
        "3.tif,gone,1,LAB,,",
        "missing.tif,gone,1,LAB,,",
        "4.tif,two,1,LAB,,",
        "5.tif,two,2,LAB,,",
        "6.tif,cut,1,LAB,,",
        "7.tif,cut,1,LAB,,",
        ",none,1,LAB,,",
        "link.tif,led,1,LAB,,",
        "../list.csv,out,1,LAB,,",
        "2.tif,apart,1,LAB,,",
        "3.tif,good,1,LAB,30/30/2020,",
    )
    done = call(service, *bind(scans))
    assert done.returncode == 4
    exceptions = {
        line["line"]: line["reason"] for line in table(scans.parent / "bound/exceptions.csv")
    }
    told = {
        "2": "do not stand together", "5": "not there", "6": "different things", "8": "cut off",
        "10": "names no file", "11": "link", "12": "outside", "14": "service date",
    }  # fmt: skip
    for line, words in told.items():
        assert words in exceptions[line], line
    assert "does not name it" in exceptions[""]
    bound = scans.parent / "bound"
    there = [path.name for path in (bound / FILES).rglob("*") if path.is_file()]
    assert sorted(there) == ["00000013-apart.tif", "00000014-good.tif"]
    assert len(table(bound / "list.csv")) == 8


def made(scans):
    return {
        path.name: path.stat().st_ino
        for path in (scans.parent / "bound").rglob("*")
        if path.suffix == ".pdf"
    }


def test_the_same_command_goes_on_where_it_was(archive):
    service, scans = archive
    for number in range(1, 5):
        paper(scans / f"{number}.tif", number)
    shutil.move(scans / "4.tif", scans.parent / "4.tif")
    listed(scans, *(f"{number}.tif,d{(number + 1) // 2},1,LAB,," for number in range(1, 5)))
    assert service.status_of(*bind(scans)) == 4
    before = made(scans)
    assert list(before) == ["00000002-d1.pdf"]
    shutil.move(scans.parent / "4.tif", scans / "4.tif")
    service.run(*bind(scans))
    after = made(scans)
    assert sorted(after) == ["00000002-d1.pdf", "00000004-d2.pdf"]
    assert after["00000002-d1.pdf"] == before["00000002-d1.pdf"]
    # A part that is gone again takes its document along: it is not what the list says any more.
    (scans / "1.tif").unlink()
    assert service.status_of(*bind(scans)) == 4
    assert list(made(scans)) == ["00000004-d2.pdf"]


def test_a_part_that_is_not_what_the_list_says_is_not_bound(archive):
    service, scans = archive
    for number in (1, 2):
        paper(scans / f"{number}.tif", number)
    wrong = "ab" * 32
    listed(scans, "1.tif,7,", f"2.tif,7,{wrong}", head="file,doc id,sha256")
    assert service.status_of(*bind(scans)) == 4
    (line,) = table(scans.parent / "bound" / "exceptions.csv")
    assert (line["line"], "checksum differs" in line["reason"]) == ("3", True)
    assert not made(scans)


def test_a_folder_with_something_else_in_it_is_refused(archive):
    service, scans = archive
    paper(scans / "1.tif", 1)
    listed(scans, "1.tif,7,1,LAB,,")
    for into in (scans, scans / "within"):
        assert "holds something else" in call(service, *bind(scans, into)).stderr
    other = scans.parent / "other"
    other.mkdir()
    (other / "letter.txt").write_text("somebody's")
    done = call(service, *bind(scans, other))
    assert (done.returncode, "holds something else" in done.stderr) == (3, True)
    service.run(*bind(scans))
    (scans.parent / "bound" / MARK).write_text("another list")
    assert service.status_of(*bind(scans)) == 3

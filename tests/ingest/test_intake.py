"""What arrives is accepted, recognised as a duplicate, or refused with a reason."""

import errno
import io
import os
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from originals import stored
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas
from sheets import draw, note, save

from chartkeeper.ingest import pipeline
from chartkeeper.ingest.claimed import CLAIMS_FOLDER
from chartkeeper.ingest.desk import Patience
from chartkeeper.ingest.inbox import look_into
from chartkeeper.ingest.watch import TROUBLE_PAUSE_SECONDS, Attention, turn
from chartkeeper.ingest.worker import work
from chartkeeper.records import arrivals, review_queue, scans
from chartkeeper.records.model import ArrivalState, DocumentStatus, Lane
from chartkeeper.records.vault import file_sha256


def look(desk):
    """One turn of the watcher; a refused file is out of the inbox after the next one."""
    turn(desk, Attention())
    turn(desk, Attention())


def outcomes(desk):
    with desk.ledger.read() as connection:
        return {item.name: item for item in arrivals.newest(connection, 100)}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_scan_is_stored_and_waits_in_its_claim(desk):
    sha256 = file_sha256(note(desk.inbox / "scan.png", "hello"))
    look(desk)
    assert outcomes(desk)["scan.png"].state is ArrivalState.ACCEPTED
    assert stored(desk) == [sha256]
    assert names(desk.inbox) == [CLAIMS_FOLDER]


def test_the_same_content_is_a_further_arrival_of_one_scan(desk):
    note(desk.inbox / "a.png", "hello")
    look(desk)
    note(desk.inbox / "b.png", "hello")
    look(desk)
    found = outcomes(desk)
    assert found["b.png"].state is ArrivalState.DUPLICATE
    assert found["b.png"].scan_id == found["a.png"].scan_id
    assert len(stored(desk)) == 1
    assert names(desk.failed) == []


def png_bomb(path):
    """A sound PNG of 25,000 x 25,000 pixels in some 80 kB."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 25_000, 25_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (25_000 // 8 + 1) * 25_000, 9)
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    path.write_bytes(data)


def encrypted(path):
    canvas = Canvas(str(path), encrypt=StandardEncryption("secret", canPrint=0))
    canvas.drawString(100, 100, "locked away")
    canvas.save()


def many_pages(path):
    canvas = Canvas(str(path))
    for _ in range(51):
        canvas.showPage()
    canvas.save()


def cut(path, share):
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


def cut_pdf(path):
    save(draw(["cut"]), path)
    cut(path, 0.6)


def cut_jpeg(path):
    save(draw(["cut"]), path)
    cut(path, 0.25)


def cut_tiff(path):
    # The directory first, as fax servers write it: the strips are what is missing.
    page = draw(["cut"]).convert("1")
    data = io.BytesIO()
    page.save(data, "TIFF", compression="group4")
    path.write_bytes(data.getvalue()[: len(data.getvalue()) // 3])


def huge_page(path):
    Image.new("1", (14_000, 14_000), 1).save(path, "TIFF", compression="group4")


BAD = {
    "empty.pdf": lambda path: path.write_bytes(b""),
    "cut.pdf": cut_pdf,
    "cut.jpg": cut_jpeg,
    "cut.tif": cut_tiff,
    "locked.pdf": encrypted,
    "program.pdf": lambda path: path.write_bytes(b"MZ" + os.urandom(5000)),
    "noise.pdf": lambda path: path.write_bytes(b"%PDF-1.4\n" + os.urandom(5000) + b"\n%%EOF\n"),
    "notes.txt": lambda path: path.write_text("just text"),
    "bomb.png": png_bomb,
    "huge.tif": huge_page,
    "many.pdf": many_pages,
    "link.pdf": lambda path: path.symlink_to("/etc/hostname"),
    "pipe": os.mkfifo,
    ".hidden.pdf": lambda path: note(path.with_name("h.png"), "x").rename(path),
    "scan.pdf.part": lambda path: path.write_bytes(b"half"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_put_aside_with_its_reason_and_the_next_goes_on(desk, name):
    BAD[name](desk.inbox / name)
    original = None if name in {"link.pdf", "pipe"} else (desk.inbox / name).read_bytes()
    note(desk.inbox / "zz good.png", "next")
    look(desk)
    found = outcomes(desk)
    assert found["zz good.png"].state is ArrivalState.ACCEPTED
    refused = found[name]
    assert refused.state is ArrivalState.REFUSED
    assert refused.cleared
    kept = desk.failed / f"{refused.id:06d} {name}"
    assert kept.is_symlink() or kept.exists()
    assert original is None or kept.read_bytes() == original
    said = (desk.failed / f"{kept.name}.why.txt").read_text()
    assert refused.reason in said
    assert len(refused.reason.split(". ")) >= 2, "a cause and a remedy"


@pytest.mark.parametrize(
    "name",
    [
        *("wrong extension.jpg", "ärztin, 王.png", 'it\'s "q".png', "new\nline.png", "-rf.png"),
        "x" * 246 + ".png",
    ],
)
def test_odd_names_and_wrong_extensions_do_not_matter(desk, name):
    note(desk.inbox / "plain.png", name.splitlines()[0][:20]).rename(desk.inbox / name)
    look(desk)
    assert outcomes(desk)[name].state is ArrivalState.ACCEPTED


def test_an_odd_name_of_a_bad_file_is_tamed_in_the_failed_folder(desk):
    for name in ("new\nline.pdf", "-rf.pdf", "x" * 250):
        (desk.inbox / name).write_bytes(b"")
    look(desk)
    assert len(names(desk.failed)) == 6
    for name in names(desk.failed):
        assert name[0].isdigit()
        assert "\n" not in name


def test_a_file_that_ends_too_early_is_waited_for(desk, tmp_path):
    whole = note(tmp_path / "whole.png", "slow writer").read_bytes()
    slow = desk.inbox / "slow.png"
    slow.write_bytes(whole[:2000])
    patient = replace(desk, patience=Patience(still=0, incomplete=60, leftover=60))
    look(patient)
    assert outcomes(desk) == {}
    slow.write_bytes(whole)
    look(patient)
    assert outcomes(desk)["slow.png"].state is ArrivalState.ACCEPTED


AS_ANOTHER = """
import os, sys
from pathlib import Path
from chartkeeper.ocr.examine import examine
from chartkeeper.ocr.errors import UnreadableFile
from chartkeeper.ocr.limits import Limits
os.setgid(65534); os.setuid(65534)
try:
    examine(Path(sys.argv[1]), Limits())
except UnreadableFile as error:
    print(error.code, error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else takes root")
def test_a_file_that_may_not_be_read_says_so(tmp_path):
    locked = note(tmp_path / "locked.png", "x")
    locked.chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", AS_ANOTHER, str(locked)], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("cannot_be_opened"), done.stderr
    assert "account may read it" in done.stdout


def test_a_claim_that_was_written_down_but_not_made_is_forgotten(desk, now):
    note(desk.inbox / "scan.png", "hello")
    with desk.ledger.write() as connection:
        seen = arrivals.Seen("inbox", "scan.png", "c" * 32, Lane.DAILY, 1)
        arrivals.claim(connection, seen, now)
    look(desk)
    with desk.ledger.read() as connection:
        (arrival,) = arrivals.newest(connection, 10)
    assert arrival.state is ArrivalState.ACCEPTED
    assert arrival.claim != "c" * 32


def test_a_claim_that_was_made_is_taken_up_after_a_restart(desk):
    note(desk.inbox / "scan.png", "hello")
    (found,) = look_into(desk.inbox).found
    pipeline.claim(desk, found)
    assert names(desk.inbox) == [CLAIMS_FOLDER]
    look(desk)
    assert outcomes(desk)["scan.png"].state is ArrivalState.ACCEPTED


def test_content_stored_before_a_crash_is_stored_once(desk):
    path = note(desk.inbox / "scan.png", "hello")
    desk.vault.store(path)
    look(desk)
    assert outcomes(desk)["scan.png"].state is ArrivalState.ACCEPTED
    assert len(stored(desk)) == 1


def test_names_do_not_reach_the_log(desk, caplog):
    (desk.inbox / "Samplewood Ada.pdf").write_bytes(b"%PDF-1.4 broken")
    note(desk.inbox / "Testerman Bob.png", "x")
    look(desk)
    assert "Samplewood" not in caplog.text
    assert "Testerman" not in caplog.text


def test_a_failed_scan_gets_another_chance_when_it_arrives_again(desk):
    note(desk.inbox / "a.png", "hello")
    look(desk)
    scan_id = outcomes(desk)["a.png"].scan_id
    with desk.ledger.write() as connection:
        scans.mark_failed(connection, scan_id, "too dark")
    note(desk.inbox / "b.png", "hello")
    look(desk)
    with desk.ledger.read() as connection:
        assert scans.failed(connection) == []


def test_a_writer_that_goes_on_after_a_pause_loses_nothing(desk):
    path = save(draw(["first page"]).convert("1"), desk.inbox / "slow.tif")
    with path.open("rb+") as writer:
        look(desk)
        first = outcomes(desk)["slow.tif"]
        assert first.state is ArrivalState.ACCEPTED
        pages = [draw([text]).convert("1") for text in ("first page", "second page")]
        whole = io.BytesIO()
        pages[0].save(whole, "TIFF", save_all=True, append_images=pages[1:])
        writer.write(whole.getvalue())
    with desk.ledger.write() as connection:
        scans.mark_filed(connection, first.scan_id)
    look(desk)
    with desk.ledger.read() as connection:
        second, _ = arrivals.newest(connection, 10)
        assert second.state is ArrivalState.ACCEPTED
        assert scans.get(connection, second.scan_id).page_count == 2


def test_one_file_that_cannot_be_moved_does_not_stop_the_others(desk, monkeypatch):
    note(desk.inbox / "stuck.png", "a")
    note(desk.inbox / "zz free.png", "b")
    rename = Path.rename

    def refuse(path, target):
        if path.name == "stuck.png":
            raise OSError(errno.EXDEV, "another file system")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    attention = Attention()
    turn(desk, attention)
    turn(desk, attention)
    assert set(outcomes(desk)) == {"zz free.png"}


def test_a_folder_that_may_not_be_listed_hides_only_itself(desk, monkeypatch):
    (desk.inbox / "lost+found").mkdir()
    note(desk.inbox / "scan.png", "hello")
    listed = os.scandir

    def forbid(folder):
        if str(folder).endswith("lost+found"):
            raise PermissionError
        return listed(folder)

    monkeypatch.setattr(os, "scandir", forbid)
    look(desk)
    assert set(outcomes(desk)) == {"scan.png"}


def test_claims_that_the_ledger_lost_sight_of_come_back(desk):
    """As when a share was gone while files of it were claimed."""
    note(desk.inbox / "scan.png", "hello")
    (found,) = look_into(desk.inbox).found
    arrival = pipeline.claim(desk, found)
    with desk.ledger.write() as connection:
        arrivals.withdraw(connection, arrival.id)
    look(desk)
    (back,) = outcomes(desk).values()
    assert back.state is ArrivalState.ACCEPTED


def test_a_ledger_that_is_locked_is_not_the_files_fault(desk, tmp_path):
    note(desk.inbox / "scan.png", "hello")
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with desk.ledger.read() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 100")
    assert turn(desk, Attention()) == TROUBLE_PAUSE_SECONDS
    other.execute("ROLLBACK")
    look(desk)
    assert outcomes(desk)["scan.png"].state is ArrivalState.ACCEPTED
    assert names(desk.failed) == []


def test_missing_pages_of_a_fax_are_asked_for(desk):
    """Sheets 1, 2 and 5 of a fax of five: the gap is named, and a clerk has to look."""
    sheets = []
    for number in (1, 2, 5):
        body = [f"PROGRESS NOTE part {number}", "The patient returns without pain."]
        sheet = draw(body, 1728, 2200, 40)
        header = f"10/12/2025 14:03   FAX 555 0100   SAMPLE CLINIC   PAGE 0{number}/05"
        sheet.paste(draw([header], 1728, 110, 26), (0, -30))
        sheets.append(sheet.convert("1"))
    first, *rest = sheets
    path = desk.inbox / "fax.tif"
    first.save(path, save_all=True, append_images=rest, compression="group4", dpi=(204, 196))
    look(desk)
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(desk, stop))
    worker.start()
    found = _first_document(desk)
    stop.set()
    worker.join()
    assert found.document.status is DocumentStatus.REVIEW
    assert found.document.reason.startswith(
        "By the fax header this is a fax of 5 pages; pages 3 and 4 did not arrive."
    )


def _first_document(desk, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with desk.ledger.read() as connection:
            found = review_queue.waiting(connection, 1)
        if found:
            return found[0]
        time.sleep(0.2)
    raise AssertionError("nothing came into the review queue")

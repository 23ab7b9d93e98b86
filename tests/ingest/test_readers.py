"""A page that makes a reader hang or crash costs that page only."""

import os
import signal
import subprocess
import sys
import time

import pytest
from PIL import ImageDraw, ImageFont
from sheets import FONT, draw, note, save

from chartkeeper.ingest.readers import Readers
from chartkeeper.ingest.reading import (
    MOST_SAVED_LOOKS,
    Failure,
    Job,
    Purse,
    Reader,
    Terms,
)
from chartkeeper.ocr import resident
from chartkeeper.ocr.engines import FirstEngine
from chartkeeper.ocr.limits import Limits
from chartkeeper.records.model import Lane, PageTask


def job(path, number=1, attempts=0):
    return Job(PageTask(number, 1, "0" * 64, "png", 1, attempts, Lane.DAILY), path)


def collect(readers, count, seconds=60):
    found, deadline = [], time.monotonic() + seconds
    while len(found) < count and time.monotonic() < deadline:
        found += readers.outcomes(0.2)
    return sorted(found, key=lambda outcome: outcome.task.page_id)


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def pair(scratch):
    with Readers(2, Terms(scratch, Limits(page_timeout_seconds=60))) as readers:
        yield readers


def test_pages_are_read_side_by_side_and_leave_nothing_behind(pair, tmp_path, scratch):
    pair.submit(job(note(tmp_path / "a.png", "alpha"), 1))
    pair.submit(job(note(tmp_path / "b.png", "bravo"), 2))
    assert pair.free == 0
    one, two = collect(pair, 2)
    assert "alpha" in one.result.text
    assert "bravo" in two.result.text
    assert pair.free == 2
    assert [path for path in scratch.rglob("*") if path.is_file()] == []


def busy_reader(pair):
    return next(reader for reader in pair._readers if reader.task is not None)


def test_a_reader_that_dies_is_replaced_and_the_page_can_be_tried_again(pair, tmp_path):
    pair.submit(job(note(tmp_path / "a.png", "alpha"), 1))
    os.kill(busy_reader(pair).child.process.pid, signal.SIGKILL)
    (outcome,) = collect(pair, 1)
    assert outcome.result == Failure(outcome.result.reason, again=True)
    assert pair.free == 2
    pair.submit(job(tmp_path / "a.png", 2))
    assert "alpha" in collect(pair, 1)[0].result.text


def test_a_reader_that_hangs_is_killed_and_its_neighbour_goes_on(scratch, tmp_path):
    limits = Limits(page_timeout_seconds=1.5)
    with Readers(2, Terms(scratch, limits)) as readers:
        readers.submit(job(note(tmp_path / "a.png", "alpha"), 1))
        os.kill(busy_reader(readers).child.process.pid, signal.SIGSTOP)
        readers.submit(job(note(tmp_path / "b.png", "bravo"), 2))
        one, two = collect(readers, 2)
    assert isinstance(one.result, Failure)
    assert "too long" in one.result.reason
    assert "bravo" in two.result.text


def test_a_reader_that_died_while_idle_is_noticed(pair, tmp_path):
    victim = pair._readers[0].child.process
    os.kill(victim.pid, signal.SIGKILL)
    victim.join()
    pair.submit(job(note(tmp_path / "a.png", "alpha"), 1))
    (outcome,) = collect(pair, 1)
    assert isinstance(outcome.result, Failure)
    assert outcome.result.again


def test_a_page_that_wants_too_much_memory_fails_alone(scratch, tmp_path):
    big = save(draw(["big"], 12_000, 12_000), tmp_path / "big.png")
    with Readers(1, Terms(scratch, memory_bytes=500 * 1024**2)) as readers:
        readers.submit(job(big, 1))
        assert isinstance(collect(readers, 1)[0].result, Failure)
        readers.submit(job(note(tmp_path / "a.png", "alpha"), 2))
        assert "alpha" in collect(readers, 1)[0].result.text


def test_a_page_that_failed_before_is_read_by_the_engine_that_always_works(pair, tmp_path):
    pair.submit(job(note(tmp_path / "a.png", "alpha"), 1, attempts=1))
    (outcome,) = collect(pair, 1)
    assert outcome.result.reading[0] == "tesseract"


def test_second_looks_are_had_in_proportion_and_saved_up_to_a_bound():
    purse = Purse(0.25)
    looks = 0
    for _ in range(200):
        spent = purse.has_one
        purse.account(spent=spent)
        looks += spent
    assert looks == pytest.approx(0.25 * 200 + MOST_SAVED_LOOKS, abs=2)
    for _ in range(1000):
        purse.account(spent=False)
    saved = 0
    while purse.has_one:
        purse.account(spent=True)
        saved += 1
    assert saved == pytest.approx(MOST_SAVED_LOOKS / (1 - 0.25), abs=1)


def test_a_share_of_nothing_buys_nothing():
    assert not Purse(0.0).has_one


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_weak_page_is_looked_at_again_only_where_that_is_allowed(tmp_path, scratch, share):
    # A form's cells around each letter, which the first reading makes nothing of.
    page = draw(["", ""], 1000, 500)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, 30)
    for place, letter in enumerate("SAMPLEPATIENT"):
        pen.text((107 + 34 * place, 200), letter, fill=0, font=font)
        pen.rectangle((100 + 34 * place, 186, 134 + 34 * place, 243), outline=0, width=2)
    path = save(page, tmp_path / "form.png")
    with Readers(1, Terms(scratch, second_shares={Lane.DAILY: share})) as readers:
        readers.submit(job(path))
        (outcome,) = collect(readers, 1)
    assert bool(set(outcome.result.reading) & {"sparse", "rapidocr"}) is bool(share)


STARTS_READERS = """
import sys, time
from pathlib import Path
from chartkeeper.ingest.readers import Readers
from chartkeeper.ingest.reading import Terms
if __name__ == "__main__":
    readers = Readers(2, Terms(Path(sys.argv[1])))
    print(*(reader.child.process.pid for reader in readers._readers), flush=True)
    time.sleep(60)
"""


def test_no_reader_outlives_the_process_that_started_it(tmp_path, scratch):
    script = tmp_path / "starts_readers.py"
    script.write_text(STARTS_READERS)
    process = subprocess.Popen([sys.executable, script, scratch], stdout=subprocess.PIPE, text=True)
    with process:
        pids = [int(pid) for pid in process.stdout.readline().split()]
        process.kill()
    deadline = time.monotonic() + 10
    while any(map(_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(pids) == 2
    assert not any(map(_alive, pids))


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not resident.is_installed(), reason="tesserocr is not installed")
def test_a_reader_at_rest_gives_up_its_engine_and_reads_on(scratch, tmp_path):
    reader = Reader(Terms(scratch, Limits(page_timeout_seconds=60), first=FirstEngine.TESSEROCR))
    path = note(tmp_path / "a.png", "alpha")
    assert "alpha" in reader.read(job(path)).text
    reader.release()
    assert reader._first._api is None
    assert "alpha" in reader.read(job(path)).text


def test_without_the_engine_asked_for_the_machine_is_at_fault(scratch, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    reader = Reader(Terms(scratch, Limits(page_timeout_seconds=60), first=FirstEngine.TESSEROCR))
    failure = reader.read(job(note(tmp_path / "a.png", "alpha")))
    assert failure.of_machine
    assert failure.reason.startswith("tesserocr is not installed")

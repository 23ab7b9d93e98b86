"""The same content comes again: what is said of it the second time is heard as well."""

import json
from dataclasses import replace

import pytest
from sheets import note

from chartkeeper.ingest import pipeline
from chartkeeper.ingest.profiles import FieldMap, Profile, Sidecar
from chartkeeper.ingest.watch import Attention, turn
from chartkeeper.ocr.page import Box, Page, PageKind, TextSource, Word
from chartkeeper.records import arrivals, documents, pages, scans
from chartkeeper.records.model import ArrivalState, DocumentStatus, ScanState

LINES = (
    "PROGRESS NOTE",
    "Patient: SAMPLEWOOD, ADA   DOB: 03/07/1961   MRN: 0012345",
    "Date of service: 03/04/2024",
    "SUBJECTIVE: better. PLAN: same.",
)
SHORT = "The fax server reports 3 pages, the file has 1."


@pytest.fixture
def fax(desk, tmp_path, known_patients):
    """The desk before an inbox of a fax server that writes JSON, without patience."""
    (tmp_path / "fax").mkdir()
    places = FieldMap(pages="pages", error="error")
    profile = Profile("fax", tmp_path / "fax", sidecar=Sidecar.JSON, map=places)
    return desk.at(replace(profile, sidecar_wait_seconds=0.0))


def deliver(desk, name, **said):
    note(desk.inbox / name, "the same picture")
    if said:
        (desk.inbox / f"{name}.json").write_text(json.dumps(said))
    turn(desk, Attention())
    with desk.ledger.read() as connection:
        return arrivals.newest(connection, 1)[0].state


def read(desk, now):
    """Read what waits, as a reader would that sees a note on a known patient."""
    words = tuple(
        Word(text, Box(100 + 160 * at, 100 + 60 * row, 140, 30), 0.96, row)
        for row, line in enumerate(LINES)
        for at, text in enumerate(line.split())
    )
    page = Page(1, 1700, 2200, 200, 0, PageKind.CONTENT, TextSource.OCR, words)
    with desk.ledger.write() as connection:
        for task in pages.lease(connection, "test", 10, now, 60):
            pages.store(connection, task.page_id, page)


def file_all(desk):
    """What the worker does when all is read; the one document there is then."""
    with desk.ledger.read() as connection:
        ready = scans.ready_to_file(connection)
        anew = documents.waiting_to_be_filed(connection, 100)
    for scan in ready:
        pipeline.file(desk, scan)
    for facts in anew:
        pipeline.file_anew(desk, facts)
    return the_document(desk)


def the_document(desk):
    with desk.ledger.read() as connection:
        (found,) = documents.after(connection, 0, 10)
    return found


def test_a_doubt_that_comes_with_the_second_delivery_sends_the_document_to_a_clerk(fax, now):
    assert deliver(fax, "first.png") is ArrivalState.ACCEPTED
    read(fax, now)
    assert file_all(fax).document.status is DocumentStatus.FILED
    assert deliver(fax, "second.png", pages=3) is ArrivalState.DUPLICATE
    waiting = the_document(fax)
    assert waiting.document.status is DocumentStatus.REVIEW
    assert "what a fax server says" in waiting.document.reason
    after = file_all(fax)
    assert after.document.status is DocumentStatus.REVIEW
    assert after.document.reason.startswith(SHORT)


def test_a_doubt_that_was_heard_before_or_is_none_changes_nothing(fax, now):
    deliver(fax, "first.png", pages=3)
    read(fax, now)
    before = file_all(fax)
    assert before.document.reason.startswith(SHORT)
    deliver(fax, "second.png", pages=3)
    deliver(fax, "third.png", pages=1)
    assert the_document(fax) == before


def test_a_doubt_that_comes_before_the_pages_are_read_is_heard(fax, now):
    deliver(fax, "first.png", pages=1)
    deliver(fax, "second.png", pages=1, error="line lost")
    read(fax, now)
    found = file_all(fax).document
    assert found.status is DocumentStatus.REVIEW
    assert "(line lost); pages may be missing" in found.reason


def test_a_doubt_that_comes_while_a_scan_is_decided_is_not_passed_over(fax, now, monkeypatch):
    deliver(fax, "first.png")
    read(fax, now)
    decide = pipeline.decide

    def meanwhile(*arguments):
        monkeypatch.setattr(pipeline, "decide", decide)
        deliver(fax, "second.png", pages=3)
        return decide(*arguments)

    monkeypatch.setattr(pipeline, "decide", meanwhile)
    with fax.ledger.read() as connection:
        (scan,) = scans.ready_to_file(connection)
    pipeline.file(fax, scan)
    with fax.ledger.read() as connection:
        assert scans.get(connection, scan.id).state is ScanState.STORED
    assert file_all(fax).document.reason.startswith(SHORT)


def test_what_a_person_decided_stands_against_a_later_doubt(fax, now, known_patients):
    deliver(fax, "first.png")
    read(fax, now)
    found = file_all(fax)
    verdict = documents.Verdict("letter", known_patients["Samplewood"].id, None)
    with fax.ledger.write() as connection:
        documents.decide(connection, found.document.id, found.version, verdict, "clerk", now)
    before = the_document(fax)
    deliver(fax, "second.png", pages=3)
    assert the_document(fax) == before
    assert before.document.status is DocumentStatus.FILED

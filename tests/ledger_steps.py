"""The steps by which a file becomes a filed document, straight in the ledger."""

from chartkeeper.ocr.page import Box, Page, PageKind, TextSource, Word
from chartkeeper.records import arrivals, pages, scans
from chartkeeper.records.model import (
    Decision,
    DocumentStatus,
    Evidence,
    Field,
    Filing,
    Lane,
)

LEASE_SECONDS = 60


def arrive(connection, now, name="scan.pdf", lane=Lane.DAILY, page_count=2):
    arrival = arrivals.claim(
        connection, arrivals.Seen("inbox", name, f"claim-{name}", lane, 10), now
    )
    new = scans.NewScan(f"{name:0>64}", "pdf", 10, page_count, lane)
    scan_id = scans.add(connection, new, now)
    arrivals.accept(connection, arrival.id, scan_id)
    return scan_id


def page(number, *texts):
    words = tuple(
        Word(text, Box(10 * line, 20, 30, 8), 0.875, line) for line, text in enumerate(texts)
    )
    return Page(
        number, 1700, 2200, 200, 0, PageKind.CONTENT, TextSource.OCR, words, ("square", "x2")
    )


def filing(patient_id=None, type_key="lab_report", candidates=()):
    proof = Evidence(1, Box(1, 2, 3, 4), "0012345", "MRN", 16.0)
    patient = None if patient_id is None else str(patient_id)
    filed = patient is not None and type_key is not None
    return Filing(
        1,
        2,
        Decision(Field.TYPE, type_key, 0.9, "the title says so"),
        Decision(Field.PATIENT, patient, 0.99, "MRN and birth date agree", (proof,)),
        Decision(Field.DATE, "2026-07-18", 0.8, "collected"),
        tuple(candidates),
        DocumentStatus.FILED if filed else DocumentStatus.REVIEW,
        "" if filed else "the patient must be decided",
    )


def read_all(connection, now, scan_id):
    for task in pages.lease(connection, "me", 10, now, LEASE_SECONDS):
        assert task.scan_id == scan_id
        pages.store(connection, task.page_id, page(task.number, "GLUCOSE", f"page{task.number}"))

"""A real file of several documents of several patients, cut and filed by the worker itself."""

import threading
import time
from datetime import date

import pytest
import zxingcpp
from PIL import Image
from sheets import draw

from chartkeeper.ingest.watch import Attention, turn
from chartkeeper.ingest.worker import work
from chartkeeper.records import documents, pages, scans, separation, verify
from chartkeeper.records.model import DocumentStatus

WIDTH, HEIGHT = 1700, 2200
HOUSE = ("Riverbend General Hospital", "12 Mockup Road, Sampleton, ZZ 00412   Tel 555-0140")
ADA = "Patient: Samplewood, Ada    DOB: 03/07/1961    MRN: 0012345"
JOSE = "Patient: Testerman-Lopez, José    DOB: 12/24/1980    MRN: 0067890"
SIGNED = "Electronically signed by Pia Mocksworth, MD on 03/09/2024"


def paper(*lines):
    return draw(lines, WIDTH, HEIGHT, 36)


def lab(who):
    return paper(
        *HOUSE, "LABORATORY REPORT", who, "Collected: 03/04/2024", "Test  Result  Reference range",
        "Potassium  4.1  3.5-5.0", "Sodium  140  135-145", SIGNED,
    )  # fmt: skip


def note(who, day="03/06/2024"):
    return paper(
        *HOUSE, "PROGRESS NOTE", who, f"Date of service: {day}", "SUBJECTIVE: feels well.",
        "OBJECTIVE: no distress.", "ASSESSMENT AND PLAN: same.", SIGNED,
    )  # fmt: skip


def sheet(*bars):
    """A separator sheet as a printer makes it."""
    page = paper("SEPARATOR SHEET")
    for at, text in enumerate(bars):
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
        image = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=10))
        page.paste(image, (300, 300 + at * 800))
    return page


@pytest.fixture
def worked(desk, known_patients):
    """Drops a PDF of these pages and lets the service work until it is filed."""
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(desk, stop))

    def drop(*sheets):
        first, *rest = sheets
        first.save(desk.inbox / "batch.pdf", save_all=True, append_images=rest, resolution=200)
        turn(desk, Attention())
        worker.start()
        return wait_until(lambda: filed(desk))

    yield drop
    stop.set()
    if worker.ident:
        worker.join()


def wait_until(found, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.2)
    raise AssertionError("nothing came of it")


def filed(desk):
    """The documents of the only file, when all are filed; none while one waits."""
    with desk.ledger.read() as connection:
        found = documents.after(connection, 0, 100)
        waiting = separation.count_waiting(connection)
        assert verify.verify_counts(connection) == []
    return [] if waiting else found


def spans(found):
    return [(one.document.first_page, one.document.last_page) for one in found]


def test_a_batch_is_cut_at_its_sheets_and_their_claims_are_used(desk, worked, known_patients):
    ada, jose = known_patients["Samplewood"], known_patients["Testerman-Lopez"]
    found = worked(
        sheet("SEP|MRN=0012345;TYPE=LAB;DOS=2024-03-04"),
        lab("DOB: 03/07/1961"),  # with the sheet's number, two identifiers
        sheet("MRN=0012345", "TYPE=PROG"),
        note(JOSE),  # not the sheet's patient
        sheet("PATCHT"),
        note(JOSE, "03/11/2024"),
    )
    assert spans(found) == [(2, 2), (4, 4), (6, 6)]
    first, second, third = found
    assert (first.type, first.patient_id, first.service_date) == (
        "lab_report",
        ada.id,
        date(2024, 3, 4),
    )
    assert first.document.status is DocumentStatus.FILED
    assert second.document.status is DocumentStatus.REVIEW
    assert "The separator sheet says MRN 0012345, but MRN 0067890" in second.document.reason
    assert (third.type, third.patient_id) == ("progress_note", jose.id)
    assert third.document.status is DocumentStatus.FILED


def test_without_sheets_the_pages_tell_and_a_split_is_filed_by_the_worker(
    desk, worked, known_patients, now
):
    ada, jose = known_patients["Samplewood"], known_patients["Testerman-Lopez"]
    found = worked(lab(ADA), note(JOSE), note(JOSE, "03/11/2024"))
    assert spans(found)[0] == (1, 1)
    assert found[0].patient_id == ada.id
    rest = found[1]
    if spans(found) == [(1, 1), (2, 3)]:
        with desk.ledger.write() as connection:
            separation.split(connection, rest.document.id, rest.version, 3, "clerk", now)
        found = wait_until(lambda: filed(desk))
    assert spans(found) == [(1, 1), (2, 2), (3, 3)]
    assert [one.patient_id for one in found] == [ada.id, jose.id, jose.id]
    assert {one.document.status for one in found} == {DocumentStatus.FILED}


def test_documents_joined_over_a_sheet_have_its_page_too(desk, worked, now):
    first, second = worked(lab(ADA), sheet("PATCHT"), paper("and the rest of the report."))
    with desk.ledger.write() as connection:
        separation.join(
            connection, first.document.id, first.version, second.document.id, "clerk", now
        )
    (whole,) = wait_until(lambda: filed(desk))
    assert spans([whole]) == [(1, 3)]
    assert whole.document.status is DocumentStatus.FILED
    with desk.ledger.read() as connection:
        scan = scans.get(connection, whole.document.scan_id)
        owners = [page.document_id for page in pages.facts_of_scan(connection, scan.id)]
    assert owners == [whole.document.id] * 3

"""The ledger as a whole: its schema, its transactions, and what becomes of scans in it."""

from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from ledger_steps import LEASE_SECONDS, arrive, filing, page, read_all
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from chartkeeper.ocr.page import Barcode, Box, FaxHeader, Page, PageKind, TextSource, Word
from chartkeeper.records import arrivals, documents, outbox, pages, patients, review_queue, scans
from chartkeeper.records.database import create_ledger, open_ledger
from chartkeeper.records.documents import Verdict
from chartkeeper.records.errors import (
    LedgerMissing,
    LedgerTooNew,
    StaleDecision,
    UnknownDocument,
)
from chartkeeper.records.model import (
    ArrivalState,
    Candidate,
    Evidence,
    Field,
    Lane,
    PageState,
    ScanState,
)
from chartkeeper.records.schema import metadata, searches
from chartkeeper.records.verify import verify_counts
from chartkeeper.records.work import progress


def test_the_migrations_make_the_schema(tmp_path, ledger):
    with ledger.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_a_missing_or_foreign_ledger_is_said(tmp_path, ledger):
    with pytest.raises(LedgerMissing, match="init"):
        open_ledger(tmp_path / "nowhere.db")
    with ledger.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerTooNew, match="9999"):
        open_ledger(tmp_path / "ledger.db")
    with pytest.raises(LedgerTooNew, match="9999"):
        create_ledger(tmp_path / "ledger.db")


def test_making_a_ledger_twice_keeps_what_is_in_it(tmp_path, ledger, known_patients):
    create_ledger(tmp_path / "ledger.db")
    with ledger.read() as connection:
        assert patients.count(connection) == 3


def test_a_transaction_is_kept_whole_or_not_at_all(ledger, now):
    def half():
        with ledger.write() as connection:
            arrive(connection, now)
            raise KeyError

    with pytest.raises(KeyError):
        half()
    with ledger.read() as connection:
        assert sum(progress(connection).arrivals.values()) == 0


def test_pages_are_given_out_once_daily_lane_first(ledger, now):
    with ledger.write() as connection:
        old = arrive(connection, now, "legacy.pdf", Lane.MIGRATION)
        new = arrive(connection, now, "fax.tif", Lane.DAILY)
        first = pages.lease(connection, "a", 3, now, LEASE_SECONDS)
        second = pages.lease(connection, "b", 3, now, LEASE_SECONDS)
    assert [(task.scan_id, task.number) for task in first] == [(new, 1), (new, 2), (old, 1)]
    assert [(task.scan_id, task.number) for task in second] == [(old, 2)]


def test_a_lease_that_ran_out_is_given_out_again_and_counts(ledger, now):
    with ledger.write() as connection:
        arrive(connection, now, page_count=1)
        (task,) = pages.lease(connection, "a", 3, now, LEASE_SECONDS)
        later = now + timedelta(seconds=LEASE_SECONDS + 1)
        (again,) = pages.lease(connection, "b", 3, later, LEASE_SECONDS)
    assert (task.attempts, again.attempts) == (0, 1)


def test_what_a_dead_reader_had_is_released_without_blame(ledger, now):
    with ledger.write() as connection:
        arrive(connection, now, page_count=3)
        pages.lease(connection, "dead", 2, now, LEASE_SECONDS)
        assert pages.release(connection, "dead") == 2
        tasks = pages.lease(connection, "new", 9, now, LEASE_SECONDS)
    assert [task.attempts for task in tasks] == [0, 0, 0]


def test_words_come_back_as_they_were_read(ledger, now):
    with ledger.write() as connection:
        scan_id = arrive(connection, now)
        read_all(connection, now, scan_id)
        assert pages.read_pages(connection, scan_id) == [
            page(1, "GLUCOSE", "page1"),
            page(2, "GLUCOSE", "page2"),
        ]
        facts = pages.facts_of_scan(connection, scan_id)
        assert [fact.state for fact in facts] == [PageState.READ] * 2


def test_a_page_comes_back_with_all_that_was_found_on_it(ledger, now):
    words = (
        Word("MRN", Box(1, 2, 3, 4), 0.9, 0),
        Word("0012845", Box(5, 6, 7, 8), 0.5, 0, other="0012345"),
    )
    read = Page(
        number=1,
        width=100,
        height=200,
        dpi=300,
        rotation=90,
        kind=PageKind.CONTENT,
        source=TextSource.OCR,
        words=words,
        preparation=("squared", "enlarged"),
        reading=("tesserocr", "rapidocr"),
        barcodes=(Barcode("QRCode", 'MRN=1;"TYPE"=LAB', Box(9, 10, 11, 12)),),
        fax_header=FaxHeader((0,), 2, None, "01/02/2026 10:30", "CLINIC"),
    )
    with ledger.write() as connection:
        scan_id = arrive(connection, now, page_count=1)
        (task,) = pages.lease(connection, "reader", 1, now, 60)
        pages.store(connection, task.page_id, read)
        assert pages.read_pages(connection, scan_id) == [read]


def test_a_scan_is_filed_when_each_page_is_read_or_given_up(ledger, now):
    with ledger.write() as connection:
        scan_id = arrive(connection, now)
        one, two = pages.lease(connection, "me", 2, now, LEASE_SECONDS)
        pages.store(connection, one.page_id, page(1, "text"))
        assert scans.ready_to_file(connection) == []
        pages.fail(connection, two.page_id, "too dark")
        assert [scan.id for scan in scans.ready_to_file(connection)] == [scan_id]
        documents.file(connection, scan_id, filing(), now)
        scans.mark_filed(connection, scan_id)
        assert scans.ready_to_file(connection) == []
        assert verify_counts(connection) == []


def test_a_claim_is_cleared_only_after_the_index_has_every_page(ledger, now):
    with ledger.write() as connection:
        scan_id = arrive(connection, now)
        read_all(connection, now, scan_id)
        assert arrivals.to_clear(connection, "inbox") == []
        documents.file(connection, scan_id, filing(), now)
        scans.mark_filed(connection, scan_id)
        first, second = outbox.waiting(connection, 10)
        outbox.mark_indexed(connection, [first])
        assert arrivals.to_clear(connection, "inbox") == []
        outbox.mark_indexed(connection, [second])
        (arrival,) = arrivals.to_clear(connection, "inbox")
        arrivals.mark_cleared(connection, arrival.id)
        assert arrivals.to_clear(connection, "inbox") == []


def test_refused_and_duplicate_arrivals_are_cleared_at_once(ledger, now):
    with ledger.write() as connection:
        scan_id = arrive(connection, now)
        for name in ("bad.pdf", "again.pdf"):
            arrivals.claim(connection, arrivals.Seen("inbox", name, name, Lane.DAILY, 1), now)
        bad, again = arrivals.claimed(connection, "inbox")
        arrivals.refuse(connection, bad.id, "empty_file", "It is empty. Scan it again.")
        arrivals.duplicate(connection, again.id, scan_id)
        assert {item.state for item in arrivals.to_clear(connection, "inbox")} == {
            ArrivalState.REFUSED,
            ArrivalState.DUPLICATE,
        }
        assert [item.name for item in arrivals.of_scans(connection, [scan_id])[scan_id]] == [
            "scan.pdf",
            "again.pdf",
        ]


@pytest.fixture
def filed(ledger, now, known_patients):
    """A filed document of Samplewood; returns its number."""
    with ledger.write() as connection:
        scan_id = arrive(connection, now)
        read_all(connection, now, scan_id)
        owner = known_patients["Samplewood"].id
        candidate = Candidate(owner, 30.5, "MRN agrees", (Evidence(1, None, "x", "MRN", 16.0),))
        document_id = documents.file(
            connection, scan_id, filing(owner, candidates=[candidate]), now
        )
        scans.mark_filed(connection, scan_id)
        outbox.mark_indexed(connection, outbox.waiting(connection, 99))
    return document_id


def test_a_correction_supersedes_and_never_overwrites(ledger, now, known_patients, filed):
    other = known_patients["Specimen"].id
    with ledger.write() as connection:
        verdict = Verdict("lab_report", other, None)
        before = documents.decide(connection, filed, 1, verdict, "ann", now)
        assert before.patient_id == known_patients["Samplewood"].id
        history = documents.history(connection, filed)
        assert [documents.facts(connection, filed).patient_id] == [other]
        assert documents.chart(connection, before.patient_id) == []
        assert [item.document.id for item in documents.chart(connection, other)] == [filed]
    patient = [item for item in history if item.decision.field is Field.PATIENT]
    assert [(item.decision.value, item.decided_by) for item in patient] == [
        (str(before.patient_id), "chartkeeper"),
        (str(other), "ann"),
    ]
    assert patient[0].decision.evidence[0].box == Box(1, 2, 3, 4)
    assert patient[1].decision.because == "corrected by ann"


def test_a_correction_has_every_page_indexed_anew(ledger, now, known_patients, filed):
    with ledger.write() as connection:
        assert outbox.count_waiting(connection) == 0
        verdict = Verdict("lab_report", known_patients["Specimen"].id, None)
        documents.decide(connection, filed, 1, verdict, "ann", now)
        due = outbox.waiting(connection, 99)
        entries = outbox.pages_for_index(connection, [item.page_id for item in due])
    assert [(entry.mrn_key, entry.service_date) for entry in entries] == [("55555", None)] * 2
    names = set(entries[0].names.replace(",", "").split())
    assert names == {*("SPECIMEN", "OLDNAME", "EVE"), *("Specimen", "Oldname", "Eve")}


def test_a_later_change_is_not_lost_while_the_index_works_on_an_earlier_one(
    ledger, now, known_patients, filed
):
    with ledger.write() as connection:
        verdict = Verdict("lab_report", known_patients["Specimen"].id, None)
        documents.decide(connection, filed, 1, verdict, "ann", now)
        taken = outbox.waiting(connection, 99)
        documents.decide(connection, filed, 2, Verdict("letter", None, None), "ann", now)
        outbox.mark_indexed(connection, taken)
        assert outbox.count_waiting(connection) == 2


def test_two_clerks_cannot_overwrite_each_other(ledger, now, known_patients, filed):
    verdict = Verdict("letter", known_patients["Specimen"].id, None)
    with ledger.write() as connection:
        documents.decide(connection, filed, 1, verdict, "ann", now)
    with pytest.raises(StaleDecision), ledger.write() as connection:
        documents.decide(connection, filed, 1, verdict, "bob", now)
    with pytest.raises(UnknownDocument), ledger.read() as connection:
        documents.facts(connection, 999)


def test_what_lacks_a_type_or_a_patient_stays_in_review(ledger, now, filed):
    with ledger.write() as connection:
        documents.decide(connection, filed, 1, Verdict("letter", None, None), "ann", now)
        (waiting,) = review_queue.waiting(connection, 10)
    assert waiting.document.reason == "The patient must still be decided."


def test_candidates_come_back_with_their_evidence(ledger, filed, known_patients):
    with ledger.read() as connection:
        (candidate,) = documents.candidates_of(connection, filed)
    assert candidate.patient_id == known_patients["Samplewood"].id
    assert candidate.evidence == (Evidence(1, None, "x", "MRN", 16.0),)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE arrivals SET scan_id = NULL", "accepted without a scan"),
        ("DELETE FROM arrivals", "0 accepted, but 1 scans"),
        ("UPDATE scans SET page_count = 3", "as many pages"),
        ("UPDATE pages SET document_id = NULL WHERE number = 2", "belong to no document"),
        ("UPDATE pages SET document_id = NULL", "have no page"),
    ],
)
def test_counts_that_do_not_add_up_are_named(ledger, filed, damage, said):
    with ledger.write() as connection:
        assert verify_counts(connection) == []
        connection.exec_driver_sql(damage)
        assert any(said in problem for problem in verify_counts(connection))


def test_a_failed_scan_can_be_tried_again(ledger, now):
    with ledger.write() as connection:
        scan_id = arrive(connection, now, page_count=1)
        (task,) = pages.lease(connection, "me", 1, now, LEASE_SECONDS)
        pages.fail(connection, task.page_id, "too dark")
        scans.mark_failed(connection, scan_id, "too dark")
        assert progress(connection).idle
        assert [scan.reason for scan in scans.failed(connection)] == ["too dark"]
        scans.retry(connection, scan_id)
        assert scans.get(connection, scan_id).state is ScanState.STORED
        assert len(pages.lease(connection, "me", 9, now, LEASE_SECONDS)) == 1


def test_an_error_of_the_ledger_does_not_repeat_what_was_to_be_written(ledger):
    row = insert(searches).values(id="s", user_id=1, query="Samplewood", at=None)
    with ledger.write() as connection, pytest.raises(IntegrityError) as raised:
        connection.execute(row)
    assert "Samplewood" not in str(raised.value)

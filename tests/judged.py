"""Documents in a ledger as the worker files them, and what a clerk then says of their types."""

from chartkeeper.records import documents, pages, patients, scans
from chartkeeper.records.documents import Verdict
from chartkeeper.records.model import Decision, DocumentStatus, Field, Filing, Lane
from chartkeeper.records.scans import NewScan


def save_patients(ledger, people):
    """Put people into the patient index; returns them as it knows them, in the same order."""
    with ledger.write() as connection:
        for person in people:
            patients.save(connection, person)
        return [patients.by_mrn(connection, person.mrn) for person in people]


def file(connection, sheets, patient, now, decided=None):
    """A document of `sheets`, as the worker leaves it: in review; returns its number.

    `decided` is the decision on its type, left open unless given.
    """
    name = f"{connection.exec_driver_sql('SELECT count(*) FROM scans').scalar_one():064x}"
    new = NewScan(name, "pdf", 10, len(sheets), Lane.DAILY)
    scan_id = scans.add(connection, new, now)
    pages.lease(connection, "reader", len(sheets), now, lease_seconds=60)
    for facts, sheet in zip(pages.facts_of_scan(connection, scan_id), sheets, strict=True):
        pages.store(connection, facts.id, sheet)
    owner = patient and str(patient.id)
    filing = Filing(
        first_page=1,
        last_page=len(sheets),
        type=decided or Decision(Field.TYPE, None, 0.3, "May be anything"),
        patient=Decision(Field.PATIENT, owner, 0.99, "read on the page"),
        service_date=Decision(Field.DATE, None, 0.0, "no date"),
        candidates=(),
        status=DocumentStatus.REVIEW,
        reason="A clerk must look.",
    )
    document_id = documents.file(connection, scan_id, filing, now)
    scans.mark_filed(connection, scan_id)
    return document_id


def judge(connection, document_id, type_key, now, by="clerk"):
    """Decide the type of a document as the review queue does; the rest is left as it is."""
    before = documents.facts(connection, document_id)
    verdict = Verdict(type_key, before.patient_id, before.service_date)
    documents.decide(connection, document_id, before.version, verdict, by, now)

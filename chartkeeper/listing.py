"""The lines of `chartkeeper documents`: what became of everything that arrived."""

from collections.abc import Iterator

from chartkeeper.filing.doctypes import DocTypes
from chartkeeper.records import arrivals, documents, pages, patients, scans
from chartkeeper.records.database import Connection
from chartkeeper.records.documents import DocumentFacts
from chartkeeper.records.model import Arrival, Field, Patient, Scan

DOCUMENTS_AT_ONCE = 200
EMPTY = dict.fromkeys(
    (
        *("scan", "first_page", "last_page", "type", "loinc", "type_confidence"),
        *("mrn", "link_confidence", "service_date"),
    )
)

Line = dict[str, object]


def document_lines(connection: Connection, doctypes: DocTypes, *, text: bool) -> Iterator[Line]:
    """One line a document, then one a file that was refused or could not be read.

    Fields are those of section 6 of the design, and `also_arrived_as`: the names under which the
    same content arrived again. With `text` there is the text of each page too.
    """
    after = 0
    while batch := documents.after(connection, after, DOCUMENTS_AT_ONCE):
        after = batch[-1].document.id
        yield from _batch_lines(connection, doctypes, batch, text=text)
    for scan in scans.failed(connection):
        yield _failed_line(connection, scan)
    for arrival in arrivals.refused(connection):
        yield {**EMPTY, "file": arrival.name, "status": "refused", "reason": arrival.reason}


def _batch_lines(
    connection: Connection, doctypes: DocTypes, batch: list[DocumentFacts], *, text: bool
) -> Iterator[Line]:
    arrived = arrivals.of_scans(connection, [item.document.scan_id for item in batch])
    owners = patients.by_ids(connection, {item.patient_id for item in batch if item.patient_id})
    sure = documents.current(connection, [item.document.id for item in batch])
    for item in batch:
        line = _line(item, doctypes, owners.get(item.patient_id or 0))
        line |= _names(arrived.get(item.document.scan_id, []))
        line["scan"] = scans.get(connection, item.document.scan_id).sha256
        line["type_confidence"] = sure.get((item.document.id, Field.TYPE))
        line["link_confidence"] = sure.get((item.document.id, Field.PATIENT))
        if text:
            line["text"] = _texts(connection, item.document.id)
        yield line


def _line(item: DocumentFacts, doctypes: DocTypes, owner: Patient | None) -> Line:
    document = item.document
    return {
        "file": None,
        "scan": None,
        "first_page": document.first_page,
        "last_page": document.last_page,
        "type": item.type,
        "loinc": doctypes[item.type].loinc if item.type else None,
        "type_confidence": None,
        "mrn": owner and owner.mrn,
        "link_confidence": None,
        "status": document.status.value,
        "reason": document.reason,
        "service_date": item.service_date,
    }


def _names(arrived: list[Arrival]) -> Line:
    names = [arrival.name for arrival in arrived]
    return {"file": names[0] if names else None, "also_arrived_as": names[1:]}


def _failed_line(connection: Connection, scan: Scan) -> Line:
    names = _names(arrivals.of_scans(connection, [scan.id]).get(scan.id, []))
    return {**EMPTY, **names, "scan": scan.sha256, "status": "failed", "reason": scan.reason}


def _texts(connection: Connection, document_id: int) -> list[str]:
    page_ids = [page.id for page in pages.facts_of_document(connection, document_id)]
    found = pages.texts(connection, page_ids)
    return [found.get(page_id, "") for page_id in page_ids]

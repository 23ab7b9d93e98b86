"""The lines of `chartkeeper documents`: what became of everything that arrived."""

from collections.abc import Iterator
from functools import partial

from chartkeeper.filing.doctypes import DocTypes
from chartkeeper.records import arrivals, aside, documents, pages, patients, scans
from chartkeeper.records.database import Connection, Ledger
from chartkeeper.records.documents import DocumentFacts
from chartkeeper.records.model import Arrival, Field, Patient

Line = dict[str, object]
Shown = tuple[Line, Patient | None]
NOBODY: Patient | None = None

DOCUMENTS_AT_ONCE = 200
# A document may have thousands of pages; their texts are in memory together.
DOCUMENTS_WITH_TEXT_AT_ONCE = 20
EMPTY: Line = dict.fromkeys(
    (
        *("scan", "first_page", "last_page", "type", "loinc", "type_confidence"),
        *("mrn", "link_confidence", "service_date"),
    )
)

NOTHING_DECIDED: Line = {
    **dict.fromkeys(("type", "loinc", "type_confidence", "link_confidence", "service_date")),
    "status": "refused",
}


def document_lines(ledger: Ledger, doctypes: DocTypes, *, text: bool) -> Iterator[Shown]:
    """One line a document with its patient, then one a file that was refused or could not be read.

    A document that a clerk set aside is refused, too: with the clerk's reason, and nothing of what
    it was taken for.
    Fields are those of section 6 of the design, and `also_arrived_as`: the names under which the
    same content arrived again. With `text` there is the text of each page too. The ledger is asked
    for some at a time, so that whoever takes his time over the lines holds nothing up.
    """
    for some in (partial(_documents, doctypes=doctypes, text=text), _failed, _refused):
        last, lines = 0, [(EMPTY, NOBODY)]
        while lines:
            with ledger.read() as connection:
                last, lines = some(connection, last)
            yield from lines


def _documents(
    connection: Connection, after_id: int, *, doctypes: DocTypes, text: bool
) -> tuple[int, list[Shown]]:
    """The lines of the next documents, and the number of the last of them."""
    at_once = DOCUMENTS_WITH_TEXT_AT_ONCE if text else DOCUMENTS_AT_ONCE
    batch = documents.after(connection, after_id, at_once)
    scan_ids = [item.document.scan_id for item in batch]
    arrived, names = arrivals.of_scans(connection, scan_ids), scans.names(connection, scan_ids)
    owners = patients.by_ids(connection, {item.owner_id for item in batch if item.owner_id})
    put_aside = aside.of_documents(connection, [item.document.id for item in batch])
    sure = documents.current(connection, [item.document.id for item in batch])
    lines = []
    for item in batch:
        owner = owners.get(item.owner_id or 0)
        line = _line(item, doctypes, owner)
        line |= _names(arrived.get(item.document.scan_id, []))
        line["scan"] = names[item.document.scan_id]
        line["type_confidence"] = sure.get((item.document.id, Field.TYPE))
        line["link_confidence"] = sure.get((item.document.id, Field.PATIENT))
        if item.document.id in put_aside:
            line |= {**NOTHING_DECIDED, "reason": put_aside[item.document.id].because}
        if text:
            line["text"] = pages.texts_of_document(connection, item.document.id)
        lines.append((line, owner))
    return (batch[-1].document.id if batch else after_id), lines


def _failed(connection: Connection, after_id: int) -> tuple[int, list[Shown]]:
    """The lines of the next scans of which no page could be read."""
    batch = scans.failed(connection, after_id, DOCUMENTS_AT_ONCE)
    arrived = arrivals.of_scans(connection, [scan.id for scan in batch])
    lines = [
        {
            **EMPTY,
            **_names(arrived.get(scan.id, [])),
            "scan": scan.sha256,
            "status": "failed",
            "reason": scan.reason,
        }
        for scan in batch
    ]
    return (batch[-1].id if batch else after_id), [(line, NOBODY) for line in lines]


def _refused(connection: Connection, after_id: int) -> tuple[int, list[Shown]]:
    """The lines of the next files that were refused."""
    batch = arrivals.refused(connection, after_id, DOCUMENTS_AT_ONCE)
    lines = [
        {**EMPTY, "file": arrival.name, "status": "refused", "reason": arrival.reason}
        for arrival in batch
    ]
    return (batch[-1].id if batch else after_id), [(line, NOBODY) for line in lines]


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

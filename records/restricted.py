"""The one check on what is kept from casual view, where everything is read from the ledger.

A ledger that was opened on behalf of readers (`Ledger.on_behalf_of`) hands out transactions that
know who reads. The functions of this room that give away what is in documents ask here, so that
whoever builds a page upon them cannot forget to. Transactions of the service itself and of the
command line belong to no reader, and see all.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    Row,
    Select,
    bindparam,
    exists,
    select,
    true,
    union,
    union_all,
)

from chartkeeper.records.access import Access, Reading, Subject, decide
from chartkeeper.records.errors import ChartRestricted, DocumentRestricted
from chartkeeper.records.model import DocumentStatus
from chartkeeper.records.schema import candidates, documents, pages, patients

ASKED_AT_ONCE = 5000
_IN_REVIEW = documents.c.status == DocumentStatus.REVIEW.value
_MARKED_CHARTS = select(patients.c.id).where(patients.c.restricted.is_not(None))


def _subjects(*more: Column[Any]) -> Select[Any]:
    """What there is to be decided by, of each document."""
    possible = exists().where(
        _IN_REVIEW,
        candidates.c.document_id == documents.c.id,
        candidates.c.patient_id.in_(_MARKED_CHARTS),
    )
    names = ("id", "status", "patient_id", "type", "restricted", "to_file")
    chart = patients.c.restricted.label("chart")
    asked = (*(documents.c[name] for name in names), chart, possible.label("may_be"), *more)
    mine = patients.c.id == documents.c.patient_id
    return select(*asked).outerjoin_from(documents, patients, mine)


def _ways() -> tuple[Select[tuple[int]], ...]:
    """The numbers of the documents that are restricted in each way; an index knows each."""
    # From the few marked charts to what waits, and not the other way: hence no join.
    waits = exists().where(documents.c.id == candidates.c.document_id, _IN_REVIEW)
    may_be = select(candidates.c.document_id).where(
        candidates.c.patient_id.in_(_MARKED_CHARTS), waits
    )
    return (
        select(documents.c.id).where(documents.c.restricted.is_not(None)),
        select(documents.c.id).where(documents.c.patient_id.in_(_MARKED_CHARTS)),
        select(documents.c.id).where(documents.c.type.in_(_TYPES)),
        select(documents.c.id).where(documents.c.to_file.is_(true())),
        may_be,
    )


# Made once: they are asked at each look, and making one takes longer than its answer.
_TYPES: BindParameter[Any] = bindparam("types", expanding=True)
_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_ALL_RESTRICTED = union(*_ways())
_ANY = union_all(_MARKED_CHARTS, *_ways()).limit(1)
_OF_DOCUMENTS = _subjects().where(documents.c.id.in_(_NUMBERS))
_OF_SCANS = _subjects(documents.c.scan_id).where(
    documents.c.scan_id.in_(_NUMBERS), documents.c.joined_to.is_(None)
)
_OF_CHART = _subjects().where(
    documents.c.patient_id == bindparam("patient_id"),
    documents.c.status == DocumentStatus.FILED.value,
    documents.c.joined_to.is_(None),
)
_RESTRICTED_PAGES = (
    select(pages.c.id, documents.c.status, documents.c.patient_id)
    .join(documents, documents.c.id == pages.c.document_id)
    .where(documents.c.id.in_(_ALL_RESTRICTED))
)


def check(connection: Connection, document_id: int) -> None:
    """Raises DocumentRestricted where whoever reads may not open the document."""
    if document_id not in readable(connection, [document_id]):
        raise DocumentRestricted(document_id)


def check_chart(connection: Connection, patient_id: int) -> None:
    """Raises ChartRestricted where whoever reads may not open the chart."""
    if (reading := _checked(connection)) is None:
        return
    marked = connection.execute(_MARKED_CHARTS.where(patients.c.id == patient_id)).first()
    if decide(reading.reader, Subject(patient_id, chart_marked=bool(marked))) is Access.REFUSED:
        raise ChartRestricted(patient_id)


def readable(connection: Connection, document_ids: Collection[int]) -> set[int]:
    """Those of these documents that whoever reads may open."""
    wanted = set(document_ids)
    if (reading := _checked(connection)) is None:
        return wanted
    unknown = sorted(wanted - reading.opened)
    for first in range(0, len(unknown), ASKED_AT_ONCE):
        some = unknown[first : first + ASKED_AT_ONCE]
        refused = _refused(reading, connection.execute(_OF_DOCUMENTS, {"numbers": some}))
        reading.opened.update(set(some) - {row.id for row in refused})
    return wanted & reading.opened


def hidden_pages(connection: Connection) -> frozenset[int]:
    """The pages of all documents that whoever reads may not open.

    It is asked before every search, and of documents known to be restricted, whatever by; so those
    that are decided alike are decided once.
    """
    if (reading := _checked(connection)) is None:
        return frozenset()
    types = sorted(reading.reader.restricted_types)
    granted = {grant.patient_id for grant in reading.reader.grants}
    alike: dict[tuple[str, int | None], list[int]] = {}
    for page_id, status, patient_id in connection.execute(
        _RESTRICTED_PAGES, {"types": types}
    ).all():
        key = (status, patient_id if patient_id in granted else None)
        alike.setdefault(key, []).append(page_id)
    subjects = {key: Subject(key[1], DocumentStatus(key[0]), marked=True) for key in alike}
    return frozenset(
        page_id
        for key, page_ids in alike.items()
        if decide(reading.reader, subjects[key]) is Access.REFUSED
        for page_id in page_ids
    )


def hidden_in_chart(connection: Connection, patient_id: int) -> int:
    """How many documents of a chart whoever reads may not open."""
    if (reading := _checked(connection)) is None:
        return 0
    return len(_refused(reading, connection.execute(_OF_CHART, {"patient_id": patient_id})))


def hides_in_chart(connection: Connection, patient_id: int) -> bool:
    """Whether a chart, or a document in it, is kept from whoever reads."""
    try:
        check_chart(connection, patient_id)
    except ChartRestricted:
        return True
    return hidden_in_chart(connection, patient_id) > 0


def chart_of(connection: Connection, document_id: int) -> int | None:
    """The patient in whose chart a document is filed, for emergency access to it; None without.

    It is told whoever asks: nobody must be shown it before access was given.
    """
    filed = documents.c.status == DocumentStatus.FILED.value
    statement = select(documents.c.patient_id).where(documents.c.id == document_id, filed)
    return connection.execute(statement).scalar_one_or_none()


def hidden_in_scan(connection: Connection, scan_id: int) -> int:
    """How many documents of a file whoever reads may not open."""
    if (reading := _checked(connection)) is None:
        return 0
    return len(_refused(reading, connection.execute(_OF_SCANS, {"numbers": [scan_id]})))


def hiding_scans(connection: Connection, scan_ids: Collection[int]) -> set[int]:
    """Those of these files with a document in them that whoever reads may not open."""
    if (reading := _checked(connection)) is None:
        return set()
    rows = connection.execute(_OF_SCANS, {"numbers": sorted(scan_ids)})
    return {row.scan_id for row in _refused(reading, rows)}


def _checked(connection: Connection) -> Reading | None:
    """The transaction of a reader; None where all may be seen."""
    reading: Reading | None = connection.get_execution_options().get("reading")
    if reading is None or reading.reader.restricted:
        return None
    if reading.restricts is None:
        types = sorted(reading.reader.restricted_types)
        reading.restricts = connection.execute(_ANY, {"types": types}).first() is not None
    return reading if reading.restricts else None


def _refused(reading: Reading, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    return [row for row in rows if decide(reading.reader, _subject(row)) is Access.REFUSED]


def _subject(row: Row[Any]) -> Subject:
    return Subject(
        patient_id=row.patient_id,
        status=DocumentStatus(row.status),
        type=row.type,
        marked=row.restricted is not None,
        chart_marked=row.chart is not None,
        may_be_marked=bool(row.may_be),
        being_filed=row.to_file,
    )

"""What the search index has still to be told; written in the same transaction as the change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
)

from chartkeeper.ocr.page import PageKind
from chartkeeper.records import restricted
from chartkeeper.records.counting import number_of
from chartkeeper.records.model import DocumentStatus, Lane, PageState
from chartkeeper.records.schema import (
    documents,
    index_queue,
    page_words,
    pages,
    patient_names,
    patients,
    scans,
)

# The pages of a longer scan are indexed as they are read, not only when all of it is filed: whoever
# looks for one should not wait for a thousand.
EARLY_INDEX_PAGES = 20
# While daily pages wait, one place in so many of a batch is for the others.
OTHERS_SHARE = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page in the queue; `seq` tells this request from a later one for the same page."""

    seq: int
    page_id: int


@dataclass(frozen=True, slots=True)
class PageForIndex:
    """A page as the search index should know it, and where it belongs.

    `document_id` is None while the scan is still being read. `number` is the page's within its
    scan. `type` and `mrn_key` are empty and `service_date` None where not decided; `names` are the
    words of all names the patient goes by.
    """

    page_id: int
    document_id: int | None
    scan_id: int
    number: int
    type: str
    mrn_key: str
    names: str
    service_date: date | None
    text: str


def enqueue_document(connection: Connection, document_id: int, lane: Lane | None = None) -> None:
    """Have every page of a document indexed anew; `lane` as for enqueue()."""
    statement = select(pages.c.id).where(pages.c.document_id == document_id)
    enqueue(connection, list(connection.execute(statement).scalars()), lane)


def enqueue(connection: Connection, page_ids: Sequence[int], lane: Lane | None = None) -> None:
    """Have these pages indexed anew; a request that is still open is replaced by a later one.

    Requests of the daily lane go first. Without `lane` it is that of each page's scan.
    """
    if not page_ids:
        return
    connection.execute(delete(index_queue).where(index_queue.c.page_id.in_(page_ids)))
    wanted = (
        select(pages.c.id, literal(lane.value) if lane else scans.c.lane)
        .join(scans, scans.c.id == pages.c.scan_id)
        .where(pages.c.id.in_(page_ids))
        .order_by(pages.c.id)
    )
    connection.execute(insert(index_queue).from_select(["page_id", "lane"], wanted))


def waiting(connection: Connection, limit: int, *, early: bool = True) -> list[Waiting]:
    """The next pages to be indexed: those of the daily lane, then the others, each as asked for.

    While daily pages wait, the others still get one place in OTHERS_SHARE, so that nothing waits
    for ever. Without `early` pages of no document yet stay where they are.
    """
    others = _head(connection, Lane.MIGRATION, limit, early)
    daily = _head(connection, Lane.DAILY, limit - min(len(others), limit // OTHERS_SHARE), early)
    return daily + others[: limit // OTHERS_SHARE if daily else limit]


def _head(connection: Connection, lane: Lane, limit: int, early: bool) -> list[Waiting]:  # noqa: FBT001 - as the caller was told
    statement = select(index_queue.c.seq, index_queue.c.page_id)
    first = statement.where(index_queue.c.lane == lane.value).order_by(index_queue.c.seq)
    if not early:
        of_no_document = exists().where(
            pages.c.id == index_queue.c.page_id, pages.c.document_id.is_(None)
        )
        first = first.where(~of_no_document)
    return [Waiting(**row) for row in connection.execute(first.limit(limit)).mappings()]


def count_waiting(connection: Connection) -> int:
    """How many pages the index has still to be told of."""
    return connection.execute(select(func.count()).select_from(index_queue)).scalar_one()


def mark_indexed(connection: Connection, done: Sequence[Waiting]) -> None:
    """Take these requests off the queue; a later request for the same page stays."""
    # No number is given twice: a later request for the same page has another one.
    numbers = [item.seq for item in done]
    connection.execute(delete(index_queue).where(index_queue.c.seq.in_(numbers)))


def pages_for_index(connection: Connection, page_ids: Sequence[int]) -> list[PageForIndex]:
    """What the index should know of these pages now.

    Left out are pages of no document, but for those read ahead of the rest of their scan, pages
    of documents that were set aside, and those that whoever reads may not open.
    """
    statement = (
        select(
            pages.c.id,
            pages.c.document_id,
            pages.c.scan_id,
            pages.c.number,
            documents.c.type,
            documents.c.patient_id,
            documents.c.service_date,
            patients.c.mrn_key,
            page_words.c.text,
        )
        .outerjoin(documents, documents.c.id == pages.c.document_id)
        .outerjoin(patients, patients.c.id == documents.c.patient_id)
        .outerjoin(page_words, page_words.c.page_id == pages.c.id)
        .where(pages.c.id.in_(page_ids), _belongs())
    )
    rows = connection.execute(statement).mappings().all()
    open_ones = restricted.readable(connection, {row["document_id"] for row in rows} - {None})
    rows = [row for row in rows if row["document_id"] in {*open_ones, None}]
    names = _names(connection, {row["patient_id"] for row in rows} - {None})
    return [_for_index(row, names) for row in rows]


def count_belonging(connection: Connection) -> int:
    """How many pages belong in the index."""
    return number_of(connection, _belongs())


def all_page_ids(connection: Connection, after_id: int, limit: int) -> list[int]:
    """Pages that belong in the index, by number, from behind `after_id` on."""
    statement = select(pages.c.id).where(_belongs(), pages.c.id > after_id)
    return list(connection.execute(statement.order_by(pages.c.id).limit(limit)).scalars())


def _belongs() -> ColumnElement[bool]:
    """A page of a document, or one of a long scan read ahead of the rest of it.

    What was set aside is in no chart, and no search for charts finds it.
    """
    aside = select(documents.c.id).where(documents.c.status == DocumentStatus.ASIDE.value)
    of_document = pages.c.document_id.is_not(None) & pages.c.document_id.not_in(aside)
    long = exists().where(scans.c.id == pages.c.scan_id, scans.c.page_count > EARLY_INDEX_PAGES)
    read = (pages.c.state == PageState.READ.value) & (pages.c.kind == PageKind.CONTENT.value)
    ahead = and_(pages.c.document_id.is_(None), read, long)
    return or_(of_document, ahead)


def _names(connection: Connection, patient_ids: set[int]) -> dict[int, str]:
    """As they are written, O'Brien and Mary Ann, and as their keys, OBRIEN and MARYANN."""
    of = patients.c
    written = select(of.id, of.last, of.first, of.middle, of.aliases).where(of.id.in_(patient_ids))
    keys = patient_names.c
    compared = select(keys.patient_id, keys.surname_key, keys.given_key)
    rows = [*connection.execute(written)]
    rows += connection.execute(compared.where(keys.patient_id.in_(patient_ids)))
    found: dict[int, list[str]] = {}
    for patient_id, *names in rows:
        found.setdefault(patient_id, []).extend(filter(None, names))
    return {patient_id: " ".join(names) for patient_id, names in found.items()}


def _for_index(row: RowMapping, names: dict[int, str]) -> PageForIndex:
    return PageForIndex(
        page_id=row["id"],
        document_id=row["document_id"],
        scan_id=row["scan_id"],
        number=row["number"],
        type=row["type"] or "",
        mrn_key=row["mrn_key"] or "",
        names=names.get(row["patient_id"], ""),
        service_date=row["service_date"],
        text=row["text"] or "",
    )

"""Reconciliation of imports: every file and every page of a batch in exactly one column."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, case, exists, func, or_, select

from chartkeeper.ocr.page import PageKind
from chartkeeper.records import restricted
from chartkeeper.records.batch_closing import may_be_excused
from chartkeeper.records.batch_lines import (
    has,
    is_duplicate,
    is_named_again,
    is_not_wholly_read,
    is_unopened,
)
from chartkeeper.records.batches import AGAIN, get
from chartkeeper.records.documents import ASIDE
from chartkeeper.records.findings import Finding, said
from chartkeeper.records.model import TO_BE_READ, DocumentStatus, ItemState, PageState, ScanState
from chartkeeper.records.schema import batch_items, documents, index_queue, pages, scans

NAMELESS = {"file": "restricted", "source_id": ""}


@dataclass(slots=True)
class Files:
    """Files by what became of them. `expected` is the sum of all but `surplus` and `unopened`.

    `aside` are those of which every document was set aside as belonging to no chart.
    `unopened` are folders, of which nobody knows how many files they hold.
    """

    expected: int = 0
    filed: int = 0
    review: int = 0
    aside: int = 0
    unread: int = 0
    failed: int = 0
    refused: int = 0
    missing: int = 0
    rejected: int = 0
    waiting: int = 0
    surplus: int = 0
    unopened: int = 0

    @property
    def received(self) -> int:
        """Those whose content is in the vault."""
        return self.filed + self.review + self.aside + self.unread + self.failed


@dataclass(slots=True)
class Pages:
    """Pages by what became of them.

    `received` is the sum of filed, review, aside, blank, separator, unreadable and unread.
    `expected` is what the list says, or what came where it says nothing; it is `received` and
    `missing` and `refused` and `waiting` together, less `surplus`.
    """

    expected: int = 0
    received: int = 0
    filed: int = 0
    review: int = 0
    aside: int = 0
    blank: int = 0
    separator: int = 0
    unreadable: int = 0
    unread: int = 0
    refused: int = 0
    missing: int = 0
    waiting: int = 0
    surplus: int = 0


@dataclass(slots=True)
class BoxReport:
    """One box of a batch; `label` is what the list calls the batch that the box belongs to.

    Of its files, `duplicates` had content that was there before, in place of `replaced` another
    file had come before, and `excused` were accounted for by hand.
    """

    label: str
    box: str
    files: Files = field(default_factory=Files)
    pages: Pages = field(default_factory=Pages)
    duplicates: int = 0
    replaced: int = 0
    excused: int = 0

    def line(self) -> dict[str, object]:
        """All of it by name, as reports print it."""
        files = {f"files_{name}": value for name, value in asdict(self.files).items()}
        pages_ = {f"pages_{name}": value for name, value in asdict(self.pages).items()}
        received = {"files_received": self.files.received}
        rest = {name: getattr(self, name) for name in ("duplicates", "replaced", "excused")}
        return {"batch": self.label, "box": self.box, **files, **received, **pages_, **rest}


def reconcile(connection: Connection, batch_id: int) -> list[BoxReport]:
    """Each box of a batch, in the order of their names. Raises UnknownBatch."""
    get(connection, batch_id)
    boxes: dict[tuple[str, str], BoxReport] = {}
    for row in connection.execute(_files_by_box(batch_id)).mappings():
        box = boxes.setdefault((row["label"], row["box"]), BoxReport(row["label"], row["box"]))
        _count_files(box, row)
    for row in connection.execute(_pages_by_box(batch_id)).mappings():
        box = boxes[row["label"], row["box"]]
        _add(box.pages, row["fate"], row["number"])
        box.pages.received += row["number"]
    return [boxes[key] for key in sorted(boxes)]


def total(boxes: list[BoxReport]) -> BoxReport:
    """All boxes together."""
    whole = BoxReport("", "")
    for box in boxes:
        for part, other in ((whole.files, box.files), (whole.pages, box.pages)):
            for name, value in asdict(other).items():
                _add(part, name, value)
        whole.duplicates += box.duplicates
        whole.replaced += box.replaced
        whole.excused += box.excused
    return whole


def exceptions(
    connection: Connection, batch_id: int, after: int = 0
) -> Iterator[dict[str, object]]:
    """Each line of a batch of which there is something to say, in order, from behind `after` on.

    A file with a document in it that whoever reads may not open has no name.
    """
    odd = or_(
        batch_items.c.state.not_in([ItemState.TAKEN.value, ItemState.EXPECTED.value]),
        batch_items.c.findings != "",
        is_not_wholly_read(),
    )
    statement = (
        select(
            batch_items,
            scans.c.state.label("scan_state"),
            scans.c.reason.label("scan_reason"),
            may_be_excused().label("may_be_excused"),
        )
        .outerjoin(scans, scans.c.id == batch_items.c.scan_id)
        .where(batch_items.c.batch_id == batch_id, batch_items.c.line > after, odd)
        .order_by(batch_items.c.line)
    )
    for row in connection.execute(statement).mappings():
        hides = row["scan_id"] and restricted.hiding_scans(connection, [row["scan_id"]])
        yield _exception(row) | (NAMELESS if hides else {})


def findings(connection: Connection, batch_id: int) -> dict[str, int]:
    """How many lines of a batch have each finding or reason for refusing, most frequent first."""
    statement = (
        select(batch_items.c.findings, batch_items.c.reason_code, func.count())
        .where(batch_items.c.batch_id == batch_id)
        .group_by(batch_items.c.findings, batch_items.c.reason_code)
    )
    counted: Counter[str] = Counter()
    for codes, reason_code, number in connection.execute(statement):
        for code in (*codes.split(), *filter(None, [reason_code])):
            counted[code] += number
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def unfinished(connection: Connection, batch_id: int) -> tuple[int, int]:
    """How many files and pages of a batch are not yet read, filed and in the index.

    Also of those that were so once, and of which pages are read again.
    """
    in_batch = batch_items.c.batch_id == batch_id
    waiting = exists().where(pages.c.scan_id == scans.c.id, index_queue.c.page_id == pages.c.id)
    again = exists().where(pages.c.scan_id == scans.c.id, pages.c.state.in_(TO_BE_READ))
    anew = exists().where(documents.c.scan_id == scans.c.id, documents.c.to_file.is_(True), ~ASIDE)
    open_ = or_(scans.c.state == ScanState.STORED.value, waiting, again, anew)
    statement = (
        select(func.count(scans.c.id.distinct()))
        .join(batch_items, batch_items.c.scan_id == scans.c.id)
        .where(in_batch, open_)
    )
    unread = (
        select(func.count(pages.c.id.distinct()))
        .join(batch_items, batch_items.c.scan_id == pages.c.scan_id)
        .where(in_batch, pages.c.state.in_(TO_BE_READ))
    )
    return connection.execute(statement).scalar_one(), connection.execute(unread).scalar_one()


def _files_by_box(batch_id: int) -> Any:  # noqa: ANN401 - a statement, which needs no name
    in_review, filed = (
        _has_documents(one) for one in (DocumentStatus.REVIEW, DocumentStatus.FILED)
    )
    fate = case(
        (batch_items.c.state == ItemState.EXPECTED.value, "waiting"),
        (is_unopened(), "unopened"),
        (batch_items.c.state != ItemState.TAKEN.value, batch_items.c.state),
        # Of a dry run: it is there, and nothing was taken in.
        (batch_items.c.scan_id.is_(None), "unread"),
        (scans.c.state == ScanState.FAILED.value, "failed"),
        (scans.c.state == ScanState.STORED.value, "unread"),
        (in_review, "review"),
        (~filed, "aside"),
        else_="filed",
    )
    # The pages of a file that is named again are counted where it was named first.
    again = is_named_again()
    found = case((again, 0), else_=func.coalesce(batch_items.c.found_pages, 0))
    said_pages = case((again, 0), else_=func.coalesce(batch_items.c.pages, found))
    untaken = case((batch_items.c.scan_id.is_(None), found), else_=0)
    short = case((said_pages > found, said_pages - found), else_=0)
    more = case((found > said_pages, found - said_pages), else_=0)
    return (
        select(
            batch_items.c.label,
            batch_items.c.box,
            fate.label("fate"),
            func.count().label("number"),
            func.sum(said_pages).label("expected"),
            func.sum(short).label("short"),
            func.sum(more).label("more"),
            func.sum(untaken).label("untaken"),
            func.sum(case((is_duplicate(), 1), else_=0)).label("again"),
            func.sum(case((has(Finding.REPLACED), 1), else_=0)).label("replaced"),
            func.count(batch_items.c.excused_at).label("excused"),
        )
        .outerjoin(scans, scans.c.id == batch_items.c.scan_id)
        .where(batch_items.c.batch_id == batch_id)
        .group_by(batch_items.c.label, batch_items.c.box, fate)
    )


def _has_documents(status: DocumentStatus) -> ColumnElement[bool]:
    return exists().where(
        documents.c.scan_id == batch_items.c.scan_id,
        documents.c.status == status.value,
        documents.c.joined_to.is_(None),
    )


def _pages_by_box(batch_id: int) -> Any:  # noqa: ANN401 - a statement, which needs no name
    fate = case(
        (pages.c.state == PageState.FAILED.value, "unreadable"),
        (pages.c.state != PageState.READ.value, "unread"),
        (pages.c.kind == PageKind.SEPARATOR.value, "separator"),
        (pages.c.kind == PageKind.BLANK.value, "blank"),
        (documents.c.id.is_(None), "unread"),
        (documents.c.status == DocumentStatus.REVIEW.value, "review"),
        (documents.c.status == DocumentStatus.ASIDE.value, "aside"),
        else_="filed",
    )
    return (
        select(
            batch_items.c.label,
            batch_items.c.box,
            fate.label("fate"),
            func.count().label("number"),
        )
        .join(pages, pages.c.scan_id == batch_items.c.scan_id)
        .outerjoin(documents, documents.c.id == pages.c.document_id)
        .where(batch_items.c.batch_id == batch_id, ~is_named_again())
        .group_by(batch_items.c.label, batch_items.c.box, fate)
    )


def _count_files(box: BoxReport, row: RowMapping) -> None:
    fate, number = row["fate"], row["number"]
    _add(box.files, fate, number)
    box.duplicates += row["again"]
    box.replaced += row["replaced"]
    box.excused += row["excused"]
    if fate in (ItemState.SURPLUS.value, "unopened"):
        return
    box.files.expected += number
    box.pages.expected += row["expected"]
    box.pages.surplus += row["more"]
    box.pages.unread += row["untaken"]
    box.pages.received += row["untaken"]
    # Of a file that did not come, all pages are short; they are missing as the file is.
    kind = {"refused": "refused", "waiting": "waiting"}.get(fate, "missing")
    _add(box.pages, kind, row["short"])


def _exception(row: RowMapping) -> dict[str, object]:
    codes = row["findings"].split()
    failed = row["scan_state"] == ScanState.FAILED.value
    unread = row["state"] == ItemState.TAKEN.value and not codes and not failed
    reason = row["reason"] or (row["scan_reason"] if failed else "")
    words = "; ".join(filter(None, (reason, said(row["findings"]))))
    return {
        "file": row["file"],
        "outcome": _outcome(row["state"], codes, failed=failed),
        "reason": words or ("pages of the file cannot be read" if unread else ""),
        "codes": " ".join(filter(None, (row["reason_code"], *codes))),
        "line": row["line"],
        "batch": row["label"],
        "box": row["box"],
        "source_id": row["source_id"],
        "pages_expected": row["pages"],
        "pages_received": row["found_pages"],
        "excused": row["excused_because"] or "",
        "excused_by": row["excused_by"] or "",
        "may_be_excused": bool(row["may_be_excused"]),
    }


def _outcome(state: str, codes: list[str], *, failed: bool) -> str:
    if state != ItemState.TAKEN.value:
        return state
    if failed:
        return "failed"
    return "duplicate" if AGAIN & set(codes) else "accepted"


def _add(part: Files | Pages, name: str, number: int) -> None:
    setattr(part, name, getattr(part, name) + number)

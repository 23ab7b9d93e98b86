"""Pages: which are to be read, by whom, and what was read."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, insert, select, true, update

from chartkeeper.ocr.page import Barcode, Box, FaxHeader, Page, PageKind, TextSource, Word
from chartkeeper.records import outbox, restricted
from chartkeeper.records.counting import by_state
from chartkeeper.records.model import Lane, PageState, PageTask
from chartkeeper.records.schema import documents, page_words, pages, scans

# A page over which workers died so often is read alone, so that no other one falls with it.
SUSPECT_AFTER = 2
# The columns behind the state in the index ix_pages_next.
WORK_ORDER = ("lane", "priority", "scan_id", "number")


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What lists and viewers need of a page, without its words.

    Sizes are pixels of the upright image, None until the page has been read.
    """

    id: int
    scan_id: int
    number: int
    document_id: int | None
    state: PageState
    kind: PageKind | None
    source: TextSource | None
    width: int | None
    height: int | None
    rotation: int | None
    confidence: float | None
    reason: str | None
    preparation: tuple[str, ...]
    reading: tuple[str, ...]


def lease(
    connection: Connection,
    reader: str,
    limit: int,
    now: datetime,
    lease_seconds: int,
    only: Lane | None = None,
) -> list[PageTask]:
    """Take up to `limit` pages to read, daily lane first; nobody else gets them meanwhile.

    Within a lane they come by priority. With `only`, those of the other lane are left. A page whose
    lease ran out is given out again: its reader is taken for dead. One over which workers
    died before is given out alone.
    """
    if _reads_suspect(connection, reader):
        return []
    mine = true() if only is None else pages.c.lane == only.value
    waiting = pages.c.state == PageState.WAITING.value
    expired = (pages.c.state == PageState.READING.value) & (pages.c.leased_until < now)
    # Asked one by one, each is the head of an index; asked together, all open pages are sorted.
    found = [
        row for state in (waiting, expired) for row in _next_open(connection, state & mine, limit)
    ]
    found.sort(key=lambda row: tuple(row[name] for name in WORK_ORDER))
    tasks = [_task(row) for row in _up_to_suspect(found[:limit])]
    if not tasks:
        return []
    connection.execute(
        update(pages)
        .where(pages.c.id.in_([task.page_id for task in tasks]))
        .values(
            state=PageState.READING.value,
            reader=reader,
            leased_until=now + timedelta(seconds=lease_seconds),
            attempts=pages.c.attempts + 1,
        )
    )
    return tasks


def _next_open(
    connection: Connection, condition: ColumnElement[bool], limit: int
) -> Sequence[RowMapping]:
    statement = (
        select(
            pages.c.id,
            pages.c.scan_id,
            scans.c.sha256,
            scans.c.format,
            pages.c.number,
            pages.c.attempts,
            pages.c.lane,
            pages.c.priority,
            pages.c.interruptions,
        )
        .join(scans, scans.c.id == pages.c.scan_id)
        .where(condition)
        .order_by(*(pages.c[name] for name in WORK_ORDER))
        .limit(limit)
    )
    return connection.execute(statement).mappings().all()


def _reads_suspect(connection: Connection, reader: str) -> bool:
    suspect = and_(_held_by(reader), pages.c.interruptions >= SUSPECT_AFTER)
    return connection.execute(select(pages.c.id).where(suspect).limit(1)).first() is not None


def _up_to_suspect(rows: Sequence[RowMapping]) -> Sequence[RowMapping]:
    suspects = (at for at, row in enumerate(rows) if row["interruptions"] >= SUSPECT_AFTER)
    first = next(suspects, None)
    return rows if first is None else rows[: max(1, first)]


def _task(row: RowMapping) -> PageTask:
    return PageTask(
        page_id=row["id"],
        scan_id=row["scan_id"],
        sha256=row["sha256"],
        format=row["format"],
        number=row["number"],
        attempts=row["attempts"],
        lane=Lane(row["lane"]),
    )


def release(connection: Connection, reader: str) -> int:
    """Give back what a reader that was told to stop had taken; returns the number of pages.

    The try does not count.
    """
    result = connection.execute(
        update(pages)
        .where(_held_by(reader))
        .values(state=PageState.WAITING.value, reader=None, attempts=pages.c.attempts - 1)
    )
    return result.rowcount


def interrupted(connection: Connection, reader: str, most: int, reason: str) -> list[int]:
    """Give back what a reader that died had taken.

    The try does not count: whoever pulled the plug, it was hardly the page. A page over which that
    happens for the time number `most` is given up with `reason`, or it could happen for ever.
    Returns the pages given up.
    """
    often = pages.c.interruptions >= most - 1
    once_more = {"reader": None, "interruptions": pages.c.interruptions + 1}
    spent = select(pages.c.id).where(_held_by(reader), often)
    given_up = list(connection.execute(spent).scalars())
    for page_id in given_up:
        fail(connection, page_id, reason)
        connection.execute(update(pages).where(pages.c.id == page_id).values(**once_more))
    again = {"state": PageState.WAITING.value, "attempts": pages.c.attempts - 1, **once_more}
    connection.execute(update(pages).where(_held_by(reader)).values(**again))
    return given_up


def _held_by(reader: str) -> ColumnElement[bool]:
    return and_(pages.c.reader == reader, pages.c.state == PageState.READING.value)


def give_back(connection: Connection, page_id: int, *, blame: bool) -> None:
    """Let a page be tried again; the try counts only if the page is to blame."""
    attempts = pages.c.attempts if blame else pages.c.attempts - 1
    connection.execute(
        update(pages)
        .where(pages.c.id == page_id, pages.c.state == PageState.READING.value)
        .values(state=PageState.WAITING.value, attempts=attempts)
    )


def store(connection: Connection, page_id: int, page: Page) -> bool:
    """Keep what was read of a page, unless somebody else brought it to an end meanwhile.

    Returns whether it was kept.
    """
    result = connection.execute(
        update(pages)
        .where(pages.c.id == page_id, pages.c.state == PageState.READING.value)
        .values(
            state=PageState.READ.value,
            kind=page.kind.value,
            source=page.source.value,
            width=page.width,
            height=page.height,
            dpi=page.dpi,
            rotation=page.rotation,
            confidence=page.confidence,
            preparation=" ".join(page.preparation),
            reading=" ".join(page.reading),
            barcodes=pack_barcodes(page.barcodes),
            fax_header=pack_fax_header(page.fax_header),
            reason=None,
        )
    )
    if result.rowcount != 1:
        return False
    _one_less(connection, page_id)
    connection.execute(page_words.delete().where(page_words.c.page_id == page_id))
    packed = pack_words(page.words)
    connection.execute(insert(page_words).values(page_id=page_id, text=page.text, words=packed))
    long = _scan_pages(connection, page_id) > outbox.EARLY_INDEX_PAGES
    if long and page.kind is PageKind.CONTENT:
        outbox.enqueue(connection, [page_id])
    return True


def _scan_pages(connection: Connection, page_id: int) -> int:
    statement = select(scans.c.page_count).join(pages, pages.c.scan_id == scans.c.id)
    return int(connection.execute(statement.where(pages.c.id == page_id)).scalar_one())


def fail(connection: Connection, page_id: int, reason: str) -> bool:
    """Give a page up; `reason` says why in a clerk's words. Returns whether it was in hand."""
    result = connection.execute(
        update(pages)
        .where(pages.c.id == page_id, pages.c.state == PageState.READING.value)
        .values(state=PageState.FAILED.value, reason=reason)
    )
    if result.rowcount == 1:
        _one_less(connection, page_id)
    return result.rowcount == 1


def _one_less(connection: Connection, page_id: int) -> None:
    """One page less of the scan is still to be read."""
    mine = select(pages.c.scan_id).where(pages.c.id == page_id).scalar_subquery()
    connection.execute(update(scans).where(scans.c.id == mine).values(unread=scans.c.unread - 1))


def read_pages(connection: Connection, scan_id: int) -> list[Page]:
    """The pages of a scan that were read, in order, with their words."""
    statement = (
        select(pages, page_words.c.words)
        .join(page_words, page_words.c.page_id == pages.c.id)
        .where(pages.c.scan_id == scan_id, pages.c.state == PageState.READ.value)
        .order_by(pages.c.number)
    )
    return [_page(row) for row in connection.execute(statement).mappings()]


def words(connection: Connection, page_id: int) -> tuple[Word, ...]:
    """The words of a page; none if it was not read. Raises DocumentRestricted."""
    statement = select(page_words.c.words, pages.c.document_id).join(pages)
    found = connection.execute(statement.where(page_words.c.page_id == page_id)).one_or_none()
    if found is None:
        return ()
    if found.document_id is not None:
        restricted.check(connection, found.document_id)
    return unpack_words(found.words)


def texts_of_document(connection: Connection, document_id: int) -> list[str]:
    """The text of each page of a document, in order; empty for a page that was not read.

    Raises DocumentRestricted.
    """
    restricted.check(connection, document_id)
    statement = (
        select(page_words.c.text)
        .select_from(pages)
        .outerjoin(page_words, page_words.c.page_id == pages.c.id)
        .where(pages.c.document_id == document_id)
        .order_by(pages.c.number)
    )
    return [text or "" for text in connection.execute(statement).scalars()]


def facts_of_scan(connection: Connection, scan_id: int) -> list[PageFacts]:
    """Every page of a scan, in order. Raises DocumentRestricted if one of them may not be seen."""
    return _select_facts(connection, pages.c.scan_id == scan_id)


def facts_of_page(connection: Connection, page_id: int) -> PageFacts | None:
    """One page; None if there is no such page. Raises DocumentRestricted."""
    return next(iter(_select_facts(connection, pages.c.id == page_id)), None)


def facts_in_document(connection: Connection, document_id: int, number: int) -> PageFacts | None:
    """The page of this number in its scan, if it belongs to the document; None if it does not.

    Raises DocumentRestricted.
    """
    scan_id = select(documents.c.scan_id).where(documents.c.id == document_id).scalar_subquery()
    mine = (pages.c.scan_id == scan_id) & (pages.c.number == number)
    found = _select_facts(connection, mine & (pages.c.document_id == document_id))
    return next(iter(found), None)


def facts_of_document(connection: Connection, document_id: int) -> list[PageFacts]:
    """Every page of a document, in order. Raises DocumentRestricted."""
    return _select_facts(connection, pages.c.document_id == document_id)


def counts(connection: Connection) -> dict[PageState, int]:
    """How many pages there are in each state."""
    return by_state(connection, pages.c.state, PageState, PageState.READ)


def pack_words(words: Sequence[Word]) -> bytes:
    """Words as the ledger keeps them: compressed JSON, a list a word, its other reading last."""
    rows = [
        [w.text, *_edges(w.box), round(w.confidence, 3), w.line, *([w.other] if w.other else [])]
        for w in words
    ]
    return zlib.compress(json.dumps(rows, ensure_ascii=False).encode())


def unpack_words(packed: bytes) -> tuple[Word, ...]:
    """The reverse of pack_words."""
    rows = json.loads(zlib.decompress(packed))
    return tuple(
        Word(text, Box(left, top, width, height), confidence, line, *other)
        for text, left, top, width, height, confidence, line, *other in rows
    )


def pack_barcodes(barcodes: Sequence[Barcode]) -> str | None:
    """Bar codes as the ledger keeps them: JSON, a list a code; None for none."""
    rows = [[code.symbology, code.text, *_edges(code.box)] for code in barcodes]
    return json.dumps(rows, ensure_ascii=False) if rows else None


def unpack_barcodes(packed: str | None) -> tuple[Barcode, ...]:
    """The reverse of pack_barcodes."""
    rows = json.loads(packed) if packed else []
    return tuple(Barcode(symbology, text, Box(*edges)) for symbology, text, *edges in rows)


def pack_fax_header(header: FaxHeader | None) -> str | None:
    """A fax header as the ledger keeps it: a JSON object; None for none."""
    return json.dumps(asdict(header), ensure_ascii=False) if header else None


def unpack_fax_header(packed: str | None) -> FaxHeader | None:
    """The reverse of pack_fax_header."""
    if not packed:
        return None
    fields = json.loads(packed)
    return FaxHeader(**{**fields, "lines": tuple(fields["lines"])})


def _edges(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.width, box.height


def _page(row: RowMapping) -> Page:
    fields = row
    return Page(
        number=fields["number"],
        width=fields["width"],
        height=fields["height"],
        dpi=fields["dpi"],
        rotation=fields["rotation"],
        kind=PageKind(fields["kind"]),
        source=TextSource(fields["source"]),
        words=unpack_words(fields["words"]),
        preparation=tuple(fields["preparation"].split()),
        reading=tuple((fields["reading"] or "").split()),
        barcodes=unpack_barcodes(fields["barcodes"]),
        fax_header=unpack_fax_header(fields["fax_header"]),
    )


def _select_facts(connection: Connection, condition: ColumnElement[bool]) -> list[PageFacts]:
    rows = connection.execute(select(pages).where(condition).order_by(pages.c.number))
    found = [_facts(row) for row in rows.mappings()]
    for document_id in {page.document_id for page in found if page.document_id is not None}:
        restricted.check(connection, document_id)
    return found


def _facts(row: RowMapping) -> PageFacts:
    fields = {name: row[name] for name in PageFacts.__dataclass_fields__}
    fields["state"] = PageState(fields["state"])
    fields["kind"] = fields["kind"] and PageKind(fields["kind"])
    fields["source"] = fields["source"] and TextSource(fields["source"])
    for name in ("preparation", "reading"):
        fields[name] = tuple((fields[name] or "").split())
    return PageFacts(**fields)

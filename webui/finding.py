"""A query to pages that the ledger vouches for; also what the command line searches with.

The index may be behind the ledger. Whatever it says is therefore checked before it is shown: a
page that was moved, relinked or retyped since is dropped, and text comes from the ledger alone.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from chartkeeper.index.language import parse
from chartkeeper.index.query import And, MrnIs, Not, Or, Query
from chartkeeper.index.search import MAX_REACH_HITS, Hit, Hits, PageSearcher
from chartkeeper.index.snippet import Fragment, snippet
from chartkeeper.index.words import identifier
from chartkeeper.records import arrivals, documents, outbox, patients, restricted
from chartkeeper.records.database import Connection, Ledger
from chartkeeper.records.documents import DocumentFacts
from chartkeeper.records.model import Arrival, Patient, mrn_key
from chartkeeper.records.outbox import PageForIndex

# The ledger is asked for so many pages at once.
CHECK_PAGES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page that answers a query, as the ledger knows it now.

    `document_id` is None while the file is still being read. `file` is the name of the file as it
    first arrived, `page` the page's number in that file, `position` that in its document of
    `pages` pages.
    `score` has no unit; the larger, the better.
    """

    page_id: int
    document_id: int | None
    file: str
    page: int
    position: int
    pages: int
    type: str | None
    patient: Patient | None
    service_date: date | None
    score: float
    snippet: tuple[Fragment, ...]

    @property
    def mrn(self) -> str | None:
        """The patient's number as the patient index writes it; None while linked to nobody."""
        return self.patient.mrn if self.patient else None

    @property
    def patient_name(self) -> str | None:
        """The patient's name as a chart tab shows it; None while linked to nobody."""
        return self.patient.shown_name if self.patient else None


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query.

    `total` is how many pages match, without those known to be stale; at least so many if not
    `total_is_exact`. `stale` is how many hits were dropped because the ledger says otherwise by
    now. If `timed_out`, the hits are the best of those that were looked at in time.
    """

    hits: tuple[FoundPage, ...]
    total: int
    total_is_exact: bool
    stale: int
    timed_out: bool


def find_pages(  # noqa: PLR0913 - what is wanted of the answer, by name
    ledger: Ledger,
    searcher: PageSearcher,
    query_text: str,
    limit: int,
    offset: int = 0,
    *,
    types: Collection[str] = (),
    newest_first: bool = False,
) -> Found:
    """Search for pages.

    Takes the query as typed, and which of the pages that answer it are wanted: `limit` of them,
    after the first `offset`, the best first or those of the newest service date. Within the first
    MAX_REACH_HITS of the index, stale hits are made up for by those behind them. `types` are the
    document types that there are. A number that was merged into another one finds the latter. What
    whoever reads in this ledger may not open is as if it were not there, in hits and counts.
    Raises QueryError, IndexMissing and IndexNeedsRebuild.
    """
    query = parse(query_text, types)
    with ledger.read() as connection:
        asked = _with_survivors(connection, query)
        hidden = [str(page_id) for page_id in restricted.hidden_pages(connection)]
    wanted = min(offset + limit, MAX_REACH_HITS)
    current: list[Hit] = []
    stale, answer = 0, None
    search = partial(searcher.search, asked, newest_first=newest_first, hidden=hidden)
    for answer in _answers(search, wanted):
        with ledger.read() as connection:
            alive = _current(connection, answer.hits)
        current += alive
        stale += len(answer.hits) - len(alive)
        if len(current) >= wanted:
            break
    assert answer is not None  # noqa: S101 - narrows the type; there is always a first answer
    with ledger.read() as connection:
        shown = _describe(connection, current[offset:wanted], query)
    total = max(answer.total - stale, len(current))
    return Found(tuple(shown), total, answer.total_is_exact, stale, answer.timed_out)


def shown_documents(hits: Sequence[FoundPage]) -> dict[str, list[int]]:
    """What the access log says of the documents among hits, and of pages of no document yet."""
    return {
        "documents": sorted({hit.document_id for hit in hits if hit.document_id is not None}),
        "pages_not_filed": sorted(hit.page_id for hit in hits if hit.document_id is None),
    }


def _with_survivors(connection: Connection, query: Query) -> Query:
    """The query with the number in use beside each that was retired by a merger."""
    match query:
        case MrnIs(number):
            found = patients.by_numbers(connection, [mrn_key(number)])
            others = sorted({identifier(who.mrn) for who in found} - {number})
            return Or((query, *map(MrnIs, others))) if others else query
        case And(parts):
            return And(tuple(_with_survivors(connection, part) for part in parts))
        case Or(parts):
            return Or(tuple(_with_survivors(connection, part) for part in parts))
        case Not(part):
            return Not(_with_survivors(connection, part))
        case _:
            return query


def _answers(search: Callable[[int, int], Hits], first_batch: int) -> Iterator[Hits]:
    """The hits of the index batch by batch, until there are no more."""
    offset, size = 0, max(1, first_batch)
    while True:
        answer = search(size, offset)
        yield answer
        offset += size
        if len(answer.hits) < size or offset >= MAX_REACH_HITS:
            return
        size = min(CHECK_PAGES_AT_ONCE, MAX_REACH_HITS - offset)


def _current(connection: Connection, hits: Sequence[Hit]) -> list[Hit]:
    """Those hits that the ledger bears out."""
    alive: list[Hit] = []
    for first in range(0, len(hits), CHECK_PAGES_AT_ONCE):
        batch = hits[first : first + CHECK_PAGES_AT_ONCE]
        known = _by_page(connection, [int(hit.key) for hit in batch])
        alive += [hit for hit in batch if _agrees(hit, known.get(int(hit.key)))]
    return alive


def _agrees(hit: Hit, page: PageForIndex | None) -> bool:
    if page is None:
        return False
    same_patient = mrn_key(hit.mrn) == page.mrn_key
    return same_patient and hit.type == page.type and hit.service_date == page.service_date


def _describe(connection: Connection, hits: Sequence[Hit], query: Query) -> list[FoundPage]:
    page_ids = [int(hit.key) for hit in hits]
    # Asked again in the transaction that reads the text: what is shown agrees with itself.
    known = _by_page(connection, page_ids)
    facts = documents.by_ids(connection, {p.document_id for p in known.values() if p.document_id})
    people = patients.by_ids(connection, {f.patient_id for f in facts.values() if f.patient_id})
    came = arrivals.of_scans(connection, [page.scan_id for page in known.values()])
    found = []
    for hit in hits:
        page = known.get(int(hit.key))
        if page is not None and _agrees(hit, page):
            document = facts.get(page.document_id or 0)
            patient = people.get((document and document.patient_id) or 0)
            file = _file_name(came.get(page.scan_id, []))
            found.append(_found(hit, page, document, patient, file, snippet(page.text, query)))
    return found


def _found(
    hit: Hit,
    page: PageForIndex,
    document: DocumentFacts | None,
    patient: Patient | None,
    file: str,
    passage: tuple[Fragment, ...],
) -> FoundPage:
    first, last = (
        (document.document.first_page, document.document.last_page) if document else (1, 0)
    )
    return FoundPage(
        page_id=page.page_id,
        document_id=page.document_id,
        file=file,
        page=page.number,
        position=page.number - first + 1,
        pages=last - first + 1,
        type=document.type if document else None,
        patient=patient,
        service_date=document.service_date if document else None,
        score=hit.score,
        snippet=passage,
    )


def _by_page(connection: Connection, page_ids: Sequence[int]) -> dict[int, PageForIndex]:
    return {page.page_id: page for page in outbox.pages_for_index(connection, page_ids)}


def _file_name(came: Sequence[Arrival]) -> str:
    return came[0].name if came else ""

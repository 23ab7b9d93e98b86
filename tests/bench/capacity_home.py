"""A home as it is after years: its ledger full of made-up rows, small originals in its vault.

The rows are those that the service itself would have written, in shares as a records department
has them; words, evidence and decisions have the sizes of real ones. Originals are tiny files, but
for the first ones, which are pictures of a page.
"""

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import islice

from patient_index import person
from sheets import draw
from sqlalchemy import Connection, Table, create_engine, event, insert, select

from chartkeeper.folders import Home
from chartkeeper.home import make_home
from chartkeeper.ocr.page import Box, Word
from chartkeeper.records import access_log, accounts, schema
from chartkeeper.records.database import open_ledger
from chartkeeper.records.model import Lane, Role, mrn_key
from chartkeeper.records.pages import pack_words
from chartkeeper.records.patients import name_key, surname_keys

ADMIN, PASSWORD = "admin", "a password for benches"
ROWS_AT_ONCE = 20_000
PICTURES = 40
DAILY_WAITING_SCANS = 20
INDEX_WAITING_PAGES = 3_000
# Shares in one: as a department sees them, roughly.
DUPLICATES, REFUSED, FAILED_SCANS, IN_REVIEW, CORRECTED, DAILY = 0.03, 0.01, 0.003, 0.08, 0.1, 0.15
LOOKS_A_PAGE = 1.0
BEGAN = datetime(2023, 1, 2, 6, tzinfo=UTC)
PAGE_SECONDS = 60
TYPES = ("lab_report", "progress_note", "imaging_report", "letter", "consent", "referral")
EVENTS = ("page:view", "document:view", "search", "chart:view", "list:view", "document:decide")
REASON = "No patient agrees in two identifiers."
BECAUSE = "Title and cue words of the first page speak for it, 7.2 points before the next type."


@dataclass(frozen=True, slots=True)
class Size:
    """How large the home is to be; `backlog` of the `pages` still wait in the migration lane."""

    pages: int
    backlog: int
    patients: int

    @property
    def log_entries(self) -> int:
        return int(self.pages * LOOKS_A_PAGE)


Row = tuple[Table, dict[str, object]]


def make_filled_home(home: Home, size: Size, seed: int = 5) -> None:
    """Make a home of this size; the same seed makes the same rows."""
    make_home(home)
    ledger = open_ledger(home.ledger)
    with ledger.write() as connection:
        for role in Role:
            name = ADMIN if role is Role.ADMINISTRATOR else role.value
            accounts.add_user(connection, name, role, PASSWORD)
        head = access_log.head(connection)
    ledger.close()
    engine = create_engine(f"sqlite:///{home.ledger}")
    event.listen(engine, "connect", _hurry)
    rng = random.Random(seed)
    with engine.connect() as connection:
        _insert(connection, _patients(rng, size.patients))
        _insert(connection, _papers(rng, size, Sizes(rng)))
        _insert(connection, _log(rng, size, *head))
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    _store_originals(home)


def _hurry(connection, _record):
    # Nothing here would be missed after a power cut.
    for pragma in ("synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _insert(connection: Connection, rows: Iterator[Row]) -> None:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        alike: dict[tuple[Table, tuple[str, ...]], list[dict[str, object]]] = {}
        for table, row in batch:
            alike.setdefault((table, tuple(row)), []).append(row)
        for (table, _), found in alike.items():
            connection.execute(insert(table), found)
        connection.commit()


def _patients(rng: random.Random, count: int) -> Iterator[Row]:
    for number in range(1, count + 1):
        one = person(rng, number)
        plain = dict.fromkeys(("middle", "suffix", "aliases", "phone", "ssn4", "former_mrns"), "")
        place = {"address": "1 Sample Street", "city": "Sampletown", "state": "NY", "zip": "00000"}
        names = {"last": one.last, "first": one.first, "dob": one.dob, "sex": one.sex}
        key = {"id": number, "mrn": one.mrn, "mrn_key": mrn_key(one.mrn)}
        yield schema.patients, {**key, **names, **plain, **place}
        for surname in surname_keys(one.last):
            given = name_key(one.first)
            row = {"patient_id": number, "surname_key": surname, "given_key": given}
            yield schema.patient_names, {**row, "dob": one.dob}


class Sizes:
    """Words of pages as they are packed, and texts, made once and used over and over."""

    def __init__(self, rng: random.Random) -> None:
        vocabulary = [_word(rng) for _ in range(6_000)]
        counts = [max(20, int(rng.gauss(260, 120))) for _ in range(48)]
        self._pages = [_packed(rng, vocabulary, count) for count in counts]

    def one(self, rng: random.Random) -> tuple[str, bytes]:
        return rng.choice(self._pages)


def _word(rng: random.Random) -> str:
    return "".join(rng.choice("etaoinshrdlucmfwyp") for _ in range(rng.randint(2, 11)))


def _packed(rng: random.Random, vocabulary: Sequence[str], count: int) -> tuple[str, bytes]:
    words = []
    for number in range(count):
        line, at = divmod(number, 11)
        box = Box(200 + at * 190 + rng.randrange(40), 260 + line * 70, rng.randrange(60, 180), 42)
        words.append(Word(rng.choice(vocabulary), box, rng.randrange(600, 1000) / 1000, line))
    return " ".join(word.text for word in words), pack_words(words)


@dataclass(slots=True)
class Numbers:
    """The next free number of each table whose rows are referred to."""

    scan: int = 0
    page: int = 0
    document: int = 0
    decision: int = 0
    candidate: int = 0


def _papers(rng: random.Random, size: Size, sizes: Sizes) -> Iterator[Row]:
    """Scans with all that hangs on them: first what is done, then what waits."""
    last = Numbers()
    while last.page < size.pages - size.backlog:
        yield from _done_scan(rng, last, size, sizes)
    while last.page < size.pages:
        yield from _waiting_scan(rng, last, Lane.MIGRATION, _page_count(rng))
    for _ in range(DAILY_WAITING_SCANS):
        yield from _waiting_scan(rng, last, Lane.DAILY, 2)


def _page_count(rng: random.Random) -> int:
    low, high = rng.choices([(1, 2), (3, 8), (9, 20), (21, 40)], [60, 25, 11, 4])[0]
    return rng.randint(low, high)


def _scan(rng: random.Random, last: Numbers, lane: Lane, count: int, state: str) -> Iterator[Row]:
    last.scan += 1
    at = BEGAN + timedelta(seconds=PAGE_SECONDS * last.page)
    yield (
        schema.scans,
        {
            "id": last.scan,
            "sha256": hashlib.sha256(original(last.scan)).hexdigest(),
            "format": "png",
            "size": len(original(last.scan)),
            "page_count": count,
            "unread": count if state == "stored" else 0,
            "state": state,
            "lane": lane.value,
            "priority": 5,
            "stored_at": at,
            "reason": "No page of it could be read." if state == "failed" else None,
        },
    )
    done = state != "stored"
    yield _arrival(last, lane, at, "accepted", cleared=done or lane is Lane.MIGRATION)
    if done and rng.random() < DUPLICATES:
        yield _arrival(last, lane, at, "duplicate", cleared=True)
    if done and rng.random() < REFUSED:
        yield _arrival(last, lane, at, "refused", cleared=True)


def _arrival(last: Numbers, lane: Lane, at: datetime, state: str, *, cleared: bool) -> Row:
    refused = state == "refused"
    code, reason = ("damaged", "The file is damaged. Scan it again.") if refused else (None, None)
    row = {
        "inbox": "inbox" if lane is Lane.DAILY else f"/archive/box{last.scan // 500:04d}",
        "name": f"{state[0]}{last.scan:08d}.png",
        "claim": f"{state[0]}{last.scan:031x}",
        "state": state,
        "lane": lane.value,
        "priority": 5,
        "seen_at": at,
        "size": 100,
        "scan_id": None if refused else last.scan,
        "reason_code": code,
        "reason": reason,
        "cleared": cleared,
    }
    return schema.arrivals, row


def _waiting_scan(rng: random.Random, last: Numbers, lane: Lane, count: int) -> Iterator[Row]:
    yield from _scan(rng, last, lane, count, "stored")
    for number in range(1, count + 1):
        yield _page(last, lane, number, {"state": "waiting", "attempts": 0})


def _done_scan(rng: random.Random, last: Numbers, size: Size, sizes: Sizes) -> Iterator[Row]:
    lane = Lane.DAILY if rng.random() < DAILY else Lane.MIGRATION
    count = _page_count(rng)
    if rng.random() < FAILED_SCANS:
        yield from _scan(rng, last, lane, count, "failed")
        for number in range(1, count + 1):
            given_up = {"state": "failed", "attempts": 3, "reason": "The page took too long."}
            yield _page(last, lane, number, given_up)
        return
    yield from _scan(rng, last, lane, count, "filed")
    first = 1
    while first <= count:
        end = min(count, first + rng.choice([0, 0, 0, 1, 1, 2, 3, 6]))
        yield from _document(rng, last, size, first, end)
        for number in range(first, end + 1):
            yield from _read_page(rng, last, size, lane, number, sizes)
        first = end + 1


def _page(last: Numbers, lane: Lane, number: int, values: Mapping[str, object]) -> Row:
    last.page += 1
    own = {"id": last.page, "scan_id": last.scan, "number": number, "document_id": None}
    return schema.pages, {**own, "lane": lane.value, "priority": 5, "reason": None, **values}


def _read_page(
    rng: random.Random, last: Numbers, size: Size, lane: Lane, number: int, sizes: Sizes
) -> Iterator[Row]:
    blank = number % 2 == 0 and rng.random() < 0.25
    text, words = ("", pack_words(())) if blank else sizes.one(rng)
    read = {
        "document_id": last.document,
        "state": "read",
        "attempts": 1,
        "reader": "sample-host",
        "leased_until": BEGAN,
        "kind": "blank" if blank else "content",
        "source": "ocr",
        "width": 1000,
        "height": 700,
        "dpi": 200,
        "rotation": 0,
        "confidence": 0.93,
        "preparation": "square x2",
        "reading": "tesseract",
        "barcodes": BARCODE if rng.random() < 0.01 else None,
    }
    yield _page(last, lane, number, read)
    yield schema.page_words, {"page_id": last.page, "text": text, "words": words}
    if last.page > size.pages - size.backlog - INDEX_WAITING_PAGES:
        yield schema.index_queue, {"page_id": last.page, "lane": lane.value}


BARCODE = '[["CODE128", "SEP|MRN=1000001;TYPE=LAB", 300, 200, 700, 120]]'


def _document(rng: random.Random, last: Numbers, size: Size, first: int, end: int) -> Iterator[Row]:
    last.document += 1
    patient = rng.randint(1, size.patients)
    waits, day = rng.random() < IN_REVIEW, (BEGAN + timedelta(days=rng.randrange(900))).date()
    row = {
        "id": last.document,
        "scan_id": last.scan,
        "first_page": first,
        "last_page": end,
        "status": "review" if waits else "filed",
        "reason": REASON if waits else "",
        "type": rng.choice(TYPES),
        "patient_id": None if waits else patient,
        "service_date": day,
        "version": 1,
        "to_file": False,
    }
    yield schema.documents, row
    said = {"type": row["type"], "patient": row["patient_id"], "date": day.isoformat()}
    yield from _decided(last, first, said, "chartkeeper")
    if rng.random() < CORRECTED:
        yield from _decided(last, first, said, "clerk")
    if waits:
        yield from _candidates(rng, last, size, first)


def _decided(last: Numbers, first: int, said: Mapping[str, object], by: str) -> Iterator[Row]:
    for field, value in said.items():
        last.decision += 1
        row = {"id": last.decision, "document_id": last.document, "field": field, "value": value}
        how = {"confidence": 0.97, "because": BECAUSE, "decided_by": by, "decided_at": BEGAN}
        yield schema.decisions, {**row, **how}
        for _ in range(3 if by == "chartkeeper" else 0):
            yield _evidence(first, "decision_id", last.decision)


def _evidence(page: int, owner: str, number: int) -> Row:
    owners = dict.fromkeys(("decision_id", "candidate_id", "suggestion_id"))
    box = {"left": 300, "top": 420, "width": 210, "height": 42}
    what = {"text": "1000001", "meaning": "MRN", "weight": 16.0}
    return schema.evidence, {**owners, owner: number, "page": page, **box, **what}


def _candidates(rng: random.Random, last: Numbers, size: Size, first: int) -> Iterator[Row]:
    for score in (9.0, 4.0, 2.0):
        last.candidate += 1
        who = {"document_id": last.document, "patient_id": rng.randint(1, size.patients)}
        yield (
            schema.candidates,
            {"id": last.candidate, **who, "score": score, "because": "The name agrees."},
        )
        for _ in range(3):
            yield _evidence(first, "candidate_id", last.candidate)


def _log(rng: random.Random, size: Size, last: int, previous: str) -> Iterator[Row]:
    """A chain as the service would have written it, one look after the other."""
    for seq in range(last + 1, size.log_entries + 1):
        patient = rng.randint(1, size.patients)
        row = {
            "seq": seq,
            "at": BEGAN + timedelta(seconds=PAGE_SECONDS * seq),
            "event": rng.choice(EVENTS),
            "outcome": "ok",
            "actor": f"user{min(int(rng.expovariate(0.1)), 79):02d}",
            "address": "192.0.2.7",
            "patient_id": patient,
            "mrn": f"{1_000_000 + patient:08d}",
            "document_id": rng.randint(1, max(1, size.pages // 3)),
            "page": 1,
            "detail": '{"pages": [1, 2, 3]}',
            "previous_hash": previous,
        }
        previous = access_log.entry_hash(row)
        yield schema.access_log, {**row, "hash": previous}


def original(scan_id: int) -> bytes:
    """The content of the original of a scan."""
    if scan_id > PICTURES:
        return b"scan %d of a filled home\n" % scan_id
    out = BytesIO()
    draw(("PROGRESS NOTE", f"sheet {scan_id}")).save(out, "PNG", dpi=(200, 200))
    return out.getvalue()


def _store_originals(home: Home) -> None:
    engine = create_engine(f"sqlite:///{home.ledger}")
    with engine.connect() as connection:
        named = connection.execute(select(schema.scans.c.id, schema.scans.c.sha256))
        for scan_id, sha256 in named:
            place = home.vault / sha256[:2] / sha256
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(original(scan_id))
    engine.dispose()

"""What the ledger, the vault and the web pages cost when a million pages are in them.

    python tests/bench/capacity.py [--pages 1000000] [--backlog 100000] [--home DIR] [--json FILE]

Fills a home (capacity_home.py) or takes one that an earlier run filled, then asks it what the
service asks all day: each step of intake, reading, filing and indexing, each web page, the lists.
Warm: the same question many times, of other rows each time. Cold: the first time after the
system's cache of the ledger was dropped and the ledger was opened anew. Steps that write are
undone; what a commit costs is a line of its own. Times are milliseconds, the slowest first.
"""

import argparse
import json
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "bench")]

import capacity_home  # noqa: E402 - the path comes first
from capacity_disk import disk_use  # noqa: E402 - the path comes first
from capacity_home import ADMIN, PASSWORD, Size, make_filled_home  # noqa: E402 - the path comes first
from capacity_lists import listing_use  # noqa: E402 - the path comes first
from flask.testing import FlaskClient  # noqa: E402 - the path comes first
from ledger_steps import page as read_page_of  # noqa: E402 - the path comes first
from sqlalchemy import Connection, func, select  # noqa: E402 - the path comes first

from chartkeeper.desks import limits  # noqa: E402 - the path comes first
from chartkeeper.folders import Home  # noqa: E402 - the path comes first
from chartkeeper.home import open_home  # noqa: E402 - the path comes first
from chartkeeper.ingest.claims import set_down  # noqa: E402 - the path comes first
from chartkeeper.ingest.drawing import Drawers  # noqa: E402 - the path comes first
from chartkeeper.ocr.examine import FileFacts  # noqa: E402 - the path comes first
from chartkeeper.ocr.formats import Format  # noqa: E402 - the path comes first
from chartkeeper.parts import web_parts  # noqa: E402 - the path comes first
from chartkeeper.records import (  # noqa: E402 - the path comes first
    access_log,
    arrivals,
    documents,
    outbox,
    pages,
    patient_search,
    scans,
    schema,
    separation,
    type_models,
    verify,
)
from chartkeeper.records.access_log import Entry, Event  # noqa: E402 - the path comes first
from chartkeeper.records.model import Lane  # noqa: E402 - the path comes first
from chartkeeper.records.vault import Stored  # noqa: E402 - the path comes first
from chartkeeper.records.work import progress  # noqa: E402 - the path comes first
from chartkeeper.webui.app import create_app  # noqa: E402 - the path comes first

WARM_TIMES, COLD_TIMES = 40, 3
SECONDS_A_STEP = 6.0
LEASE_SECONDS = 480
INBOX = "inbox"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step costs, in milliseconds; `kind` is step, page or list."""

    kind: str
    name: str
    warm_median: float
    warm_p95: float
    cold: float


Step = Callable[[Connection, random.Random], object]


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the numbers go in the home that is measured."""

    pages: int
    scans: int
    documents: int
    patients: int
    log: int


class _Undone(Exception):
    """Ends a transaction without keeping anything."""


def extent(connection: Connection) -> Extent:
    def last(table: str) -> int:
        tables = schema.metadata.tables
        column = next(iter(tables[table].primary_key.columns))
        return connection.execute(select(func.max(column))).scalar_one() or 1

    names = ("pages", "scans", "documents", "patients", "access_log")
    return Extent(*(last(name) for name in names))


def reading_steps(size: Extent) -> dict[str, Step]:
    """What the service and its parts ask without changing anything."""

    def some(rng: random.Random, last: int, count: int) -> list[int]:
        return [rng.randint(1, last) for _ in range(count)]

    return {
        "scans.ready_to_file": lambda c, _: scans.ready_to_file(c, 1),
        "documents.waiting_to_be_filed": lambda c, _: documents.waiting_to_be_filed(c, 1),
        "separation.count_waiting": lambda c, _: separation.count_waiting(c),
        "outbox.waiting": lambda c, _: outbox.waiting(c, 200),
        "outbox.count_waiting": lambda c, _: outbox.count_waiting(c),
        "outbox.pages_for_index (200)": lambda c, r: outbox.pages_for_index(
            c, some(r, size.pages, 200)
        ),
        "arrivals.claimed": lambda c, _: arrivals.claimed(c, INBOX),
        "arrivals.to_clear": lambda c, _: arrivals.to_clear(c, INBOX),
        "arrivals.of_scans (200)": lambda c, r: arrivals.of_scans(c, some(r, size.scans, 200)),
        "arrivals.by_claims": lambda c, _: arrivals.by_claims(c, [uuid4().hex]),
        "scans.by_sha256": lambda c, _: scans.by_sha256(c, "0" * 64),
        "pages.read_pages (one scan)": lambda c, r: pages.read_pages(c, r.randint(1, size.scans)),
        "patient_search.search (a name's start)": lambda c, r: patient_search.search(
            c, r.choice(["Ba", "Cadi", "Befu", "Bab Ba"])
        ),
        "type_models.news": lambda c, _: type_models.news(c),
        "type_models.newest_judgement": lambda c, _: type_models.newest_judgement(c),
        "type_models.judged (2,000)": lambda c, _: type_models.judged(c, 2_000),
        "work.progress": lambda c, _: progress(c),
        "documents.current (200)": lambda c, r: documents.current(c, some(r, size.documents, 200)),
    }


def writing_steps(size: Extent) -> dict[str, Step]:
    """What the service changes, one piece of work each."""
    now = datetime.now(UTC)

    def lease(connection: Connection, _: random.Random) -> None:
        assert pages.lease(connection, "bench", 2, now, LEASE_SECONDS)

    def store(connection: Connection, _: random.Random) -> None:
        (task,) = pages.lease(connection, "bench", 1, now, LEASE_SECONDS)
        pages.store(connection, task.page_id, read_page_of(task.number, *["word"] * 300))

    def claim(connection: Connection, _: random.Random) -> None:
        seen = arrivals.Seen(INBOX, "scan.pdf", uuid4().hex, Lane.DAILY, 10)
        arrivals.claim(connection, seen, now)

    def take_in(connection: Connection, _: random.Random) -> None:
        seen = arrivals.Seen(INBOX, "scan.pdf", uuid4().hex, Lane.DAILY, 10)
        arrival = arrivals.claim(connection, seen, now)
        stored = Stored(uuid4().hex * 2, 10)
        set_down(connection, arrival, FileFacts(Format.PDF, 3), stored, now)

    def mark_indexed(connection: Connection, _: random.Random) -> None:
        outbox.mark_indexed(connection, outbox.waiting(connection, 200))

    def look(connection: Connection, rng: random.Random) -> None:
        patient = rng.randint(1, size.patients)
        entry = Entry(Event.PAGE_VIEW, "bench", "192.0.2.7", patient_id=patient, page=1)
        access_log.record(connection, entry, now)

    return {
        "pages.lease": lease,
        "pages.lease and store": store,
        "arrivals.claim": claim,
        "claim and set_down (3 pages)": take_in,
        "outbox.waiting and mark_indexed (200)": mark_indexed,
        "pages.release": lambda c, _: pages.release(c, "nobody"),
        "access_log.record": look,
        "outbox.enqueue_document": lambda c, r: outbox.enqueue_document(
            c, r.randint(1, size.documents)
        ),
    }


def long_steps() -> dict[str, Step]:
    """What is asked now and then and may take its time."""
    return {
        "verify.verify_counts": lambda c, _: verify.verify_counts(c),
    }


def addresses(size: Extent, rng: random.Random) -> dict[str, Callable[[], str]]:
    """The web pages, each with an address that changes from look to look."""
    old, later = capacity_home.BEGAN + timedelta(days=40), capacity_home.BEGAN + timedelta(days=300)
    return {
        "intake": lambda: "/intake",
        "intake, from the middle": lambda: f"/intake?before={rng.randint(1, size.scans)}",
        "queue": lambda: "/review",
        "queue, from the middle": lambda: f"/review?after={rng.randint(1, size.documents)}",
        "next in the queue": lambda: f"/review/next?after={rng.randint(1, size.documents)}",
        "review form": lambda: f"/review/{rng.randint(1, size.documents)}",
        "chart": lambda: f"/patients/{rng.randint(1, size.patients)}",
        "viewer": lambda: f"/documents/{rng.randint(1, size.documents)}",
        "page picture (1000 x 700)": lambda: "/documents/1/pages/1/image",
        "access log": lambda: "/log",
        "access log, a user": lambda: f"/log?user=user{rng.randrange(40):02d}",
        "access log, an event": lambda: "/log?event=chart:view",
        "access log, a patient": lambda: f"/log?patient={rng.randint(1, size.patients)}",
        "access log, a document": lambda: f"/log?document={rng.randint(1, size.documents)}",
        "access log, an old day": lambda: f"/log?since={old:%Y-%m-%d}&until={old:%Y-%m-%d}",
        "access log, to an old day": lambda: f"/log?until={old:%Y-%m-%d}",
        "access log, long ago, a user": lambda: (
            f"/log?user=user03&since={old:%Y-%m-%d}&until={later:%Y-%m-%d}"
        ),
        "users": lambda: "/users",
        "types": lambda: "/types",
    }


def timed(work: Callable[[], object]) -> float:
    """Milliseconds that something takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def forget(path: Path) -> None:
    """Have the system forget what it remembers of a file."""
    for each in (path, path.with_name(path.name + "-wal")):
        with suppress(FileNotFoundError):
            descriptor = os.open(each, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


class Bench:
    """An open home that is measured."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rng = random.Random(7)
        self.client: FlaskClient | None = None
        self.home, self.settings, self.ledger = open_home(path)
        with self.ledger.read() as connection:
            self.size = extent(connection)

    def anew(self) -> None:
        """Open the ledger as a process does that has just started on a machine that has, too."""
        self.ledger.close()
        forget(self.home.ledger)
        _, _, self.ledger = open_home(self.path)
        self.client = None

    def costs(self) -> Iterator[Cost]:
        for name, step in reading_steps(self.size).items():
            yield self._cost("step", name, lambda step=step: self._reading(step))
        for name, step in writing_steps(self.size).items():
            yield self._cost("step", name, lambda step=step: self._undone(step))
        yield self._cost("commit", "a commit of one row", self._commit)
        for name, address in addresses(self.size, self.rng).items():
            yield self._cost("page", name, lambda address=address: self._page(address()))
        for name, step in long_steps().items():
            yield self._cost("long", name, lambda step=step: self._reading(step))

    def _cost(self, kind: str, name: str, work: Callable[[], float]) -> Cost:
        cold = []
        for _ in range(COLD_TIMES):
            self.anew()
            cold.append(work())
        warm, until = [], time.monotonic() + SECONDS_A_STEP
        while len(warm) < WARM_TIMES and (len(warm) < 2 or time.monotonic() < until):
            warm.append(work())
        warm.sort()
        p95 = warm[min(len(warm) - 1, round(0.95 * len(warm)))]
        return Cost(kind, name, statistics.median(warm), p95, statistics.median(cold))

    def _reading(self, step: Step) -> float:
        with self.ledger.read() as connection:
            return timed(lambda: step(connection, self.rng))

    def _undone(self, step: Step) -> float:
        took = 0.0
        with suppress(_Undone), self.ledger.write() as connection:
            took = timed(lambda: step(connection, self.rng))
            raise _Undone
        return took

    def _commit(self) -> float:
        def one_row() -> None:
            entry = Entry(Event.PAGE_VIEW, "bench", "192.0.2.7", page=1)
            with self.ledger.write() as connection:
                access_log.record(connection, entry, datetime.now(UTC))

        return timed(one_row)

    def _page(self, address: str) -> float:
        if self.client is None:
            self.client = log_in(self)
            # What a process does once, at its first page.
            self.client.get("/users")
        client = self.client
        return timed(lambda: _get(client, address))


def _get(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code in {200, 303}, (address, answer.status_code)


def log_in(bench: "Bench") -> FlaskClient:
    """A browser of somebody who may see everything."""
    drawers = Drawers(1, bench.home.web_scratch, limits(bench.settings))
    parts = web_parts(bench.home, bench.settings, bench.ledger, drawers)
    client = create_app(parts).test_client()
    mark = re.search(r'name="form" value="([^"]+)"', client.get("/login").text)
    assert mark is not None
    fields = {"form": mark[1], "name": ADMIN, "password": PASSWORD}
    assert client.post("/login", data=fields).status_code == 303
    return client


def table(costs: list[Cost]) -> str:
    """The costs as a table, the slowest first."""
    lines = [f"{'kind':8} {'what':40} {'median':>9} {'p95':>9} {'cold':>9}"]
    lines += [
        f"{c.kind:8} {c.name:40} {c.warm_median:9.2f} {c.warm_p95:9.2f} {c.cold:9.1f}"
        for c in sorted(costs, key=lambda cost: -cost.warm_p95)
    ]
    return "\n".join(lines)


def measure(path: Path) -> dict[str, object]:
    """Everything that is known of a filled home afterwards."""
    bench = Bench(path)
    costs = list(bench.costs())
    bench.ledger.close()
    print(table(costs))
    disk = disk_use(bench.home)
    print(json.dumps(disk, indent=1))
    lists = listing_use(path)
    print(json.dumps(lists, indent=1))
    return {
        "size": asdict(bench.size),
        "costs": [asdict(cost) for cost in costs],
        "disk": disk,
        "lists": lists,
    }


def main() -> None:
    options = argparse.ArgumentParser(description="The cost of a million pages.")
    options.add_argument("--pages", type=int, default=1_000_000)
    options.add_argument("--backlog", type=int, default=100_000)
    options.add_argument("--patients", type=int, default=200_000)
    options.add_argument("--home", type=Path, help="kept; used as it is if it is there")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = given.home or Path(scratch) / "home"
        if not path.exists():
            began = time.monotonic()
            make_filled_home(Home(path), Size(given.pages, given.backlog, given.patients))
            print(f"filled in {time.monotonic() - began:.0f} s")
        found = measure(path)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

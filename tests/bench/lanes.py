"""How long a fax of today waits while a migration is being read, and without one.

    python tests/bench/lanes.py [--backlog 2000] [--faxes 12] [--every 6] [--json FILE]

A real service; one-page faxes are dropped into its inbox, one every few seconds. For each: seconds
from the drop to when it was read, filed, and in the search index. First with nothing else to do,
then with so many small pages waiting in the migration lane; the page time is that of the migration
itself, and the index is told of its pages as they are filed.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from backlog import stock  # noqa: E402 - the path comes first
from service import Service  # noqa: E402 - the path comes first
from sheets import NUMBERS, note  # noqa: E402 - the path comes first
from sqlalchemy import exists, func, select  # noqa: E402 - the path comes first

from chartkeeper.records.database import Ledger, open_ledger  # noqa: E402 - the path comes first
from chartkeeper.records.model import Lane, PageState  # noqa: E402 - the path comes first
from chartkeeper.records.schema import index_queue  # noqa: E402 - the path comes first
from chartkeeper.records.schema import pages as page_table  # noqa: E402 - the path comes first
from chartkeeper.records.vault import Vault  # noqa: E402 - the path comes first

PAGES_A_FILE = 20
LOOK_SECONDS = 0.05
LONGEST_SECONDS = 120
STEPS = ("read", "filed", "searchable")


@dataclass(frozen=True, slots=True)
class Course:
    """Seconds from drop to each step, fax by fax, and how the migration went on meanwhile."""

    backlog: int
    read: list[float]
    filed: list[float]
    searchable: list[float]
    migration_pages: int
    seconds: float

    @property
    def page_seconds(self) -> float:
        """Time of one page of the migration in one reader, two at work."""
        return 2 * self.seconds / max(1, self.migration_pages)


def course(folder: Path, backlog: int, faxes: int, every: float) -> Course:
    """Drop the faxes into a service that has so many pages of a migration before it."""
    service = Service(folder / "home", learn_types=False)
    ledger = open_ledger(service.home / "ledger.db")
    stock(ledger, Vault(service.home / "vault"), folder, -(-backlog // PAGES_A_FILE), PAGES_A_FILE)
    service.start()
    try:
        _warm(service, ledger, folder)
        before, began = _read(ledger, Lane.MIGRATION), time.monotonic()
        times = [_fax(service, ledger, folder, number, every) for number in range(faxes)]
        done, seconds = _read(ledger, Lane.MIGRATION) - before, time.monotonic() - began
    finally:
        service.stop()
        ledger.close()
    columns = [list(column) for column in zip(*times, strict=True)]
    return Course(backlog, *columns, migration_pages=done, seconds=seconds)


def _warm(service: Service, ledger: Ledger, folder: Path) -> None:
    """The first page of a service loads its engines: it is not among those that are measured."""
    service.drop(note(folder / "first.png", "first page"))
    _until(lambda: _searchable(ledger) == 1)


def _fax(
    service: Service, ledger: Ledger, folder: Path, number: int, every: float
) -> tuple[float, ...]:
    paper = note(folder / f"fax{number}.png", "Tester, Sam", f"sodium low {NUMBERS[number % 20]}")
    began = time.monotonic()
    service.drop(paper)
    wanted = number + 2
    times = []
    for step in (_read_today, _filed, _searchable):
        _until(lambda step=step: step(ledger) >= wanted)
        times.append(time.monotonic() - began)
    time.sleep(max(0.0, every - (time.monotonic() - began)))
    return tuple(times)


def _until(come: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not come():
        if time.monotonic() > deadline:
            raise AssertionError("a page of today did not get through")
        time.sleep(LOOK_SECONDS)


def _read(ledger: Ledger, lane: Lane) -> int:
    read = (page_table.c.state == PageState.READ.value) & (page_table.c.lane == lane.value)
    with ledger.read() as connection:
        return connection.execute(select(func.count()).where(read)).scalar_one()


def _read_today(ledger: Ledger) -> int:
    return _read(ledger, Lane.DAILY)


def _filed(ledger: Ledger) -> int:
    filed = page_table.c.document_id.is_not(None) & (page_table.c.lane == Lane.DAILY.value)
    with ledger.read() as connection:
        return connection.execute(select(func.count()).where(filed)).scalar_one()


def _searchable(ledger: Ledger) -> int:
    waits = exists().where(index_queue.c.page_id == page_table.c.id)
    filed = page_table.c.document_id.is_not(None) & (page_table.c.lane == Lane.DAILY.value)
    with ledger.read() as connection:
        return connection.execute(select(func.count()).where(filed, ~waits)).scalar_one()


def line(name: str, seconds: Sequence[float]) -> str:
    """Median and worst of some seconds."""
    usual, worst = statistics.median(seconds), max(seconds)
    return f"  drop to {name:11} median {usual:6.2f} s, worst {worst:6.2f} s"


def main() -> None:
    options = argparse.ArgumentParser(description="A fax of today beside a migration.")
    options.add_argument("--backlog", type=int, default=2_000)
    options.add_argument("--faxes", type=int, default=12)
    options.add_argument("--every", type=float, default=6.0)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    found = []
    for backlog in (0, given.backlog):
        with tempfile.TemporaryDirectory() as name:
            seen = course(Path(name), backlog, given.faxes, given.every)
        found.append(seen)
        print(f"{backlog} pages of a migration waiting; {seen.migration_pages} of them were read")
        for step in STEPS:
            print(line(step, getattr(seen, step)))
        if backlog:
            print(f"  one page of the migration: {seen.page_seconds:.2f} s in one reader of two")
    if given.json:
        text = json.dumps([asdict(seen) for seen in found], indent=1)
        given.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

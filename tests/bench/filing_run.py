"""Files through filing as ingest/pipeline.py takes them: pages, documents, decisions.

The one place that knows how the stages are called; it mirrors `file` and `decide` there.
"""

import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filing_cases import ARRIVED
from filing_population import Population

from chartkeeper.filing.claim import wanted_too
from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.decide import file_run
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.fax import missing_pages, questioned
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.filing.split import asked
from chartkeeper.filing.wanted import wanted
from chartkeeper.ingest.runs import Run, runs_of
from chartkeeper.ingest.verdicts import STUMBLED, undecided
from chartkeeper.ocr.page import Page
from chartkeeper.records import patients
from chartkeeper.records.database import Ledger, create_ledger, open_ledger
from chartkeeper.records.model import Filing

IDS_AT_ONCE = 500


@dataclass(frozen=True)
class Desk:
    """What filing needs beside pages; `mrns` gives the number of each patient by id."""

    ledger: Ledger
    rulebook: Rulebook
    mrns: dict[int, str]


@contextmanager
def open_desk(people: Population) -> Iterator[Desk]:
    """A ledger with everybody in it, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        create_ledger(path)
        ledger = open_ledger(path)
        try:
            with ledger.write() as connection:
                for person in people.people.values():
                    patients.save(connection, person)
            yield Desk(ledger, Rulebook(load_doctypes()), _numbers(ledger, people))
        finally:
            ledger.close()


def _numbers(ledger: Ledger, people: Population) -> dict[int, str]:
    found: dict[int, str] = {}
    ids = range(1, len(people.people) + 1)
    with ledger.read() as connection:
        for at in range(0, len(ids), IDS_AT_ONCE):
            part = patients.by_ids(connection, ids[at : at + IDS_AT_ONCE])
            found |= {number: patient.mrn for number, patient in part.items()}
    return found


@dataclass(frozen=True)
class Filed:
    """What became of a scan, in how many seconds; `stumbled` tells where filing crashed, if so."""

    filings: list[Filing]
    seconds: float
    stumbled: str = ""


def file_pages(desk: Desk, pages: Sequence[Page]) -> Filed:
    """The documents of a scan with their decisions; of a crash, one document for a clerk."""
    started, stumbled = time.perf_counter(), ""
    try:
        filings = _file(desk, pages)
    except Exception as error:  # noqa: BLE001 - a crash is a figure, as the service survives it
        stumbled = traceback.format_exception(error)[-2] + repr(error)
        filings = [undecided(1, len(pages), STUMBLED)]
    return Filed(filings, time.perf_counter() - started, stumbled)


def _file(desk: Desk, pages: Sequence[Page]) -> list[Filing]:
    missing = missing_pages(pages)
    # What a fax machine printed over a page is not the document's.
    runs = runs_of([page.body for page in pages], [], desk.rulebook)
    return [questioned(_decide(desk, run), missing) for run in runs]


def _decide(desk: Desk, run: Run) -> Filing:
    clues = read_clues(run.pages)
    with desk.ledger.read() as connection:
        sought = wanted_too(wanted(clues, run.pages), run.claim)
        known = patients.known(connection, sought)
    filing = file_run(run.pages, clues, known, desk.rulebook, ARRIVED, run.unread, claim=run.claim)
    return asked(filing, run.suggestions)

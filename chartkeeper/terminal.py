"""What the commands share: their exit statuses, progress, and their line in the access log."""

import json
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from chartkeeper.index.failures import IndexFailure
from chartkeeper.index.tokens import QueryError
from chartkeeper.ingest.errors import IngestError
from chartkeeper.ocr.errors import MissingProgram
from chartkeeper.reconciliation import ListingUnwritable
from chartkeeper.records.access_log import Entry, Event, record, record_each
from chartkeeper.records.database import Connection, Ledger
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.model import Patient
from chartkeeper.settings import (
    HomeMissing,
    NotAHome,
    SettingsInvalid,
    SettingsLost,
    WrongAccount,
    operator_name,
)
from chartkeeper.webui.errors import WebError

EXIT_PROBLEMS = 4
# A number of an arrival, a batch or a line, as far as the ledger can hold one.
ROW_NUMBER = click.IntRange(0, 10**18)
EXPECTED = (
    HomeMissing,
    NotAHome,
    SettingsInvalid,
    SettingsLost,
    WrongAccount,
    RecordsError,
    IngestError,
    IndexFailure,
    QueryError,
    MissingProgram,
    ListingUnwritable,
    WebError,
)


def account_for(ledger: Ledger, event: Event, **detail: object) -> int:
    """Write into the access log what is about to be shown at the command line; its number."""
    with ledger.write() as connection:
        return account_in(connection, event, **detail)


def account_for_shown(
    ledger: Ledger, event: Event, people: Iterable[Patient], shown_in: int
) -> None:
    """Write down each patient who is about to be shown in the list of entry `shown_in`.

    Whoever asks later who saw a patient finds the lists among the answers.
    """
    whole = _entry(event, {"shown_in": shown_in})
    each = [replace(whole, patient_id=patient.id, mrn=patient.mrn) for patient in people]
    if each:
        with ledger.write() as connection:
            record_each(connection, each, datetime.now(UTC))


def account_in(connection: Connection, event: Event, **detail: object) -> int:
    """Write what is done at the command line into the access log, with the deed or not at all."""
    return record(connection, _entry(event, detail), datetime.now(UTC))


def account_for_patient(
    connection: Connection, event: Event, patient: Patient, detail: Mapping[str, object]
) -> None:
    """The same for what is done with one patient's chart."""
    entry = replace(_entry(event, detail), patient_id=patient.id, mrn=patient.mrn)
    record(connection, entry, datetime.now(UTC))


def _entry(event: Event, detail: Mapping[str, object]) -> Entry:
    return Entry(event, actor=f"cli:{operator_name()}", address="local", detail=detail)


def line_for(home: Path, command: str) -> str:
    """What to type for a command on a home, whatever the home's name."""
    return shlex.join(["chartkeeper", "--home", str(home), command])


def print_json(line: Mapping[str, object]) -> None:
    """One value as one line of JSON; dates as ISO text."""
    click.echo(json.dumps(dict(line), ensure_ascii=False, default=str))


@contextmanager
def originals_bar(length: int) -> Iterator[Callable[[int], None]]:
    """Progress for people; a number of originals that is not known shows nothing."""
    if not length:
        yield lambda _number: None
        return
    with click.progressbar(length=length, label="originals", file=sys.stderr) as bar:
        yield bar.update


def size_in_words(count: int) -> str:
    """So many bytes, in the unit that people would take."""
    size = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"

"""What the commands share: their exit statuses, progress, and their line in the access log."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import click

from chartkeeper.index.failures import IndexFailure
from chartkeeper.index.language import QueryError
from chartkeeper.ingest.errors import IngestError
from chartkeeper.ocr.errors import MissingProgram
from chartkeeper.reconciliation import ListingUnwritable
from chartkeeper.records.access_log import Entry, Event, record
from chartkeeper.records.database import Connection, Ledger
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.model import Patient
from chartkeeper.settings import HomeMissing, NotAHome, SettingsInvalid, operator_name
from chartkeeper.webui.errors import WebError

EXIT_PROBLEMS = 4
EXPECTED = (
    HomeMissing,
    NotAHome,
    SettingsInvalid,
    RecordsError,
    IngestError,
    IndexFailure,
    QueryError,
    MissingProgram,
    ListingUnwritable,
    WebError,
)


def account_for(ledger: Ledger, event: Event, **detail: object) -> None:
    """Write into the access log what is about to be shown at the command line."""
    with ledger.write() as connection:
        account_in(connection, event, **detail)


def account_in(connection: Connection, event: Event, **detail: object) -> None:
    """Write what is done at the command line into the access log, with the deed or not at all."""
    record(connection, _entry(event, detail), datetime.now(UTC))


def account_for_patient(
    connection: Connection, event: Event, patient: Patient, detail: Mapping[str, object]
) -> None:
    """The same for what is done with one patient's chart."""
    entry = replace(_entry(event, detail), patient_id=patient.id, mrn=patient.mrn)
    record(connection, entry, datetime.now(UTC))


def _entry(event: Event, detail: Mapping[str, object]) -> Entry:
    return Entry(event, actor=f"cli:{operator_name()}", address="local", detail=detail)


def print_json(line: Mapping[str, object]) -> None:
    """One value as one line of JSON; dates as ISO text."""
    click.echo(json.dumps(dict(line), ensure_ascii=False, default=str))

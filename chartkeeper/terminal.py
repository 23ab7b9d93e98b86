"""What the commands share: their exit statuses, progress, and their line in the access log."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import click

from chartkeeper.index.failures import IndexFailure
from chartkeeper.index.language import QueryError
from chartkeeper.ingest.errors import IngestError
from chartkeeper.ocr.errors import MissingProgram
from chartkeeper.records.access_log import Entry, Event, record
from chartkeeper.records.database import Connection, Ledger
from chartkeeper.records.errors import RecordsError
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
    WebError,
)


def account_for(ledger: Ledger, event: Event, **detail: object) -> None:
    """Write into the access log what is about to be shown at the command line."""
    with ledger.write() as connection:
        account_in(connection, event, **detail)


def account_in(connection: Connection, event: Event, **detail: object) -> None:
    """Write what is done at the command line into the access log, with the deed or not at all."""
    entry = Entry(event, actor=f"cli:{operator_name()}", address="local", detail=detail)
    record(connection, entry, datetime.now(UTC))


def print_json(line: Mapping[str, object]) -> None:
    """One value as one line of JSON; dates as ISO text."""
    click.echo(json.dumps(dict(line), ensure_ascii=False, default=str))

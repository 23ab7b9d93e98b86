"""Commands about imports that were run: listed, reported, excused, closed."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from chartkeeper.home import open_home
from chartkeeper.plain import plain
from chartkeeper.reconciliation import table, write_exceptions
from chartkeeper.records import batch_closing, batch_report
from chartkeeper.records import batches as ledger_batches
from chartkeeper.records.access_log import Event
from chartkeeper.records.batches import Batch
from chartkeeper.records.database import Ledger
from chartkeeper.records.errors import BatchIncomplete, NothingToExcuse
from chartkeeper.settings import operator_name
from chartkeeper.terminal import ROW_NUMBER, account_for, account_in, print_json

BATCHES_SHOWN = 200
LINES_AT_ONCE = 100


@click.group(invoke_without_command=True)
@click.pass_context
def batches(context: click.Context) -> None:
    """List imports; with a command: their reports, excuses, and closing them."""
    if context.invoked_subcommand:
        return
    _, _, ledger = open_home(context.obj)
    account_for(ledger, Event.LIST_VIEW, list="batches")
    with ledger.read() as connection:
        for batch in ledger_batches.newest(connection, BATCHES_SHOWN):
            counts = ledger_batches.counts(connection, batch.id)
            files = ", ".join(f"{state.value} {n:,}" for state, n in counts.items() if n)
            began = batch.started_at.date().isoformat()
            click.echo(f"{batch.id}\t{began}\t{_standing(batch)}\t{plain(batch.name)}\t{files}")


@batches.command("report")
@click.argument("batch_id", metavar="ID", type=ROW_NUMBER)
@click.option(
    "--format", "form", type=click.Choice(["table", "jsonl", "csv"]), default="table",
    show_default=True,
)  # fmt: skip
@click.pass_obj
def batches_report(path: Path, batch_id: int, form: str) -> None:
    """Reconcile an import: each file and page in one column, by box.

    `table` and `jsonl` give the boxes, `csv` the lines of which there is something to say.
    """
    _, _, ledger = open_home(path)
    account_for(ledger, Event.LIST_VIEW, list="batch", batch=batch_id, format=form)
    with ledger.read() as connection:
        boxes = batch_report.reconcile(connection, batch_id)
        if form == "csv":
            write_exceptions(batch_report.exceptions(connection, batch_id), sys.stdout)
            return
        if form == "jsonl":
            for box in boxes:
                print_json(box.line())
            return
        for text in table(boxes):
            click.echo(text)
        lacking = batch_closing.lacking(connection, batch_id)
        click.echo(f"cannot be closed: {lacking}" if lacking else "nothing is missing")


def _ranges(
    context: click.Context, parameter: click.Parameter, written: tuple[str, ...]
) -> list[tuple[int, int]]:
    """The first and the last of each; one line by its number is both."""
    found = []
    for text in written:
        first, dash, last = text.partition("-")
        ends = (ROW_NUMBER(end, parameter, context) for end in (first, last if dash else first))
        found.append((next(ends), next(ends)))
    return found


@batches.command("excuse")
@click.argument("batch_id", metavar="ID", type=ROW_NUMBER)
@click.argument("lines", metavar="LINE...", nargs=-1, required=True, callback=_ranges)
@click.option("--reason", required=True, help="Why the line need not be complete.")
@click.pass_obj
def batches_excuse(path: Path, batch_id: int, lines: list[tuple[int, int]], reason: str) -> None:
    """Account for lines that stay missing, refused or incomplete, so that their batch can close.

    LINE is a line's number, or FIRST-LAST: all of these of which something is lacking.
    """
    _, _, ledger = open_home(path)
    for first, last in lines:
        if first == last:
            _excuse(ledger, batch_id, [first], reason)
            click.echo(f"line {first} of batch {batch_id} is accounted for")
        else:
            number = _excuse_all(ledger, batch_id, first, last, reason)
            click.echo(f"{number} of lines {first}-{last} of batch {batch_id} are accounted for")


def _excuse(ledger: Ledger, batch_id: int, lines: list[int], reason: str) -> None:
    by, now = f"cli:{operator_name()}", datetime.now(UTC)
    with ledger.write() as connection:
        for line in lines:
            batch_closing.excuse(connection, batch_id, line, reason, by, now)
            account_in(connection, Event.BATCH_EXCUSED, batch=batch_id, line=line, reason=reason)


def _excuse_all(ledger: Ledger, batch_id: int, first: int, last: int, reason: str) -> int:
    """Account for what is lacking of the lines, a few at a time; returns how many there were."""
    number, begin = 0, first
    while begin <= last:
        with ledger.read() as connection:
            some = batch_closing.excusable(connection, batch_id, begin, last, LINES_AT_ONCE)
        if not some:
            break
        _excuse(ledger, batch_id, some, reason)
        number, begin = number + len(some), some[-1] + 1
    if not number:
        raise NothingToExcuse(batch_id, first)
    return number


@batches.command("close")
@click.argument("batch_id", metavar="ID", type=ROW_NUMBER)
@click.pass_obj
def batches_close(path: Path, batch_id: int) -> None:
    """Close an import for good; refused while a page is missing, unread or unaccounted for."""
    _, _, ledger = open_home(path)
    by, now = f"cli:{operator_name()}", datetime.now(UTC)
    with ledger.write() as connection:
        lacking = batch_closing.close(connection, batch_id, by, now)
        detail = {"batch": batch_id, "lacking": lacking}
        account_in(connection, Event.BATCH_CLOSED, **detail)
    if lacking:
        raise BatchIncomplete(batch_id, lacking)
    click.echo(f"batch {batch_id} is closed")


def _standing(batch: Batch) -> str:
    if batch.closed_at:
        return "closed"
    return "read in" if batch.finished_at else "not finished"

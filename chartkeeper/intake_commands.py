"""Commands for what arrived: trying again what could not be used."""

import sys
from pathlib import Path

import click

from chartkeeper.folders import Home
from chartkeeper.home import inbox_folders, open_home
from chartkeeper.ingest.errors import refusal_in_words
from chartkeeper.records import arrivals, retrying
from chartkeeper.records.access_log import Event
from chartkeeper.records.database import Ledger
from chartkeeper.records.retrying import Failure
from chartkeeper.terminal import EXIT_PROBLEMS, ROW_NUMBER, account_for

NOTHING = (
    "nothing to try again: all of it is read or being read, or it was refused and its file is not "
    "in the failed folder"
)


@click.command()
@click.argument("arrival", nargs=-1, type=ROW_NUMBER)
@click.option("--all", "every", is_flag=True, help="Every file that could not be used or read.")
@click.pass_obj
def retry(path: Path, arrival: tuple[int, ...], *, every: bool) -> None:
    """Try again files that could not be used, by their arrival numbers.

    Of a file that is filed, the pages are read again that could not be read; what people decided
    stays. The number stands before the name in the failed folder. Without numbers and without --all
    the files are only listed.
    """
    if arrival and every:
        raise click.UsageError("Give numbers or --all, not both.")
    home, settings, ledger = open_home(path)
    found = _wanted(ledger, home.failed, arrival)
    if not arrival and not every:
        _list(ledger, found)
        return
    folders = inbox_folders(home, settings)
    done = sum(_try_again(ledger, failure, home, folders) for failure in found)
    click.echo(f"{done} files are being tried again")
    given_up = [number for number in arrival if number not in {one.arrival.id for one in found}]
    for number in given_up:
        click.echo(f"{number}: {NOTHING}", err=True)
    if given_up or done < len(found):
        sys.exit(EXIT_PROBLEMS)


def _wanted(ledger: Ledger, failed: Path, numbers: tuple[int, ...]) -> list[Failure]:
    with ledger.read() as connection:
        if not numbers:
            return retrying.failures(connection, failed)
        found = (retrying.failure_of(connection, failed, number) for number in set(numbers))
        return [failure for failure in found if failure]


def _try_again(ledger: Ledger, failure: Failure, home: Home, folders: dict[str, Path]) -> bool:
    """Whether a file is being tried again; the others are in any case."""
    number = failure.arrival.id
    account_for(ledger, Event.INTAKE_RETRY, arrival=number)
    try:
        return retrying.try_again(ledger, failure, home.failed, folders, home.inbox)
    except OSError as error:
        click.echo(f"{number}: {refusal_in_words(error)}", err=True)
        return False


def _list(ledger: Ledger, found: list[Failure]) -> None:
    account_for(
        ledger, Event.LIST_VIEW, list="failures", arrivals=[one.arrival.id for one in found]
    )
    for failure in found:
        click.echo(f"{failure.arrival.id:06d}  {failure.arrival.name!r}  {failure.reason}")
    click.echo(
        f"{len(found)} files could not be used or read; try them again with their numbers or --all"
    )
    with ledger.read() as connection:
        imported = arrivals.count_refused_by_imports(connection)
    if imported:
        click.echo(
            f"{imported} more were refused by imports and lie where they were found; mend them, "
            "then run the import again"
        )

"""Commands about the home as a whole: init, status."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from chartkeeper.folders import Home
from chartkeeper.home import make_home, open_home
from chartkeeper.ingest.locks import is_at_work
from chartkeeper.records import accounts
from chartkeeper.records.access_log import Event
from chartkeeper.records.database import Ledger, open_ledger
from chartkeeper.records.errors import PasswordMissing, PasswordNotText
from chartkeeper.records.model import Role
from chartkeeper.records.work import progress
from chartkeeper.terminal import account_in, line_for


@click.command()
@click.option("--admin", metavar="NAME", help="The first administrator's account name.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def init(path: Path, admin: str | None, *, password_stdin: bool) -> None:
    """Make a home and an administrator; bring an older home up to date.

    Asks for the name and the password where they are not given.
    """
    home = Home(path)
    new = make_home(home)
    ledger = open_ledger(home.ledger)
    with ledger.read() as connection:
        has_accounts = bool(accounts.all_users(connection))
    if admin or not has_accounts:
        name = admin or click.prompt("Administrator's name")
        _add_administrator(ledger, name, ask_password(from_stdin=password_stdin))
    click.echo(f"{'Made' if new else 'Brought up to date:'} {path}")
    click.echo(f"Settings: {path / 'chartkeeper.toml'}. Start with: {line_for(path, 'serve')}")


def _add_administrator(ledger: Ledger, name: str, password: str) -> None:
    with ledger.write() as connection:
        accounts.add_user(connection, name, Role.ADMINISTRATOR, password)
        account_in(connection, Event.USER_ADDED, user=name, role=Role.ADMINISTRATOR.value)


def ask_password(*, from_stdin: bool) -> str:
    """A new password, from standard input (its first line) or typed twice.

    Raises PasswordNotText, PasswordMissing.
    """
    if from_stdin:
        try:
            return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise PasswordNotText from None
    try:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    except click.Abort:
        # The input came to its end; a stop by hand ends the program itself.
        raise PasswordMissing from None


@click.command()
@click.pass_obj
def status(path: Path) -> None:
    """Say how far the work is."""
    home, _, ledger = open_home(path)
    with ledger.read() as connection:
        now = progress(connection)
    click.echo(f"files: {_counts(now.arrivals)}")
    click.echo(f"pages: {_counts(now.pages)}")
    click.echo(f"documents: {_counts(now.documents)}")
    click.echo(f"pages not yet in the index: {now.unindexed}")
    click.echo("nothing left to do" if now.idle else _who_works(home))


def _who_works(home: Home) -> str:
    if any(is_at_work(home.locks, part) for part in ("worker-", "import")):
        return "at work"
    return f"nobody is at work. Start the service: {line_for(home.path, 'serve')}"


def _counts(by_state: Mapping[Any, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in by_state.items())

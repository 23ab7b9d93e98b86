"""Commands about the home as a whole: init, status, reindex, doctor."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from chartkeeper.folders import Home
from chartkeeper.home import inbox_folders, make_desk, make_home, open_home, refuse_losses
from chartkeeper.ingest.indexing import rebuild_index
from chartkeeper.ingest.locks import is_at_work
from chartkeeper.ocr import resident
from chartkeeper.ocr.confine import can_leave_network
from chartkeeper.ocr.engines import FirstEngine
from chartkeeper.ocr.errors import MissingProgram
from chartkeeper.ocr.programs import check_extras, check_programs
from chartkeeper.records import accounts, outbox
from chartkeeper.records.access_log import Event
from chartkeeper.records.database import Ledger, open_ledger
from chartkeeper.records.errors import PasswordNotText, RecordsError
from chartkeeper.records.model import Role
from chartkeeper.records.work import progress
from chartkeeper.settings import HomeMissing, Settings, load_settings
from chartkeeper.terminal import EXIT_PROBLEMS, account_in


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
    click.echo(
        f"Settings: {path / 'chartkeeper.toml'}. Start with: chartkeeper --home {path} serve"
    )


def _add_administrator(ledger: Ledger, name: str, password: str) -> None:
    with ledger.write() as connection:
        accounts.add_user(connection, name, Role.ADMINISTRATOR, password)
        account_in(connection, Event.USER_ADDED, user=name, role=Role.ADMINISTRATOR.value)


def ask_password(*, from_stdin: bool) -> str:
    """A new password, from standard input (its first line) or typed twice.

    Raises PasswordNotText.
    """
    if from_stdin:
        try:
            return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise PasswordNotText from None
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


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
    return f"nobody is at work. Start the service: chartkeeper --home {home.path} serve"


def _counts(by_state: Mapping[Any, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in by_state.items())


@click.command()
@click.pass_obj
def reindex(path: Path) -> None:
    """Build the search index anew beside the live one and switch to it.

    Searches go on meanwhile.
    """
    desk = make_desk(*open_home(path))
    with desk.ledger.read() as connection:
        total = outbox.count_belonging(connection)
    done = 0
    with click.progressbar(length=total, label="pages", file=sys.stderr) as bar:
        for now in rebuild_index(desk):
            bar.update(now - done)
            done = now
    click.echo(f"{done} pages in the new index")


@click.command()
@click.pass_obj
def doctor(path: Path) -> None:
    """Check the programs and the home, and name what mends each fault."""
    faults = [*_program_faults(), *_home_faults(path)]
    for extra in check_extras():
        remedy = f"not installed; {extra.gives}: {extra.install}"
        click.echo(f"{extra.name} (optional): {extra.version or remedy}")
    for fault in faults:
        click.echo(f"fault: {fault}")
    if faults:
        sys.exit(EXIT_PROBLEMS)
    click.echo("all is well")


def _program_faults() -> list[str]:
    faults = []
    for program in check_programs():
        lacking = "does not run" if program.broken else "missing"
        click.echo(f"{program.name}: {program.version or lacking}")
        if program.broken:
            again = program.install.replace(" install ", " install --reinstall ")
            faults.append(
                f"{program.name} does not run: a part of it is missing, or it does not answer. "
                f"Install it anew with: {again}"
            )
        elif program.version is None:
            faults.append(f"{program.name} is missing. Install it with: {program.install}")
    return faults


def _home_faults(path: Path) -> list[str]:
    home = Home(path)
    try:
        settings = load_settings(path)
    except HomeMissing as error:
        return [str(error)]
    click.echo(f"home: {path}")
    children = "without a network" if can_leave_network() else "with the machine's network"
    click.echo(f"what parses files works {children}")
    folders = (home.inbox, home.failed, home.index, home.locks.parent)
    missing = [folder.name for folder in folders if not folder.is_dir()]
    faults = [f"{name}/ is missing. Restore it, or run: chartkeeper init" for name in missing]
    inboxes = inbox_folders(home, settings)
    return [*faults, *_engine_faults(settings), *_record_faults(home), *_inbox_faults(inboxes)]


def _engine_faults(settings: Settings) -> list[str]:
    if settings.engine != FirstEngine.TESSEROCR or resident.is_installed():
        return []
    missing = MissingProgram("tesserocr", resident.INSTALL)
    return [f'{missing} Or have the one read that is there: engine = "auto" in the settings.']


def _record_faults(home: Home) -> list[str]:
    try:
        refuse_losses(home)
        open_ledger(home.ledger).close()
    except RecordsError as error:
        return [str(error)]
    if not home.vault.is_dir():
        return ["vault/ is missing. Connect its disk or share; for a new home: chartkeeper init"]
    return []


def _inbox_faults(inboxes: Mapping[str, Path]) -> list[str]:
    return [
        f"Inbox {name!r} cannot be used. Check its disk or share, and give the service's account "
        "the right to create, rename and delete in it."
        for name, folder in inboxes.items()
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK)
    ]

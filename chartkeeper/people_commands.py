"""Commands about people: accounts, and the log of who looked at what."""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from chartkeeper.anchors import last_anchor
from chartkeeper.home import open_home
from chartkeeper.home_commands import ask_password
from chartkeeper.plain import plain
from chartkeeper.records import accounts, keeping
from chartkeeper.records import patients as patient_index
from chartkeeper.records import verify as checks
from chartkeeper.records.access_log import (
    Event,
    LoggedEntry,
    Wanted,
    emergency_of,
    entries,
    export,
)
from chartkeeper.records.database import Ledger
from chartkeeper.records.errors import UnknownPatient
from chartkeeper.records.fhir import audit_event
from chartkeeper.records.model import Role
from chartkeeper.terminal import (
    EXIT_PROBLEMS,
    ROW_NUMBER,
    account_for_patient,
    account_in,
    print_json,
)

REPORT_ENTRIES_AT_ONCE = 500

password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group()
def users() -> None:
    """Accounts: who may log in."""


@users.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.STAFF.value,
    show_default=True,
)
@click.option("--restricted", is_flag=True, help="Opens what is restricted.")
@password_option
@click.pass_obj
def users_add(path: Path, name: str, role: str, *, restricted: bool, password_stdin: bool) -> None:
    """Open an account."""
    _, _, ledger = open_home(path)
    password = ask_password(from_stdin=password_stdin)
    with ledger.write() as connection:
        accounts.add_user(connection, name, Role(role), password)
        accounts.change_right(connection, name, restricted=restricted)
        account_in(connection, Event.USER_ADDED, user=name, role=role, restricted=restricted)
    click.echo(f"added {name} ({role})")


@users.command("disable")
@click.argument("name")
@click.pass_obj
def users_disable(path: Path, name: str) -> None:
    """Close an account; whoever is logged in with it is logged out."""
    _, _, ledger = open_home(path)
    with ledger.write() as connection:
        accounts.disable_user(connection, name)
        account_in(connection, Event.USER_DISABLED, user=name)
    click.echo(f"disabled {name}")


@users.command("reset")
@click.argument("name")
@password_option
@click.pass_obj
def users_reset(path: Path, name: str, *, password_stdin: bool) -> None:
    """Give an account a new password and open it again."""
    _, _, ledger = open_home(path)
    password = ask_password(from_stdin=password_stdin)
    with ledger.write() as connection:
        accounts.reset_user(connection, name, password)
        account_in(connection, Event.USER_RESET, user=name)
    click.echo(f"new password for {name}")


@users.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.pass_obj
def users_role(path: Path, name: str, role: str) -> None:
    """Give an account another role; it holds at once."""
    _, _, ledger = open_home(path)
    with ledger.write() as connection:
        before = accounts.change_role(connection, name, Role(role))
        account_in(connection, Event.USER_ROLE, user=name, role=[before.value, role])
    click.echo(f"{name} is {role}, and was {before.value}")


@users.command("restricted")
@click.argument("name")
@click.argument("may", type=click.Choice(["yes", "no"]))
@click.pass_obj
def users_restricted(path: Path, name: str, may: str) -> None:
    """Let an account open what is restricted, or no longer; it holds at once."""
    _, _, ledger = open_home(path)
    wanted = may == "yes"
    with ledger.write() as connection:
        before = accounts.change_right(connection, name, restricted=wanted)
        account_in(connection, Event.USER_RIGHT, user=name, restricted=[before, wanted])
    click.echo(f"{name} {'opens' if wanted else 'does not open'} what is restricted")


@users.command("list")
@click.pass_obj
def users_list(path: Path) -> None:
    """List the accounts."""
    _, _, ledger = open_home(path)
    with ledger.read() as connection:
        for user in accounts.all_users(connection):
            state = "disabled" if user.disabled else "open"
            right = ["restricted"] if user.restricted else []
            click.echo("\t".join([user.name, user.role, state, *right]))


@click.group()
def audit() -> None:
    """The access log: who saw whom, as a report, as files, and whether it is intact."""


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--user", help="Only what this account did."),
        click.option("--mrn", help="Only what touched this patient."),
        click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on (UTC)."),
        click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="To this day (UTC)."),
    ):
        command = option(command)
    return command


@audit.command("report")
@click.pass_obj
@_filters
def audit_report(path: Path, /, **filters: object) -> None:
    """Show entries of the access log, newest first."""
    _, _, ledger = open_home(path)
    wanted = _wanted(ledger, Event.LOG_VIEW, filters)
    before = None
    while batch := _batch(ledger, wanted, before):
        before = batch[-1].seq
        for item in batch:
            click.echo(_entry_row(item))


@audit.command("export")
@click.pass_obj
@_filters
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "fhir"]), default="jsonl", show_default=True
)
def audit_export(path: Path, /, form: str, **filters: object) -> None:
    """Write entries as JSON lines, with their hashes, or as FHIR R4 AuditEvent resources."""
    _, _, ledger = open_home(path)
    wanted = _wanted(ledger, Event.LOG_EXPORT, filters, format=form)
    with ledger.read() as connection:
        for entry in export(connection, wanted):
            print_json(audit_event(entry) if form == "fhir" else entry)


@audit.command("verify")
@click.option(
    "--noted",
    type=(ROW_NUMBER, str),
    metavar="NUMBER HASH",
    help="An entry as the service's log tells it, which must still be there.",
)
@click.pass_obj
def audit_verify(path: Path, noted: tuple[int, str] | None) -> None:
    """Check the chain of the access log; ends with status 4 if it was tampered with."""
    home, _, ledger = open_home(path)
    with ledger.read() as connection:
        anchor, problems = last_anchor(home, noted=keeping.was_good_once(connection))
        problems += checks.verify_access_log(connection, anchor)
        problems += checks.verify_noted(connection, noted) if noted else []
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(EXIT_PROBLEMS)
    click.echo("the access log is intact")


def _wanted(
    ledger: Ledger, event: Event, filters: Mapping[str, object], **detail: object
) -> Wanted:
    """What the filters ask for, after noting that it is asked, and of which patient."""
    mrn = filters["mrn"]
    with ledger.write() as connection:
        patient = patient_index.by_mrn(connection, str(mrn)) if mrn is not None else None
        if mrn is not None and patient is None:
            raise UnknownPatient
        if patient is None:
            account_in(connection, event, **detail, **filters)
        else:
            account_for_patient(connection, event, patient, {**detail, **filters})
    rest = {name: value for name, value in filters.items() if name != "mrn"}
    return _chosen(patient and patient.id, **rest)  # type: ignore[arg-type]  # as _filters asks


def _chosen(
    patient_id: int | None, user: str | None, since: datetime | None, until: datetime | None
) -> Wanted:
    return Wanted(
        actor=user,
        patient_id=patient_id,
        since=since and _moment(since.date(), time.min),
        before=until and _moment(until.date(), time.max),
    )


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=UTC)


def _batch(ledger: Ledger, wanted: Wanted, before: int | None) -> list[LoggedEntry]:
    with ledger.read() as connection:
        return entries(connection, wanted, REPORT_ENTRIES_AT_ONCE, before)


def _entry_row(item: LoggedEntry) -> str:
    entry = item.entry
    what = [
        f"{name}={plain(value)}"
        for name, value in (
            ("mrn", entry.mrn),
            ("document", entry.document_id),
            ("page", entry.page),
            ("emergency", emergency_of(entry.detail)),
        )
        if value is not None
    ]
    moment = item.at.isoformat(timespec="seconds")
    # Who failed to log in has typed what he liked.
    who, where = plain(entry.actor), plain(entry.address)
    return "\t".join([str(item.seq), moment, who, where, entry.event, entry.outcome, *what])

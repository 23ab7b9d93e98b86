"""The command that proves that nothing was lost: verify."""

import sys
from pathlib import Path

import click

from chartkeeper.home import inbox_folders, open_home
from chartkeeper.records import fixity
from chartkeeper.records.keeping import Kind
from chartkeeper.terminal import EXIT_PROBLEMS, originals_bar, size_in_words
from chartkeeper.verification import Depth, Report, verify_home


@click.command()
@click.option(
    "--incremental",
    is_flag=True,
    help="Read only originals that are new, then those not read for longest.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0),
    help="For how long those not read for longest are read; else verify_minutes of the settings.",
)
@click.pass_obj
def verify(path: Path, minutes: float | None, *, incremental: bool) -> None:
    """Prove that nothing was lost: originals, ledger, index, access log and folders.

    Reads every original again, unless --incremental. May run beside the service. What is found is
    kept and shown on the status page. Ends with status 4 if anything is off.
    """
    home, settings, ledger = open_home(path)
    minutes = settings.verify_minutes if minutes is None else minutes
    depth = Depth(Kind.INCREMENTAL, minutes) if incremental else Depth()
    with ledger.read() as connection:
        number, _ = fixity.totals(connection)
    with originals_bar(0 if incremental else number) as tell:
        report = verify_home(home, inbox_folders(home, settings), ledger, depth, tell)
    _say(report)


def _say(report: Report) -> None:
    run = report.run
    for finding in report.findings:
        click.echo(str(finding))
    if run.findings:
        kept = len(report.findings)
        more = f", of which the first {kept} are named" if run.findings > kept else ""
        click.echo(f"{run.findings} problem(s) found{more}", err=True)
        sys.exit(EXIT_PROBLEMS)
    still = f"; {report.unfinished} arrivals or pages are still on their way"
    seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else 0
    read = f"{run.originals:,} originals read again ({size_in_words(run.bytes)}) in {seconds:.0f} s"
    click.echo(f"all is well{still if report.unfinished else ''}; {read}")

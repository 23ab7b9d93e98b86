"""The command line: `chartkeeper --home DIR COMMAND`."""

import sys
from pathlib import Path

import click

from chartkeeper import __version__
from chartkeeper.chart_commands import documents, import_, patients, search
from chartkeeper.home_commands import doctor, init, reindex, status, verify
from chartkeeper.people_commands import audit, users
from chartkeeper.serve_commands import serve, watch, web, worker
from chartkeeper.settings import home_from_environment, quiet_engines
from chartkeeper.terminal import EXIT_EXPECTED, EXPECTED

EPILOG = """
Exit status: 0 done; 1 unexpected failure; 2 wrong usage; 3 a failure that the message explains;
4 verify, audit verify or doctor found something wrong.
"""


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: home_from_environment() or ".",
    show_default="CHARTKEEPER_HOME, else this folder",
    help="The folder with everything that the service owns.",
)
@click.version_option(__version__, prog_name="chartkeeper")
@click.pass_context
def cli(context: click.Context, home: Path) -> None:
    """Read, file and search scanned and faxed charts, and account for every look at them."""
    context.obj = home.absolute()


for command in (
    *(init, serve, watch, worker, web, import_, patients, documents, search),
    *(reindex, verify, audit, users, status, doctor),
):
    cli.add_command(command)


def main() -> None:
    """Run a command; expected failures end with their message and EXIT_EXPECTED."""
    quiet_engines()
    try:
        cli(prog_name="chartkeeper")
    except EXPECTED as error:
        click.echo(f"chartkeeper: {error}", err=True)
        sys.exit(EXIT_EXPECTED)


if __name__ == "__main__":
    main()

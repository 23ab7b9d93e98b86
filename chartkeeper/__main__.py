"""The command line: `chartkeeper --home DIR COMMAND`."""

import os
import resource
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path
from types import FrameType, TracebackType

import click

from chartkeeper import __version__
from chartkeeper.ingest.errors import refusal_in_words
from chartkeeper.ingest.guard import say_places_only
from chartkeeper.settings import home_from_environment, quiet_engines

EPILOG = """
Exit status: 0 done; 1 unexpected failure; 2 wrong usage; 3 a failure that the message explains;
4 verify, audit verify or doctor found something wrong, or a row or file was rejected;
130 stopped by Ctrl-C.
"""
EXIT_USAGE = 2
EXIT_EXPECTED = 3
EXIT_STOPPED = 130
NOT_TEXT = "An argument holds bytes that are not UTF-8. Type it again, in a terminal set to UTF-8."
UNEXPECTED = (
    "A fault of the program ended the command. What was done until then stays. Tell whoever looks "
    "after the program what stands above; it holds nothing of a chart."
)
# Where each command lives; a module is loaded when its command is asked for.
COMMANDS = {
    "init": "home_commands",
    "serve": "serve_commands",
    "watch": "serve_commands",
    "worker": "serve_commands",
    "web": "serve_commands",
    "bind": "bind_commands",
    "import": "import_commands",
    "batches": "batch_commands",
    "retry": "intake_commands",
    "patients": "patient_commands",
    "documents": "chart_commands",
    "search": "chart_commands",
    "reindex": "keeping_commands",
    "verify": "verify_commands",
    "backup": "keeping_commands",
    "restore": "keeping_commands",
    "audit": "people_commands",
    "users": "people_commands",
    "status": "home_commands",
    "doctor": "doctor_commands",
}


class Commands(click.Group):
    """The commands by name, in the order of a home's life."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Every command's name."""
        del context
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of this name, loaded now."""
        del context
        if name not in COMMANDS:
            return None
        module = import_module(f"chartkeeper.{COMMANDS[name]}")
        # `import` is a word of the language; its function has an underscore behind.
        command: click.Command = getattr(module, "import_" if name == "import" else name)
        return command


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
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


def _expected() -> tuple[type[Exception], ...]:
    # Looked up only when something fails: the names alone would load half of the program.
    kinds: tuple[type[Exception], ...] = import_module("chartkeeper.terminal").EXPECTED
    return kinds


def _is_not_text(argument: str) -> bool:
    try:
        argument.encode()
    except UnicodeEncodeError:
        return True
    return False


def _stop_at_ctrl_c() -> None:
    """A stop by hand has a status of its own; click would make it an unexpected failure."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        os.write(sys.stderr.fileno(), b"\nstopped\n")
        sys.exit(EXIT_STOPPED)

    # Whoever started this without it, as a shell does in the background, wants no stop.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, stop)


def _say_places(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say where an unexpected failure was met, and never its message: that could hold a chart."""
    places = "".join(traceback.format_tb(trace))
    # What cannot be imported is a name of ours, or of a package that is missing.
    what = f"{kind.__name__}: {error}" if issubclass(kind, ImportError) else kind.__name__
    click.echo(f"Traceback (most recent call last):\n{places}{what}", err=True)
    click.echo(f"chartkeeper: {UNEXPECTED}", err=True)


def _keep_to_the_account() -> None:
    """Files made from now on are for this account alone, and no core is written: all hold charts.

    Programs that are started inherit it.
    """
    os.umask(0o077)
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    # 0 would leave a core to a program that collects them (core(5)); 1 gives nobody any.
    size = 0 if hard == 0 else 1
    resource.setrlimit(resource.RLIMIT_CORE, (size, size))


def main() -> None:
    """Run a command; expected failures end with their message and their own status."""
    _keep_to_the_account()
    sys.excepthook = _say_places
    say_places_only()
    _stop_at_ctrl_c()
    quiet_engines()
    try:
        cli(prog_name="chartkeeper")
    except _expected() as error:
        click.echo(f"chartkeeper: {error}", err=True)
        sys.exit(EXIT_EXPECTED)
    except UnicodeEncodeError:
        if not any(map(_is_not_text, sys.argv)):
            raise
        click.echo(f"chartkeeper: {NOT_TEXT}", err=True)
        sys.exit(EXIT_USAGE)
    except OSError as error:
        # The system's own message, and a traceback with it, could hold the name of a chart.
        click.echo(f"chartkeeper: {refusal_in_words(error)}", err=True)
        sys.exit(EXIT_EXPECTED)


if __name__ == "__main__":
    main()

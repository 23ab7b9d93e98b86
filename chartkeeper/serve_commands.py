"""Commands that run the service, whole or in parts."""

import time
from pathlib import Path

import click

from chartkeeper.folders import Home, make_folders
from chartkeeper.home import refuse_losses
from chartkeeper.ingest.errors import AlreadyRunning
from chartkeeper.ingest.locks import sole
from chartkeeper.records.errors import LedgerMissing
from chartkeeper.settings import load_settings
from chartkeeper.supervise import prepare_process, supervise
from chartkeeper.webui.address import listening, refuse_public
from chartkeeper.webui.errors import PortTaken

# The commands whose parts are among those of another: both would want to be the only one.
BESIDE = {
    "serve": ("serve-watch", "serve-worker"),
    "serve-watch": ("serve",),
    "serve-worker": ("serve",),
    "serve-web": (),
}
# Parts of a service that was killed just now may still be going.
PATIENCE_SECONDS = 3.0

port_option = click.option(
    "--port", type=click.IntRange(1, 65535), help="Instead of the port in the settings."
)


@click.command()
@port_option
@click.pass_obj
def serve(path: Path, port: int | None) -> None:
    """Run the whole service: watcher, workers, index writer, web pages, and the daily keeping."""
    _run(path, "serve", ("watch", "worker", "index writer", "web", "keeper"), port)


@click.command()
@click.pass_obj
def watch(path: Path) -> None:
    """Only take in what comes into the inbox."""
    _run(path, "serve-watch", ("watch",))


@click.command()
@click.pass_obj
def worker(path: Path) -> None:
    """Only read, file and index what was taken in."""
    _run(path, "serve-worker", ("worker", "index writer"))


@click.command()
@port_option
@click.pass_obj
def web(path: Path, port: int | None) -> None:
    """Only serve the web pages."""
    _run(path, "serve-web", ("web",), port)


def _run(path: Path, lock: str, parts: tuple[str, ...], port: int | None = None) -> None:
    settings, home = load_settings(path), Home(path)
    refuse_losses(home)
    if not home.ledger.is_file():
        raise LedgerMissing
    make_folders(home)
    prepare_process()
    with sole(home.locks, lock):
        for other in BESIDE[lock]:
            _refuse_beside(home, other)
        if "web" in parts:
            refuse_public(settings.host, behind_proxy=settings.behind_proxy)
            _refuse_unusable(settings.host, port or settings.port)
        web_pages = f"; web pages at http://{settings.host}:{port or settings.port}/"
        click.echo(f"at work: {', '.join(parts)}{web_pages if 'web' in parts else ''}", err=True)
        supervise(path, parts, port)


def _refuse_beside(home: Home, other: str) -> None:
    """Raises AlreadyRunning where another command does what this one would wait for, for ever."""
    try:
        with sole(home.locks, other):
            pass
    except AlreadyRunning:
        raise AlreadyRunning(other.removeprefix("serve-")) from None


def _refuse_unusable(host: str, port: int) -> None:
    """Raises AddressUnusable, or PortTaken if somebody goes on listening there.

    The web part would try for ever.
    """
    patience_ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            listening(host, port).close()
        except PortTaken:
            if time.monotonic() > patience_ends:
                raise
            time.sleep(PATIENCE_SECONDS / 20)
        else:
            return

"""Commands that run the service, whole or in parts."""

from pathlib import Path

import click

from chartkeeper.folders import Home, make_folders
from chartkeeper.home import refuse_losses
from chartkeeper.ingest.locks import sole
from chartkeeper.records.errors import LedgerMissing
from chartkeeper.settings import load_settings
from chartkeeper.supervise import prepare_process, supervise

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
        web_pages = f"; web pages at http://{settings.host}:{port or settings.port}/"
        click.echo(f"at work: {', '.join(parts)}{web_pages if 'web' in parts else ''}", err=True)
        supervise(path, parts, port)

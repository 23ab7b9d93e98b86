"""Commands that run the service, whole or in parts."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click

from chartkeeper.home import Home, open_home
from chartkeeper.ingest.locks import sole
from chartkeeper.parts import (
    Part,
    prepare_process,
    run_index_writer,
    run_watch,
    run_web,
    run_worker,
)
from chartkeeper.supervise import supervise

port_option = click.option(
    "--port", type=click.IntRange(1, 65535), help="Instead of the port in the settings."
)


@click.command()
@port_option
@click.pass_obj
def serve(path: Path, port: int | None) -> None:
    """Run the whole service: watcher, workers, index writer and web pages."""
    parts = {"watch": run_watch, "worker": run_worker, "index writer": run_index_writer}
    _run(path, "serve", {**parts, "web": partial(run_web, port=port)})


@click.command()
@click.pass_obj
def watch(path: Path) -> None:
    """Only take in what comes into the inbox."""
    _run(path, "serve-watch", {"watch": run_watch})


@click.command()
@click.pass_obj
def worker(path: Path) -> None:
    """Only read, file and index what was taken in."""
    _run(path, "serve-worker", {"worker": run_worker, "index writer": run_index_writer})


@click.command()
@port_option
@click.pass_obj
def web(path: Path, port: int | None) -> None:
    """Only serve the web pages."""
    _run(path, "serve-web", {"web": partial(run_web, port=port)})


def _run(path: Path, lock: str, parts: Mapping[str, Part]) -> None:
    _, settings, ledger = open_home(path)
    ledger.close()
    prepare_process()
    with sole(Home(path).locks, lock):
        click.echo(f"at work: {', '.join(parts)}; web pages on {settings.host}", err=True)
        supervise(path, parts)

"""The command that puts the files of each old document into one, before they are imported."""

import shlex
import sys
from collections import Counter
from pathlib import Path

import click

from chartkeeper.bound_lists import EXCEPTIONS, LIST, PARTS, bound_lists
from chartkeeper.desks import make_desk
from chartkeeper.home import open_home
from chartkeeper.ingest.batches import Order
from chartkeeper.ingest.binding import FILES, Outcome, begin, bind_list
from chartkeeper.ingest.places import Place
from chartkeeper.list_options import field_map, list_options
from chartkeeper.meter import Meter
from chartkeeper.terminal import EXIT_PROBLEMS


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--manifest",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The list of the files: CSV, or an OnBase DIP index file.",
)
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="An empty folder for the bound files and their list.",
)
@list_options
@click.pass_obj
def bind(  # noqa: PLR0913 - the options of the command, by name
    path: Path,
    *,
    paths: tuple[Path, ...],
    manifest: Path,
    into: Path,
    columns: tuple[str, ...],
    mapping: Path | None,
    roots: tuple[str, ...],
) -> None:
    """Put the files of each old document into one, to import them so; sources stay as they are.

    For lists in which several lines together are one document (the same number of the old system).
    Nothing is taken in. May be stopped at any time; the same command goes on.
    """
    desk = make_desk(*open_home(path))
    said = field_map(mapping, columns, roots)
    beside = (mapping,) if mapping else ()
    order = Order(paths, manifest, said, beside=beside)
    begin(order, into)
    meter, counted = Meter("documents", 0), Counter[str]()
    with bound_lists(into, said.types) as lists:
        for outcome in bind_list(desk, order, into):
            if isinstance(outcome, Place):
                lists.note_unnamed(outcome)
                counted["exceptions"] += 1
                continue
            counted["exceptions"] += lists.note(outcome)
            counted.update(_kinds(outcome) if isinstance(outcome, Outcome) else {})
            meter.show(counted["documents"], f", {counted['pages']:,} pages bound")
    meter.end()
    _say(into, counted)


def _kinds(outcome: Outcome) -> Counter[str]:
    """What a document adds to the counts."""
    kind = "not bound" if outcome.failed else "bound" if outcome.parts else "handed on"
    pages = sum(part.pages for part in outcome.parts)
    return Counter({"documents": 1, kind: 1, "files bound": len(outcome.parts), "pages": pages})


def _say(into: Path, counted: Counter[str]) -> None:
    click.echo(
        f"documents: {counted['documents']:,}\n"
        f"bound: {counted['bound']:,}, of {counted['files bound']:,} files and "
        f"{counted['pages']:,} pages\n"
        f"of one file, handed on as it is: {counted['handed on']:,}\n"
        f"not bound: {counted['not bound']:,}\n"
        f"what each was made of: {into / PARTS}"
    )
    if counted["exceptions"]:
        click.echo(f"exceptions: {counted['exceptions']:,}, in {into / EXCEPTIONS}")
    further = ["import", str(into / FILES), "--manifest", str(into / LIST)]
    click.echo(f"go on with: chartkeeper {shlex.join(further)}")
    if counted["exceptions"]:
        sys.exit(EXIT_PROBLEMS)

"""What commands that take an import list are told of it: its columns, types and old paths."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import click

from chartkeeper.ingest.manifest_mapping import FieldMap, column_option, load_mapping, root_option

Command = TypeVar("Command", bound=Callable[..., object])


def list_options(command: Command) -> Command:
    """Give a command the options --map, --mapping and --root: `columns`, `mapping` and `roots`."""
    columns = click.option(
        "--map", "columns", multiple=True, metavar="FIELD=COLUMN", help="What a column is."
    )
    mapping = click.option(
        "--mapping",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="A TOML file that says what columns, types and old paths are.",
    )
    roots = click.option(
        "--root", "roots", multiple=True, metavar="OLD=FOLDER", help="Where old paths lie."
    )
    return columns(mapping(roots(command)))


def field_map(mapping: Path | None, columns: Iterable[str], roots: Iterable[str]) -> FieldMap:
    """What these options say together; the command line counts more than the file.

    Raises ManifestInvalid.
    """
    said = load_mapping(mapping) if mapping else FieldMap()
    said = said.with_columns(dict(map(column_option, columns)))
    return said.with_roots(list(map(root_option, roots)))

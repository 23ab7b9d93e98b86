"""Commands that keep the records: backup, restore, reindex."""

import sys
import time
from pathlib import Path

import click

from chartkeeper.desks import make_desk
from chartkeeper.folders import Home
from chartkeeper.home import open_home
from chartkeeper.ingest.indexing import rebuild_index
from chartkeeper.records import fixity, generations, outbox
from chartkeeper.records.generations import Manifest
from chartkeeper.safekeeping import Wish, back_up_home, lacking_words, restore_home
from chartkeeper.settings import operator_name
from chartkeeper.terminal import EXIT_PROBLEMS, line_for, originals_bar, size_in_words

SHOWN_MISSING = 20


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    help="Keep so many backups, the newest; else backup_keep of the settings. 0 keeps all.",
)
@click.option(
    "--verify-all",
    is_flag=True,
    help="Read everything in FOLDER again, not only what "
    "this backup copies; what is damaged is copied anew.",
)
@click.pass_obj
def backup(path: Path, folder: Path, keep: int | None, *, verify_all: bool) -> None:
    """Back the home up into FOLDER, while it is in use; copies only what FOLDER lacks.

    FOLDER holds several backups, and every original once. It is as confidential as the home.
    Everything copied is read again and compared. An interrupted backup is gone on with by the next.
    Ends with status 4 if something could not be copied.
    """
    home, settings, ledger = open_home(path)
    kept = settings.backup_keep if keep is None else keep
    wish = Wish(folder.absolute(), f"cli:{operator_name()}", kept, verify_all)
    with ledger.read() as connection:
        number, _ = fixity.totals(connection)
    began = time.monotonic()
    with originals_bar(number) as tell:
        made, gone = back_up_home(home, settings, ledger, wish, tell)
    done, manifest = made.totals, made.manifest
    click.echo(
        f"{manifest.generation}: {done.originals:,} originals ({size_in_words(done.bytes)}), "
        f"of which {done.copied:,} ({size_in_words(done.copied_bytes)}) were copied now "
        f"and read again; {len(manifest.files)} other files; {time.monotonic() - began:.0f} s"
    )
    if made.mended:
        click.echo(f"{made.mended} contents were damaged in the folder and were copied again")
    if gone:
        click.echo(f"{gone} older backups removed")
    if not manifest.is_whole:
        click.echo(lacking_words(manifest), err=True)
        sys.exit(EXIT_PROBLEMS)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--generation", help="Which backup in FOLDER; else the newest.")
@click.option(
    "--despite-damage",
    is_flag=True,
    help="Restore what is whole if files of the backup are damaged; names the others.",
)
@click.pass_obj
def restore(path: Path, folder: Path, generation: str | None, *, despite_damage: bool) -> None:
    """Restore a backup from FOLDER into a new or empty home (--home), and prove that it is equal.

    Every content is compared with its hash, the ledger with the counts and the access log's chain
    in the manifest. The search index is built anew. Can be repeated if it was interrupted.
    """
    manifest = generations.read_manifest(folder, generation)
    began = time.monotonic()
    with originals_bar(manifest.originals) as tell:
        missing = restore_home(
            Home(path),
            folder,
            manifest,
            f"cli:{operator_name()}",
            despite_damage=despite_damage,
            tell=tell,
        )
    _say_proof(path, manifest, time.monotonic() - began)
    if missing:
        click.echo(
            f"{len(missing)} could not be restored: "
            f"{', '.join(name[:24] for name in missing[:SHOWN_MISSING])}",
            err=True,
        )
        sys.exit(EXIT_PROBLEMS)


def _say_proof(path: Path, manifest: Manifest, seconds: float) -> None:
    chain = "its chain whole" if manifest.log_whole else "its chain broken as it was"
    size = size_in_words(manifest.original_bytes)
    lines = (
        f"restored {manifest.generation} of {manifest.made_at} into {path} in {seconds:.0f} s",
        f"originals: {manifest.originals:,} ({size}); each agrees with its hash, all with the list",
        f"ledger: {sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables, as before",
        f"access log: {manifest.log_entries:,} entries, {chain}, ending with {manifest.log_head}",
        f"other files: {len(manifest.files)}; search index: built anew",
        "nobody is logged in; pages that were being read wait to be read",
        f"next: look at {path / 'chartkeeper.toml'}, then run: {line_for(path, 'verify')}",
    )
    for line in lines:
        click.echo(line)


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

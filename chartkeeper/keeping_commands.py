"""Commands that keep the records: verify, backup, restore."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from chartkeeper.folders import Home
from chartkeeper.home import inbox_folders, open_home
from chartkeeper.records import fixity, generations
from chartkeeper.records.generations import Manifest
from chartkeeper.records.keeping import Kind
from chartkeeper.safekeeping import Wish, back_up_home, lacking_words, restore_home
from chartkeeper.settings import operator_name
from chartkeeper.terminal import EXIT_PROBLEMS
from chartkeeper.verification import Depth, Report, verify_home

SHOWN_MISSING = 20


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
    with _bar(0 if incremental else number) as tell:
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
    read = f"{run.originals:,} originals read again ({_size(run.bytes)}) in {seconds:.0f} s"
    click.echo(f"all is well{still if report.unfinished else ''}; {read}")


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
    with _bar(number) as tell:
        made, gone = back_up_home(home, settings, ledger, wish, tell)
    done, manifest = made.totals, made.manifest
    click.echo(
        f"{manifest.generation}: {done.originals:,} originals ({_size(done.bytes)}), of which "
        f"{done.copied:,} ({_size(done.copied_bytes)}) were copied now and read again; "
        f"{len(manifest.files)} other files; {time.monotonic() - began:.0f} s"
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
    with _bar(manifest.originals) as tell:
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
    size = _size(manifest.original_bytes)
    lines = (
        f"restored {manifest.generation} of {manifest.made_at} into {path} in {seconds:.0f} s",
        f"originals: {manifest.originals:,} ({size}); each agrees with its hash, all with the list",
        f"ledger: {sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables, as before",
        f"access log: {manifest.log_entries:,} entries, {chain}, ending with {manifest.log_head}",
        f"other files: {len(manifest.files)}; search index: built anew",
        "nobody is logged in; pages that were being read wait to be read",
        f"next: look at {path / 'chartkeeper.toml'}, then run: chartkeeper --home {path} verify",
    )
    for line in lines:
        click.echo(line)


@contextmanager
def _bar(length: int) -> Iterator[Callable[[int], None]]:
    """Progress for people; a number of originals that is not known shows nothing."""
    if not length:
        yield lambda _number: None
        return
    with click.progressbar(length=length, label="originals", file=sys.stderr) as bar:
        yield bar.update


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"

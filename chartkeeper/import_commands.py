"""The import of files, folders and lists: tried dry, run, and gone on with."""

import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from threading import Event as Flag
from types import FrameType

import click

from chartkeeper.desks import make_desk
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.folders import Home
from chartkeeper.home import open_home, refuse_losses
from chartkeeper.index.failures import IndexInUse
from chartkeeper.ingest import migration
from chartkeeper.ingest.batches import Order, conclude, open_batch, write_down
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.errors import AlreadyRunning, ChildNotStarted, SourceGone
from chartkeeper.ingest.indexing import keep_index
from chartkeeper.ingest.locks import sole
from chartkeeper.ingest.sources import sources_of
from chartkeeper.ingest.worker import work
from chartkeeper.list_options import field_map, list_options
from chartkeeper.meter import Meter
from chartkeeper.plain import plain
from chartkeeper.reconciliation import check_place, finding_lines, list_exceptions, numbered, table
from chartkeeper.records import batch_closing, batch_report, batches
from chartkeeper.records.batches import Batch
from chartkeeper.records.database import Ledger, create_ledger, open_ledger
from chartkeeper.records.errors import LedgerUnavailable, VaultFull, VaultUnusable
from chartkeeper.records.model import USUAL_PRIORITY, ItemState
from chartkeeper.terminal import EXIT_PROBLEMS

PROGRESS_SECONDS = 0.5
# Looking how far it is must not be most of the work.
LOOK_SHARE = 20
EXIT_INTERRUPTED = 130
KINDS = ("accepted", "duplicate", "refused")
KINDS_OF_LIST = (*KINDS, "missing", "rejected", "surplus")
TAKEN_UP = (*KINDS, "missing", "rejected")
SCRATCH = "dry-run-"
# What ends an import in the middle; the same command goes on where it was.
ENDED_EARLY = (VaultFull, VaultUnusable, LedgerUnavailable, SourceGone, ChildNotStarted)


@dataclass(frozen=True)
class Wish:
    """What was asked for at the command line beside the order itself."""

    resume: bool
    files_a_minute: float
    exceptions: Path


class Interrupted(Exception):
    """Somebody pressed Ctrl-C; what was committed stays."""


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--manifest",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A list of the files: CSV, or an OnBase DIP index file.",
)
@list_options
@click.option("--dry-run", is_flag=True, help="Only say what would become of each file.")
@click.option(
    "--resume", is_flag=True, help="Add to the last import of the same folders, though it is done."
)
@click.option(
    "--priority",
    type=click.IntRange(1, 9),
    default=USUAL_PRIORITY,
    show_default=True,
    help="Within the migrations: 1 first, 9 last.",
)
@click.option(
    "--files-per-minute",
    type=click.FloatRange(0, migration.MAX_FILES_A_MINUTE),
    default=0.0,
    help="Take no more than so many (0: as many as can be).",
)
@click.option(
    "--exceptions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to list what there is something to say of (in the home unless given).",
)
@click.pass_obj
def import_(  # noqa: PLR0913 - the options of the command, by name
    path: Path,
    *,
    paths: tuple[Path, ...],
    manifest: Path | None,
    columns: tuple[str, ...],
    mapping: Path | None,
    roots: tuple[str, ...],
    priority: int,
    files_per_minute: float,
    exceptions: Path | None,
    dry_run: bool,
    resume: bool,
) -> None:
    """Import files and folders, in the lane behind the daily work; sources stay where they are.

    Works without the service running, and ends when all is read, filed and indexed. With a list,
    what it says of each file is checked against the pages. May be stopped at any time; the same
    command goes on.
    """
    desk = make_desk(*open_home(path))
    refuse_losses(Home(path))
    wish = Wish(resume, files_per_minute, exceptions or path / "import-exceptions.csv")
    check_place(wish.exceptions)
    said = field_map(mapping, columns, roots)
    order = Order(paths, manifest, said, priority, _beside(mapping, wish))
    if dry_run:
        _dry_run(desk, order, wish)
    else:
        _run(desk, order, wish)


def _beside(mapping: Path | None, wish: Wish) -> tuple[Path, ...]:
    """Files of the import itself, wherever they lie."""
    listings = takewhile(Path.exists, numbered(wish.exceptions))
    return (*filter(None, [mapping]), *listings)


def _dry_run(desk: Desk, order: Order, wish: Wish) -> None:
    """The whole import on a ledger that is thrown away, with nothing kept and nothing read."""
    sources = sources_of(order.places.given)
    with _scratch_ledger(desk) as scratch, _interruptible() as stop:
        try:
            batch = open_batch(scratch, order, resume=False)
            told = _told("lines", 0, stop)
            write_down(scratch, desk.ledger, batch, order, load_doctypes(), told)
            outcomes = migration.survey(desk, scratch, batch, migration.Pace(stop=stop), sources)
            counted = _count(scratch, batch, outcomes, stop)
            told = _told("files looked for", 0, stop)
            conclude(scratch, desk.ledger, batch, order, told, sources)
        except Interrupted:
            sys.exit(EXIT_INTERRUPTED)
        if order.manifest is None:
            _say_each(scratch, batch)
        lacking = _say_outcome(scratch, batch, counted, 0, wish.exceptions)
        click.echo("dry run: nothing was taken in")
    if lacking:
        sys.exit(EXIT_PROBLEMS)


def _run(desk: Desk, order: Order, wish: Wish) -> None:
    with _interruptible() as stop:
        try:
            with migration.alone(desk):
                batch = open_batch(desk.ledger, order, resume=wish.resume)
                with _at_work(desk, stop) as hands:
                    counted, before = _bring_in(desk, batch, order, wish, stop)
                    _see_it_read(desk, batch, hands, stop)
        except Interrupted:
            _say_how_to_go_on()
            sys.exit(EXIT_INTERRUPTED)
        except ENDED_EARLY:
            _say_how_to_go_on()
            raise
    if _say_outcome(desk.ledger, batch, counted, before, wish.exceptions):
        sys.exit(EXIT_PROBLEMS)


def _bring_in(
    desk: Desk, batch: Batch, order: Order, wish: Wish, stop: Flag
) -> tuple[Counter[str], int]:
    """Write the batch down and take its files in; what became of them, and how many had been."""
    sources = sources_of(order.places.given)
    told = _told("lines", 0, stop)
    write_down(desk.ledger, desk.ledger, batch, order, load_doctypes(), told)
    with desk.ledger.read() as connection:
        before = batches.counts(connection, batch.id)[ItemState.TAKEN]
    pace = migration.Pace(wish.files_a_minute, stop)
    outcomes = migration.take_in(desk, batch, pace, sources)
    counted = _count(desk.ledger, batch, outcomes, stop)
    told = _told("files looked for", 0, stop)
    conclude(desk.ledger, desk.ledger, batch, order, told, sources)
    return counted, before + counted["kept"]


def _count(
    ledger: Ledger, batch: Batch, outcomes: Iterator[list[batches.Outcome]], stop: Flag
) -> Counter[str]:
    with ledger.read() as connection:
        waiting = batches.counts(connection, batch.id)[ItemState.EXPECTED]
    meter, counted, pages = Meter("files", waiting), Counter[str](), 0
    for some in outcomes:
        counted.update(migration.outcome_name(one) for one in some)
        pages += sum(one.found_pages or 0 for one in some)
        meter.show(counted.total(), f", {pages:,} pages")
        _go_on(stop)
    meter.end()
    _go_on(stop)
    return counted


def _told(what: str, total: int, stop: Flag) -> Callable[[int], None]:
    meter = Meter(what, total)

    def told(done: int) -> None:
        _go_on(stop)
        meter.show(done)

    return told


def _go_on(stop: Flag) -> None:
    if stop.is_set():
        raise Interrupted


def _see_it_read(desk: Desk, batch: Batch, hands: list[Future[None]], stop: Flag) -> None:
    """Wait until all of the batch is read, filed and indexed; a running service does it too."""
    left, _ = _unfinished(desk, batch)
    meter, total = Meter("files read and filed", left), left
    while left:
        _go_on(stop)
        for hand in hands:
            if hand.done():
                hand.result()
        began = time.monotonic()
        left, pages = _unfinished(desk, batch)
        meter.show(total - left, f", {pages:,} pages to read")
        stop.wait(max(PROGRESS_SECONDS, LOOK_SHARE * (time.monotonic() - began)) if left else 0)
    meter.end()


def _unfinished(desk: Desk, batch: Batch) -> tuple[int, int]:
    with desk.ledger.read() as connection:
        return batch_report.unfinished(connection, batch.id)


@contextmanager
def _at_work(desk: Desk, stop: Flag) -> Iterator[list[Future[None]]]:
    """Read, file and index meanwhile; where a running service does, leave it to that."""
    with ThreadPoolExecutor(2, "import") as pool:
        try:
            yield [
                pool.submit(_unless_served, work, AlreadyRunning, desk, stop),
                pool.submit(_unless_served, keep_index, IndexInUse, desk, stop),
            ]
        finally:
            stop.set()


def _unless_served(
    part: Callable[[Desk, Flag], None], taken: type[Exception], desk: Desk, stop: Flag
) -> None:
    while not stop.is_set():
        try:
            part(desk, stop)
        except taken:
            stop.wait(PROGRESS_SECONDS)


@contextmanager
def _interruptible() -> Iterator[Flag]:
    """A flag that Ctrl-C raises; whoever presses it twice does not want to wait for the rest."""
    stop = Flag()

    def end(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            sys.exit(EXIT_INTERRUPTED)
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _scratch_ledger(desk: Desk) -> Iterator[Ledger]:
    """An empty ledger beside the locks, as it will hold names of files; gone afterwards."""
    with sole(desk.locks, "dry run"):
        for leftover in desk.locks.glob(f"{SCRATCH}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=desk.locks) as folder:
            path = Path(folder) / "ledger.db"
            create_ledger(path)
            ledger = open_ledger(path)
            try:
                yield ledger
            finally:
                ledger.close()


def _say_each(ledger: Ledger, batch: Batch) -> None:
    with ledger.read() as connection:
        for outcome, file in batches.outcomes(connection, batch.id):
            click.echo(f"{outcome}\t{plain(file)}")


def _say_how_to_go_on() -> None:
    line = shlex.join(["chartkeeper", *sys.argv[1:]])
    click.echo(f"\nstopped; what was taken in stays. Go on with:\n  {line}", err=True)


def _say_outcome(
    ledger: Ledger, batch: Batch, counted: Counter[str], before: int, exceptions: Path
) -> list[str]:
    """Say what became of all files, and list those of which there is something to say.

    Returns what would keep the import from being closed, but that it is not read yet.
    """
    with ledger.read() as connection:
        boxes = batch_report.reconcile(connection, batch.id)
        found = batch_report.findings(connection, batch.id)
        # First, as whoever reads the rest may stop reading.
        listing = list_exceptions(batch_report.exceptions(connection, batch.id), exceptions)
        for line in (*table(boxes), "", *finding_lines(found)):
            click.echo(line)
        whole = batch_report.total(boxes)
        counted["rejected"], counted["surplus"] = whole.files.rejected, whole.files.surplus
        for kind in KINDS_OF_LIST if batch.by_list else KINDS:
            click.echo(f"{kind}: {counted[kind]}")
        if counted["missing"] and not batch.by_list:
            click.echo(f"missing: {counted['missing']}")
        click.echo(f"left out, taken in before: {before}")
        click.echo(f"files: {sum(counted[kind] for kind in TAKEN_UP) + before}")
        for words, number in _troubles(whole):
            click.echo(f"{words}: {number}")
        if listing:
            click.echo(f"exceptions: {listing}")
        return batch_closing.shortcomings(connection, batch.id)


def _troubles(whole: batch_report.BoxReport) -> Iterator[tuple[str, int]]:
    """What nobody may overlook: of files that came, and of folders."""
    said = {
        "of these, no page could be read": whole.files.failed,
        "pages that could not be read": whole.pages.unreadable,
        "folders that were not looked into": whole.files.unopened,
    }
    return ((words, number) for words, number in said.items() if number)

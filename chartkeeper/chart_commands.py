"""Commands about charts: import, patients, documents, search."""

import csv
import json
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import click

from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.home import make_desk, open_home
from chartkeeper.index.search import open_searcher
from chartkeeper.ingest import migration
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.errors import AlreadyRunning
from chartkeeper.ingest.indexing import bring_index_up_to_date
from chartkeeper.ingest.worker import work
from chartkeeper.listing import document_lines
from chartkeeper.records import patients as patient_index
from chartkeeper.records.access_log import Event
from chartkeeper.records.database import Ledger
from chartkeeper.records.model import Arrival, ArrivalState, Patient
from chartkeeper.records.patient_file import Rejected, read_patient_file
from chartkeeper.records.work import Progress, progress
from chartkeeper.terminal import EXIT_PROBLEMS, account_for, print_json
from chartkeeper.webui.finding import FoundPage, find_pages

PATIENTS_AT_ONCE = 500
PROGRESS_SECONDS = 0.5

format_option = click.option(
    "--format", "form", type=click.Choice(["table", "jsonl"]), default="table", show_default=True
)


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would become of each file.")
@click.option("--resume", is_flag=True, help="Leave out what an earlier run took in.")
@click.option(
    "--exceptions",
    type=click.Path(path_type=Path, dir_okay=False),
    default="import-exceptions.csv",
    show_default=True,
    help="Where to list the files that were not accepted.",
)
@click.pass_obj
def import_(
    path: Path, paths: tuple[Path, ...], exceptions: Path, *, dry_run: bool, resume: bool
) -> None:
    """Import files and folders, in the lane behind the daily work; sources stay where they are.

    Works without the service running, and ends when all is read, filed and indexed.
    """
    desk = make_desk(*open_home(path))
    found = migration.sources(paths)
    todo = migration.remaining(desk, found) if resume else found
    if dry_run:
        for source, outcome in migration.survey(desk, todo):
            click.echo(f"{outcome}\t{source.name}")
        return
    outcomes = _take_in(desk, todo)
    _finish(desk)
    _report(outcomes, len(found) - len(todo), exceptions)


def _take_in(desk: Desk, todo: list[migration.Source]) -> list[Arrival]:
    stream = migration.take_in_all(desk, todo)
    with click.progressbar(stream, length=len(todo), label="files", file=sys.stderr) as bar:
        return list(bar)


def _finish(desk: Desk) -> None:
    """Read, file and index until nothing is left; a running service does it if there is one."""
    stop = Flag()
    helper = Thread(target=_work_unless_served, args=(desk, stop), daemon=True)
    helper.start()
    with desk.ledger.read() as connection:
        done, total = _done_and_total(progress(connection))
    with click.progressbar(length=total, label="pages", file=sys.stderr) as bar:
        bar.update(done)
        while True:
            bring_index_up_to_date(desk)
            with desk.ledger.read() as connection:
                now = progress(connection)
            fresh, _ = _done_and_total(now)
            bar.update(fresh - done)
            done = fresh
            if now.idle:
                break
            time.sleep(PROGRESS_SECONDS)
    stop.set()
    helper.join()


def _work_unless_served(desk: Desk, stop: Flag) -> None:
    while not stop.is_set():
        try:
            work(desk, stop)
        except AlreadyRunning:
            stop.wait(PROGRESS_SECONDS)


def _done_and_total(now: Progress) -> tuple[int, int]:
    total = sum(now.pages.values())
    waiting = [number for state, number in now.pages.items() if state in {"waiting", "reading"}]
    return total - sum(waiting), total


def _report(outcomes: list[Arrival], left_out: int, exceptions: Path) -> None:
    for state, number in migration.summary(outcomes).items():
        click.echo(f"{state}: {number}")
    click.echo(f"left out, taken in before: {left_out}")
    click.echo(f"files: {len(outcomes) + left_out}")
    odd = [arrival for arrival in outcomes if arrival.state is not ArrivalState.ACCEPTED]
    if odd:
        with exceptions.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "outcome", "reason"])
            writer.writerows([item.name, item.state.value, item.reason or ""] for item in odd)
        click.echo(f"exceptions: {exceptions}")
    if any(arrival.state is ArrivalState.REFUSED for arrival in outcomes):
        sys.exit(EXIT_PROBLEMS)


@click.group()
def patients() -> None:
    """The patient index."""


@patients.command("load")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def patients_load(path: Path, file: Path) -> None:
    """Load patients from a CSV file, or bring known ones up to date.

    Says for each row that is rejected what is wrong with it, and then ends with status 4.
    """
    _, _, ledger = open_home(path)
    rejected, new, updated = 0, 0, 0
    batch: list[Patient] = []
    for row in read_patient_file(file):
        if isinstance(row, Rejected):
            click.echo(f"line {row.line}: {row.problem}", err=True)
            rejected += 1
            continue
        batch.append(row)
        if len(batch) == PATIENTS_AT_ONCE:
            new, updated = _save(ledger, batch, new, updated)
            batch = []
    new, updated = _save(ledger, batch, new, updated)
    account_for(ledger, Event.PATIENTS_LOADED, new=new, updated=updated, rejected=rejected)
    click.echo(f"{new} new, {updated} updated, {rejected} rejected")
    if rejected:
        sys.exit(EXIT_PROBLEMS)


def _save(ledger: Ledger, batch: list[Patient], new: int, updated: int) -> tuple[int, int]:
    with ledger.write() as connection:
        added = sum(patient_index.save(connection, patient) for patient in batch)
    return new + added, updated + len(batch) - added


@click.command()
@format_option
@click.option("--text", is_flag=True, help="With the text of each page (only with jsonl).")
@click.option(
    "--status",
    "wanted",
    type=click.Choice(["filed", "review", "refused", "failed"]),
    help="Only these.",
)
@click.pass_obj
def documents(path: Path, form: str, wanted: str | None, *, text: bool) -> None:
    """List what became of everything that arrived, one line a document."""
    _, _, ledger = open_home(path)
    account_for(ledger, Event.LIST_VIEW, list="documents", status=wanted, text=text)
    with ledger.read() as connection:
        lines = document_lines(connection, load_doctypes(), text=text)
        for line in lines:
            if wanted is None or line["status"] == wanted:
                print_json(line) if form == "jsonl" else click.echo(_row(line, DOCUMENT_COLUMNS))


@click.command()
@click.argument("query")
@format_option
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.pass_obj
def search(path: Path, query: str, form: str, limit: int) -> None:
    """Find pages.

    QUERY is words, "a phrase", word*, AND OR NOT ( ), type:lab_report, mrn:1234567,
    patient:"name", date:2024-01-01..2024-12-31.
    """
    home, _, ledger = open_home(path)
    found = find_pages(ledger, open_searcher(home.index), query, limit)
    shown = sorted({hit.document_id for hit in found.hits})
    account_for(ledger, Event.SEARCH, query=query, total=found.total, documents=shown)
    for hit in found.hits:
        line = _hit_line(hit)
        print_json(line) if form == "jsonl" else click.echo(_row(line, HIT_COLUMNS))


DOCUMENT_COLUMNS = ("status", "type", "mrn", "service_date", "first_page", "last_page", "file")
HIT_COLUMNS = ("file", "page", "type", "mrn", "service_date", "snippet")


def _hit_line(hit: FoundPage) -> dict[str, object]:
    return {
        "file": hit.file,
        "page": hit.page,
        "type": hit.type,
        "mrn": hit.mrn,
        "service_date": hit.service_date,
        "score": hit.score,
        "snippet": "".join(fragment.text for fragment in hit.snippet),
    }


def _row(line: Mapping[str, object], columns: Iterable[str]) -> str:
    return "\t".join("-" if line.get(name) is None else _plain(line[name]) for name in columns)


def _plain(value: object) -> str:
    # A file's name may hold a tab or a line end; a row stays a row.
    return json.dumps(str(value), ensure_ascii=False)[1:-1]

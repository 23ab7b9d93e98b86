"""Commands about charts: import, documents, search."""

import csv
import json
import os
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
from chartkeeper.records import scans
from chartkeeper.records.access_log import Event
from chartkeeper.records.model import Arrival, ArrivalState
from chartkeeper.terminal import EXIT_PROBLEMS, account_for, print_json
from chartkeeper.webui.finding import FoundPage, find_pages, shown_documents

PROGRESS_SECONDS = 0.5

format_option = click.option(
    "--format", "form", type=click.Choice(["table", "jsonl"]), default="table", show_default=True
)


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--dry-run", is_flag=True, help="Only say what would become of each file.")
@click.option("--resume", is_flag=True, help="Leave out what an earlier run took in.")
@click.option(
    "--exceptions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to list the files that were not accepted (in the home unless given).",
)
@click.pass_obj
def import_(
    path: Path, paths: tuple[Path, ...], exceptions: Path | None, *, dry_run: bool, resume: bool
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
    listing = _new_file(exceptions or path / "import-exceptions.csv")
    outcomes = _take_in(desk, todo)
    _finish(desk, [arrival.scan_id for arrival in outcomes if arrival.scan_id])
    _report(outcomes, len(found) - len(todo), listing)


def _new_file(wanted: Path) -> Path:
    """An empty file of this name, or with a number behind it if there is one already.

    It will name files of charts: it is for the service's account only.
    """
    numbered = (wanted.with_stem(f"{wanted.stem}-{number}") for number in range(2, 10_000))
    free = next(path for path in (wanted, *numbered) if not path.exists())
    os.close(os.open(free, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return free


def _take_in(desk: Desk, todo: list[migration.Source]) -> list[Arrival]:
    stream = migration.take_in_all(desk, todo)
    with click.progressbar(stream, length=len(todo), label="files", file=sys.stderr) as bar:
        return list(bar)


def _finish(desk: Desk, scan_ids: list[int]) -> None:
    """Read, file and index these scans; a running service does it if there is one."""
    stop = Flag()
    helper = Thread(target=_work_unless_served, args=(desk, stop), daemon=True)
    helper.start()
    with click.progressbar(length=len(set(scan_ids)), label="read", file=sys.stderr) as bar:
        done = 0
        while helper.is_alive():
            bring_index_up_to_date(desk)
            with desk.ledger.read() as connection:
                left = scans.unfinished(connection, sorted(set(scan_ids)))
            bar.update(len(set(scan_ids)) - left - done)
            done = len(set(scan_ids)) - left
            if not left:
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


def _report(outcomes: list[Arrival], left_out: int, listing: Path) -> None:
    for state, number in migration.summary(outcomes).items():
        click.echo(f"{state}: {number}")
    click.echo(f"left out, taken in before: {left_out}")
    click.echo(f"files: {len(outcomes) + left_out}")
    odd = [arrival for arrival in outcomes if arrival.state is not ArrivalState.ACCEPTED]
    if odd:
        with listing.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "outcome", "reason"])
            writer.writerows([item.name, item.state.value, item.reason or ""] for item in odd)
        click.echo(f"exceptions: {listing}")
    else:
        listing.unlink()
    if any(arrival.state is ArrivalState.REFUSED for arrival in outcomes):
        sys.exit(EXIT_PROBLEMS)


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
    shown = shown_documents(found.hits)
    account_for(ledger, Event.SEARCH, query=query, total=found.total, **shown)
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

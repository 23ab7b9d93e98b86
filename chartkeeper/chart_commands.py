"""Commands about charts: documents, search."""

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

import click

from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.home import open_home
from chartkeeper.index.search import open_searcher
from chartkeeper.listing import document_lines
from chartkeeper.plain import plain
from chartkeeper.records.access_log import Event
from chartkeeper.terminal import account_for, account_for_shown, print_json
from chartkeeper.webui.finding import FoundPage, find_pages, shown_documents

# Whoever is in so many lines is written down before them, in one transaction.
LINES_AT_ONCE = 5000
LINES_WITH_TEXT_AT_ONCE = 200

format_option = click.option(
    "--format", "form", type=click.Choice(["table", "jsonl"]), default="table", show_default=True
)


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
    number = account_for(ledger, Event.LIST_VIEW, list="documents", status=wanted, text=text)
    every = document_lines(ledger, load_doctypes(), text=text)
    shown = (one for one in every if wanted is None or one[0]["status"] == wanted)
    known: set[int] = set()
    while some := list(islice(shown, LINES_WITH_TEXT_AT_ONCE if text else LINES_AT_ONCE)):
        people = {owner.id: owner for _, owner in some if owner and owner.id not in known}
        account_for_shown(ledger, Event.LIST_VIEW, people.values(), number)
        known |= people.keys()
        for line, _ in some:
            print_json(line) if form == "jsonl" else click.echo(_row(line, DOCUMENT_COLUMNS))


@click.command()
@click.argument("query")
@format_option
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--newest-first", "newest_first", is_flag=True, help="Newest service date first.")
@click.pass_obj
def search(path: Path, query: str, form: str, limit: int, *, newest_first: bool) -> None:
    """Find pages.

    QUERY is words, "a phrase", word*, AND OR NOT ( ), type:lab_report, mrn:1234567,
    patient:"name", date:2024-01-01..2024-12-31.
    """
    home, _, ledger = open_home(path)
    types = [one.key for one in load_doctypes().types]
    searcher = open_searcher(home.index)
    found = find_pages(ledger, searcher, query, limit, types=types, newest_first=newest_first)
    shown = shown_documents(found.hits)
    number = account_for(ledger, Event.SEARCH, query=query, total=found.total, **shown)
    people = {hit.patient.id: hit.patient for hit in found.hits if hit.patient}
    account_for_shown(ledger, Event.SEARCH, people.values(), number)
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
    return "\t".join("-" if line.get(name) is None else plain(line[name]) for name in columns)

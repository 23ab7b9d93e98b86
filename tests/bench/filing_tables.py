"""The figures of the filing benchmark as tables, and failures for those who look into them."""

from collections.abc import Iterator, Mapping, Sequence

from filing_cases import Case
from filing_scores import Result, Scores, Tally
from filing_senders import TYPES

from chartkeeper.ocr.page import Page

MOST_LINES_SHOWN = 16


def line(*cells: object) -> str:
    """A line of a table."""
    return "| " + " | ".join("-" if cell is None else str(cell) for cell in cells) + " |"


def table(first: str, rows: Mapping[str, dict[str, object]]) -> Iterator[str]:
    """A row a name, a column a figure."""
    if not rows:
        return
    columns = next(iter(rows.values()))
    yield line(first, *columns)
    yield "|" + " --- |" * (len(columns) + 1)
    for name, figures in rows.items():
        yield line(name, *figures.values())
    yield ""


def report(scores: Scores, documents: int) -> Iterator[str]:
    """All tables."""
    by_kind = {"all": scores.all, **scores.by_kind}
    yield from table("scan kind", _figures(by_kind))
    yield from table("trap", _figures(dict(sorted(scores.by_trap.items()))))
    boundaries = sorted(scores.boundaries.items(), key=lambda item: (", " in item[0], item[0]))
    yield from table("boundaries", {name: found.figures for name, found in boundaries})
    milliseconds = 1_000 * scores.seconds / max(1, documents)
    yield f"filing takes {milliseconds:.1f} ms a document; the slowest file {scores.slowest:.2f} s"
    if scores.stumbled:
        yield f"filing crashed on {scores.stumbled} files"


def _figures(tallies: Mapping[str, Tally]) -> dict[str, dict[str, object]]:
    return {name: tally.figures for name, tally in tallies.items()}


def as_json(scores: Scores, documents: int) -> dict[str, object]:
    """All figures for a file."""
    return {
        "all": scores.all.figures,
        "by_kind": _figures(scores.by_kind),
        "by_trap": _figures(scores.by_trap),
        "by_type": _figures(scores.by_type),
        "boundaries": {name: found.figures for name, found in scores.boundaries.items()},
        "milliseconds_a_document": round(1_000 * scores.seconds / max(1, documents), 2),
        "crashes": scores.stumbled,
        "confusions": {f"{t} as {s or 'nothing'}": n for (t, s), n in scores.all.types.items()},
    }


def confusions(scores: Scores) -> Iterator[str]:
    """Type by type: right, unanswered, and what it was taken for."""
    yield line("type", "documents", "right", "unanswered", "taken for")
    yield "|" + " --- |" * 5
    types = scores.all.types
    for name in TYPES:
        mine = {said: count for (truth, said), count in types.items() if truth == name}
        wrong = sorted(
            ((n, said) for said, n in mine.items() if said not in ("", name)), reverse=True
        )
        taken = ", ".join(f"{said} {count}" for count, said in wrong)
        yield line(name, sum(mine.values()), mine.get(name, 0), mine.get("", 0), taken)


SORTS = (
    "wrong link",
    "not linked",
    "not among three",
    "wrong type",
    "no type",
    "wrong date",
    "no date",
    "wrong boundary",
)


def sorts_of(result: Result) -> Iterator[str]:
    """Which sorts of failure a document shows."""
    case, main = result.paper.case, result.main
    if result.wrong:
        yield "wrong link"
    if case.linkable and not result.linked:
        yield "not linked"
    if case.truth and not result.linked and case.truth not in result.candidates[:3]:
        yield "not among three"
    if main.type.value != case.type:
        yield "wrong type" if main.type.value else "no type"
    if case.scored_day and main.service_date.value != case.scored_day.isoformat():
        yield "wrong date" if main.service_date.value else "no date"
    if not result.whole:
        yield "wrong boundary"


def failure(sort: str, result: Result, pages: Sequence[Page]) -> Iterator[str]:
    """One failure: the truth, the head of the page as read, the decisions with their reasons."""
    case, main = result.paper.case, result.main
    paper, sender = result.paper, case.sender
    where = f"file {result.file.number}, {result.file.kind}, pages {paper.first}-{paper.last}"
    yield f"--- {sort}: {where}, trap {case.trap}, {sender.name} ({sender.layout})"
    yield f"truth: {case.type}, {case.day}, {_who(case)}"
    page = pages[result.paper.first - 1]
    yield from (f"    {text}" for text in page.text.splitlines()[:MOST_LINES_SHOWN])
    yield f"runs: {[(one.first_page, one.last_page) for one in result.filings]}"
    yield f"patient: linked {result.links}, first three {result.candidates[:3]}"
    yield f"    {main.patient.because}"
    yield f"type: {main.type.value}; {main.type.because}"
    yield f"date: {main.service_date.value}; {main.service_date.because}"
    if main.reason:
        yield f"review: {main.reason}"


def _who(case: Case) -> str:
    person = case.person
    link = f"link to {case.truth}" if case.truth else "link to nobody"
    able = "linkable" if case.linkable else "not linkable"
    return (
        f"{person.shown_name} {person.dob} {person.mrn}; {link}, {able}, shows {sorted(case.shown)}"
    )

"""What clerks' decisions on types are worth: from a poor start, and from the one that is shipped.

    python tests/bench/learning.py [--family tuning] [--start poor shipped] [--decisions 400]
        [--held-out 600] [--patients 2000] [--seed N] [--slips 0.02] [--json FILE]

Documents come from the generator of filing.py, through words misread as real reads were. Each is
filed with the model in use at that moment. A clerk sees those whose type was left open, and one in
four of the others (they wait for another reason), and decides the type as the review queue does;
now and then, by a slip, wrongly. What was answered and filed is not seen again, as in service.
Learning is due, trained, compared and promoted as the worker does it. After so many decisions other
documents, of the same senders, are decided with the model then in use.

The poor start lacks all titles and body words and all but two headings of three types in five.
Right and wrong are shares of all held-out documents, accuracy is of those answered.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from filing_files import make_files
from filing_misreads import pages_of
from filing_population import Population, make_population
from filing_senders import FAMILIES
from judged import file, judge, save_patients

from chartkeeper.filing.classify import decide_type
from chartkeeper.filing.doctypes import DocTypes, load_doctypes
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.ingest import learning
from chartkeeper.ingest.desk import Desk
from chartkeeper.ocr.page import Page
from chartkeeper.records import type_models
from chartkeeper.records.database import create_ledger, open_ledger
from chartkeeper.records.vault import Vault

MARKS = (0, 50, 100, 200, 400)
SEEN_OTHERWISE_SHARE = 0.25
POOR_SHARE, HEADINGS_LEFT = 0.6, 2
STARTED = datetime(2026, 8, 1, 9, tzinfo=UTC)
MOST_DOCUMENTS = 20_000


@dataclass(frozen=True)
class Document:
    """A document of the stream: its true type, the number of its patient if known, its pages."""

    type: str
    mrn: str | None
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Figures:
    """How the held-out documents were decided after so many decisions of a clerk."""

    start: str
    decisions: int
    filed: int
    promoted: int
    right: float
    wrong: float
    answered: float
    accuracy: float


def documents(family: str, people: Population, seed: int, count: int) -> Iterator[Document]:
    """Documents one by one; the same for the same arguments."""
    for made in make_files(family, people, seed, count):
        pages = pages_of(made, random.Random(f"learning {seed} {made.number}"))
        for paper in made.papers:
            own = tuple(page.body for page in pages if paper.first <= page.number <= paper.last)
            yield Document(paper.case.type, paper.case.truth, own)


def poor(doctypes: DocTypes, seed: int) -> DocTypes:
    """The table of types with most of what it knows taken away."""
    rng = random.Random(f"poor {seed}")
    keys = [one.key for one in doctypes.types]
    robbed = set(rng.sample(keys, round(len(keys) * POOR_SHARE)))
    return DocTypes(
        tuple(
            replace(one, title=(), body=(), headings=one.headings[:HEADINGS_LEFT])
            if one.key in robbed
            else one
            for one in doctypes.types
        )
    )


class Office:
    """A home with its clerk: documents come in, some are decided by hand, the worker learns."""

    def __init__(self, folder: Path, people: Population, doctypes: DocTypes, slips: float) -> None:
        create_ledger(folder / "ledger.db")
        self.desk = Desk(
            ledger=open_ledger(folder / "ledger.db"),
            vault=Vault(folder),
            **dict.fromkeys(("inbox", "failed", "index", "scratch", "locks"), folder),
            rulebook=Rulebook(doctypes),
        )
        known = save_patients(self.desk.ledger, people.people.values())
        self.patients = {one.mrn: one for one in known if one}
        self.keys = [one.key for one in doctypes.types]
        self.slips = slips
        self.filed = self.decisions = 0

    def take(self, document: Document, rng: random.Random) -> None:
        """File a document, and have the clerk decide it if it waits for one."""
        now = STARTED + timedelta(minutes=self.filed)
        self.filed += 1
        decision = self.decide(document)
        if decision.value is not None and rng.random() >= SEEN_OTHERWISE_SHARE:
            return
        truth = rng.choice(self.keys) if rng.random() < self.slips else document.type
        patient = self.patients.get(document.mrn or "")
        with self.desk.ledger.write() as connection:
            number = file(connection, document.pages, patient, now, decision)
            judge(connection, number, truth, now)
        self.decisions += 1
        if learning.is_due(self.desk):
            learning.learn(self.desk, Event())

    def decide(self, document: Document):
        """The type as the worker decides it now."""
        rulebook = self.desk.rulebook
        return decide_type(document.pages, rulebook.doctypes, learning.in_use(self.desk))

    def measure(self, start: str, held_out: Sequence[Document]) -> Figures:
        """How the held-out documents are decided now."""
        said = [(self.decide(one).value, one.type) for one in held_out]
        right = sum(value == truth for value, truth in said) / len(said)
        answered = sum(value is not None for value, _ in said) / len(said)
        with self.desk.ledger.read() as connection:
            promoted = sum(one.trial.promoted for one in type_models.trials(connection, 1_000))
        accuracy = right / answered if answered else 0.0
        rounded = [round(value, 4) for value in (right, answered - right, answered, accuracy)]
        return Figures(start, self.decisions, self.filed, promoted, *rounded)


def run(start: str, given: argparse.Namespace, people: Population) -> Iterator[Figures]:
    """The figures of one start at each mark."""
    shipped = load_doctypes()
    doctypes = poor(shipped, given.seed) if start == "poor" else shipped
    held_out = list(documents(given.family, people, given.seed + 1, given.held_out))
    stream = documents(given.family, people, given.seed, MOST_DOCUMENTS)
    rng = random.Random(f"clerk {given.seed}")
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder), people, doctypes, given.slips)
        for mark in [mark for mark in MARKS if mark <= given.decisions]:
            for document in stream if mark else ():
                office.take(document, rng)
                if office.decisions >= mark:
                    break
            yield office.measure(start, held_out)
        with office.desk.ledger.read() as connection:
            for one in reversed(type_models.trials(connection, 1_000)):
                print(f"  trial {one.id}: {asdict(one.trial)}", file=sys.stderr)
        office.desk.ledger.close()


def main() -> None:
    """Measure what was asked for; a table, and JSON where wanted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--family", choices=FAMILIES, default="tuning")
    parser.add_argument(
        "--start", nargs="+", choices=("poor", "shipped"), default=["poor", "shipped"]
    )
    parser.add_argument("--decisions", type=int, default=MARKS[-1])
    parser.add_argument("--held-out", type=int, default=600)
    parser.add_argument("--patients", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--slips", type=float, default=0.02)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    people = make_population(given.seed, given.patients)
    print(f"{'start':8} decisions   filed promoted  right  wrong answered accuracy")
    rows = []
    for row in (row for start in given.start for row in run(start, given, people)):
        rows.append(row)
        print(
            f"{row.start:8} {row.decisions:9} {row.filed:7} {row.promoted:8} {row.right:6.1%} "
            f"{row.wrong:6.1%} {row.answered:8.1%} {row.accuracy:8.1%}",
            flush=True,
        )
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()

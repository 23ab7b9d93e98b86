"""Commands about the patient index: load a list, merge two numbers."""

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click

from chartkeeper.home import open_home
from chartkeeper.records import merging
from chartkeeper.records import patients as patient_index
from chartkeeper.records.access_log import Event
from chartkeeper.records.database import Connection, Ledger
from chartkeeper.records.errors import NumberRetired, UnknownPatient
from chartkeeper.records.model import Patient
from chartkeeper.records.patient_file import (
    Rejected,
    Row,
    is_another_person,
    is_same_person,
    read_patient_file,
)
from chartkeeper.settings import operator_name
from chartkeeper.terminal import EXIT_PROBLEMS, account_for, account_for_patient

PATIENTS_AT_ONCE = 500
OTHER_PERSON = (
    "has the mrn of line {0} with another name or birth date. Line {0} was loaded: find out whose "
    "number it is, correct the list, and load it again"
)
OTHER_CHART = (
    "has the mrn, or a former one, of a patient with documents whose name and birth date are both "
    "others: rows of the list may have slipped. If it is right, load it with --other-people"
)


@click.group()
def patients() -> None:
    """The patient index."""


@patients.command("load")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--other-people",
    is_flag=True,
    help="Also give charts another name and birth date, both at once.",
)
@click.pass_obj
def patients_load(path: Path, file: Path, *, other_people: bool) -> None:
    """Load patients from a CSV file, or bring known ones up to date.

    Says for each row that is rejected what is wrong with it, and then ends with status 4. A row
    that would make somebody else of a patient who has documents is rejected too.
    """
    _, _, ledger = open_home(path)
    loaded = _Loaded(other_people=other_people)
    try:
        _load(ledger, file, loaded)
    finally:
        # A list that breaks off has loaded what came before.
        counts = {"new": loaded.new, "updated": loaded.known, "rejected": loaded.rejected}
        account_for(ledger, Event.PATIENTS_LOADED, **counts)
    click.echo(f"{loaded.new} new, {loaded.known} known before, {loaded.rejected} rejected")
    if loaded.rejected:
        sys.exit(EXIT_PROBLEMS)


@dataclass(slots=True)
class _Loaded:
    other_people: bool
    new: int = 0
    known: int = 0
    rejected: int = 0
    # The first line of each number, as numbers are compared.
    lines: dict[str, int] = field(default_factory=dict)


def _load(ledger: Ledger, file: Path, loaded: _Loaded) -> None:
    rows = read_patient_file(file, datetime.now().astimezone().date())
    while batch := list(islice(rows, PATIENTS_AT_ONCE)):
        with ledger.write() as connection:
            outcomes = [_load_row(connection, row, loaded) for row in batch]
        loaded.new += outcomes.count("new")
        loaded.known += outcomes.count("known")
        problems = [row for row in outcomes if isinstance(row, Rejected)]
        loaded.rejected += len(problems)
        for row in problems:
            click.echo(f"line {row.line}: {row.problem}", err=True)


def _load_row(connection: Connection, row: Row | Rejected, loaded: _Loaded) -> str | Rejected:
    if isinstance(row, Rejected):
        return row
    first = loaded.lines.setdefault(row.patient.mrn_key, row.line)
    holder = patient_index.holder(connection, row.patient.mrn)
    # A list may repeat a patient, but who of two people has the number is not for us to guess.
    if first != row.line and holder and not is_same_person(holder, row.patient):
        return Rejected(row.line, OTHER_PERSON.format(first))
    if not loaded.other_people and _takes_chart(connection, row.patient):
        return Rejected(row.line, OTHER_CHART)
    try:
        new = patient_index.save(connection, row.patient)
    except NumberRetired as error:
        return Rejected(row.line, str(error))
    for mrn in row.patient.former_mrns:
        _merge(connection, mrn, row.patient.mrn)
    return "new" if new else "known"


def _takes_chart(connection: Connection, patient: Patient) -> bool:
    """Whether documents of somebody else would become those of this patient."""
    numbers = (patient.mrn, *patient.former_mrns)
    holders = filter(None, (patient_index.holder(connection, number) for number in numbers))
    return any(
        is_another_person(holder, patient) and patient_index.has_chart(connection, holder.id)
        for holder in holders
    )


def _merge(connection: Connection, retired: str, kept: str) -> int | None:
    """Merge two numbers if the first is still another patient's; how many documents moved."""
    gone = patient_index.holder(connection, retired)
    survivor = patient_index.holder(connection, kept)
    if gone is None or survivor is None:
        return None
    moved = merging.merge(connection, gone, survivor, operator_name(), datetime.now(UTC))
    for patient in (gone, survivor):
        account_for_patient(connection, Event.PATIENTS_MERGED, patient, {"documents": moved})
    return len(moved)


@patients.command("merge")
@click.argument("retired")
@click.argument("kept")
@click.pass_obj
def patients_merge(path: Path, retired: str, kept: str) -> None:
    """Give up the MRN RETIRED for the MRN KEPT, which are one patient: the charts become one.

    The documents move, with their history; the number given up goes on finding the patient.
    """
    _, _, ledger = open_home(path)
    with ledger.write() as connection:
        moved = _merge(connection, retired, kept)
        if moved is None:
            raise UnknownPatient
    click.echo(f"merged; {moved} document{'' if moved == 1 else 's'} moved")

"""What tests of several rooms need: a ledger, a few obviously invented patients."""

import shutil
from datetime import UTC, date, datetime

import pytest
from checkout import SHARED_DATA
from command_line import forked
from schedule import turn_of
from service import Service

from chartkeeper.records import patients
from chartkeeper.records.database import create_ledger, open_ledger
from chartkeeper.records.model import Patient, PersonName, Wanted, mrn_key

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def pytest_collection_modifyitems(items):
    items.sort(key=turn_of)


@pytest.fixture(scope="session", autouse=True)
def quick_commands():
    """What is measured elsewhere does without; here it saves half a second of each command."""
    Service.call = staticmethod(forked)


@pytest.fixture
def now():
    return NOW


@pytest.fixture(scope="session")
def shared_data():
    if not SHARED_DATA.is_dir():
        pytest.skip("the measuring data is not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory):
    """A ledger with all tables and nothing in them, made once; each test gets a copy."""
    path = tmp_path_factory.mktemp("empty") / "ledger.db"
    create_ledger(path)
    return path


@pytest.fixture
def ledger(empty_ledger, tmp_path):
    opened = open_ledger(shutil.copy(empty_ledger, tmp_path / "ledger.db"))
    yield opened
    opened.close()


def make_patient(mrn, last, first, dob, **more):
    return Patient(0, mrn, mrn_key(mrn), last, first, date.fromisoformat(dob), **more)


@pytest.fixture
def known_patients(ledger):
    """Three patients in the index, by surname."""
    people = [
        make_patient("0012345", "Samplewood", "Ada", "1961-03-07"),
        make_patient("0067890", "Testerman-Lopez", "José", "1980-12-24", sex="M"),
        make_patient(
            "0055555", "Specimen", "Eve", "1999-05-05", aliases=(PersonName("Oldname", "Eve"),)
        ),
    ]
    with ledger.write() as connection:
        for person in people:
            patients.save(connection, person)
        found = patients.look_up(connection, Wanted(frozenset(person.mrn_key for person in people)))
    return {patient.last: patient for patient in found}

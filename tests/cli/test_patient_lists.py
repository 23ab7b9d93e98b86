"""Patient lists with faults: nobody is lost without a word, nobody takes another's number."""

import re
from contextlib import closing
from datetime import UTC, datetime

import pytest
from command_line import forked
from ledger_steps import arrive, filing, read_all
from service import Service

from chartkeeper.records import documents, patients
from chartkeeper.records.database import open_ledger

NOW = datetime(2026, 7, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def service(tmp_path):
    return Service(tmp_path / "home")


def load(service, text, encoding="utf-8", *options, more=""):
    path = service.home.parent / "list.csv"
    path.write_bytes(f"mrn,last,first,dob{more}\n{text}".encode(encoding))
    done = forked("--home", service.home, "patients", "load", path, *options)
    return done.returncode, done.stdout.strip(), re.findall(r"line (\d+): (.*)", done.stderr)


def test_a_quote_that_is_not_closed_swallows_nobody(service):
    status, said, rejected = load(
        service,
        '9600001,"Lost,Ann,1980-01-01\n9600002,Next,Bob,1980-01-02\n9600003,Third,"Cy",1980-01-03\n',
    )
    assert (status, said) == (4, "2 new, 0 known before, 1 rejected")
    assert rejected == [("2", "has a quotation mark that is not closed")]


def test_lines_that_are_not_utf_8_are_named_and_the_others_loaded(service):
    text = "1,Samplewood,Ada,1961-03-07\n2,Núñez,Ana,1961-03-07\n3,Specimen,Eve,1999-05-05\n"
    status, said, rejected = load(service, text, "latin-1")
    assert (status, said) == (4, "2 new, 0 known before, 1 rejected")
    assert [line for line, _ in rejected] == ["3"]


def test_two_people_under_one_number_are_both_named(service):
    status, said, rejected = load(
        service,
        "9500001,Garcia,Maria,1950-01-01\n9000005,Specimen,Eve,1999-05-05\n"
        "9500001,Smith,John,1999-09-09\n0009000005,Specimen,Eve,1999-05-06\n"
        "950-0001,GARCIA,Maria,1950-01-01\n",
    )
    assert (status, said) == (4, "2 new, 1 known before, 2 rejected")
    assert [line for line, _ in rejected] == ["4", "5"]
    assert "the mrn of line 2 with another name or birth date" in rejected[0][1]
    assert "the mrn of line 3 with another" in rejected[1][1]
    # A later list may correct whom the number belongs to.
    assert load(service, "9500001,Smith,John,1999-09-09\n")[0] == 0


def test_a_list_of_which_the_rows_have_slipped_makes_nobody_else_of_a_chart(service):
    load(service, "1,Samplewood,Ada,1961-03-07\n2,Specimen,Eve,1999-05-05\n")
    with closing(open_ledger(service.home / "ledger.db")) as ledger:
        with ledger.write() as connection:
            scan = arrive(connection, NOW)
            read_all(connection, NOW, scan)
            ada = patients.holder(connection, "1")
            documents.file(connection, scan, filing(ada.id), NOW)
        slipped = (
            "1,Specimen,Eve,1999-05-05,\n2,Samplewood,Ada,1961-03-07,\n3,Third,Cy,1980-01-03,1\n"
        )
        status, said, rejected = load(service, slipped, more=",former_mrns")
        assert (status, said) == (4, "0 new, 1 known before, 2 rejected")
        assert [line for line, _ in rejected] == ["2", "4"]
        assert "rows of the list may have slipped" in rejected[0][1]
        # A new name, or a corrected birth date, is the same patient's.
        assert load(service, "1,Newname,Ada,1961-03-07\n")[0] == 0
        assert load(service, "1,Newname,Ada,1961-03-08\n")[0] == 0
        assert load(service, "1,Third,Cy,1980-01-03\n", "utf-8", "--other-people")[0] == 0
        with ledger.read() as connection:
            assert patients.get(connection, ada.id).last == "Third"

from datetime import UTC, date, datetime

import pytest
from ledger_steps import arrive, filing, read_all

from chartkeeper.records import documents, patient_search, patients
from chartkeeper.records.errors import MergeImpossible, NumberRetired
from chartkeeper.records.merging import merge
from chartkeeper.records.model import Field, Patient, PersonName, Wanted, mrn_key

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def person(mrn, last="Samplewood", first="Ada", **more):
    return Patient(0, mrn, mrn_key(mrn), last, first, date(1961, 3, 7), **more)


@pytest.fixture
def pair(ledger):
    """Two numbers of one patient, the older one under her name of then."""
    with ledger.write() as connection:
        patients.save(connection, person("0011111", last="Testmaiden"))
        patients.save(connection, person("0022222"))
        return patients.by_mrn(connection, "11111"), patients.by_mrn(connection, "22222")


def merged(ledger, pair):
    with ledger.write() as connection:
        return merge(connection, *pair, "operator", NOW)


def test_the_number_given_up_goes_on_finding_the_patient(ledger, pair):
    merged(ledger, pair)
    with ledger.read() as connection:
        assert patients.by_mrn(connection, "0011111").mrn == "0022222"
        assert [p.mrn for p in patient_search.search(connection, "11111")] == ["0022222"]
        found = patients.look_up(connection, Wanted(frozenset({"11111"})))
        assert [(p.mrn, p.former_mrns) for p in found] == [("0022222", ("0011111",))]
        assert PersonName("Testmaiden", "Ada") in found[0].aliases
        assert patients.count(connection) == 1


def test_documents_move_and_their_history_tells_from_where(ledger, pair):
    retired, survivor = pair
    with ledger.write() as connection:
        scan_id = arrive(connection, NOW)
        read_all(connection, NOW, scan_id)
        document = documents.file(connection, scan_id, filing(retired.id), NOW)
    assert merged(ledger, pair) == [document]
    with ledger.read() as connection:
        assert documents.facts(connection, document).patient_id == survivor.id
        links = [
            item.decision
            for item in documents.history(connection, document)
            if item.decision.field is Field.PATIENT
        ]
    assert [link.value for link in links] == [str(retired.id), str(survivor.id)]
    assert links[-1].because == "MRN 0011111 was merged into 0022222"


def test_a_newer_list_neither_revives_the_number_nor_forgets_it(ledger, pair):
    merged(ledger, pair)
    with ledger.write() as connection:
        with pytest.raises(NumberRetired, match="merged into another"):
            patients.save(connection, person("11111"))
        patients.save(connection, person("22222", sex="F"))
        assert patients.by_mrn(connection, "11111").sex == "F"


def test_one_number_cannot_be_merged_into_itself(ledger, pair):
    with ledger.write() as connection, pytest.raises(MergeImpossible, match="one patient already"):
        merge(connection, pair[0], pair[0], "operator", NOW)

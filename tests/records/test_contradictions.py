"""A document that stands otherwise than was decided of it was changed by something else."""

import sqlite3
from datetime import date

import pytest
from ledger_steps import arrive, filing, read_all

from chartkeeper.records import documents, marking, scans
from chartkeeper.records.access import ChartReason, DocumentReason
from chartkeeper.records.contradictions import document_problems
from chartkeeper.records.documents import Verdict
from chartkeeper.records.merging import merge


def problems(ledger):
    with ledger.read() as connection:
        return document_problems(connection)


@pytest.fixture
def filed(ledger, known_patients, now):
    """Three documents: filed by the program, decided by a clerk, and in review."""
    with ledger.write() as connection:
        for name, owner in (("a", "Samplewood"), ("b", None), ("c", None)):
            scan_id = arrive(connection, now, name)
            read_all(connection, now, scan_id)
            patient = owner and known_patients[owner].id
            documents.file(connection, scan_id, filing(patient), now)
            scans.mark_filed(connection, scan_id)
        verdict = Verdict("letter", known_patients["Specimen"].id, date(2024, 5, 5))
        documents.decide(connection, 2, 1, verdict, "ann", now)
        marking.mark_document(connection, 1, DocumentReason.HIV, "ann", now)
        marking.mark_document(connection, 2, DocumentReason.HIV, "ann", now)
        marking.mark_document(connection, 2, None, "ann", now)
        marking.mark_chart(connection, 1, ChartReason.VIP, "ann", now)
    return ledger


def test_what_was_decided_by_program_clerk_or_merger_is_no_problem(filed, known_patients, now):
    with filed.write() as connection:
        merge(connection, known_patients["Specimen"], known_patients["Samplewood"], "op", now)
        documents.decide(connection, 1, 1, Verdict(None, None, None), "ann", now)
    assert problems(filed) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("patient_id = 3 WHERE id = 1", "another patient than was decided last has document 1"),
        ("patient_id = 2 WHERE id > 1", "another patient than was decided last has document 2, 3"),
        ("patient_id = NULL, to_file = 0 WHERE id = 2", "another patient"),
        ("type = 'ecg_report' WHERE id = 1", "another type than was decided last has document 1"),
        ("service_date = '2020-01-01' WHERE id = 3", "another service date"),
        ("status = 'review' WHERE id = 1", "another status than was decided last has document 1"),
        ("status = 'review', reason = 'x' WHERE id = 2", "another status"),
        ("status = 'filed' WHERE id = 3", "another status than was decided last has document 3"),
        ("status = 'filed', reason = '' WHERE id = 3", "another status"),
        (
            "restricted = NULL WHERE id = 1",
            "another restriction than was decided last has document 1",
        ),
        ("restricted = 'hiv' WHERE id = 2", "another restriction"),
    ],
)
def test_a_document_changed_behind_the_program_is_named(filed, tmp_path, change, said):
    database = sqlite3.connect(tmp_path / "ledger.db")
    database.execute(f"UPDATE documents SET {change}")
    database.commit()
    database.close()
    assert said in str(problems(filed))


@pytest.mark.parametrize("change", ["restricted = NULL WHERE id = 1", "restricted = 'vip'"])
def test_a_chart_whose_mark_was_changed_behind_the_program_is_named(filed, tmp_path, change):
    database = sqlite3.connect(tmp_path / "ledger.db")
    database.execute(f"UPDATE patients SET {change}")
    database.commit()
    database.close()
    assert "another restriction than was decided last has the chart of patient" in str(
        problems(filed)
    )

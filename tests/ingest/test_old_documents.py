"""Which lines of a list are one document, and what the new list says of it."""

import csv
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.ingest.manifest import Row, read_manifest
from chartkeeper.ingest.manifest_entry import Rejected
from chartkeeper.ingest.manifest_mapping import FieldMap
from chartkeeper.ingest.old_documents import (
    COLUMNS,
    NotOne,
    OldDocument,
    list_line,
    numbered_twice,
    old_documents,
    said_pages,
)
from chartkeeper.records.findings import Finding


def rows(*numbers):
    return [Row(line, f"{line}.tif", source_id=number) for line, number in enumerate(numbers, 2)]


def lines_of(found):
    return [
        each.line if isinstance(each, Rejected) else [row.line for row in each.rows]
        for each in found
    ]


def test_lines_together_under_one_number_are_one_document():
    assert lines_of(old_documents(rows("a", "a", "b", "", "", "c", "c"))) == [
        [2, 3], [4], [5], [6], [7, 8],
    ]  # fmt: skip


def test_a_line_that_is_no_use_ends_a_document():
    found = rows("a", "a")
    found.insert(1, Rejected(99, Finding.NO_FILE))
    assert lines_of(old_documents(found)) == [[2], 99, [3]]
    assert numbered_twice(old_documents(found)) == {hash("a")}


def test_a_file_with_a_line_for_each_of_its_pages_counts_once():
    same = [Row(line, "a.tif", source_id="7") for line in (2, 3)]
    assert lines_of(old_documents([*same, Row(4, "b.tif", source_id="7")])) == [[2, 4]]


@given(st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=30))
def test_every_line_is_in_one_document_in_its_order(numbers):
    found = rows(*numbers)
    documents = list(old_documents(found))
    assert [row for document in documents for row in document.rows] == found
    once = [document for document in documents if document.number]
    twice = {one.number for one in once if [each.number for each in once].count(one.number) > 1}
    assert numbered_twice(documents) == {hash(number) for number in twice}


def test_lines_that_do_not_stand_together_are_not_one():
    documents = list(old_documents(rows("a", "b", "a")))
    why_not = [each.why_not_one(numbered_twice(documents)) for each in documents]
    assert why_not == [NotOne.SCATTERED, None, NotOne.SCATTERED]


@pytest.mark.parametrize("field", ["mrn", "last", "first", "type", "dob", "service_date"])
def test_lines_that_contradict_each_other_are_not_one(field):
    value = date(2001, 2, 3) if field in ("dob", "service_date") else "other"
    one, two = Row(2, "a.tif", source_id="7"), Row(3, "b.tif", source_id="7", **{field: value})
    assert OldDocument((one, two)).why_not_one(frozenset()) is NotOne.CONTRADICTED
    assert OldDocument((two, two)).why_not_one(frozenset()) is None


@pytest.mark.parametrize(
    ("said", "found", "pages"),
    [
        ((1, 1, 1), 3, 3),
        ((3, 3, 3), 3, 3),
        ((2, 3), 5, 5),
        ((1, None), 2, None),
        ((1, 1), 3, 2),
        ((4, 4), 3, 4),
        # Of two files of two pages each, or of a document of two: the files that are there tell.
        ((2, 2), 4, 4),
        ((2, 2), 3, 2),
    ],
)
def test_pages_are_said_of_each_file_or_of_the_document(said, found, pages):
    lines = [Row(2, "a.tif", pages=number) for number in said]
    assert said_pages(lines, found) == pages


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("D-77", "00012/00012345-D-77"),
        ("../../etc", "00012/00012345-etc"),
        ("7/8 page", "00012/00012345-7_8_page"),
        ("", "00012/00012345"),
        ("é", "00012/00012345"),
    ],
)
def test_what_its_file_is_called(number, name):
    assert OldDocument((Row(12345, "a.tif", source_id=number),)).name == name


def test_the_new_list_says_what_the_old_one_said(tmp_path):
    row = Row(
        2, "a.tif", box="b", label="lot", source_id="7", mrn="0012", last="Specimen", first="Eve",
        type="HIM Progress", dob=date(1999, 5, 5), service_date=date(2024, 3, 4), priority=2,
    )  # fmt: skip
    made, digest = tmp_path / "list.csv", "ab" * 32
    with made.open("w", newline="") as file:
        line = list_line(OldDocument((row,)), "x.pdf", 3, digest, {"himprogress": "progress_note"})
        csv.writer(file).writerows([COLUMNS, line])
    (again,) = read_manifest(made, FieldMap())
    assert again == replace(row, file="x.pdf", pages=3, sha256=digest, type="progress_note")

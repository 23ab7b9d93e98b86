"""Batches: every file and page in one column, nothing closed that is not whole, claims checked."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importing import (
    NOW,
    adds_up,
    listing,
    order_of,
    paper,
    read_and_file,
    report,
    run,
    said_of,
)

from chartkeeper.ingest import pipeline
from chartkeeper.ocr.page import Box, Page, PageKind, TextSource, Word
from chartkeeper.records import batch_closing, batch_report, batches, documents, pages, scans
from chartkeeper.records.errors import BatchClosed, NothingToExcuse, UnknownBatch
from chartkeeper.records.model import (
    FILING_FIELDS,
    Decision,
    DocumentStatus,
    Filing,
    ScanState,
)

LINES = ("PROGRESS NOTE", "{who}", "Date of service: 03/04/2024", "SUBJECTIVE: better. PLAN: same.")
ADA = "Patient: SAMPLEWOOD, ADA   DOB: 03/07/1961   MRN: 0012345"


@pytest.fixture
def basement(tmp_path):
    folder = tmp_path / "basement"
    folder.mkdir()
    return folder


def sheet(number, kind=PageKind.CONTENT, lines=("some words",)):
    words = tuple(
        Word(text, Box(100 + 160 * at, 100 + 60 * row, 140, 30), 0.96, row)
        for row, line in enumerate(lines)
        for at, text in enumerate(line.split())
        if kind is PageKind.CONTENT
    )
    return Page(number, 1700, 2200, 200, 0, kind, TextSource.OCR, words)


def whole(status):
    def filing(scan):
        decided = [Decision(field, None, 0.0, "as the test says") for field in FILING_FIELDS]
        why = "" if status is DocumentStatus.FILED else "a clerk must look"
        return Filing(1, scan.page_count, *decided, (), status, why)

    return filing


def note_of(who):
    return lambda task: sheet(task.number, lines=[line.format(who=who) for line in LINES])


def test_each_page_is_in_the_column_of_its_fate(desk, basement):
    paper(basement / "a.tif", 1, 5)
    paper(basement / "b.tif", 2, 2)
    paper(basement / "more.tif", 3)
    (basement / "c.tif").write_bytes(b"")
    head = "file,box,batch,pages"
    lines = ["a.tif,1,x,6", "b.tif,1,x,1", "c.tif,2,x,4", "d.tif,2,x,3", "e.tif,2,y,,"]
    batch = run(desk, order_of(basement, listing(basement, *lines, head=head)))
    fates = {
        1: sheet(1, PageKind.SEPARATOR), 2: sheet(2), 3: sheet(3, PageKind.BLANK), 4: "too dark",
        5: sheet(5),
    }  # fmt: skip
    read_and_file(desk, whole(DocumentStatus.REVIEW), lambda task: fates[task.number])
    unlabelled, first, second = report(desk, batch)
    assert all(map(adds_up, (unlabelled, first, second)))
    assert (unlabelled.files.rejected, unlabelled.files.surplus) == (1, 1)
    assert (first.label, first.box, first.files.review, first.files.received) == ("x", "1", 2, 2)
    counted = first.pages
    assert (counted.expected, counted.received, counted.missing, counted.surplus) == (7, 7, 1, 1)
    assert (counted.separator, counted.blank, counted.unreadable) == (2, 1, 1)
    assert counted.review == 3
    assert (second.files.refused, second.files.missing, second.files.received) == (1, 1, 0)
    assert (second.pages.refused, second.pages.missing) == (4, 3)


FATE = st.sampled_from(["read", "blank", "separator", "failed", "waiting"])
FILE = st.tuples(
    st.integers(0, 3),  # which content; the same twice is a duplicate
    st.sampled_from(["there", "missing", "empty"]),
    st.one_of(st.none(), st.integers(0, 5)),  # pages by the list
    st.sampled_from("12"),
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(FILE, min_size=1, max_size=6), st.lists(FATE, min_size=4, max_size=4), st.data())
def test_whatever_happens_the_columns_add_up(desk, basement, files, fates, data):
    for path in basement.iterdir():
        path.unlink()
    lines = []
    for number, (content, lies, page_count, box) in enumerate(files):
        path = basement / f"{number}.tif"
        if lies == "there":
            paper(path, content, content + 1)
        elif lies == "empty":
            path.write_bytes(b"")
        lines.append(f"{path.name},{box},,{'' if page_count is None else page_count},{number}")
    batch = run(desk, order_of(basement, listing(basement, *lines)))
    with desk.ledger.write() as connection:
        for task in pages.lease(connection, "test", 100, NOW, 60):
            fate = fates[task.number - 1]
            kinds = {"blank": PageKind.BLANK, "separator": PageKind.SEPARATOR}
            if fate == "failed":
                pages.fail(connection, task.page_id, "too dark")
            elif fate != "waiting":
                kind = kinds.get(fate, PageKind.CONTENT)
                pages.store(connection, task.page_id, sheet(task.number, kind))
    status = data.draw(st.sampled_from(DocumentStatus))
    with desk.ledger.write() as connection:
        for scan in scans.ready_to_file(connection, 100):
            documents.file(connection, scan.id, whole(status)(scan), NOW)
            scans.mark_filed(connection, scan.id)
        boxes = batch_report.reconcile(connection, batch.id)
    assert all(map(adds_up, boxes))
    assert adds_up(batch_report.total(boxes))
    assert sum(box.files.expected for box in boxes) == len(files)


def lacking(desk, batch):
    with desk.ledger.read() as connection:
        return batch_closing.lacking(connection, batch.id)


def excuse(desk, batch, line, because="was shredded in 1998"):
    with desk.ledger.write() as connection:
        return batch_closing.excuse(connection, batch.id, line, because, "admin", NOW)


def close(desk, batch):
    with desk.ledger.write() as connection:
        return batch_closing.close(connection, batch.id, "admin", NOW)


def test_a_batch_is_closed_only_when_nothing_is_missing_or_all_is_accounted_for(desk, basement):
    paper(basement / "a.tif", 1)
    paper(basement / "b.tif", 2)
    paper(basement / "surplus.tif", 3)
    (basement / "c.tif").write_bytes(b"")
    lines = ["a.tif,,,1,", "b.tif,,,2,", "c.tif,,,,", "d.tif,,,,", "half,a line"]
    batch = run(desk, order_of(basement, listing(basement, *lines)))
    assert "files not read yet: 2 (lines 2, 3)" in lacking(desk, batch)
    read_and_file(desk, whole(DocumentStatus.REVIEW), lambda task: sheet(task.number))
    reasons = {
        3: "files with another number of pages: 1 (line 3)",
        4: "files refused: 1 (line 4)",
        5: "files missing: 1 (line 5)",
        6: "lines that cannot be used: 1 (line 6)",
        7: "files not on the list: 1 (line 7)",
    }
    for line, reason in reasons.items():
        assert reason in close(desk, batch)
        excuse(desk, batch, line)
    assert close(desk, batch) == ""
    with desk.ledger.read() as connection:
        assert batches.get(connection, batch.id).closed_by == "admin"
    for call in (lambda: excuse(desk, batch, 3), lambda: run(desk, _same_order(basement))):
        with pytest.raises(BatchClosed):
            call()


def _same_order(basement):
    return order_of(basement, basement.parent / "list.csv")


def test_an_unreadable_page_and_an_unfinished_import_keep_a_batch_open(desk, basement):
    paper(basement / "a.tif", 1, 2)
    paper(basement / "b.tif", 2)
    batch = run(desk, order_of(basement), stop_after=1)
    assert "not read to its end" in lacking(desk, batch)
    batch = run(desk, order_of(basement), resume=True)
    read_and_file(desk, whole(DocumentStatus.FILED),
                  lambda task: "too dark" if task.number == 2 else sheet(task.number))  # fmt: skip
    assert lacking(desk, batch) == "files with pages that cannot be read: 1 (line 1)"
    assert said_of(desk, batch) == {1: ("accepted", "")}
    excuse(desk, batch, 1)
    assert lacking(desk, batch) == ""


def test_the_pages_of_a_file_that_is_named_again_are_counted_once(desk, basement):
    paper(basement / "a.tif", 1, 3)
    paper(basement / "b.tif", 2, 2)
    lines = ["a.tif,one,,,", "a.tif,one,,,", "a.tif,two,,1,", "b.tif,two,,,", "gone.tif,two,,7,"]
    batch = run(desk, order_of(basement, listing(basement, *lines, "gone.tif,two,,7,")))
    one, two = report(desk, batch)
    assert (one.files.expected, one.pages.expected, one.pages.received) == (2, 3, 3)
    assert (two.files.expected, two.pages.expected, two.pages.received) == (4, 9, 2)
    assert adds_up(one)
    assert adds_up(two)
    assert said_of(desk, batch)[4] == ("duplicate", "named_twice page_count same_content")


def test_an_old_document_in_several_files_is_said(desk, basement):
    for number in range(4):
        paper(basement / f"{number}.tif", number)
    lines = ["0.tif,,,,7", "1.tif,,,,7", "1.tif,,,,7", "2.tif,,,,", "3.tif,,,,"]
    batch = run(desk, order_of(basement, listing(basement, *lines)))
    assert said_of(desk, batch) == {
        3: ("accepted", "several_files"),
        4: ("duplicate", "named_twice same_content"),
    }
    assert lacking(desk, batch) == "files not read yet: 5 (lines 2, 3, 4, 5, 6)"


def test_excuses_need_a_line_and_a_reason(desk, basement):
    paper(basement / "a.tif", 1)
    batch = run(desk, order_of(basement))
    for line, because in ((9, "x"), (1, "  ")):
        with pytest.raises(NothingToExcuse):
            excuse(desk, batch, line, because)
    with pytest.raises(UnknownBatch):
        lacking(desk, replace(batch, id=99))


def test_an_excused_surplus_stays_excused_and_others_are_looked_for_anew(desk, basement):
    paper(basement / "a.tif", 1)
    paper(basement / "b.tif", 2)
    paper(basement / "c.tif", 3)
    order = order_of(basement, listing(basement, "a.tif,,,,"))
    batch = run(desk, order)
    excuse(desk, batch, 3)
    (basement / "c.tif").unlink()
    paper(basement / "d.tif", 4)
    run(desk, order)
    with desk.ledger.read() as connection:
        found = {
            line["line"]: line["file"] for line in batch_report.exceptions(connection, batch.id)
        }
    assert found == {3: "b.tif", 4: "d.tif"}


def filed_documents(desk):
    with desk.ledger.read() as connection:
        return documents.after(connection, 0, 100)


def bring_home(desk, read):
    """Read what waits, and file it as the worker does."""
    with desk.ledger.write() as connection:
        for task in pages.lease(connection, "test", 100, NOW, 60):
            pages.store(connection, task.page_id, read(task))
    file_all(desk)


def file_all(desk):
    with desk.ledger.read() as connection:
        ready = scans.ready_to_file(connection)
        anew = documents.waiting_to_be_filed(connection, 100)
    for scan in ready:
        pipeline.file(desk, scan)
    for facts in anew:
        pipeline.file_anew(desk, facts)


def test_what_a_list_says_is_held_against_the_pages(desk, basement, known_patients):
    for name, number in (("right.tif", 1), ("shifted.tif", 2), ("none.tif", 3)):
        paper(basement / name, number)
    lines = ["right.tif,,0012345,,", "shifted.tif,,0067890,,", "none.tif,,,,"]
    run(desk, order_of(basement, listing(basement, *lines)))
    bring_home(desk, note_of(ADA))
    right, shifted, silent = filed_documents(desk)
    assert right.document.status is DocumentStatus.FILED
    assert silent.document.status is DocumentStatus.FILED
    assert shifted.document.status is DocumentStatus.REVIEW
    assert "The import list says MRN 0067890, but" in shifted.document.reason
    assert shifted.patient_id is None


def test_a_scan_filed_before_is_held_against_a_list_that_comes_later(
    desk, basement, known_patients
):
    paper(basement / "a.tif", 1)
    run(desk, order_of(basement))
    bring_home(desk, note_of(ADA))
    assert filed_documents(desk)[0].document.status is DocumentStatus.FILED
    run(desk, order_of(basement, listing(basement, "a.tif,,0012345,,")))
    assert filed_documents(desk)[0].to_file
    file_all(desk)
    assert filed_documents(desk)[0].document.status is DocumentStatus.FILED
    run(desk, order_of(basement, listing(basement, "a.tif,9,0067890,,")))
    file_all(desk)
    (found,) = filed_documents(desk)
    assert found.document.status is DocumentStatus.REVIEW
    assert "says different things of it (MRN)" in found.document.reason


def test_what_a_person_decided_stands_against_a_list(desk, basement, known_patients):
    paper(basement / "a.tif", 1)
    run(desk, order_of(basement))
    bring_home(desk, note_of("no name"))
    (found,) = filed_documents(desk)
    verdict = documents.Verdict("letter", known_patients["Specimen"].id, None)
    with desk.ledger.write() as connection:
        documents.decide(connection, found.document.id, found.version, verdict, "clerk", NOW)
    run(desk, order_of(basement, listing(basement, "a.tif,,0012345,,")))
    file_all(desk)
    (after,) = filed_documents(desk)
    assert after.document.status is DocumentStatus.FILED
    assert after.patient_id == known_patients["Specimen"].id


def test_a_claim_that_comes_while_a_scan_is_decided_is_not_passed_over(
    desk, basement, known_patients, monkeypatch
):
    paper(basement / "a.tif", 1)
    paper(basement / "b.tif", 1)
    order = order_of(basement, listing(basement, "a.tif,,0012345,,"))
    run(desk, order)
    decide = pipeline.decide

    def meanwhile(*arguments):
        monkeypatch.setattr(pipeline, "decide", decide)
        run(desk, order_of(basement, listing(basement, "b.tif,,0067890,,")))
        return decide(*arguments)

    monkeypatch.setattr(pipeline, "decide", meanwhile)
    bring_home(desk, note_of(ADA))
    with desk.ledger.read() as connection:
        assert scans.get(connection, 1).state is ScanState.STORED
    file_all(desk)
    assert filed_documents(desk)[0].document.status is DocumentStatus.REVIEW


def test_of_a_file_of_several_patients_only_the_one_of_the_list_is_filed(
    desk, basement, known_patients
):
    paper(basement / "a.tif", 1, 2)
    run(desk, order_of(basement, listing(basement, "a.tif,,0012345,,")))
    people = {1: ADA, 2: "Patient: SPECIMEN, EVE   DOB: 05/05/1999   MRN: 0055555"}
    bring_home(desk, lambda task: note_of(people[task.number])(task))
    first, second = filed_documents(desk)
    assert first.document.status is DocumentStatus.FILED
    assert second.document.status is DocumentStatus.REVIEW
    assert "The import list says MRN 0012345, but" in second.document.reason

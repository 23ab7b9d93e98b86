"""The administrator's pages about imports."""

import pytest

from chartkeeper.records import batch_report, batches, marking
from chartkeeper.records.access import DocumentReason
from chartkeeper.records.access_log import Event
from chartkeeper.records.batches import Item, Outcome
from chartkeeper.records.findings import Finding
from chartkeeper.records.model import ItemState


@pytest.fixture
def imported(home, charts, now):
    """An import of a filed file, one that is missing, and one that the list does not name."""
    items = [
        Item(2, ItemState.EXPECTED, "/old", "note.png", box="box 1", pages=1),
        Item(3, ItemState.EXPECTED, "/old", "<b>gone</b>.tif", box="box 1", pages=3),
        Item(4, ItemState.SURPLUS, "/old", "more.tif", (Finding.NOT_NAMED,)),
    ]
    with home.parts.ledger.write() as connection:
        batch = batches.start(connection, "list.csv", "0" * 64, now, by_list=True)
        batches.add(connection, batch.id, items)
        batches.mark_listed(connection, batch.id)
        first, second = batches.expected(connection, batch.id, 9)
        taken = Outcome(ItemState.TAKEN, found_sha256="1" * 64, found_pages=1, scan_id=2)
        batches.settle(connection, first, taken)
        batches.settle(connection, second, Outcome(ItemState.MISSING, (Finding.NOT_THERE,)))
        batches.mark_finished(connection, batch.id, now)
    return batch.id


def test_no_import_is_said(administrator):
    assert "Nothing was imported yet" in administrator.get("/batches").text


def test_an_import_is_listed_with_its_lines(home, administrator, imported):
    page = administrator.get("/batches").text
    assert f"{imported}: list.csv" in page
    assert "Read in" in page
    page = administrator.get(f"/batches/{imported}").text
    assert "&lt;b&gt;gone&lt;/b&gt;.tif" in page
    assert "the list names the file, but it is not there" in page
    assert "more.tif" in page
    assert home.log(event=Event.LIST_VIEW)[-1].detail["batch"] == imported
    assert administrator.get("/batches/77").status_code == 404


def test_a_file_with_a_restricted_document_in_it_has_no_name(home, administrator, imported, now):
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql("UPDATE pages SET state = 'failed' WHERE scan_id = 2")
    assert "note.png" in administrator.get(f"/batches/{imported}").text
    with home.parts.ledger.write() as connection:
        marking.mark_document(connection, 2, DocumentReason.HIV, "clerk", now)
        named = [line["file"] for line in batch_report.exceptions(connection, imported)]
    assert "note.png" in named
    page = administrator.get(f"/batches/{imported}").text
    assert "note.png" not in page
    assert ">restricted</td>" in page


def test_the_boxes_say_what_is_missing(administrator, imported):
    page = administrator.get(f"/batches/{imported}/boxes").text
    assert "files missing: 1 (line 3)" in page
    assert "Close the import" not in page


def test_lines_are_excused_and_the_import_closed_with_entries(home, administrator, imported):
    assert administrator.post(f"/batches/{imported}/close").location.endswith("/boxes")
    assert home.log(event=Event.BATCH_CLOSED)[-1].outcome == "refused"
    address = f"/batches/{imported}/lines/{{}}/excuse"
    assert administrator.post(address.format(3), {"reason": " "}).status_code == 400
    for line in (3, 4):
        answer = administrator.post(address.format(line), {"reason": "lost in the flood of 1987"})
        assert answer.location == f"/batches/{imported}?done=excused"
    assert "lost in the flood" in administrator.get(f"/batches/{imported}").text
    assert home.log(event=Event.BATCH_EXCUSED)[-1].detail["line"] == 4
    assert "Close the import" in administrator.get(f"/batches/{imported}/boxes").text
    answer = administrator.post(f"/batches/{imported}/close")
    assert answer.location == f"/batches/{imported}?done=closed"
    assert home.log(event=Event.BATCH_CLOSED)[-1].outcome == "ok"
    assert "Closed" in administrator.get(answer.location).text
    assert administrator.post(address.format(3), {"reason": "x"}).status_code == 400


def test_what_lacks_nothing_cannot_be_accounted_for(home, administrator, imported):
    item = Item(9, ItemState.EXPECTED, "/old", "odd.png", (Finding.UNKNOWN_MRN,))
    with home.parts.ledger.write() as connection:
        batches.add(connection, imported, [item])
        (odd,) = batches.expected(connection, imported, 9)
        batches.settle(connection, odd, Outcome(ItemState.TAKEN, found_pages=1, scan_id=2))
    page = administrator.get(f"/batches/{imported}").text
    assert "Account for it, line 3" in page
    assert "odd.png" in page
    assert "Account for it, line 9" not in page
    address = f"/batches/{imported}/lines/9/excuse"
    answer = administrator.post(address, {"reason": "lost in the flood"})
    assert answer.status_code == 400
    assert "lacks nothing" in answer.text
    assert "Folders not opened" in administrator.get(f"/batches/{imported}/boxes").text


def test_many_lines_come_page_by_page(home, administrator, imported):
    items = [Item(n, ItemState.SURPLUS, "/old", f"n{n}.tif", (Finding.NOT_NAMED,))
             for n in range(10, 140)]  # fmt: skip
    with home.parts.ledger.write() as connection:
        batches.note_surplus(connection, imported, items)
    first = administrator.get(f"/batches/{imported}").text
    assert "n107.tif" in first
    assert "n108.tif" not in first
    assert "n108.tif" in administrator.get(f"/batches/{imported}?after=107").text

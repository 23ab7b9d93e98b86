"""What a clerk set aside, at the command line: refused with the clerk's reason, and all adds up."""

import json
from datetime import UTC, datetime

from service import Service
from sheets import note

from chartkeeper.records import aside, review_queue
from chartkeeper.records.aside import Grounds, Reason
from chartkeeper.records.database import open_ledger


def set_aside_all(service):
    """Set aside everything that waits, as the clerks do."""
    ledger = open_ledger(service.home / "ledger.db")
    grounds = Grounds(Reason.NOT_A_CHART, "the menu of the canteen")
    with ledger.write() as connection:
        for one in review_queue.waiting(connection, 100):
            number, version = one.document.id, one.version
            aside.set_aside(connection, number, version, grounds, "ann", datetime.now(UTC))
    ledger.close()


def test_it_is_listed_as_refused_with_the_reason_and_no_count_is_off(tmp_path):
    service = Service(tmp_path / "home")
    basement = tmp_path / "basement"
    basement.mkdir()
    note(basement / "menu.png", "Pumpkin soup")
    service.run("import", str(basement))
    assert [line["status"] for line in service.documents()] == ["review"]
    assert len(service.search("pumpkin")) == 1
    set_aside_all(service)
    service.run("import", str(basement), "--resume")
    (line,) = service.documents("--status", "refused")
    assert line["reason"] == "Not a chart document: the menu of the canteen"
    assert (line["file"], line["first_page"], line["last_page"]) == ("menu.png", 1, 1)
    assert (line["type"], line["mrn"], line["service_date"]) == (None, None, None)
    assert service.documents("--status", "review") == []
    assert service.search("pumpkin") == []
    assert "1 aside" in service.run("status")
    (box,) = json.loads(f"[{service.run('batches', 'report', '1', '--format', 'jsonl')}]")
    counted = (box["files_aside"], box["files_received"], box["pages_aside"], box["pages_received"])
    assert counted == (1, 1, 1, 1)
    assert service.status_of("batches", "close", "1") == 0
    service.run("reindex")
    assert service.search("pumpkin") == []
    assert service.status_of("verify") == 0

"""What verify finds in the vault and the ledger, and what it takes for work under way."""

import sqlite3
from datetime import timedelta

import pytest

from chartkeeper.records import access_log, batches, fixity, keeping, scans, verify
from chartkeeper.records.access_log import Entry, Event
from chartkeeper.records.batches import Item
from chartkeeper.records.database import damage, open_ledger
from chartkeeper.records.errors import LedgerDamaged
from chartkeeper.records.fixity import Problem, place_of
from chartkeeper.records.keeping import Kind
from chartkeeper.records.model import ItemState, Lane
from chartkeeper.records.scans import NewScan
from chartkeeper.records.vault import Vault


@pytest.fixture
def vault(tmp_path):
    (tmp_path / "vault").mkdir()
    return tmp_path / "vault"


def store(ledger, vault, now, number):
    """Originals in the vault and the ledger; returns their names."""
    names = []
    for count in range(number):
        source = vault.parent / "arriving"
        source.write_bytes(f"scan {count}".encode())
        stored = Vault(vault).store(source)
        with ledger.write() as connection:
            scans.add(connection, NewScan(stored.sha256, "pdf", stored.size, 1, Lane.DAILY), now)
        names.append(stored.sha256)
    return names


def found(ledger, vault):
    return [item.what for item in verify.vault_findings(ledger, vault)]


def test_a_sound_vault_has_no_findings(ledger, vault, now):
    store(ledger, vault, now, 5)
    assert found(ledger, vault) == []


def test_young_strays_are_work_under_way(ledger, vault, now):
    stray = "ab" + "0" * 62
    (vault / "ab").mkdir()
    (vault / "ab" / stray).write_bytes(b"stored just now, its row is about to come")
    (vault / ".1234.part").write_bytes(b"half a copy")
    assert found(ledger, vault) == []


def test_strays_foreign_and_missing_files_are_found(ledger, vault, now, monkeypatch):
    monkeypatch.setattr(verify, "YOUNG_SECONDS", -1)
    names = store(ledger, vault, now, 3)
    place_of(vault, names[1]).unlink()
    stray = "ab" + "0" * 62
    (vault / "ab").mkdir(exist_ok=True)
    (vault / "ab" / stray).write_bytes(b"x")
    (vault / "ab" / "holiday.jpg").write_bytes(b"x")
    (vault / ".1234.part").write_bytes(b"half a copy")
    (vault / "desktop.ini").write_bytes(b"x")
    (vault / "ab" / ("cd" + "0" * 62)).write_bytes(b"in the wrong folder")
    assert sorted(found(ledger, vault)) == sorted(
        [
            f"original {names[1][:12]} is missing",
            f"original {stray[:12]} is not in the ledger",
            "a foreign file lies in its folder ab",
            "a foreign file lies in its folder ab",
            "a half copy was left in the vault",
            "a foreign file or folder lies in the vault",
        ]
    )
    assert all(item.remedy for item in verify.vault_findings(ledger, vault))


def test_a_vault_that_is_not_there_is_one_finding(ledger, vault, now):
    store(ledger, vault, now, 3)
    vault.rename(vault.with_name("unplugged"))
    assert found(ledger, vault) == ["there is no vault"]


def test_each_original_is_read_from_the_disk_again(ledger, vault, now):
    whole, flipped, gone, locked = store(ledger, vault, now, 4)
    place = place_of(vault, flipped)
    place.chmod(0o600)
    place.write_bytes(b"scan X")
    place_of(vault, gone).unlink()
    place_of(vault, locked).unlink()
    place_of(vault, locked).mkdir()
    with ledger.read() as connection:
        originals = fixity.every(connection, 0, 99, 99)
    problems = {item.sha256: fixity.check(vault, item) for item in originals}
    assert problems == {
        whole: None,
        flipped: Problem.DAMAGED,
        gone: Problem.MISSING,
        locked: Problem.UNREADABLE,
    }


def test_what_was_not_read_for_longest_comes_first_and_what_was_bad_is_kept(ledger, vault, now):
    store(ledger, vault, now, 4)
    with ledger.write() as connection:
        one, two, three, four = fixity.every(connection, 0, 99, 99)
        fixity.note(connection, [(one, None)], now - timedelta(days=1))
        fixity.note(connection, [(two, None)], now - timedelta(days=3))
        fixity.note(connection, [(three, Problem.DAMAGED)], now - timedelta(days=2))
        assert fixity.unread(connection, 0, 99, 99) == [four]
        assert fixity.suspect(connection, 0, 99, 99) == [three]
        assert fixity.longest_ago(connection, now, 99) == [two, three, one]
        assert fixity.longest_ago(connection, now - timedelta(days=2), 99) == [two]
        fixity.note(connection, [(three, None)], now)
        assert fixity.suspect(connection, 0, 99, 99) == []


def test_runs_and_findings_are_kept_and_one_that_was_cut_off_shows(ledger, now):
    finding = verify.finding("pages: 3 scans do not have as many pages as they arrived with")
    with ledger.write() as connection:
        keeping.begin_run(connection, Kind.FULL, now)
        number = keeping.begin_run(connection, Kind.INCREMENTAL, now)
        run = keeping.runs(connection, 1)[0]
        keeping.end_run(connection, run, [finding] * 2000, now + timedelta(seconds=9))
        assert [item.id for item in keeping.runs(connection, 9)] == [number, number - 1]
        assert keeping.last_ended(connection).id == number
        assert keeping.last_ended(connection, Kind.FULL) is None
        kept = keeping.findings_of(connection, number, 5000)
    assert len(kept) == keeping.MAX_FINDINGS_KEPT
    assert kept[0] == finding
    assert "report it" in str(kept[0])


def test_a_broken_link_between_tables_is_found(ledger, vault, now, tmp_path):
    store(ledger, vault, now, 1)
    database = sqlite3.connect(tmp_path / "ledger.db")
    database.execute("DELETE FROM scans")
    database.commit()
    database.close()
    with ledger.read() as connection:
        assert damage(connection) == ["ledger: a row of pages belongs to none of scans"]


def test_a_damaged_ledger_is_said_with_the_remedy(ledger, vault, now, tmp_path):
    store(ledger, vault, now, 200)
    ledger.close()
    path = tmp_path / "ledger.db"
    with path.open("r+b") as file:
        for place in range(4096, path.stat().st_size, 4096):
            file.seek(place)
            file.write(b"\x55" * 64)

    def look():
        with open_ledger(path).read() as connection:
            assert damage(connection) == []

    with pytest.raises(LedgerDamaged, match="restore the newest whole backup"):
        look()


def test_an_incremental_check_of_the_log_begins_at_the_entry_noted_down(ledger, now, tmp_path):
    with ledger.write() as connection:
        for page in range(6):
            access_log.record(connection, Entry(Event.LOGIN, "ann", "-", page=page), now)
        anchor = (4, access_log.hash_at(connection, 4))
    database = sqlite3.connect(tmp_path / "ledger.db")
    database.execute("DROP TRIGGER access_log_no_UPDATE")
    for seq in (2, 5):
        database.execute(f"UPDATE access_log SET actor = 'bob' WHERE seq = {seq}")
        database.commit()
        with ledger.read() as connection:
            later = verify.verify_access_log(connection, anchor, whole=False)
            assert (f"entry {seq} was changed" in str(later)) is (seq > 4)
            every = verify.verify_access_log(connection, anchor)
            assert f"entry {seq} was changed" in str(every)
    database.close()


def test_a_line_of_a_list_that_is_gone_is_missed(ledger, now):
    lines = [Item(line, ItemState.EXPECTED, "/scans", f"{line}.tif") for line in (2, 3)]
    with ledger.write() as connection:
        batch = batches.start(connection, "list.csv", "k" * 64, now, by_list=True)
        batches.add(connection, batch.id, lines)
        batches.mark_listed(connection, batch.id)
        assert verify.verify_counts(connection) == []
        connection.exec_driver_sql("DELETE FROM batch_items WHERE line = 3")
        assert verify.verify_counts(connection) == [
            "imports: lines of 1 lists are gone from the ledger"
        ]

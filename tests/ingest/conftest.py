import pytest

from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.index.store import create_index
from chartkeeper.ingest.desk import Desk, Patience
from chartkeeper.ocr.limits import Limits
from chartkeeper.records.vault import Vault


@pytest.fixture
def desk(ledger, tmp_path):
    """The intake desk of a fresh home, without patience: what lies in the inbox is due."""
    folders = {}
    for name in ("inbox", "failed", "vault", "scratch", "locks"):
        folders[name] = tmp_path / name
        folders[name].mkdir()
    create_index(tmp_path / "index")
    return Desk(
        ledger=ledger,
        vault=Vault(folders["vault"]),
        inbox=folders["inbox"],
        failed=folders["failed"],
        index=tmp_path / "index",
        scratch=folders["scratch"],
        locks=folders["locks"],
        rulebook=Rulebook(load_doctypes()),
        limits=Limits(max_pages=50),
        patience=Patience(still=0, incomplete=0, leftover=0),
        readers=2,
    )

"""What the intake desk has at hand: the ledger, the folders and the limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.ingest.reading import GIGABYTE, Terms
from chartkeeper.ocr.engines import FirstEngine
from chartkeeper.ocr.limits import Limits
from chartkeeper.records.database import Ledger
from chartkeeper.records.model import Lane
from chartkeeper.records.vault import Vault

INBOX = "inbox"
# Lies inside the inbox, so that claiming is a rename within one file system wherever that is.
CLAIMS_FOLDER = ".chartkeeper"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, in seconds, a file must be still before something is done with it.

    `still` before it is taken, `incomplete` before a file that does not end properly is refused,
    `leftover` before a hidden or temporary file is refused; `poll` lies between two listings.
    """

    still: float = 1.0
    incomplete: float = 30.0
    leftover: float = 60.0
    poll: float = 2.0


@dataclass(frozen=True, slots=True)
class Desk:
    """The things that the stages work with."""

    ledger: Ledger
    vault: Vault
    inbox: Path
    failed: Path
    index: Path
    scratch: Path
    locks: Path
    rulebook: Rulebook
    learn_types: bool = True
    limits: Limits = field(default_factory=Limits)
    patience: Patience = field(default_factory=Patience)
    readers: int = 1
    page_memory_bytes: int = 4 * GIGABYTE
    first_engine: FirstEngine = FirstEngine.AUTO
    second_shares: Mapping[Lane, float] = field(default_factory=dict)

    @property
    def lease_seconds(self) -> int:
        """How long a page stays with the reader that took it; longer than any reader lives on."""
        return int(8 * self.limits.page_timeout_seconds)

    @property
    def terms(self) -> Terms:
        """On what terms pages are read here."""
        return Terms(
            self.scratch,
            self.limits,
            self.page_memory_bytes,
            self.first_engine,
            self.second_shares,
        )

    def claim_path(self, claim: str) -> Path:
        """Where a claimed file waits to be cleared."""
        return self.inbox / CLAIMS_FOLDER / claim

"""What the intake desk has at hand: the ledger, the folders and the limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.ingest.claimed import CLAIMS_FOLDER, SIDECAR_CLAIM
from chartkeeper.ingest.examining import Examiner
from chartkeeper.ingest.profiles import OWN_INBOX, Profile
from chartkeeper.ingest.reading import Terms
from chartkeeper.ocr.confine import GIGABYTE
from chartkeeper.ocr.engines import FirstEngine
from chartkeeper.ocr.examine import FileFacts
from chartkeeper.ocr.limits import Limits
from chartkeeper.records.database import Ledger
from chartkeeper.records.model import Lane
from chartkeeper.records.vault import Vault

INBOX = OWN_INBOX


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, in seconds, a file must be still before something is done with it.

    `still` before it is taken, `incomplete` before a file that does not end properly is refused,
    `leftover` before a hidden or temporary file is refused; `poll` lies between two listings. What
    has lain in the inbox for longer than `late` is shown to the clerks.
    """

    still: float = 1.0
    incomplete: float = 30.0
    leftover: float = 60.0
    poll: float = 2.0
    late: float = 900.0


@dataclass(frozen=True, slots=True)
class Desk:
    """The things that the stages work with.

    `inbox` is the one that this desk takes files from, `profile` says what comes through it;
    `further` are the profiles of all inboxes but the home's own.
    """

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
    examiner: Examiner = field(default_factory=Examiner)
    profile: Profile = field(default_factory=Profile)
    further: tuple[Profile, ...] = ()

    def examine(self, path: Path) -> FileFacts:
        """What a file is, within the limits of this desk; looked at in a child (Examiner)."""
        return self.examiner.examine(path, self.limits)

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

    def sidecar_path(self, claim: str) -> Path:
        """Where the sidecar of a claimed file waits, if it had one."""
        return self.inbox / CLAIMS_FOLDER / (claim + SIDECAR_CLAIM)

    def at(self, profile: Profile) -> "Desk":
        """The same desk before another inbox, with an examiner of its own."""
        still = profile.still_seconds or self.patience.still
        return replace(
            self,
            inbox=profile.folder or self.inbox,
            profile=profile,
            patience=replace(self.patience, still=still),
            examiner=Examiner(),
        )

"""A home: the folder with everything that the service owns, made and opened."""

from dataclasses import dataclass
from pathlib import Path

from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.index.store import create_index
from chartkeeper.ingest.desk import Desk, Patience
from chartkeeper.ingest.worker import cores
from chartkeeper.ocr.limits import Limits
from chartkeeper.records.database import Ledger, create_ledger, open_ledger
from chartkeeper.records.vault import Vault
from chartkeeper.settings import CONFIG_NAME, CONFIG_TEXT, LOCKS, Settings, load_settings

MEGA = 1024 * 1024
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything lies under a home; the first five names are fixed, programs rely on them."""

    path: Path

    @property
    def inbox(self) -> Path:
        """Where scans are dropped."""
        return self.path / "inbox"

    @property
    def failed(self) -> Path:
        """Files that could not be used, each with the reason."""
        return self.path / "failed"

    @property
    def vault(self) -> Path:
        """The originals."""
        return self.path / "vault"

    @property
    def ledger(self) -> Path:
        """The database."""
        return self.path / "ledger.db"

    @property
    def index(self) -> Path:
        """The full-text index; can be made anew at any time."""
        return self.path / "index"

    @property
    def scratch(self) -> Path:
        """Page images while they are being read."""
        return self.path / "work" / "pages"

    @property
    def web_scratch(self) -> Path:
        """Page images while they are drawn for a browser."""
        return self.path / "work" / "web"

    @property
    def locks(self) -> Path:
        """Which part is at work."""
        return self.path / LOCKS

    @property
    def anchors(self) -> Path:
        """Heads of the access log noted down, one a line."""
        return self.path / "access-log-anchors.txt"


def make_home(home: Home) -> bool:
    """Make a home, or bring an older one up to date; True if it is new."""
    new = not (home.path / CONFIG_NAME).exists()
    home.path.mkdir(parents=True, exist_ok=True)
    home.path.chmod(0o700)
    for folder in (home.inbox, home.failed, home.vault, home.scratch, home.web_scratch, home.locks):
        folder.mkdir(parents=True, exist_ok=True)
    create_ledger(home.ledger)
    create_index(home.index)
    if new:
        (home.path / CONFIG_NAME).write_text(CONFIG_TEXT, encoding="utf-8")
    return new


def open_home(path: Path) -> tuple[Home, Settings, Ledger]:
    """Open a home. Raises HomeMissing, SettingsInvalid, LedgerMissing, LedgerOutdated."""
    home = Home(path)
    settings = load_settings(path)
    return home, settings, open_ledger(home.ledger)


def limits(settings: Settings) -> Limits:
    """The limits on files and pages that an administrator set."""
    return Limits(
        max_file_bytes=settings.max_file_megabytes * MEGA,
        max_pages=settings.max_pages,
        max_pixels=settings.max_page_megapixels * MILLION,
        page_timeout_seconds=settings.page_timeout_seconds,
    )


def make_desk(home: Home, settings: Settings, ledger: Ledger) -> Desk:
    """What the stages work with, from the home and its settings."""
    return Desk(
        ledger=ledger,
        vault=Vault(home.vault),
        inbox=home.inbox,
        failed=home.failed,
        index=home.index,
        scratch=home.scratch,
        locks=home.locks,
        doctypes=load_doctypes(),
        limits=limits(settings),
        patience=Patience(
            still=settings.still_seconds,
            incomplete=settings.incomplete_seconds,
            leftover=settings.leftover_seconds,
            poll=settings.poll_seconds,
        ),
        readers=settings.readers or cores(),
        page_memory_bytes=settings.page_memory_megabytes * MEGA,
    )

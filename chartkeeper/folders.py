"""Where everything lies under a home."""

from dataclasses import dataclass
from pathlib import Path

from chartkeeper.settings import CONFIG_NAME


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything lies under a home; the first five names are fixed, programs rely on them."""

    path: Path

    @property
    def config(self) -> Path:
        """The settings."""
        return self.path / CONFIG_NAME

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
        return self.path / "work" / "locks"

    @property
    def anchors(self) -> Path:
        """Heads of the access log noted down, one a line."""
        return self.path / "access-log-anchors.txt"


def make_folders(home: Home) -> None:
    """Make the folders that are missing; after a restore only what was backed up is there."""
    for folder in (home.inbox, home.failed, home.vault, home.scratch, home.web_scratch, home.locks):
        folder.mkdir(parents=True, exist_ok=True)

"""What the web pages stand on; handed in by whoever starts them."""

from dataclasses import dataclass, field
from pathlib import Path

from chartkeeper.ocr.limits import Limits
from chartkeeper.records.database import Ledger
from chartkeeper.records.vault import Vault


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """A document type that a clerk may choose: its key, its name on screen, its LOINC code."""

    key: str
    name: str
    loinc: str


@dataclass(frozen=True, slots=True)
class WebParts:
    """The open ledger and vault, the folders, and the settings of the web pages.

    `inbox` is where a refused file goes back to when somebody tries it again, `failed` where it
    lies until then. `idle_seconds` is how long a session may rest. `secure_cookies` says that the
    pages are reached by https only.
    """

    ledger: Ledger
    vault: Vault
    index_folder: Path
    inbox: Path
    failed: Path
    types: tuple[TypeChoice, ...]
    idle_seconds: int = 900
    secure_cookies: bool = False
    limits: Limits = field(default_factory=Limits)

    def type_name(self, key: str | None) -> str:
        """The name of a type on screen; the key itself where the type is not in the list."""
        if not key:
            return "Type not known"
        return next((choice.name for choice in self.types if choice.key == key), key)

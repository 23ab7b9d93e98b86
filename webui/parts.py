"""What the web pages stand on; handed in by whoever starts them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.picture import page_picture
from chartkeeper.records.database import Ledger
from chartkeeper.records.vault import Vault

# page_picture, or what does the same in a process that may fail.
Draw = Callable[[Path, Format, int, int, int, Limits], bytes]


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """A document type that a clerk may choose: its key, its name on screen, its LOINC code.

    With `date_required`, one without a date is filed only by somebody who says that there is none.
    """

    key: str
    name: str
    loinc: str
    date_required: bool = False


@dataclass(frozen=True, slots=True)
class WebParts:
    """The open ledger and vault, the folders, and the settings of the web pages.

    `inboxes` are the folders by name that refused files go back to when somebody tries them again,
    `inbox` that of files whose inbox is gone; `failed` is where they lie until then. `idle_seconds`
    is how long a session may rest. `secure_cookies` says that the pages are reached by https only.
    `draw` makes the pictures of pages; in service it does so in another process.
    `places` are what lies on which disk, for the status page; `locks` tell which parts are at work.
    `restricted_types` are the types kept from casual view, `emergency_minutes` how long somebody
    may open them in an emergency.
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
    draw: Draw = page_picture
    inboxes: Mapping[str, Path] = field(default_factory=dict)
    places: Mapping[str, Path] = field(default_factory=dict)
    locks: Path | None = None
    restricted_types: frozenset[str] = frozenset()
    emergency_minutes: int = 60

    def type_name(self, key: str | None) -> str:
        """The name of a type on screen; the key itself where the type is not in the list."""
        if not key:
            return "Type not known"
        return next((choice.name for choice in self.types if choice.key == key), key)

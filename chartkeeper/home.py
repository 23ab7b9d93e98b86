"""A home: the folder with everything that the service owns, made and opened."""

import os
from pathlib import Path

from chartkeeper.folders import Home, make_folders
from chartkeeper.index.store import create_index
from chartkeeper.ingest.errors import AlreadyRunning
from chartkeeper.ingest.locks import is_at_work
from chartkeeper.ingest.profiles import OWN_INBOX
from chartkeeper.records import losses
from chartkeeper.records.backup_errors import RestoreUnfinished
from chartkeeper.records.database import Ledger, create_ledger, is_outdated, open_ledger
from chartkeeper.records.errors import LedgerLost, VaultGone
from chartkeeper.settings import (
    CONFIG_NAME,
    CONFIG_TEXT,
    OWN_FOLDERS,
    NotAHome,
    Settings,
    SettingsLost,
    load_settings,
    refuse_wrong_account,
)

# The names of these locks may go on, as in "serve-worker".
WRITERS = ("serve", "import")
CONFIG_PART = f"{CONFIG_NAME}.part"
LEDGER_ENDS = ("", "-wal", "-shm", "-journal")


def make_home(home: Home) -> bool:
    """Make a home, or bring an older one up to date; True if it is new.

    The settings come last: without them it is one that was cut off in the making, and is gone on
    with. Raises NotAHome for a folder that holds something else, SettingsLost, RestoreUnfinished,
    WrongAccount, AlreadyRunning where the service of an older version is at work, LedgerLost,
    LedgerTooNew, VaultGone, LedgerDamaged, LedgerUnavailable.
    """
    new = not home.config.exists()
    refuse_wrong_account(home.path)
    if new and home.path.is_dir() and not _is_beginning(home):
        raise _why_no_beginning(home)
    refuse_losses(home)
    _refuse_at_work(home)
    home.path.mkdir(parents=True, exist_ok=True)
    home.path.chmod(0o700)
    make_folders(home)
    create_ledger(home.ledger)
    create_index(home.index)
    if new:
        part = home.path / CONFIG_PART
        part.write_text(CONFIG_TEXT, encoding="utf-8")
        part.replace(home.config)
    return new


def _is_beginning(home: Home) -> bool:
    """Whether a folder is empty, or holds nothing but what make_home() makes before the settings.

    The inbox is the first of it.
    """
    names = {item.name for item in home.path.iterdir()}
    made = {*OWN_FOLDERS, *(home.ledger.name + end for end in LEDGER_ENDS), CONFIG_PART}
    return not names or ("inbox" in names and names <= made and losses.is_blank(home.ledger))


def _why_no_beginning(home: Home) -> Exception:
    if (home.path / losses.RESTORE_MARK).exists():
        return RestoreUnfinished()
    return NotAHome() if losses.is_blank(home.ledger) else SettingsLost()


def _refuse_at_work(home: Home) -> None:
    # The service of an older version would write to a ledger that it does not know.
    if not is_outdated(home.ledger):
        return
    for part in WRITERS:
        if is_at_work(home.locks, part):
            raise AlreadyRunning(part)


def refuse_losses(home: Home) -> None:
    """Hold back what would make an empty ledger or vault over the rest of a home in use.

    Raises LedgerLost, VaultGone, LedgerDamaged, LedgerUnavailable.
    """
    refuse_lost_ledger(home)
    if not _holds_something(home.vault) and losses.knows_originals(home.ledger):
        raise VaultGone


def refuse_lost_ledger(home: Home) -> None:
    """Raises LedgerLost for a home in use whose ledger is gone or empty, or LedgerDamaged."""
    traces = _holds_something(home.vault) or _holds_something(home.failed)
    anchored = home.anchors.is_file() and home.anchors.stat().st_size > 0
    if (traces or anchored) and losses.is_blank(home.ledger):
        raise LedgerLost


def _holds_something(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(not item.name.endswith(".part") for item in entries)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        # Nobody knows what is in it, so it is not taken to be empty.
        return True


def open_home(path: Path) -> tuple[Home, Settings, Ledger]:
    """Open a home.

    Raises HomeMissing, SettingsInvalid, LedgerMissing, LedgerLost, LedgerOutdated, LedgerDamaged.
    """
    home = Home(path)
    settings = load_settings(path)
    refuse_lost_ledger(home)
    return home, settings, open_ledger(home.ledger)


def inbox_folders(home: Home, settings: Settings) -> dict[str, Path]:
    """Where each inbox lies, by its name; the home's own among them."""
    return {
        OWN_INBOX: home.inbox,
        **{one.name: one.folder for one in settings.inboxes if one.folder},
    }

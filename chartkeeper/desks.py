"""The desk of a home: what the stages work with, made from the home and its settings.

Apart from `home`, for it loads all that reads and files: a command that only asks the ledger has no
need of it.
"""

from chartkeeper.filing.check_digits import CheckDigit
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.policy import Policy
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.folders import Home
from chartkeeper.ingest.desk import INBOX, Desk, Patience
from chartkeeper.ingest.profiles import Profile
from chartkeeper.ingest.worker import cores
from chartkeeper.ocr.engines import FirstEngine
from chartkeeper.ocr.limits import Limits
from chartkeeper.records.database import Ledger
from chartkeeper.records.model import Lane
from chartkeeper.records.vault import Vault
from chartkeeper.settings import ALL_TYPES, Settings, items

MEGA = 1024 * 1024
MILLION = 1_000_000


def limits(settings: Settings) -> Limits:
    """The limits on files and pages that an administrator set."""
    return Limits(
        max_file_bytes=settings.max_file_megabytes * MEGA,
        max_pages=settings.max_pages,
        max_pixels=settings.max_page_megapixels * MILLION,
        page_timeout_seconds=settings.page_timeout_seconds,
    )


def policy(settings: Settings) -> Policy:
    """What the department decided about filing."""
    types = items(settings.automatic_types, ",")
    return Policy(
        automatic_types=None if settings.automatic_types == ALL_TYPES else frozenset(types),
        mrn_format=settings.mrn_format,
        mrn_check=CheckDigit(settings.mrn_check_digit),
        own_facilities=items(settings.own_facilities, ";"),
        blank_separates=settings.blank_sheets_separate,
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
        rulebook=Rulebook(load_doctypes(), policy(settings)),
        learn_types=settings.learn_types,
        limits=limits(settings),
        patience=Patience(
            still=settings.still_seconds,
            incomplete=settings.incomplete_seconds,
            leftover=settings.leftover_seconds,
            poll=settings.poll_seconds,
            late=settings.late_minutes * 60,
        ),
        profile=next((one for one in settings.inboxes if one.name == INBOX), Profile()),
        further=tuple(one for one in settings.inboxes if one.name != INBOX),
        readers=settings.readers or cores(),
        page_memory_bytes=settings.page_memory_megabytes * MEGA,
        first_engine=FirstEngine(settings.engine),
        second_shares={
            Lane.DAILY: settings.second_reader_share,
            Lane.MIGRATION: settings.second_reader_share_migration,
        },
    )

"""Telling people how an inbox stands: in the ledger for the intake page, and once in the log."""

import logging
import time
from datetime import UTC, datetime
from pathlib import Path

from chartkeeper.ingest.attention import Attention, late
from chartkeeper.ingest.deliveries import Pairs, is_sidecar
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.errors import trouble_in_words
from chartkeeper.records import inboxes
from chartkeeper.records.errors import RecordsError
from chartkeeper.records.inboxes import InboxState

log = logging.getLogger(__name__)

# News is written down at once, changed counts after some seconds, and a sign of life in any case.
COUNTS_SECONDS = 5.0
LIFE_SECONDS = 30.0


def trouble_of(error: Exception, desk: Desk) -> str:
    """What is wrong with an inbox, or with what it takes to use it, in a clerk's words."""
    said = trouble_in_words(error)
    return f"{_place(error, desk)} cannot be used. {said}" if isinstance(error, OSError) else said


def note(desk: Desk, attention: Attention, trouble: str, pairs: Pairs | None = None) -> None:
    """Write down how the inbox stands, if that is news."""
    _log_trouble(desk, attention, trouble)
    state = _state(desk, attention, trouble, pairs or Pairs())
    _log_late(desk, attention, state)
    if not _is_news(attention, state):
        return
    try:
        with desk.ledger.write() as connection:
            inboxes.note(connection, state, datetime.now(UTC))
    except RecordsError:
        # It is in the log; the page shows since when nobody has looked.
        return
    attention.noted, attention.noted_at = state, time.monotonic()


def _state(desk: Desk, attention: Attention, trouble: str, pairs: Pairs) -> InboxState:
    profile = desk.profile
    number, named = late(attention, desk.patience, _waits(desk, attention, pairs))
    waiting = len(attention.listing.found)
    return InboxState(
        profile.name, profile.department, profile.source, trouble, waiting, number, named
    )


def _waits(desk: Desk, attention: Attention, pairs: Pairs) -> frozenset[Path]:
    suffix = desk.profile.sidecar.suffix
    if not suffix:
        return frozenset()
    found = [item for item in attention.listing.found if not is_sidecar(item.name, suffix)]
    return pairs.alone | {item.path for item in found if item.path not in pairs.beside}


def _is_news(attention: Attention, state: InboxState) -> bool:
    before, at = attention.noted, attention.noted_at
    if not isinstance(before, InboxState) or at is None:
        return True
    passed = time.monotonic() - at
    if (before.trouble, before.late_count > 0) != (state.trouble, state.late_count > 0):
        return True
    return passed > LIFE_SECONDS or (passed > COUNTS_SECONDS and before != state)


def _log_trouble(desk: Desk, attention: Attention, trouble: str) -> None:
    if trouble and trouble != attention.trouble:
        log.warning("intake pauses at inbox %r: %s", desk.profile.name, trouble)
    elif attention.trouble and not trouble:
        log.info("intake goes on at inbox %r", desk.profile.name)
    attention.trouble = trouble


def _log_late(desk: Desk, attention: Attention, state: InboxState) -> None:
    if state.late_count and not attention.late_told:
        minutes = desk.patience.late / 60
        log.warning(
            "%d files or folders in inbox %r are not taken, some for more than %.0f minutes; the "
            "intake page says which and why",
            *(state.late_count, desk.profile.name, minutes),
        )
    attention.late_told = state.late_count > 0


def _place(error: OSError, desk: Desk) -> str:
    named = Path(str(error.filename2 or error.filename or desk.inbox))
    if named.is_relative_to(desk.inbox):
        return "The inbox"
    return "The folder of failed files" if named.is_relative_to(desk.failed) else "The vault"

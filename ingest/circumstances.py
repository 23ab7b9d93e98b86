"""How a file came: kept when it is claimed, and heard when its documents are filed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chartkeeper.filing.fax import missing_pages, reported_short
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.ingest.inbox import Found
from chartkeeper.ingest.profiles import Profile
from chartkeeper.ocr.page import Page
from chartkeeper.records import arrivals, batches
from chartkeeper.records.arrivals import Seen
from chartkeeper.records.batches import ListedClaim
from chartkeeper.records.database import Connection
from chartkeeper.records.model import Delivery, Lane, Origin


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How the content of a scan came, each time that it did, and what import lists say of it.

    `origin` is that of its first arrival; `deliveries` are what fax servers said, each once.
    """

    origin: Origin = field(default_factory=Origin)
    deliveries: tuple[Delivery, ...] = ()
    listed: tuple[ListedClaim, ...] = ()


def circumstances_of(connection: Connection, scan_id: int) -> Circumstances:
    """How a scan came, as far as the ledger knows by now."""
    came = arrivals.of_scans(connection, [scan_id]).get(scan_id, [])
    return Circumstances(
        came[0].origin if came else Origin(),
        tuple(dict.fromkeys(arrival.delivery for arrival in came)),
        tuple(batches.claims_of(connection, scan_id)),
    )


def seen_at(profile: Profile, found: Found, delivery: Delivery | None, claim: str) -> Seen:
    """A file as it lies in an inbox with this profile."""
    return Seen(
        profile.name,
        found.name,
        claim,
        Lane.DAILY,
        found.size,
        profile.priority,
        profile.origin,
        delivery or Delivery(),
    )


def rules_of(rulebook: Rulebook, origin: Origin) -> Rulebook:
    """The rulebook for what came from there: the inbox's word on blank sheets counts."""
    policy = rulebook.policy
    blank = policy.blank_separates if origin.blank_separates is None else origin.blank_separates
    return replace(rulebook, policy=replace(policy, blank_separates=blank, duplex=origin.duplex))


def doubts(pages: Sequence[Page], heard: Circumstances, page_count: int) -> str:
    """Sentences for a clerk on pages that may be missing from a scan; empty if none may.

    Told by the lines that fax machines print over pages, and by the fax servers' reports.
    """
    said = dict.fromkeys(reported(delivery, page_count) for delivery in heard.deliveries)
    return " ".join(filter(None, (*said, missing_pages(pages))))


def reported(delivery: Delivery, page_count: int) -> str:
    """The same by one report alone, on a file of so many pages."""
    return reported_short(delivery.pages_expected, delivery.error, page_count)

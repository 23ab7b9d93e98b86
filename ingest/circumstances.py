"""How a file came: kept when it is claimed, and heard when its documents are filed."""

from collections.abc import Sequence
from dataclasses import replace

from chartkeeper.filing.fax import missing_pages, reported_short
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.ingest.inbox import Found
from chartkeeper.ingest.profiles import Profile
from chartkeeper.ocr.page import Page
from chartkeeper.records.arrivals import Seen
from chartkeeper.records.model import Arrival, Delivery, Lane


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


def rules_of(rulebook: Rulebook, arrival: Arrival | None) -> Rulebook:
    """The rulebook for what came with this arrival: the inbox's word on blank sheets counts."""
    if arrival is None:
        return rulebook
    origin, policy = arrival.origin, rulebook.policy
    blank = policy.blank_separates if origin.blank_separates is None else origin.blank_separates
    return replace(rulebook, policy=replace(policy, blank_separates=blank, duplex=origin.duplex))


def doubts(pages: Sequence[Page], arrival: Arrival | None, page_count: int) -> str:
    """Sentences for a clerk on pages that may be missing from a scan; empty if none may.

    Told by the lines that fax machines print over pages, and by the fax server's report.
    """
    delivery = arrival.delivery if arrival else Delivery()
    reported = reported_short(delivery.pages_expected, delivery.error, page_count)
    return " ".join(filter(None, (reported, missing_pages(pages))))

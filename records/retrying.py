"""Files that came to nothing, and trying them again."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chartkeeper.records import arrivals, rereading, scans
from chartkeeper.records.database import Connection, Ledger
from chartkeeper.records.failed import failed_name, put_back
from chartkeeper.records.model import Arrival, ArrivalState, Lane, ScanState
from chartkeeper.records.rereading import Unreadable

# So many refused files are looked at; older ones are tried again by their number.
MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that came to nothing: refused on arrival, or a scan of which no page could be read.

    `scan_id` is None for a refused one. `unreadable` are the pages that could not be read of one
    that is filed all the same.
    """

    arrival: Arrival
    reason: str
    scan_id: int | None = None
    unreadable: Unreadable | None = None


def failures(connection: Connection, failed: Path) -> list[Failure]:
    """What can be tried again, newest first, at most MOST_LISTED of each kind.

    Refused files that were put back, or removed from the `failed` folder, are failures no longer;
    those that an import refused still lie where they were found.
    """
    refused = [
        Failure(item, item.reason or "")
        for item in arrivals.refused_daily(connection, MOST_LISTED)
        if lies_aside(failed, item)
    ]
    unread = scans.failed(connection)[-MOST_LISTED:]
    came = arrivals.of_scans(connection, [scan.id for scan in unread])
    failed_scans = [
        Failure(came[scan.id][0], scan.reason or "", scan.id) for scan in unread if scan.id in came
    ]
    in_part = rereading.unreadable(connection, MOST_LISTED)
    came = arrivals.of_scans(connection, [one.scan_id for one in in_part])
    filed = [Failure(came[one.scan_id][0], one.said, one.scan_id, one) for one in in_part]
    return sorted([*refused, *failed_scans, *filed], key=lambda failure: -failure.arrival.id)


def failure_of(connection: Connection, failed: Path, arrival_id: int) -> Failure | None:
    """What there is to be tried again of an arrival, if anything."""
    arrival = arrivals.find(connection, arrival_id)
    if arrival is None:
        return None
    if arrival.state is ArrivalState.REFUSED:
        aside = arrival.lane is Lane.DAILY and lies_aside(failed, arrival)
        return Failure(arrival, arrival.reason or "") if aside else None
    scan = scans.get(connection, arrival.scan_id) if arrival.scan_id else None
    if scan is None:
        return None
    if scan.state is ScanState.FAILED:
        return Failure(arrival, scan.reason or "", scan.id)
    in_part = rereading.unreadable(connection, MOST_LISTED, [scan.id])
    return next((Failure(arrival, one.said, scan.id, one) for one in in_part), None)


def lies_aside(failed: Path, arrival: Arrival) -> bool:
    """Whether a refused file is in the failed folder."""
    # A link that leads nowhere, or a pipe, is there as well.
    return os.path.lexists(failed / failed_name(arrival.id, arrival.name))


def try_again(
    ledger: Ledger, failure: Failure, failed: Path, inboxes: Mapping[str, Path], own: Path
) -> bool:
    """Put a refused file back into its inbox, or have pages of a scan read that were not.

    The tries of its pages are counted anew. A file of an inbox that is gone comes in by the home's
    `own`. Nobody waits for the ledger while a file is moved. False if there was nothing to try
    again after all. Raises LedgerUnavailable, and OSError of a file that cannot be moved.
    """
    if failure.scan_id is None:
        arrival = failure.arrival
        return put_back(failed, inboxes.get(arrival.inbox, own), arrival.id, arrival.name)
    with ledger.write() as connection:
        if scans.get(connection, failure.scan_id).state is not ScanState.FAILED:
            return rereading.read_scan_again(connection, failure.scan_id) > 0
        scans.retry(connection, failure.scan_id)
    return True

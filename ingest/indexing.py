"""The index writer: tells the search index what the ledger says it has still to be told."""

import logging
from collections.abc import Iterator
from threading import Event
from time import monotonic

from chartkeeper.index.entry import PageEntry
from chartkeeper.index.store import open_writer, start_rebuild
from chartkeeper.ingest import pipeline
from chartkeeper.ingest.desk import Desk
from chartkeeper.ingest.entries import page_entry
from chartkeeper.ingest.errors import trouble_in_words
from chartkeeper.records import outbox
from chartkeeper.records.errors import RecordsError

log = logging.getLogger(__name__)

POLL_SECONDS = 0.3
# A commit takes longer than a page in it: those of a long scan that is being read come together.
EARLY_REST_SECONDS = 3.0
REBUILD_PAGES_AT_ONCE = 500
# After a failure of the disk the next try waits.
TROUBLE_PAUSE_SECONDS = 5.0


def keep_index(desk: Desk, stop: Event) -> None:
    """Be the one index writer, until told to stop.

    Raises IndexMissing, IndexNeedsRebuild, or IndexInUse if there is another writer.
    """
    rested_at = 0.0
    with open_writer(desk.index) as writer:
        while not stop.is_set():
            early = monotonic() >= rested_at
            try:
                done = pipeline.index(desk, writer, early=early)
            except (RecordsError, OSError) as error:
                log.warning("the index writer pauses: %s", trouble_in_words(error))
                stop.wait(TROUBLE_PAUSE_SECONDS)
                continue
            if not done:
                stop.wait(POLL_SECONDS)
            elif early:
                rested_at = monotonic() + EARLY_REST_SECONDS


def rebuild_index(desk: Desk) -> Iterator[int]:
    """Build the index anew beside the live one and switch; yields how many pages are in it so far.

    Raises IndexInUse if another rebuild is running.
    """
    done = 0
    with start_rebuild(desk.index) as rebuild:
        for batch in _all_pages(desk):
            rebuild.add(batch)
            done += len(batch)
            yield done
        rebuild.switch()


def _all_pages(desk: Desk) -> Iterator[list[PageEntry]]:
    last = 0
    while True:
        with desk.ledger.read() as connection:
            page_ids = outbox.all_page_ids(connection, last, REBUILD_PAGES_AT_ONCE)
            found = outbox.pages_for_index(connection, page_ids)
        if not page_ids:
            return
        last = page_ids[-1]
        yield [page_entry(page) for page in found]

"""How far the work is: the counts that progress and the intake page show."""

from dataclasses import dataclass

from sqlalchemy import Connection

from chartkeeper.records import arrivals, documents, outbox, pages, scans, separation
from chartkeeper.records.model import ArrivalState, DocumentStatus, PageState, ScanState


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts by state at one moment.

    `unindexed` pages wait for the search index, `to_file_anew` documents for being filed once more
    after a person cut or joined them.
    """

    arrivals: dict[ArrivalState, int]
    scans: dict[ScanState, int]
    pages: dict[PageState, int]
    documents: dict[DocumentStatus, int]
    unindexed: int
    to_file_anew: int = 0

    @property
    def idle(self) -> bool:
        """Whether all that arrived is read, filed and found by a search."""
        open_pages = self.pages[PageState.WAITING] + self.pages[PageState.READING]
        unfinished = self.arrivals[ArrivalState.CLAIMED] + self.scans[ScanState.STORED]
        return not (open_pages or unfinished or self.unindexed or self.to_file_anew)


def progress(connection: Connection) -> Progress:
    """Where the work stands now."""
    return Progress(
        arrivals.counts(connection),
        scans.counts(connection),
        pages.counts(connection),
        documents.counts(connection),
        outbox.count_waiting(connection),
        separation.count_waiting(connection),
    )

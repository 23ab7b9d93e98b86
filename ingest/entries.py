"""From the ledger's words to the index's."""

from chartkeeper.index.entry import PageEntry
from chartkeeper.records.outbox import PageForIndex


def page_entry(page: PageForIndex) -> PageEntry:
    """A page of the ledger as an entry of the index; its number is its key."""
    return PageEntry(
        key=str(page.page_id),
        type=page.type,
        mrn=page.mrn_key,
        patient=page.names,
        service_date=page.service_date,
        text=page.text,
    )

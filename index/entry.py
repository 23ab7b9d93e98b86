"""What the index is told about one page."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page as it is to be found. The index keeps no copy of the text.

    Attributes:
        key: the page's id; at most one entry per key is in the index.
        type: key of the document type, or "" while it is not known.
        mrn: number of the patient whose page it is, or "" while it is linked to nobody.
        patient: all names of that patient, aliases too, separated by anything, or "".
        service_date: the document's service date, None if not known.
        text: the words of the page in reading order.
    """

    key: str
    type: str
    mrn: str
    patient: str
    service_date: dt.date | None
    text: str

"""Days as lists, forms and searches write them: YYYY-MM-DD, and nothing that is only like it."""

import re
from datetime import date

# Python's own reader takes 19610307, which may be a record number, and 2024-W01-1 for days too.
WRITTEN = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_day(written: str) -> date | None:
    """The day that is written YYYY-MM-DD, None for anything else."""
    if not WRITTEN.fullmatch(written):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None

"""What rules found on pages, kept while the documents of a scan are decided.

Several rules look at all pages of a document, one after the other: of a document of more pages than
are remembered, nothing would be left of the first ones when the next rule comes to them.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from chartkeeper.ocr.page import Page

# Of a document of more pages each was looked at anew by every rule: 25 ms a page instead of 2. What
# is remembered of a dense page takes 120 KB.
REMEMBERED_PAGES = 1_024

Found = TypeVar("Found")

_forgetters: list[Callable[[], None]] = []


def remembered(find: Callable[[Page], Found]) -> Callable[[Page], Found]:
    """`find`, which says of one page always the same, asked once for each of many pages."""
    kept: Any = lru_cache(maxsize=REMEMBERED_PAGES)(find)
    _forgetters.append(kept.cache_clear)
    found: Callable[[Page], Found] = kept
    return found


def forget_pages() -> None:
    """Give back the memory that pages take which have been decided on."""
    for forget in _forgetters:
        forget()

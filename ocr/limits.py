"""How much one file and one page may ask for."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from chartkeeper.ocr.errors import PageTookTooLong

# Says how many seconds are left.
Countdown = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings on what is read; a file or page beyond one is refused, never read in part.

    `max_pixels` counts width times height of one page. Each child process gets at most
    `examine_timeout_seconds` when a file is looked at and `page_timeout_seconds` when a page is
    drawn; all readings of one page together get `page_timeout_seconds`.
    """

    max_file_bytes: int = 1 << 30
    max_pages: int = 5_000
    max_pixels: int = 150_000_000
    page_timeout_seconds: float = 120
    examine_timeout_seconds: float = 60


def countdown(seconds: float) -> Countdown:
    """Says how many of these seconds are left; raises PageTookTooLong when none are."""
    ends_at = time.monotonic() + seconds

    def left() -> float:
        remaining = ends_at - time.monotonic()
        if remaining <= 0:
            raise PageTookTooLong
        return remaining

    return left

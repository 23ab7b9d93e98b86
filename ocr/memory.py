"""What the C library does with the memory that page pictures leave behind.

Elsewhere than with glibc both functions do nothing.
"""

import ctypes
from contextlib import suppress

# Numbers of mallopt's settings: malloc.h of the GNU C library.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 64 << 20
# The most that the library takes.
FROM_THE_HEAP_BYTES = 32 << 20


def keep_freed() -> None:
    """Have this process use freed memory again instead of giving it back after every picture.

    Fetching it anew, page by page, cost 14 % of a page's time.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        library.mallopt(_MMAP_THRESHOLD, FROM_THE_HEAP_BYTES)


def give_back() -> None:
    """Give freed memory back to the system, for times without work."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)

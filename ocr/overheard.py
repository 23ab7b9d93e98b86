"""What C libraries print about a picture: kept out of the log, and listened to.

They write to the process's standard error, a line for each oddity, and a hostile picture has
millions. So this is for processes that read pages, and not safe in threads.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

HEARD_BYTES = 64 << 10


@contextmanager
def overheard() -> Iterator[Callable[[], bytes]]:
    """Within the block nothing reaches standard error; what was printed so far can be asked for.

    Only the first `HEARD_BYTES` of it are kept.
    """
    kept = os.dup(2)
    reading, writing = os.pipe()
    # Once the pipe is full the library's next lines are dropped instead of waited for.
    os.set_blocking(writing, False)
    os.set_blocking(reading, False)
    said = bytearray()

    def heard() -> bytes:
        with suppress(BlockingIOError):
            said.extend(os.read(reading, HEARD_BYTES - len(said)))
        return bytes(said)

    os.dup2(writing, 2)
    try:
        yield heard
    finally:
        os.dup2(kept, 2)
        for descriptor in (kept, reading, writing):
            os.close(descriptor)

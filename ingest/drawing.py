"""Pages are drawn for browsers in children, so that no file can stop the web pages."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chartkeeper.ingest.children import (
    AllBusy,
    Child,
    ChildLate,
    ChildLost,
    OnCall,
    Post,
    answer_jobs,
    settle,
)
from chartkeeper.ingest.errors import ChildNotStarted
from chartkeeper.ocr.confine import GIGABYTE, for_pages
from chartkeeper.ocr.errors import (
    DrawingNotStarted,
    DrawingStopped,
    MissingProgram,
    OutOfMemory,
    PageTookTooLong,
    UnreadablePage,
)
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.picture import page_picture

# Somebody waits before the screen; a page that takes longer is not drawn at all.
LONGEST_WAIT_SECONDS = 30.0
MEMORY_BYTES = 2 * GIGABYTE


@dataclass(frozen=True, slots=True)
class Order:
    """A page to draw; the fields are those of `page_picture`."""

    path: Path
    format: Format
    number: int
    rotation: int
    max_width_pixels: int
    limits: Limits


Drawn = bytes | UnreadablePage | MissingProgram


class Drawers:
    """At most so many children that draw pages; they start when needed and leave after a rest."""

    def __init__(
        self,
        most: int,
        scratch: Path,
        limits: Limits,
        longest_wait_seconds: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        self._patience = longest_wait_seconds
        allowance = for_pages(limits, MEMORY_BYTES)
        start = partial(Child[Order, Drawn], "drawer", scratch, allowance, draw_pages)
        self._on_call: OnCall[Order, Drawn] = OnCall(most, start)

    def draw(
        self,
        path: Path,
        format: Format,  # noqa: A002 - the field's word
        number: int,
        rotation: int,
        max_width_pixels: int,
        limits: Limits,
    ) -> bytes:
        """What `ocr.picture.page_picture` gives, and raises.

        Also raises PageTookTooLong when the child does not answer in time or all are busy, and
        DrawingStopped when it ends over the page, DrawingNotStarted when the machine has none.
        """
        order = Order(path, format, number, rotation, max_width_pixels, limits)
        try:
            found = self._on_call.ask(order, self._patience)
        except (ChildLate, AllBusy):
            raise PageTookTooLong from None
        except ChildLost:
            raise DrawingStopped from None
        except ChildNotStarted:
            raise DrawingNotStarted from None
        if isinstance(found, bytes):
            return found
        raise found

    def end(self) -> None:
        """End the children."""
        self._on_call.end()


def draw_pages(post: Post) -> None:
    """The life of a drawer."""
    settle(post)
    answer_jobs(post, _drawn, lambda _order: LONGEST_WAIT_SECONDS)


def _drawn(order: Order) -> Drawn:
    try:
        return page_picture(
            order.path,
            order.format,
            order.number,
            order.rotation,
            order.max_width_pixels,
            order.limits,
        )
    except (UnreadablePage, MissingProgram) as error:
        return error
    except MemoryError:
        return OutOfMemory()

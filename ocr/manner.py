"""How pages are read: by whom, with which preparation, and what of them is looked at twice."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PIL import Image

from chartkeeper.ocr.cutting import LINE_DPI
from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.enhance import DEFAULT_STEPS, Step
from chartkeeper.ocr.limits import Countdown
from chartkeeper.ocr.page import Box, Page, Word
from chartkeeper.ocr.unread import ReadLine


def no_fields(_page: Page) -> tuple[Box, ...]:
    """For those who have no field to be read twice, or to be held against the page."""
    return ()


@dataclass(frozen=True, slots=True)
class Manner:
    """How pages are read.

    `engines` are those that read, `steps` the preparation that is allowed. With `second_look` a
    page that was read weakly is read again another way. Of a page that was read `in_doubt` says
    which places of it to read again, in its pixels, `telling` which of them say whose it is. With
    `slow_but_sure` PDF pages are drawn by poppler alone, in processes of their own.
    """

    engines: Engines
    steps: frozenset[Step] = DEFAULT_STEPS
    second_look: bool = True
    in_doubt: Callable[[Page], tuple[Box, ...]] = no_fields
    telling: Callable[[Page], tuple[Box, ...]] = no_fields
    slow_but_sure: bool = False

    def piece_readers(self, left: Countdown) -> tuple[ReadLine, ReadLine]:
        """What reads pieces cut out of a page: a line, and words anywhere on a piece."""
        read = partial(self._read, left, LINE_DPI)
        return partial(read, Layout.LINE), partial(read, Layout.SPARSE)

    def table_reader(self, dpi: int, left: Countdown) -> ReadLine:
        """What reads a table cut out of a page of `dpi`, from side to side."""
        return partial(self._read, left, dpi, Layout.ROWS)

    def _read(
        self, left: Countdown, dpi: int, layout: Layout, picture: Image.Image
    ) -> tuple[Word, ...]:
        return self.engines.first.read(picture, dpi, layout, left())

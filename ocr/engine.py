"""What it takes to be an engine: a picture goes in, words with their places come out."""

from enum import Enum
from typing import Protocol

from PIL import Image

from chartkeeper.ocr.errors import EngineFailed, MissingProgram, OutOfMemory, PageTookTooLong
from chartkeeper.ocr.page import Word

# What an engine's reading may end in. Where there is another reading already, that one stays.
ENGINE_FAILURES = (PageTookTooLong, EngineFailed, OutOfMemory, MissingProgram)


class Layout(Enum):
    """How an engine should take a page apart.

    The numbers are Tesseract's page segmentation modes (`enum PageSegMode` of
    https://github.com/tesseract-ocr/tesseract).
    """

    AUTOMATIC = 3
    ROWS = 4
    LINE = 7
    SPARSE = 11


class Engine(Protocol):
    """A reader of pictures."""

    @property
    def name(self) -> str:
        """The name under which the ledger records that this engine read a page."""

    def read(
        self, image: Image.Image, dpi: int, layout: Layout, timeout_seconds: float
    ) -> tuple[Word, ...]:
        """The words on `image` (mode 1 or L) in reading order, boxes in its pixels.

        `dpi` is the resolution the engine is told. Engines that find the layout themselves pay no
        heed to `layout`. Raises PageTookTooLong, EngineFailed, OutOfMemory, MissingProgram.
        """

    def release(self) -> None:
        """Give back memory; the next picture takes longer."""

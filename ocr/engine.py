"""What it takes to be an engine: a picture goes in, words with their places come out."""

from enum import Enum
from typing import Protocol

from PIL import Image

from chartkeeper.ocr.page import Word


class Layout(Enum):
    """How an engine should take a page apart.

    The first number is Tesseract's page segmentation mode (`enum PageSegMode` of
    https://github.com/tesseract-ocr/tesseract), the second whether it looks for tables: that keeps
    columns of single digits, and breaks the lines of forms.
    """

    AUTOMATIC = (3, True)
    FORM = (3, False)
    COLUMN = (4, True)
    BLOCK = (6, True)
    LINE = (7, True)
    SPARSE = (11, True)

    @property
    def page_mode(self) -> int:
        """Tesseract's number for it."""
        return self.value[0]

    @property
    def variables(self) -> dict[str, str]:
        """What Tesseract is to be told beside that."""
        return {"textord_tabfind_find_tables": str(int(self.value[1]))}


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

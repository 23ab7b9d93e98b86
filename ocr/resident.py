"""Tesseract kept in memory, through tesserocr: no start-up and no file for each page.

Measured 1.4 to 1.8 times faster than the program at the same accuracy. A crash takes its process
along, so it runs only in readers that are watched and replaced (docs/decisions/engines.md).
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.errors import EngineFailed, MissingProgram, PageTookTooLong
from chartkeeper.ocr.overheard import overheard
from chartkeeper.ocr.page import Word
from chartkeeper.ocr.tesseract import (
    LANGUAGE,
    LANGUAGE_INSTALL,
    believable_dpi,
    parse_tsv,
)

if TYPE_CHECKING:
    from tesserocr import PyTessBaseAPI

INSTALL = 'pip install "chartkeeper[fast]"'
# Where the systems' packages lay the language data.
DATA_PATTERNS = (
    "usr/share/tesseract-ocr/*/tessdata",
    "usr/share/tessdata",
    "usr/local/share/tessdata",
    "opt/homebrew/share/tessdata",
)


class ResidentTesseract:
    """The engine in memory; loads with the first picture."""

    def __init__(self) -> None:
        self._api: PyTessBaseAPI | None = None

    @property
    def name(self) -> str:
        """How the ledger calls it."""
        return "tesserocr"

    def read(
        self, image: Image.Image, dpi: int, layout: Layout, timeout_seconds: float
    ) -> tuple[Word, ...]:
        """The words on `image`; see Engine. The time limit holds for the reading of words.

        What hangs before that, in the layout, is for whoever watches the process.
        """
        grey = image if image.mode == "L" else image.convert("L")
        ends_at = time.monotonic() + timeout_seconds
        # Leptonica writes a line for every odd box it meets; nothing of it helps anybody.
        with overheard():
            self._api = self._api or _loaded()
            return self._words(self._api, grey, dpi, layout, ends_at)

    @staticmethod
    def _words(
        api: "PyTessBaseAPI", grey: Image.Image, dpi: int, layout: Layout, ends_at: float
    ) -> tuple[Word, ...]:
        api.SetPageSegMode(layout.value)
        api.SetImageBytes(grey.tobytes(), grey.width, grey.height, 1, grey.width)
        api.SetSourceResolution(believable_dpi(dpi))
        try:
            if not api.Recognize(max(1, round((ends_at - time.monotonic()) * 1000))):
                raise PageTookTooLong if time.monotonic() >= ends_at else EngineFailed
            return parse_tsv(api.GetTSVText(0), grey.width, grey.height)
        except (RuntimeError, UnicodeDecodeError):
            raise EngineFailed from None
        finally:
            api.Clear()

    def release(self) -> None:
        """Give back the model's memory: measured, 14 MB, and a tenth of a second to load it."""
        if self._api is not None:
            self._api.End()
            self._api = None


def is_installed() -> bool:
    """Whether tesserocr can be loaded here."""
    try:
        import tesserocr  # noqa: F401, PLC0415 - an extra; costs 30 MB where it is not used
    except ImportError:
        return False
    return True


def data_folder() -> Path | None:
    """The folder of the English language data, None where it is not found."""
    found = (
        folder
        for pattern in DATA_PATTERNS
        for folder in sorted(Path("/").glob(pattern), reverse=True)
        if (folder / f"{LANGUAGE}.traineddata").is_file()
    )
    return next(found, None)


def _loaded() -> "PyTessBaseAPI":
    try:
        from tesserocr import PyTessBaseAPI  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingProgram("tesserocr", INSTALL) from None
    folder = data_folder()
    if folder is None:
        raise MissingProgram("The English data of tesseract", LANGUAGE_INSTALL)
    try:
        return PyTessBaseAPI(path=str(folder), lang=LANGUAGE)
    except RuntimeError:
        raise MissingProgram("The English data of tesseract", LANGUAGE_INSTALL) from None

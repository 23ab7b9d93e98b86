"""Which engines there are on this machine, and which one reads."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chartkeeper.ocr import rapid, resident
from chartkeeper.ocr.engine import Engine
from chartkeeper.ocr.rapid import RapidReader
from chartkeeper.ocr.resident import ResidentTesseract
from chartkeeper.ocr.tesseract import TesseractProgram


class FirstEngine(StrEnum):
    """What an administrator may choose; `auto` is the fastest that is installed."""

    AUTO = "auto"
    TESSERACT = "tesseract"
    TESSEROCR = "tesserocr"


@dataclass(frozen=True, slots=True)
class Engines:
    """`first` reads every page, `second` the pages that the first one read weakly, if any."""

    first: Engine
    second: Engine | None = None


def first_engine(choice: FirstEngine, scratch: Path) -> Engine:
    """The engine of that choice; `scratch` is a folder for pictures while they are read.

    Asked for by name, tesserocr is not replaced where it is missing: its readings end in
    MissingProgram, as the program's do.
    """
    quickest = choice is FirstEngine.AUTO and resident.is_installed()
    if quickest or choice is FirstEngine.TESSEROCR:
        return ResidentTesseract()
    return TesseractProgram(scratch)


def second_engine() -> Engine | None:
    """The reader for pages that the first engine read weakly, None where it is not installed."""
    return RapidReader() if rapid.is_installed() else None

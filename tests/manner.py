"""How tests read pages."""

from functools import cache

from chartkeeper.ocr import resident
from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.resident import ResidentTesseract
from chartkeeper.ocr.tesseract import TesseractProgram


def manner(scratch):
    """The tesseract program alone, its pictures in `scratch`."""
    return Manner(Engines(TesseractProgram(scratch)))


def quick_manner(scratch):
    """The engine of a service: in memory where that is installed, else the program; alone.

    It reads the same words in a third of the time. For what is done around the reading; `manner` is
    for what a program is called for.
    """
    return Manner(Engines(_in_memory())) if resident.is_installed() else manner(scratch)


@cache
def _in_memory():
    return ResidentTesseract()

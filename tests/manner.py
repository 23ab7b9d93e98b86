"""How tests read pages."""

from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.read import Manner
from chartkeeper.ocr.tesseract import TesseractProgram


def manner(scratch):
    """The tesseract program alone, its pictures in `scratch`."""
    return Manner(Engines(TesseractProgram(scratch)))

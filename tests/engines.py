"""The engines that tests read with."""

from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.tesseract import TesseractProgram


def engines(scratch):
    """The tesseract program alone, its pictures in `scratch`."""
    return Engines(TesseractProgram(scratch))

"""What the reading room needs from the machine, and how to get it."""

from dataclasses import dataclass

from chartkeeper.ocr import poppler, tesseract


@dataclass(frozen=True, slots=True)
class Program:
    """A program or its data: the version found (None: missing) and the line that installs it."""

    name: str
    version: str | None
    install: str


def check_programs() -> tuple[Program, ...]:
    """Every program this room runs, found or not; takes some tenths of a second."""
    return (
        Program("tesseract", tesseract.version(), tesseract.INSTALL),
        Program("tesseract English data", _english(), tesseract.LANGUAGE_INSTALL),
        *(Program(name, poppler.version(name), poppler.INSTALL) for name in poppler.PROGRAMS),
    )


def _english() -> str | None:
    return tesseract.LANGUAGE if tesseract.LANGUAGE in tesseract.languages() else None

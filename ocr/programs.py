"""What the reading room needs from the machine, and how to get it."""

from dataclasses import dataclass
from importlib import metadata

from chartkeeper.ocr import poppler, tesseract


@dataclass(frozen=True, slots=True)
class Program:
    """A program or its data: the version found (None: missing) and the line that installs it."""

    name: str
    version: str | None
    install: str


@dataclass(frozen=True, slots=True)
class Extra:
    """A package that makes reading quicker or better, and that is not needed.

    `version` is None where it is not installed; `gives` says what it is good for.
    """

    name: str
    version: str | None
    gives: str
    install: str


EXTRAS = (
    ("tesserocr", "reads 1.4 to 1.8 times as fast", "fast"),
    ("pypdfium2", "opens PDF pages 5 times as fast", "fast"),
    ("rapidocr", "a second reader for bad pages", "second-reader"),
    ("scikit-learn", "learning types from what clerks decide", "learning"),
)


def check_extras() -> tuple[Extra, ...]:
    """Every optional package, installed or not."""
    return tuple(
        Extra(name, _installed(name), gives, f"pip install 'chartkeeper[{extra}]'")
        for name, gives, extra in EXTRAS
    )


def _installed(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def check_programs() -> tuple[Program, ...]:
    """Every program this room runs, found or not; takes some tenths of a second."""
    return (
        Program("tesseract", tesseract.version(), tesseract.INSTALL),
        Program("tesseract English data", _english(), tesseract.LANGUAGE_INSTALL),
        *(Program(name, poppler.version(name), poppler.INSTALL) for name in poppler.PROGRAMS),
    )


def _english() -> str | None:
    return tesseract.LANGUAGE if tesseract.LANGUAGE in tesseract.languages() else None

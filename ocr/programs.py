"""What the reading room needs from the machine, and how to get it."""

import shutil
from dataclasses import dataclass
from importlib import metadata

from chartkeeper.ocr import poppler, tesseract


@dataclass(frozen=True, slots=True)
class Program:
    """A program or its data: the version found (None: missing) and the line that installs it.

    `broken` is one that is there and does not run, or does not answer.
    """

    name: str
    version: str | None
    install: str
    broken: bool = False


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
    ("img2pdf", "puts old documents in several files into one", "binding"),
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
    """Every program this room runs, found or not; takes some tenths of a second.

    Of a tesseract that does not run nobody knows what data it has.
    """
    engine = _program("tesseract", tesseract.version(), tesseract.INSTALL)
    rest = (_program(name, poppler.version(name), poppler.INSTALL) for name in poppler.PROGRAMS)
    return (engine, *(() if engine.broken else (_data(),)), *rest)


def _program(name: str, version: str | None, install: str) -> Program:
    return Program(name, version, install, broken=version is None and bool(shutil.which(name)))


def _data() -> Program:
    found = tesseract.LANGUAGE if tesseract.LANGUAGE in tesseract.languages() else None
    return Program("tesseract English data", found, tesseract.LANGUAGE_INSTALL)

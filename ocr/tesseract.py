"""The tesseract program, through pytesseract: the engine that always works.

Whoever starts the process that reads sets OMP_THREAD_LIMIT=1 in that process's environment, which
Tesseract inherits: measured, its own threads cost three to five times the CPU of a page and save no
time once there is a reader per core. Temporary files of pytesseract go where `tempfile` says.
"""

import math
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytesseract
from PIL import Image

from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.errors import (
    EngineFailed,
    MissingProgram,
    OutOfMemory,
    PageTookTooLong,
)
from chartkeeper.ocr.page import Box, Word

INSTALL = "apt-get install tesseract-ocr"
LANGUAGE = "eng"
ANSWER_TIMEOUT_SECONDS = 10
LANGUAGE_INSTALL = "apt-get install tesseract-ocr-eng"
# Tesseract believes no resolution outside these (kMinCredibleResolution, kMaxCredibleResolution).
MIN_DPI, MAX_DPI = 70, 2400
# Tesseract refuses pictures with a side of more pixels (INT16_MAX).
MAX_SIDE_PIXELS = 32_767
_WORD_LEVEL = "5"
_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class TesseractProgram:
    """The engine that starts the program for each picture, which lies in `scratch` meanwhile."""

    scratch: Path

    @property
    def name(self) -> str:
        """How the ledger calls it."""
        return "tesseract"

    def read(
        self, image: Image.Image, dpi: int, layout: Layout, timeout_seconds: float
    ) -> tuple[Word, ...]:
        """The words on `image`; see Engine."""
        return read_words(image, dpi, self.scratch, timeout_seconds, layout)

    def release(self) -> None:
        """Nothing stays in memory."""


def read_words(
    image: Image.Image,
    dpi: int,
    scratch: Path,
    timeout_seconds: float,
    layout: Layout = Layout.AUTOMATIC,
) -> tuple[Word, ...]:
    """The words on `image` (mode 1 or L) in reading order, boxes in its pixels.

    `dpi` is the resolution Tesseract is told; the picture passes through a file in the folder
    `scratch`, named at random and removed. Raises PageTookTooLong, EngineFailed, OutOfMemory,
    MissingProgram.
    """
    config = f"--psm {layout.value} --dpi {believable_dpi(dpi)}"
    with _picture_file(image, scratch) as path:
        tsv = _tsv(path, config, timeout_seconds)
    return parse_tsv(tsv, image.width, image.height)


def believable_dpi(dpi: int) -> int:
    """The nearest resolution that Tesseract believes."""
    return min(MAX_DPI, max(MIN_DPI, dpi))


def parse_tsv(tsv: str, width: int, height: int) -> tuple[Word, ...]:
    """The words of Tesseract's tsv output for a picture of `width` x `height` pixels.

    Rows are level, page, block, paragraph, line, word, left, top, width, height, confidence
    (0 to 100), text. Lines are numbered from 0 as they come; words without text are dropped, boxes
    are cut to the picture. Raises EngineFailed for a word row that is none.
    """
    words: list[Word] = []
    lines: dict[tuple[str, ...], int] = {}
    for row in tsv.split("\n"):
        cells = row.rstrip("\r").split("\t", _COLUMNS - 1)
        if cells[0] != _WORD_LEVEL or not cells[-1].strip():
            continue
        line = lines.setdefault(tuple(cells[1:5]), len(lines))
        words.append(_word(cells, line, width, height))
    return tuple(words)


def _word(cells: list[str], line: int, width: int, height: int) -> Word:
    try:
        left, top, across, down = (int(cell) for cell in cells[6:10])
        confidence = float(cells[10])
        text = cells[11].strip()
    except (ValueError, IndexError):
        raise EngineFailed from None
    if not math.isfinite(confidence):
        raise EngineFailed
    box = clipped(left, top, left + across, top + down, width, height)
    return Word(text, box, min(1.0, max(0.0, confidence / 100)), line)


def clipped(left: int, top: int, right: int, bottom: int, width: int, height: int) -> Box:
    """The part of a rectangle that lies on a picture of `width` x `height` pixels."""
    left, right = (min(width, max(0, x)) for x in (left, right))
    top, bottom = (min(height, max(0, y)) for y in (top, bottom))
    return Box(left, top, max(0, right - left), max(0, bottom - top))


def version() -> str | None:
    """Version of the tesseract program, None where it is not installed or does not run."""
    found = re.search(r"tesseract v?(\S+)", _answer("--version"))
    return found[1] if found else None


def languages() -> tuple[str, ...]:
    """The language data that tesseract finds."""
    return tuple(_answer("--list-langs").splitlines()[1:])


def _answer(question: str) -> str:
    """What the program says of itself, nothing if it does not run or does not answer in time."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [pytesseract.pytesseract.tesseract_cmd, question],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ANSWER_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    # Older versions say it on the other stream.
    return (done.stdout or done.stderr).decode("ascii", "replace") if not done.returncode else ""


@contextmanager
def _picture_file(image: Image.Image, scratch: Path) -> Iterator[Path]:
    # Plain pixels: packing a page as PNG costs as much as half the reading of it.
    with NamedTemporaryFile(dir=scratch, prefix="page_", suffix=".pnm") as file:
        image.save(file, format="PPM")
        file.flush()
        yield Path(file.name)


def _tsv(path: Path, config: str, timeout_seconds: float) -> str:
    try:
        return str(
            pytesseract.image_to_data(
                str(path), lang=LANGUAGE, config=config, timeout=timeout_seconds
            )
        )
    except pytesseract.TesseractNotFoundError:
        raise MissingProgram("tesseract", INSTALL) from None
    except pytesseract.TesseractError as error:
        raise _failure(error.status, error.message) from None
    # pytesseract's own time limit is a bare RuntimeError.
    except RuntimeError:
        raise PageTookTooLong from None
    except (FileNotFoundError, UnicodeDecodeError):
        raise EngineFailed from None


def _failure(status: int, printed: str) -> Exception:
    if "traineddata" in printed:
        return MissingProgram("The English data of tesseract", LANGUAGE_INSTALL)
    # SIGKILL that we did not send comes from the kernel's memory killer.
    return OutOfMemory() if status == -9 else EngineFailed()

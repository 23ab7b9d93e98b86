"""Everything that runs poppler: pdftoppm through pdf2image; pdfinfo, pdftotext and pdfimages.

The arguments of each call are a list, the path is absolute (so it cannot be taken for an option),
the time is limited, and the output of all but pdf2image, which tells neither how a program ended
nor how much it said. What the programs print about a document stays here.
"""

import errno
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import pdf2image
from pdf2image.exceptions import (
    PDFInfoNotInstalledError,
    PDFPageCountError,
    PDFPopplerTimeoutError,
    PDFSyntaxError,
)
from PIL import Image

from chartkeeper.ocr.errors import (
    DamagedFile,
    DamagedPage,
    EncryptedFile,
    EngineFailed,
    FileTookTooLong,
    MissingProgram,
    OutOfMemory,
    PageTookTooLong,
)

PROGRAMS = ("pdfinfo", "pdftoppm", "pdftotext", "pdfimages")
INSTALL = "apt-get install poppler-utils"
POINTS_PER_INCH = 72
# A page of text has some thousand words of about 100 bytes each in this form.
MAX_OUTPUT_BYTES = 32 << 20
VERSION_TIMEOUT_SECONDS = 10
# Of a page this coarse one sees only that it can be drawn.
SMALL_DPI = 10
# To start pdfimages takes 8 ms, to list the pictures of a page hardly any time.
LISTED_AT_ONCE, LISTINGS_KEPT = 32, 2
LISTING_TIMEOUT_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class PageSize:
    """A PDF page as shown: points (1/72 inch) after its `turned` degrees clockwise."""

    width: float
    height: float
    turned: int


@dataclass(frozen=True, slots=True)
class EmbeddedImage:
    """A picture on a PDF page: pixels, density along its own axes, pdfimages' name of its code.

    A `masked` one does not paint all of its area.
    """

    width: int
    height: int
    x_ppi: float
    y_ppi: float
    encoding: str = ""
    masked: bool = False


def page_count(path: Path, timeout_seconds: float) -> int:
    """Number of pages of the PDF at `path`, 0 or more as the file says.

    Raises EncryptedFile, DamagedFile, FileTookTooLong, MissingProgram, and OSError where the file
    is not there or the machine had no memory for it.
    """
    # The file has its own name still, which may be a patient's, and everybody on the machine sees
    # the command lines of programs.
    with path.open("rb") as file:
        ended = _ended(["pdfinfo", "/dev/stdin"], timeout_seconds, given=file, heard=True)
    if ended.late:
        raise FileTookTooLong
    if ended.for_want_of_memory:
        raise OSError(errno.ENOMEM, "pdfinfo was ended for want of memory")
    # A title may hold line ends and say anything; it stands above pdfinfo's own count.
    counts = re.findall(rb"^Pages:\s+(\d{1,9})\s*$", ended.output, re.MULTILINE)
    if not counts:
        raise _refusal(ended.output.decode("utf-8", "replace"))
    return int(counts[-1])


def page_size(path: Path, number: int, timeout_seconds: float) -> PageSize:
    """Size of page `number` (from 1) by its crop box, as shown after /Rotate.

    Raises DamagedPage, OutOfMemory, PageTookTooLong, MissingProgram.
    """
    pages = ["-f", str(number), "-l", str(number)]
    said = _output(["pdfinfo", *pages, str(path.absolute())], timeout_seconds)
    text = said.decode("utf-8", "replace")
    sizes, turns = (
        re.findall(rf"^Page +{number} {what}:(.*)$", text, re.MULTILINE) for what in ("size", "rot")
    )
    return parse_page_size((sizes or [""])[-1].strip(), (turns or [""])[-1].strip())


def parse_page_size(size: str, rot: str) -> PageSize:
    """PageSize from pdfinfo's `612 x 792 pts (letter)` and `90`; DamagedPage for anything else."""
    found = re.match(r"([0-9.e+]+) x ([0-9.e+]+) pts", size)
    if not found or not rot.isdecimal():
        raise DamagedPage
    width, height, turned = float(found[1]), float(found[2]), int(rot) % 360
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise DamagedPage
    if turned in (90, 270):
        width, height = height, width
    return PageSize(width, height, turned)


def images(path: Path, number: int, timeout_seconds: float) -> tuple[EmbeddedImage, ...]:
    """The pictures that page `number` shows, masks left out.

    Raises DamagedPage, OutOfMemory, EngineFailed, PageTookTooLong, MissingProgram.
    """
    rows = _rows_nearby(path, path.stat().st_mtime_ns, (number - 1) // LISTED_AT_ONCE)
    if rows is None:
        return parse_images(_listing(path, number, number, timeout_seconds))
    return parse_images("\n".join(rows.get(number, ())))


@lru_cache(maxsize=LISTINGS_KEPT)
def _rows_nearby(path: Path, _changed: int, place: int) -> dict[int, list[str]] | None:
    """The rows of `pdfimages -list` by page for the pages around one, which cost what one costs.

    None where that fails or takes long: a page of trouble must not be its neighbours' trouble.
    """
    first = place * LISTED_AT_ONCE + 1
    try:
        listing = _listing(path, first, first + LISTED_AT_ONCE - 1, LISTING_TIMEOUT_SECONDS)
    except (DamagedPage, OutOfMemory, EngineFailed, PageTookTooLong):
        return None
    rows: dict[int, list[str]] = {}
    for row in listing.splitlines():
        page, *_ = row.split(maxsplit=1) or [""]
        if page.isdecimal():
            rows.setdefault(int(page), []).append(row)
    return rows


def _listing(path: Path, first: int, last: int, timeout_seconds: float) -> str:
    pages = ["-f", str(first), "-l", str(last)]
    listing = _output(["pdfimages", "-list", *pages, str(path.absolute())], timeout_seconds)
    return listing.decode("utf-8", "replace")


def parse_images(listing: str) -> tuple[EmbeddedImage, ...]:
    """The pictures in the output of `pdfimages -list`, each followed there by its masks.

    Columns are counted from both ends: an inline picture has one column less in the middle.
    """
    found: list[EmbeddedImage] = []
    for row in filter(_is_picture, map(str.split, listing.splitlines())):
        if row[2] in ("image", "stencil"):
            found.append(_embedded(row))
        elif found:
            found[-1] = replace(found[-1], masked=True)
    return tuple(found)


def _is_picture(row: list[str]) -> bool:
    numeric = len(row) >= 10 and all(cell.isdecimal() for cell in (*row[3:5], *row[-4:-2]))
    return numeric and row[2] in ("image", "stencil", "mask", "smask")


def _embedded(row: list[str]) -> EmbeddedImage:
    return EmbeddedImage(
        int(row[3]), int(row[4]), float(row[-4]), float(row[-3]), row[8], row[2] == "stencil"
    )


def embedded_jpegs(path: Path, number: int, timeout_seconds: float) -> list[bytes]:
    """The JPEG files that lie as they are on page `number`; raises what `images` raises."""
    with TemporaryDirectory(prefix="page_") as folder:
        pages = ["-f", str(number), "-l", str(number)]
        arguments = ["pdfimages", "-j", *pages, str(path.absolute()), str(Path(folder, "picture"))]
        _output(arguments, timeout_seconds)
        return [found.read_bytes() for found in Path(folder).glob("*.jpg")]


def words_page(path: Path, number: int, timeout_seconds: float) -> str:
    """The XHTML of `pdftotext -bbox` for page `number`: words with boxes in points.

    Raises DamagedPage, OutOfMemory, EngineFailed, PageTookTooLong, MissingProgram.
    """
    options = ["-bbox", "-cropbox", "-enc", "UTF-8", "-f", str(number), "-l", str(number)]
    found = _output(["pdftotext", *options, str(path.absolute()), "-"], timeout_seconds)
    return found.decode("utf-8", "replace")


@contextmanager
def drawn(
    path: Path,
    number: int,
    scale: float | tuple[int, int],
    timeout_seconds: float,
    *,
    colour: bool,
) -> Iterator[tuple[Image.Image, bool]]:
    """Page `number` drawn at a `scale` of dots an inch, or pixels across and down; is it sound?

    Pixels are those before the page's own turn, as pdftoppm counts them. Grey unless `colour`. A
    page that poppler had to guess at is not sound: parts may be missing. The picture lies in a file
    of its own for the time of the `with` block, so that it is in memory once, not three times.
    Raises DamagedPage, OutOfMemory, EngineFailed, PageTookTooLong, MissingProgram.
    """
    with TemporaryDirectory(prefix="page_") as folder:
        options = {
            "first_page": number,
            "last_page": number,
            **_scale(scale),
            "grayscale": not colour,
            "use_cropbox": True,
            "output_folder": folder,
            "timeout": timeout_seconds,
        }
        sound = True
        try:
            found = _draw(path, options, strict=True)
        except PDFSyntaxError:
            # The page is drawn all the same, but pdf2image then does not hand it out.
            sound = False
            found = [Image.open(drawing) for drawing in Path(folder).iterdir()]
        if len(found) != 1:
            _see_it_drawn(path, number, timeout_seconds)
            raise DamagedPage
        with found[0] as image:
            yield image, sound


def _see_it_drawn(path: Path, number: int, timeout_seconds: float) -> None:
    """EngineFailed or OutOfMemory for a page that no picture came of though it can be drawn."""
    pages = ["-r", str(SMALL_DPI), "-gray", "-f", str(number), "-l", str(number)]
    if _output(["pdftoppm", *pages, str(path.absolute())], timeout_seconds):
        raise EngineFailed


def _scale(scale: float | tuple[int, int]) -> dict[str, Any]:
    if isinstance(scale, tuple):
        return {"size": scale}
    # A picture that ends on a pixel's edge is drawn one pixel larger, and all of it blurred.
    return {"dpi": scale * (1 - 1e-7)}


def _draw(path: Path, options: dict[str, Any], *, strict: bool) -> list[Image.Image]:
    try:
        images_: list[Image.Image] = pdf2image.convert_from_path(
            path.absolute(), strict=strict, **options
        )
    except PDFPopplerTimeoutError:
        raise PageTookTooLong from None
    except PDFPageCountError:
        raise DamagedPage from None
    except (PDFInfoNotInstalledError, FileNotFoundError):
        raise MissingProgram("pdftoppm", INSTALL) from None
    return images_


def version(program: str) -> str | None:
    """The version of one of `PROGRAMS`, None where it is not installed."""
    try:
        found = subprocess.run(  # noqa: S603 - one of our own names
            [program, "-v"],
            capture_output=True,
            timeout=VERSION_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.search(rb"version (\S+)", found.stderr + found.stdout)
    return number[1].decode("ascii", "replace") if number else None


def _refusal(printed: str) -> Exception:
    words = printed.lower()
    locked = "incorrect password" in words or "security handler" in words or "encrypt" in words
    return EncryptedFile() if locked else DamagedFile()


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a program ended: what it said, its status, and whether it was stopped over its time."""

    output: bytes
    status: int
    late: bool

    @property
    def flooded(self) -> bool:
        return len(self.output) > MAX_OUTPUT_BYTES

    @property
    def for_want_of_memory(self) -> bool:
        # SIGKILL that we did not send comes from the kernel's memory killer.
        return self.status == -9 and not self.late and not self.flooded


def _output(arguments: list[str], timeout_seconds: float) -> bytes:
    """Standard output of a poppler program, whole, in time and of a believable size."""
    ended = _ended(arguments, timeout_seconds)
    if ended.late:
        raise PageTookTooLong
    if ended.flooded:
        raise DamagedPage
    if ended.for_want_of_memory:
        raise OutOfMemory
    if ended.status < 0:
        raise EngineFailed
    if ended.status:
        raise DamagedPage
    return ended.output


def _ended(
    arguments: list[str],
    timeout_seconds: float,
    *,
    given: BinaryIO | None = None,
    heard: bool = False,
) -> _Ended:
    """Run a poppler program to its end; `heard` puts its complaints into the output, too.

    `given` is the file at its standard input.
    """
    try:
        child = subprocess.Popen(  # noqa: S603 - our own names, the path absolute
            arguments,
            stdin=given or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if heard else subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise MissingProgram(arguments[0], INSTALL) from None
    late = threading.Event()
    timer = threading.Timer(timeout_seconds, _stop, (child, late))
    timer.start()
    try:
        with child:
            found = child.stdout.read(MAX_OUTPUT_BYTES + 1) if child.stdout else b""
            if len(found) > MAX_OUTPUT_BYTES:
                child.kill()
    finally:
        timer.cancel()
    return _Ended(found, child.returncode, late.is_set())


def _stop(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()

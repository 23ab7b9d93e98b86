"""Files of one document, a page or a few each, bound into one PDF without a change to their pages.

img2pdf lays the data of JPEGs, PNGs and fax pictures into a PDF as they are and packs the others
without loss; pages of PDFs are copied. Then each page is looked at in both: a bound page that does
not look like the one that it came from is nobody's page.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from chartkeeper.ocr import raster
from chartkeeper.ocr.density import stored_dpi
from chartkeeper.ocr.enhance import resolution
from chartkeeper.ocr.errors import (
    BoundOtherwise,
    DamagedFile,
    FileTooLarge,
    MissingProgram,
    TooManyPages,
    UnreadableFile,
    UnreadablePage,
)
from chartkeeper.ocr.examine import FileFacts, examine
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.poppler import POINTS_PER_INCH
from chartkeeper.ocr.stored import decoding, flat, opened

if TYPE_CHECKING:
    from pikepdf import Pdf

INSTALL = 'pip install "chartkeeper[binding]"'
# Tag 274 of TIFF and Exif, Orientation: how far to turn the picture clockwise to see it upright.
# The others are mirrored, as no scanner makes them.
ORIENTATION, TURNS = 274, {1: 0, 3: 180, 6: 90, 8: 270}
ON_ITS_SIDE = frozenset({5, 6, 7, 8})
# Pages are compared on copies so many pixels wide. Two ways of making them smaller, and of making
# four colours grey, differ by up to 38 greys there; print differs from paper by some 100.
COPY_PIXELS, SAME_WITHIN_GREYS = 400, 64
# Of the sides of a page as many parts may differ as a pixel more or less makes.
SAME_WITHIN_SHAPE = 0.01


def is_installed() -> bool:
    """Whether img2pdf, and pikepdf on which it stands, are installed."""
    return all(find_spec(name) for name in ("img2pdf", "pikepdf"))


def bind(parts: Sequence[Path], target: Path, limits: Limits) -> tuple[int, ...]:
    """Put the pages of the files, in order, into a PDF at `target`; how many each of them has.

    The same files make the same bytes, and `target` is whole or not there. One that is there, newer
    than its files and with as many pages, stays. Raises subclasses of UnreadableFile,
    BoundOtherwise among them, MissingProgram, and OSError where the machine is at fault.
    """
    if not is_installed():
        raise MissingProgram("img2pdf", INSTALL)
    facts = [examine(part, limits) for part in parts]
    counts = tuple(each.page_count for each in facts)
    if sum(counts) > limits.max_pages:
        raise TooManyPages
    if not _is_there(target, parts, sum(counts), limits):
        _put(list(zip(parts, facts, strict=True)), target, limits)
    return counts


def _is_there(target: Path, parts: Sequence[Path], pages: int, limits: Limits) -> bool:
    try:
        newest = max(part.stat().st_mtime for part in parts)
        return target.stat().st_mtime >= newest and examine(target, limits).page_count == pages
    except (FileNotFoundError, UnreadableFile):
        return False


def _put(parts: Sequence[tuple[Path, FileFacts]], target: Path, limits: Limits) -> None:
    unproved = target.with_suffix(".part")
    try:
        _write(parts, unproved, limits)
        if not all(_look_alike(parts, unproved, limits)):
            raise BoundOtherwise
        unproved.replace(target)
    except UnreadablePage as error:
        raise DamagedFile from error
    finally:
        unproved.unlink(missing_ok=True)


def _write(parts: Sequence[tuple[Path, FileFacts]], target: Path, limits: Limits) -> None:
    from pikepdf import Pdf  # noqa: PLC0415 - an extra

    # A write that fails under its hands ends the process (pikepdf 10.18), so it writes to memory.
    written = BytesIO()
    with _sound_pdfs(), Pdf.new() as whole:
        for path, facts in parts:
            if facts.format is Format.PDF:
                with Pdf.open(path) as source:
                    whole.pages.extend(source.pages)
            else:
                with Pdf.open(BytesIO(_as_pdf(path, facts, limits))) as source:
                    _turn(source, path, facts, limits)
                    whole.pages.extend(source.pages)
        whole.save(written, deterministic_id=True)
    if written.getbuffer().nbytes > limits.max_file_bytes:
        raise FileTooLarge
    target.write_bytes(written.getbuffer())


@contextmanager
def _sound_pdfs() -> Iterator[None]:
    from pikepdf import PdfError  # noqa: PLC0415 - an extra

    try:
        yield
    except PdfError:
        raise DamagedFile from None


def _as_pdf(path: Path, facts: FileFacts, limits: Limits) -> bytes:
    """A picture's pages as a PDF, each as large as its resolution says."""
    import img2pdf  # noqa: PLC0415 - an extra

    # It says of pictures how it lays them down, which is looked at anyway.
    logging.getLogger("img2pdf").setLevel(logging.CRITICAL)
    numbers = range(1, facts.page_count + 1)
    sizes = iter([_points(path, number, limits) for number in numbers])

    def layout(_wide: int, _high: int, _dpi: object) -> tuple[float, float, float, float]:
        width, height = next(sizes)
        return width, height, width, height

    # Of a turned TIFF Pillow tells the size as shown, which img2pdf would take for that in store.
    turned = facts.format is Format.TIFF and any(_way(path, each, limits) != 1 for each in numbers)
    pictures = [_upright(path, each, limits) for each in numbers] if turned else [str(path)]
    with decoding(limits):
        made: bytes = img2pdf.convert(
            pictures,
            layout_fun=layout,
            rotation=img2pdf.Rotation.none,
            engine=img2pdf.Engine.internal,
            nodate=True,
        )
    return made


def _upright(path: Path, number: int, limits: Limits) -> bytes:
    packed = BytesIO()
    with opened(path, number, limits) as image:
        flat(image).save(packed, "PNG")
    return packed.getvalue()


def _way(path: Path, number: int, limits: Limits) -> int:
    """How a stored page lies, as its tag says: 1 is upright."""
    with opened(path, number, limits) as image:
        return int(image.getexif().get(ORIENTATION, 1))


def _points(path: Path, number: int, limits: Limits) -> tuple[float, float]:
    """How large a page is on paper: a TIFF's as it is shown, another picture's as it is stored."""
    with opened(path, number, limits) as image:
        x_dpi, y_dpi = stored_dpi(image)
        width, height, format_ = *image.size, image.format
    if format_ != "TIFF" and _way(path, number, limits) in ON_ITS_SIDE:
        x_dpi, y_dpi = y_dpi, x_dpi
    if not x_dpi or x_dpi == y_dpi:
        x_dpi = y_dpi = resolution(width, height, x_dpi)
    return POINTS_PER_INCH * width / x_dpi, POINTS_PER_INCH * height / y_dpi


def _turn(source: "Pdf", path: Path, facts: FileFacts, limits: Limits) -> None:
    """Have a picture shown upright that says that it lies otherwise; a TIFF was turned before."""
    turned = 0 if facts.format is Format.TIFF else TURNS.get(_way(path, 1, limits), 0)
    if turned:
        source.pages[0].rotate(turned, relative=False)


def _look_alike(
    parts: Sequence[tuple[Path, FileFacts]], target: Path, limits: Limits
) -> Iterator[bool]:
    """Of each page in order, whether it looks as it did; last, whether there is none besides."""
    bound = 0
    for path, facts in parts:
        for number in range(1, facts.page_count + 1):
            bound += 1
            before = raster.load(path, facts.format, number, limits)
            after = raster.load(target, Format.PDF, bound, limits)
            yield before.sound == after.sound and _is_alike(before.image, after.image)
    yield examine(target, limits).page_count == bound


def _is_alike(before: Image.Image, after: Image.Image) -> bool:
    shapes = [image.width / image.height for image in (before, after)]
    if abs(shapes[0] - shapes[1]) > SAME_WITHIN_SHAPE * shapes[0]:
        return False
    size = COPY_PIXELS, max(1, round(COPY_PIXELS / shapes[0]))
    copies = [image.convert("L").resize(size, Image.Resampling.BOX) for image in (before, after)]
    _, most = ImageChops.difference(*copies).getextrema()
    return int(str(most)) <= SAME_WITHIN_GREYS

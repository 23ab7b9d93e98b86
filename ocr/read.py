"""The whole way of one page, from the bytes of its file to words with their places."""

import time
from pathlib import Path

from PIL import Image

from chartkeeper.ocr import poppler, raster, textlayer
from chartkeeper.ocr.blank import is_blank
from chartkeeper.ocr.engine import Layout
from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.enhance import Prepared, enlarged, has_small_letters, normalise
from chartkeeper.ocr.errors import DamagedPage, OutOfMemory, PageTookTooLong, StorageFailed
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.orient import Reading, read_upright
from chartkeeper.ocr.page import Page, PageKind, TextSource, Word


def read_page(
    path: Path,
    format: Format,  # noqa: A002 - the field's word
    number: int,
    limits: Limits,
    engines: Engines,
) -> Page:
    """Read page `number` (from 1) of the whole file at `path`.

    Boxes are pixels of the upright picture that was read, `width` x `height`; confidences run from
    0 to 1. Raises a subclass of UnreadablePage, and MissingProgram.
    """
    try:
        # Of a file that is gone poppler would say that it is damaged.
        path.open("rb").close()
        page = _from_text_layer(path, number, limits) if format is Format.PDF else None
        return page or _from_picture(
            raster.load(path, format, number, limits), number, limits, engines
        )
    except MemoryError:
        raise OutOfMemory from None
    except OSError:
        raise StorageFailed from None


def _from_text_layer(path: Path, number: int, limits: Limits) -> Page | None:
    seconds = limits.page_timeout_seconds
    words = textlayer.parse_words(poppler.words_page(path, number, seconds))
    if len(words) < textlayer.ENOUGH_WORDS:
        return None
    size = poppler.page_size(path, number, seconds)
    covered = raster.cover(size, poppler.images(path, number, seconds))
    if not textlayer.is_usable(words, covered):
        return None
    drawing = raster.plan_drawing(size, None, limits.max_pixels)
    scale = drawing.width / size.width
    return Page(
        number=number,
        width=drawing.width,
        height=drawing.height,
        dpi=max(1, round(drawing.x_dpi)),
        rotation=0,
        kind=PageKind.CONTENT,
        source=TextSource.TEXT_LAYER,
        words=textlayer.page_words(words, scale, drawing.width, drawing.height),
        reading=("text-layer",),
    )


def _from_picture(loaded: raster.Raster, number: int, limits: Limits, engines: Engines) -> Page:
    prepared = normalise(loaded)
    blank = is_blank(prepared.image)
    # What could not be decoded is drawn white; such a page is not known to be blank.
    if blank and not loaded.sound:
        raise DamagedPage
    if blank:
        reading = Reading(0, prepared.image.width, prepared.image.height, ())
    else:
        reading, prepared = _read(prepared, limits, engines)
    return Page(
        number=number,
        width=reading.width,
        height=reading.height,
        dpi=max(1, prepared.dpi),
        rotation=reading.rotation,
        kind=PageKind.BLANK if blank else PageKind.CONTENT,
        source=TextSource.NONE if blank else TextSource.OCR,
        words=reading.words,
        preparation=prepared.steps,
        reading=() if blank else (engines.first.name,),
    )


def _read(prepared: Prepared, limits: Limits, engines: Engines) -> tuple[Reading, Prepared]:
    """Read the page, and once more at twice its size if its letters turn out to be small."""
    ends_at = time.monotonic() + limits.page_timeout_seconds
    reading = _read_until(ends_at, prepared, engines)
    if "enlarged" in prepared.steps or not has_small_letters(reading.words):
        return reading, prepared
    larger = enlarged(prepared)
    again = _read_until(ends_at, larger, engines) if larger is not prepared else reading
    if _sure_letters(again.words) > _sure_letters(reading.words):
        return again, larger
    return reading, prepared


def _read_until(ends_at: float, prepared: Prepared, engines: Engines) -> Reading:
    def read(image: Image.Image) -> tuple[Word, ...]:
        seconds = ends_at - time.monotonic()
        if seconds <= 0:
            raise PageTookTooLong
        return engines.first.read(image, prepared.told_dpi, Layout.AUTOMATIC, seconds)

    return read_upright(prepared.image, read)


def _sure_letters(words: tuple[Word, ...]) -> float:
    return sum(word.confidence * len(word.text) for word in words)

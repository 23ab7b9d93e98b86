"""The whole way of one page, from the bytes of its file to words with their places."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PIL import Image

from chartkeeper.ocr import layer, pdfpage, raster, textlayer
from chartkeeper.ocr.barcodes import find_barcodes, marks_beside, placed
from chartkeeper.ocr.blank import cell_pixels, is_blank, may_be_faint
from chartkeeper.ocr.born_digital import by_its_own_text
from chartkeeper.ocr.combs import COMBS_READ, find_combs, look_side, with_combs
from chartkeeper.ocr.engine import ENGINE_FAILURES
from chartkeeper.ocr.enhance import CLEANING_STEPS, Prepared, Step, inked, prepare
from chartkeeper.ocr.errors import DamagedPage, OutOfMemory, PageTookTooLong, StorageFailed
from chartkeeper.ocr.fax_header import (
    header_as_it_lay,
    read_twice,
    unsure_place,
    with_fax_header,
)
from chartkeeper.ocr.fields import FIELDS_READ_AGAIN, MIN_FIELD_CONFIDENCE, compared
from chartkeeper.ocr.first_look import Sheet, first_look, set_upright
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.layer import TextLayer
from chartkeeper.ocr.limits import Countdown, Limits, countdown
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.needles import shows_dots
from chartkeeper.ocr.orient import ENOUGH_LETTERS, is_poor, letter_count
from chartkeeper.ocr.page import Barcode, Page, PageKind, TextSource, Word
from chartkeeper.ocr.parted import NUMBERS_JOINED, with_whole_numbers
from chartkeeper.ocr.points import POINTS_FOUND, with_points
from chartkeeper.ocr.second_look import FAILED, is_weak, look_again, reread
from chartkeeper.ocr.separators import claims, is_separator
from chartkeeper.ocr.skew import skewed_back, straightened, straightened_box
from chartkeeper.ocr.slanted import SLANTED_FOUND, with_slanted, with_watermarks
from chartkeeper.ocr.smaller import scaled
from chartkeeper.ocr.torn import ROWS_READ, is_torn, with_rows
from chartkeeper.ocr.unread import LINES_FOUND, ReadLine, completed, find_unread

# How the record of a page says that its file has errors.
PARTS_MISSING = "parts-missing"
# On a page that seemed blank words count that were read so surely.
SURE_OF_FAINT = 0.8


def read_page(
    path: Path,
    format: Format,  # noqa: A002 - the field's word
    number: int,
    limits: Limits,
    manner: Manner,
) -> Page:
    """Read page `number` (from 1) of the whole file at `path`.

    Boxes are pixels of the upright picture that was read, `width` x `height`; confidences run from
    0 to 1. Raises a subclass of UnreadablePage, and MissingProgram.
    """
    try:
        # Of a file that is gone poppler would say that it is damaged.
        path.open("rb").close()
        if format is Format.PDF:
            return _from_pdf(path, number, limits, manner)
        return _from_picture(raster.load(path, format, number, limits), number, limits, manner)
    except MemoryError:
        raise OutOfMemory from None
    except OSError:
        raise StorageFailed from None


def _from_pdf(path: Path, number: int, limits: Limits, manner: Manner) -> Page:
    survey = pdfpage.survey_by_poppler if manner.slow_but_sure else pdfpage.survey
    surveyed = survey(path, number, limits)
    found = layer.read_layer(path, surveyed, limits)
    if found.decision is textlayer.Layer.TEXT:
        said = by_its_own_text(path, surveyed, found, limits, manner)
        if said:
            return said
        found = TextLayer(textlayer.Layer.UNLIKE)
    page = _from_picture(raster.load_pdf(path, surveyed, limits), number, limits, manner)
    return replace(page, reading=(found.decision, *page.reading)) if found.decision else page


def _from_picture(loaded: raster.Raster, number: int, limits: Limits, manner: Manner) -> Page:
    prepared = prepare(loaded, manner.steps)
    left = countdown(limits.page_timeout_seconds)
    # Letters made of dots are specks, each by itself.
    if is_blank(prepared.image) and not shows_dots(prepared.image, prepared.dpi):
        # What could not be decoded is drawn white; such a page is not known to be blank.
        if not loaded.sound:
            raise DamagedPage
        blank = _not_read(prepared, number, PageKind.BLANK)
        return _if_faint(prepared, left, manner, blank)
    prepared = inked(prepared, manner.steps)
    codes = find_barcodes(prepared.image, enlarged=Step.ENLARGED in prepared.steps)
    if not codes and Step.BARS_TURNED in prepared.steps:
        # The corner mark of a large QR code looks like a panel of white on black, and was turned.
        codes = find_barcodes(prepare(loaded, manner.steps - {Step.BARS_TURNED}).image)
    if claims(codes) and is_separator(codes, marks_beside(prepared.image, codes)):
        return _not_read(prepared, number, PageKind.SEPARATOR, codes)
    sheet = Sheet(prepared, partial(prepare, loaded, manner.steps - CLEANING_STEPS))
    page = _read(sheet, number, codes, left, manner)
    return page if loaded.sound else replace(page, reading=(*page.reading, PARTS_MISSING))


def _if_faint(prepared: Prepared, left: Countdown, manner: Manner, blank: Page) -> Page:
    """A page that seems blank, read if its ink may be pale writing, and what came of it.

    The other side's writing, which shows through, is as pale; it reads as nothing much.
    """
    if Step.DARKENED not in manner.steps or not may_be_faint(prepared.image):
        return blank
    dark, once = inked(prepared, manner.steps), replace(manner, second_look=False)
    # The back of a sheet is not worth a second look, which would be taken from other pages.
    page = _read(Sheet(dark), blank.number, (), left, once)
    sure = tuple(word for word in page.words if word.confidence >= SURE_OF_FAINT)
    if letter_count(sure) < ENOUGH_LETTERS or is_poor(page.words):
        return blank
    if not manner.second_look or not is_weak(page.words):
        return page
    try:
        return _read(Sheet(dark), blank.number, (), left, manner)
    except PageTookTooLong:
        return page


def _not_read(
    prepared: Prepared, number: int, kind: PageKind, codes: tuple[Barcode, ...] = ()
) -> Page:
    return Page(
        number=number,
        width=prepared.image.width,
        height=prepared.image.height,
        dpi=max(1, prepared.dpi),
        rotation=0,
        kind=kind,
        source=TextSource.NONE,
        words=(),
        preparation=prepared.steps,
        barcodes=codes,
    )


def _read(
    sheet: Sheet, number: int, codes: tuple[Barcode, ...], left: Countdown, manner: Manner
) -> Page:
    stored = sheet.page.image.size
    look = first_look(sheet, left, manner.engines, manner.steps)
    reading, prepared = look.reading, look.page
    upright = set_upright(prepared, reading.rotation)
    words, rows = _with_rows(upright, reading.words, left, manner)
    words, looks = _looked_over(upright, words, left, manner, twice=bool(rows))
    words, numbers = _with_whole_numbers(upright, words, left, manner)
    words, points = _tried(POINTS_FOUND, words, partial(with_points, upright.image, words))
    words, stamps = _with_stamps(upright, words, left, manner)
    words, combs = _with_combs(upright, words, left, manner)
    page = Page(
        number=number,
        width=reading.width,
        height=reading.height,
        dpi=max(1, prepared.dpi),
        rotation=reading.rotation,
        kind=PageKind.CONTENT,
        source=TextSource.OCR,
        words=words,
        preparation=prepared.steps,
        reading=(manner.engines.first.name, *rows, *looks, *numbers, *points, *stamps, *combs),
        barcodes=placed(codes, stored, reading.rotation, (reading.width, reading.height)),
    )
    page = with_fax_header(page)
    if page.fax_header is None and reading.as_it_lay:
        page = header_as_it_lay(page, reading.as_it_lay)
    page = _with_header_read_again(page, upright, left, manner)
    return _with_fields_read_again(page, upright, left, manner)


def _looked_over(
    upright: Prepared, words: tuple[Word, ...], left: Countdown, manner: Manner, *, twice: bool
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """The words of a page after what is doubtful of it was read again, and what was done for that.

    A page read weakly is read again as a whole, as far as that is allowed; of any other the lines
    that were left out are read. What the first engine has read `twice` it does not read again.
    """
    if manner.second_look and is_weak(words) and (manner.engines.second or not twice):
        return look_again(upright, words, manner.engines, left)

    readers = manner.piece_readers(left)
    return _tried(LINES_FOUND, words, lambda: _completed(upright, words, *readers))


def _tried(
    code: str, words: tuple[Word, ...], make: Callable[[], tuple[Word, ...]]
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """What `make` makes of the words, and what is told of it: `code`, or that it failed.

    The words themselves, and nothing, where it gives these back.
    """
    try:
        whole = make()
    except ENGINE_FAILURES:
        return words, (code + FAILED,)
    return whole, () if whole is words else (code,)


def _with_rows(
    upright: Prepared, words: tuple[Word, ...], left: Countdown, manner: Manner
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """`words` with the tables read by rows that were read by columns, and what was done for it."""
    read = manner.table_reader(upright.told_dpi, left)

    def fill(image: Image.Image, there: tuple[Word, ...]) -> tuple[Word, ...]:
        return with_rows(image, there, read)

    if upright.skew_degrees and not is_torn(_small_straight(upright, words)[1]):
        return words, ()
    return _tried(ROWS_READ, words, lambda: _on_straight(upright, words, fill))


def _with_whole_numbers(
    upright: Prepared, words: tuple[Word, ...], left: Countdown, manner: Manner
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """`words` with the numbers whole that were parted at their points, and what was done for it."""
    line, _ = manner.piece_readers(left)
    return _tried(NUMBERS_JOINED, words, lambda: with_whole_numbers(upright.image, words, line))


def _with_stamps(
    upright: Prepared, words: tuple[Word, ...], left: Countdown, manner: Manner
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """`words` and what is stamped across the page at a slant, and what was done for that."""
    line, anywhere = manner.piece_readers(left)

    def stamped() -> tuple[Word, ...]:
        whole = with_slanted(upright.image, words, line)
        if not upright.areas:
            return whole
        return with_watermarks(upright.areas, upright.image.width, whole, line, anywhere)

    return _tried(SLANTED_FOUND, words, stamped)


def _completed(
    upright: Prepared, words: tuple[Word, ...], line: ReadLine, strip: ReadLine
) -> tuple[Word, ...]:
    """`unread.completed`, on the page as it lies straight; `words` itself if nothing was found."""
    if upright.skew_degrees and not find_unread(*_small_straight(upright, words)):
        return words
    return _on_straight(upright, words, lambda image, there: completed(image, there, line, strip))


def _with_combs(
    upright: Prepared, words: tuple[Word, ...], left: Countdown, manner: Manner
) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """`words` and what stands in fields of one box a letter, and what was done for that."""
    line, _ = manner.piece_readers(left)

    def fill(image: Image.Image, there: tuple[Word, ...]) -> tuple[Word, ...]:
        return with_combs(image, upright.dpi, there, line)

    if upright.skew_degrees:
        side = look_side(upright.dpi)
        copy = straightened(upright.image.reduce(side), upright.skew_degrees)
        if not find_combs(copy, side, upright.dpi):
            return words, ()
    return _tried(COMBS_READ, words, lambda: _on_straight(upright, words, fill))


def _on_straight(
    upright: Prepared,
    words: tuple[Word, ...],
    fill: Callable[[Image.Image, tuple[Word, ...]], tuple[Word, ...]],
) -> tuple[Word, ...]:
    """What `fill` makes of the straight page and its words; `words` itself if that is no more."""
    degrees = upright.skew_degrees
    if not degrees:
        return fill(upright.image, words)
    straight, there = _straight(upright, words)
    whole = fill(straight, there)
    if whole is there:
        return words
    sizes = straight.size, upright.image.size
    return tuple(replace(word, box=skewed_back(word.box, *sizes, degrees)) for word in whole)


def _small_straight(
    upright: Prepared, words: tuple[Word, ...]
) -> tuple[Image.Image, tuple[Word, ...]]:
    """The same, much smaller: to turn the whole page takes a tenth of the time of reading it."""
    side = cell_pixels(upright.image)
    copy = replace(upright, image=upright.image.reduce(side))
    small = tuple(replace(word, box=scaled(word.box, 1 / side, 1 / side)) for word in words)
    return _straight(copy, small)


def _straight(crooked: Prepared, words: tuple[Word, ...]) -> tuple[Image.Image, tuple[Word, ...]]:
    """A page and its words as they lie once it is straightened."""
    straight, degrees = straightened(crooked.image, crooked.skew_degrees), crooked.skew_degrees
    sizes = crooked.image.size, straight.size
    return straight, tuple(
        replace(word, box=straightened_box(word.box, *sizes, degrees)) for word in words
    )


def _with_fields_read_again(page: Page, upright: Prepared, left: Countdown, manner: Manner) -> Page:
    places = manner.in_doubt(page)
    if not places:
        return page
    words = page.words
    for place in places:
        field = reread(upright, place, manner.engines, left)
        words = compared(words, place, field)
    return replace(page, words=words, reading=(*page.reading, FIELDS_READ_AGAIN))


def _with_header_read_again(page: Page, upright: Prepared, left: Countdown, manner: Manner) -> Page:
    """The page with what another engine says of the numbers in the line of a fax machine."""
    place = unsure_place(page)
    if page.fax_header is None or place is None or manner.engines.second is None:
        return page
    line = reread(upright, place, manner.engines, left)
    if line.confidence < MIN_FIELD_CONFIDENCE:
        return page
    return replace(page, fax_header=read_twice(page.fax_header, line.text))


def looked_again(page: Page, manner: Manner) -> bool:
    """Whether all of the page was read a second time."""
    pieces = ROWS_READ, LINES_FOUND, SLANTED_FOUND, COMBS_READ, NUMBERS_JOINED, POINTS_FOUND
    found = {name for one in pieces for name in (one, one + FAILED)}
    parts = {FIELDS_READ_AGAIN, PARTS_MISSING, *found}
    first = {*textlayer.Layer, manner.engines.first.name, *parts}
    return not first.issuperset(page.reading)

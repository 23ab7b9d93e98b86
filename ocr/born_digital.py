"""Pages of PDFs that carry their own text: taken at their word where they show what it says."""

from dataclasses import replace
from pathlib import Path

from PIL import Image

from chartkeeper.ocr import raster, textlayer
from chartkeeper.ocr.barcodes import find_barcodes, marks_beside
from chartkeeper.ocr.drawing import plan_drawing
from chartkeeper.ocr.engine import ENGINE_FAILURES
from chartkeeper.ocr.errors import UnreadablePage
from chartkeeper.ocr.fax_header import with_fax_header
from chartkeeper.ocr.layer import TextLayer
from chartkeeper.ocr.limits import Countdown, Limits, countdown
from chartkeeper.ocr.manner import Manner
from chartkeeper.ocr.page import Page, PageKind, TextSource, Word
from chartkeeper.ocr.pdfpage import PdfPage
from chartkeeper.ocr.second_look import FAILED
from chartkeeper.ocr.separators import is_separator
from chartkeeper.ocr.shown import shows
from chartkeeper.ocr.unread import LINES_FOUND, completed

# What a page's own text counts where nobody saw it: less than a proof takes (match.py of filing).
UNSEEN_CONFIDENCE = 0.5


def by_its_own_text(
    path: Path, surveyed: PdfPage, found: TextLayer, limits: Limits, manner: Manner
) -> Page | None:
    """A page of the PDF at `path` by the text `found` in it, or as the separator that it may be.

    None where it shows other words than its text has, in places that say whose it is. A page that
    cannot be drawn has its text all the same; since nobody sees that, it proves nothing.
    """
    page = _as_written(surveyed, found, limits)
    try:
        image = raster.load_pdf(path, surveyed, limits).image
    except UnreadablePage:
        unseen = tuple(replace(word, confidence=UNSEEN_CONFIDENCE) for word in page.words)
        return replace(page, words=unseen)
    codes = find_barcodes(image)
    if codes and is_separator(codes, marks_beside(image, codes)):
        blank = replace(page, source=TextSource.NONE, words=(), reading=(), fax_header=None)
        return replace(blank, kind=PageKind.SEPARATOR, barcodes=codes)
    left = countdown(limits.page_timeout_seconds)
    drawing = image.convert("L").resize((page.width, page.height))
    if not shows(page, drawing, manner.telling(page), manner.engines, left):
        return None
    return _with_lines_drawn(replace(page, barcodes=codes), drawing, left, manner)


def _as_written(surveyed: PdfPage, found: TextLayer, limits: Limits) -> Page:
    drawing = plan_drawing(surveyed.size, None, limits.max_pixels)
    scale = drawing.width / surveyed.size.width
    return with_fax_header(
        Page(
            number=surveyed.number,
            width=drawing.width,
            height=drawing.height,
            dpi=max(1, round(drawing.x_dpi)),
            rotation=0,
            kind=PageKind.CONTENT,
            source=TextSource.TEXT_LAYER,
            words=textlayer.page_words(found.words, scale, drawing.width, drawing.height),
            reading=(textlayer.Layer.TEXT,),
        )
    )


def _with_lines_drawn(page: Page, drawing: Image.Image, left: Countdown, manner: Manner) -> Page:
    """A page of text with the lines that stand on it as pictures, such as a sticker pasted in."""
    line, _ = manner.piece_readers(left)
    try:
        words = completed(drawing, page.words, line, _no_strip)
    except ENGINE_FAILURES:
        return replace(page, reading=(*page.reading, LINES_FOUND + FAILED))
    if words is page.words:
        return page
    return with_fax_header(replace(page, words=words, reading=(*page.reading, LINES_FOUND)))


def _no_strip(_picture: Image.Image) -> tuple[Word, ...]:
    """What is read in a column of small marks on a page of text: they are boxes to tick."""
    return ()

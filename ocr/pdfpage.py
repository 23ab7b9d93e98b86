"""What a PDF page is made of: its size, its pictures, the text that it carries itself."""

from dataclasses import dataclass
from pathlib import Path

from chartkeeper.ocr import pdfium, poppler
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.poppler import POINTS_PER_INCH, EmbeddedImage, PageSize
from chartkeeper.ocr.textlayer import LayerWord, parse_words


@dataclass(frozen=True, slots=True)
class PdfPage:
    """Page `number` of a PDF before anything of it is drawn.

    `words` are those of its text layer if any of them show; `hides_text` is True where there is
    text and none of it shows: an old reading behind a scan. `told_by_pdfium` is False for a page
    that pypdfium2 does not open or should not draw.
    """

    number: int
    size: PageSize
    pictures: tuple[EmbeddedImage, ...]
    words: tuple[LayerWord, ...]
    hides_text: bool = False
    told_by_pdfium: bool = False


def survey(path: Path, number: int, limits: Limits) -> PdfPage:
    """Look at page `number` (from 1) with what is installed; see `PdfPage`.

    Raises DamagedPage, PageTookTooLong, MissingProgram.
    """
    found = pdfium.look(path, number) if pdfium.is_installed() else None
    if found is None:
        return survey_by_poppler(path, number, limits)
    seconds = limits.page_timeout_seconds
    return PdfPage(
        number,
        found.size,
        poppler.images(path, number, seconds) if found.has_pictures else (),
        # pdfium's words differ at ligatures and columns, so it says only whether there are any.
        parse_words(poppler.words_page(path, number, seconds)) if found.shows_text else (),
        hides_text=found.has_text and not found.shows_text,
        told_by_pdfium=True,
    )


def survey_by_poppler(path: Path, number: int, limits: Limits) -> PdfPage:
    """What `survey` does without pypdfium2: slower, and safe in threads.

    Hidden text is not told from shown text.
    """
    seconds = limits.page_timeout_seconds
    return PdfPage(
        number,
        poppler.page_size(path, number, seconds),
        poppler.images(path, number, seconds),
        parse_words(poppler.words_page(path, number, seconds)),
    )


def cover(size: PageSize, pictures: tuple[EmbeddedImage, ...]) -> float:
    """Area of all pictures as a part of the page's, 0 to 1 and beyond where they overlap."""
    inches = sum(
        (picture.width / picture.x_ppi) * (picture.height / picture.y_ppi)
        for picture in pictures
        if picture.x_ppi and picture.y_ppi
    )
    return inches * POINTS_PER_INCH**2 / (size.width * size.height)

"""The picture of a page for a browser."""

from io import BytesIO
from pathlib import Path
from textwrap import wrap

from PIL import Image, ImageChops, ImageDraw, ImageFont

from chartkeeper.ocr import density, pdfpage, raster, stored
from chartkeeper.ocr.drawing import plan_page
from chartkeeper.ocr.enhance import squared_size
from chartkeeper.ocr.errors import OutOfMemory, StorageFailed
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.orient import turned
from chartkeeper.ocr.overheard import overheard

JPEG_QUALITY = 80
# Half a letter page, in letters that can be read when it is shown small.
NOTICE_PIXELS, NOTICE_COLUMNS, NOTICE_FONT_PIXELS = (1000, 600), 52, 32
# A JPEG has no longer side.
MAX_SIDE_PIXELS = 65_500
# The colours of a grey page scanned in colour differ by some levels.
COLOUR_DIFFERENCE = 24


def page_picture(
    path: Path,
    format: Format,  # noqa: A002 - the field's word
    number: int,
    rotation: int,
    max_width_pixels: int,
    limits: Limits,
) -> bytes:
    """A JPEG of page `number`, turned clockwise by `rotation` (Page.rotation), in its colours.

    At most `max_width_pixels` wide and not larger than stored; of the proportions of Page.width to
    Page.height, so that boxes as parts of the page lie on its words.
    A PDF page lies for a moment in a folder where `tempfile` makes it.
    Raises a subclass of UnreadablePage, and MissingProgram.
    """
    picture = _drawn if format is Format.PDF else _stored
    try:
        # Of a file that is gone poppler would say that it is damaged.
        path.open("rb").close()
        return _jpeg(turned(picture(path, number, rotation, max_width_pixels, limits), rotation))
    except MemoryError:
        raise OutOfMemory from None
    except OSError:
        raise StorageFailed from None


def notice(text: str) -> bytes:
    """A JPEG with a text in place of a page that cannot be drawn."""
    sheet = Image.new("L", NOTICE_PIXELS, "white")
    lines = "\n".join(wrap(text, NOTICE_COLUMNS))
    font = ImageFont.load_default(NOTICE_FONT_PIXELS)
    ImageDraw.Draw(sheet).multiline_text((60, 80), lines, fill="black", font=font, spacing=14)
    return _jpeg(sheet)


def shown_size(width: int, height: int, rotation: int, max_width_pixels: int) -> tuple[int, int]:
    """The size before it is turned of a picture that is then at most `max_width_pixels` wide."""
    across = height if rotation % 180 else width
    part = min(1.0, max_width_pixels / across, MAX_SIDE_PIXELS / max(width, height))
    return max(1, round(width * part)), max(1, round(height * part))


def _drawn(
    path: Path, number: int, rotation: int, max_width_pixels: int, limits: Limits
) -> Image.Image:
    # By poppler alone: pdfium is not safe in the threads of a web server, behind a lock one slow
    # page would hold up all viewers, and a crash would end the service. It costs 0.1 CPU seconds.
    drawing = plan_page(pdfpage.survey_by_poppler(path, number, limits), limits)
    square = squared_size(drawing.width, drawing.height, drawing.x_dpi, drawing.y_dpi)
    size = shown_size(*square, rotation, max_width_pixels)
    image, _sound = raster.drawn(path, number, drawing, limits, colour_size=size)
    return image


def _stored(
    path: Path, number: int, rotation: int, max_width_pixels: int, limits: Limits
) -> Image.Image:
    with overheard(), stored.opened(path, number, limits) as image:
        dpi = density.stored_dpi(image)
        upright = stored.flat(image)
        size = shown_size(*squared_size(*upright.size, *dpi), rotation, max_width_pixels)
        smooth = upright.convert("L") if upright.mode == "1" else upright
        return smooth.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    plain = image if _has_colour(image) else image.convert("L")
    plain.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def _has_colour(image: Image.Image) -> bool:
    if image.mode != "RGB":
        return False
    red, green, blue = image.split()
    apart = ImageChops.lighter(
        ImageChops.difference(red, green), ImageChops.difference(green, blue)
    )
    return any(apart.histogram()[COLOUR_DIFFERENCE:])

"""Bar codes and matrix codes on a page, read by zxing-cpp.

Bars are looked for on two copies of the page, shrunk along and across its lines: averaging along a
bar takes out the grain and specks of faxes and photocopies, and the copies are a quarter of the
work. QR codes need every pixel: of a half-size copy those of three and four pixels a module are no
longer read, and no cheap look tells a page without one (dense print is as grey); the largest are
found on smaller copies only. DataMatrix codes
are looked for at half size all the same on dense scans, which finds those of a sixtieth of an inch
a module and larger, as separator sheets have them: every pixel would cost 34 ms a page. Nor is more
to be seen on a page that was enlarged than on one of half the size.
"""

import re
from collections.abc import Iterable

import numpy as np
import zxingcpp
from PIL import Image

from chartkeeper.ocr.averages import Greys, mean_down, mean_up
from chartkeeper.ocr.blank import ink_cells, is_marginal
from chartkeeper.ocr.ink import is_bilevel
from chartkeeper.ocr.marks import marks
from chartkeeper.ocr.orient import turned_box
from chartkeeper.ocr.page import Barcode, Box

# The model-2 and standard kinds by name: their groups would bring Micro QR and Code 32 along,
# which fit noise.
LINEAR = (zxingcpp.BarcodeFormat.Code39Std, zxingcpp.BarcodeFormat.Code128)
QR = (zxingcpp.BarcodeFormat.QRCodeModel2,)
DATA_MATRIX = (zxingcpp.BarcodeFormat.DataMatrix,)
# Some 260 dots an inch of letter paper.
DENSE_SIDE_PIXELS = 2_200
# Code 39 has no check digit, so fewer characters are no proof that there was a code.
MIN_TEXT_CHARACTERS = {"Code39": 5, "Code128": 3, "QRCode": 1, "DataMatrix": 3}
MAX_TEXT_CHARACTERS = 512
MAX_CODES = 32
MAX_PIXELS = 120_000_000
# A bar is at least some 40 pixels long, so ten rows of the copy cross it.
SHRUNK = 4
BY_SURROUNDINGS = zxingcpp.Binarizer.LocalAverage
# A code's ends and the print under it, read off its box, reach so far beyond it.
CODE_MARGIN = 0.08
# Scanners put these around and inside codes: GS between GS1 elements, line ends after them.
_SPACING = re.compile(r"[\t\r\n\x1c-\x1e]+")


def find_barcodes(image: Image.Image, *, enlarged: bool = False) -> tuple[Barcode, ...]:
    """The Code 39, Code 128, QR and DataMatrix codes on a page, from top to bottom.

    `image` is of mode 1 or L with square pixels, in any of the four turns, skewed a few degrees or
    straight, perhaps `enlarged` since it was scanned; boxes are in its pixels. Texts are what the
    paper says and prove nothing: at most 512 characters without control characters. Empty for a
    picture of more than 120 million pixels, or of less than four across.
    """
    if image.width * image.height > MAX_PIXELS or min(image.size) < SHRUNK:
        return ()
    page = image if image.mode == "L" else image.convert("L")
    # Where nothing lies between black and white, what most of an average's pixels are is right: on
    # pages full of specks 12 of 12 bar codes are read so, and by their surroundings one.
    parted = zxingcpp.Binarizer.FixedThreshold if is_bilevel(page) else BY_SURROUNDINGS
    found = [*_bars(np.asarray(page), parted), *_matrices(page, parted, enlarged=enlarged)]
    found.sort(key=lambda code: (code.box.top, code.box.left))
    return tuple(_distinct(found))[:MAX_CODES]


def placed(
    codes: Iterable[Barcode], size: tuple[int, int], rotation: int, upright: tuple[int, int]
) -> tuple[Barcode, ...]:
    """Codes found on a picture of `size`, as they lie on the page that was made of it.

    `rotation` is how far the picture was turned clockwise (0, 90, 180 or 270); `upright` is the
    page's size then, in pixels, which may be larger than the picture.
    """
    return tuple(
        Barcode(code.symbology, code.text, turned_box(code.box, size, rotation, upright))
        for code in codes
    )


def _bars(grey: Greys, parted: zxingcpp.Binarizer) -> list[Barcode]:
    height, width = grey.shape
    found = _read(_lower(grey), LINEAR, parted, 1, SHRUNK)
    # Turned, so that its bars stand upright: then one direction of search is enough.
    upright = np.ascontiguousarray(np.rot90(_narrower(grey), -1))
    on_end = _read(upright, LINEAR, parted, 1, SHRUNK)
    return found + list(placed(on_end, (height, width), 270, (width, height)))


def _lower(grey: Greys) -> Greys:
    """The means of each SHRUNK rows; what is over at the foot is left out."""
    whole = grey[: len(grey) // SHRUNK * SHRUNK]
    return _mean(*(whole[first::SHRUNK] for first in range(SHRUNK)))


def _narrower(grey: Greys) -> Greys:
    """The means of each SHRUNK columns; what is over at the right edge is left out."""
    whole = grey[:, : grey.shape[1] // SHRUNK * SHRUNK]
    return _mean(*(np.ascontiguousarray(whole[:, first::SHRUNK]) for first in range(SHRUNK)))


def _mean(one: Greys, two: Greys, three: Greys, four: Greys) -> Greys:
    return mean_up(mean_down(one, two), mean_down(three, four))


def _matrices(page: Image.Image, parted: zxingcpp.Binarizer, *, enlarged: bool) -> list[Barcode]:
    grey, half = np.asarray(page), np.asarray(page.reduce(2))
    dense = enlarged or min(page.size) > DENSE_SIDE_PIXELS
    shrunk, shown = (2, half) if dense else (1, grey)
    return [
        *_read(grey, QR, parted, 1, 1),
        *_read(half, QR, parted, 2, 2),
        *_read(shown, DATA_MATRIX, BY_SURROUNDINGS, shrunk, shrunk),
    ]


def _read(
    grey: Greys,
    kinds: tuple[zxingcpp.BarcodeFormat, ...],
    parted: zxingcpp.Binarizer,
    across: int,
    down: int,
) -> list[Barcode]:
    """The codes of these kinds; each pixel stands for `across` by `down` pixels of the page."""
    codes = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.BarcodeFormats(kinds),
        try_rotate=kinds is not LINEAR,
        try_invert=False,
        # Of a page that is halved already: it is halved and more.
        try_downscale=kinds is QR and across > 1,
        binarizer=parted,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [
        Barcode(_symbology(code), text, _box(code.position, across, down))
        for code in codes[:MAX_CODES]
        if (text := _sound_text(_symbology(code), code.text))
    ]


def _symbology(code: zxingcpp.Barcode) -> str:
    return str(code.symbology).replace(" ", "")


def _sound_text(symbology: str, text: str) -> str:
    """The text as it may be kept; empty if there was no code to speak of."""
    clean = _SPACING.sub(" ", text).strip()
    if len(clean) < MIN_TEXT_CHARACTERS.get(symbology, 1) or len(clean) > MAX_TEXT_CHARACTERS:
        return ""
    # Nobody prints control characters; where a bar was misread they turn up.
    return clean if clean.isprintable() else ""


def _box(position: zxingcpp.Position, across: int, down: int) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    left, right = (pick(corner.x for corner in corners) * across for pick in (min, max))
    top, bottom = (pick(corner.y for corner in corners) * down for pick in (min, max))
    return Box(max(0, left), max(0, top), right - max(0, left), bottom - max(0, top))


def _distinct(codes: Iterable[Barcode]) -> Iterable[Barcode]:
    """The codes without those seen twice in one place."""
    seen: list[Barcode] = []
    for code in codes:
        if not any(code.text == other.text and _overlap(code.box, other.box) for other in seen):
            seen.append(code)
            yield code


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )


def marks_beside(image: Image.Image, codes: Iterable[Barcode]) -> int:
    """How many letters and other marks (specks and edges not counted) lie beside the codes."""
    inked = ink_cells(image)
    rows, columns = inked.shape
    side = max(image.width / columns, image.height / rows)
    for code in codes:
        box, margin = code.box, round(CODE_MARGIN * max(code.box.width, code.box.height))
        top, left = (max(0, int((at - margin) / side)) for at in (box.top, box.left))
        bottom, right = (int((at + margin) / side) + 1 for at in (box.bottom, box.right))
        inked[top:bottom, left:right] = False
    return sum(not is_marginal(mark, inked.shape) for mark in marks(inked))

"""White writing on black, turned back: pages copied in negative, bars over forms and tables."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from chartkeeper.ocr.ink import ink_of_part, threshold
from chartkeeper.ocr.marks import Mark, marks

# The page is looked at in cells of about 1/25 inch, in which letters and ground run together.
CELLS_ACROSS = 210
# A bar is at least so many cells high and wide, and on the mean this dark; bold print is a third.
MIN_CELLS_HIGH, MIN_CELLS_WIDE = 3, 8
DARK_PART = 0.55
# Black all through is a bar without writing, or the shadow of a photograph.
MAX_DARK_PART = 0.97
# A bar is at least this high: white writing of 5 point fits in. Strokes of large letters are, too,
# but hold no white letters: so many at least, and so high in parts of the bar's height.
MIN_INCHES_HIGH = 1 / 12
MIN_LETTERS, MIN_LETTER_PART = 3, 0.3
# So much of a bar, at least, is its ground; of its lightest pixels few are anything but writing.
_GROUND_PERCENT, _WRITING_PERCENT = 30, 1
# The outermost row or column of a bar within its surroundings, and its frame by itself.
EDGE_PART, RIM_PART = 0.6, 0.85
# A dark area higher and wider than this part of the page is a picture.
MAX_BAR_PART = 1 / 6
MAX_BARS = 200
# A page is in negative when more than this of it is dark.
NEGATIVE_PART = 0.65

Pixels = NDArray[np.bool_]
Greys = NDArray[np.uint8]
Place = tuple[int, int, int, int]


def is_negative(copy: Image.Image) -> bool:
    """Whether most of a page, of which this is a reduced copy of mode L, is dark."""
    histogram = copy.histogram()
    limit = threshold(histogram)
    return limit < 128 and sum(histogram[: limit + 1]) > NEGATIVE_PART * sum(histogram)


def negative(image: Image.Image) -> Image.Image:
    """A page of mode L, black for white."""
    return ImageOps.invert(image)


def without_bars(image: Image.Image, copy: Image.Image, dpi: int) -> Image.Image | None:
    """A page of mode L with its bars turned back, see `bars`; None if it has none."""
    places = bars(image, copy, dpi)
    return negative_in(image, places) if places else None


def negative_in(image: Image.Image, places: tuple[Place, ...]) -> Image.Image:
    """A page of mode L, black for white in `places` (left, top, right, bottom) alone.

    The ground of a grey bar becomes white like the paper: Tesseract parts ink from paper by one
    grey for the whole page, and a ground darker than that would be taken for ink.
    """
    turned = image.copy()
    for place in places:
        bar = ImageOps.invert(image.crop(place))
        cutoff = _WRITING_PERCENT, _GROUND_PERCENT
        turned.paste(ImageOps.autocontrast(bar, cutoff), place)
    return turned


def bars(image: Image.Image, copy: Image.Image, dpi: int) -> tuple[Place, ...]:
    """Where a page of mode L bears white writing on black: left, top, right, bottom in pixels.

    `copy` is the page reduced by a whole number, `dpi` the page's own resolution.
    """
    side = max(1, min(copy.size) // CELLS_ACROSS)
    cells = copy.reduce(side)
    light, dark = _greys(cells, threshold(copy.histogram()))
    # Paper may be grey: a cell's darkness is measured between the page's own two greys.
    darkness = (light - np.asarray(cells, dtype=np.float32)) / max(1.0, light - dark)
    side *= round(image.width / copy.width)
    least = max((MIN_CELLS_HIGH - 1) * side, round(dpi * MIN_INCHES_HIGH))
    pixels = np.asarray(image)
    found = (_bar(pixels, mark, side, least) for mark in _dark_areas(darkness))
    return tuple(place for place in found if place)


def _greys(cells: Image.Image, limit: int) -> tuple[float, float]:
    values = np.asarray(cells)
    lightest = float(np.median(values[values > limit])) if (values > limit).any() else 255.0
    dark = values[values <= limit]
    return lightest, float(np.percentile(dark, 10)) if dark.size else 0.0


def _dark_areas(darkness: NDArray[np.float32]) -> Iterator[Mark]:
    """The groups of cells that lie in a dark window of the least size of a bar."""
    rows, columns = darkness.shape
    high, wide = MIN_CELLS_HIGH, MIN_CELLS_WIDE
    if rows < high or columns < wide:
        return
    sums = np.pad(darkness, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    means = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
    tops, lefts = (means > DARK_PART * high * wide).nonzero()
    area = np.zeros(darkness.shape, dtype=np.bool_)
    for top, left in zip(tops.tolist(), lefts.tolist(), strict=True):
        area[top : top + high, left : left + wide] = True
    # Where dense print is as dark, bars are the largest.
    largest = sorted(marks(area), key=lambda mark: -mark.cells)
    yield from islice((mark for mark in largest if _may_be_bar(mark, rows, columns)), MAX_BARS)


def _may_be_bar(mark: Mark, rows: int, columns: int) -> bool:
    at_edge = (
        mark.left <= 1 or mark.top <= 1 or mark.right >= columns - 2 or mark.bottom >= rows - 2
    )
    picture = mark.height > rows * MAX_BAR_PART and mark.width > columns * MAX_BAR_PART
    return not at_edge and not picture


def _bar(pixels: Greys, mark: Mark, side: int, least: int) -> Place | None:
    """The dark rectangle of an area to the pixel, None where none bears writing.

    Its cells have `side` pixels; a bar is `least` pixels high and wide.
    """
    left, top = max(0, mark.left - 1) * side, max(0, mark.top - 1) * side
    dark = ink_of_part(pixels[top : (mark.bottom + 2) * side, left : (mark.right + 2) * side])
    down = np.flatnonzero(dark.mean(axis=1) > EDGE_PART)
    if not down.size:
        return None
    dark = dark[down[0] : down[-1] + 1]
    across = np.flatnonzero(dark.mean(axis=0) > EDGE_PART)
    if not across.size:
        return None
    dark = dark[:, across[0] : across[-1] + 1]
    if min(dark.shape) < least or not _is_bar(dark):
        return None
    x, y = left + int(across[0]), top + int(down[0])
    return x, y, x + dark.shape[1], y + dark.shape[0]


def _is_bar(dark: Pixels) -> bool:
    """Whether the pixels of a box show a black frame around white writing; bold print has none."""
    rims = (dark[:2], dark[-2:], dark[:, :2], dark[:, -2:])
    framed = min(float(rim.mean()) for rim in rims) > RIM_PART
    return framed and DARK_PART < dark.mean() < MAX_DARK_PART and _bears_letters(dark)


def _bears_letters(dark: Pixels) -> bool:
    """Whether several white marks of some height stand side by side in a box."""
    light = ~dark
    tall = light.sum(axis=0) >= max(1, round(MIN_LETTER_PART * _written_rows(light)))
    return int((tall[1:] & ~tall[:-1]).sum()) >= MIN_LETTERS


def _written_rows(light: Pixels) -> int:
    rows = np.flatnonzero(light.any(axis=1))
    return int(rows[-1] - rows[0] + 1) if rows.size else light.shape[0]

"""White writing on black, turned back: pages copied in negative, bars over forms and tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import radians, tan

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

from chartkeeper.ocr.ink import ink_of_part, threshold
from chartkeeper.ocr.marks import Mark, marks

# Each threshold was changed alone (docs/figures.md, Thresholds) on 20 drawn pages, of which 17 come
# out right, and on 20 forms and receipts: "from .. to" says between which values none was judged
# otherwise.
# The page is looked at in cells of about 1/25 inch, in which letters and ground run together. With
# 147 or 294 three or four pages more come out wrong.
CELLS_ACROSS = 210
# A bar is at least so many cells high and wide, and on the mean this dark; bold print is a third.
# With 4 cells of height seven pages more come out wrong, with 2 one less, and more is looked at;
# widths from 2 to 16 are alike but for a page. With 0.39 a real page has another bar, with 0.77
# nine drawn pages more come out wrong.
MIN_CELLS_HIGH, MIN_CELLS_WIDE = 3, 8
DARK_PART = 0.55
# Black all through is a bar without writing, or the shadow of a photograph; a result of three
# figures leaves 0.98 of its cell. From 0.97 up no drawn or real page is judged otherwise; with 0.68
# all bars are taken for such.
MAX_DARK_PART = 0.99
# A bar is at least this high: white writing of 5 point fits in, which 0.02 to 0.12 inches find as
# well here. Strokes of large letters are, too, but hold no white letters: so many at least, and so
# high in parts of the bar's height. From 1 to 6 letters, from 0.08 to 0.42.
MIN_INCHES_HIGH = 1 / 12
MIN_LETTERS, MIN_LETTER_PART = 3, 0.3
# So much of a bar, at least, is its ground; of its lightest pixels few are anything but writing.
# Grounds of any grey from 20 to 170 are read so (docs/figures.md); no figure parts it from others.
_GROUND_PERCENT, _WRITING_PERCENT = 30, 1
# The outermost row or column of a bar within its surroundings, and its frame by itself. Edges from
# 0.3 to 0.6; with a frame of 0.6 five of the real pages have other bars.
EDGE_PART, RIM_PART = 0.6, 0.85
# Less of a row or column than this is paper beside a bar, with specks; of a bar's own the letters
# leave more.
GAP_PART = 0.15
# What is dark, and higher and wider than this part of the page, is a picture.
MAX_BAR_PART = 1 / 6
# A larger area is that of a table if so much of it is all dark: coloured cells are, print is not.
SOLID, MIN_SOLID_PART = 0.7, 0.15
# A choice, against pages of nothing but dark areas: from 50 to 800.
MAX_BARS = 200
# Pages that lay a little crooked are not straightened (skew.MIN_DEGREES), so that their bars slope.
# The upper and the lower edge of a bar fall alike, but for so many pixels, from 2.1 to 12.
MAX_SLOPE = tan(radians(1.5))
MAX_EDGES_APART = 3.0
# An area holds a bar and a margin of one or two cells; dense print is a third dark. From 0.4 up;
# with 0.28 two more of the drawn pages come out right, and dense print is searched, too.
MIN_DARK_AREA = 0.4
# A page is in negative when more than this of it is dark. From 0.16 to 0.91.
NEGATIVE_PART = 0.65

Pixels = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bar:
    """A dark box with white writing: edges in pixels at its left end.

    At its right end it lies `fall` pixels lower (higher if negative).
    """

    left: int
    top: int
    right: int
    bottom: int
    fall: int = 0

    @property
    def place(self) -> tuple[int, int, int, int]:
        """The upright box around it: left, top, right, bottom."""
        up, down = min(0, self.fall), max(0, self.fall)
        return self.left, self.top + up, self.right, self.bottom + down

    def mask(self) -> Image.Image:
        """What of its place it covers, in white (mode L)."""
        left, top, right, bottom = self.place
        covered = Image.new("L", (right - left, bottom - top))
        width, upper, lower = right - left - 1, self.top - top, self.bottom - top - 1
        fall = self.fall
        corners = [(0, upper), (width, upper + fall), (width, lower + fall), (0, lower)]
        ImageDraw.Draw(covered).polygon(corners, fill=255)
        return covered


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
    found = bars(image, copy, dpi)
    return negative_in(image, found) if found else None


def negative_in(image: Image.Image, found: tuple[Bar, ...]) -> Image.Image:
    """A page of mode L, black for white in these bars alone.

    The ground of a grey bar becomes white like the paper: Tesseract parts ink from paper by one
    grey for the whole page, and a ground darker than that would be taken for ink.
    """
    turned = image.copy()
    for bar in found:
        negative_bar, mask = ImageOps.invert(image.crop(bar.place)), bar.mask()
        cutoff = _WRITING_PERCENT, _GROUND_PERCENT
        lit = ImageOps.autocontrast(negative_bar, cutoff, mask=mask)
        turned.paste(lit, bar.place, mask)
    return turned


def bars(image: Image.Image, copy: Image.Image, dpi: int) -> tuple[Bar, ...]:
    """Where a page of mode L bears white writing on black.

    `copy` is the page reduced by a whole number, `dpi` the page's own resolution.
    """
    side = max(1, min(copy.size) // CELLS_ACROSS)
    cells = copy.reduce(side)
    light, dark = _greys(cells, threshold(copy.histogram()))
    # Paper may be grey: a cell's darkness is measured between the page's own two greys.
    darkness = (light - np.asarray(cells, dtype=np.float32)) / max(1.0, light - dark)
    side *= round(image.width / copy.width)
    least = max((MIN_CELLS_HIGH - 1) * side, round(dpi * MIN_INCHES_HIGH))
    picture = round(image.width * MAX_BAR_PART), round(image.height * MAX_BAR_PART)
    areas = _dark_areas(darkness)
    return tuple(bar for area in areas for bar in _bars_of(image, area, side, least, picture))


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
    solid = darkness > SOLID
    may_be = (mark for mark in largest if _may_be_bar(mark, rows, columns, solid))
    yield from islice(may_be, MAX_BARS)


def _may_be_bar(mark: Mark, rows: int, columns: int, solid: Pixels) -> bool:
    inside = mark.left > 1 and mark.top > 1
    if not inside or mark.right >= columns - 2 or mark.bottom >= rows - 2:
        return False
    if mark.height <= rows * MAX_BAR_PART or mark.width <= columns * MAX_BAR_PART:
        return True
    within = solid[mark.top : mark.bottom + 1, mark.left : mark.right + 1]
    return bool(within.mean() >= MIN_SOLID_PART)


def _bars_of(
    image: Image.Image, mark: Mark, side: int, least: int, picture: tuple[int, int]
) -> Iterator[Bar]:
    """The dark boxes of an area to the pixel, as far as they bear writing.

    Its cells have `side` pixels; a bar is `least` pixels high and wide, and not higher and wider
    than `picture`. The coloured cells of a table are one area, whose rows are bars.
    """
    left, top = max(0, mark.left - 1) * side, max(0, mark.top - 1) * side
    right, bottom = (mark.right + 2) * side, (mark.bottom + 2) * side
    area = image.crop((left, top, min(right, image.width), min(bottom, image.height)))
    dark = ink_of_part(np.asarray(area))
    parts = [part for part in _parts(dark, least) if not _is_picture(part[2], picture)]
    found = [tuple(_bars_in(part, least)) for _, _, part in parts]
    high = {bar.bottom - bar.top for bars_ in found for bar in bars_}
    for (x, y, part), bars_ in zip(parts, found, strict=True):
        # A result in a coloured cell has fewer letters than the heading of a section.
        alike = any(abs(part.shape[0] - height) <= MAX_EDGES_APART for height in high)
        for bar in bars_ or (_bars_in(part, least, 1) if alike else ()):
            yield _moved(bar, x + left, y + top)


def _is_picture(part: Pixels, picture: tuple[int, int]) -> bool:
    return bool(part.shape[1] > picture[0] and part.shape[0] > picture[1])


def _bars_in(part: Pixels, least: int, letters: int = MIN_LETTERS) -> Iterator[Bar]:
    """The bar that a part of an area is; else those that stand in it beside other print."""
    found = (_bar_at(part, slope, least, letters) for slope in _slopes(part))
    whole = next(filter(None, found), None)
    if whole:
        yield whole
        return
    for left, right in dark_stretches(part.mean(axis=0) > GAP_PART):
        wide = right - left >= least
        bar = _bar_at(part[:, left:right], 0.0, least, letters) if wide else None
        if bar:
            yield _moved(bar, left, 0)


def _moved(bar: Bar, x: int, y: int) -> Bar:
    return Bar(bar.left + x, bar.top + y, bar.right + x, bar.bottom + y, bar.fall)


def _parts(dark: Pixels, least: int) -> Iterator[tuple[int, int, Pixels]]:
    """The parts of an area that paper lies between, with their place in it: left, top.

    Level bars stand close below one another, and between the rules of tables. An area that slopes
    is one part.
    """
    rows = dark.mean(axis=1)
    if not (rows > EDGE_PART).any():
        yield 0, 0, dark
        return
    for top, bottom in dark_stretches(rows > GAP_PART):
        part = dark[top:bottom]
        sides = np.flatnonzero(part.mean(axis=0) > GAP_PART)
        if bottom - top >= least and sides.size:
            part = part[:, sides[0] : sides[-1] + 1]
            if _is_dark_enough(part):
                yield int(sides[0]), top, part


def dark_stretches(dark: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where what is dark in a row or column of cells begins, and where it has ended."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], dark, [False])))).tolist()
    yield from zip(edges[::2], edges[1::2], strict=True)


def _bar_at(dark: Pixels, slope: float, least: int, letters: int) -> Bar | None:
    """The bar of this slope and of so many letters in a dark area, None where it is none."""
    levelled = _levelled(dark, slope)
    down = np.flatnonzero(levelled.mean(axis=1) > EDGE_PART)
    if not down.size:
        return None
    box = levelled[down[0] : down[-1] + 1]
    across = np.flatnonzero(box.mean(axis=0) > EDGE_PART)
    if not across.size:
        return None
    box = box[:, across[0] : across[-1] + 1]
    # The edges of a sloping bar run in steps, and its ends slope, too. Rows of stars are lower.
    within = box[1:-1, 2:-2] if slope else box
    lowest = round(1.5 * least) if slope else least
    if box.shape[0] < lowest or box.shape[1] < least or not _is_bar(within, letters):
        return None
    x, y = int(across[0]), int(down[0]) + round(slope * int(across[0]))
    return Bar(x, y, x + box.shape[1], y + box.shape[0], round(slope * box.shape[1]))


def _slopes(dark: Pixels) -> Iterator[float]:
    """By how many pixels a pixel the edges of a dark area may fall."""
    first = _slope(dark)
    yield first
    if not _is_dark_enough(dark):
        return
    second = _slope(_solid(dark))
    if second != first:
        yield second
    if 0 not in (first, second):
        yield 0.0


def _is_dark_enough(dark: Pixels) -> bool:
    """Whether there may be a bar in an area of which its edges show nothing: not in plain print."""
    return float(dark.mean()) > MIN_DARK_AREA


def _solid(dark: Pixels) -> Pixels:
    """Where an area is dark for a fifth of its height: letters beside it reach in less far."""
    high = max(1, dark.shape[0] // 5)
    sums = np.pad(dark, ((1, 0), (0, 0))).cumsum(0)
    return np.asarray(sums[high:] - sums[:-high] == high)


def _slope(dark: Pixels) -> float:
    columns = np.flatnonzero(dark.any(axis=0))
    if columns.size < MIN_CELLS_WIDE:
        return 0.0
    upper, lower = (_fall(edge[:, columns], columns) for edge in (dark, dark[::-1]))
    slope = (upper - lower) / 2
    apart = abs(upper + lower) * columns.size
    return slope if apart <= MAX_EDGES_APART and abs(slope) <= MAX_SLOPE else 0.0


def _fall(dark: Pixels, columns: NDArray[np.intp]) -> float:
    """How the first of the columns' pixels that are set fall from left to right."""
    first, third = dark.argmax(axis=0), max(1, columns.size // 3)
    fall = _median(first[-third:]) - _median(first[:third])
    return fall / (_median(columns[-third:]) - _median(columns[:third]))


def _median(values: NDArray[np.intp]) -> float:
    """As np.median, in a tenth of its time for as few values as a page has columns."""
    ordered = np.sort(values)
    return float(ordered[(ordered.size - 1) // 2] + ordered[ordered.size // 2]) / 2


def _levelled(dark: Pixels, slope: float) -> Pixels:
    """An area with its columns moved up or down so that its edges lie level."""
    rows, columns = dark.shape
    if abs(slope) * columns < 1:
        return dark
    moved = np.arange(rows)[:, None] + np.rint(slope * np.arange(columns)).astype(np.intp)
    inside = (moved >= 0) & (moved < rows)
    found: Pixels = np.take_along_axis(dark, moved.clip(0, rows - 1), axis=0) & inside
    return found


def _is_bar(dark: Pixels, letters: int) -> bool:
    """Whether the pixels of a box show a black frame around white writing; bold print has none."""
    framed = dark_of_rim(dark) > RIM_PART
    return framed and DARK_PART < dark.mean() < MAX_DARK_PART and _bears_letters(dark, letters)


def dark_of_rim(dark: Pixels) -> float:
    """How much of the outermost two rows or columns of a box is dark, on the lightest side."""
    rims = (dark[:2], dark[-2:], dark[:, :2], dark[:, -2:])
    return min(float(rim.mean()) for rim in rims)


def _bears_letters(dark: Pixels, letters: int) -> bool:
    """Whether so many white marks of some height stand side by side in a box."""
    light = ~dark
    tall = light.sum(axis=0) >= max(1, round(MIN_LETTER_PART * _written_rows(light)))
    return int((tall[1:] & ~tall[:-1]).sum()) >= letters


def _written_rows(light: Pixels) -> int:
    rows = np.flatnonzero(light.any(axis=1))
    return int(rows[-1] - rows[0] + 1) if rows.size else light.shape[0]

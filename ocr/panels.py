"""Panels with light writing on a dark ground, as on prints of screens, turned to black on white.

They reach to the edge of the page or are too large for `inverted` to tell from a picture; a panel
has one grey where it bears no writing. Left as they are they draw the grey by which Tesseract parts
ink from paper away from pale writing elsewhere, and evened paper loses what is written on them.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from chartkeeper.ocr.ink import ink_of_part
from chartkeeper.ocr.inverted import GAP_PART, Bar, dark_of_rim, dark_stretches
from chartkeeper.ocr.marks import Mark, marks

# The page is looked at in cells of about 1/12 inch. A panel is at least so many high and wide, and
# darker than this part of the paper.
CELLS_ACROSS = 100
MIN_CELLS = 3
PANEL_PART = 0.6
# Its writing is narrower than a window of so many cells.
WINDOW_CELLS = 3
# So much of its ground has one grey, give or take this: the shadows of books and cameras fade out,
# photographs have many greys.
MIN_LEVEL_PART, LEVEL_GREYS = 0.8, 10
# Of its outermost rows and columns more than this is dark.
RIM_PART = 0.9
# Letters are so high, in inches; a panel bears several, and so much of what is light on it is in
# them: a photograph of one bit is one grey for the most part, too.
MIN_LETTER_INCHES, MAX_LETTER_INCHES = 0.04, 0.5
MIN_LETTERS, MIN_IN_LETTERS = 8, 0.6

Greys = NDArray[np.uint8]


def panels(image: Image.Image, copy: Image.Image, dpi: int) -> tuple[Bar, ...]:
    """Where a page of mode L bears panels, as boxes in its pixels.

    `copy` is the page reduced by a whole number, `dpi` the page's own resolution.
    """
    side = max(1, min(copy.size) // CELLS_ACROSS)
    cells = copy.reduce(side)
    side *= round(image.width / copy.width)
    found = (_panel_at(image, box, side, dpi) for box in _level_boxes(cells))
    return tuple(panel for panel in found if panel)


def _level_boxes(cells: Image.Image) -> Iterator[Mark]:
    """The dark boxes of one grey, in cells."""
    # Without the writing, which is narrower than the window.
    ground = cells.filter(ImageFilter.MinFilter(WINDOW_CELLS))
    greys = np.asarray(ground.filter(ImageFilter.MaxFilter(WINDOW_CELLS)))
    for box in _boxes(greys, PANEL_PART * float(np.median(greys))):
        within = greys[box.top : box.bottom + 1, box.left : box.right + 1]
        if min(box.width, box.height) >= MIN_CELLS and _is_level(within):
            yield box


def _boxes(greys: Greys, darkest: float) -> Iterator[Mark]:
    """Cells darker than that as boxes: rows of one grey, whose dark stretches end alike."""
    growing: list[Mark] = []
    for row, cells in enumerate(greys < darkest):
        stretches = [
            Mark(left, row, right - 1, row, right - left) for left, right in dark_stretches(cells)
        ]
        above = [next((b for b in growing if _goes_on(b, one, greys)), None) for one in stretches]
        yield from (box for box in growing if box not in above)
        growing = [
            replace(box, bottom=row, cells=box.cells + one.cells) if box else one
            for box, one in zip(above, stretches, strict=True)
        ]
    yield from growing


def _goes_on(box: Mark, stretch: Mark, greys: Greys) -> bool:
    """Whether a dark stretch is the next row of a box and not of another panel close below it."""
    if abs(box.left - stretch.left) > 1 or abs(box.right - stretch.right) > 1:
        return False
    above, here = (
        float(np.median(greys[row, stretch.left : stretch.right + 1]))
        for row in (box.bottom, stretch.top)
    )
    return abs(above - here) <= LEVEL_GREYS


def _is_level(greys: Greys) -> bool:
    apart = np.abs(greys.astype(np.int16) - int(np.median(greys)))
    return float((apart <= LEVEL_GREYS).mean()) >= MIN_LEVEL_PART


def _panel_at(image: Image.Image, box: Mark, side: int, dpi: int) -> Bar | None:
    """The panel in an area of the page to the pixel; None where it bears no writing."""
    left, top = max(0, box.left - 1) * side, max(0, box.top - 1) * side
    right, bottom = (box.right + 2) * side, (box.bottom + 2) * side
    area = image.crop((left, top, min(right, image.width), min(bottom, image.height)))
    dark = ink_of_part(np.asarray(area))
    filled = dark[:, side:-side].mean(axis=1)
    # Another panel may lie close by, with paper between.
    first, last = max(dark_stretches(filled > GAP_PART), key=_length, default=(0, 0))
    down = first + np.flatnonzero(filled[first:last] > RIM_PART)
    if not down.size:
        return None
    rows = dark[down[0] : down[-1] + 1]
    across = np.flatnonzero(rows.mean(axis=0) > RIM_PART)
    if not across.size:
        return None
    inner = rows[:, across[0] : across[-1] + 1]
    # The ground goes around the writing: that of dots, logos and shadows is broken.
    if dark_of_rim(inner) <= RIM_PART or not _bears_writing(~inner, dpi):
        return None
    x, y = left + int(across[0]), top + int(down[0])
    return Bar(x, y, x + inner.shape[1], y + inner.shape[0])


def _length(stretch: tuple[int, int]) -> int:
    return stretch[1] - stretch[0]


def _bears_writing(light: NDArray[np.bool_], dpi: int) -> bool:
    lowest, highest = MIN_LETTER_INCHES * dpi, MAX_LETTER_INCHES * dpi
    letters = [mark.cells for mark in marks(light) if lowest <= mark.height <= highest]
    return len(letters) >= MIN_LETTERS and sum(letters) >= MIN_IN_LETTERS * light.sum()

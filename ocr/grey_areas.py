"""Grey areas under part of the writing made white: watermarks, stains, shaded boxes.

Tesseract parts ink from paper by one grey for the whole page. What is printed or spilt across the
writing in a grey of the middle is taken for ink, and the writing on it is lost. Grounds that take
up much of a page are `tints`, of the whole paper `background`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.marks import Mark, marks

# A copy of the page is looked at. What is narrower than this in inches is a stroke of a letter; the
# strokes of letters of 30 point are wider, and black.
STROKE_INCHES = 0.09
LETTER_INCHES = 8.5
MIN_STROKE_CELLS = 3
# Grey areas are not darker than this, 0 to 255, and so much darker than the paper; lighter ones are
# not taken for ink but where they are much of the page.
DARKEST_AREA, MIN_DARKER = 75, 40
# Smaller areas, in parts of the page, are not worth the work.
MIN_AREA_PART = 0.0005
# Writing is so much darker than its ground. A grey area bears a little of it: one that bears none
# is a logo or a large grey letter, one that bears much is a photograph, or dirt made of dots.
MIN_WRITING_DARKER = 50
MIN_WRITTEN_PART, MAX_WRITTEN_PART = 0.002, 0.35
_WHITE = 255

Greys = NDArray[np.uint8]
Pick = Callable[..., Greys]


@dataclass(frozen=True, slots=True)
class Lifted:
    """A page of mode L without the grey areas under its writing, and all its grey `areas`.

    These are black on white, without the writing, and as small as the copy that they were seen on.
    """

    image: Image.Image
    areas: Image.Image


def lifted(image: Image.Image, copy: Image.Image) -> Lifted | None:
    """A page of mode L with the grey areas under its writing white; None where it has none.

    `copy` is the page reduced by a whole number to some 600 pixels across.
    """
    greys = np.asarray(copy)
    paper = int(np.median(greys))
    ground = _ground(greys, paper, _stroke_cells(copy))
    if ground is None:
        return None
    area = _is_grey(ground, paper)
    written = ground - np.minimum(ground, greys) >= MIN_WRITING_DARKER
    kept = np.zeros_like(area)
    for mark in _written_areas(area, written):
        kept[mark.top : mark.bottom + 1, mark.left : mark.right + 1] = True
    kept &= area
    if not kept.any():
        return None
    # The edge of an area lies within a cell: the cells around it are lifted, too.
    grounds = _window(np.where(kept, ground, np.uint8(_WHITE)), 3, np.minimum)
    white = _divided(image, grounds, round(image.width / copy.width))
    return Lifted(white, Image.fromarray(np.where(area, np.uint8(0), np.uint8(_WHITE))))


def _stroke_cells(copy: Image.Image) -> int:
    """How many pixels of the copy the window is wide; odd."""
    return max(MIN_STROKE_CELLS, round(min(copy.size) * STROKE_INCHES / LETTER_INCHES) | 1)


def _ground(greys: Greys, paper: int, stroke: int) -> Greys | None:
    """The page without what is narrower than a stroke; None if nothing of it is grey."""
    if not _is_grey(_lightest(greys, (stroke + 1) // 2), paper).any():
        return None
    # What is narrower than the window is gone after both.
    return _window(_window(greys, stroke, np.maximum), stroke, np.minimum)


def _is_grey(greys: Greys, paper: int) -> NDArray[np.bool_]:
    grey: NDArray[np.bool_] = (greys >= DARKEST_AREA) & (greys < paper - MIN_DARKER)
    return grey


def _written_areas(area: NDArray[np.bool_], written: NDArray[np.bool_]) -> Iterator[Mark]:
    """The areas that bear writing, as areas do and not photographs."""
    for mark in marks(area):
        if mark.cells < MIN_AREA_PART * area.size:
            continue
        within = slice(mark.top, mark.bottom + 1), slice(mark.left, mark.right + 1)
        part = float(written[within][area[within]].mean())
        if MIN_WRITTEN_PART <= part <= MAX_WRITTEN_PART:
            yield mark


def _lightest(greys: Greys, side: int) -> Greys:
    """The lightest grey of each square of `side` cells, one beside the other.

    An area twice as wide and high holds a whole one: most pages need no closer look.
    """
    rows, columns = (length // side * side for length in greys.shape)
    squares = greys[:rows, :columns]
    found = squares[::side, ::side].copy()
    for at in range(1, side * side):
        down, across = divmod(at, side)
        np.maximum(found, squares[down::side, across::side], out=found)
    return found


def _window(greys: Greys, size: int, pick: Pick) -> Greys:
    """The lightest or darkest grey of the `size` x `size` cells around each; `size` is odd."""
    for _axis in range(2):
        around = np.pad(greys, ((size // 2, size // 2), (0, 0)), mode="edge")
        greys = _run(around, size, pick).T
    return greys


def _run(greys: Greys, size: int, pick: Pick) -> Greys:
    """The lightest or darkest of each `size` cells one below the other, by the first of them."""
    rows, seen = greys.shape[0] - size + 1, 1
    while 2 * seen <= size:
        greys = pick(greys[:-seen], greys[seen:])
        seen *= 2
    return pick(greys[:rows], greys[size - seen :][:rows])


def _divided(image: Image.Image, grounds: Greys, cell: int) -> Image.Image:
    """A page divided by the greys of its grounds, each of which is that of a cell of the page."""
    greys = np.array(image)
    for row in np.flatnonzero((grounds != _WHITE).any(axis=1)).tolist():
        strip = greys[row * cell : (row + 1) * cell]
        ground = np.repeat(grounds[row], cell)[: strip.shape[1]].astype(np.float32)
        np.minimum(strip * (_WHITE / ground), _WHITE, out=strip, casting="unsafe")
    return Image.fromarray(greys)

"""Is there anything on this side of paper?

When in doubt there is: a blank page read costs a second, a page of text taken for blank is lost.
"""

from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.marks import Mark, marks

# Each threshold was changed alone (docs/figures.md, Thresholds): "from .. to" says between which
# values no page was judged otherwise, drawn pages and backs, forms and receipts.
# Ink is looked at in cells of about a sixtieth of an inch on a letter page: a letter of 8 point
# fills some of them, a speck one. From 540 up; with 378 a short word is lost, with 270 eleven are.
CELLS_ACROSS = 540
# How far from the paper's grey (0 to 255) ink lies; show-through from the back stays below. From 10
# to 56, since backs shine through blurred; at 80 pale print is lost.
INK_CONTRAST = 40
# Part of a cell's pixels that must be ink. From 0.15 to 0.42.
INKED_PART = 0.3
# Writing that faded or is thin is no darker than show-through: where so many marks of a letter's
# size stand out by so much from the paper, and so far from its grain, only reading tells. Ink that
# is 10 darker than the paper is seen, of 7 none. A contrast of 4 shows that, too, at no cost on
# drawn backs; it was not tried on a scanner's grain. Deviations from 1.25 to 5, letters 2 to 32.
FAINT_CONTRAST, FAINT_DEVIATIONS, FAINT_LETTERS = 8.0, 5.0, 8
# Larger pale marks are stains and pictures. A choice: from 15 to 240.
MAX_FAINT_LETTER_CELLS = 60
# More of the page under ink than this is not to be explained by edges and holes. From 0.12 up, with
# shadows an eighth of an inch wide; with 0.08 two backs are taken for written.
MAX_MARGINAL_PART = 0.12
# A mark must be this many cells high or wide to be more than a speck (about 1/30 inch). 3 and 4;
# with 2 specks are writing, with 6 small letters are specks.
LETTER_CELLS = 3
# The paper's grey is that of one pixel in so many, across and down. For speed: from 2 to 32.
SAMPLED_EVERY = 8
# Rows of cells looked at together; text shows in the first of them that have any. For speed: from
# 10 to 160.
BAND_CELLS = 40
# Punch holes: between these parts of the page's width across, round, solid, near an edge. ISO 838
# has 6 mm, 12 mm from the edge; American holes are 1/4 to 9/32 inch. That is 0.028 to 0.033 of
# letter paper, and a margin under 0.07; the rest is for torn and slanted ones. Margins from 0.065,
# solid from 0.15 to 0.6.
HOLE_SIZE = (0.018, 0.06)
HOLE_MARGIN = 0.13
HOLE_SOLID = 0.6


def is_blank(image: Image.Image) -> bool:
    """Whether `image` (a page, mode 1 or L) bears no mark but specks, edges and punch holes."""
    if is_plainly_written(image):
        return False
    inked = ink_cells(image)
    return inked.mean() <= MAX_MARGINAL_PART and all(
        is_marginal(mark, inked.shape) for mark in marks(inked)
    )


def may_be_faint(image: Image.Image) -> bool:
    """Whether a page that seems blank (mode 1 or L) bears pale marks of the size of letters."""
    cells = np.asarray(image.convert("L").reduce(cell_pixels(image)), dtype=np.float32)
    darker = np.median(cells) - cells
    # Of a normal distribution half lies within 0.67 standard deviations of the mean.
    deviation = float(np.median(np.abs(darker))) / 0.67
    inked = darker > max(FAINT_CONTRAST, FAINT_DEVIATIONS * deviation)
    if inked.mean() > MAX_MARGINAL_PART:
        return False
    letters = 0
    for mark in marks(inked):
        size = max(mark.width, mark.height)
        letters += size <= MAX_FAINT_LETTER_CELLS and not is_marginal(mark, inked.shape)
        if letters >= FAINT_LETTERS:
            return True
    return False


def is_plainly_written(image: Image.Image) -> bool:
    """Whether a mark of a letter's size lies clear of the margins, where holes and shadows are.

    Says of most written pages what all marks together say, from a small part of them.
    """
    side = cell_pixels(image)
    columns, rows = image.width // side, image.height // side
    margin = ceil(HOLE_MARGIN * min(rows, columns)) + 1
    if columns <= 2 * margin:
        return False
    paper = _paper_grey(image)
    for top in range(margin, rows - margin, BAND_CELLS):
        bottom = min(top + BAND_CELLS, rows - margin)
        band = image.crop((margin * side, top * side, (columns - margin) * side, bottom * side))
        inked = _inked(band, side, paper)
        if any(_is_letter(mark, inked.shape) for mark in marks(inked)):
            return True
    return False


def _is_letter(mark: Mark, shape: tuple[int, ...]) -> bool:
    """Whether a mark is no speck and lies whole within the cells looked at."""
    return max(mark.width, mark.height) >= LETTER_CELLS and not touches_edge(mark, shape)


def touches_edge(mark: Mark, shape: tuple[int, ...]) -> bool:
    """Whether a mark goes on beyond the cells looked at, rows by columns."""
    last_row, last_column = shape[0] - 1, shape[1] - 1
    return mark.left <= 0 or mark.top <= 0 or mark.right >= last_column or mark.bottom >= last_row


def ink_cells(image: Image.Image) -> NDArray[np.bool_]:
    """The page as cells, rows by columns, True where there is ink."""
    return _inked(image, cell_pixels(image), _paper_grey(image))


def cell_pixels(image: Image.Image) -> int:
    """How many pixels a cell of the page is wide and high."""
    return max(1, min(image.size) // CELLS_ACROSS)


def _paper_grey(image: Image.Image) -> float:
    size = (ceil(image.width / SAMPLED_EVERY), ceil(image.height / SAMPLED_EVERY))
    sample = np.asarray(image.resize(size, Image.Resampling.NEAREST))
    return float(np.median(sample)) * (255 if image.mode == "1" else 1)


def _inked(image: Image.Image, side: int, paper: float) -> NDArray[np.bool_]:
    # On dark paper (a copy in negative) what is written is lighter.
    far = [paper - value if paper >= 128 else abs(value - paper) for value in range(256)]
    grey = image.convert("L")
    ink = grey.point([255 * (contrast > INK_CONTRAST) for contrast in far])
    found: NDArray[np.bool_] = np.asarray(ink.reduce(side)) >= INKED_PART * 255
    return found


def is_marginal(mark: Mark, shape: tuple[int, ...]) -> bool:
    """Whether a mark says nothing: a speck, a shadow of the paper's edge, a punch hole."""
    rows, columns = shape
    if max(mark.width, mark.height) < LETTER_CELLS:
        return True
    return touches_edge(mark, shape) or _is_hole(mark, rows, columns)


def _is_hole(mark: Mark, rows: int, columns: int) -> bool:
    smallest, largest = (part * min(rows, columns) for part in HOLE_SIZE)
    size = max(mark.width, mark.height)
    margin = HOLE_MARGIN * min(rows, columns)
    near_edge = min(mark.left, mark.top, columns - 1 - mark.right, rows - 1 - mark.bottom) <= margin
    round_ = min(mark.width, mark.height) >= 0.75 * size
    solid = mark.cells >= HOLE_SOLID * mark.width * mark.height
    return smallest <= size <= largest and near_edge and round_ and solid

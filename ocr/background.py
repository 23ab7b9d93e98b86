"""Shadows taken off the paper: the page divided by its own background."""

import numpy as np
from PIL import Image, ImageFilter

# The background is looked at in cells of about 1/12 inch; a window of some cells holds paper.
CELLS_ACROSS = 100
WINDOW_CELLS = 5
# Measured: paper darker than this on the mean (faded copies, strong grain), or so much darker in
# places, reads better evened; whiter paper reads the same.
DULL_PAPER = 247
UNEVEN_GREYS = 40
WHITE = 255
MIN_PAPER = 40


def paper_greys(copy: Image.Image) -> Image.Image:
    """The grey of the paper without the writing, coarsely, from a reduced copy of mode L."""
    cells = copy.reduce(max(1, min(copy.size) // CELLS_ACROSS))
    return cells.filter(ImageFilter.MaxFilter(WINDOW_CELLS)).filter(ImageFilter.BoxBlur(2))


def is_dull(paper: Image.Image) -> bool:
    """Whether paper of these greys is dull, or dull in places."""
    darker, middle, lighter = np.percentile(np.asarray(paper), (10, 50, 90))
    return bool(middle < DULL_PAPER or lighter - darker > UNEVEN_GREYS)


def evened(image: Image.Image, paper: Image.Image) -> Image.Image:
    """A page of mode L divided by the greys of its paper: white everywhere but for the ink."""
    paper = paper.resize(image.size, Image.Resampling.BILINEAR)
    ground = np.maximum(np.asarray(paper, dtype=np.float32), MIN_PAPER)
    lifted = np.asarray(image, dtype=np.float32) * (WHITE / ground)
    return Image.fromarray(np.minimum(lifted, WHITE).astype(np.uint8))

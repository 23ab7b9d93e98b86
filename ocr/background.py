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
# Paper whose greys differ by no more is divided by one of them, in a tenth of the time.
LEVEL_GREYS = 8
STRIP_ROWS = 64
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
    greys = np.asarray(paper)
    if int(greys.max()) - int(greys.min()) <= LEVEL_GREYS:
        middle = max(MIN_PAPER, float(np.median(greys)))
        return image.point([min(WHITE, int(grey * (WHITE / middle))) for grey in range(256)])
    paper = paper.resize(image.size, Image.Resampling.BILINEAR)
    lifted = Image.new("L", image.size)
    # In strips that fit a processor's cache.
    for top in range(0, image.height, STRIP_ROWS):
        strip = 0, top, image.width, min(image.height, top + STRIP_ROWS)
        lifted.paste(_divided(image.crop(strip), paper.crop(strip)), strip)
    return lifted


def _divided(image: Image.Image, paper: Image.Image) -> Image.Image:
    ground = np.maximum(np.asarray(paper, dtype=np.float32), MIN_PAPER)
    lifted = np.asarray(image, dtype=np.float32) * (WHITE / ground)
    return Image.fromarray(np.minimum(lifted, WHITE).astype(np.uint8))

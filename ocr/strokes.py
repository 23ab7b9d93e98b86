"""Whether a step of the preparation took writing off a page.

What makes the paper white takes letters with it where the page is not as the step supposes: on
pale letters on a dark ground that fades, on a photograph. Then the page reads better as it was.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.grey_areas import window

# On a copy some 600 pixels across; what is narrower than this, and differs so much from what lies
# around it, is a stroke, and one that differs by less than that is not to be seen any more.
STROKE_CELLS = 5
MIN_DIFFERENCE, LEFT_OVER = 50, 25
# Of 308 real pages none lost more than 0.004 of its strokes, tinted forms of dots 0.05 at most;
# white letters on a fading ground, 0.5.
MAX_LOST_PART = 0.1

Greys = NDArray[np.uint8]


def are_lost(before: Image.Image, after: Image.Image) -> bool:
    """Whether much of the writing on a copy of a page (mode L) is not on that of the same page
    `after` a step.
    """
    there = strokes(np.asarray(before)) >= MIN_DIFFERENCE
    gone = there & (strokes(np.asarray(after)) < LEFT_OVER)
    return bool(gone.sum() > MAX_LOST_PART * there.sum())


def strokes(greys: Greys) -> Greys:
    """How much each pixel of thin things, light or dark, differs from what lies around it."""
    darkest, lightest = (window(greys, STROKE_CELLS, pick) for pick in (np.minimum, np.maximum))
    without_dark = window(lightest, STROKE_CELLS, np.minimum)
    return without_dark - window(darkest, STROKE_CELLS, np.maximum)

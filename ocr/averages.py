"""Means of grey pixels, a whole picture at a time and without leaving eight bits.

H. S. Warren, Hacker's Delight, section 2-5: the mean of two numbers without overflow.
"""

import numpy as np
from numpy.typing import NDArray

Greys = NDArray[np.uint8]


def mean_down(one: Greys, other: Greys) -> Greys:
    """The mean of each two greys, rounded down."""
    half_apart = one ^ other
    half_apart >>= 1
    half_apart += one & other
    return half_apart


def mean_up(one: Greys, other: Greys) -> Greys:
    """The mean of each two greys, rounded up."""
    half_apart = one ^ other
    half_apart >>= 1
    whole = one | other
    whole -= half_apart
    return whole

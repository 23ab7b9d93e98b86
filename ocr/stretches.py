"""Stretches of text that were found on a page, and the ways in which they may run.

Most run to the right. Number stamps at the edge of a page, labels on a spine and notes in a margin
run down or up it; of those a finder of lines often finds each sign by itself, one below the other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

# What rapidocr itself turns on its side before reading it.
_STANDING_ASPECT = 1.5
# Less high than this it may be one upright sign, and a 6 read upside down is a 9.
_MIN_UPWARD_ASPECT = 3.0
# Pieces of a standing text are of about one width, one straight below the other, without room for a
# line between them, and none is much wider than high: one sign lies on its side. Two are enough if
# one of them stands. Figures and short words in a column of a table may look like that too; whoever
# reads them finds out.
MIN_PIECES = 3
_MAX_PIECE_ASPECT = 2.0
_MAX_WIDTH_RATIO = 1.7
_MAX_ASIDE = 0.35
_MAX_GAP = 0.7
# A sign of a standing text takes this part of the text's width along it: figures of stamped numbers
# have 0.6 to 0.8, with the room that the finder leaves around them.
_SIGN_PART = 0.65

Point = tuple[float, float]
Edges = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where text lies: the corners of it from the upper left one clockwise, in pixels.

    Upper left as one sees it who reads the text: of text that runs down the page this corner is
    the upper right one on the page.
    """

    corners: tuple[Point, Point, Point, Point]

    @property
    def size(self) -> tuple[int, int]:
        """Length along the text and height of it in pixels, at least 1."""
        upper_left, upper_right, _, lower_left = self.corners
        along = hypot(upper_right[0] - upper_left[0], upper_right[1] - upper_left[1])
        across = hypot(lower_left[0] - upper_left[0], lower_left[1] - upper_left[1])
        return max(1, round(along)), max(1, round(across))

    @property
    def edges(self) -> Edges:
        """Left, top, right and bottom on the page."""
        xs, ys = zip(*self.corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def ways(found: Stretch) -> tuple[Stretch, ...]:
    """The same place in each way in which text may run in it.

    `found` has its corners as they lie on the page. What is higher than wide runs down, and what is
    much higher may run up.
    """
    if not stands(found):
        return (found,)
    wide, high = found.size
    a, b, c, d = found.corners
    down, up = Stretch((b, c, d, a)), Stretch((d, a, b, c))
    return (down, up) if high >= wide * _MIN_UPWARD_ASPECT else (down,)


def stands(found: Stretch) -> bool:
    """Whether a place is higher than wide as it lies on the page."""
    wide, high = found.size
    return high >= wide * _STANDING_ASPECT


def stacks(found: Iterable[Stretch]) -> Iterator[tuple[int, ...]]:
    """The numbers of those that lie below each other like the pieces of one standing text."""
    narrow = [(number, one) for number, one in enumerate(found) if _is_narrow(one)]
    narrow.sort(key=lambda entry: entry[1].edges[1])
    piles: list[list[tuple[int, Stretch]]] = []
    for entry in narrow:
        above = next((pile for pile in piles if _is_below(entry[1], pile[-1][1])), None)
        if above is None:
            piles.append([entry])
        else:
            above.append(entry)
    for pile in piles:
        if len(pile) >= (2 if any(stands(one) for _, one in pile) else MIN_PIECES):
            yield tuple(number for number, _ in pile)


def signs_in(piece: Stretch) -> float:
    """About how many signs of a standing text there is room for in a piece of it, 1 at least.

    Upright signs below each other have room for two each, since they are higher than wide.
    """
    left, top, right, bottom = piece.edges
    return max(1.0, (bottom - top) / max(1.0, (right - left) * _SIGN_PART))


def cells(standing: Stretch, count: int) -> tuple[Stretch, ...]:
    """What stands, cut across into `count` parts of one height, from the upper one down."""
    left, top, right, bottom = standing.edges
    edges = [top + (bottom - top) * number / count for number in range(count + 1)]
    return tuple(
        Stretch(((left, upper), (right, upper), (right, lower), (left, lower)))
        for upper, lower in pairwise(edges)
    )


def around(several: Iterable[Stretch]) -> Stretch:
    """The upright rectangle around them all."""
    lefts, tops, rights, bottoms = zip(*(one.edges for one in several), strict=True)
    left, top, right, bottom = min(lefts), min(tops), max(rights), max(bottoms)
    return Stretch(((left, top), (right, top), (right, bottom), (left, bottom)))


def _is_narrow(one: Stretch) -> bool:
    left, top, right, bottom = one.edges
    return right - left <= _MAX_PIECE_ASPECT * (bottom - top)


def _is_below(one: Stretch, other: Stretch) -> bool:
    lower, upper = one.edges, other.edges
    narrower, wider = sorted((lower[2] - lower[0], upper[2] - upper[0]))
    aside = abs(lower[0] + lower[2] - upper[0] - upper[2]) / 2
    return (
        wider <= _MAX_WIDTH_RATIO * narrower
        and aside <= _MAX_ASIDE * wider
        and lower[1] - upper[3] <= _MAX_GAP * narrower
        and lower[1] > upper[1]
    )

"""Stretches of text that were found on a picture, cut out and recognised one by one.

A text that runs down or up the page is found as one place or sign by sign; see stretches.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chartkeeper.ocr.letters import Alphabet, Part, parts_of
from chartkeeper.ocr.page import Word
from chartkeeper.ocr.stretches import (
    Point,
    Stretch,
    around,
    cells,
    signs_in,
    stacks,
    stands,
    ways,
)
from chartkeeper.ocr.tesseract import clipped

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# Height of a line as the recognising network takes it.
LINE_HEIGHT_PIXELS = 48
# A line is found somewhat higher than its letters; without this part of it above and below they are
# read larger: 0.3 points of F1 on forms, measured with 0.04 to 0.15 (docs/figures.md).
TRIMMED_PART = 0.08
# A line longer than 80 times its height is no line; it would cost memory without bound.
MAX_LINE_ASPECT = 80
# Pieces below each other are one standing text if it is so sure when read as one and has about as
# many letters as there is room for.
MIN_SURE_STACK = 0.9
MIN_LETTERS_A_SIGN, MAX_LETTERS_A_SIGN = 0.6, 1.5
# A place higher than wide that has fewer holds upright signs, as a column of a table does.
MAX_UPRIGHT = 0.7
# Shorter words on the average are single letters and figures set wide.
MIN_LETTERS_A_WORD = 2


@dataclass(frozen=True, slots=True)
class Recogniser:
    """The network that reads lines, in memory, and the letters that it knows."""

    session: "InferenceSession"
    alphabet: Alphabet


# Where a text lies, the way it runs, and its words.
Read = tuple[Stretch, tuple[Part, ...]]


def read_whole(recogniser: Recogniser, grey: Image.Image) -> Read:
    """A picture that is one line of text and no more."""
    width, height = grey.size
    line = Stretch(((0, 0), (width, 0), (width, height), (0, height)))
    return _recognised(recogniser, grey, line, 0)


def read_all(
    recogniser: Recogniser, grey: Image.Image, found: tuple[Stretch, ...]
) -> Iterator[Read]:
    """Each stretch of text in turn; pieces that turn out to be one standing text as one."""
    beginnings = {min(stack): stack for stack in stacks(found)}
    done: set[int] = set()
    for number, line in enumerate(found):
        if number in done:
            continue
        stack = beginnings.get(number, ())
        if stack and (whole := _as_one(recogniser, grey, [found[member] for member in stack])):
            done.update(stack)
            yield whole
        elif stands(line):
            yield from _standing(recogniser, grey, line)
        else:
            yield _recognised(recogniser, grey, line, TRIMMED_PART)


def placed(part: Part, line: Stretch, number: int, size: tuple[int, int]) -> Word:
    """A word of the line `number` where it stands on a picture of `size`."""
    a, b, c, d = line.corners
    points = [
        _between(*side, share) for side in ((a, b), (d, c)) for share in (part.start, part.end)
    ]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    edges = round(min(xs)), round(min(ys)), round(max(xs)), round(max(ys))
    return Word(part.text, clipped(*edges, *size), part.confidence, number)


def pixels(grey: Image.Image) -> NDArray[np.uint8]:
    """A grey picture as the networks take it: in three colours."""
    return np.repeat(np.asarray(grey)[:, :, np.newaxis], 3, axis=2)


def _as_one(recogniser: Recogniser, grey: Image.Image, pieces: list[Stretch]) -> Read | None:
    """Pieces below each other as one standing text; None if they turn out to be none."""
    way, parts = _surest(recogniser, grey, around(pieces))
    fits = MIN_LETTERS_A_SIGN <= _letters(parts) / sum(map(signs_in, pieces)) <= MAX_LETTERS_A_SIGN
    if not fits or _sureness(parts) < MIN_SURE_STACK:
        return None
    return way, _closed_up(parts)


def _standing(recogniser: Recogniser, grey: Image.Image, line: Stretch) -> Iterator[Read]:
    """What is higher than wide: a text on its side, or upright signs below each other."""
    way, parts = _surest(recogniser, grey, line)
    letters = _letters(parts)
    if 1 < letters < MAX_UPRIGHT * signs_in(line):
        for cell in cells(line, letters):
            yield _recognised(recogniser, grey, cell, 0)
    else:
        yield way, _closed_up(parts)


def _closed_up(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The words of a standing text; one word if it is a number or a name in letters set wide."""
    if not parts or _letters(parts) >= MIN_LETTERS_A_WORD * len(parts):
        return parts
    text, least = "".join(part.text for part in parts), min(part.confidence for part in parts)
    return (Part(text, least, parts[0].start, parts[-1].end),)


def _letters(parts: tuple[Part, ...]) -> int:
    return sum(len(part.text) for part in parts)


def _surest(recogniser: Recogniser, grey: Image.Image, found: Stretch) -> Read:
    """A stretch read in each way in which its text may run, and the surest of these readings."""
    reads = (_recognised(recogniser, grey, way, TRIMMED_PART) for way in ways(found))
    return max(reads, key=lambda read: _sureness(read[1]))


def _sureness(parts: tuple[Part, ...]) -> float:
    weighed = sum(part.confidence * len(part.text) for part in parts)
    return weighed / max(1, _letters(parts))


def _recognised(recogniser: Recogniser, grey: Image.Image, line: Stretch, trimmed: float) -> Read:
    cut = _cut_out(grey, line, trimmed)
    values = pixels(cut).astype(np.float32).transpose(2, 0, 1)[np.newaxis] / 127.5 - 1
    (given,) = recogniser.session.run(None, {recogniser.session.get_inputs()[0].name: values})
    return line, parts_of(given[0][:, recogniser.alphabet.columns], recogniser.alphabet)


def _cut_out(grey: Image.Image, line: Stretch, trimmed: float) -> Image.Image:
    """The line's part of the picture, upright and as high as the network takes it.

    `trimmed` is the part of its height that is left away above it, and below.
    """
    a, b, c, d = line.corners
    width, height = line.size
    height = max(1, round(height * (1 - 2 * trimmed)))
    a, d = _between(a, d, trimmed), _between(d, a, trimmed)
    b, c = _between(b, c, trimmed), _between(c, b, trimmed)
    aspect = min(MAX_LINE_ASPECT, width / height)
    size = max(1, ceil(LINE_HEIGHT_PIXELS * aspect)), LINE_HEIGHT_PIXELS
    corners = (*a, *d, *c, *b)
    cut = grey.transform((width, height), Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    return cut.resize(size, Image.Resampling.BILINEAR)


def _between(start: Point, end: Point, part: float) -> Point:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part

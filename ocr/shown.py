"""Whether a page shows what its own text says, where that tells whose the page is.

A text layer is not what people see. Text lies on under a slip that was pasted over it, a font with
a wrong table says other letters than it draws, and somebody may have made it so. Where it matters
what is drawn is read, too, field by field.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from PIL import Image

from chartkeeper.ocr.cutting import LINE_DPI, cut_line
from chartkeeper.ocr.engine import ENGINE_FAILURES, Engine, Layout
from chartkeeper.ocr.engines import Engines
from chartkeeper.ocr.page import Box, Page, Word, around

# Letters and figures that an engine takes for each other on good print; no figure is taken for
# another figure, since numbers that differ in one are two patients.
_ALIKE = str.maketrans("oilsbz", "011582")


def shows(
    page: Page,
    image: Image.Image,
    places: Iterable[Box],
    engines: Engines,
    seconds: Callable[[], float],
) -> bool:
    """Whether each line of `page` in `places` is read from `image`, the page drawn, as it says.

    Where the first engine reads something else the second one is asked. What neither can read does
    not show.
    """
    for line in _lines_in(page, places):
        said = _said(word.text for word in line)
        picture = cut_line(image, around(line)).picture
        if not any(_read(engine, picture, seconds) == said for engine in _asked(engines)):
            return False
    return True


def _lines_in(page: Page, places: Iterable[Box]) -> Iterator[tuple[Word, ...]]:
    for place in places:
        inside = [word for word in page.words if place.holds_middle_of(word.box)]
        for _, line in groupby(inside, key=lambda word: word.line):
            yield tuple(line)


def _asked(engines: Engines) -> Iterator[Engine]:
    yield engines.first
    if engines.second:
        yield engines.second


def _read(engine: Engine, picture: Image.Image, seconds: Callable[[], float]) -> str:
    try:
        words = engine.read(picture, LINE_DPI, Layout.LINE, seconds())
    except ENGINE_FAILURES:
        return ""
    return _said(word.text for word in words)


def _said(texts: Iterable[str]) -> str:
    """Letters and figures alone; accents, which an English engine leaves out, count for nothing."""
    letters = unicodedata.normalize("NFKD", "".join(texts)).casefold().translate(_ALIKE)
    return "".join(letter for letter in letters if letter.isalnum())

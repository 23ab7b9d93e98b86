"""Faded writing made dark: thermal paper that was kept too long, worn ribbons, pale copies.

Tesseract parts ink from paper by one grey for the whole page. Where all writing is pale and
something else is black, as a strip along the edge, that grey is darker than the writing and nothing
is read.
"""

from PIL import Image, ImageFilter

from chartkeeper.ocr.ink import is_bilevel

# Margins of the page are not looked at: copiers leave black there.
_EDGE_PART = 1 / 14
# The page is looked at in cells of about a hundredth of an inch on a letter page, as wide as a
# stroke of a letter. Grain evens out in them; else it would be taken for pale ink and made black.
_CELLS_ACROSS = 850
# The paper is at least so light that this part of the page is not lighter.
_PAPER_PART = 0.7
# What is darker than the paper by more than this is ink, or dirt.
MIN_DARKER = 20
# Ink of which nearly all is paler than this is faint: of 140 forms and receipts three have 60 to
# 115, all others 140 and more (docs/figures.md).
FAINT, _NEARLY_ALL = 125, 0.95
# Writing is as dark as this part of the ink; what is paler than a small part of that is made paper.
_WRITING_PART, _STAIN = 0.6, 0.15
# Areas wider than any stroke are no ink; where they take up so much of a page, it is not darkened.
_STROKE_CELLS, _GROUND_PART = 9, 0.05
_BLACK, _WHITE = 0, 255


def is_faint(image: Image.Image) -> bool:
    """Whether all ink on a page of mode L (evened, dark on light) is pale.

    Never in black and white, where thin strokes only seem so from afar.
    """
    if is_bilevel(image):
        return False
    greys = _greys(image)
    return 0 < _depth(greys, _NEARLY_ALL) <= FAINT and not _bears_ground(image, _paper(greys))


def darkened(image: Image.Image) -> Image.Image:
    """A page of mode L with its writing black and its paper white."""
    greys = _greys(image)
    paper, depth = _paper(greys), _depth(greys, _WRITING_PART)
    stain = depth * _STAIN
    scale = _WHITE / max(1.0, depth - stain)
    return image.point(
        [
            min(_WHITE, max(_BLACK, round(_WHITE - (paper - grey - stain) * scale)))
            for grey in range(256)
        ]
    )


def _greys(image: Image.Image) -> list[int]:
    """How often each grey is within the margins, cell by cell."""
    return _cells(image).histogram()


def _cells(image: Image.Image) -> Image.Image:
    cells = image.reduce(max(1, min(image.size) // _CELLS_ACROSS))
    across, down = (round(side * _EDGE_PART) for side in cells.size)
    return cells.crop((across, down, cells.width - across, cells.height - down))


def _bears_ground(image: Image.Image, paper: int) -> bool:
    """Whether what is darker than the paper lies in areas, as tinted fields do, not in strokes."""
    cells = _cells(image)
    # What is narrower than the window is gone after both.
    without_strokes = cells.filter(ImageFilter.MaxFilter(_STROKE_CELLS)).filter(
        ImageFilter.MinFilter(_STROKE_CELLS)
    )
    ground = sum(without_strokes.histogram()[: max(0, paper - MIN_DARKER)])
    return ground > _GROUND_PART * cells.width * cells.height


def _paper(greys: list[int]) -> int:
    return _reached(greys, _PAPER_PART)


def _depth(greys: list[int], part: float) -> int:
    """By how much this part of the ink is darker than the paper at most; 0 without ink."""
    darkest = max(0, _paper(greys) - MIN_DARKER)
    ink = greys[:darkest][::-1]
    return MIN_DARKER + 1 + _reached(ink, part) if any(ink) else 0


def _reached(counts: list[int], part: float) -> int:
    """The place up to which this part of all counts lies."""
    wanted, total = part * sum(counts), 0
    for place, count in enumerate(counts):
        total += count
        if total >= wanted:
            return place
    return len(counts) - 1

"""Takes the text that a PDF page carries itself, or says why it is not to be trusted."""

from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from chartkeeper.ocr import pdfium, textlayer
from chartkeeper.ocr.drawing import Drawing, plan_drawing
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.pdfpage import PdfPage, cover
from chartkeeper.ocr.raster import drawn
from chartkeeper.ocr.textlayer import Layer, LayerWord

# Enough to see whether there is ink where a word is said to be.
SKETCH_DPI = 100


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What a page's own text is worth (None: it has none); its words if that is `Layer.TEXT`."""

    decision: Layer | None
    words: tuple[LayerWord, ...] = ()


def read_layer(path: Path, page: PdfPage, limits: Limits) -> TextLayer:
    """Judge the text of the surveyed `page` of the PDF at `path`.

    A layer that looks good is held against the page as drawn, since that is what people see.
    Raises DamagedPage, OutOfMemory, PageTookTooLong, MissingProgram.
    """
    if page.hides_text:
        return TextLayer(Layer.OF_A_SCAN)
    words = textlayer.legible(page.words, page.size.width, page.size.height)
    decision = textlayer.judge(words, cover(page.size, page.pictures))
    if decision is not Layer.TEXT:
        return TextLayer(decision if words or not page.words else Layer.UNSEEN)
    sketch = _sketch(path, page, limits)
    seen = textlayer.with_ink(words, sketch, sketch.width / page.size.width)
    if len(seen) < (1 - textlayer.MAX_UNSEEN) * len(words):
        return TextLayer(Layer.UNSEEN)
    return TextLayer(Layer.TEXT, seen)


def _sketch(path: Path, page: PdfPage, limits: Limits) -> Image.Image:
    """The page in grey, small."""
    drawing = _small(page, limits)
    size = drawing.width, drawing.height
    quick = pdfium.drawn(path, page.number, size, limits) if page.told_by_pdfium else None
    return quick or drawn(path, page.number, drawing, limits)[0]


def _small(page: PdfPage, limits: Limits) -> Drawing:
    plan = plan_drawing(page.size, None, limits.max_pixels)
    part = min(1.0, SKETCH_DPI / plan.x_dpi)
    return replace(
        plan,
        width=max(1, round(plan.width * part)),
        height=max(1, round(plan.height * part)),
        x_dpi=plan.x_dpi * part,
        y_dpi=plan.y_dpi * part,
    )

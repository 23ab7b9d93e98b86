"""A sheet of paper as a list of marks, drawn as pixels or as a PDF page.

All measures are points (1/72 inch) from the top left corner; text sits on its baseline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reportlab.pdfgen.canvas import Canvas

FONT_FOLDER = Path("/usr/share/fonts/truetype")
MEASURING_SIZE = 200


@dataclass(frozen=True)
class Family:
    """Three cuts of one typeface, as font file names without `.ttf`."""

    regular: str
    bold: str
    italic: str


SERIF = Family("LiberationSerif-Regular", "LiberationSerif-Bold", "LiberationSerif-Italic")
SANS = Family("LiberationSans-Regular", "LiberationSans-Bold", "LiberationSans-Italic")
MONO = Family("LiberationMono-Regular", "LiberationMono-Bold", "LiberationMono-Italic")
NARROW = Family(
    "LiberationSansNarrow-Regular", "LiberationSansNarrow-Bold", "LiberationSansNarrow-Italic"
)
BOOK = Family("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic")
PLAIN = Family("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique")
CONDENSED = Family("DejaVuSansCondensed", "DejaVuSansCondensed-Bold", "DejaVuSansCondensed-Oblique")
TYPEWRITER = Family("DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSansMono-Oblique")


@dataclass(frozen=True)
class Text:
    """A run of text on a baseline; `grey` is 0 black to 1 white."""

    x: float
    y: float
    text: str
    font: str
    size: float
    grey: float = 0.0


@dataclass(frozen=True)
class Box:
    """A rectangle; `line` 0 draws no border, `fill` None no ground."""

    x: float
    y: float
    width: float
    height: float
    line: float = 0.7
    fill: float | None = None


@dataclass(frozen=True)
class Stroke:
    """An open polyline: a rule, a signature, a tracing."""

    points: tuple[tuple[float, float], ...]
    line: float = 0.7
    grey: float = 0.0


@dataclass
class Sheet:
    """One side of paper."""

    width: float = 612
    height: float = 792
    marks: list[Text | Box | Stroke] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, font: str, size: float) -> None:
        """Set text from its left end."""
        self.marks.append(Text(x, y, text, font, size))

    def right(self, x: float, y: float, text: str, font: str, size: float) -> None:
        """Set text up to its right end."""
        self.text(x - text_width(text, font, size), y, text, font, size)

    def centre(self, x: float, y: float, text: str, font: str, size: float) -> None:
        """Set text around its middle."""
        self.text(x - text_width(text, font, size) / 2, y, text, font, size)

    def rule(self, x1: float, x2: float, y: float, line: float = 0.7) -> None:
        """Draw a horizontal line."""
        self.marks.append(Stroke(((x1, y), (x2, y)), line))

    def box(self, *corner_and_size: float, line: float = 0.7, fill: float | None = None) -> None:
        """Draw a rectangle given as x, y, width, height."""
        x, y, width, height = corner_and_size
        self.marks.append(Box(x, y, width, height, line, fill))

    def stroke(self, points: Sequence[tuple[float, float]], line: float, grey: float = 0) -> None:
        """Draw a polyline."""
        self.marks.append(Stroke(tuple(points), line, grey))

    def plain_text(self) -> str:
        """What a careful reader would type: lines from top to bottom, each from left to right."""
        texts = sorted((m for m in self.marks if isinstance(m, Text)), key=lambda m: (m.y, m.x))
        lines: list[list[Text]] = []
        for mark in texts:
            if lines and abs(lines[-1][0].y - mark.y) < 3:
                lines[-1].append(mark)
            else:
                lines.append([mark])
        return "\n".join(
            "  ".join(mark.text for mark in sorted(line, key=lambda m: m.x)) for line in lines
        )


@cache
def font_path(font: str) -> Path:
    """Return the file of a font; FileNotFoundError where the fonts are not installed."""
    folder = "liberation" if font.startswith("Liberation") else "dejavu"
    path = FONT_FOLDER / folder / f"{font}.ttf"
    if not path.exists():
        raise FileNotFoundError(f"{path}: install fonts-dejavu and fonts-liberation")
    return path


@cache
def _pillow_font(font: str, pixels: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_path(font), pixels, layout_engine=ImageFont.Layout.BASIC)


@cache
def text_width(text: str, font: str, size: float) -> float:
    """Return the width of a text in points."""
    return _pillow_font(font, MEASURING_SIZE).getlength(text) * size / MEASURING_SIZE


def fitting_size(text: str, font: str, size: float, width: float) -> float:
    """Return `size`, or the smaller one at which the text is no wider than `width`."""
    return min(size, size * width / max(width, text_width(text, font, size)))


def wrap(text: str, font: str, size: float, width: float) -> list[str]:
    """Break text into lines no wider than `width` points (a longer single word stands alone)."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, font, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def render(sheet: Sheet, dpi: float) -> Image.Image:
    """Draw a sheet as a grey image (mode L) of `dpi` pixels an inch."""
    scale = dpi / 72
    image = Image.new("L", (round(sheet.width * scale), round(sheet.height * scale)), 255)
    draw = ImageDraw.Draw(image)
    for mark in sheet.marks:
        _draw_mark(draw, mark, scale)
    return image


def _draw_mark(draw: ImageDraw.ImageDraw, mark: Text | Box | Stroke, scale: float) -> None:
    if isinstance(mark, Text):
        font = _pillow_font(mark.font, mark.size * scale)
        place = (mark.x * scale, mark.y * scale)
        draw.text(place, mark.text, round(mark.grey * 255), font, anchor="ls")
        return
    pixels = max(1, round(mark.line * scale))
    if isinstance(mark, Stroke):
        points = [(x * scale, y * scale) for x, y in mark.points]
        draw.line(points, round(mark.grey * 255), pixels, joint="curve")
        return
    corners = (mark.x, mark.y, mark.x + mark.width, mark.y + mark.height)
    draw.rectangle(
        [value * scale for value in corners],
        fill=None if mark.fill is None else round(mark.fill * 255),
        outline=0 if mark.line else None,
        width=pixels if mark.line else 0,
    )


def draw_on_canvas(sheet: Sheet, canvas: Canvas) -> None:
    """Draw a sheet on the current page of a reportlab canvas, as text and vectors."""
    canvas.setPageSize((sheet.width, sheet.height))
    canvas.setLineCap(1)
    for mark in sheet.marks:
        if isinstance(mark, Text):
            _register(mark.font)
            canvas.setFont(mark.font, mark.size)
            canvas.setFillGray(mark.grey)
            canvas.drawString(mark.x, sheet.height - mark.y, mark.text)
        elif isinstance(mark, Box):
            _draw_box(sheet, mark, canvas)
        else:
            _draw_stroke(sheet, mark, canvas)


def _draw_box(sheet: Sheet, mark: Box, canvas: Canvas) -> None:
    canvas.setLineWidth(mark.line)
    canvas.setStrokeGray(0)
    if mark.fill is not None:
        canvas.setFillGray(mark.fill)
    corner = (mark.x, sheet.height - mark.y - mark.height)
    canvas.rect(
        *corner, mark.width, mark.height, stroke=int(mark.line > 0), fill=int(mark.fill is not None)
    )


def _draw_stroke(sheet: Sheet, mark: Stroke, canvas: Canvas) -> None:
    canvas.setLineWidth(mark.line)
    canvas.setStrokeGray(mark.grey)
    path = canvas.beginPath()
    path.moveTo(mark.points[0][0], sheet.height - mark.points[0][1])
    for x, y in mark.points[1:]:
        path.lineTo(x, sheet.height - y)
    canvas.drawPath(path)


def _register(font: str) -> None:
    if font not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(font, str(font_path(font))))

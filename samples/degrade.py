"""What happens to paper between the printer and the archive, as functions on images.

Every function takes a Pillow image and returns a new one of the same content. Grey images are mode
L, 0 black to 255 white; bilevel images are mode 1. Those with chance in them take a `seed`.
Resolutions travel in `image.info["dpi"]`.
"""

from __future__ import annotations

import numpy as np
import paper
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FAX_WIDTH_PIXELS = 1728  # T.4: one scan line of an A4 or letter page
FAX_DPI_ACROSS = 204  # R8: 8 dots a millimetre
FINE_DPI_DOWN = 196  # 7.7 lines a millimetre
STANDARD_DPI_DOWN = 98  # 3.85 lines a millimetre


def noise(image: Image.Image, sigma: float = 8, seed: int = 0) -> Image.Image:
    """Add Gaussian grain of `sigma` grey levels."""
    grain = np.random.default_rng(seed).normal(0, sigma, (image.height, image.width))
    grey = np.asarray(image.convert("L"), dtype=np.float64) + grain
    return _like(image, Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)))


def low_contrast(image: Image.Image, dark: int = 95, light: int = 215) -> Image.Image:
    """Squeeze the greys between `dark` ink and `light` paper (0 to 255)."""
    span = light - dark
    return _like(image, image.convert("L").point([dark + v * span // 255 for v in range(256)]))


def skew(image: Image.Image, degrees: float) -> Image.Image:
    """Lay the page crooked on the glass by `degrees` (counter-clockwise), same size."""
    grey = image.convert("L").rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    return _like(image, grey)


def rotate(image: Image.Image, quarter_turns: int) -> Image.Image:
    """Turn the page clockwise by quarter turns: 1, 2 or 3."""
    turns = (
        None,
        Image.Transpose.ROTATE_270,
        Image.Transpose.ROTATE_180,
        Image.Transpose.ROTATE_90,
    )
    turn = turns[quarter_turns % 4]
    return _like(image, image.copy() if turn is None else image.transpose(turn))


def bilevel(image: Image.Image, threshold: int = 160) -> Image.Image:
    """Make every grey below `threshold` black and the rest white (mode 1)."""
    return _like(image, image.convert("L").point(lambda v: 255 * (v >= threshold), mode="1"))


def speckle(image: Image.Image, per_million: float = 60, seed: int = 0) -> Image.Image:
    """Drop black specks of one to three pixels, so many in a million pixels."""
    rng = np.random.default_rng(seed)
    spotted = image.convert("L")
    draw = ImageDraw.Draw(spotted)
    for _ in range(int(image.width * image.height * per_million / 1e6)):
        x, y = int(rng.integers(image.width)), int(rng.integers(image.height))
        side = int(rng.integers(0, 3))
        draw.rectangle((x, y, x + side, y + side), fill=int(rng.integers(0, 90)))
    return _like(image, spotted)


def photocopy(image: Image.Image, generation: int = 2, seed: int = 0) -> Image.Image:
    """Copy a page on a worn machine: softer strokes, grain, specks, dark edges, a drum streak."""
    rng = np.random.default_rng(seed)
    copy = image.convert("L")
    for round_number in range(generation):
        copy = copy.filter(ImageFilter.GaussianBlur(copy.width / 2550 * 0.9))
        copy = noise(copy, 14, seed + round_number)
        copy = copy.point([min(255, max(0, int((v - 60) * 1.45))) for v in range(256)])
    copy = speckle(copy, 40 * generation, seed)
    _dark_edges(copy, rng)
    x = int(rng.uniform(0.86, 0.95) * copy.width)
    ImageDraw.Draw(copy).line((x, 0, x, copy.height), fill=120, width=max(1, copy.width // 1200))
    return _like(image, copy)


def fax_fine(image: Image.Image, speckles_per_million: float = 25, seed: int = 0) -> Image.Image:
    """Send a page in fine mode: 1728 pixels wide, 204 by 196 dpi, one bit."""
    return _fax(image, FINE_DPI_DOWN, speckles_per_million, seed)


def fax_standard(
    image: Image.Image, speckles_per_million: float = 25, seed: int = 0
) -> Image.Image:
    """Send a page in standard mode: 1728 pixels wide, 204 by 98 dpi (not square), one bit."""
    return _fax(image, STANDARD_DPI_DOWN, speckles_per_million, seed)


def stamp(
    image: Image.Image,
    lines: tuple[str, ...],
    place: tuple[float, float] = (0.6, 0.86),
    degrees: float = 7,
    dpi: float = 200,
) -> Image.Image:
    """Press a rubber stamp of `lines` with a border at `place` (fractions of the page)."""
    font = ImageFont.truetype(paper.font_path("LiberationSans-Bold"), 13 * dpi / 72)
    step, width = int(17 * dpi / 72), int(max(font.getlength(line) for line in lines))
    ink = Image.new("L", (width + 2 * step, step * len(lines) + step), 0)
    draw = ImageDraw.Draw(ink)
    border = max(2, int(dpi / 60))
    draw.rectangle((0, 0, ink.width - 1, ink.height - 1), outline=170, width=border)
    for number, line in enumerate(lines):
        place_in_stamp = (ink.width / 2, step / 2 + number * step)
        draw.text(place_in_stamp, line, fill=190, font=font, anchor="ma")
    ink = ink.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    stamped = image.convert("L")
    corner = (int(place[0] * image.width), int(place[1] * image.height))
    stamped.paste(0, corner, ink)
    return _like(image, stamped)


def _fax(image: Image.Image, dpi_down: int, per_million: float, seed: int) -> Image.Image:
    across, _ = image.info.get("dpi", (image.width / 8.5, 0))
    height = round(image.height / across * dpi_down)
    small = image.convert("L").resize((FAX_WIDTH_PIXELS, height), Image.Resampling.BOX)
    sent = bilevel(speckle(noise(small, 12, seed), per_million, seed), 150)
    sent.info["dpi"] = (FAX_DPI_ACROSS, dpi_down)
    return sent


def _dark_edges(image: Image.Image, rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    left, right, top = (float(v) for v in rng.uniform(0.002, 0.014, 3))
    draw.polygon(
        [(0, 0), (left * width * 2, 0), (left * width * 0.4, height), (0, height)], fill=18
    )
    draw.rectangle((width * (1 - right), 0, width, height), fill=25)
    draw.rectangle((0, 0, width, top * height * 0.6), fill=18)


def _like(original: Image.Image, changed: Image.Image) -> Image.Image:
    if "dpi" in original.info:
        changed.info["dpi"] = original.info["dpi"]
    return changed

"""Sheets as pictures, as scanners and fax machines leave them. Chance is seeded."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from filing_sheet import Sheet, picture
from PIL import Image, ImageFilter

FAX_WIDTH_PIXELS, FAX_DPI, FINE_LINES, STANDARD_LINES = 1728, 204, 196, 98
THRESHOLD, COPIED_THRESHOLD = 150, 165


def printed(sheet: Sheet, kind: str, seed: int, path: Path) -> None:
    """Write the sheet, as a scan of this kind, to a TIFF file."""
    image = KINDS[kind](picture(sheet, 300), random.Random(seed))
    image.save(path, dpi=image.info["dpi"], compression="group4")


def _clean(image: Image.Image, rng: random.Random) -> Image.Image:
    grain = _grain(_turned(image, rng.uniform(-0.2, 0.2)), 12, rng)
    return _bilevel(grain, (300, 300))


def _fax_fine(image: Image.Image, rng: random.Random) -> Image.Image:
    grain = _grain(_turned(image, rng.uniform(-0.5, 0.5)), 25, rng)
    return _specked(_faxed(grain, FINE_LINES), 0.0004, rng)


def _fax_standard(image: Image.Image, rng: random.Random) -> Image.Image:
    grain = _grain(_turned(image, rng.uniform(-0.5, 0.5)), 25, rng)
    return _specked(_faxed(grain, STANDARD_LINES), 0.0006, rng)


def _fax_copy(image: Image.Image, rng: random.Random) -> Image.Image:
    blurred = _turned(image, rng.uniform(-1.2, 1.2)).filter(ImageFilter.GaussianBlur(1.6))
    copied = _grain(blurred, 30, rng).point(lambda grey: 255 if grey > COPIED_THRESHOLD else 0)
    return _specked(_faxed(copied, FINE_LINES), 0.0008, rng)


def _turned(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)


def _grain(image: Image.Image, sigma: float, rng: random.Random) -> Image.Image:
    chance = np.random.default_rng(rng.randrange(1 << 30))
    grey = np.asarray(image, np.float32) + chance.normal(0, sigma, (image.height, image.width))
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def _faxed(image: Image.Image, lines: int) -> Image.Image:
    high = round(image.height / 300 * lines)
    small = image.resize((FAX_WIDTH_PIXELS, high), Image.Resampling.BOX)
    return _bilevel(small, (FAX_DPI, lines))


def _bilevel(image: Image.Image, dpi: tuple[int, int]) -> Image.Image:
    black = image.point(lambda grey: 255 if grey > THRESHOLD else 0).convert("1", dither=0)
    black.info["dpi"] = dpi
    return black


def _specked(image: Image.Image, share: float, rng: random.Random) -> Image.Image:
    chance = np.random.default_rng(rng.randrange(1 << 30))
    pixels = np.array(image)
    flips = chance.random(pixels.shape) < share
    specked = Image.fromarray(pixels ^ flips)
    specked.info["dpi"] = image.info["dpi"]
    return specked


KINDS: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "clean": _clean,
    "fax_fine": _fax_fine,
    "fax_standard": _fax_standard,
    "fax_copy": _fax_copy,
}

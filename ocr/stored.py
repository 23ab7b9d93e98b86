"""Pictures as files store them, TIFF, JPEG or PNG: opened, decoded, laid on white paper."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from chartkeeper.ocr import pngs
from chartkeeper.ocr.errors import DamagedPage, OutOfMemory, OversizedPage
from chartkeeper.ocr.limits import Limits

FORMATS = ("TIFF", "JPEG", "PNG")
_CODEC_FAILURES = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)


@contextmanager
def opened(path: Path, number: int, limits: Limits, *, grey: bool = False) -> Iterator[Image.Image]:
    """Page `number` of a TIFF, JPEG or PNG, opened but not decoded.

    With `grey` a colour JPEG is decoded as grey from the start. What a codec raises inside the
    block leaves it as DamagedPage, OversizedPage or OutOfMemory.
    """
    # Given a name, Pillow maps the file: then a turned TIFF comes out garbled, and a file cut short
    # under way ends the process.
    with (
        decoding(limits),
        path.open("rb") as handle,
        Image.open(handle, formats=FORMATS) as image,
    ):
        _seek(image, number)
        if image.width * image.height > limits.max_pixels:
            raise OversizedPage
        if grey and image.mode == "RGB":
            image.draft("L", image.size)
        yield image


@contextmanager
def decoding(limits: Limits) -> Iterator[None]:
    """Pillow within the limits, its many ways to fail turned into ours."""
    # The limit is the same for all threads, so setting it again changes nothing for any of them.
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise OversizedPage from None
        except MemoryError:
            raise OutOfMemory from None
        except _CODEC_FAILURES as error:
            # What the system refuses has a number, what a codec refuses has none.
            if getattr(error, "errno", None):
                raise
            raise DamagedPage from None


def _seek(image: Image.Image, number: int) -> None:
    # Only TIFF has pages; further frames of a JPEG or PNG are previews and animations.
    if image.format == "TIFF":
        image.seek(number - 1)


def flat(image: Image.Image) -> Image.Image:
    """`image` decoded and turned as its tag says, of mode 1, L or RGB, on white paper."""
    image.load()
    inverted = image.format == "TIFF" and image.mode.startswith("I") and _zero_is_white(image)
    image = ImageOps.exif_transpose(image)
    if image.mode in ("1", "L", "RGB"):
        return image.copy()
    if image.mode[0] in "IF":
        grey = _eight_bits(image)
        return ImageOps.invert(grey) if inverted else grey
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image).convert("RGB")
    return image.convert("RGB")


def check_rows(path: Path, image: Image.Image) -> None:
    """DamagedPage for a PNG whose data stop short: Pillow takes rows that are missing for zeros."""
    foot = image.crop((0, image.height - 1, *image.size))
    if image.format == "PNG" and foot.getbbox() is None:
        with path.open("rb") as handle:
            if not pngs.holds_all_rows(handle):
                raise DamagedPage


def _zero_is_white(image: Image.Image) -> bool:
    tags = getattr(image, "tag_v2", {})
    return bool(tags.get(262) == 0)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of more than 8 bits in 8: the lightest grey found becomes white."""
    values = np.asarray(image, dtype=np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    top = max(float(values.max(initial=0)), 255.0)
    return Image.fromarray(np.clip(values * (255 / top), 0, 255).astype(np.uint8))

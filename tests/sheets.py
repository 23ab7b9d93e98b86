"""Small pieces of paper for tests: pages drawn with Pillow, in the formats that scanners make."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["none", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def spelled(number: int) -> str:
    """A number below 100 in one word, which a search finds and no other page holds."""
    return NUMBERS[number] if number < 20 else TENS[number // 10] + NUMBERS[number % 10]


def draw(lines: Sequence[str], width: int = 1000, height: int = 700, size: int = 34) -> Image.Image:
    """A white page with lines of black text."""
    page = Image.new("L", (width, height), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, size)
    for number, line in enumerate(lines):
        pen.text((60, 60 + number * size * 1.7), line, fill=0, font=font)
    return page


def save(page: Image.Image, path: Path, **options: object) -> Path:
    """Write a page in the format that the name asks for; 200 dpi unless told."""
    page.save(path, **{"dpi": (200, 200), "resolution": 200.0, **options})
    return path


def note(path: Path, *lines: str) -> Path:
    """A one-page note with a heading and lines."""
    return save(draw(("PROGRESS NOTE", *lines)), path)

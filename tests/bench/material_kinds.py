"""Kinds of printed pages: what is done to a sheet before and after it is printed.

A kind sets the sheet anew where it must (small type, inverted headings, the line of a fax machine),
draws it at a resolution and lets happen to the picture what its name says. Chance is seeded.
"""

import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from PIL import Image, ImageDraw, ImageFilter

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "samples"))

import degrade  # noqa: E402 - the path comes first
from paper import Box, Sheet, Stroke, Text, render, text_width  # noqa: E402 - the path comes first

SMALL_POINTS = 6.5
MARGIN_POINTS = 54


def as_printed(sheet: Sheet, _seed: int) -> Sheet:
    """The sheet as it is."""
    return sheet


def no_words(_seed: int) -> str:
    """Nothing is added to the truth."""
    return ""


@dataclass(frozen=True)
class Kind:
    """A kind of page; `age` takes the drawn page, `reset` the sheet, each with a seed.

    `ending` is that of the file; `adds` the words that ageing adds; `ruled` asks for forms and
    tables only.
    """

    name: str
    age: Callable[[Image.Image, int], Image.Image]
    ending: str = "tif"
    dpi: int = 300
    reset: Callable[[Sheet, int], Sheet] = as_printed
    adds: Callable[[int], str] = no_words
    ruled: bool = False

    def picture(self, sheet: Sheet, seed: int) -> Image.Image:
        """The page as it is stored."""
        image = render(sheet, self.dpi)
        image.info["dpi"] = (self.dpi, self.dpi)
        return self.age(image, seed)


def smaller(sheet: Sheet, _seed: int) -> Sheet:
    """The same sheet set in small type, in the upper left of the paper."""
    size = median(mark.size for mark in sheet.marks if isinstance(mark, Text))
    scale = min(1.0, SMALL_POINTS / size)

    def moved(value: float) -> float:
        return MARGIN_POINTS + (value - MARGIN_POINTS) * scale

    marks: list[Text | Box | Stroke] = []
    for mark in sheet.marks:
        if isinstance(mark, Text):
            marks.append(replace(mark, x=moved(mark.x), y=moved(mark.y), size=mark.size * scale))
        elif isinstance(mark, Box):
            width, height = mark.width * scale, mark.height * scale
            marks.append(
                replace(mark, x=moved(mark.x), y=moved(mark.y), width=width, height=height)
            )
        else:
            marks.append(replace(mark, points=tuple((moved(x), moved(y)) for x, y in mark.points)))
    return Sheet(sheet.width, sheet.height, marks)


def inverted_headings(sheet: Sheet, _seed: int) -> Sheet:
    """The same sheet with everything bold in white on black."""
    marks: list[Text | Box | Stroke] = []
    for mark in sheet.marks:
        if isinstance(mark, Text) and "Bold" in mark.font:
            width = text_width(mark.text, mark.font, mark.size) + 8
            top, height = mark.y - mark.size, mark.size * 1.35
            marks += [Box(mark.x - 4, top, width, height, 0, 0.0), replace(mark, grey=1.0)]
        else:
            marks.append(mark)
    return Sheet(sheet.width, sheet.height, marks)


def with_fax_line(sheet: Sheet, seed: int) -> Sheet:
    """The same sheet with the line that the sending machine prints over it."""
    rng = random.Random(f"fax line {seed}")
    day, hour, minute = rng.randrange(1, 29), rng.randrange(7, 19), rng.randrange(60)
    number, pages = rng.randrange(1, 5), rng.randrange(5, 9)
    us, clock = f"11/{day:02d}/2026", f"{hour:02d}:{minute:02d}"
    lines = (
        f"{us} {clock}  FROM: SAMPLE CLINIC  555-0118  TO: 555-0141  P.{number:03d}/{pages:03d}",
        f"Nov-{day:02d}-2026 {clock} EXAMPLE HOSPITAL 5550140   Page {number} of {pages}",
        f"2026-11-{day:02d} {clock}   5550162 >> 5550141   P {number}/{pages}",
    )
    line = lines[seed % len(lines)]
    marks = [Text(24, 20, line, "LiberationMono-Bold", 8), *sheet.marks]
    return Sheet(sheet.width, sheet.height, marks)


def clean(image: Image.Image, _seed: int) -> Image.Image:
    """One bit a pixel and nothing else."""
    return degrade.bilevel(image)


def scanned_grey(image: Image.Image, seed: int) -> Image.Image:
    """The faint grain of a good scanner."""
    return degrade.noise(image, 2, seed)


def noisy_grey(image: Image.Image, seed: int) -> Image.Image:
    """The strong grain of a poor one, a little out of focus."""
    return degrade.noise(image.filter(ImageFilter.GaussianBlur(1.2)), 28, seed)


def faxed_copy(image: Image.Image, seed: int) -> Image.Image:
    """A photocopy of a photocopy sent in standard mode."""
    return degrade.fax_standard(degrade.photocopy(image, 2, seed), 60, seed)


def copied_twice(image: Image.Image, seed: int) -> Image.Image:
    """A photocopy of a photocopy, scanned at one bit a pixel."""
    return degrade.bilevel(degrade.photocopy(image, 2, seed))


def crooked(degrees: float) -> Callable[[Image.Image, int], Image.Image]:
    """Laid on the glass askew, to either side."""

    def age(image: Image.Image, seed: int) -> Image.Image:
        return degrade.bilevel(degrade.skew(image, degrees if seed % 2 else -degrees))

    return age


def turned(quarter_turns: int) -> Callable[[Image.Image, int], Image.Image]:
    """Fed in sideways or upside down."""

    def age(image: Image.Image, _seed: int) -> Image.Image:
        return degrade.bilevel(degrade.rotate(image, quarter_turns))

    return age


def faded(image: Image.Image, seed: int) -> Image.Image:
    """Grey ink on grey paper."""
    return degrade.low_contrast(degrade.noise(image, 6, seed), 120, 205)


def stamp_lines(seed: int) -> tuple[str, ...]:
    """The words of the stamp."""
    return "RECEIVED", f"HIM DEPT NOV {1 + seed % 28:02d} 2026"


def stamped_over(image: Image.Image, seed: int) -> Image.Image:
    """A rubber stamp on the text."""
    rng = random.Random(f"stamp {seed}")
    place = rng.uniform(0.1, 0.5), rng.uniform(0.15, 0.45)
    stamped = degrade.stamp(
        image, stamp_lines(seed), place, rng.uniform(-12, 12), image.info["dpi"][0]
    )
    return degrade.noise(stamped, 2, seed)


def stamp_text(seed: int) -> str:
    """What the stamp adds to the truth."""
    return "\n".join(("", *stamp_lines(seed)))


def scribbled_over(image: Image.Image, seed: int) -> Image.Image:
    """Three lines of a hasty hand and a ring of the pen on the text."""
    rng, drawn = random.Random(f"scribble {seed}"), image.copy()
    pen = ImageDraw.Draw(drawn)
    dpi = image.info["dpi"][0]
    for _ in range(3):
        x, y = rng.uniform(0.1, 0.4) * image.width, rng.uniform(0.15, 0.75) * image.height
        pen.line(_hasty_hand(rng, x, y, dpi), fill=70, width=max(2, dpi // 70), joint="curve")
    x, y = rng.uniform(0.1, 0.5) * image.width, rng.uniform(0.2, 0.7) * image.height
    pen.ellipse((x, y, x + 1.8 * dpi, y + 0.6 * dpi), outline=60, width=max(2, dpi // 70))
    return degrade.noise(drawn, 2, seed)


def _hasty_hand(rng: random.Random, x: float, y: float, dpi: int) -> list[tuple[float, float]]:
    """Loops leaning to the right, as long as some words, in pixels."""
    loop, tall = rng.uniform(2.2, 3.4), rng.uniform(0.06, 0.13) * dpi
    points = []
    for step in range(rng.randrange(140, 240)):
        angle = step / loop
        across = step * dpi / 75 + tall * 0.7 * math.cos(angle)
        height = tall * (1 + 0.6 * math.sin(step / 9)) * math.sin(angle)
        points.append((x + across, y + height + step * dpi / 2400))
    return points


def copier_edges(image: Image.Image, seed: int) -> Image.Image:
    """The lid left open: black around the sheet, and the holes it was filed by."""
    rng, drawn = random.Random(f"edges {seed}"), image.copy()
    pen, (width, height) = ImageDraw.Draw(drawn), image.size
    left, right, top, bottom = (rng.uniform(0.006, 0.03) for _ in range(4))
    pen.polygon([(0, 0), (left * width, 0), (left * 0.5 * width, height), (0, height)], fill=0)
    pen.polygon(
        [(width, 0), (width * (1 - right), 0), (width * (1 - right / 2), height), (width, height)],
        fill=0,
    )
    pen.rectangle((0, 0, width, top * height), fill=0)
    pen.rectangle((0, height * (1 - bottom), width, height), fill=0)
    radius = 0.13 * image.info["dpi"][0]
    for part in (0.12, 0.5, 0.88):
        x, y = 0.045 * width, part * height
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return degrade.bilevel(drawn)


def specked(image: Image.Image, seed: int) -> Image.Image:
    """Dirt all over."""
    return degrade.bilevel(degrade.speckle(image, 900, seed))


def fax_standard(image: Image.Image, seed: int) -> Image.Image:
    """Sent in standard mode."""
    return degrade.fax_standard(image, seed=seed)


def fax_fine(image: Image.Image, seed: int) -> Image.Image:
    """Sent in fine mode."""
    return degrade.fax_fine(image, seed=seed)


KINDS = (
    Kind("clean-bilevel-300", clean),
    Kind("clean-grey-200", scanned_grey, "jpg", 200),
    Kind("noisy-grey-300", noisy_grey, "jpg"),
    Kind("fax-standard", fax_standard, reset=with_fax_line),
    Kind("fax-fine", fax_fine, reset=with_fax_line),
    Kind("fax-photocopy", faxed_copy, reset=with_fax_line),
    Kind("photocopy-twice", copied_twice),
    Kind("skew-2", crooked(2)),
    Kind("skew-5", crooked(5)),
    Kind("skew-9", crooked(9)),
    Kind("turned-90", turned(1)),
    Kind("turned-180", turned(2)),
    Kind("turned-270", turned(3)),
    Kind("low-contrast", faded, "jpg", 200),
    Kind("stamp", stamped_over, "jpg", 200, adds=stamp_text),
    Kind("scribble", scribbled_over, "jpg", 200),
    Kind("small-type", clean, reset=smaller),
    Kind("inverted", clean, reset=inverted_headings),
    Kind("ruled", clean, ruled=True),
    Kind("borders", copier_edges),
    Kind("speckle", specked),
)

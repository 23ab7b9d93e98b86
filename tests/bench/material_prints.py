"""Kinds of pages that were drawn to find pages read worse than by plain Tesseract, and did.

Dark panels close below one another, coloured cells, white letters on a fading ground, and the
columns of prices of bills. Panels and cells lie under a page, as in material_odd.py.
"""

import random

import numpy as np
import paper
from material_kinds import Kind, scanned_grey
from material_odd import led_rows, like, with_foot
from paper import Sheet
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps

_NOTES = (
    *("Stable since the visit in March", "Return when the wound opens again"),
    *("No change of the dose was needed", "The dressing is to be kept dry"),
    *("Bring all bottles of medicine", "Walking is possible without pain"),
    *("Fasting is required before the test", "Results are sent to the clinic"),
)
_GOODS = ("IBUPROFEN 200MG", "BANDAGES LARGE", "COUGH SYRUP", "VITAMIN D", "SALINE SPRAY", "GAUZE")
_FACES = ("LiberationSans-Regular", "DejaVuSans")
_FIXED_FACES = ("LiberationMono-Regular", "DejaVuSansMono")
_ROWS = 24


def panel_lines(seed: int) -> list[tuple[str, str]]:
    """What stands in three panels, two lines in each."""
    notes = random.Random(f"panels {seed}").sample(_NOTES, 6)
    return list(zip(notes[::2], notes[1::2], strict=True))


def panel_words(seed: int) -> str:
    """The words of the panels under the page."""
    return " " + " ".join(line for lines in panel_lines(seed) for line in lines)


def with_panels(image: Image.Image, seed: int) -> Image.Image:
    """Three dark panels of unlike greys under the page, with little paper between them."""
    rng, height = random.Random(f"panels {seed}"), image.height
    gap = rng.choice((8, 14))
    sheet = with_foot(image, 3 * 150 + 120)
    pen, face = ImageDraw.Draw(sheet), ImageFont.truetype(paper.font_path(rng.choice(_FACES)), 32)
    for row, lines in enumerate(panel_lines(seed)):
        top = height + 40 + row * (140 + gap)
        pen.rectangle((150, top, image.width - 150, top + 139), fill=rng.choice((45, 70, 110, 130)))
        for number, line in enumerate(lines):
            pen.text((190, top + 24 + 50 * number), line, fill=255, font=face)
    return scanned_grey(like(image, sheet), seed)


def cell_words(seed: int) -> str:
    """What stands in the table under the page."""
    return " " + " ".join(word for row in led_rows(seed) for word in row)


def with_coloured_cells(image: Image.Image, seed: int) -> Image.Image:
    """A table under the page with white writing on cells of some colours."""
    rng, height, rows = random.Random(f"cells {seed}"), image.height, led_rows(seed)
    sheet = with_foot(image, 56 * len(rows) + 60)
    pen = ImageDraw.Draw(sheet)
    face = ImageFont.truetype(paper.font_path("LiberationSans-Bold"), 30)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            left, top = 180 + 400 * column, height + 30 + 56 * row
            grey = rng.choice((255, 255, 60, 80, 140)) if column < 2 else 255
            pen.rectangle((left, top, left + 393, top + 49), fill=grey)
            pen.text((left + 10, top + 8), cell, fill=20 if grey == 255 else 255, font=face)
    return scanned_grey(like(image, sheet), seed)


def on_fading_ground(image: Image.Image, seed: int) -> Image.Image:
    """White writing above and black below, on a ground that fades from dark to light."""
    rng, page = random.Random(f"fading {seed}"), image.convert("L")
    clouds = np.random.default_rng(seed).normal(0, 12, (12, 12)).astype(np.float32)
    cloudy = np.asarray(Image.fromarray(clouds).resize(page.size, Image.Resampling.BICUBIC))
    greys = np.linspace(rng.randrange(40, 70), 220, page.height)[:, None] + cloudy
    ground = Image.fromarray(np.clip(greys, 0, 255).astype(np.uint8))
    above = (0, 0, page.width, page.height * 2 // 5)
    white = ImageChops.lighter(ground, ImageOps.invert(page)).crop(above)
    ground = ImageChops.darker(ground, page)
    ground.paste(white, above)
    return scanned_grey(like(image, ground), seed)


def bill_rows(seed: int) -> list[tuple[str, str]]:
    """What was bought, and its price."""
    rng = random.Random(f"bill {seed}")
    return [(rng.choice(_GOODS), f"{rng.uniform(2, 300):.2f}") for _ in range(_ROWS)]


def bill_words(seed: int) -> str:
    """What stands in the bill."""
    return " " + " ".join(word for row in bill_rows(seed) for word in row)


def nothing_else(sheet: Sheet, _seed: int) -> Sheet:
    """The paper without what stands on it."""
    return Sheet(sheet.width, sheet.height, [])


def with_bill(image: Image.Image, seed: int) -> Image.Image:
    """A bill in print of one width, the points of its prices below one another."""
    rng, sheet = random.Random(f"bill {seed}"), image.convert("L")
    pen = ImageDraw.Draw(sheet)
    face = ImageFont.truetype(paper.font_path(rng.choice(_FIXED_FACES)), rng.choice((24, 26, 30)))
    for row, (name, price) in enumerate(bill_rows(seed)):
        pen.text((180, 200 + 38 * row), f"{name:20} {price:>7}", fill=60, font=face)
    return scanned_grey(like(image, sheet), seed)


PRINTED_KINDS = (
    Kind("panels", with_panels, "jpg", 200, adds=panel_words),
    Kind("coloured-cells", with_coloured_cells, "jpg", 200, adds=cell_words),
    Kind("fading-ground", on_fading_ground, "jpg", 200),
    Kind("bill", with_bill, "jpg", 200, reset=nothing_else, adds=bill_words),
)

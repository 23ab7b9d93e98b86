"""Kinds of pages as offices have them that no rule of the reading was written for.

Screened and dithered greys, photographs of paper, coloured and tinted sheets, streaks, folds and
lines that a fax lost. A kind added here is first measured beside plain Tesseract, then worked on.
"""

import random
from collections.abc import Callable

import degrade
import numpy as np
import paper
from material_kinds import Kind, clean, scanned_grey
from paper import Box, Sheet
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

# A clustered pattern of 4 x 4 dots, as screens of copiers and laser printers have it.
_SCREEN = np.array([[12, 5, 6, 13], [4, 0, 1, 7], [11, 3, 2, 8], [15, 10, 9, 14]]) * 16 + 8
_SMALL_DPI = 100
_SURNAMES = ("SAMPLEWOOD", "TESTERMAN", "DEMOSKI", "EXAMPLETON", "FICTIVE", "MOCKRIDGE")
_TESTS = (
    *("Sodium", "Potassium", "Chloride", "Creatinine", "Glucose", "Calcium", "Albumin"),
    *("Bilirubin", "Ferritin", "Hemoglobin", "Hematocrit", "Platelets"),
)
_COMB_FACES = ("LiberationMono-Regular", "LiberationSans-Regular", "DejaVuSansMono", "DejaVuSans")
_HEADING = ("Sample", "Clinic", "Viewer")
_MENU = (
    *("Summary", "Encounters", "Medications", "Results", "Immunizations", "Problems", "Documents"),
    *("Messages", "Orders", "Allergies", "Vitals", "Coverage"),
)


def like(original: Image.Image, changed: Image.Image) -> Image.Image:
    """The changed picture, of the original's resolution."""
    changed.info["dpi"] = original.info["dpi"]
    return changed


def dithered(image: Image.Image, seed: int) -> Image.Image:
    """Grey paper scanned in "photo" mode: greys as scattered dots of one bit."""
    return like(image, degrade.low_contrast(degrade.noise(image, 2, seed), 45, 226).convert("1"))


def screened(image: Image.Image, _seed: int) -> Image.Image:
    """The same by the screen of a copier."""
    return _through_screen(degrade.low_contrast(image, 45, 226))


def screened_tints(image: Image.Image, _seed: int) -> Image.Image:
    """Printed by a laser printer, whose greys are dots, and scanned at one bit."""
    return _through_screen(image)


def _through_screen(image: Image.Image) -> Image.Image:
    grey = np.asarray(image.convert("L"))
    rows, columns = grey.shape
    screen = np.tile(_SCREEN, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns]
    return like(image, Image.fromarray(grey > screen))


def dithered_fax(dpi_down: int) -> Callable[[Image.Image, int], Image.Image]:
    """Grey paper sent by fax with greys as dots, so many lines an inch."""

    def age(image: Image.Image, seed: int) -> Image.Image:
        across, down = degrade.FAX_WIDTH_PIXELS, dpi_down / degrade.FAX_DPI_ACROSS
        size = across, round(image.height / image.width * across * down)
        small = image.convert("L").resize(size, Image.Resampling.BOX)
        small.info["dpi"] = (degrade.FAX_DPI_ACROSS, dpi_down)
        return dithered(small, seed)

    return age


def tinted_rows(sheet: Sheet, _seed: int) -> Sheet:
    """The same sheet with every other strip of paper tinted, as tables and forms have it."""
    strips = [
        Box(36, top, sheet.width - 72, 22, 0, 0.82) for top in range(80, int(sheet.height) - 80, 44)
    ]
    return Sheet(sheet.width, sheet.height, [*strips, *sheet.marks])


def photographed(image: Image.Image, seed: int) -> Image.Image:
    """Taken with a telephone: from the side, unevenly lit, not quite sharp."""
    rng, (width, height) = random.Random(f"photo {seed}"), image.size
    reach = width * 0.02
    corners = [
        value + rng.uniform(-reach, reach) for value in (0, 0, 0, height, width, height, width, 0)
    ]
    seen = image.convert("L").transform(
        image.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=90
    )
    across = np.linspace(rng.uniform(0.55, 0.75), 1, width)
    down = np.linspace(1, rng.uniform(0.7, 0.9), height)
    lit = np.asarray(seen.filter(ImageFilter.GaussianBlur(0.8))) * 0.86 * np.outer(down, across)
    return degrade.noise(like(image, Image.fromarray(lit.astype(np.uint8))), 4, seed)


def carbon_copy(image: Image.Image, seed: int) -> Image.Image:
    """The third sheet of a set of forms: blue, pale, soft, on yellow paper."""
    soft = image.convert("L").filter(ImageFilter.GaussianBlur(1.1))
    grain = np.random.default_rng(seed).normal(0, 7, (image.height, image.width, 1))
    ink, sheet = np.array([120, 130, 190]), np.array([247, 236, 170])
    part = np.asarray(soft, dtype=np.float32)[..., None] / 255
    coloured = ink + (sheet - ink) * part + grain
    return like(image, Image.fromarray(np.clip(coloured, 0, 255).astype(np.uint8)))


def shone_through(image: Image.Image, _seed: int) -> Image.Image:
    """Thin paper: the back shows."""
    back = image.convert("L").transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    soft = back.filter(ImageFilter.GaussianBlur(1.5))
    pale = soft.point([205 + v * 50 // 255 for v in range(256)])
    return like(image, ImageChops.multiply(image.convert("L"), ImageChops.offset(pale, 9, 31)))


def highlighted(image: Image.Image, seed: int) -> Image.Image:
    """Lines marked with a felt pen, yellow, pink, green or blue."""
    rng, marked = random.Random(f"pen {seed}"), image.convert("RGB")
    over = Image.new("RGB", image.size, "white")
    pen = ImageDraw.Draw(over)
    for colour in ((255, 255, 60), (255, 130, 190), (110, 240, 110), (120, 190, 255)):
        x, y = rng.uniform(0.05, 0.5) * image.width, rng.uniform(0.1, 0.9) * image.height
        pen.rectangle((x, y, x + image.width * 0.4, y + image.height * 0.03), fill=colour)
    return like(image, ImageChops.multiply(marked, over))


def on_coloured_paper(image: Image.Image, seed: int) -> Image.Image:
    """Pink, goldenrod, green or blue sheets."""
    colour = ((244, 160, 170), (245, 200, 90), (150, 215, 160), (150, 190, 235))[seed % 4]
    sheet = Image.new("RGB", image.size, colour)
    printed = ImageChops.multiply(image.convert("RGB"), sheet)
    return like(image, printed)


def coarse_jpeg(image: Image.Image, _seed: int) -> Image.Image:
    """Scanned at 100 dpi to be mailed."""
    return image


def streaked(image: Image.Image, seed: int) -> Image.Image:
    """Dirt on the glass of the feeder, and toner that is running out: lines down the page."""
    rng, drawn = random.Random(f"streaks {seed}"), image.convert("L")
    pen = ImageDraw.Draw(drawn)
    for grey in (0, 0, 90, 255, 255):
        x = rng.uniform(0.05, 0.95) * image.width
        pen.line((x, 0, x, image.height), fill=grey, width=rng.randrange(1, 4))
    return degrade.bilevel(like(image, drawn))


def folded(image: Image.Image, seed: int) -> Image.Image:
    """Folded in three as a letter; the folds throw shadows."""
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    rows = np.arange(image.height)[:, None]
    for part in (1 / 3, 2 / 3):
        away = np.abs(rows - part * image.height) / (image.height * 0.012)
        grey = grey * (1 - 0.45 * np.exp(-(away**2)))
    return degrade.noise(like(image, Image.fromarray(grey.astype(np.uint8))), 3, seed)


def with_lost_lines(image: Image.Image, seed: int) -> Image.Image:
    """A fax of a bad line: rows lost, others come twice."""
    sent = degrade.fax_fine(image, seed=seed)
    rng, rows = random.Random(f"lost {seed}"), list(range(sent.height))
    for _ in range(sent.height // 40):
        row = rng.randrange(1, len(rows))
        if rng.random() < 0.5:
            del rows[row]
        else:
            rows[row] = rows[row - 1]
    return like(sent, Image.fromarray(np.asarray(sent)[rows]))


def on_graph_paper(sheet: Sheet, _seed: int) -> Sheet:
    """The same sheet over a fine grid, as flow sheets and growth charts have it."""
    lines = [Box(x, 0, 0.4, sheet.height, 0, 0.4) for x in range(0, int(sheet.width), 12)]
    lines += [Box(0, y, sheet.width, 0.4, 0, 0.4) for y in range(0, int(sheet.height), 12)]
    return Sheet(sheet.width, sheet.height, [*lines, *sheet.marks])


def watermarked(image: Image.Image, seed: int) -> Image.Image:
    """Printed across in grey from corner to corner or level, as record systems do with copies."""
    rng = random.Random(f"watermark {seed}")
    word = rng.choice(("COPY", "DRAFT", "CONFIDENTIAL", "ORIGINAL", "SAMPLE", "DUPLICATE"))
    face = ImageFont.truetype(
        paper.font_path("LiberationSans-Bold"), round(image.width * rng.uniform(0.16, 0.22))
    )
    _left, top, right, bottom = face.getbbox(word)
    over = Image.new("L", (right + 20, bottom - top + 20), 255)
    ImageDraw.Draw(over).text((10, 10 - top), word, font=face, fill=rng.randrange(95, 175))
    over.thumbnail((image.width, image.width))
    over = over.rotate(rng.choice((0, 35, 45, 55)), expand=True, fillcolor=255)
    over.thumbnail(image.size)
    sheet = Image.new("L", image.size, 255)
    sheet.paste(over, ((image.width - over.width) // 2, (image.height - over.height) // 3))
    return scanned_grey(like(image, ImageChops.darker(image.convert("L"), sheet)), seed)


def stained(image: Image.Image, seed: int) -> Image.Image:
    """Something was spilt: blots with soft edges, darker at their rims."""
    rng, (width, height) = random.Random(f"stain {seed}"), image.size
    blots = Image.new("L", (width // 4, height // 4), 255)
    pen = ImageDraw.Draw(blots)
    for _ in range(4):
        x, y = rng.uniform(0, 0.8) * blots.width, rng.uniform(0, 0.6) * blots.height
        across, grey = rng.uniform(0.2, 0.45) * blots.width, rng.randrange(110, 190)
        pen.ellipse((x, y, x + across, y + across * rng.uniform(0.6, 1.1)), fill=grey,
                    outline=grey - 30, width=round(across * 0.06))  # fmt: skip
    soft = blots.filter(ImageFilter.GaussianBlur(3)).resize(image.size, Image.Resampling.BICUBIC)
    return scanned_grey(like(image, ImageChops.multiply(image.convert("L"), soft)), seed)


def screen_words(seed: int) -> str:
    """What stands in the panels around the page on a screen."""
    chosen = random.Random(f"screen {seed}").sample(_MENU, 7)
    return " " + " ".join((*_HEADING, *chosen))


def on_screen(image: Image.Image, seed: int) -> Image.Image:
    """A print of a screen: the page in a window, dark panels with light words around it."""
    rng, (width, height) = random.Random(f"screen {seed}"), image.size
    chosen, grey = rng.sample(_MENU, 7), rng.randrange(35, 80)
    screen = Image.new("L", (width + 170, height + 40), 246)
    screen.paste(image.convert("L").point([v * 246 // 255 for v in range(256)]), (170, 40))
    pen, face = (
        ImageDraw.Draw(screen),
        ImageFont.truetype(paper.font_path("LiberationSans-Regular"), 16),
    )
    pen.rectangle((0, 0, screen.width, 40), fill=grey + 25)
    pen.text((14, 11), " ".join(_HEADING), fill=255, font=face)
    pen.rectangle((0, 40, 170, round(height * rng.uniform(0.4, 1))), fill=grey)
    for row, word in enumerate(chosen):
        pen.text((14, 60 + 30 * row), word, fill=rng.randrange(190, 256), font=face)
    return like(image, screen)


def comb_values(seed: int) -> list[str]:
    """A name, a number and a day, as they are written into fields of one box a letter."""
    rng = random.Random(f"combs {seed}")
    day = f"{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}{rng.randrange(1930, 2020)}"
    number = "".join(rng.choices("0123456789", k=rng.randrange(7, 11)))
    return [rng.choice(_SURNAMES), number, day, rng.choice(_SURNAMES)]


def comb_words(seed: int) -> str:
    """What stands in the fields under the page."""
    return " " + " ".join(comb_values(seed))


def with_combs(image: Image.Image, seed: int) -> Image.Image:
    """Four fields with a box for every letter under the page, in frames or open above."""
    rng, height = random.Random(f"combs {seed}"), image.height
    pitch, high, closed = rng.randrange(42, 56), rng.randrange(48, 60), rng.random() < 0.5
    sheet = with_foot(image, 4 * (high + 40) + 60)
    face = ImageFont.truetype(paper.font_path(rng.choice(_COMB_FACES)), round(high * 0.68))
    pen = ImageDraw.Draw(sheet)
    for row, value in enumerate(comb_values(seed)):
        left, top = 180, height + 30 + row * (high + 40)
        boxes = len(value) + rng.randrange(1, 6)
        for number in range(boxes + 1):
            x = left + number * pitch
            pen.line((x, top if closed else top + high // 2, x, top + high), fill=0, width=2)
        for y in (top, top + high) if closed else (top + high,):
            pen.line((left, y, left + boxes * pitch, y), fill=0, width=2)
        for number, letter in enumerate(value):
            middle = left + number * pitch + pitch // 2
            pen.text((middle, top + high - 9), letter, fill=20, font=face, anchor="ms")
    return scanned_grey(like(image, sheet), seed)


def with_foot(image: Image.Image, high: int) -> Image.Image:
    """The page with so much paper added below it."""
    sheet = Image.new("L", (image.width, image.height + high), 255)
    sheet.paste(image.convert("L"), (0, 0))
    return sheet


def led_rows(seed: int) -> list[tuple[str, str, str]]:
    """Tests with a result and the range that is usual."""
    rng = random.Random(f"leaders {seed}")
    low = [rng.uniform(0.2, 90) for _ in _TESTS]
    return [
        (test, f"{least * rng.uniform(0.8, 1.9):.1f}", f"{least:.1f}-{least * 1.6:.1f}")
        for test, least in zip(rng.sample(_TESTS, len(_TESTS)), low, strict=True)
    ]


def led_words(seed: int) -> str:
    """What stands in the rows under the page."""
    return " " + " ".join(word for row in led_rows(seed) for word in row)


def with_needle_print(image: Image.Image, seed: int) -> Image.Image:
    """Rows of results under the page by a needle printer, whose dots do not touch."""
    rng, height = random.Random(f"needles {seed}"), image.height
    rows = [f"{test:<16}{value:>8}   {usual}" for test, value, usual in led_rows(seed)]
    sheet = with_foot(image, 60 * len(rows) + 60)
    apart, dot = 4, rng.choice((2, 3))
    for row, text in enumerate(rows):
        for y, x in zip(*np.nonzero(_needled(text)), strict=True):
            left, top = 180 + apart * x, height + 30 + 60 * row + apart * y
            sheet.paste(20, (left, top, left + dot, top + dot))
    return like(image, sheet.convert("1", dither=0))


def _needled(text: str) -> np.ndarray:
    """Which needles strike where for a line of text."""
    letters = Image.new("1", (7 * len(text), 14))
    pen = ImageDraw.Draw(letters)
    pen.fontmode = "1"
    face = ImageFont.truetype(paper.font_path("DejaVuSansMono"), 9)
    pen.text((0, 10), text, 1, face, anchor="ls")
    return np.asarray(letters)


def with_leaders(image: Image.Image, seed: int) -> Image.Image:
    """Rows of results under the page, with dots from one column to the next."""
    rng, height = random.Random(f"leaders {seed}"), image.height
    sheet = with_foot(image, 44 * len(_TESTS) + 60)
    face = ImageFont.truetype(paper.font_path(rng.choice(_COMB_FACES)), 30)
    pen, dot = ImageDraw.Draw(sheet), rng.choice((".", ". "))
    for row, cells in enumerate(led_rows(seed)):
        at, y = 180, height + 30 + 44 * row
        for cell, until in zip(cells, (620, 1100, 0), strict=True):
            pen.text((at, y), cell, fill=20, font=face)
            at += round(pen.textlength(cell, font=face))
            count = max(0, int((until - at) / pen.textlength(dot, font=face)))
            pen.text((at, y), dot * count, fill=20, font=face)
            at += round(pen.textlength(dot * count, font=face))
    return scanned_grey(like(image, sheet), seed)


ODD_KINDS = (
    Kind("dithered-300", dithered),
    Kind("dithered-200", dithered, dpi=200),
    Kind("screened-300", screened),
    Kind("dithered-150", dithered, dpi=150),
    Kind("dithered-fax", dithered_fax(degrade.FINE_DPI_DOWN)),
    Kind("dithered-fax-standard", dithered_fax(degrade.STANDARD_DPI_DOWN)),
    Kind("screened-tints", screened_tints, reset=tinted_rows),
    Kind("tinted-rows", scanned_grey, "jpg", 200, reset=tinted_rows),
    Kind("photographed", photographed, "jpg", 200),
    Kind("carbon-copy", carbon_copy, "jpg", 200),
    Kind("shone-through", shone_through, "jpg", 200),
    Kind("highlighted", highlighted, "jpg", 200),
    Kind("coloured-paper", on_coloured_paper, "jpg", 200),
    Kind("coarse-jpeg", coarse_jpeg, "jpg", _SMALL_DPI),
    Kind("streaks", streaked),
    Kind("folded", folded, "jpg", 200),
    Kind("lost-lines", with_lost_lines),
    Kind("graph-paper", clean, reset=on_graph_paper),
    Kind("fine-600", clean, dpi=600),
    Kind("watermark", watermarked, "jpg", 200),
    Kind("stains", stained, "jpg", 200),
    Kind("leaders", with_leaders, "jpg", 200, adds=led_words),
    Kind("needles", with_needle_print, adds=led_words),
    Kind("combs", with_combs, "jpg", 200, adds=comb_words),
    Kind("screen", on_screen, "jpg", 130, adds=screen_words),
)

"""What the thresholds of preparation are worth: each changed alone, on drawn and real pages.

    python tests/bench/thresholds.py [--pages N] [--of blank skew bars]

For each threshold and each value tried it prints how many drawn pages are judged wrongly and how
many real pages otherwise than with the value in use. Real pages come without the truth of these
questions. Where a row shows the same figures all along, the threshold is a choice.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import ModuleType

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

sys.path.append(str(Path(__file__).parent))

from material import collect

from chartkeeper.ocr import blank, inverted, skew

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
FACTORS = (0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0)
DRAWN_KINDS = ("clean-grey-200", "fax-standard", "photocopy-twice", "low-contrast")
ANGLES = (-13.5, -6.0, -2.0, 0.0, 1.7, 4.0, 9.0)
SLANTS = (-0.16, -0.08, 0.06, 0.12, 0.24)
SLOPES = (-1.3, -0.5, 0.0, 0.8)
COPY_PIXELS = 600

Judge = Callable[[Image.Image], object]


@dataclass(frozen=True)
class Question:
    """What is asked of pages: `drawn` with the right answers, `real` without.

    `names` are the thresholds of `module` that have a say.
    """

    module: ModuleType
    names: tuple[str, ...]
    judge: Judge
    right: Callable[[object, object], bool]
    drawn: list[tuple[Image.Image, object]]
    real: list[Image.Image]


def pages_of(family: str, kinds: tuple[str, ...], count: int, folder: Path) -> list[Image.Image]:
    """Pages of the reading bench, grey."""
    found = []
    for kind in kinds:
        for page in collect(family, kind, count, "all", folder):
            with Image.open(page.path) as image:
                grey = image.convert("L")
                grey.info["dpi"] = image.info.get("dpi", (200, 200))
                found.append(grey)
    return found


def real_pages(count: int, folder: Path) -> list[Image.Image]:
    """Forms and receipts as they were scanned, ten of each for a drawn one."""
    return pages_of("real", ("funsd", "sroie"), 10 * count, folder)


def slips() -> Iterator[Image.Image]:
    """Pages with a word or two."""
    for line, points, dpi, ink in product(
        ("3", "x", "Page 2", "see over"), (8, 12), (90, 150, 300), (0, 120, 180)
    ):
        page = Image.new("L", (round(8.5 * dpi), 11 * dpi), 255)
        font = ImageFont.truetype(FONT, round(points * dpi / 72))
        ImageDraw.Draw(page).text((3 * dpi, 4 * dpi), line, fill=ink, font=font)
        yield page


def backs(written: list[Image.Image]) -> Iterator[Image.Image]:
    """Blank sides: specks, shadows at the edges, punch holes, the other side shining through."""
    luck = random.Random(5)
    for dpi, shade, grain in product((100, 150, 300), (250, 200), (0, 8)):
        page = Image.new("L", (round(8.5 * dpi), 11 * dpi), shade)
        pen = ImageDraw.Draw(page)
        for _ in range(200):
            x, y = luck.randrange(page.width), luck.randrange(page.height)
            size = max(0, dpi // 150 - 1)
            pen.rectangle((x, y, x + size, y + size), fill=luck.randrange(90))
        pen.rectangle((0, 0, dpi // 8, page.height), fill=10)
        for inches in (1.4, 5.5, 9.6):
            place = ((0.5 - 0.14) * dpi, (inches - 0.14) * dpi)
            pen.ellipse((*place, place[0] + 0.28 * dpi, place[1] + 0.28 * dpi), fill=20)
        rough = ImageChops.overlay(page, Image.effect_noise(page.size, grain)) if grain else page
        yield rough
        yield rough.point(lambda grey: 255 * (grey > 127)).convert("1")
    for page, pale in product(written, (15, 30)):
        back = page.transpose(Image.Transpose.FLIP_LEFT_RIGHT).filter(ImageFilter.GaussianBlur(2))
        yield back.point([250 - pale + value * pale // 255 for value in range(256)])


def paled(written: list[Image.Image]) -> Iterator[Image.Image]:
    """Pages that faded: their ink is so much darker than the paper."""
    for page, contrast in product(written, (10, 16, 30)):
        yield page.point([240 - contrast + value * contrast // 255 for value in range(256)])


def about_blank(count: int, folder: Path) -> Question:
    """Is this side blank, and if it seems so, is it worth a reading?"""
    written = [
        page
        for family in ("tuning", "unseen")
        for page in pages_of(family, DRAWN_KINDS, count, folder)
    ]

    def answer(page: Image.Image) -> str:
        if not blank.is_blank(page):
            return "written"
        return "faint" if blank.may_be_faint(page) else "blank"

    drawn = [(page, "written") for page in (*written, *paled(written), *slips())]
    drawn += [(page, "blank") for page in backs(written[: 2 * count])]
    names = (
        *("CELLS_ACROSS", "INK_CONTRAST", "INKED_PART", "MAX_MARGINAL_PART", "LETTER_CELLS"),
        *("FAINT_CONTRAST", "FAINT_DEVIATIONS", "FAINT_LETTERS", "MAX_FAINT_LETTER_CELLS"),
        *("HOLE_SIZE", "HOLE_MARGIN", "HOLE_SOLID", "SAMPLED_EVERY", "BAND_CELLS"),
    )
    # A written page is safe if it is read at all.
    return Question(
        blank,
        names,
        answer,
        lambda said, truth: (said == "blank") == (truth == "blank"),
        drawn,
        real_pages(count, folder),
    )


def small(page: Image.Image) -> Image.Image:
    """The reduced copy that preparation looks at."""
    return page.reduce(max(1, min(page.size) // COPY_PIXELS))


def sparse(seed: int) -> Image.Image:
    """A reduced page with two to four short lines."""
    luck, page = random.Random(seed), Image.new("L", (612, 792), 255)
    font = ImageFont.truetype(FONT, 12)
    for row in range(luck.randrange(2, 5)):
        words = "Follow up in two weeks, call before. "[: luck.randrange(14, 37)]
        ImageDraw.Draw(page).text((120, 300 + row * luck.choice((18, 40))), words, 0, font)
    return page


def hatched(slope: float) -> Image.Image:
    """A straight reduced page with slanted drawing."""
    page = Image.new("L", (612, 792), 255)
    pen, font = ImageDraw.Draw(page), ImageFont.truetype(FONT, 12)
    for row in range(8):
        pen.text((60, 60 + row * 26), "Range of motion of the shoulder, left and right", 0, font)
    for top in range(330, 760, 40):
        pen.line((60, top, 560, top + 500 * slope), fill=0, width=2)
    return page


def about_skew(count: int, folder: Path) -> Question:
    """By how much does the page fall? Within half a degree, and straight ones are left alone."""
    pages = [
        small(page)
        for family in ("tuning", "unseen")
        for page in pages_of(family, ("clean-grey-200", "ruled", "fax-standard"), count, folder)
    ]
    drawn = [
        (page.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=255), degrees)
        for page, degrees in product((*pages, *map(sparse, range(3 * count))), ANGLES)
    ]
    drawn += [(hatched(slope), 0.0) for slope in SLANTS]
    drawn += [(Image.effect_noise((612, 792), grain), 0.0) for grain in (20, 50, 90)]

    def right(said: object, truth: object) -> bool:
        return abs(float(str(said)) - float(str(truth))) <= 0.5

    def treated(page: Image.Image) -> float:
        degrees = skew.skew_degrees(page)
        return degrees if abs(degrees) >= skew.MIN_DEGREES else 0.0

    names = (
        *("COARSE_DEGREES", "MIDDLE_DEGREES", "FINE_DEGREES", "COARSE_POINTS", "MAX_POINTS"),
        *("MIN_POINTS", "MIN_GAIN", "MAX_WORD_PART"),
    )
    real = [small(page) for page in real_pages(count, folder)]
    return Question(skew, names, treated, right, drawn, real)


def barred(seed: int, degrees: float) -> tuple[Image.Image, int]:
    """A page of print with bars of several greys and heights, and how many it has."""
    luck, dpi = random.Random(seed), 200
    paper = luck.choice((255, 235))
    page = Image.new("L", (1700, 2200), paper)
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(FONT.replace(".ttf", "-Bold.ttf") if seed % 2 else FONT, 28)
    for row in range(24):
        pen.text((200, 150 + row * 80), "plain print of a page " * 3, fill=10, font=font)
    bars = luck.randrange(1, 4)
    for bar in range(bars):
        high, wide = luck.choice((24, 34, 60)), luck.choice((300, 800, 1300))
        top, left = 190 + 80 * (3 + 6 * bar) + 4, 180
        high = max(high, 34) if degrees else high
        pen.rectangle(
            (left - 10, top - 44, left + 1340, top + high + 20), fill=page.getpixel((0, 0))
        )
        pen.rectangle((left, top, left + wide, top + high), fill=luck.choice((10, 60, 130)))
        letters = ImageFont.truetype(FONT, round(high * 0.7))
        words = "RESULTS 12 mg  "
        words *= round(0.8 * wide / letters.getlength(words))
        pen.text((left + 20, top + high * 0.1), words, fill=255, font=letters)
    page = page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=paper)
    page.info["dpi"] = (dpi, dpi)
    return page, bars


def about_bars(count: int, folder: Path) -> Question:
    """How many bars with white writing has the page; is all of it in negative?"""

    def answer(page: Image.Image) -> tuple[int, bool]:
        copy, dpi = small(page), round(page.info["dpi"][0])
        return len(inverted.bars(page, copy, dpi)), inverted.is_negative(copy)

    drawn: list[tuple[Image.Image, object]] = []
    for seed, degrees in product(range(4 * count), SLOPES):
        page, bars = barred(seed, degrees)
        drawn.append((page, (bars, False)))
    for page in pages_of("tuning", ("clean-grey-200", "photocopy-twice"), count, folder):
        turned = ImageChops.invert(page)
        turned.info["dpi"] = page.info["dpi"]
        drawn += [(page, (0, False)), (turned, (None, True))]
    names = (
        *("CELLS_ACROSS", "MIN_CELLS_HIGH", "MIN_CELLS_WIDE", "DARK_PART", "MAX_DARK_PART"),
        *("MIN_INCHES_HIGH", "MIN_LETTERS", "MIN_LETTER_PART", "EDGE_PART", "RIM_PART"),
        *("MAX_BAR_PART", "MAX_BARS", "MAX_SLOPE", "MAX_EDGES_APART", "MIN_DARK_AREA"),
        "NEGATIVE_PART",
    )

    def right(said: object, truth: object) -> bool:
        return said == truth or (truth == (None, True) and said[1])  # type: ignore[index]

    return Question(inverted, names, answer, right, drawn, real_pages(count, folder))


def scaled(value: object, factor: float) -> object:
    """A threshold made larger or smaller; whole numbers stay whole."""
    if isinstance(value, tuple):
        return tuple(scaled(part, factor) for part in value)
    if isinstance(value, int):
        return max(1, round(value * factor))
    return round(float(str(value)) * factor, 4)


def rows(question: Question) -> Iterator[str]:
    """A line for each threshold: each value tried, wrong drawn pages and changed real ones."""
    usual = [question.judge(page) for page in question.real]
    for name in question.names:
        now = getattr(question.module, name)
        cells = []
        for value in dict.fromkeys(
            scaled(now, factor) if factor != 1 else now for factor in FACTORS
        ):
            setattr(question.module, name, value)
            wrong = sum(
                not question.right(question.judge(page), truth) for page, truth in question.drawn
            )
            changed = sum(
                question.judge(page) != before
                for page, before in zip(question.real, usual, strict=True)
            )
            cells.append(f"{'*' if value == now else ''}{value}: {wrong}/{changed}")
        setattr(question.module, name, now)
        yield f"{name:24} {'  '.join(cells)}"


QUESTIONS = {"blank": about_blank, "skew": about_skew, "bars": about_bars}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=2, help="pages of each kind")
    parser.add_argument("--of", nargs="+", choices=QUESTIONS, default=list(QUESTIONS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in given.of:
            question = QUESTIONS[name](given.pages, Path(folder))
            print(f"{name}: wrong of {len(question.drawn)} drawn / changed of {len(question.real)}")
            for line in rows(question):
                print(line, flush=True)


if __name__ == "__main__":
    main()

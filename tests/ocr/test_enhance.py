import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps

from chartkeeper.ocr.enhance import (
    DEFAULT_STEPS,
    Step,
    has_small_letters,
    prepare,
    reduction,
    resolution,
    squared_size,
)
from chartkeeper.ocr.page import Box, Word
from chartkeeper.ocr.raster import Raster


def prepared(width, height, x_dpi=0.0, y_dpi=0.0, mode="L"):
    return prepare(Raster(Image.new(mode, (width, height), "white"), x_dpi, y_dpi))


def test_a_good_page_is_left_alone():
    image = Image.new("1", (2550, 3300), 1)
    page = prepare(Raster(image, 300, 300))
    assert page.image == image.convert("L")
    assert (page.dpi, page.told_dpi, page.steps) == (300, 300, ("shrunk",))
    assert page.reading_part == 0.75


@pytest.mark.parametrize(
    ("size", "dpi", "expected", "told", "steps"),
    [
        ((850, 1100), (100, 100), (1700, 2200), 300, ("enlarged",)),
        ((850, 1100), (0, 0), (1700, 2200), 300, ("enlarged",)),
        ((850, 1100), (72, 72), (1700, 2200), 300, ("enlarged",)),
        ((1100, 850), (0, 0), (2200, 1700), 300, ("enlarged",)),
        ((1700, 2200), (200, 200), (1700, 2200), 200, ()),
        # Little is missing at 150 dpi.
        ((1275, 1650), (150, 150), (1912, 2475), 300, ("enlarged",)),
        ((5100, 6600), (600, 600), (2550, 3300), 300, ("reduced", "shrunk")),
        ((5100, 6600), (0, 0), (2550, 3300), 300, ("reduced", "shrunk")),
        # An insurance card at 600 dpi is small enough as it is; its letters are not to be lost.
        ((2025, 1276), (600, 600), (2025, 1276), 300, ()),
        # A large drawing at 300 dpi stays; said to be of 72 dpi it would be nine feet wide.
        ((9000, 9000), (300, 300), (9000, 9000), 300, ("shrunk",)),
        ((1728, 1078), (204, 98), (2160, 2805), 255, ("squared", "smoothed")),
        ((1728, 2156), (204, 196), (1728, 2156), 204, ()),
        ((1728, 4301), (204, 391), (2541, 3300), 300, ("squared", "reduced", "shrunk")),
        # A till roll of 80 mm at 200 dpi, and half of that.
        ((630, 1900), (0, 0), (630, 1900), 200, ()),
        ((315, 950), (0, 0), (630, 1900), 300, ("enlarged",)),
    ],
)
def test_what_is_done_to_a_page(size, dpi, expected, told, steps):
    page = prepared(*size, *dpi)
    assert page.image.size == expected
    assert page.told_dpi == told
    assert page.steps == steps


def test_pixels_far_from_square_do_not_make_a_page_huge():
    page = prepared(5100, 6600, 72, 300)
    assert page.image.size == (6375, 1980)
    assert page.steps[0] == "squared"


def test_a_page_too_long_for_the_reader_is_reduced():
    assert prepared(500, 40_000, 200, 200, "1").image.height <= 32_767


def test_resolution_follows_tags_that_make_sense():
    assert resolution(1700, 2200, 200) == 200
    assert resolution(1700, 2200, 2400) == 200
    assert resolution(1700, 2200, 96) == 200
    assert resolution(12_000, 12_000, 300) == 300
    assert resolution(100, 800, 0) == 72


def test_reduction_keeps_a_letter_page():
    assert reduction(2550, 3300, 300) == 1
    assert reduction(2550, 3300, 600) == pytest.approx(2500 / 2550)
    assert reduction(10_200, 13_200, 1200) == pytest.approx(0.25)


def test_squares():
    assert squared_size(1728, 1145, 204, 98) == (1728, 2383)
    assert squared_size(1145, 1728, 98, 204) == (2383, 1728)
    assert squared_size(1728, 2290, 204, 196) == (1728, 2290)
    assert squared_size(100, 100, 0, 0) == (100, 100)


def test_small_letters_show_in_the_words_found():
    def words(height):
        return tuple(Word("word", Box(0, 0, 60, height), 1, 0) for _ in range(9))

    assert has_small_letters(words(10))
    assert not has_small_letters(words(25))
    assert not has_small_letters(())


def with_bar(page, dpi):
    """The page with a black bar at its foot and white words in it."""
    barred = page.copy()
    pen = ImageDraw.Draw(barred)
    pen.rectangle((dpi, 9 * dpi, 4 * dpi, 9.3 * dpi), fill=0)
    letters = page.crop((round(0.9 * dpi), dpi, round(3.5 * dpi), round(1.2 * dpi)))
    barred.paste(ImageOps.invert(letters), (round(1.1 * dpi), round(9.05 * dpi)))
    return barred


def dirty(page):
    spots = ImageDraw.Draw(page := page.copy())
    for number in range(9_000):
        spots.point((number * 7919 % page.width, number * 104_729 % page.height), fill=0)
    return page


def with_streak(page):
    streaked, line = page.copy(), page.crop((0, 190, page.width, 230))
    for top in range(0, page.height, line.height):
        streaked.paste(line, (0, top))
    ImageDraw.Draw(streaked).line((390, 0, 390, page.height), fill=0, width=2)
    return streaked


def tinted(page):
    """Strips of light grey under most of the page, and little writing."""
    ground = page.copy()
    pen = ImageDraw.Draw(ground)
    pen.rectangle((0, 0, *page.size), fill=255)
    for top in range(60, page.height - 60, 80):
        pen.rectangle((60, top, page.width - 60, top + 40), fill=209)
    few = ImageChops.lighter(page, Image.new("L", page.size, 0).point([0] * 256))
    few.paste(255, (0, page.height // 6, *page.size))
    return ImageChops.darker(few, ground)


def watermarked(page):
    """A broad grey stroke across the writing, as of a letter of a watermark."""
    stroke = Image.new("L", page.size, 255)
    ends = (page.width // 4, 150, page.width // 2, page.height // 2)
    ImageDraw.Draw(stroke).line(ends, fill=128, width=90)
    return ImageChops.darker(page, stroke)


AILMENTS = {
    Step.UNDOTTED: lambda page: page.point([60 + grey * 189 // 255 for grey in range(256)]).convert(
        "1"
    ),
    Step.GREYS_LIFTED: watermarked,
    Step.UNTINTED: tinted,
    Step.UNSTREAKED: with_streak,
    Step.NEGATED: ImageOps.invert,
    Step.EVENED: lambda page: ImageChops.multiply(page, Image.new("L", page.size, 200)),
    Step.DESPECKED: dirty,
    Step.BARS_TURNED: lambda page: with_bar(page, 200),
    Step.DESKEWED: lambda page: page.rotate(-4, fillcolor=255),
}


@pytest.mark.parametrize("step", AILMENTS)
def test_a_step_is_done_where_it_is_needed_and_allowed(draw_page, step):
    sound = draw_page(dpi=200)
    ill = Raster(AILMENTS[step](sound), 200, 200)
    assert prepare(Raster(sound, 200, 200)).steps == ()
    assert prepare(ill).steps == (step,)
    assert step not in prepare(ill, DEFAULT_STEPS - {step}).steps


def test_steps_not_allowed_are_left_out():
    raster = Raster(Image.new("1", (1728, 1078), 1), 204, 98)
    assert prepare(raster, frozenset()).steps == ()
    assert prepare(raster, frozenset({Step.SQUARED})).image.size == (1728, 2244)
    small = Raster(Image.new("L", (850, 1100), 255), 100, 100)
    assert prepare(small, DEFAULT_STEPS - {Step.ENLARGED}).image.size == (850, 1100)


def test_the_skew_is_said_and_the_picture_left_as_it_lies(draw_page):
    crooked = draw_page(dpi=200).rotate(-4, fillcolor=255)
    page = prepare(Raster(crooked, 200, 200))
    assert page.skew_degrees == pytest.approx(4, abs=0.3)
    assert page.image == crooked

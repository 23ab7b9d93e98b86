"""The first reading: print of two sizes on one page, and pages that cleaning made worse."""

from manner import quick_manner
from PIL import Image, ImageChops, ImageDraw, ImageFont

from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.limits import Limits
from chartkeeper.ocr.read import read_page

from .conftest import CAPITALS

SANS = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
MONO = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
# Captions of a claim form and what is typed under them.
BOXES = (
    ("1a. INSURED'S I.D. NUMBER (For Program in Item 1)", "ZQX8841207"),
    ("2. PATIENT'S NAME (Last Name, First Name, Middle Initial)", "SAMPLETON, ORVILLE Q"),
    ("3. PATIENT'S BIRTH DATE AND SEX", "04 17 1953"),
    ("5. PATIENT'S ADDRESS (No., Street)", "118 LARKSPUR CT"),
    ("6. PATIENT RELATIONSHIP TO INSURED", "SELF"),
    ("21. DIAGNOSIS OR NATURE OF ILLNESS OR INJURY", "E11.65"),
    ("24. F. CHARGES FOR THE DATE OF SERVICE", "125.00"),
    ("26. PATIENT'S ACCOUNT NO. (For govt. claims, see back)", "DEMO-55102"),
)


def page():
    sheet = Image.new("L", (1700, 2200), 255)
    return sheet, ImageDraw.Draw(sheet)


def form_of_two_sizes():
    """Boxes with captions of 5 point and values of 11 point that touch the lines, at 200 dpi."""
    sheet, pen = page()
    caption, value = ImageFont.truetype(SANS, 14), ImageFont.truetype(MONO, 30)
    for number in range(3 * len(BOXES)):
        said, typed = BOXES[number % len(BOXES)]
        left, top = 80 + 780 * (number % 2), 150 + 66 * (number // 2)
        pen.rectangle((left, top, left + 780, top + 66), outline=20, width=2)
        pen.text((left + 5, top + 3), said, fill=20, font=caption)
        pen.text((left + 14, top + 36), typed, fill=20, font=value)
    return sheet


def ghosted():
    """A page whose pale letters have a paler double on either side."""

    def once(grey, right, down):
        sheet, pen = page()
        for row, text in enumerate(CAPITALS * 2):
            place = 150 + right, 150 + row * 60 + down
            pen.text(place, text, fill=grey, font=ImageFont.truetype(SANS, 30))
        return sheet

    doubles = ImageChops.darker(once(225, 7, 5), once(225, -7, -5))
    return ImageChops.darker(once(150, 0, 0), doubles)


def read(picture, tmp_path, scratch):
    path = tmp_path / "page.png"
    picture.save(path, dpi=(200, 200))
    return read_page(path, Format.PNG, 1, Limits(), quick_manner(scratch))


def test_of_print_in_two_sizes_both_are_read(tmp_path, scratch):
    found = read(form_of_two_sizes(), tmp_path, scratch)
    assert "enlarged" in found.preparation
    texts = [word.text for word in found.words]
    # Read wrong from the enlarged page, and right from the page as it is.
    assert texts.count("E11.65") == 3
    assert texts.count("RELATIONSHIP") == 3


def test_what_the_two_sizes_read_unlike_is_kept_beside(tmp_path, scratch):
    found = read(form_of_two_sizes(), tmp_path, scratch)
    numbers = [word for word in found.words if word.text.endswith("X8841207")]
    assert len(numbers) == 3
    assert all("ZQX8841207" in (word.text, word.other) for word in numbers)


def test_a_page_that_cleaning_made_worse_is_read_as_it_was(tmp_path, scratch):
    found = read(ghosted(), tmp_path, scratch)
    assert "darkened" not in found.preparation
    wanted = [word for line in CAPITALS * 2 for word in line.split()]
    read_right = [word for word in found.words if word.text.strip(".,") in wanted]
    assert len(read_right) >= 0.95 * len(wanted)

"""Templates kept apart: layouts, faces and wordings that the samples do not have.

Nobody tunes the reading on these. The faces are those inside the wheel of reportlab: a Times, an
Arial, a thin Courier and Vera. People, places and numbers are invented.
"""

import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "samples"))

import material_wording as wording  # noqa: E402 - the path comes first
from paper import Sheet, Text, wrap  # noqa: E402 - the path comes first

FACES = {
    "Times": "_er_____.pfb",
    "Times-Bold": "_eb_____.pfb",
    "Times-Italic": "_ei_____.pfb",
    "Arial": "_a______.pfb",
    "Arial-Bold": "_ab_____.pfb",
    "Courier": "com_____.pfb",
    "Courier-Bold": "cob_____.pfb",
    "Vera": "Vera.ttf",
    "Vera-Bold": "VeraBd.ttf",
}
DOT_ROWS = 9
LEFT, RIGHT = 50, 562


@dataclass(frozen=True)
class Press:
    """What a template is set with: its luck, and a folder of faces."""

    rng: random.Random
    faces: Path

    def face(self, name: str) -> str:
        """A face as the samples' drawing asks for it: a path without its ending."""
        return str(self.faces / name)


Writer = Callable[[Press], Sheet]


def lay_out_faces(folder: Path) -> Path:
    """Put the faces where the drawing finds them; a Type 1 face may be called `.ttf`."""
    faces = folder / "faces"
    if not faces.exists():
        faces.mkdir(parents=True)
        source = Path(reportlab.__file__).parent / "fonts"
        for name, file in FACES.items():
            shutil.copyfile(source / file, faces / f"{name}.ttf")
    return faces


def sheet_at(position: int, folder: Path, *, ruled: bool) -> tuple[Sheet, bool]:
    """The sheet at a position, templates in turn, and whether its reading order is defined."""
    writers = RULED if ruled else tuple(WRITERS)
    writer = writers[position % len(writers)]
    press = Press(random.Random(f"unseen {writer.__name__} {position}"), lay_out_faces(folder))
    return writer(press), WRITERS[writer]


def paragraph(sheet: Sheet, text: str, face: str, size: float, place: tuple[float, ...]) -> float:
    """Set running text at (left, top, width); return where the next line goes."""
    left, y, width = place
    for line in wrap(text, face, size, width):
        sheet.text(left, y, line, face, size)
        y += size * 1.3
    return y


def two_columns(press: Press) -> Sheet:
    """A sheet of advice to patients in two columns of small Times."""
    sheet, rng = Sheet(), press.rng
    times, bold = press.face("Times"), press.face("Times-Bold")
    sheet.centre(306, 60, rng.choice(wording.ADVICE_TITLES), bold, 18)
    sheet.rule(LEFT, RIGHT, 72, 1.2)
    topics = rng.sample(wording.TOPICS, 6)
    for column in range(2):
        left, y = LEFT + column * 262, 96.0
        for topic in topics[column * 3 : column * 3 + 3]:
            sheet.text(left, y, topic.heading, bold, 10.5)
            sentences = " ".join(rng.sample(topic.sentences + wording.ADVICE, 14))
            y = paragraph(sheet, sentences, times, 9.5, (left, y + 14, 248)) + 10
    sheet.centre(306, 752, f"Leaflet {rng.randrange(100, 999)} - not a real publication", times, 8)
    return sheet


def lab_table(press: Press) -> Sheet:
    """Results with decimals between rules, header in grey, abnormal ones in bold."""
    sheet, rng = Sheet(), press.rng
    arial, bold = press.face("Arial"), press.face("Arial-Bold")
    sheet.text(LEFT, 54, rng.choice(wording.LABORATORIES), bold, 14)
    y = 76.0
    for label, value in wording.identity(rng):
        sheet.text(LEFT, y, f"{label}:", bold, 9)
        sheet.text(LEFT + 110, y, value, arial, 9)
        y += 13
    columns, y = (LEFT, 220, 300, 350, 450), y + 14
    sheet.box(LEFT - 4, y - 11, RIGHT - LEFT + 8, 15, line=0.6, fill=0.85)
    for x, label in zip(columns, wording.RESULT_COLUMNS, strict=True):
        sheet.text(x, y, label, bold, 9)
    for test in rng.sample(wording.TESTS, 22):
        y += 21
        value, flag = test.result(rng)
        face = bold if flag else arial
        cells = (test.name, value, flag, test.range, test.unit)
        for x, cell in zip(columns, cells, strict=True):
            sheet.text(x, y, cell, face, 9.5)
        sheet.rule(LEFT - 4, RIGHT + 4, y + 7, 0.5)
    for x in (LEFT - 4, 214, 294, 344, 444, RIGHT + 4):
        sheet.stroke([(x, y + 7), (x, y - 21 * 22 - 11)], 0.5)
    return sheet


def boxed_form(press: Press) -> Sheet:
    """A form of boxes: tiny label in the corner, typed answer below it; boxes to tick."""
    sheet, rng = Sheet(), press.rng
    arial, typed = press.face("Arial"), press.face("Courier-Bold")
    sheet.text(LEFT, 50, rng.choice(wording.FORM_TITLES), press.face("Arial-Bold"), 13)
    y = 64.0
    for row in wording.form_rows(rng):
        width = (RIGHT - LEFT) / len(row)
        for number, (label, value) in enumerate(row):
            x = LEFT + number * width
            sheet.box(x, y, width, 30, line=0.8)
            sheet.text(x + 3, y + 8, label, arial, 6.5)
            sheet.text(x + 6, y + 24, value, typed, 10.5)
        y += 30
    y += 18
    for question in rng.sample(wording.QUESTIONS, 12):
        sheet.text(LEFT, y, question, arial, 9)
        answer = rng.randrange(2)
        for number, label in enumerate(("Yes", "No")):
            x = 470 + number * 46
            sheet.box(x, y - 8, 9, 9, line=0.9)
            sheet.text(x + 13, y, label, arial, 9)
            if number == answer:
                sheet.stroke([(x + 1, y - 6), (x + 4, y), (x + 10, y - 10)], 1.3)
        sheet.rule(LEFT, RIGHT, y + 5, 0.4)
        y += 20
    return sheet


def letter(press: Press) -> Sheet:
    """A letter of one doctor to another in Times."""
    sheet, rng = Sheet(), press.rng
    times = press.face("Times")
    sheet.right(RIGHT, 58, rng.choice(wording.PRACTICES), press.face("Times-Italic"), 15)
    sheet.right(RIGHT, 74, "4 Invented Row, Nowhere Junction, ZZ 00017", times, 10)
    sheet.text(LEFT + 12, 120, wording.long_day(rng), times, 11.5)
    person = wording.person(rng)
    sheet.text(LEFT + 12, 150, f"Re: {person}, born {wording.birthday(rng)}", times, 11.5)
    sheet.text(LEFT + 12, 178, f"Dear Dr. {rng.choice(wording.COLLEAGUES)},", times, 11.5)
    y = 204.0
    for sentences in (wording.OPENINGS, wording.FINDINGS, wording.PLANS, wording.CLOSINGS):
        text = " ".join(rng.sample(sentences, min(4, len(sentences))))
        y = paragraph(sheet, text, times, 11.5, (LEFT + 12, y, 470)) + 9
    sheet.text(LEFT + 12, y + 8, "With kind regards,", times, 11.5)
    sheet.text(LEFT + 12, y + 60, f"{rng.choice(wording.COLLEAGUES)}, MD", times, 11.5)
    return sheet


def fax_cover(press: Press) -> Sheet:
    """The cover of a fax: large type, few words, small print at the foot."""
    sheet, rng = Sheet(), press.rng
    vera, bold = press.face("Vera"), press.face("Vera-Bold")
    sheet.text(LEFT, 96, "FACSIMILE", bold, 34)
    sheet.rule(LEFT, RIGHT, 110, 3)
    y = 146.0
    for label, value in wording.cover_fields(rng):
        sheet.text(LEFT, y, label, bold, 12)
        sheet.text(LEFT + 120, y, value, vera, 12)
        sheet.rule(LEFT + 116, RIGHT, y + 5, 0.5)
        y += 30
    note = " ".join(rng.sample(wording.OPENINGS + wording.PLANS, 3))
    y = paragraph(sheet, note, vera, 11, (LEFT, y + 20, RIGHT - LEFT))
    paragraph(sheet, wording.CONFIDENTIAL, vera, 7.5, (LEFT, 690, RIGHT - LEFT))
    return sheet


def insurance_form(press: Press) -> Sheet:
    """A dense claim form: numbered boxes in three columns, print of 6 points, answers of 8."""
    sheet, rng = Sheet(), press.rng
    arial, typed = press.face("Arial"), press.face("Courier")
    sheet.centre(306, 46, "STATEMENT OF CLAIM FOR SERVICES RENDERED", press.face("Arial-Bold"), 11)
    labels, width = wording.claim_labels(), (RIGHT - LEFT) / 3
    for number, label in enumerate(labels):
        x, y = LEFT + number % 3 * width, 58 + number // 3 * 26
        sheet.box(x, y, width, 26, line=0.6)
        sheet.text(x + 2, y + 7, f"{number + 1}. {label}", arial, 6)
        sheet.text(x + 5, y + 20, wording.answer(label, rng), typed, 8.5)
    y = 58 + (len(labels) + 2) // 3 * 26 + 16.0
    for _ in range(8):
        for x, cell in zip((LEFT, 116, 176, 236, 400, 470), wording.charge(rng), strict=True):
            sheet.text(x + 2, y, cell, typed, 8.5)
        sheet.rule(LEFT, RIGHT, y + 4, 0.4)
        y += 15
    paragraph(sheet, wording.CERTIFICATION, arial, 6, (LEFT, y + 8, RIGHT - LEFT))
    return sheet


def dot_matrix(press: Press) -> Sheet:
    """A list from a needle printer: every letter of separate dots."""
    sheet, rng = Sheet(), press.rng
    lines = [
        rng.choice(wording.LABORATORIES).upper(),
        f"RUN {rng.randrange(1000, 9999)}   STATION {rng.randrange(1, 20)}   PAGE 1",
        "",
        *(f"{label.upper():<16}{value.upper()}" for label, value in wording.identity(rng)),
        "",
    ]
    for test in rng.sample(wording.TESTS, 24):
        value, flag = test.result(rng)
        lines.append(f"{test.name.upper():<22}{value:>8} {flag:<2} {test.range:<14}{test.unit}")
    for number, line in enumerate(lines):
        print_dots(sheet, line, LEFT, 70 + number * 17)
    return sheet


def print_dots(sheet: Sheet, line: str, left: float, baseline: float) -> None:
    """Set a line in dots of 9 rows at 12 letters an inch; its text stands there in white."""
    sheet.marks.append(Text(left, baseline, line, "DejaVuSansMono", 8, 1.0))
    for place, letter_ in enumerate(line):
        for column, row in dots(letter_):
            x, y = left + place * 6.9 + column, baseline + row * 1.05
            sheet.box(x, y, 0.85, 0.85, line=0, fill=0.1)


@cache
def dots(letter_: str) -> tuple[tuple[int, int], ...]:
    """Columns and rows, up from the baseline negative, of the dots of a letter."""
    font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf", DOT_ROWS)
    cell = Image.new("1", (7, DOT_ROWS + 4))
    pen = ImageDraw.Draw(cell)
    pen.fontmode = "1"
    pen.text((0, DOT_ROWS), letter_, 1, font, anchor="ls")
    return tuple(
        (x, y - DOT_ROWS) for y in range(cell.height) for x in range(7) if cell.getpixel((x, y))
    )


# Each with whether its reading order is defined.
WRITERS: dict[Writer, bool] = {
    lab_table: False,
    letter: True,
    boxed_form: False,
    two_columns: False,
    insurance_form: False,
    fax_cover: True,
    dot_matrix: True,
}
RULED: tuple[Writer, ...] = (boxed_form, insurance_form, lab_table)

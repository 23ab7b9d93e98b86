"""Small real files for crashes: quick to read, each different, of all kinds that arrive."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import zxingcpp
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from sheets import NUMBERS, draw, save

PATIENTS = """mrn,last,first,dob
0012345,Samplewood,Ada,1961-03-07
0067890,Testerman,Jo,1980-12-24
0055555,Specimen,Eve,1999-05-05
"""
WHO = (
    "Patient: Samplewood, Ada  DOB: 03/07/1961  MRN: 0012345",
    "Patient: Testerman, Jo  DOB: 12/24/1980  MRN: 0067890",
    "Patient: Specimen, Eve  DOB: 05/05/1999  MRN: 0055555",
    "",
)
TITLES = ("PROGRESS NOTE", "LABORATORY REPORT", "DISCHARGE SUMMARY", "CHEST X-RAY REPORT")
QUERIES = ("distinct", "type:lab_report", "mrn:12345", "seventeen AND distinct")
WIDTH, HEIGHT, LETTERS = 1000, 420, 30


@dataclass(frozen=True, slots=True)
class Made:
    """A file to drop; `refused` says that it cannot be taken in."""

    path: Path
    refused: bool = False


def words_of(number: int) -> str:
    """Words for a number below 8,000 that no other number has."""
    high, low = divmod(number, 20)
    return f"{NUMBERS[high // 20]} {NUMBERS[high % 20]} {NUMBERS[low]}"


def side(number: int, page: int = 1) -> Image.Image:
    """A side of paper that is like no other."""
    who, title = WHO[number % len(WHO)], TITLES[number // len(WHO) % len(TITLES)]
    lines = [title, who, "Date of service: 03/06/2024", f"distinct words {words_of(number)}"]
    return draw([*filter(None, lines), f"this is page {page}"], WIDTH, HEIGHT, LETTERS)


def separator() -> Image.Image:
    """A separator sheet as a printer makes it."""
    page = draw(["SEPARATOR SHEET"], WIDTH, HEIGHT, LETTERS)
    code = zxingcpp.create_barcode("PATCHT", zxingcpp.BarcodeFormat.QRCode)
    page.paste(Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=8)), (300, 150))
    return page


def make_files(folder: Path, count: int, seed: int = 5) -> Iterator[Made]:
    """So many files in the order in which they arrive; the same for the same seed."""
    luck = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    deck: list[str] = []
    for number in range(count):
        deck = deck or luck.sample(DECK, len(DECK))
        if deck[-1] == "again" and len(made) <= AGAIN_AFTER:
            deck.reverse()
        kind = deck.pop()
        path = folder / f"{number:04} {kind}.{SUFFIXES.get(kind, kind)}"
        if kind == "again":
            path.write_bytes(luck.choice(made[:-AGAIN_AFTER]).read_bytes())
        else:
            MAKERS[kind](path, number)
            made += [] if kind in REFUSED else [path]
        yield Made(path, kind in REFUSED)


# Of so many files each kind comes so often. What comes again lies so many files back.
KINDS = {"png": 8, "tif": 3, "pdf": 2, "typed": 4, "cut": 1, "again": 1, "bad": 1}
DECK = [kind for kind, often in KINDS.items() for _ in range(often)]
AGAIN_AFTER = 8
REFUSED = {"cut", "bad"}
SUFFIXES = {"typed": "pdf", "cut": "png", "again": "png", "bad": "pdf"}


def picture(path: Path, number: int) -> None:
    """One side as a picture."""
    save(side(number), path)


def sides(path: Path, number: int) -> None:
    """Two to four sides in one file, with a separator between them in every third."""
    paper = [side(number, page) for page in range(1, 3 + number % 2)]
    if number % 3 == 0:
        paper.insert(1, separator())
    save(paper[0], path, save_all=True, append_images=paper[1:])


def typed(path: Path, number: int) -> None:
    """A PDF with text in it, of one to three pages."""
    canvas = Canvas(str(path), invariant=True)
    for page in range(1, 2 + number % 3):
        lines = (
            *(TITLES[number % 4], WHO[number // 4 % 4], "Date of service: 03/06/2024"),
            *(f"distinct words {words_of(number)}", f"this is page {page}"),
            *(f"Line {line} of a typed note: the patient is well." for line in range(6)),
        )
        for at, line in enumerate(lines):
            canvas.drawString(60, 740 - at * 24, line)
        canvas.showPage()
    canvas.save()


def cut_off(path: Path, number: int) -> None:
    """A picture that ends too early."""
    picture(path, number)
    path.write_bytes(path.read_bytes()[:1500])


def no_paper(path: Path, number: int) -> None:
    """Something else under the name of a PDF."""
    path.write_text(f"a shopping list, number {number}")


MAKERS = {
    "png": picture,
    "tif": sides,
    "pdf": sides,
    "typed": typed,
    "cut": cut_off,
    "bad": no_paper,
}

"""Tables of numbers as laboratories and wards print them: results, courses, charts, medicines.

The faces are those of the samples and, for one sheet in four, those of material_unseen.py.
"""

import random
from pathlib import Path

from material_unseen import lay_out_faces
from paper import Sheet

FACES = (
    *("LiberationSans-Regular", "LiberationSerif-Regular", "LiberationMono-Regular"),
    *("DejaVuSans", "DejaVuSerif", "LiberationSansNarrow-Regular"),
)
OTHER_FACES = ("Times", "Arial", "Courier", "Vera")
SIZES = (8, 9, 10, 10.5)
TESTS = (
    *("Glucose", "BUN", "Creatinine", "Sodium", "Potassium", "Chloride", "Calcium", "Albumin"),
    *("Bilirubin", "Hemoglobin", "Hematocrit", "Platelets", "TSH", "INR", "Troponin", "Ferritin"),
    *("Magnesium", "Phosphorus", "Lactate", "Uric acid", "LDL", "HDL", "Lipase", "Protein"),
)
UNITS = ("mg/dL", "mmol/L", "g/dL", "U/L", "%")
MEDICINES = (
    *("Metformin", "Lisinopril", "Atorvastatin", "Amlodipine", "Warfarin", "Furosemide"),
    *("Gabapentin", "Sertraline", "Omeprazole", "Levothyroxine", "Prednisone", "Digoxin"),
)
SENTENCES = (
    "Temperature {} F, respirations 18, oxygen saturation on room air 97 percent.",
    "INR today is {}, the goal is 2.0 to 3.0.",
    "Continue warfarin {} mg daily and lorazepam 0.5 mg at night as needed.",
    "Creatinine is {} since the last visit; digoxin 0.125 mg every morning.",
    "The lesion measures {} x 2.7 x 1.9 cm.",
)
LEFT = 50.0


class Page:
    """A sheet that is set from top to bottom in one face."""

    def __init__(self, rng: random.Random, face: str) -> None:
        self.rng, self.face, self.sheet = rng, face, Sheet()
        self.size, self.y = rng.choice(SIZES), 60.0

    def line(self, *cells: tuple[float, str], height: float = 1.45) -> None:
        """Set one line of cells, each from its left end."""
        for left, text in cells:
            self.sheet.text(left, self.y, text, self.face, self.size)
        self.y += height * self.size

    def number(self, low: float, high: float, places: int = 1) -> str:
        """A number with so many places behind its point."""
        return f"{self.rng.uniform(low, high):.{places}f}"


def results(page: Page) -> None:
    """One result a line, with its range; sentences with numbers under it."""
    rng = page.rng
    columns = rng.choice(((50, 230, 300, 400, 480), (50, 200, 250, 330, 450)))
    page.line((LEFT, "CLINICAL CHEMISTRY " + rng.choice(("FINAL", "INTERIM"))), height=3)
    for test in rng.sample(TESTS, 22):
        high, places = rng.choice((2, 5, 9.9, 20, 150)), rng.choice((1, 1, 1, 2))
        span = page.number(0, high / 3, places), page.number(high / 2, high, places)
        value, flag = page.number(high / 4, high, places), rng.choice(("", "", "H", "L"))
        cells = test, value, flag, " - ".join(span), rng.choice(UNITS)
        page.line(*((left, cell) for left, cell in zip(columns, cells, strict=True) if cell))
    page.y += 2 * page.size
    for sentence in SENTENCES:
        page.line((LEFT, sentence.format(page.number(0.5, 9))))


def course(page: Page) -> None:
    """One test a line, with a column for each day."""
    rng, days = page.rng, page.rng.choice((4, 5, 6))
    lefts = [150 + (562 - 150) / days * day for day in range(days)]
    page.line((LEFT, "CUMULATIVE RESULTS"), height=3)
    page.line(*((left, f"{rng.randint(1, 12):02}/{rng.randint(1, 28):02}") for left in lefts))
    for test in rng.sample(TESTS, 20):
        high, places = rng.choice((5, 15, 150)), rng.choice((1, 1, 2))
        values = [(left, page.number(high / 5, high, places)) for left in lefts]
        page.line((LEFT, test), *(one for one in values if rng.random() < 0.85))


def machine(page: Page) -> None:
    """Panels in capitals, one under the other."""
    rng = page.rng
    columns = rng.choice(((50, 200, 290, 330, 440), (50, 180, 240, 270, 380)))
    page.line((LEFT, "SAMPLE REGIONAL LABORATORY"), height=3)
    for panel in rng.sample(("CHEMISTRY", "HEMATOLOGY", "COAGULATION", "URINALYSIS"), 3):
        page.line((LEFT, panel))
        for test in rng.sample(TESTS, 9):
            high = rng.choice((2, 9.9, 20, 150))
            span = f"{page.number(0, high / 3)}-{page.number(high / 2, high)}"
            value, flag = page.number(high / 4, high), rng.choice(("", "H", "L"))
            cells = test.upper(), value, flag, span, rng.choice(UNITS).upper()
            page.line(*((left, cell) for left, cell in zip(columns, cells, strict=True) if cell))


def medicines(page: Page) -> None:
    """Medicines with their doses between rules."""
    rng, columns = page.rng, (50, 190, 270, 350)
    page.line((LEFT, "MEDICATION LIST"), height=3)
    for name in MEDICINES:
        dose = rng.choice(("0.25 mg", "0.125 mg", "2.5 mg", f"{page.number(1, 9)} mL", "12.5 mg"))
        cells = name, dose, rng.choice(("PO", "IV")), rng.choice(("daily", "BID", "PRN"))
        page.line(*zip(columns, cells, strict=True), height=1.8)
        page.sheet.rule(LEFT, 562, page.y - 1.2 * page.size, 0.3)


TABLES = (results, course, machine, medicines)


def table_at(position: int, folder: Path) -> Sheet:
    """The sheet at a position, tables in turn."""
    rng = random.Random(f"table {position}")
    other = str(lay_out_faces(folder) / rng.choice(OTHER_FACES))
    face = other if position // len(TABLES) % 4 == 3 else rng.choice(FACES)
    page = Page(rng, face)
    TABLES[position % len(TABLES)](page)
    return page.sheet

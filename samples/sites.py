"""The invented senders: their letterheads, and how each words names, dates and numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paper import (
    BOOK,
    CONDENSED,
    MONO,
    NARROW,
    PLAIN,
    SANS,
    SERIF,
    TYPEWRITER,
    Family,
    Sheet,
    fitting_size,
)
from people import MEN, WOMEN

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from datetime import date

    from people import Patient

Pairs = list[tuple[str, str]]
LEFT, RIGHT = 54, 558
DOCTORS = (
    "Inkwell", "Thornberry", "Quillfeather", "Marblestone", "Lanternby", "Brackenfold",
    "Oakhollow", "Pemberwick", "Rosethorn", "Underbridge", "Wexcombe", "Fennimarsh",
    "Gildenhall", "Harrowgate", "Juniperson", "Kettlewick", "Larchmere", "Mossgrave",
    "Nettleby", "Osterfield", "Plumtree", "Ravensquill", "Silverlake", "Tidewell",
)  # fmt: skip
DOCTOR_FIRSTS = (
    "Adele", "Bruno", "Celeste", "Darius", "Elena", "Farid", "Gwen", "Hugo", "Irina", "Joel",
    "Kavya", "Luca", "Mina", "Noor",
)  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A sender. `ours` says whether its MRN is the number of the patient list."""

    name: str
    address: str
    phone: str
    family: Family
    head: str
    banner: str
    name_style: str
    date_style: str
    mrn_label: str
    dob_label: str
    footer: str
    size: float = 10
    ours: bool = True


HOSPITAL = Site(
    "Fernhollow Regional Medical Center", "1200 Fernhollow Parkway, Exampleburg, OH 00412",
    "555-0140", BOOK, "centred", "label", "caps", "us", "MRN", "DOB", "Form FRMC-{form}", 9.2,
)  # fmt: skip
LABORATORY = Site(
    "Quillmark Reference Laboratories", "88 Titration Way, Fixture Falls, IN 00469", "555-0162",
    NARROW, "band", "grid", "tight", "dashed", "Patient ID", "Date of Birth",
    "CLIA 00D0000000   Director: Celeste Larchmere, MD", 10.5,
)  # fmt: skip
RADIOLOGY = Site(
    "Three Lanterns Radiology Associates", "Suite 4, 310 Contrast Avenue, Mockingdale, OH 00455",
    "555-0175", SANS, "left", "lines", "first", "long", "Med Rec #", "Born",
    "Three Lanterns Radiology Associates, P.C.", 10.5,
)  # fmt: skip
PRACTICE = Site(
    "Pebble Street Family Practice", "17 Pebble Street, Test Hollow, PA 00437", "555-0118",
    PLAIN, "boxed", "form", "last", "short", "Chart #", "Date of Birth", "PSFP rev. {form}", 9,
)  # fmt: skip
HEART = Site(
    "Copperwell Heart Institute", "2 Copperwell Plaza, Sampleton Heights, MI 00481", "555-0133",
    SERIF, "left", "lines", "first", "us", "MRN", "D.O.B.", "Copperwell Heart Institute", 11,
)  # fmt: skip
OUTSIDE = Site(
    "SAINT ORRIN VALLEY HOSPITAL", "900 Orrin Road, Far Template, KY 00493", "555-0186",
    MONO, "typed", "typed", "tight", "military", "UNIT NO", "BIRTHDATE", "SOVH-{form}", 9.5,
    ours=False,
)  # fmt: skip
REHAB = Site(
    "Kestrel Point Rehabilitation", "45 Kestrel Point, Exampleburg, OH 00412", "555-0151",
    CONDENSED, "boxed", "grid", "last", "us", "MR No.", "DOB", "KPR-{form}", 9.5,
)  # fmt: skip
PAYER = Site(
    "Larkspur Mutual Health Plan", "PO Box 0000, Fixture Falls, IN 00469", "555-0199",
    SANS, "band", "lines", "first", "long", "MRN", "Date of birth", "LMHP-{form}", 10,
)  # fmt: skip
REGISTRY = Site(
    "Two Rivers Immunization Registry", "Office of Public Health, Sampleton Heights, MI 00481",
    "555-0107", TYPEWRITER, "typed", "grid", "last", "iso", "Provider MRN", "Birth Date",
    "TRIR-{form}", 8.6,
)  # fmt: skip
SITES = (
    HOSPITAL, LABORATORY, RADIOLOGY, PRACTICE, HEART, OUTSIDE, REHAB, PAYER, REGISTRY,
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """One document to write: for whom, where, of which day; `shown` of name, dob, mrn, address."""

    rng: random.Random
    patient: Patient
    site: Site
    day: date
    shown: frozenset[str] = field(default=frozenset({"name", "dob", "mrn"}))
    outside_mrn: str = ""


def say_date(day: date, style: str) -> str:
    """Word a date: us, short, dashed, long, military or iso."""
    if style == "short":
        return f"{day.month}/{day.day}/{day:%y}" if day.year >= 2000 else say_date(day, "plain")
    if style == "plain":
        return f"{day.month}/{day.day}/{day.year}"
    if style == "long":
        return f"{day:%B} {day.day}, {day.year}"
    patterns = {"us": "%m/%d/%Y", "dashed": "%d-%b-%Y", "iso": "%Y-%m-%d", "military": "%d%b%Y"}
    said = day.strftime(patterns[style])
    return said.upper() if style == "military" else said


def when(job: Job, day: date | None = None) -> str:
    """Word a date (that of the service unless another is given) as the sender does."""
    return say_date(day or job.day, job.site.date_style)


def birth(job: Job) -> str:
    """Word the birth date; a sender of short dates gives its year in full."""
    style = job.site.date_style
    return say_date(job.patient.dob, "plain" if style == "short" else style)


def age(job: Job) -> int:
    """Return the patient's age in years on the day of service."""
    born = job.patient.dob
    return job.day.year - born.year - ((job.day.month, job.day.day) < (born.month, born.day))


def full_name(patient: Patient, style: str) -> str:
    """Word a name: caps, tight (`LAST,FIRST M`), last or first first."""
    middle = f" {patient.middle}" if patient.middle else ""
    suffix = f" {patient.suffix}" if patient.suffix else ""
    if style == "first":
        dot = "." if middle else ""
        return f"{patient.first}{middle}{dot} {patient.last}{suffix}"
    comma = "," if style == "tight" else ", "
    name = f"{patient.last}{suffix}{comma}{patient.first}{middle}"
    return name if style == "last" else name.upper()


def name_of(job: Job) -> str:
    """Word the patient's name as the sender does."""
    return full_name(job.patient, job.site.name_style)


def relative_of(job: Job) -> str:
    """Name somebody of the patient's family."""
    first = job.rng.choice([name for name in (*WOMEN, *MEN) if name != job.patient.first])
    return f"{first} {job.patient.last}"


def identity(job: Job) -> Pairs:
    """Return the labelled identifiers that this paper carries."""
    label = "PATIENT" if job.site.name_style in {"caps", "tight"} else "Patient"
    pairs = [(label, name_of(job))]
    if "dob" in job.shown:
        pairs.append((job.site.dob_label, birth(job)))
    if "mrn" in job.shown and job.site is not PAYER:
        pairs.append((job.site.mrn_label, job.outside_mrn or job.patient.mrn))
    if "dob" in job.shown:
        pairs.append(("Sex", job.patient.sex))
    return pairs


def doctor(rng: random.Random, title: str = "MD") -> str:
    """Return an invented clinician."""
    return f"{rng.choice(DOCTOR_FIRSTS)} {rng.choice(DOCTORS)}, {title}"


def draw_head(sheet: Sheet, site: Site) -> float:
    """Draw the letterhead; return the y at which the sheet is free."""
    return HEADS[site.head](sheet, site)


def _centred(sheet: Sheet, site: Site) -> float:
    middle = sheet.width / 2
    sheet.centre(middle, 52, site.name.upper(), site.family.bold, 14)
    sheet.centre(middle, 65, f"{site.address}   Tel {site.phone}", site.family.regular, 8)
    sheet.rule(LEFT, sheet.width - LEFT, 72, 1.6)
    sheet.rule(LEFT, sheet.width - LEFT, 75, 0.5)
    return 92


def _left(sheet: Sheet, site: Site) -> float:
    for radius in (15, 10, 5):
        peak = [(70, 46 - radius), (70 + radius, 46), (70, 46 + radius), (70 - radius, 46)]
        sheet.stroke([*peak, peak[0]], 1.4)
    sheet.text(94, 46, site.name, site.family.bold, 17)
    sheet.text(94, 60, f"{site.address}  |  Phone {site.phone}", site.family.regular, 8.5)
    sheet.rule(LEFT, sheet.width - LEFT, 70, 2.2)
    return 90


def _band(sheet: Sheet, site: Site) -> float:
    sheet.box(LEFT, 34, 14, 30, line=0, fill=0.0)
    sheet.box(LEFT + 17, 44, 14, 20, line=0, fill=0.35)
    sheet.text(LEFT + 40, 54, site.name, site.family.bold, 18)
    sheet.right(sheet.width - LEFT, 44, site.address, site.family.regular, 7.5)
    sheet.right(sheet.width - LEFT, 66, f"Client services {site.phone}", site.family.regular, 8)
    sheet.box(LEFT, 70, sheet.width - 2 * LEFT, 4, line=0, fill=0.2)
    return 92


def _boxed(sheet: Sheet, site: Site) -> float:
    sheet.box(LEFT, 32, sheet.width - 2 * LEFT, 40, line=1.2)
    sheet.centre(sheet.width / 2, 50, site.name, site.family.bold, 15)
    sheet.centre(sheet.width / 2, 65, f"{site.address}  Ph {site.phone}", site.family.italic, 8.5)
    return 90


def _typed(sheet: Sheet, site: Site) -> float:
    sheet.text(LEFT, 44, site.name, site.family.bold, 11)
    sheet.text(LEFT, 56, site.address, site.family.regular, 9)
    sheet.text(LEFT, 68, f"PHONE {site.phone}", site.family.regular, 9)
    return 88


HEADS: dict[str, Callable[[Sheet, Site], float]] = {
    "centred": _centred, "left": _left, "band": _band, "boxed": _boxed, "typed": _typed,
}  # fmt: skip


def draw_banner(sheet: Sheet, site: Site, y: float, pairs: Pairs) -> float:
    """Draw the patient block; return the y at which the sheet is free."""
    return BANNERS[site.banner](sheet, site, y, pairs)


def _label(sheet: Sheet, site: Site, y: float, pairs: Pairs) -> float:
    """An addressograph label at the right, what does not fit on it at the left."""
    on_label, beside = pairs[:5], pairs[5:]
    left = sheet.width - LEFT - 236
    sheet.box(left, y - 4, 236, 10 + 13 * len(on_label), line=1)
    for number, (label, value) in enumerate(on_label):
        line = f"{label}: {value}"
        size = fitting_size(line, site.family.bold, 8.8, 222)
        sheet.text(left + 8, y + 10 + 13 * number, line, site.family.bold, size)
    for number, (label, value) in enumerate(beside):
        sheet.text(LEFT, y + 10 + 13 * number, f"{label}: {value}", site.family.regular, 8.8)
    return y + 24 + 13 * max(len(on_label), len(beside))


def _grid(sheet: Sheet, site: Site, y: float, pairs: Pairs) -> float:
    columns, height = 3, 26
    width = (sheet.width - 2 * LEFT) / columns
    for number, (label, value) in enumerate(pairs):
        x, top = LEFT + number % columns * width, y - 6 + number // columns * height
        sheet.box(x, top, width, height, line=0.8)
        sheet.text(x + 4, top + 9, label, site.family.regular, 7.2)
        size = fitting_size(value, site.family.bold, 9.5, width - 8)
        sheet.text(x + 4, top + 21, value, site.family.bold, size)
    return y + 14 + -(-len(pairs) // columns) * height


def _lines(sheet: Sheet, site: Site, y: float, pairs: Pairs) -> float:
    middle = sheet.width / 2 + 10
    for number, (label, value) in enumerate(pairs):
        x, line_y = (LEFT, middle)[number % 2], y + 6 + number // 2 * 15
        sheet.text(x, line_y, f"{label}:", site.family.bold, 10)
        size = fitting_size(value, site.family.regular, 10, 162)
        sheet.text(x + 92, line_y, value, site.family.regular, size)
    end = y + 12 + -(-len(pairs) // 2) * 15
    sheet.rule(LEFT, sheet.width - LEFT, end - 8, 0.8)
    return end + 8


def _form(sheet: Sheet, site: Site, y: float, pairs: Pairs) -> float:
    middle = sheet.width / 2 + 6
    for number, (label, value) in enumerate(pairs):
        x, line_y = (LEFT, middle)[number % 2], y + 8 + number // 2 * 20
        sheet.text(x, line_y, label, site.family.regular, 8.5)
        sheet.rule(x + 82, x + 240, line_y + 3, 0.6)
        font = MONO.bold if len(value) < 26 else NARROW.bold
        size = fitting_size(value, font, 10, 152)
        sheet.text(x + 86, line_y, value, font, size)
    return y + 22 + -(-len(pairs) // 2) * 20


def _typed_banner(sheet: Sheet, site: Site, y: float, pairs: Pairs) -> float:
    for number, (label, value) in enumerate(pairs):
        line_y = y + 6 + number * 12
        sheet.text(LEFT, line_y, f"{label.upper():<14}: {value}", site.family.regular, 9.5)
    return y + 18 + 12 * len(pairs)


BANNERS: dict[str, Callable[[Sheet, Site, float, Pairs], float]] = {
    "label": _label, "grid": _grid, "lines": _lines, "form": _form, "typed": _typed_banner,
}  # fmt: skip

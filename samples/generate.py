"""Makes invented charts with their truth: `python samples/generate.py --seed N --out DIR`.

The same seed, fonts and library versions give the same bytes. Without arguments it makes the
committed set anew. `truth.jsonl` holds one object a file: what each page says, where each document
begins and ends, what it is, whose it is and its service date.
"""

from __future__ import annotations

import argparse
import io
import json
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import bedside
import consents
import degrade
import letters
import notes
import office
import orders
import people
import results
import sites
import surgery
from paper import MONO, Sheet, draw_on_canvas, render
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from sites import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from people import Patient
    from PIL import Image

COMMITTED_SEED = 20261101
JPEG_QUALITY = 55
FIRST_DAY, LAST_DAY = date(2023, 1, 2), date(2026, 10, 24)
ALL = frozenset({"name", "dob", "mrn"})
SENDING_DELAY = timedelta(days=6)  # from the visit to the fax about it
TRAPS = 16  # look-alikes at the head of the patient list, see people.py
WRITERS: dict[str, Callable[[Job], list[Sheet]]] = {
    writer.__name__: writer
    for writer in (
        notes.discharge_summary, notes.history_physical, notes.consult_note, notes.progress_note,
        surgery.operative_note, surgery.procedure_note, notes.ed_note, bedside.nursing_note,
        bedside.therapy_note, letters.letter, office.other, results.lab_report,
        results.pathology_report, results.imaging_report, results.ecg_report, results.echo_report,
        letters.referral, orders.prescription, orders.medication_list, orders.immunization,
        consents.consent, consents.roi_authorization, consents.advance_directive,
        office.insurance_card, office.registration_form, letters.cover_sheet, orders.orders,
        office.prior_auth,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Order:
    """A document wanted: its type and sender, for whom, and what is odd about it.

    `whom` is a place in the patient list, -1 for anybody, -2 for a stranger. `outside` is `own`
    (the sender's number) or `collides` (it is also a number of ours, of somebody else).
    """

    kind: str
    site: sites.Site
    whom: int = -1
    shown: frozenset[str] = ALL
    outside: str = ""
    cover: bool = False
    blank_after: int = 0


@dataclass(frozen=True)
class Recipe:
    """A file wanted: its ending, the fate of its paper, its documents in order."""

    ending: str
    condition: str
    orders: tuple[Order, ...]
    same_patient: bool = False


@dataclass
class Document:
    """A document written: its sheets, and what is true of it."""

    order: Order
    job: Job
    sheets: list[Sheet]


H, L, R, P, C, O, T, Y, G = sites.SITES  # noqa: E741  senders, by initial, for the list below
RECIPES = (
    Recipe("pdf", "clean-300-bilevel", (Order("discharge_summary", H),)),
    Recipe("tif", "fax-fine", (Order("consult_note", C, cover=True),)),
    Recipe("pdf", "born-digital", (Order("ed_note", H),)),
    Recipe("pdf", "clean-200-grey", (Order("lab_report", L),)),
    Recipe("jpg", "skewed", (Order("imaging_report", R),)),
    Recipe("tif", "fax-standard", (Order("referral", P, cover=True),)),
    Recipe("pdf", "rotated-180", (Order("progress_note", P),)),
    Recipe("pdf", "photocopy", (Order("history_physical", O, outside="own"),)),
    Recipe("pdf", "mixed", (Order("operative_note", H),)),
    Recipe("tif", "clean-300-bilevel", (Order("operative_note", H),)),
    Recipe("png", "stamped", (Order("prescription", P),)),
    Recipe("jpg", "clean-200-grey", (Order("insurance_card", P),)),
    Recipe("tif", "clean-300-bilevel", (Order("consent", H),)),
    Recipe(
        "pdf", "clean-300-bilevel",
        (Order("registration_form", P), Order("roi_authorization", H), Order("progress_note", P)),
        same_patient=True,
    ),
    Recipe("pdf", "clean-300-bilevel", (Order("lab_report", L, 0), Order("lab_report", L, 1))),
    Recipe("pdf", "clean-200-grey", (Order("pathology_report", L, -2),)),
    Recipe("pdf", "clean-300-bilevel", (Order("letter", C, shown=frozenset({"name"})),)),
    Recipe("pdf", "skewed-bilevel", (Order("therapy_note", T),)),
    Recipe("pdf", "clean-300-bilevel", (Order("advance_directive", H, blank_after=1),)),
    Recipe("pdf", "clean-200-grey", (Order("ecg_report", C),)),
    Recipe("tif", "fax-fine", (Order("echo_report", C),)),
    Recipe("pdf", "rotated-90", (Order("medication_list", H),)),
    Recipe("pdf", "rotated-270", (Order("immunization", G),)),
    Recipe("pdf", "photocopy", (Order("pathology_report", H),)),
    Recipe("jpg", "low-contrast", (Order("nursing_note", H),)),
    Recipe("tif", "fax-fine", (Order("prior_auth", Y, cover=True),)),
    Recipe("tif", "fax-standard", (Order("orders", H),)),
    Recipe("pdf", "clean-300-bilevel", (Order("procedure_note", H),)),
    Recipe("tif", "fax-fine", (Order("cover_sheet", C, shown=frozenset()),)),
    Recipe("jpg", "clean-200-grey", (Order("other", H),)),
    Recipe("pdf", "born-digital", (Order("medication_list", T),)),
    Recipe("tif", "fax-standard", (Order("lab_report", L),)),
    Recipe("tif", "fax-fine", (Order("imaging_report", R, 2),)),
    Recipe("pdf", "photocopy", (Order("discharge_summary", O, outside="collides"),)),
    Recipe("pdf", "clean-300-bilevel", (Order("progress_note", P, 4),)),
    Recipe("pdf", "skewed", (Order("registration_form", P, 9),)),
    Recipe("pdf", "clean-200-grey", (Order("letter", R, 8, frozenset({"name", "dob"})),)),
    Recipe(
        "pdf", "clean-300-bilevel",
        (Order("progress_note", P), Order("lab_report", L)),
    ),
    Recipe("tif", "skewed-bilevel", (Order("history_physical", H, 3),)),
    Recipe("pdf", "born-digital", (Order("discharge_summary", H, 13),)),
)  # fmt: skip
ODD_NAMES = {17: "Clínica scan 3 (copy).pdf"}


def make(seed: int, out: Path, files: int = len(RECIPES)) -> list[dict[str, object]]:
    """Write patients, charts and truth under `out`; return the truth, one object a file."""
    charts = out / "charts"
    charts.mkdir(parents=True, exist_ok=True)
    _clear(out)
    patients = people.make_patients(seed)
    people.write_csv(patients, out / "patients.csv")
    truths = [make_file(seed, number, patients, charts) for number in range(files)]
    lines = [json.dumps(truth, ensure_ascii=False) for truth in truths]
    (out / "truth.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return truths


def _clear(out: Path) -> None:
    """Remove the charts of the set that was here before, and nothing else."""
    truth = out / "truth.jsonl"
    if truth.exists():
        for line in truth.read_text(encoding="utf-8").splitlines():
            (out / "charts" / Path(json.loads(line)["file"]).name).unlink(missing_ok=True)


def make_file(seed: int, number: int, patients: list[Patient], charts: Path) -> dict[str, object]:
    """Write the chart of a number, the recipes in turn; return its truth."""
    recipe = RECIPES[number % len(RECIPES)]
    rng = random.Random(f"chart {seed} {number}")
    documents = _write_documents(recipe, rng, seed, patients)
    sent = _sending_time(documents[-1], rng)
    name = _file_name(recipe, number, sent)
    if recipe.condition.startswith("fax"):
        _add_fax_lines(documents, sent)
    sheets = [sheet for document in documents for sheet in document.sheets]
    _save(charts / name, recipe, sheets, rng)
    return {
        "file": name,
        "condition": recipe.condition,
        "pages": len(sheets),
        "documents": _truths(recipe, documents, patients),
    }


def _write_documents(
    recipe: Recipe, rng: random.Random, seed: int, patients: list[Patient]
) -> list[Document]:
    documents: list[Document] = []
    for order in recipe.orders:
        patient = _whom(order, rng, seed, patients)
        while patient in [document.job.patient for document in documents]:
            patient = _whom(order, rng, seed, patients)
        if documents and recipe.same_patient:
            patient = documents[0].job.patient
        day = FIRST_DAY + timedelta(days=rng.randrange((LAST_DAY - FIRST_DAY).days))
        number = _outside_number(order, rng, patient, patients)
        job = Job(rng, patient, order.site, day, order.shown, number)
        sheets = WRITERS[order.kind](job)
        if order.blank_after:
            sheets.insert(order.blank_after, Sheet())
        if order.cover:
            sheets.insert(0, letters.fax_cover(job, len(sheets) + 1, day + SENDING_DELAY))
        documents.append(Document(order, job, sheets))
    return documents


def _whom(order: Order, rng: random.Random, seed: int, patients: list[Patient]) -> Patient:
    if order.whom == -2:
        return people.stranger(seed)
    return patients[rng.randrange(TRAPS, len(patients)) if order.whom == -1 else order.whom]


def _outside_number(
    order: Order, rng: random.Random, patient: Patient, patients: list[Patient]
) -> str:
    if order.outside == "collides":
        return rng.choice([other.mrn for other in patients if other.mrn != patient.mrn])
    return f"VH-{rng.randrange(10**5, 10**6)}" if order.outside else ""


def _sending_time(document: Document, rng: random.Random) -> datetime:
    """Return when the fax went out: on the day that its cover sheet bears."""
    day = document.job.day
    if document.order.kind != "cover_sheet":
        day += SENDING_DELAY
    minutes = rng.randrange(7 * 60, 19 * 60)
    return datetime(day.year, day.month, day.day, *divmod(minutes, 60))  # noqa: DTZ001  a wall clock


def _file_name(recipe: Recipe, number: int, sent: datetime) -> str:
    if number in ODD_NAMES:
        return ODD_NAMES[number]
    if not recipe.condition.startswith("fax"):
        return f"scan-{number + 1:04d}.{recipe.ending}"
    again = f"_{number}" if number >= len(RECIPES) else ""
    return f"fax_{sent:%Y%m%d_%H%M}{again}.tif"


def _add_fax_lines(documents: list[Document], sent: datetime) -> None:
    """Set the line that the sending machine prints at the top of every page."""
    sheets = [sheet for document in documents for sheet in document.sheets]
    site = documents[-1].job.site
    for number, sheet in enumerate(sheets, 1):
        line = (
            f"{sent:%m/%d/%Y %H:%M}  FROM: {site.name[:30].upper()}  {site.phone}"
            f"  TO: 555-0141  P.{number:03d}/{len(sheets):03d}"
        )
        sheet.text(24, 20, line, MONO.bold, 8)


def _save(path: Path, recipe: Recipe, sheets: list[Sheet], rng: random.Random) -> None:
    if recipe.condition == "born-digital":
        _save_canvas(path, sheets, {})
        return
    if recipe.condition == "mixed":
        scanned = {
            number: _aged(sheets[number], "clean-200-grey", rng, number)
            for number in range(1, len(sheets))
        }
        _save_canvas(path, sheets, scanned)
        return
    images = [_aged(sheet, recipe.condition, rng, number) for number, sheet in enumerate(sheets)]
    _save_images(path, recipe.condition, images)


def _aged(sheet: Sheet, condition: str, rng: random.Random, number: int) -> Image.Image:
    """Print a sheet and let happen to it what its condition says."""
    seed = rng.randrange(2**31)
    grey = condition in {"clean-200-grey", "skewed", "low-contrast", "stamped"}
    dpi = 200 if grey else 300
    image = render(sheet, dpi)
    image.info["dpi"] = (dpi, dpi)
    turns = {"rotated-90": 1, "rotated-180": 2, "rotated-270": 3}
    if condition.startswith("skewed"):
        image = degrade.skew(image, rng.choice((-1, 1)) * rng.uniform(1.0, 3.0))
    if condition == "stamped":
        image = degrade.stamp(image, stamp_lines(sheet), dpi=dpi)
    if condition == "low-contrast":
        image = degrade.low_contrast(degrade.noise(image, 6, seed))
    if condition == "photocopy":
        image = degrade.photocopy(image, 2, seed)
    if condition.startswith("fax"):
        if sheet.width > sheet.height:
            image = degrade.rotate(image, 1)
        fax = degrade.fax_fine if condition == "fax-fine" else degrade.fax_standard
        return fax(image, seed=seed + number)
    if condition in turns:
        image = degrade.rotate(image, turns[condition])
    if condition == "stamped":  # saved without loss, where grain would cost a megabyte
        return image
    return degrade.noise(image, 2, seed) if grey else degrade.bilevel(image)


def stamp_lines(sheet: Sheet) -> tuple[str, ...]:
    """Return the words of the stamp on a sheet: the same ones for the same text."""
    day = 1 + sum(map(ord, sheet.plain_text())) % 27
    return ("RECEIVED", f"HIM DEPT NOV {day:02d} 2026")


def _save_images(path: Path, condition: str, images: list[Image.Image]) -> None:
    first, rest = images[0], images[1:]
    dpi = first.info["dpi"]
    if path.suffix == ".pdf":
        quality = {"quality": JPEG_QUALITY} if first.mode == "L" else {}
        undated = {"creationDate": None, "modDate": None, "title": None}
        first.save(path, "PDF", save_all=True, append_images=rest, dpi=dpi, **quality, **undated)
    elif path.suffix == ".tif":
        # Some machines send one code, some the other.
        code = "group3" if condition == "fax-standard" else "group4"
        first.save(path, "TIFF", save_all=True, append_images=rest, dpi=dpi, compression=code)
    elif path.suffix == ".jpg":
        first.save(path, "JPEG", dpi=dpi, quality=JPEG_QUALITY)
    else:
        first.point([v // 17 * 17 for v in range(256)]).save(path, "PNG", dpi=dpi, optimize=True)


def _save_canvas(path: Path, sheets: list[Sheet], scanned: dict[int, Image.Image]) -> None:
    canvas = Canvas(str(path), invariant=1, pageCompression=1)
    for number, sheet in enumerate(sheets):
        if number in scanned:
            jpeg = io.BytesIO()
            scanned[number].save(jpeg, "JPEG", quality=JPEG_QUALITY)
            canvas.setPageSize((sheet.width, sheet.height))
            canvas.drawImage(ImageReader(jpeg), 0, 0, sheet.width, sheet.height)
        else:
            draw_on_canvas(sheet, canvas)
        canvas.showPage()
    canvas.save()


def _truths(
    recipe: Recipe, documents: list[Document], patients: list[Patient]
) -> list[dict[str, object]]:
    truths, page = [], 1
    known = {patient.mrn for patient in patients}
    for document in documents:
        order, patient = document.order, document.job.patient
        named = len(order.shown) >= 2 and patient.mrn in known
        last = page + len(document.sheets) - 1
        truths.append({
            "first_page": page,
            "last_page": last,
            "type": order.kind,
            "mrn": patient.mrn if named else None,
            "service_date": document.job.day.isoformat(),
            "linkable": named and order.outside != "collides",
            "text": [_text(sheet, recipe.condition) for sheet in document.sheets],
        })  # fmt: skip
        page = last + 1
    return truths


def _text(sheet: Sheet, condition: str) -> str:
    stamp = "\n".join(["", *stamp_lines(sheet)]) if condition == "stamped" else ""
    return sheet.plain_text() + stamp


def main() -> None:
    """Read the command line and make a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=COMMITTED_SEED)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--files", type=int, default=len(RECIPES))
    arguments = parser.parse_args()
    truths = make(arguments.seed, arguments.out, arguments.files)
    pages = sum(int(str(truth["pages"])) for truth in truths)
    print(f"{len(truths)} files, {pages} pages in {arguments.out}")


if __name__ == "__main__":
    main()

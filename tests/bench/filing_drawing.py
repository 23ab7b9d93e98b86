"""A case laid out on one to four sheets of paper."""

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import filing_layouts as layouts
from filing_bodies import body_of, filled_body
from filing_cases import ARRIVED, DOB, MRN, NAME, Case, Other
from filing_layouts import BOTTOM, FOOT, LEFT, RIGHT, put
from filing_senders import (
    WORDINGS,
    Sender,
    running,
    wordings,
    written_date,
    written_mrn,
    written_name,
)
from filing_sheet import WIDTH, Mark, Sheet, width_of, wrapped

from chartkeeper.records.model import Patient

MAX_SHEETS = 4
UNTITLED_SHARE = 0.15
LABEL_LEFT, LABEL_HEIGHT = RIGHT - 215, 50.0
SIGNED = frozenset(
    {
        *("discharge_summary", "history_physical", "consult_note", "progress_note"),
        *("operative_note", "procedure_note", "ed_note", "nursing_note", "imaging_report"),
        *("pathology_report", "therapy_note", "echo_report", "orders"),
    }
)
Fields = list[tuple[str, str]]


def draw(case: Case, rng: random.Random) -> list[Sheet]:
    """The sheets of a document, the fax cover first where it has one."""
    first = Sheet()
    y = _head(first, case, rng)
    sheets = _body(first, y, case, rng)
    if case.second:
        sheets += _body_of_another(case, rng)
    for number, sheet in enumerate(sheets, 1):
        _running_lines(sheet, case, number, len(sheets))
    if case.label:
        _stick(sheets[0], case.label, case, rng)
    return [_cover(case, case.cover, rng), *sheets] if case.cover else sheets


def _stick(sheet: Sheet, person: Patient, case: Case, rng: random.Random) -> None:
    """An adhesive label of somebody, over whatever is printed there."""
    top = 600.0 if case.sender.layout == "sticker" else rng.choice([24.0, 600.0])
    sheet.marks = [
        mark
        for mark in sheet.marks
        if not (top - 4 < mark.y < top + LABEL_HEIGHT and mark.right > LABEL_LEFT - 6)
    ]
    fields = fields_of(person, labelling(case.sender), {NAME, DOB, MRN})
    layouts.label_at(sheet, fields, case.sender, (LABEL_LEFT, top))


def labelling(sender: Sender) -> Sender:
    """The sender as it labels stickers."""
    labels = {**sender.labels, "name": "", "dob": "DOB", "mrn": "MRN"}
    pattern = sender.mrn_format if sender.own else "plain"
    name_format = running(sender.name_format)
    return replace(sender, labels=labels, mrn_format=pattern, name_format=name_format)


def title_of(case: Case, rng: random.Random) -> str:
    """A title of the type, or an odd one or none."""
    if case.listed:
        return rng.choice(wordings(case.sender.family, "lists"))
    untitled = rng.random() < UNTITLED_SHARE and case.type not in ("cover_sheet", "insurance_card")
    text = rng.choice(
        WORDINGS["untitled"] if untitled else wordings(case.sender.family, "titles", case.type)
    )
    return text.upper() if case.sender.caps else text


def _head(sheet: Sheet, case: Case, rng: random.Random) -> float:
    """Letterhead, title, who the patient is, the days; returns where the body begins."""
    sender = case.sender
    centred = rng.random() < 0.5 and sender.layout != "sticker"
    y = layouts.letterhead(sheet, sender, centred=centred)
    title = title_of(case, rng)
    title_first = rng.random() < 0.5 or sender.layout in ("letter", "footer", "sticker")
    if title_first:
        y = _title(sheet, title, sender, y)
    if case.type == "letter":
        y = _letter_date(sheet, case, rng, y)
    fields = identity(case)
    dates = date_fields(case, rng)
    together = sender.layout not in ("sticker", "footer", "letter") and rng.random() < 0.5
    y = layouts.LAYOUTS[sender.layout](sheet, [*fields, *dates] if together else fields, sender, y)
    if not title_first:
        y = _title(sheet, title, sender, y)
    if not together:
        y = _dates_line(sheet, dates, sender, y)
    for other in case.others:
        y = _other_block(sheet, other, sender, y)
    return (_list(sheet, case, rng, y) if case.listed else y) + 6


def _title(sheet: Sheet, title: str, sender: Sender, y: float) -> float:
    font, size = f"{sender.font}-bold", 13.0
    x = (WIDTH - width_of(title, font, size)) / 2 if sender.layout in ("table", "boxed") else LEFT
    put(sheet, x, y, title, font, size)
    return y + (size + 10 if title else 0)


def identity(case: Case) -> Fields:
    """The labelled fields that say who the patient is, as this sender writes them."""
    sender = case.sender
    fields = fields_of(case.person, sender, set(case.shown), case)
    if case.empty_fields:
        fields = [(label, "") for label, _ in fields]
    labels = sender.labels
    if case.account and labels["account"]:
        fields.append((labels["account"], case.account))
    provider = wordings(sender.family, "providers")[len(case.account + case.person.last) % 6]
    if labels["provider"] and sender.layout != "sticker":
        fields.append((labels["provider"], f"{provider}, MD"))
    if case.has_address:
        fields.append((labels["address"], f"{case.person.address}, {case.person.city}"))
        fields.append((labels["phone"], case.person.phone))
    return fields


def fields_of(person: Patient, sender: Sender, shown: set[str], case: Case | None = None) -> Fields:
    """Name, birth date, number and sex of somebody, labelled as the sender does."""
    labels = sender.labels
    name = (case and case.name_as) or written_name(person, sender.name_format)
    born = (case and case.dob_as) or person.dob
    number = (case and case.mrn_as) or person.mrn
    name = name.upper() if sender.caps else name
    fields = _name_fields(name, sender) if NAME in shown else []
    if DOB in shown:
        fields.append((labels["dob"], written_date(born, sender.date_format)))
    if MRN in shown:
        fields.append((labels["mrn"] or "MRN", written_mrn(number, sender.mrn_format)))
    if labels["sex"]:
        fields.append((labels["sex"], person.sex))
    elif not fields:
        fields.append(("", ""))
    return fields


def _name_fields(name: str, sender: Sender) -> Fields:
    """The name in one field, or each part in its own."""
    parts = name.split("|")
    if len(parts) == 1:
        return [(sender.labels["name"], name)]
    names = [sender.labels[part] for part in ("last", "first", "middle")]
    return [(label, part) for label, part in zip(names, parts, strict=True) if part]


def date_fields(case: Case, rng: random.Random) -> Fields:
    """The service date, labelled, and days that are not it; empty where letters say it bare."""
    if case.listed:
        return []
    kind, sender = case.date_kind, case.sender
    clock = f" {rng.randrange(24):02d}:{rng.randrange(60):02d}" if rng.random() < 0.3 else ""
    fields: Fields = []
    if kind != "letter" and case.type != "insurance_card":
        label = rng.choice(wordings(sender.family, "dates", kind))
        fields.append((f"{label}:", written_date(case.day, sender.date_format) + clock))
    if rng.random() < 0.6:
        label = rng.choice(wordings(sender.family, "decoys", kind))
        fields.append((f"{label}:", written_date(decoy_day(label, case, rng), sender.date_format)))
    if rng.random() < 0.4:
        fields.reverse()
    return fields


def decoy_day(label: str, case: Case, rng: random.Random) -> date:
    """A day that fits its label: appointments after the service date, admissions before it."""
    lower = label.lower()
    if lower.startswith(
        ("adm", "order", "seen", "date of last", "date adm", "refer", "revis", "form")
    ):
        return max(case.day - timedelta(days=rng.randrange(1, 9)), case.person.dob)
    if lower.startswith("next"):
        return case.day + timedelta(days=rng.randrange(7, 120))
    return min(case.day + timedelta(days=rng.randrange(0, 6)), ARRIVED)


def _dates_line(sheet: Sheet, dates: Fields, sender: Sender, y: float) -> float:
    x = LEFT
    for field in dates:
        x = layouts.pair(sheet, x, y, field, sender) + 30
    return y + (sender.size + 10 if dates else 0)


def _letter_date(sheet: Sheet, case: Case, rng: random.Random, y: float) -> float:
    label = rng.choice(wordings(case.sender.family, "dates", "letter"))
    text = written_date(case.day, "%B %-d, %Y")
    put(sheet, LEFT, y, f"{label}: {text}" if label else text, case.sender.font, case.sender.size)
    lines = ("Records Department", f"{rng.randrange(9, 900)} Mockup Road", "Testville, ZZ 00000")
    y += case.sender.size + 12
    for line in lines if rng.random() < 0.5 else ():
        y = layouts.put_line(sheet, LEFT, y, line, case.sender.font, case.sender.size)
    return y + 6


def _other_block(sheet: Sheet, other: Other, sender: Sender, y: float) -> float:
    """A block about somebody who is not the patient, under a heading that says so."""
    size = 14.0 if other.large else sender.size
    font = f"{sender.font}-bold" if other.large else sender.font
    name = written_name(other.person, running(sender.name_format))
    text = f"{other.role}: {name}"
    if DOB in other.shown:
        text += f"   DOB: {written_date(other.person.dob, sender.date_format)}"
    if MRN in other.shown:
        text += f"   MRN: {written_mrn(other.person.mrn, 'plain')}"
    for line in wrapped(text, font, size, RIGHT - LEFT):
        y = layouts.put_line(sheet, LEFT, y + (size - 10), line, font, size)
    return y + 6


def _list(sheet: Sheet, case: Case, rng: random.Random, y: float) -> float:
    """Many patients, one a row under headings."""
    sender = case.sender
    name_format = running(sender.name_format)
    rows = [rng.choice(wordings(sender.family, "list_headings")).split(" | ")]
    for person in case.listed:
        name = written_name(person, name_format)
        born = written_date(person.dob, sender.date_format)
        rows.append([name, born, written_mrn(person.mrn, sender.mrn_format)])
    for row in rows:
        for at, cell in enumerate(row):
            put(sheet, LEFT + at * 190, y, cell, sender.font, sender.size)
        y += sender.size + 6
    return y


def _body(first: Sheet, y: float, case: Case, rng: random.Random) -> list[Sheet]:
    """The first sheet and those that the text runs on to."""
    sheets = [first]
    if case.listed:
        return sheets
    for line in [*body_of(case, rng), *_signature(case, rng)]:
        if y > BOTTOM:
            if len(sheets) == MAX_SHEETS:
                break
            sheets.append(Sheet())
            y = layouts.TOP + 24
        y = _line(sheets[-1], line, case.sender, y)
    return sheets


def _line(sheet: Sheet, line: str, sender: Sender, y: float) -> float:
    """One line of a body: heading, table row, row of fields, or text; returns the next line."""
    size, font = sender.size, sender.font
    if line.startswith("# "):
        put(sheet, LEFT, y + 5, line[2:], f"{font}-bold", size)
        return y + size + 10
    if line.startswith("| "):
        cells = [cell.strip() for cell in line[2:].split("|")]
        for at, cell in enumerate(cells):
            put(sheet, LEFT + at * (RIGHT - LEFT) / len(cells), y, cell, font, size)
        return y + size + 4
    if line.startswith("_ "):
        fields = [tuple(pair.partition("=")[::2]) for pair in line[2:].split(";")]
        for at, (label, value) in enumerate(fields):
            layouts.pair(sheet, LEFT + at * 260, y, (f"{label}:", value), sender)
        return y + size + 7
    put(sheet, LEFT, y, line, font, size)
    return y + size + 3


def _signature(case: Case, rng: random.Random) -> list[str]:
    """Who signed and when, to whom copies went; not on every type."""
    if case.type not in SIGNED or rng.random() < 0.3:
        return []
    names = rng.sample(wordings(case.sender.family, "providers"), 2)
    signed = min(case.day + timedelta(days=rng.randrange(0, 4)), ARRIVED)
    moment = datetime.combine(signed, time(rng.randrange(7, 20), rng.randrange(60)))
    stamp = moment.strftime(f"{case.sender.date_format} %H:%M")
    lines = [f"Electronically signed by {names[0]}, MD on {stamp}"]
    return [*lines, f"cc: {names[1]}, MD"] if rng.random() < 0.4 else lines


def _body_of_another(case: Case, rng: random.Random) -> list[Sheet]:
    """A sheet of the same house about somebody else, without a heading of its own."""
    sheet = Sheet()
    assert case.second is not None
    fields = fields_of(
        case.second, case.sender, {NAME, DOB, MRN} if case.sender.own else {NAME, DOB}
    )
    y = layouts.LAYOUTS[case.sender.layout](sheet, fields, case.sender, layouts.TOP + 10)
    for line in filled_body(case, rng):
        y = _line(sheet, line, case.sender, y)
    return [sheet]


def _running_lines(sheet: Sheet, case: Case, number: int, count: int) -> None:
    """What stands at the head and foot of every sheet."""
    sender = case.sender
    if sender.folio and (count > 1 or sender.layout in ("table", "boxed", "dense")):
        text = sender.folio.format(p=number, n=count)
        put(sheet, RIGHT - width_of(text, sender.font, 8.5), FOOT, text, sender.font, 8.5, block=9)
    if sender.kind in ("EHR print", "laboratory"):
        stamp = f"Printed on {written_date(ARRIVED - timedelta(days=1), sender.date_format)} 10:14"
        put(sheet, LEFT, FOOT, stamp, sender.font, 8, block=9)
    if number > 1 and sender.continuation and not case.second:
        _continued(sheet, case)


def _continued(sheet: Sheet, case: Case) -> None:
    """The lines that say on further sheets whose they are."""
    sender, fields = case.sender, identity(case)
    if sender.continuation in ("banner", "footer"):
        layouts.LAYOUTS[sender.continuation](sheet, fields, sender, 40.0)
        return
    keep = {"name_mrn": (NAME, MRN), "name_dob": (NAME, DOB), "name_only": (NAME,)}
    shown = {*keep[sender.continuation]} & case.shown
    known = fields_of(case.person, sender, shown, case)
    x = LEFT
    for label, value in known[: len(known) - bool(sender.labels["sex"])]:
        text = f"{label} {value}" if label and sender.continuation != "name_only" else value
        mark = Mark(x, 42.0, text, sender.size, sender.font)
        sheet.marks.append(mark)
        x = mark.right + 28


def _cover(case: Case, person: Patient, rng: random.Random) -> Sheet:
    """A fax cover sheet of the same sender that names somebody."""
    cover = replace(case, type="cover_sheet", person=person, others=[], sentences=[], listed=[])
    sheet = Sheet()
    y = layouts.letterhead(sheet, case.sender, centred=True)
    y = _title(
        sheet, rng.choice(wordings(case.sender.family, "titles", "cover_sheet")), case.sender, y
    )
    name = written_name(person, running(case.sender.name_format))
    y = layouts.put_line(sheet, LEFT, y + 8, f"RE: {name}", case.sender.font, 11)
    if rng.random() < 0.5:
        born = written_date(person.dob, case.sender.date_format)
        y = layouts.put_line(sheet, LEFT, y, f"DOB: {born}", case.sender.font, 11)
    for line in filled_body(cover, rng):
        y = _line(sheet, line, case.sender, y + 3)
    return sheet

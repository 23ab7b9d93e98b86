"""What goes from house to house: letters, referrals, fax covers."""
# ruff: noqa: E501  a chart's sentence is easier to check unbroken

from __future__ import annotations

from typing import TYPE_CHECKING

import cases
from flow import Flow, scribble
from paper import MONO, Sheet
from sites import LEFT, Job, doctor, identity, when

if TYPE_CHECKING:
    from datetime import date


def letter(job: Job) -> list[Sheet]:
    """A letter from one doctor to another about a visit, dated on the day it was written."""
    told, rng = cases.facts(job), job.rng
    to = doctor(rng)
    flow = Flow(job, "", [])
    flow.y -= 30
    flow.paragraph(when(job))
    flow.gap()
    for line in (to, "Pebble Street Family Practice", "17 Pebble Street, Test Hollow, PA 00437"):
        flow.paragraph(line)
    reference = [f"{label}: {value}" for label, value in identity(job) if label != "Sex"]
    flow.heading("RE:  " + "    ".join(reference))
    flow.paragraph(f"Dear Dr. {to.split(',')[0].split()[-1]},")
    flow.paragraph(
        f"I had the pleasure of meeting your patient in my office. As you know, the problem is {told.case.diagnosis[0].lower() + told.case.diagnosis[1:]}. {told.tell(told.case.history)}"
    )
    flow.paragraph(f"On examination: {cases.vitals(rng)}. {told.case.exam}")
    flow.paragraph(
        f"I explained the findings at length. {' '.join(told.case.plan)} I changed nothing else among the medicines and have given the family our telephone number."
    )
    flow.paragraph(
        "Thank you for trusting us with this part of the care. Please call if I may help further."
    )
    flow.paragraph("Sincerely,")
    flow.signature(doctor(rng), "")
    return flow.finish()


def referral(job: Job) -> list[Sheet]:
    """A referral form of a small practice."""
    told, rng = cases.facts(job), job.rng
    sender = doctor(rng)
    flow = Flow(
        job, "REFERRAL REQUEST", [*identity(job), ("Date", when(job)), ("Phone", job.patient.phone)]
    )
    flow.heading("Refer to")
    fields = rng.sample(
        (
            "Cardiology",
            "Gastroenterology",
            "Orthopedics",
            "Neurology",
            "Endocrinology",
            "Vascular surgery",
        ),
        6,
    )
    flow.ticks([(field, number == 2) for number, field in enumerate(fields)], 3)
    flow.blanks(
        [
            ("Provider", doctor(rng)),
            ("Fax", f"555-01{rng.randrange(100):02d}"),
            ("Referring provider", sender),
            ("Visits", str(rng.randrange(1, 7))),
        ]
    )
    flow.heading("Urgency")
    flow.ticks([("Routine", True), ("Urgent (one week)", False), ("Emergent (call)", False)], 3)
    flow.section(
        "Reason for referral - please evaluate and treat",
        f"{told.case.diagnosis}. {told.say(told.case.complaint)}.",
    )
    flow.section("Brief history", told.tell(told.case.history))
    flow.heading("Current medications")
    flow.items([f"{drug}, {sig}" for drug, sig, _ in told.case.medicines], "-")
    flow.section("Allergies", rng.choice(cases.ALLERGIES))
    flow.ticks(
        [
            ("Labs attached", rng.random() < 0.5),
            ("Imaging attached", False),
            ("Office note attached", True),
            ("Insurance authorization obtained", rng.random() < 0.5),
        ]
    )
    flow.signature(sender, when(job), "Referring provider")
    return flow.finish()


def cover_sheet(job: Job) -> list[Sheet]:
    """A fax cover sheet alone: it names no patient."""
    return [fax_cover(job, 1, job.day)]


def fax_cover(job: Job, pages: int, sent: date) -> Sheet:
    """Draw a cover sheet for a fax of `pages` pages, this one counted, sent on a day."""
    rng, font = job.rng, job.site.family
    sheet = Sheet()
    sheet.text(LEFT, 110, "FAX", font.bold, 44)
    sheet.text(LEFT + 130, 92, job.site.name, font.bold, 13)
    sheet.text(LEFT + 130, 108, job.site.address, font.regular, 9.5)
    rows = [("TO:", "Health Information Management, Fernhollow Regional"), ("FAX:", "555-0141"), ("FROM:", doctor(rng)),
            ("PHONE:", job.site.phone), ("DATE:", when(job, sent)), ("PAGES:", f"{pages} including cover"),
            ("RE:", rng.choice(("Records you requested", "For your chart", "Please file", "Results")))]  # fmt: skip
    for number, (label, value) in enumerate(rows):
        y = 150 + number * 28
        sheet.text(LEFT, y, label, font.bold, 11)
        sheet.text(LEFT + 80, y, value, MONO.regular, 11)
        sheet.rule(LEFT + 76, 558, y + 5, 0.6)
    sheet.text(LEFT, 380, "COMMENTS", font.bold, 11)
    sheet.box(LEFT, 390, 504, 150, line=0.9)
    sheet.text(
        LEFT + 12,
        414,
        rng.choice(
            (
                "Sent at the request of the attending physician.",
                "Original to follow by mail.",
                "Please call if any page is missing.",
            )
        ),
        MONO.regular,
        11,
    )
    scribble(sheet, rng, 330, 500)
    notice = ("CONFIDENTIALITY NOTICE: The pages that follow hold health information protected by law and are",
              "meant only for the person named above. If you received them in error, tell the sender by telephone",
              "at once and destroy them. Reading, copying or passing them on is forbidden.")  # fmt: skip
    for number, line in enumerate(notice):
        sheet.text(LEFT, 590 + number * 13, line, font.italic, 9)
    return sheet

"""What patients sign: consents, releases of records, advance directives."""
# ruff: noqa: E501  a form's sentence is easier to check unbroken

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flow import Flow
from sites import Job, doctor, full_name, identity, relative_of, when

if TYPE_CHECKING:
    from paper import Sheet

CONSENTS = (
    "laparoscopic removal of the gallbladder", "colonoscopy with possible biopsy or polyp removal",
    "total replacement of the right knee", "repair of a groin hernia with mesh",
    "transfusion of blood and blood products", "left heart catheterization and coronary angiography",
)  # fmt: skip


def consent(job: Job) -> list[Sheet]:
    """A consent to a procedure, dated when it was signed."""
    rng, what = job.rng, job.rng.choice(CONSENTS)
    surgeon = doctor(rng)
    flow = Flow(job, "CONSENT FOR SURGERY OR PROCEDURE", identity(job))
    flow.paragraph(
        f"1. I authorize {surgeon}, and the assistants chosen for the task, to perform upon me the following: {what}."
    )
    flow.paragraph(
        "2. The purpose, the expected benefit, the other treatments open to me, and what may happen without treatment have been explained to me in words that I understand. My questions were answered."
    )
    flow.paragraph(
        f"3. I have been told of the risks, which include {rng.choice(('bleeding, infection, blood clots and injury to neighboring organs', 'perforation, bleeding and reaction to sedation', 'pain, infection, stiffness and the need for further surgery'))}. No result has been promised."
    )
    flow.paragraph(
        "4. I consent to anesthesia or sedation as judged proper by the anesthesia team, and to the disposal or examination of tissue that is removed."
    )
    flow.heading("Please mark")
    flow.ticks(
        [
            ("I accept blood products if needed", True),
            ("I refuse blood products", False),
            ("Students may observe", rng.random() < 0.5),
            ("Interpreter used", rng.random() < 0.2),
        ]
    )
    flow.paragraph(
        "I have read this form, or it was read to me, and all blanks were filled before I signed."
    )
    flow.signature("Patient or legal representative", when(job))
    flow.signature(f"Witness: {doctor(rng, 'RN')}", when(job))
    flow.signature(f"Physician: {surgeon}", when(job))
    return flow.finish()


def roi_authorization(job: Job) -> list[Sheet]:
    """An authorization to release records."""
    rng = job.rng
    flow = Flow(job, "AUTHORIZATION FOR RELEASE OF HEALTH INFORMATION", identity(job))
    flow.blanks(
        [
            ("Address", f"{job.patient.address}, {job.patient.city}"),
            ("Telephone", job.patient.phone),
        ]
    )
    flow.heading("I authorize the use or disclosure of my protected health information")
    flow.blanks(
        [
            ("From", job.site.name),
            (
                "To",
                f"{rng.choice(('Kestrel Point Rehabilitation', 'Larkspur Mutual', 'Attorney G. Juniperson'))}",
            ),
        ],
        1,
    )
    flow.heading("Information to be released")
    kinds = (
        "Discharge summary",
        "History and physical",
        "Operative report",
        "Laboratory results",
        "Imaging reports",
        "Billing records",
        "Entire record",
        "Immunizations",
    )
    flow.ticks([(kind, rng.random() < 0.45) for kind in kinds])
    first = job.day - timedelta(days=rng.randrange(200, 900))
    flow.blanks(
        [("Dates of service from", when(job, first)), ("to", when(job, job.day - timedelta(9)))]
    )
    flow.heading("Purpose")
    flow.ticks(
        [("Continuing care", True), ("Legal", False), ("Insurance", False), ("Personal", False)], 4
    )
    flow.paragraph(
        "I understand that this authorization is voluntary, that treatment does not depend on it, that I may revoke it in writing at any time except for what was already sent, and that information once released may no longer be protected by federal privacy rules."
    )
    expires = job.day + timedelta(days=365)
    flow.paragraph(f"Unless revoked, this authorization expires on {when(job, expires)}.")
    flow.signature("Signature of patient or representative", when(job))
    return flow.finish()


def advance_directive(job: Job) -> list[Sheet]:
    """A living will with a health care agent, signed before two witnesses."""
    rng = job.rng
    relative = relative_of(job)
    flow = Flow(job, "ADVANCE DIRECTIVE FOR HEALTH CARE", identity(job))
    flow.heading("PART 1.  HEALTH CARE AGENT")
    flow.paragraph(
        f"I, {full_name(job.patient, 'first')}, choose the person named here to make health care decisions for me whenever two physicians find that I cannot make them myself."
    )
    flow.blanks(
        [
            ("Agent", relative),
            ("Relation", rng.choice(("spouse", "child", "sibling"))),
            ("Telephone", f"555-01{rng.randrange(100):02d}"),
            ("Alternate", doctor(rng, "Esq.")),
        ]
    )
    flow.paragraph(
        "My agent may consent to, refuse or withdraw any treatment, choose among providers and facilities, read my records, and make decisions about organ donation in keeping with Part 3."
    )
    flow.heading("PART 2.  LIVING WILL")
    flow.paragraph(
        "If I have a condition that cannot be cured and that will lead to my death in a short time, or am permanently unconscious, my wishes are marked here."
    )
    choices = (
        "Attempt resuscitation (CPR)",
        "Mechanical ventilation",
        "Tube feeding",
        "Dialysis",
        "Antibiotics by vein",
        "Comfort care only",
    )
    for choice in choices:
        yes = rng.random() < 0.4
        flow.paragraph(choice)
        flow.ticks([("Yes", yes), ("No", not yes), ("Limited trial, my agent decides", False)], 3)
    flow.section(
        "Other instructions",
        rng.choice(
            (
                "I wish to be at home if that can be managed, with music.",
                "Pain relief comes first, even if it makes me drowsy.",
                "Please call the chaplain of the hospital.",
            )
        ),
    )
    flow.heading("PART 3.  ORGAN AND TISSUE DONATION")
    flow.ticks([("Any organ or tissue", True), ("Only as listed", False), ("None", False)], 3)
    flow.heading("PART 4.  SIGNATURES")
    flow.paragraph(
        "I sign this directive of my own will and while able to decide for myself. It replaces every earlier one."
    )
    flow.signature(full_name(job.patient, "first"), when(job))
    for _ in range(2):
        flow.signature(
            f"Witness: {doctor(rng, 'witness').split(',')[0]}",
            when(job),
            "(not a relative, not staff)",
        )
    return flow.finish()

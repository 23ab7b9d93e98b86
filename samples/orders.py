"""What is ordered and given: orders, prescriptions, medicines, vaccines."""
# ruff: noqa: E501  a form's sentence is easier to check unbroken

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import cases
from flow import Flow
from sites import LEFT, Job, age, doctor, identity, when

if TYPE_CHECKING:
    from paper import Sheet

VACCINES = (
    ("Influenza, inactivated", "150"), ("Tdap", "115"), ("Pneumococcal conjugate PCV20", "216"),
    ("Zoster, recombinant", "187"), ("Hepatitis B, adult", "43"), ("COVID-19, mRNA", "309"),
    ("Hepatitis A, adult", "52"), ("MMR", "03"), ("Varicella", "21"), ("RSV, recombinant", "303"),
)  # fmt: skip


def orders(job: Job) -> list[Sheet]:
    """Physician orders with boxes."""
    told, rng = cases.facts(job), job.rng
    flow = Flow(
        job,
        "PHYSICIAN ORDERS",
        [*identity(job), ("Order date", when(job)), ("Allergies", rng.choice(cases.ALLERGIES))],
    )
    flow.section("Diagnosis", told.case.diagnosis)
    flow.heading("Admit to / code status")
    flow.ticks(
        [
            ("Medical floor", True),
            ("Telemetry", False),
            ("Full code", True),
            ("DNR (see form)", False),
        ],
        4,
    )
    flow.heading("Activity, diet, monitoring")
    flow.ticks(
        [
            ("Up with assistance", True),
            ("Bed rest", False),
            ("Regular diet", False),
            ("Cardiac diet, 2 g sodium", True),
            ("Vital signs every 4 hours", True),
            ("Daily weight", rng.random() < 0.5),
            ("Strict intake and output", rng.random() < 0.5),
            ("Oxygen to keep saturation over 92%", True),
        ]
    )
    flow.heading("Medications")
    rows = [[drug, sig, f"{rng.randrange(6, 22):02d}00"] for drug, sig, _ in told.case.medicines]
    flow.table(["Drug and strength", "Directions", "First dose"], rows, [3, 4, 1.2])
    flow.heading("Laboratory and imaging")
    flow.ticks(
        [*[(test, rng.random() < 0.7) for test in told.case.labs], (told.case.study.title(), True)]
    )
    flow.paragraph(
        f"Notify physician for systolic BP under 90 or over 180, pulse over 120, temperature over 101.5 F. Order read back by {doctor(rng, 'RN')}."
    )
    flow.signature(doctor(rng), f"{when(job)}", "Ordering physician")
    return flow.finish()


def prescription(job: Job) -> list[Sheet]:
    """A prescription on a half sheet's worth of a page."""
    told, rng = cases.facts(job), job.rng
    prescriber = doctor(rng)
    pairs = [
        *identity(job),
        ("Date written", when(job)),
        ("Address", f"{job.patient.address}, {job.patient.city}"),
    ]
    flow = Flow(job, "PRESCRIPTION", pairs)
    flow.sheet.text(LEFT, flow.y + 26, "Rx", flow.family.italic, 34)
    flow.y += 48
    for drug, sig, count in rng.sample(told.case.medicines, 2):
        flow.heading(drug)
        flow.paragraph(f"Sig: {sig}", indent=20)
        flow.paragraph(f"Dispense: {count}     Refills: {rng.randrange(0, 6)}", indent=20)
        flow.gap(8)
    flow.ticks([("Substitution permitted", True), ("Dispense as written", False)])
    flow.paragraph("Void after 180 days. Not valid for controlled substances without a DEA number.")
    flow.signature(f"{prescriber}   NPI 0000000000", when(job), "Prescriber")
    return flow.finish()


def medication_list(job: Job) -> list[Sheet]:
    """A reconciled medication list."""
    told, rng = cases.facts(job), job.rng
    flow = Flow(
        job,
        "MEDICATION LIST AND RECONCILIATION",
        [*identity(job), ("Reviewed on", when(job)), ("Allergies", rng.choice(cases.ALLERGIES))],
    )
    more = [drug for case in rng.sample(cases.CASES, 3) for drug in case.medicines]
    drugs = dict.fromkeys([*told.case.medicines, *rng.sample(more, 4)])
    rows = []
    for drug, sig, _ in drugs:
        started = job.day - timedelta(days=rng.randrange(20, 1500))
        rows.append(
            [drug, sig, when(job, started), rng.choice(("Continue", "Continue", "Changed", "Stop"))]
        )
    flow.table(["Medication", "How taken", "Started", "Action"], rows, [3, 4, 1.6, 1.2])
    flow.paragraph(
        "List compared with the pharmacy record and with the bottles that the patient brought. Over-the-counter: vitamin D 1000 units daily."
    )
    flow.blanks(
        [("Pharmacy", "Tumbledown Drugs, 5 Fixture Square"), ("Pharmacy phone", "555-0123")]
    )
    flow.signature(doctor(rng, "PharmD"), when(job), "Reviewed by")
    return flow.finish()


def immunization(job: Job) -> list[Sheet]:
    """An immunization history as printed on the service day."""
    rng = job.rng
    flow = Flow(
        job,
        "OFFICIAL IMMUNIZATION RECORD",
        [*identity(job), ("Record date", when(job)), ("Provider", doctor(rng))],
    )
    rows = []
    for name, code in rng.sample(VACCINES, 7):
        given = job.day - timedelta(days=rng.randrange(30, 2600))
        rows.append(
            [
                name,
                code,
                when(job, given),
                f"{rng.choice('ABEHKTX')}{rng.randrange(1000, 99999)}",
                rng.choice(("L deltoid", "R deltoid")),
            ]
        )
    flow.table(
        ["Vaccine", "CVX", "Given", "Lot #", "Site"], sorted(rows), [3.4, 0.7, 1.7, 1.4, 1.4]
    )
    flow.section(
        "Due now",
        f"{rng.choice(VACCINES)[0]} (age {age(job)}). Vaccine information statement given.",
    )
    flow.paragraph(
        "This record lists the doses that were reported to the registry. Contraindications: none recorded."
    )
    flow.signature(doctor(rng, "RN"), when(job), "Issued by")
    return flow.finish()

"""Physicians' notes: each function writes one document and returns its sheets."""
# ruff: noqa: E501  a chart's sentence is easier to check unbroken

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import cases
from flow import Flow
from sites import Job, Pairs, age, doctor, identity, when

if TYPE_CHECKING:
    from cases import Facts
    from paper import Sheet

RANGES = {
    "WBC": (10.8, 19.5), "CRP": (32, 180), "BUN": (22, 48), "Sodium": (129, 138), "BNP": (640, 2900),
    "Creatinine": (1.1, 2.3), "Potassium": (3.2, 5.3), "Troponin I": (0.01, 0.06),
    "Total bilirubin": (0.6, 2.1), "ALT": (24, 160), "Lipase": (20, 90), "Hemoglobin": (7.1, 11.9),
    "Vitamin D, 25-hydroxy": (9, 24), "Calcium": (8.1, 9.6), "LDL cholesterol": (98, 188),
    "INR": (1.0, 3.9), "Glucose": (138, 412), "Hemoglobin A1c": (7.2, 12.4),
    "Microalbumin/creatinine": (18, 240), "Ferritin": (4, 14), "MCV": (66, 79), "TSH": (0.6, 6.8),
    "Uric acid": (5.9, 9.8),
}  # fmt: skip
DECIMALS = {
    "CRP": 0,
    "BUN": 0,
    "Sodium": 0,
    "BNP": 0,
    "ALT": 0,
    "Lipase": 0,
    "Glucose": 0,
    "LDL cholesterol": 0,
    "Ferritin": 0,
    "MCV": 0,
    "Troponin I": 2,
}


def discharge_summary(job: Job) -> list[Sheet]:
    """Served on the day of discharge; admission and dictation dates stand beside it."""
    told, rng = cases.facts(job), job.rng
    admitted = job.day - timedelta(days=rng.randrange(2, 9))
    attending = doctor(rng)
    pairs: Pairs = [
        *identity(job), ("Attending", attending), ("Admitted", when(job, admitted)),
        ("Discharged", when(job)), ("Account", f"V{rng.randrange(10**8, 10**9)}"),
    ]  # fmt: skip
    flow = Flow(job, "DISCHARGE SUMMARY", pairs)
    flow.section("PRINCIPAL DIAGNOSIS", told.case.diagnosis + ".")
    flow.heading("SECONDARY DIAGNOSES")
    flow.items(told.case.past)
    flow.section("REASON FOR ADMISSION", told.tell(told.case.history))
    flow.section("HOSPITAL COURSE", told.tell(told.case.course))
    flow.section(
        "CONSULTATIONS",
        f"{doctor(rng)}, {rng.choice(('cardiology', 'infectious disease', 'nephrology'))}; {doctor(rng, 'PT')}, physical therapy.",
    )
    flow.heading("PERTINENT RESULTS")
    values = [[test, _value(job, test), _value(job, test)] for test in told.case.labs]
    flow.table(["Test", f"On {when(job, admitted)}", "Before discharge"], values, [2, 1.4, 1.4])
    flow.paragraph(f"{told.case.study.capitalize()}: {' '.join(told.case.impression)}")
    flow.section("EXAMINATION AT DISCHARGE", f"{cases.vitals(rng)}. {told.case.exam}")
    flow.heading("DISCHARGE MEDICATIONS")
    flow.items([f"{drug}: {sig}" for drug, sig, _ in told.case.medicines])
    flow.section(
        "CONDITION AT DISCHARGE", rng.choice(("Stable.", "Improved, walking unaided.", "Fair."))
    )
    flow.heading("FOLLOW-UP AND INSTRUCTIONS")
    flow.items(told.case.plan)
    flow.paragraph(
        f"Diet: {rng.choice(('regular', 'low sodium', 'consistent carbohydrate'))}. Activity: {rng.choice(('as tolerated', 'walker at all times', 'no heavy lifting'))}. Code status: {rng.choice(('full code', 'do not resuscitate'))}. Allergies: {rng.choice(cases.ALLERGIES)}. Written instructions were reviewed with the patient, who repeated them in {told.slots['his']} own words."
    )
    dictated = job.day + timedelta(days=rng.randrange(4))
    flow.signature(attending, when(job, dictated))
    flow.paragraph(
        f"Dictated {when(job, dictated)}  Transcribed {when(job, dictated + timedelta(1))}  cc: {doctor(rng)}"
    )
    return flow.finish()


def history_physical(job: Job) -> list[Sheet]:
    """Served on the day of admission."""
    told, rng = cases.facts(job), job.rng
    who = doctor(rng)
    flow = Flow(
        job,
        "HISTORY AND PHYSICAL EXAMINATION",
        [*identity(job), ("Date of admission", when(job)), ("Physician", who)],
    )
    flow.section("CHIEF COMPLAINT", told.say(told.case.complaint) + ".")
    flow.section("HISTORY OF PRESENT ILLNESS", told.tell(told.case.history))
    flow.section("PAST MEDICAL HISTORY", "; ".join(told.case.past) + ".")
    flow.section("ALLERGIES", rng.choice(cases.ALLERGIES) + ".")
    flow.heading("HOME MEDICATIONS")
    flow.items([f"{drug}, {sig}" for drug, sig, _ in told.case.medicines], "-")
    flow.section(
        "FAMILY AND SOCIAL HISTORY", f"{rng.choice(cases.FAMILY)} {rng.choice(cases.HABITS)}"
    )
    flow.section(
        "REVIEW OF SYSTEMS",
        "Constitutional: as above. Eyes and ears: no change. Cardiovascular, respiratory and "
        "gastrointestinal: see present illness. Genitourinary: no dysuria. Skin: no rash "
        "apart from what is described. Neurologic: no seizure.",
    )
    flow.section("PHYSICAL EXAMINATION", f"Vital signs: {cases.vitals(rng)}. {told.case.exam}")
    flow.section("DATA", _values(job, told))
    flow.section("IMAGING", f"{told.case.study.capitalize()}. {told.tell(told.case.findings)}")
    flow.section(
        "IMPRESSION",
        f"{told.case.diagnosis}. Background of {told.case.past[0][0].lower() + told.case.past[0][1:]}.",
    )
    flow.section(
        "DISCUSSION",
        f"The presentation is best explained by {told.case.diagnosis[0].lower() + told.case.diagnosis[1:]}. Risks and choices were discussed with the patient and the family. Deep vein thrombosis prophylaxis is ordered. Expected stay {rng.randrange(2, 6)} nights. Code status confirmed on admission.",
    )
    flow.heading("PLAN")
    flow.items(told.case.plan)
    flow.signature(who, when(job), "Hospital medicine")
    return flow.finish()


def consult_note(job: Job) -> list[Sheet]:
    """Served on the day of the consultation; the request came before."""
    told, rng = cases.facts(job), job.rng
    asking, who = doctor(rng), doctor(rng)
    asked = job.day - timedelta(days=rng.randrange(1, 20))
    pairs = [
        *identity(job),
        ("Seen", when(job)),
        ("Requested by", asking),
        ("Requested", when(job, asked)),
    ]
    flow = Flow(job, "CONSULTATION REPORT", pairs)
    flow.section("Reason for consultation", f"{told.case.diagnosis}; advice on management.")
    flow.paragraph(f"Thank you for asking me to see this {age(job)}-year-old patient.")
    flow.section("History", told.tell(told.case.history))
    flow.section("Background", "; ".join(told.case.past) + ". " + rng.choice(cases.HABITS))
    flow.section("Examination", f"{cases.vitals(rng)}. {told.case.exam}")
    flow.section(
        "Results reviewed",
        f"{_values(job, told)} {told.case.study.capitalize()}: {told.case.impression[0]}",
    )
    flow.section("Assessment", f"{told.case.diagnosis}. {told.tell(told.case.course[:2])}")
    flow.heading("Recommendations")
    flow.items(told.case.plan)
    flow.paragraph(
        "I will be glad to see the patient again and to discuss these suggestions by telephone."
    )
    flow.signature(who, when(job), "Consulting physician")
    return flow.finish()


def progress_note(job: Job) -> list[Sheet]:
    """A visit in four parts: subjective, objective, assessment, plan."""
    told, rng = cases.facts(job), job.rng
    who = doctor(rng, rng.choice(("MD", "DO", "NP", "PA-C")))
    flow = Flow(
        job,
        rng.choice(("PROGRESS NOTE", "OFFICE VISIT - PROGRESS NOTE")),
        [*identity(job), ("Visit date", when(job)), ("Seen by", who)],
    )
    flow.section(
        "S:",
        f"{told.say(told.case.complaint)}. {told.tell(told.case.history[:2])} Allergies: {rng.choice(cases.ALLERGIES)}.",
    )
    flow.section("O:", f"{cases.vitals(rng)}. {told.case.exam} {_values(job, told)}")
    flow.section(
        "A:", f"1. {told.case.diagnosis}. 2. {told.case.past[0]}, stable. 3. {told.case.past[1]}."
    )
    flow.heading("P:")
    flow.items(
        [
            *told.case.plan,
            f"Continue {told.case.medicines[0][0]} and {told.case.medicines[1][0]}.",
            f"Return to clinic in {rng.randrange(2, 12)} weeks.",
        ]
    )
    flow.signature(who, when(job))
    return flow.finish()


def ed_note(job: Job) -> list[Sheet]:
    """Served on the day of arrival."""
    told, rng = cases.facts(job), job.rng
    who = doctor(rng)
    clock = f"{rng.randrange(24):02d}:{rng.randrange(60):02d}"
    pairs = [
        *identity(job),
        ("Arrival", f"{when(job)} {clock}"),
        ("ED physician", who),
        ("Triage level", str(rng.randrange(2, 5))),
    ]
    flow = Flow(job, "EMERGENCY DEPARTMENT RECORD", pairs)
    flow.section(
        "TRIAGE",
        f"Arrival mode: {rng.choice(('ambulance', 'private car', 'walked in', 'wheelchair'))}. Chief complaint: {told.say(told.case.complaint)}. {cases.vitals(rng)}. Pain {rng.randrange(2, 10)}/10.",
    )
    flow.section("HISTORY", told.tell(told.case.history))
    flow.section(
        "PAST HISTORY / ALLERGIES", f"{'; '.join(told.case.past)}. {rng.choice(cases.ALLERGIES)}."
    )
    flow.section("EXAMINATION", told.case.exam)
    flow.section(
        "ED COURSE",
        f"{_values(job, told)} {told.case.study.title()}: {told.case.impression[0]} {told.say(told.case.course[0])}",
    )
    flow.section(
        "MEDICAL DECISION MAKING",
        f"The findings fit {told.case.diagnosis[0].lower() + told.case.diagnosis[1:]}. Alternatives were considered and judged less likely on examination and testing.",
    )
    flow.section(
        "DISPOSITION",
        rng.choice(
            (
                "Admitted to the medical floor in stable condition.",
                "Discharged home with written instructions and a ride.",
                "Placed in observation.",
            )
        ),
    )
    flow.signature(who, when(job), "Emergency medicine")
    return flow.finish()


def _values(job: Job, told: Facts) -> str:
    pairs = [f"{test} {_value(job, test)}" for test in told.case.labs]
    return f"Laboratory: {', '.join(pairs)}."


def _value(job: Job, test: str) -> str:
    return f"{job.rng.uniform(*RANGES[test]):.{DECIMALS.get(test, 1)}f}"

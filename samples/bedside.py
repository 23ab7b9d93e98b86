"""Notes of nurses and therapists."""
# ruff: noqa: E501  a chart's sentence is easier to check unbroken

from __future__ import annotations

from typing import TYPE_CHECKING

import cases
from flow import Flow
from sites import Job, doctor, identity, when

if TYPE_CHECKING:
    from random import Random

    from paper import Sheet

NURSING = (
    "Received report at the bedside; patient awake, oriented to person, place and time, call light in reach.",
    "Walked to the bathroom with one person assisting, steady with walker, no dizziness.",
    "Medicated for pain as ordered; reassessed after 45 minutes, {he} reports relief and is resting.",
    "Ate about {n}0 percent of the meal. Blood glucose checked, no coverage needed.",
    "Physician on rounds; new orders noted and explained to patient and family.",
    "Dressing dry and intact, no drainage. Heels floated on pillows, turned to the left side.",
    "Family member at bedside asked about going home; case manager paged.",
    "Coughing and deep breathing encouraged, incentive spirometer to {n}50 mL ten times an hour.",
)


def nursing_note(job: Job) -> list[Sheet]:
    """A shift on the ward: assessment grid and narrative entries."""
    told, rng = cases.facts(job), job.rng
    flow = Flow(
        job,
        "NURSING SHIFT ASSESSMENT",
        [*identity(job), ("Date of shift", when(job)), ("Shift", rng.choice(("07-19", "19-07")))],
    )
    hours = sorted(rng.sample(range(7, 20), 5))
    rows = [
        [
            f"{h:02d}00",
            f"{rng.randrange(100, 160)}/{rng.randrange(56, 92)}",
            str(rng.randrange(60, 110)),
            str(rng.randrange(14, 24)),
            f"{rng.uniform(97, 101):.1f}",
            f"{rng.randrange(90, 100)}%",
            f"{rng.randrange(9)}/10",
        ]
        for h in hours
    ]
    flow.table(
        ["Time", "BP", "Pulse", "Resp", "Temp F", "SpO2", "Pain"], rows, [1, 1.4, 1, 1, 1, 1, 1]
    )
    flow.paragraph(
        f"Braden score {rng.randrange(12, 23)}. Fall risk: {rng.choice(('high, bed alarm on', 'moderate', 'low'))}. Intake {rng.randrange(600, 2200)} mL, output {rng.randrange(500, 2400)} mL. IV site left forearm clean and dry."
    )
    flow.heading("NARRATIVE")
    for hour, text in zip(hours, rng.sample(NURSING, 5), strict=True):
        flow.paragraph(f"{hour:02d}{rng.randrange(60):02d}  {told.say(text)}")
    flow.section("PLAN OF CARE", f"Goals for {told.case.diagnosis.lower()}: {told.case.plan[0]}")
    flow.signature(doctor(rng, "RN"), when(job), "Registered nurse")
    return flow.finish()


def therapy_note(job: Job) -> list[Sheet]:
    """A physical therapy evaluation."""
    rng = job.rng
    problem = rng.choice(
        (
            "left hip fracture, after nailing",
            "right total knee arthroplasty",
            "deconditioning after hospital stay",
            "left shoulder adhesive capsulitis",
            "lumbar strain",
        )
    )
    flow = Flow(
        job,
        "PHYSICAL THERAPY EVALUATION",
        [
            *identity(job),
            ("Evaluation date", when(job)),
            ("Referred by", doctor(rng)),
            ("Visit", f"1 of {rng.randrange(8, 19)}"),
        ],
    )
    flow.section("Treatment diagnosis", f"Difficulty walking and weakness due to {problem}.")
    flow.section(
        "Prior level of function",
        rng.choice(cases.HABITS)
        + " Independent with dressing and bathing before the present problem.",
    )
    _motions(flow, rng)
    flow.section(
        "Function",
        f"Gait with a rolling walker, {rng.randrange(20, 160)} feet with {rng.choice(('minimal assist', 'contact guard', 'supervision'))}. Timed Up and Go {rng.uniform(11, 32):.1f} seconds. Pain {rng.randrange(2, 8)}/10 with stairs.",
    )
    flow.heading("Goals (four weeks)")
    flow.items(
        (
            f"Walk {rng.randrange(2, 7) * 100} feet without help on level ground.",
            "Climb twelve steps with one rail.",
            f"Timed Up and Go under {rng.randrange(11, 15)} seconds.",
            "Home exercise program done daily without cues.",
        )
    )
    flow.section(
        "Plan of treatment",
        f"Therapeutic exercise, gait training and manual therapy {rng.randrange(2, 4)} times a week for {rng.randrange(4, 9)} weeks. Patient agrees with the plan.",
    )
    flow.signature(doctor(rng, "PT, DPT"), when(job))
    flow.signature("Physician certification", "")
    return flow.finish()


def _motions(flow: Flow, rng: Random) -> None:
    rows = [
        [
            joint,
            f"{rng.randrange(60, 120)} deg",
            f"{rng.randrange(40, 100)} deg",
            f"{rng.randrange(3, 6)}/5",
            f"{rng.randrange(2, 5)}-/5",
        ]
        for joint in (
            "Hip flexion",
            "Hip abduction",
            "Knee flexion",
            "Knee extension",
            "Ankle dorsiflexion",
        )
    ]
    flow.table(
        ["Motion", "ROM sound", "ROM involved", "Strength sound", "Strength involved"],
        rows,
        [1.5, 1, 1, 1, 1],
    )

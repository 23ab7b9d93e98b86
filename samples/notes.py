"""Clinical notes: each function writes one document and returns its sheets."""
# ruff: noqa: E501  a chart's sentence is easier to check unbroken

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import cases
from flow import Flow
from sites import Job, Pairs, age, doctor, identity, name_of, when

if TYPE_CHECKING:
    from random import Random

    from cases import Facts
    from paper import Sheet


def discharge_summary(job: Job) -> list[Sheet]:
    """Served on the day of discharge; admission and dictation dates stand beside it."""
    told, rng = _facts(job), job.rng
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
    told, rng = _facts(job), job.rng
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
    told, rng = _facts(job), job.rng
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
    told, rng = _facts(job), job.rng
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


def operative_note(job: Job) -> list[Sheet]:
    """Served on the day of the operation."""
    rng = job.rng
    name, before, steps = rng.choice(OPERATIONS)
    surgeon = doctor(rng)
    flow = Flow(
        job,
        "OPERATIVE REPORT",
        [
            *identity(job),
            ("Date of operation", when(job)),
            ("Surgeon", surgeon),
            ("Dictated", when(job, job.day + timedelta(1))),
        ],
    )
    flow.section("PREOPERATIVE DIAGNOSIS", before + ".")
    flow.section("POSTOPERATIVE DIAGNOSIS", "Same.")
    flow.section("PROCEDURE PERFORMED", name + ".")
    flow.section(
        "ASSISTANT / ANESTHESIA",
        f"{doctor(rng, 'PA-C')}. {rng.choice(('General endotracheal', 'Spinal with sedation', 'General, laryngeal mask'))}, {doctor(rng)}.",
    )
    flow.section(
        "ESTIMATED BLOOD LOSS / COMPLICATIONS / SPECIMENS",
        f"{rng.randrange(1, 30) * 10} mL. None. As listed on the pathology requisition.",
    )
    flow.section(
        "INDICATIONS",
        f"This {age(job)}-year-old patient had symptoms that did not settle without surgery. Risks, including bleeding, infection, clot and injury to nearby structures, were discussed and written consent was obtained.",
    )
    flow.heading("DESCRIPTION OF PROCEDURE")
    flow.paragraph(
        f"The patient was met in the holding area, where the site was marked and questions were answered. Cefazolin {rng.choice((2, 3))} g was given {rng.randrange(15, 50)} minutes before incision. A time-out confirmed patient, procedure and side."
    )
    for step in steps:
        flow.paragraph(step)
    flow.paragraph(
        "Sponge, needle and instrument counts were correct twice. The patient was taken to the recovery room in stable condition."
    )
    _room_times(flow, rng)
    flow.heading("POSTOPERATIVE PLAN")
    flow.items(rng.sample(AFTERCARE, 4))
    flow.section(
        "RECOVERY ROOM",
        f"On arrival: {cases.vitals(rng)}. Awake and moving all limbs, pain {rng.randrange(1, 7)}/10. The family was met in the waiting room and the findings were explained.",
    )
    flow.paragraph(
        "I was present and scrubbed for the whole of the operation and have read this report."
    )
    flow.signature(surgeon, when(job, job.day + timedelta(1)), "Surgeon")
    return flow.finish()


def _room_times(flow: Flow, rng: Random) -> None:
    start = rng.randrange(450, 900)
    rows = [
        [event, f"{(start + later) // 60:02d}:{(start + later) % 60:02d}", doctor(rng, "RN")]
        for event, later in (
            ("In room", 0),
            ("Anesthesia ready", 17),
            ("Incision", 34),
            ("Closure", 34 + rng.randrange(40, 140)),
        )
    ]
    flow.heading("TIMES")
    flow.table(["Event", "Clock", "Recorded by"], rows, [2, 1, 2])


def procedure_note(job: Job) -> list[Sheet]:
    """An endoscopy, served on its day."""
    rng = job.rng
    name, why, findings = rng.choice(PROCEDURES)
    who = doctor(rng)
    flow = Flow(
        job, "PROCEDURE NOTE", [*identity(job), ("Procedure date", when(job)), ("Endoscopist", who)]
    )
    flow.section("PROCEDURE", name + ".")
    flow.section("INDICATION", why)
    flow.section(
        "SEDATION",
        f"Midazolam {rng.randrange(2, 6)} mg and fentanyl {rng.randrange(2, 7) * 25} mcg intravenously; monitored throughout. Consent obtained. Time-out completed with two identifiers.",
    )
    flow.section(
        "TECHNIQUE",
        f"The scope was passed under direct vision. The view was {rng.choice(('good', 'excellent', 'fair'))}. Time from insertion to withdrawal {rng.randrange(7, 16)} minutes.",
    )
    flow.heading("FINDINGS")
    flow.items(findings)
    flow.section(
        "SPECIMENS", f"{rng.randrange(1, 5)} jars sent to pathology, labelled at the bedside."
    )
    flow.section("COMPLICATIONS", "None. Estimated blood loss under 5 mL.")
    flow.section(
        "RECOMMENDATIONS",
        f"Resume diet. Await pathology. {rng.choice(('Repeat in three years', 'Repeat in one year', 'Office visit in four weeks'))}, sooner if symptoms change.",
    )
    flow.signature(who, when(job))
    return flow.finish()


def ed_note(job: Job) -> list[Sheet]:
    """Served on the day of arrival."""
    told, rng = _facts(job), job.rng
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


def nursing_note(job: Job) -> list[Sheet]:
    """A shift on the ward: assessment grid and narrative entries."""
    told, rng = _facts(job), job.rng
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


def letter(job: Job) -> list[Sheet]:
    """A letter from one doctor to another about a visit, dated on the day it was written."""
    told, rng = _facts(job), job.rng
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


def other(job: Job) -> list[Sheet]:
    """An itemized bill, which is no chart document of any named type."""
    rng = job.rng
    flow = Flow(
        job,
        "ITEMIZED STATEMENT OF CHARGES",
        [
            *identity(job),
            ("Statement date", when(job)),
            ("Account", f"{rng.randrange(10**7, 10**8)}"),
        ],
    )
    charges = rng.sample(CHARGES, 7)
    amounts = [rng.randrange(1800, 240_000) / 100 for _ in charges]
    rows = [
        [code, text, "1", f"{amount:,.2f}"]
        for (code, text), amount in zip(charges, amounts, strict=True)
    ]
    flow.table(["Code", "Description", "Qty", "Amount"], rows, [1, 4, 0.6, 1.2])
    paid = round(sum(amounts) * 0.8, 2)
    flow.paragraph(
        f"Total charges {sum(amounts):,.2f}   Insurance payments {paid:,.2f}   Amount due {sum(amounts) - paid:,.2f}"
    )
    flow.paragraph(
        "Please return the lower portion with your payment within 30 days. For a payment plan or financial assistance call patient accounts on weekdays from 8 to 5."
    )
    flow.gap(20)
    flow.blanks(
        [
            ("Amount enclosed", ""),
            ("Check number", ""),
            ("Name", name_of(job)),
            ("Account", "see above"),
        ]
    )
    return flow.finish()


def _facts(job: Job) -> Facts:
    return cases.facts(job.rng, age(job), job.patient.sex)


def _values(job: Job, told: Facts) -> str:
    pairs = [f"{test} {_value(job, test)}" for test in told.case.labs]
    return f"Laboratory: {', '.join(pairs)}."


def _value(job: Job, test: str) -> str:
    return f"{job.rng.uniform(*RANGES[test]):.{DECIMALS.get(test, 1)}f}"


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
OPERATIONS = (
    ("Laparoscopic cholecystectomy", "Acute calculous cholecystitis", (
        "With the patient supine the abdomen was prepared and draped. A 12 mm port was placed at the umbilicus by the open technique and three 5 mm ports in the upper abdomen.",
        "The gallbladder was tense and was decompressed with a needle. Adhesions of omentum were swept down. The critical view of safety was obtained with only two structures entering the gallbladder.",
        "The cystic duct and artery were clipped twice below, once above and divided. The gallbladder was taken off the liver bed with the hook, placed in a bag and removed through the umbilicus.",
        "The bed was irrigated with a liter of saline until clear and inspected for bile or bleeding; none was found. Fascia was closed with 0 Vicryl and skin with 4-0 Monocryl.")),
    ("Cephalomedullary nailing of the left femur", "Displaced left intertrochanteric fracture", (
        "The patient was positioned on the fracture table and the fracture reduced by traction and internal rotation under the image intensifier.",
        "A 4 cm incision was made above the greater trochanter. A guide wire was passed through the tip into the canal and the proximal femur opened with the reamer.",
        "An 11 by 180 mm nail was seated by hand. A 95 mm lag screw was placed low and centered in the head with a tip-apex distance of 18 mm, followed by one distal locking screw.",
        "Final films showed good reduction. Wounds were irrigated and closed in layers with staples to the skin.")),
    ("Open repair of right inguinal hernia with mesh", "Reducible right inguinal hernia", (
        "A 6 cm oblique incision was carried down to the external oblique, which was opened in the line of its fibers. The ilioinguinal nerve was found and kept.",
        "An indirect sac was separated from the cord, inverted and ligated high. The floor was lax without a direct defect.",
        "A flat polypropylene mesh was fixed to the pubic tubercle, the inguinal ligament and the conjoined tendon with 2-0 Prolene, the tails crossed behind the cord.",
        "The external oblique was closed with 3-0 Vicryl and the skin with a running subcuticular suture; 20 mL of 0.25 percent bupivacaine was instilled.")),
    ("Right total knee arthroplasty", "End-stage osteoarthritis of the right knee", (
        "After exsanguination the tourniquet was inflated to 275 mmHg. A midline incision and medial parapatellar arthrotomy were made; full-thickness cartilage loss was present in two compartments.",
        "The distal femur was cut in five degrees of valgus and the tibia perpendicular to its axis. Gaps were equal with a 10 mm spacer in flexion and extension.",
        "Trial components tracked well without a lateral release. Definitive femoral, tibial and patellar components were cemented and excess cement removed.",
        "The joint was soaked in dilute betadine, irrigated with three liters and closed in layers over the capsule with a barbed suture.")),
)  # fmt: skip
AFTERCARE = (
    "Clear liquids tonight, diet as tolerated tomorrow.", "Walk in the hallway this evening with assistance.",
    "Sequential compression devices while in bed.", "Acetaminophen on a schedule, oxycodone only for breakthrough pain.",
    "Remove the urinary catheter on the first postoperative morning.", "Complete blood count and basic metabolic panel at 06:00.",
    "Wound check in the surgical clinic in two weeks.", "Incentive spirometer ten times an hour while awake.",
)  # fmt: skip
PROCEDURES = (
    ("Colonoscopy with hot snare polypectomy", "Iron deficiency anemia.", ("A 22 mm pedunculated polyp at 28 cm from the anal verge, removed in one piece; two clips placed on the stalk.", "Scattered diverticula of the sigmoid colon.", "Small internal hemorrhoids. The terminal ileum was normal.")),
    ("Esophagogastroduodenoscopy with biopsy", "Reflux symptoms despite treatment.", ("Grade B reflux esophagitis with a 3 cm sliding hiatal hernia.", "Patchy erythema of the antrum; biopsies taken for Helicobacter pylori.", "Normal duodenum to the second part; four biopsies taken.")),
    ("Flexible bronchoscopy with lavage", "Right lower lobe collapse that did not clear with treatment.", ("Vocal cords moved normally; trachea and carina sharp.", "Thick mucus plugging of the right lower lobe bronchus, cleared by suction.", "Lavage of the posterior basal segment with 120 mL of saline, 45 mL returned.")),
    ("Colonoscopy, screening", "Screening, average risk.", ("A 4 mm sessile polyp in the ascending colon, removed with cold forceps.", "The cecum was reached and identified by the appendiceal orifice.", "Otherwise normal mucosa throughout.")),
)  # fmt: skip
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
CHARGES = (
    ("0120", "Room and board, semi-private"), ("0250", "Pharmacy, general"), ("0301", "Chemistry panel"),
    ("0305", "Hematology"), ("0324", "Diagnostic radiology, chest"), ("0351", "CT scan, head"),
    ("0420", "Physical therapy"), ("0450", "Emergency room, level 4"), ("0480", "Cardiology, general"),
    ("0636", "Drugs requiring detailed coding"), ("0710", "Recovery room"), ("0730", "EKG/ECG tracing"),
)  # fmt: skip

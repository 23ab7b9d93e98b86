"""Reports of operations and procedures."""
# ruff: noqa: E501  a chart's sentence is easier to check unbroken

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import cases
from flow import Flow
from sites import Job, age, doctor, identity, when

if TYPE_CHECKING:
    from random import Random

    from paper import Sheet

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

"""Results: laboratory, pathology, imaging, electrocardiogram and echocardiogram reports."""
# ruff: noqa: E501  a chart's sentence is easier to check unbroken

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

import cases
from flow import Flow
from sites import LEFT, Job, age, doctor, identity, when

if TYPE_CHECKING:
    import random

    from paper import Sheet

PANELS = {
    "COMPREHENSIVE METABOLIC PANEL": (
        ("Glucose", 65, 99, "mg/dL"), ("BUN", 7, 25, "mg/dL"), ("Creatinine", 0.6, 1.3, "mg/dL"),
        ("Sodium", 135, 146, "mmol/L"), ("Potassium", 3.5, 5.3, "mmol/L"), ("Chloride", 98, 110, "mmol/L"),
        ("Carbon dioxide", 20, 32, "mmol/L"), ("Calcium", 8.6, 10.3, "mg/dL"), ("Protein, total", 6.1, 8.1, "g/dL"),
        ("Albumin", 3.6, 5.1, "g/dL"), ("Bilirubin, total", 0.2, 1.2, "mg/dL"), ("Alkaline phosphatase", 40, 115, "U/L"),
        ("AST", 10, 35, "U/L"), ("ALT", 9, 46, "U/L"),
    ),
    "CBC WITH DIFFERENTIAL": (
        ("White blood cell count", 3.8, 10.8, "Thousand/uL"), ("Red blood cell count", 3.9, 5.8, "Million/uL"),
        ("Hemoglobin", 11.7, 17.1, "g/dL"), ("Hematocrit", 35, 50, "%"), ("MCV", 80, 100, "fL"), ("MCH", 27, 33, "pg"),
        ("Platelet count", 140, 400, "Thousand/uL"), ("Neutrophils", 40, 74, "%"), ("Lymphocytes", 14, 46, "%"),
        ("Monocytes", 4, 12, "%"), ("Eosinophils", 0.1, 6, "%"),
    ),
    "LIPID PANEL": (
        ("Cholesterol, total", 110, 200, "mg/dL"), ("HDL cholesterol", 40, 90, "mg/dL"), ("Triglycerides", 40, 150, "mg/dL"),
        ("LDL cholesterol, calculated", 40, 100, "mg/dL"), ("Chol/HDL ratio", 1.8, 5, "calc"),
    ),
    "THYROID AND DIABETES": (("TSH", 0.4, 4.5, "mIU/L"), ("T4, free", 0.8, 1.8, "ng/dL"), ("Hemoglobin A1c", 4, 5.6, "% of total Hgb")),
    "IRON STUDIES": (("Iron, total", 50, 180, "mcg/dL"), ("TIBC", 250, 425, "mcg/dL"), ("Ferritin", 24, 380, "ng/mL"), ("Transferrin saturation", 20, 48, "%")),
    "COAGULATION": (("Prothrombin time", 9, 11.5, "sec"), ("INR", 0.9, 1.1, "ratio"), ("aPTT", 23, 32, "sec")),
    "URINALYSIS, MACROSCOPIC": (("Specific gravity", 1.001, 1.035, ""), ("pH", 5, 8, ""), ("Urobilinogen", 0.2, 1, "mg/dL")),
}  # fmt: skip
SPECIMENS = (
    ("Colon, sigmoid, polypectomy", "Received in formalin is a tan-red pedunculated polyp, {a} x {b} x 1.0 cm, with a stalk of 0.6 cm. The stalk margin is inked blue; the polyp is serially sectioned and entirely submitted in cassettes A1-A4.", "Sections show crowded tubular and villous glands lined by pseudostratified nuclei. High-grade architecture is absent and the inked stalk is free.", "TUBULOVILLOUS ADENOMA, 2.2 CM. NEGATIVE FOR HIGH-GRADE DYSPLASIA. STALK MARGIN NEGATIVE."),
    ("Gallbladder, cholecystectomy", "Received fresh is a gallbladder of {a} x {b} x 3.1 cm with a dull, congested serosa. The lumen holds green bile and eleven faceted stones up to 1.4 cm. The wall is 0.5 cm thick. Representative sections in A1-A2.", "The mucosa is ulcerated with a transmural mixed infiltrate, edema and Rokitansky-Aschoff sinuses. No dysplasia is seen.", "ACUTE AND CHRONIC CHOLECYSTITIS WITH CHOLELITHIASIS. NO MALIGNANCY."),
    ("Skin, left upper back, shave biopsy", "Received in formalin is a shave of tan skin, {a} x {b} x 0.2 cm, with an irregular brown macule of 0.5 cm. Margins inked black, trisected, entirely submitted in A1.", "There is a proliferation of basaloid nests with peripheral palisading and clefting in the papillary dermis, reaching the lateral edge.", "BASAL CELL CARCINOMA, NODULAR TYPE. LATERAL MARGIN INVOLVED; DEEP MARGIN FREE."),
    ("Breast, right, core needle biopsy", "Received in formalin are five cores of yellow-white tissue, {a} cm in aggregate length and 0.2 cm across, placed at 10:42. Submitted entirely in A1-A2. Cold ischemia time {b} minutes.", "The cores show a biphasic lesion with compressed ducts in a bland, hypocellular stroma without mitoses.", "FIBROADENOMA. NO ATYPIA OR MALIGNANCY IDENTIFIED."),
    ("Stomach, antrum, biopsy", "Received in formalin are three fragments of soft tan mucosa, {a} mm in aggregate, and a fourth of {b} mm. Submitted entirely in A1.", "Antral mucosa with a band of lymphocytes and plasma cells in the upper lamina propria and neutrophils in pits. Immunostain shows curved organisms.", "CHRONIC ACTIVE GASTRITIS. HELICOBACTER PYLORI IDENTIFIED. NO INTESTINAL METAPLASIA."),
)  # fmt: skip
LEADS = ("I", "aVR", "V1", "V4", "II", "aVL", "V2", "V5", "III", "aVF", "V3", "V6")


def lab_report(job: Job) -> list[Sheet]:
    """Served on the day of collection; received and reported dates stand beside it."""
    rng = job.rng
    clock = f"{rng.randrange(6, 18):02d}:{rng.randrange(60):02d}"
    pairs = [
        *identity(job), ("Accession", f"QL{rng.randrange(10**6, 10**7)}"),
        ("Collected", f"{when(job)} {clock}"), ("Received", f"{when(job, job.day + timedelta(1))} 02:1{rng.randrange(10)}"),
        ("Reported", f"{when(job, job.day + timedelta(days=rng.randrange(1, 4)))} 11:4{rng.randrange(10)}"),
        ("Ordering physician", doctor(rng)), ("Fasting", rng.choice(("Yes", "No", "Not stated"))),
    ]  # fmt: skip
    flow = Flow(job, "LABORATORY REPORT", pairs)
    panels = rng.sample(list(PANELS), rng.randrange(2, 5))
    for panel in sorted(panels, key=list(PANELS).index):
        flow.heading(panel)
        rows = [_result(rng, *test) for test in PANELS[panel]]
        flow.table(
            ["Test", "Result", "Flag", "Reference range", "Units"],
            rows,
            [3, 1.2, 0.7, 1.8, 1.5],
            ruled=False,
        )
    flow.paragraph(
        "Specimen: serum and whole blood. H = above, L = below the reference range. Results marked with a flag were reviewed by the technologist on duty."
    )
    flow.paragraph(
        f"Interpret with the clinical picture. Final report; {rng.choice(('no critical values', 'client called with flagged values'))}."
    )
    return flow.finish()


def _result(rng: random.Random, test: str, low: float, high: float, unit: str) -> list[str]:
    span = high - low
    value = rng.triangular(low - span * 0.35, high + span * 0.45, (low + high) / 2)
    value = max(value, low / 3)
    places = 3 if test == "Specific gravity" else 1 if high < 60 else 0
    flag = "L" if value < low else "H" if value > high else ""
    return [test, f"{value:.{places}f}", flag, f"{low:g} - {high:g}", unit]


def pathology_report(job: Job) -> list[Sheet]:
    """Served on the day of collection."""
    rng = job.rng
    site, gross, micro, final = rng.choice(SPECIMENS)
    pairs = [
        *identity(job), ("Accession", f"S{job.day:%y}-{rng.randrange(1000, 20000)}"), ("Collected", when(job)),
        ("Received", when(job, job.day + timedelta(1))), ("Reported", when(job, job.day + timedelta(days=rng.randrange(2, 7)))),
        ("Submitted by", doctor(rng)),
    ]  # fmt: skip
    flow = Flow(job, "SURGICAL PATHOLOGY REPORT", pairs)
    flow.section("SPECIMEN", f"A. {site}.")
    flow.section("FINAL DIAGNOSIS", final)
    flow.section(
        "CLINICAL HISTORY",
        f"{age(job)}-year-old patient. {rng.choice(('Rule out malignancy.', 'See procedure note.', 'Follow-up of earlier finding.'))}",
    )
    flow.section(
        "GROSS DESCRIPTION",
        f"The container is labelled with the patient's name and number. {gross.format(a=round(rng.uniform(1.2, 8.5), 1), b=round(rng.uniform(0.5, 4.0), 1))}",
    )
    flow.section("MICROSCOPIC DESCRIPTION", micro)
    flow.section(
        "COMMENT",
        f"{rng.choice(('Levels were examined.', 'The case was shown at the daily conference, which agreed.', 'Special stains had adequate controls.'))} Billing code {rng.choice(('88304', '88305'))}.",
    )
    flow.signature(
        doctor(rng), when(job, job.day + timedelta(days=3)), "Pathologist, electronically signed"
    )
    return flow.finish()


def imaging_report(job: Job) -> list[Sheet]:
    """Served on the day of the examination."""
    rng = job.rng
    told = cases.facts(job)
    pairs = [
        *identity(job), ("Exam date", when(job)), ("Accession", f"R{rng.randrange(10**6, 10**7)}"),
        ("Referred by", doctor(rng)), ("Reported", when(job, job.day + timedelta(days=rng.randrange(2)))),
    ]  # fmt: skip
    flow = Flow(job, rng.choice(("RADIOLOGY REPORT", "DIAGNOSTIC IMAGING REPORT")), pairs)
    flow.section("EXAMINATION:", told.case.study)
    flow.section("CLINICAL INDICATION:", told.say(told.case.complaint) + ".")
    flow.section(
        "COMPARISON:",
        rng.choice(
            (
                "None available.",
                f"Prior study of {when(job, job.day - timedelta(days=rng.randrange(60, 900)))}.",
            )
        ),
    )
    flow.section("TECHNIQUE:", told.case.technique)
    flow.section("FINDINGS:", told.tell(told.case.findings))
    flow.heading("IMPRESSION:")
    flow.items(told.case.impression)
    flow.signature(doctor(rng), when(job), "Radiologist")
    return flow.finish()


def ecg_report(job: Job) -> list[Sheet]:
    """A twelve-lead sheet on its side, with grid and tracing."""
    rng = job.rng
    flow = Flow(
        job,
        "12-LEAD ELECTROCARDIOGRAM",
        [
            *identity(job),
            ("Recorded", f"{when(job)} {rng.randrange(24):02d}:{rng.randrange(60):02d}"),
            ("Technician", doctor(rng, "CCT")),
        ],
        landscape=True,
    )
    rate = rng.randrange(54, 112)
    reading = rng.choice(
        (
            "Normal sinus rhythm. Normal ECG.",
            "Sinus rhythm with left ventricular hypertrophy by voltage.",
            "Atrial fibrillation with controlled ventricular response.",
            "Sinus rhythm, first degree AV block, nonspecific T wave changes.",
            "Sinus tachycardia, otherwise normal.",
        )
    )
    flow.paragraph(
        f"Vent rate {rate} bpm    PR interval {rng.randrange(130, 228)} ms    QRS duration {rng.randrange(78, 124)} ms    QT/QTc {rng.randrange(350, 420)}/{rng.randrange(400, 472)} ms    P-R-T axes {rng.randrange(20, 70)} {rng.randrange(-20, 80)} {rng.randrange(10, 70)}"
    )
    flow.paragraph(
        f"Interpretation: {reading} Compared with earlier tracing: {rng.choice(('no significant change', 'none available'))}."
    )
    _tracings(flow, rng, rate)
    flow.y = flow.bottom - 54
    flow.signature(f"Confirmed by {doctor(rng)}", when(job))
    return flow.finish()


def _tracings(flow: Flow, rng: random.Random, rate: int) -> None:
    top, bottom = flow.y, flow.bottom - 62
    for x in range(LEFT, int(flow.right), 14):
        flow.sheet.stroke([(x, top), (x, bottom)], 0.3, 0.75)
    for step in range(int((bottom - top) // 14) + 1):
        flow.sheet.stroke([(LEFT, top + step * 14), (flow.right, top + step * 14)], 0.3, 0.75)
    height, width = (bottom - top) / 3, (flow.right - LEFT) / 4
    for number, lead in enumerate(LEADS):
        x0, y0 = LEFT + number % 4 * width, top + (number // 4 + 0.6) * height
        flow.sheet.text(x0 + 4, y0 - height * 0.38, lead, flow.family.bold, 9)
        size = rng.uniform(0.5, 1.2) * (-1 if lead == "aVR" else 1)
        points = [
            (x0 + s * width / 240, y0 - size * height * 0.3 * _beat(s * rate / 4000 % 1))
            for s in range(240)
        ]
        flow.sheet.stroke(points, 0.9)


def _beat(phase: float) -> float:
    """One heart beat as a sum of bumps: P, Q, R, S and T."""
    bumps = (
        (0.2, 0.025, 0.14),
        (0.345, 0.01, -0.12),
        (0.37, 0.011, 1.0),
        (0.395, 0.01, -0.25),
        (0.6, 0.05, 0.26),
    )
    return sum(height * math.exp(-(((phase - at) / spread) ** 2)) for at, spread, height in bumps)


def echo_report(job: Job) -> list[Sheet]:
    """Served on the day of the study."""
    rng = job.rng
    flow = Flow(
        job,
        "TRANSTHORACIC ECHOCARDIOGRAM REPORT",
        [
            *identity(job),
            ("Study date", when(job)),
            ("Ordered by", doctor(rng)),
            ("Sonographer", doctor(rng, "RDCS")),
            ("Reported", when(job, job.day + timedelta(1))),
        ],
    )
    fraction = rng.randrange(25, 68)
    rows = [["LVIDd", f"{rng.uniform(3.9, 6.4):.1f} cm", "3.8 - 5.8", "Aortic root", f"{rng.uniform(2.6, 4.1):.1f} cm", "2.4 - 3.7"],
            ["LVIDs", f"{rng.uniform(2.4, 5.2):.1f} cm", "2.2 - 4.0", "LA diameter", f"{rng.uniform(3.0, 5.1):.1f} cm", "2.7 - 4.0"],
            ["IVSd", f"{rng.uniform(0.7, 1.5):.1f} cm", "0.6 - 1.0", "E/A ratio", f"{rng.uniform(0.6, 1.9):.1f}", "0.8 - 2.0"],
            ["LVPWd", f"{rng.uniform(0.7, 1.4):.1f} cm", "0.6 - 1.0", "RVSP", f"{rng.randrange(20, 58)} mmHg", "under 35"]]  # fmt: skip
    flow.table(
        ["Measure", "Value", "Normal", "Measure", "Value", "Normal"], rows, [1.2, 1, 1, 1.3, 1.1, 1]
    )
    flow.section(
        "Left ventricle",
        f"Ejection fraction {fraction} percent by biplane Simpson. {'Global hypokinesis, worse at the inferior wall.' if fraction < 45 else 'Wall motion is normal.'} Wall thickness is {rng.choice(('normal', 'mildly increased'))}.",
    )
    flow.section(
        "Valves",
        f"Mitral: {rng.choice(('trace', 'mild', 'moderate'))} regurgitation. Aortic: trileaflet, {rng.choice(('no stenosis', 'mild sclerosis', f'mild stenosis, peak gradient {rng.randrange(18, 34)} mmHg'))}. Tricuspid: {rng.choice(('trace', 'mild'))} regurgitation. Pulmonic: not well seen.",
    )
    flow.section(
        "Atria and right heart",
        f"Left atrium {rng.choice(('normal', 'mildly dilated', 'severely dilated'))}. Right ventricle normal in size and function. Inferior vena cava {rng.choice(('collapses with inspiration', 'plethoric'))}.",
    )
    flow.section(
        "Pericardium", rng.choice(("No effusion.", "Trivial posterior effusion without tamponade."))
    )
    flow.section(
        "Conclusion",
        f"{'Reduced' if fraction < 50 else 'Preserved'} left ventricular systolic function, ejection fraction {fraction} percent. Image quality {rng.choice(('good', 'technically difficult'))}.",
    )
    flow.signature(doctor(rng), when(job, job.day + timedelta(1)), "Reading cardiologist")
    return flow.finish()

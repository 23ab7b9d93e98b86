"""Forms: what patients, offices and payers fill in."""
# ruff: noqa: E501  a form's sentence is easier to check unbroken

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import cases
from flow import Flow, scribble
from paper import MONO, Sheet
from people import MEN, STREETS, WOMEN
from sites import LEFT, Job, age, birth, doctor, full_name, identity, when

if TYPE_CHECKING:
    from cases import Facts

VACCINES = (
    ("Influenza, inactivated", "150"), ("Tdap", "115"), ("Pneumococcal conjugate PCV20", "216"),
    ("Zoster, recombinant", "187"), ("Hepatitis B, adult", "43"), ("COVID-19, mRNA", "309"),
    ("Hepatitis A, adult", "52"), ("MMR", "03"), ("Varicella", "21"), ("RSV, recombinant", "303"),
)  # fmt: skip
REQUESTS = (
    ("MRI lumbar spine without contrast", "72148"), ("Continuous glucose monitor", "A9276"),
    ("Adalimumab 40 mg injection", "J0139"), ("Physical therapy, 12 visits", "97110"),
    ("CPAP device with humidifier", "E0601"), ("CT coronary angiography", "75574"),
)  # fmt: skip
CONSENTS = (
    "laparoscopic removal of the gallbladder", "colonoscopy with possible biopsy or polyp removal",
    "total replacement of the right knee", "repair of a groin hernia with mesh",
    "transfusion of blood and blood products", "left heart catheterization and coronary angiography",
)  # fmt: skip
DECISIONS = (
    (
        "APPROVED",
        "The notes show six weeks of conservative treatment without relief, which meets the plan's criteria.",
    ),
    ("APPROVED", "Medical necessity is shown for the period below."),
    (
        "DENIED",
        "The criteria call for a trial of a preferred alternative; the notes do not show that one was tried.",
    ),
    (
        "DENIED",
        "The notes sent with the request were older than the 90 days that the criteria allow.",
    ),
)
PLANS = ("Larkspur Mutual Health Plan", "Bluestone Commonwealth Care", "Harbor & Vale Insurance")


def referral(job: Job) -> list[Sheet]:
    """A referral form of a small practice."""
    told, rng = _facts(job), job.rng
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


def prescription(job: Job) -> list[Sheet]:
    """A prescription on a half sheet's worth of a page."""
    told, rng = _facts(job), job.rng
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
    told, rng = _facts(job), job.rng
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
    relative = _relative(job)
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


def insurance_card(job: Job) -> list[Sheet]:
    """Both sides of a card, copied on one sheet with the name, number and birth date beside them."""
    rng, font = job.rng, job.site.family
    sheet = Sheet()
    plan, member = rng.choice(PLANS), f"XLM{rng.randrange(10**8, 10**9)}"
    for top in (150, 350):
        sheet.box(180, top, 252, 158, line=1.6)
    sheet.box(180, 150, 252, 26, line=1.2, fill=0.87)
    sheet.text(190, 168, plan, font.bold, 13)
    front = [("Member", full_name(job.patient, "caps")), ("Member ID", member), ("Group", f"{rng.randrange(10**5, 10**6)}"),
             ("Effective", when(job, job.day.replace(month=1, day=1))), ("RxBIN", "000000  RxPCN: TEST"),
             ("Copay", f"Office ${rng.randrange(10, 40, 5)}  Specialist ${rng.randrange(40, 80, 5)}  ER $250")]  # fmt: skip
    for number, (label, value) in enumerate(front):
        sheet.text(190, 194 + number * 18, f"{label}: {value}", font.regular, 9.2)
    back = ("Members: call 555-0199 with questions about benefits.", "Providers: prior authorization 555-0198, option 2.",
            "Claims: PO Box 0000, Fixture Falls, IN 00469", "Payer ID 00000", "Emergency care is covered anywhere.",
            "This card does not prove eligibility.")  # fmt: skip
    for number, line in enumerate(back):
        sheet.text(190, 376 + number * 19, line, font.regular, 7.8)
    sheet.text(LEFT, 60, job.site.name, font.bold, 12)
    sheet.text(
        LEFT, 78, f"Insurance card copy - front and back    Copied {when(job)}", font.regular, 9.5
    )
    shown = [f"{label}: {value}" for label, value in identity(job)]
    sheet.text(LEFT, 98, "   ".join(shown[:2]), font.regular, 9.5)
    sheet.text(LEFT, 113, "   ".join(shown[2:]), font.regular, 9.5)
    sheet.text(
        LEFT,
        540,
        "Photo identification checked: yes     Entered by: registration desk 2",
        font.regular,
        9,
    )
    return [sheet]


ILLS = (
    "High blood pressure",
    "Diabetes",
    "Heart disease",
    "Asthma or COPD",
    "Stroke",
    "Cancer",
    "Kidney disease",
    "Arthritis",
    "Depression",
)


def registration_form(job: Job) -> list[Sheet]:
    """A new patient form; the guarantor and the emergency contact are other people."""
    rng, patient = job.rng, job.patient
    flow = Flow(job, "PATIENT REGISTRATION FORM", [*identity(job), ("Date", when(job))])
    flow.heading("PATIENT")
    flow.blanks(
        [
            ("Address", patient.address),
            ("City", patient.city),
            ("State / Zip", f"{patient.state} {patient.zip}"),
            ("Phone", patient.phone),
            ("SSN (last 4)", patient.ssn4),
            ("Employer", rng.choice(("retired", "Mockup Bakery", "Fixture Transit Co."))),
        ]
    )
    flow.ticks(
        [
            ("Single", rng.random() < 0.3),
            ("Married", rng.random() < 0.5),
            ("Widowed", False),
            ("Divorced", False),
        ],
        4,
    )
    flow.heading("GUARANTOR (if not the patient)")
    born = patient.dob - timedelta(days=rng.randrange(-3000, 9000))
    flow.blanks(
        [
            ("Name", _relative(job)),
            ("Birth date", birth_like(job, born)),
            ("Relation", rng.choice(("spouse", "parent", "child"))),
            ("Phone", f"555-01{rng.randrange(100):02d}"),
        ]
    )
    flow.heading("EMERGENCY CONTACT")
    flow.blanks(
        [
            ("Name", f"{rng.choice(WOMEN)} {rng.choice(STREETS)}ley"),
            ("Phone", f"555-01{rng.randrange(100):02d}"),
        ]
    )
    flow.heading("INSURANCE")
    flow.blanks(
        [
            ("Plan", rng.choice(PLANS)),
            ("Member ID", f"XLM{rng.randrange(10**8, 10**9)}"),
            ("Group", str(rng.randrange(10**5, 10**6))),
            ("Subscriber", _relative(job)),
        ]
    )
    flow.heading("MEDICAL HISTORY - mark all that apply")
    flow.ticks([(ill, rng.random() < 0.3) for ill in ILLS], 3)
    flow.paragraph(
        "I certify that this information is correct, assign insurance benefits to the practice and accept responsibility for charges that my plan does not pay."
    )
    flow.signature("Patient signature", when(job))
    return flow.finish()


def orders(job: Job) -> list[Sheet]:
    """Physician orders with boxes."""
    told, rng = _facts(job), job.rng
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


def prior_auth(job: Job) -> list[Sheet]:
    """A payer's decision letter."""
    rng = job.rng
    what, code = rng.choice(REQUESTS)
    decision, basis = rng.choice(DECISIONS)
    asked = job.day - timedelta(days=rng.randrange(3, 15))
    pairs = [
        *identity(job),
        ("Member ID", f"XLM{rng.randrange(10**8, 10**9)}"),
        ("Notice date", when(job)),
        ("Reference", f"PA-{rng.randrange(10**6, 10**7)}"),
    ]
    flow = Flow(job, "PRIOR AUTHORIZATION DETERMINATION", pairs)
    flow.section("Requesting provider", doctor(rng))
    flow.table(
        ["Service requested", "CPT/HCPCS", "Units", "Decision"],
        [[what, code, str(rng.randrange(1, 13)), decision]],
        [3.5, 1.3, 0.8, 1.3],
    )
    flow.section(
        "Received",
        f"Your request of {when(job, asked)} with the supporting notes was reviewed by a nurse and a medical director.",
    )
    flow.section("Basis of the decision", basis)
    flow.section(
        "Period of this decision",
        f"From {when(job)} through {when(job, job.day + timedelta(days=rng.choice((60, 90, 180))))}. Authorization is not a guarantee of payment; benefits and eligibility apply on the date of service.",
    )
    flow.section(
        "Right to appeal",
        "The member or provider may ask for a review within 180 days in writing, or within 72 hours if health would be at risk by waiting. Peer-to-peer discussion: 555-0198, weekdays 8 to 6.",
    )
    flow.signature(doctor(rng), when(job), "Medical director")
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


def birth_like(job: Job, day: date) -> str:
    """Word another person's birth date as the sender words the patient's."""
    return birth(replace(job, patient=replace(job.patient, dob=day)))


def _relative(job: Job) -> str:
    first = job.rng.choice([name for name in (*WOMEN, *MEN) if name != job.patient.first])
    return f"{first} {job.patient.last}"


def _facts(job: Job) -> Facts:
    return cases.facts(job.rng, age(job), job.patient.sex)

"""Papers of front offices and payers: registration, insurance, authorizations, bills."""
# ruff: noqa: E501  a form's sentence is easier to check unbroken

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from flow import Flow
from paper import Sheet
from people import STREETS, WOMEN
from sites import LEFT, Job, birth, doctor, full_name, identity, name_of, relative_of, when

REQUESTS = (
    ("MRI lumbar spine without contrast", "72148"), ("Continuous glucose monitor", "A9276"),
    ("Adalimumab 40 mg injection", "J0139"), ("Physical therapy, 12 visits", "97110"),
    ("CPAP device with humidifier", "E0601"), ("CT coronary angiography", "75574"),
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
CHARGES = (
    ("0120", "Room and board, semi-private"), ("0250", "Pharmacy, general"), ("0301", "Chemistry panel"),
    ("0305", "Hematology"), ("0324", "Diagnostic radiology, chest"), ("0351", "CT scan, head"),
    ("0420", "Physical therapy"), ("0450", "Emergency room, level 4"), ("0480", "Cardiology, general"),
    ("0636", "Drugs requiring detailed coding"), ("0710", "Recovery room"), ("0730", "EKG/ECG tracing"),
)  # fmt: skip


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
            ("Name", relative_of(job)),
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
            ("Subscriber", relative_of(job)),
        ]
    )
    flow.heading("MEDICAL HISTORY - mark all that apply")
    flow.ticks([(ill, rng.random() < 0.3) for ill in ILLS], 3)
    flow.paragraph(
        "I certify that this information is correct, assign insurance benefits to the practice and accept responsibility for charges that my plan does not pay."
    )
    flow.signature("Patient signature", when(job))
    return flow.finish()


def birth_like(job: Job, day: date) -> str:
    """Word another person's birth date as the sender words the patient's."""
    return birth(replace(job, patient=replace(job.patient, dob=day)))


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

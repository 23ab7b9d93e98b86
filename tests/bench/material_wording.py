"""The words of the unseen templates. All people, places, numbers and findings are invented."""
# ruff: noqa: E501  a sentence is easier to check unbroken

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """A heading and what may stand under it."""

    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Test:
    """A laboratory test with its normal range and decimals."""

    name: str
    low: float
    high: float
    unit: str
    decimals: int

    @property
    def range(self) -> str:
        """The normal range as printed."""
        return f"{self.low:.{self.decimals}f}-{self.high:.{self.decimals}f}"

    def result(self, rng: random.Random) -> tuple[str, str]:
        """A value and its flag, empty within the range."""
        width = self.high - self.low
        value = max(0.0, rng.uniform(self.low - 0.3 * width, self.high + 0.3 * width))
        flag = "LO" if value < self.low else "HI" if value > self.high else ""
        return f"{value:.{self.decimals}f}", flag


ADVICE_TITLES = (
    "Going Home After Your Procedure",
    "Living Well With a Long Illness",
    "Before and After Your Treatment",
)
ADVICE = (
    "Bring this sheet to each appointment.",
    "Ask a nurse if anything here is unclear.",
    "Most people feel better within two weeks.",
    "Do not drive for twenty-four hours.",
    "Keep the telephone number of the ward at hand.",
    "Somebody should stay with you overnight.",
    "Take only the tablets that are on your list.",
    "Drink six to eight glasses of water every day.",
    "Light meals are best at first.",
    "You may shower on the second day.",
    "Wear loose clothing over the dressing.",
    "Rest when you are tired and walk a little further each morning.",
)
TOPICS = (
    Topic(
        "Looking after the wound",
        (
            "Change the dressing when it is wet or soiled.",
            "A little pink fluid is normal for three days.",
            "Redness that spreads should be shown to us.",
            "The clips are removed after ten days.",
        ),
    ),
    Topic(
        "Pain",
        (
            "Take the first tablet before the numbness wears off.",
            "Do not wait until the pain is severe.",
            "Stronger medicine can make you constipated.",
            "Heat helps stiff muscles.",
        ),
    ),
    Topic(
        "Eating and drinking",
        (
            "Start with broth and dry toast.",
            "Avoid alcohol while you take antibiotics.",
            "Salt makes the ankles swell.",
            "Fibre and prunes keep the bowel moving.",
        ),
    ),
    Topic(
        "Exercise",
        (
            "Bend and stretch the ankle ten times an hour.",
            "Climb stairs one at a time.",
            "Swimming must wait for six weeks.",
            "Stop at once if you feel dizzy.",
        ),
    ),
    Topic(
        "Breathing",
        (
            "Cough with a pillow pressed to the ribs.",
            "Use the blue inhaler before you exercise.",
            "Sleep with the head raised.",
            "Smoke in the room harms your lungs too.",
        ),
    ),
    Topic(
        "Sugar",
        (
            "Test four times daily and write the values down.",
            "A value under seventy needs juice at once.",
            "Check your feet every evening.",
            "Never skip the evening dose without advice.",
        ),
    ),
    Topic(
        "When to call",
        (
            "Call if your temperature rises above 101.5 degrees.",
            "Call if you cannot keep fluids down.",
            "Sudden chest pain is an emergency.",
            "Swelling of one calf must be seen the same day.",
        ),
    ),
)
LABORATORIES = (
    "Imaginary Valley Clinical Laboratory",
    "Pretend County Pathology Service",
    "Fictional Diagnostics of Nowhere Junction",
)
PRACTICES = (
    "Make-Believe Internal Medicine Group",
    "The Imaginary Surgeons, LLP",
    "Storybook Kidney Associates",
)
COLLEAGUES = (
    "Wigglesworth",
    "Featherstonehaugh",
    "Applebottom",
    "Crumplehorn",
    "Dinglefoot",
    "Umbersnatch",
)
FIRST = (
    "Zelda",
    "Ignatius",
    "Petunia",
    "Barnaby",
    "Clementine",
    "Mortimer",
    "Winifred",
    "Thaddeus",
)
LAST = ("Notareal", "Pretendson", "Madeupski", "Fictitious", "Imaginado", "Placeholder", "Nonesuch")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
RESULT_COLUMNS = ("Analyte", "Value", "Flag", "Expected", "Units")
TESTS = tuple(
    Test(name, float(low), float(high), unit, int(decimals))
    for name, low, high, unit, decimals in (
        ("Glucose fasting", 70, 99, "mg/dL", 0), ("Urea nitrogen", 7, 20, "mg/dL", 0), ("Creatinine", 0.57, 1.25, "mg/dL", 2),
        ("Sodium", 136, 145, "mmol/L", 0), ("Potassium", 3.5, 5.1, "mmol/L", 1), ("Chloride", 98, 107, "mmol/L", 0),
        ("Bicarbonate", 22, 29, "mmol/L", 1), ("Calcium", 8.5, 10.2, "mg/dL", 1), ("Magnesium", 1.6, 2.6, "mg/dL", 2),
        ("Phosphate", 2.5, 4.5, "mg/dL", 1), ("Albumin", 3.4, 5.4, "g/dL", 1), ("Total protein", 6.0, 8.3, "g/dL", 1),
        ("Bilirubin direct", 0.0, 0.3, "mg/dL", 2), ("Alk phosphatase", 44, 147, "IU/L", 0), ("Gamma GT", 5, 40, "IU/L", 0),
        ("Hemoglobin", 12.1, 15.1, "g/dL", 1), ("Hematocrit", 36.1, 44.3, "%", 1), ("White cells", 4.5, 11.0, "x10(3)/uL", 2),
        ("Red cells", 4.2, 5.4, "x10(6)/uL", 2), ("Platelets", 150, 400, "x10(3)/uL", 0), ("Mean cell volume", 80.0, 96.1, "fL", 1),
        ("Sed rate", 0, 29, "mm/h", 0), ("C-reactive protein", 0.0, 0.8, "mg/dL", 2), ("Uric acid", 2.4, 6.0, "mg/dL", 1),
        ("Vitamin D 25-OH", 20.0, 50.0, "ng/mL", 1), ("Vitamin B12", 200, 900, "pg/mL", 0), ("Folate", 2.7, 17.0, "ng/mL", 1),
        ("Troponin I", 0.0, 0.04, "ng/mL", 3), ("Lactate", 0.5, 2.2, "mmol/L", 2), ("Ammonia", 15, 45, "umol/L", 0),
    )
)  # fmt: skip
FORM_TITLES = ("NEW PATIENT QUESTIONNAIRE", "REQUEST FOR TRANSFER OF CARE", "ANNUAL HEALTH REVIEW")
QUESTIONS = (
    "Have you ever been told that you have high blood pressure?",
    "Do you get short of breath when you climb stairs?",
    "Has anyone in your family had a stroke before age 60?",
    "Are you allergic to any medicine, food or latex?",
    "Do you take blood thinners or aspirin every day?",
    "Have you had an operation in the past five years?",
    "Do you wear dentures, contact lenses or a hearing aid?",
    "Have you fallen at home in the last twelve months?",
    "Do you use tobacco in any form?",
    "Do you have a pacemaker or any metal implant?",
    "Have you travelled abroad since your last visit?",
    "Is there a chance that you are pregnant?",
    "Do you feel safe where you live?",
    "Have you lost weight without trying to?",
    "Do you often feel sad or without interest?",
)
OPENINGS = (
    "Thank you for asking me to see this pleasant retired lighthouse keeper.",
    "I reviewed your patient again in the clinic this morning.",
    "The complaint is of burning discomfort behind the breastbone after large meals.",
    "There have been four episodes since midsummer, each lasting about twenty minutes.",
    "The symptoms began gradually and are worse toward evening.",
    "No fever, weight loss or night sweats were reported.",
)
FINDINGS = (
    "On examination the abdomen was soft, without masses or tenderness.",
    "Blood pressure was 134/82 with a regular pulse of 72.",
    "The left knee shows a small effusion and crepitus on movement.",
    "Breath sounds were diminished at the right base.",
    "An ultrasound measured the gallbladder wall at 2.4 mm.",
    "Sensation to vibration was reduced below both ankles.",
    "The remaining examination was unremarkable.",
)
PLANS = (
    "I have started omeprazole 20 mg each morning for eight weeks.",
    "Please repeat the kidney function in a fortnight.",
    "A barium study has been booked for the end of the month.",
    "I would reduce the metoprolol to 25 mg twice daily.",
    "Physiotherapy twice a week should be continued.",
    "We discussed surgery, which is declined at present.",
    "A low salt diet of 1.5 grams was recommended.",
)
CLOSINGS = (
    "I shall see the patient again in three months.",
    "Do not hesitate to telephone if things change.",
    "Copies of the tracings are enclosed.",
)
CONFIDENTIAL = (
    "The pages that follow hold privileged health information meant only for the recipient named above. If they reached you by mistake, notify the sender by "
    "telephone at once and destroy every copy; reading, passing on or keeping them is forbidden by law. This notice and everything around it is invented."
)
CERTIFICATION = (
    "I certify that the statements on both sides of this form are true, complete and given to the best of my knowledge, and that the services listed were "
    "medically indicated and rendered by me or under my immediate supervision. Any person who knowingly files a statement of claim containing false or "
    "misleading information may be subject to penalties under the laws of an invented state. The signature below authorises the release of the medical "
    "information necessary to process this claim and the payment of benefits to the undersigned supplier for the services described above."
)
_CLAIM = (
    "INSURED'S I.D. NUMBER", "PATIENT'S NAME (Last, First)", "PATIENT'S BIRTH DATE", "INSURED'S NAME", "PATIENT'S STREET", "RELATIONSHIP TO INSURED",
    "CITY AND STATE", "TELEPHONE (Include Area Code)", "OTHER INSURED'S NAME", "POLICY GROUP OR FECA NUMBER", "EMPLOYER OR SCHOOL NAME", "INSURANCE PLAN NAME",
    "DATE OF CURRENT ILLNESS", "DATES UNABLE TO WORK", "REFERRING PROVIDER", "HOSPITALIZATION DATES", "OUTSIDE LAB CHARGES", "DIAGNOSIS CODE A",
    "DIAGNOSIS CODE B", "PRIOR AUTHORIZATION NUMBER", "FEDERAL TAX I.D. NUMBER", "PATIENT'S ACCOUNT NO.", "TOTAL CHARGE", "AMOUNT PAID",
)  # fmt: skip
_PROCEDURES = (
    "OFFICE VISIT ESTABLISHED",
    "XRAY CHEST TWO VIEWS",
    "SPIROMETRY",
    "VENIPUNCTURE",
    "JOINT INJECTION",
    "SUTURE REMOVAL",
    "ECG WITH REPORT",
)


def person(rng: random.Random) -> str:
    """A name that nobody has."""
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def birthday(rng: random.Random) -> str:
    """A day long ago."""
    return f"{rng.randrange(1, 13):02d}/{rng.randrange(1, 29):02d}/{rng.randrange(1930, 2005)}"


def long_day(rng: random.Random) -> str:
    """A recent day in words."""
    return f"{rng.choice(MONTHS)} {rng.randrange(1, 29)}, {rng.randrange(2023, 2027)}"


def identity(rng: random.Random) -> tuple[tuple[str, str], ...]:
    """Labels and values that say whose page it is."""
    return (
        ("Patient", person(rng)),
        ("Born", birthday(rng)),
        ("Hospital no.", f"{rng.randrange(10**6, 10**7)}"),
        ("Drawn", f"{birthday(rng)[:6]}2026 {rng.randrange(6, 12):02d}:{rng.randrange(60):02d}"),
        ("Requested by", f"Dr. {rng.choice(COLLEAGUES)}"),
    )


def cover_fields(rng: random.Random) -> tuple[tuple[str, str], ...]:
    """The lines of a fax cover."""
    return (
        ("To", f"Dr. {rng.choice(COLLEAGUES)}"),
        ("Fax", f"555-01{rng.randrange(100):02d}"),
        ("From", rng.choice(PRACTICES)),
        ("Telephone", f"555-01{rng.randrange(100):02d}"),
        ("Date", long_day(rng)),
        ("Pages", f"{rng.randrange(2, 12)} including this one"),
        ("Subject", f"{person(rng)}, {birthday(rng)}"),
    )


def form_rows(rng: random.Random) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Rows of boxes with labels and answers."""
    first, last = person(rng).split()
    street = f"{rng.randrange(1, 900)} PRETEND AVENUE"
    phone = f"555-01{rng.randrange(100):02d}"
    return (
        (("Last name", last.upper()), ("First name", first.upper()), ("M.I.", rng.choice("ABCDE"))),
        (("Date of birth", birthday(rng)), ("Chart number", f"{rng.randrange(10**5, 10**6)}")),
        (("Street address", street), ("City, State, ZIP", "NOWHERE JUNCTION ZZ 00017")),
        (("Home telephone", phone), ("Person to notify", person(rng).upper())),
        (("Employer", rng.choice(PRACTICES).upper()), ("Occupation", "BEEKEEPER")),
        (("Reason for visit", "FOLLOW UP OF LAB RESULTS"), ("Date", birthday(rng)[:6] + "2026")),
    )


def claim_labels() -> tuple[str, ...]:
    """The labels of a claim form."""
    return _CLAIM


def answer(label: str, rng: random.Random) -> str:
    """What is typed under a label of a claim form."""
    if "NAME" in label:
        first, last = person(rng).upper().split()
        return f"{last}, {first}"
    if "DATE" in label:
        return birthday(rng)
    if "CHARGE" in label or "PAID" in label:
        return f"{rng.randrange(40, 900)}.{rng.randrange(100):02d}"
    if "CODE" in label:
        return f"{rng.choice('EIJKMR')}{rng.randrange(10, 99)}.{rng.randrange(10)}"
    if "NUMBER" in label or "NO." in label:
        return f"{rng.choice('QXZ')}{rng.randrange(10**6, 10**8)}"
    return {
        "CITY AND STATE": "NOWHERE JUNCTION ZZ",
        "PATIENT'S STREET": f"{rng.randrange(1, 900)} PRETEND AVENUE",
        "RELATIONSHIP TO INSURED": rng.choice(("SELF", "SPOUSE", "CHILD")),
    }.get(label, f"555-01{rng.randrange(100):02d}")


def charge(rng: random.Random) -> tuple[str, ...]:
    """A line of a claim: day, code, units, service, price, total."""
    price, units = rng.randrange(20, 300), rng.randrange(1, 4)
    return (
        birthday(rng)[:6] + "2026",
        f"{rng.randrange(10000, 99999)}",
        f"{units}",
        rng.choice(_PROCEDURES),
        f"{price}.00",
        f"{price * units}.00",
    )

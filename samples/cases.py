"""Invented illnesses: the words that the documents of one patient's episode share.

Every sentence may hold slots, filled by `Facts.say`: {age} {man} {he} {his} {He} {His} {days} {n}.
"""
# ruff: noqa: E501  a chart's sentence is easier to check unbroken

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


@dataclass(frozen=True)
class Case:
    """An illness as its papers tell it."""

    diagnosis: str
    complaint: str
    history: tuple[str, ...]
    past: tuple[str, ...]
    medicines: tuple[tuple[str, str, str], ...]
    exam: str
    course: tuple[str, ...]
    plan: tuple[str, ...]
    labs: tuple[str, ...]
    study: str
    technique: str
    findings: tuple[str, ...]
    impression: tuple[str, ...]
    youngest: int = 18  # years; nobody younger is given this illness


@dataclass(frozen=True)
class Facts:
    """The slots of one patient's case."""

    case: Case
    slots: dict[str, str]

    def say(self, text: str) -> str:
        """Fill the slots of a sentence."""
        return text.format(**self.slots)

    def tell(self, texts: tuple[str, ...]) -> str:
        """Fill and join sentences."""
        return " ".join(self.say(text) for text in texts)


CASES = (
    Case(
        "Community-acquired pneumonia, right lower lobe",
        "Cough, fever and shortness of breath for {days} days",
        (
            "This {age}-year-old {man} developed a productive cough with rust-colored sputum {days} days ago, followed by rigors and a temperature of 102.{n} F at home.",
            "{He} reports right-sided pleuritic chest pain but no hemoptysis, leg swelling or recent travel.",
            "A grandchild in the household had a respiratory illness the week before.",
        ),
        (
            "Chronic obstructive pulmonary disease, GOLD stage 2",
            "Former smoker, 30 pack-years",
            "Gastroesophageal reflux disease",
        ),
        (
            ("Amoxicillin-clavulanate 875 mg tablet", "one tablet by mouth twice daily", "14"),
            ("Azithromycin 250 mg tablet", "one tablet by mouth daily", "4"),
            ("Tiotropium 18 mcg inhalation capsule", "inhale one capsule daily", "30"),
            ("Omeprazole 20 mg capsule", "one capsule by mouth before breakfast", "30"),
        ),
        "Alert, speaking in short sentences. Coarse crackles and bronchial breath sounds at the right base with dullness to percussion. Heart regular without murmur. No calf tenderness.",
        (
            "The chest radiograph confirmed right lower lobe consolidation and {he} was started on ceftriaxone 1 g daily with azithromycin 500 mg daily.",
            "Oxygen at 2 L by nasal cannula was weaned off by hospital day {n}.",
            "Blood cultures showed no growth at five days; pneumococcal urinary antigen was positive.",
            "White cell count fell from 17.8 to 9.4 and {he} was afebrile for 48 hours before leaving.",
        ),
        (
            "Complete the antibiotic course; repeat chest radiograph in six weeks to confirm clearing.",
            "Pneumococcal vaccine at the next office visit.",
            "Return for fever above 101 F, worsening breathlessness or confusion.",
        ),
        ("WBC", "CRP", "BUN", "Sodium"),
        "CHEST, TWO VIEWS",
        "Upright posteroanterior and lateral radiographs of the chest were obtained.",
        (
            "There is dense airspace opacity in the right lower lobe with air bronchograms, silhouetting the right hemidiaphragm on the lateral view.",
            "A small right parapneumonic effusion blunts the costophrenic angle.",
            "The left lung is clear. Heart size is at the upper limit of normal and the mediastinal contours are unremarkable.",
            "Mild degenerative change is present in the mid thoracic spine.",
        ),
        (
            "Right lower lobe pneumonia with a small parapneumonic effusion.",
            "Follow-up radiograph in six weeks is recommended to document resolution.",
        ),
        youngest=50,
    ),
    Case(
        "Acute on chronic systolic heart failure",
        "Progressive breathlessness and ankle swelling over {days} days",
        (
            "The patient is a {age}-year-old {man} with ischemic cardiomyopathy who gained {n} pounds over {days} days after a family celebration with salty food.",
            "{He} now sleeps on three pillows and woke twice last night gasping.",
            "There has been no chest pain, palpitation or syncope; {he} admits missing several doses of furosemide.",
        ),
        (
            "Coronary artery disease, two stents in the left anterior descending artery",
            "Hypertension",
            "Chronic kidney disease stage 3a",
            "Type 2 diabetes mellitus",
        ),
        (
            ("Furosemide 40 mg tablet", "one tablet by mouth twice daily", "60"),
            ("Sacubitril-valsartan 24/26 mg tablet", "one tablet by mouth twice daily", "60"),
            ("Carvedilol 12.5 mg tablet", "one tablet by mouth twice daily with food", "60"),
            ("Spironolactone 25 mg tablet", "one tablet by mouth daily", "30"),
            ("Aspirin 81 mg tablet", "one tablet by mouth daily", "90"),
        ),
        "Jugular venous pressure 12 cm. Displaced apex with an S3 gallop and a grade 2/6 holosystolic murmur at the apex. Bibasilar crackles to the mid zones. Pitting edema to the knees.",
        (
            "Intravenous furosemide 80 mg twice daily produced a net diuresis of {n}.4 liters with a fall in weight to 81.2 kg.",
            "Troponin was flat at 0.03 ng/mL on three draws and the electrocardiogram unchanged.",
            "Echocardiography showed an ejection fraction of 30 percent, unchanged from last year.",
            "{He} was changed from lisinopril to sacubitril-valsartan after a 36-hour washout and met the dietitian.",
        ),
        (
            "Weigh every morning; call for a gain of three pounds in a day or five in a week.",
            "Basic metabolic panel in one week.",
            "Fluid limit of 1.5 liters and sodium of 2 g a day.",
        ),
        ("BNP", "Creatinine", "Potassium", "Troponin I"),
        "CHEST, SINGLE VIEW PORTABLE",
        "A single semi-erect anteroposterior radiograph of the chest was obtained at the bedside.",
        (
            "The cardiac silhouette is enlarged, with cephalization of the pulmonary vessels and perihilar haze.",
            "Kerley B lines are seen at both bases and there are small bilateral pleural effusions.",
            "No pneumothorax. Coronary stents project over the left heart border.",
        ),
        (
            "Cardiomegaly with interstitial pulmonary edema, increased since the prior study.",
            "Small bilateral effusions.",
        ),
        youngest=50,
    ),
    Case(
        "Acute calculous cholecystitis",
        "Right upper abdominal pain and vomiting since the night before",
        (
            "A {age}-year-old {man} presented after {days} days of intermittent right upper quadrant pain that became constant following a fried meal.",
            "The pain radiates to the right scapula and was accompanied by vomiting on {n} occasions.",
            "{He} denies jaundice, pale stools or previous abdominal surgery.",
        ),
        ("Hyperlipidemia", "Obesity, body mass index 33", "Seasonal allergic rhinitis"),
        (
            (
                "Acetaminophen 500 mg tablet",
                "two tablets by mouth every eight hours as needed",
                "30",
            ),
            (
                "Oxycodone 5 mg tablet",
                "one tablet by mouth every six hours as needed for severe pain",
                "8",
            ),
            (
                "Ondansetron 4 mg dissolving tablet",
                "one tablet on the tongue every eight hours as needed",
                "10",
            ),
            ("Atorvastatin 20 mg tablet", "one tablet by mouth at bedtime", "30"),
        ),
        "Tender in the right upper quadrant with a positive Murphy sign and voluntary guarding. Bowel sounds present. No scleral icterus.",
        (
            "Ultrasound showed a distended gallbladder with stones and a 5 mm wall; the common duct measured 4 mm.",
            "After overnight hydration and piperacillin-tazobactam {he} underwent laparoscopic cholecystectomy without complication.",
            "A regular diet was tolerated on the first postoperative day and pain was controlled with oral medication.",
        ),
        (
            "No lifting above 10 pounds for two weeks.",
            "Shower after 48 hours; leave the adhesive strips in place.",
            "Surgical clinic in two weeks for a wound check and the pathology result.",
        ),
        ("WBC", "Total bilirubin", "ALT", "Lipase"),
        "ULTRASOUND OF THE ABDOMEN, RIGHT UPPER QUADRANT",
        "Real-time gray scale and color Doppler imaging of the right upper quadrant was performed.",
        (
            "The gallbladder is distended and holds multiple shadowing calculi, the largest 14 mm and impacted in the neck.",
            "The wall is thickened to 5 mm with a rim of pericholecystic fluid, and the sonographic Murphy sign is positive.",
            "The common bile duct measures 4 mm. The liver is mildly echogenic, in keeping with steatosis.",
            "The right kidney measures 10.8 cm without hydronephrosis.",
        ),
        ("Acute calculous cholecystitis.", "Hepatic steatosis.", "No biliary dilatation."),
    ),
    Case(
        "Displaced intertrochanteric fracture of the left femur",
        "Left hip pain after a fall at home",
        (
            "This {age}-year-old {man} tripped on a rug in the kitchen and landed on the left side; {he} could not stand and lay for about {n} hours.",
            "There was no loss of consciousness, head strike or chest pain before the fall.",
            "{He} walked with a cane and lived alone before this injury.",
        ),
        (
            "Osteoporosis with a previous wrist fracture",
            "Hypertension",
            "Cataract surgery, both eyes",
        ),
        (
            ("Enoxaparin 40 mg syringe", "inject under the skin daily for 28 days", "28"),
            ("Alendronate 70 mg tablet", "one tablet by mouth weekly, upright for 30 minutes", "4"),
            (
                "Calcium carbonate 600 mg with vitamin D 400 units",
                "one tablet by mouth twice daily",
                "60",
            ),
            ("Amlodipine 5 mg tablet", "one tablet by mouth daily", "30"),
        ),
        "The left leg is shortened and externally rotated with bruising over the greater trochanter. Distal pulses and sensation are intact. Skin unbroken.",
        (
            "A fascia iliaca block was placed in the emergency department and {he} went to the operating room within 22 hours for cephalomedullary nailing.",
            "Hemoglobin reached a low of 8.{n} and was treated with one unit of red cells.",
            "Physical therapy began on the first day with weight bearing as tolerated; {he} walked 40 feet with a walker by day four.",
        ),
        (
            "Transfer to subacute rehabilitation.",
            "Staples out on day 14; films of the hip at six weeks.",
            "Bone density scan and endocrinology referral for osteoporosis.",
        ),
        ("Hemoglobin", "Creatinine", "Vitamin D, 25-hydroxy", "Calcium"),
        "LEFT HIP AND PELVIS, THREE VIEWS",
        "Anteroposterior pelvis with anteroposterior and cross-table lateral views of the left hip.",
        (
            "There is a comminuted intertrochanteric fracture of the left femur with varus angulation and displacement of the lesser trochanter.",
            "The femoral head remains located. The pubic rami and sacral arcuate lines are intact.",
            "Bones are diffusely demineralized and there is moderate joint space narrowing at the right hip.",
        ),
        ("Displaced, comminuted left intertrochanteric fracture.", "Diffuse osteopenia."),
        youngest=62,
    ),
    Case(
        "Transient ischemic attack",
        "Sudden slurred speech and right hand weakness, now gone",
        (
            "At breakfast this {age}-year-old {man} could not hold a cup in the right hand and {his} speech became slurred; all was normal again within {n}0 minutes.",
            "A neighbor who saw the event noticed a droop at the right corner of the mouth.",
            "There was no headache, vertigo or visual loss. A similar, shorter spell happened {days} days earlier.",
        ),
        (
            "Hypertension, poorly controlled",
            "Paroxysmal atrial fibrillation, not anticoagulated",
            "Hyperlipidemia",
        ),
        (
            ("Apixaban 5 mg tablet", "one tablet by mouth twice daily", "60"),
            ("Rosuvastatin 20 mg tablet", "one tablet by mouth at bedtime", "30"),
            ("Lisinopril 20 mg tablet", "one tablet by mouth daily", "30"),
            ("Metoprolol succinate 50 mg tablet", "one tablet by mouth daily", "30"),
        ),
        "Fluent speech, no facial droop, no drift, sensation intact; NIH stroke scale 0. Irregularly irregular pulse at 88. A soft bruit over the left carotid.",
        (
            "Brain imaging showed no acute infarct and carotid duplex a 40 percent stenosis on the left.",
            "Telemetry recorded atrial fibrillation with rates of 70 to 110.",
            "The neurology service advised apixaban and high-intensity statin therapy, both started before discharge.",
            "No symptoms recurred over {n} days of observation.",
        ),
        (
            "No driving for two weeks.",
            "Blood pressure log; target below 130/80.",
            "Call 911 at once for any facial droop, weakness or speech change.",
        ),
        ("LDL cholesterol", "INR", "Glucose", "Hemoglobin A1c"),
        "CT HEAD WITHOUT CONTRAST",
        "Contiguous 5 mm axial images from skull base to vertex without intravenous contrast; dose reduction technique was used.",
        (
            "No intracranial hemorrhage, mass effect or midline shift. Gray-white differentiation is preserved.",
            "Patchy low attenuation in the periventricular white matter reflects chronic small vessel disease.",
            "Ventricles and sulci are appropriate for age. The mastoid air cells and paranasal sinuses are clear.",
        ),
        ("No acute intracranial abnormality.", "Chronic small vessel ischemic change."),
        youngest=50,
    ),
    Case(
        "Type 2 diabetes mellitus with hyperglycemia",
        "Thirst, frequent urination and blurred vision for {days} days",
        (
            "{He} is a {age}-year-old {man} with diabetes for nine years whose home meter has read above 300 for {days} days.",
            "Metformin was stopped in error when a prescription ran out; nocturia {n} times a night and a weight loss of 6 pounds followed.",
            "No abdominal pain, vomiting or fever. The last eye examination was more than two years ago.",
        ),
        ("Hypertension", "Diabetic peripheral neuropathy", "Obstructive sleep apnea on CPAP"),
        (
            ("Metformin ER 500 mg tablet", "two tablets by mouth twice daily with meals", "120"),
            (
                "Insulin glargine 100 units/mL pen",
                "inject 18 units under the skin at bedtime",
                "15 mL",
            ),
            ("Empagliflozin 10 mg tablet", "one tablet by mouth every morning", "30"),
            ("Gabapentin 300 mg capsule", "one capsule by mouth three times daily", "90"),
        ),
        "Mucous membranes dry. Heart and lungs normal. Monofilament sensation absent at both great toes; pedal pulses 2+. A callus without ulcer under the right first metatarsal head.",
        (
            "Glucose on arrival was 41{n} mg/dL with a normal anion gap and trace ketones.",
            "Two liters of saline and a basal-bolus insulin plan brought readings to 140-190 within 36 hours.",
            "The diabetes educator taught pen use, sick-day rules and foot care.",
        ),
        (
            "Check glucose four times daily and bring the log.",
            "Retinal examination and podiatry referral.",
            "Hemoglobin A1c again in three months, goal below 7.5 percent.",
        ),
        ("Glucose", "Hemoglobin A1c", "Sodium", "Microalbumin/creatinine"),
        "RIGHT FOOT, THREE VIEWS",
        "Weight-bearing anteroposterior, oblique and lateral radiographs of the right foot.",
        (
            "There is no fracture, cortical erosion or periosteal reaction to suggest osteomyelitis.",
            "Vascular calcification runs along the dorsalis pedis. Mild hallux valgus with bunion formation.",
            "Soft tissues show a callus beneath the first metatarsal head without gas.",
        ),
        ("No radiographic evidence of osteomyelitis.", "Atherosclerotic vascular calcification."),
        youngest=32,
    ),
    Case(
        "Iron deficiency anemia due to a bleeding colonic polyp",
        "Fatigue and dark stools",
        (
            "The patient, a {age}-year-old {man}, has felt worn out for {days} weeks and noticed maroon streaks in the stool on {n} mornings.",
            "{He} takes ibuprofen for knee pain most days and has never had a colonoscopy.",
            "Appetite is fair and weight has been steady. {His} father had bowel cancer at the age of 71.",
        ),
        ("Osteoarthritis of both knees", "Hypothyroidism", "Hernia repair in youth"),
        (
            ("Ferrous sulfate 325 mg tablet", "one tablet by mouth every other day", "45"),
            ("Levothyroxine 88 mcg tablet", "one tablet by mouth daily on an empty stomach", "90"),
            ("Pantoprazole 40 mg tablet", "one tablet by mouth daily", "30"),
            ("Acetaminophen 650 mg tablet", "one tablet by mouth every six hours as needed", "60"),
        ),
        "Conjunctivae pale. Abdomen soft without mass or tenderness. Rectal examination: brown stool, guaiac positive. Knees with crepitus and mild effusion.",
        (
            "Hemoglobin was 7.{n} with ferritin 6; two units of red cells and intravenous iron sucrose were given.",
            "Upper endoscopy was normal. Colonoscopy found a 22 mm pedunculated polyp in the sigmoid colon, removed by hot snare.",
            "No further bleeding was seen and {he} left on oral iron.",
        ),
        (
            "Stop ibuprofen and all other NSAIDs.",
            "Blood count in two weeks, ferritin in eight.",
            "Colonoscopy again in one year, subject to the pathology result.",
        ),
        ("Hemoglobin", "Ferritin", "MCV", "TSH"),
        "CT ABDOMEN AND PELVIS WITH CONTRAST",
        "Helical imaging after 100 mL of iohexol 300 intravenously and oral contrast, with coronal and sagittal reformations.",
        (
            "There is a 2.1 cm enhancing polypoid lesion in the sigmoid colon without pericolic stranding.",
            "Liver, spleen, pancreas and adrenals are normal. A 9 mm simple cyst is present in the left kidney.",
            "No enlarged lymph node or free fluid. Scattered sigmoid diverticula without inflammation.",
        ),
        (
            "Polypoid lesion of the sigmoid colon; direct visualization is advised.",
            "Diverticulosis without diverticulitis.",
        ),
        youngest=40,
    ),
    Case(
        "Cellulitis of the right lower leg",
        "Redness, warmth and swelling of the right leg for {days} days",
        (
            "A scratch from a garden rose {days} days ago was followed by spreading redness from the ankle to the mid calf in this {age}-year-old {man}.",
            "Chills began last evening. {He} took {n} tablets of leftover cephalexin without benefit.",
            "{He} has worn compression stockings for years because of varicose veins.",
        ),
        ("Chronic venous insufficiency", "Atrial fibrillation on anticoagulation", "Gout"),
        (
            ("Cephalexin 500 mg capsule", "one capsule by mouth four times daily", "28"),
            ("Warfarin 5 mg tablet", "as directed by the anticoagulation clinic", "30"),
            ("Allopurinol 300 mg tablet", "one tablet by mouth daily", "90"),
            ("Diltiazem CD 180 mg capsule", "one capsule by mouth daily", "30"),
        ),
        "A warm, tender, sharply bordered erythema of 18 by 12 cm over the right shin; no crepitus, bulla or fluctuance. Tender inguinal node. Brawny skin change at both ankles.",
        (
            "Duplex ultrasound was negative for deep vein thrombosis.",
            "Cefazolin 2 g every eight hours was given for {n} days; the marked border receded by 4 cm.",
            "Warfarin was held for one dose when the INR rose to 3.9 and then resumed.",
        ),
        (
            "Keep the leg raised above the heart when sitting.",
            "Moisturize daily and treat fungal maceration between the toes.",
            "INR check within three days of finishing the antibiotic.",
        ),
        ("WBC", "INR", "Uric acid", "CRP"),
        "VENOUS DUPLEX ULTRASOUND, RIGHT LOWER EXTREMITY",
        "Gray scale, spectral and color Doppler imaging from the common femoral to the calf veins.",
        (
            "The common femoral, femoral, popliteal and posterior tibial veins compress fully and show respiratory phasicity with augmentation.",
            "Reflux lasting 1.8 seconds is present in the great saphenous vein at the knee.",
            "Subcutaneous edema surrounds the calf. An enlarged inguinal node measures 1.6 cm with a fatty hilum.",
        ),
        (
            "No deep vein thrombosis in the right leg.",
            "Superficial venous reflux and soft tissue edema.",
        ),
        youngest=45,
    ),
    Case(
        "Acute asthma exacerbation",
        "Wheezing and chest tightness for {days} days",
        (
            "This {age}-year-old {man} with asthma since childhood caught a cold {days} days ago and has used the albuterol inhaler every {n} hours since then.",
            "{He} woke at four in the morning unable to finish a sentence; there is a dry cough but no fever.",
            "A new kitten came into the home last month. The controller inhaler ran out in the summer.",
        ),
        (
            "Allergic rhinitis",
            "Eczema in childhood",
            "One earlier admission for asthma, never intubated",
        ),
        (
            ("Albuterol HFA 90 mcg inhaler", "two puffs every four hours as needed", "1"),
            (
                "Budesonide-formoterol 160/4.5 mcg inhaler",
                "two puffs twice daily, rinse the mouth after",
                "1",
            ),
            ("Prednisone 20 mg tablet", "two tablets by mouth daily for five days", "10"),
            ("Cetirizine 10 mg tablet", "one tablet by mouth daily", "30"),
        ),
        "Using accessory muscles, diffuse expiratory wheeze with a long expiratory phase. Heart rapid and regular. Nasal mucosa pale and boggy. No clubbing.",
        (
            "Three back-to-back albuterol-ipratropium treatments and methylprednisolone 125 mg raised the peak flow from 180 to 3{n}0 L/min.",
            "A single dose of magnesium sulfate 2 g was given in the first hour.",
            "{He} was changed to oral prednisone the next morning and needed no oxygen overnight.",
        ),
        (
            "Finish the prednisone; use the controller every day even when well.",
            "Written action plan with green, yellow and red zones was given.",
            "Allergy testing when off antihistamines for a week.",
        ),
        ("WBC", "Potassium", "Glucose", "CRP"),
        "CHEST, TWO VIEWS",
        "Upright posteroanterior and lateral radiographs of the chest were obtained.",
        (
            "The lungs are hyperinflated with flattening of the diaphragms and mild peribronchial thickening.",
            "No focal consolidation, pneumothorax or effusion. The heart and mediastinum are normal.",
            "Bony structures are intact.",
        ),
        (
            "Hyperinflation and bronchial wall thickening in keeping with reactive airway disease.",
            "No pneumonia.",
        ),
    ),
    Case(
        "Acute pyelonephritis with a right ureteral stone",
        "Right flank pain, fever and burning urination for {days} days",
        (
            "A {age}-year-old {man} noticed burning and frequency {days} days ago, then colicky right flank pain reaching the groin.",
            "Shaking chills came last night with a temperature of 103.{n} F, and {he} vomited twice.",
            "{He} passed a stone {n} years ago and drinks little water at work.",
        ),
        ("Kidney stone, passed without surgery", "Migraine without aura", "Appendectomy"),
        (
            ("Ciprofloxacin 500 mg tablet", "one tablet by mouth twice daily", "14"),
            ("Tamsulosin 0.4 mg capsule", "one capsule by mouth at bedtime", "14"),
            (
                "Ketorolac 10 mg tablet",
                "one tablet by mouth every six hours as needed, five days at most",
                "20",
            ),
            (
                "Sumatriptan 50 mg tablet",
                "one tablet by mouth at onset of headache, may repeat once",
                "9",
            ),
        ),
        "Uncomfortable, unable to lie still. Marked right costovertebral angle tenderness. Abdomen soft, no rebound. Skin warm with brisk capillary refill.",
        (
            "Urine grew more than 100,000 colonies of Escherichia coli sensitive to ceftriaxone and ciprofloxacin.",
            "Imaging showed a 6 mm stone at the right ureterovesical junction; the urology service placed a double-J stent the same evening.",
            "Fever settled within {n}6 hours of drainage and creatinine returned to baseline.",
        ),
        (
            "Strain the urine and bring any stone for analysis.",
            "Stent removal and ureteroscopy in three weeks.",
            "Drink enough to pass two and a half liters of urine a day.",
        ),
        ("WBC", "Creatinine", "CRP", "Sodium"),
        "CT ABDOMEN AND PELVIS WITHOUT CONTRAST, STONE PROTOCOL",
        "Low-dose helical images from the kidneys to the bladder without contrast, with coronal reformations.",
        (
            "A 6 mm calculus lies at the right ureterovesical junction with moderate hydroureteronephrosis and perinephric stranding.",
            "A 3 mm nonobstructing stone is seen in the lower pole of the left kidney. The bladder is thin-walled.",
            "The appendix is surgically absent. No free air, fluid collection or bowel obstruction.",
        ),
        (
            "Obstructing 6 mm right distal ureteral stone with hydronephrosis.",
            "Nonobstructing left renal stone.",
        ),
    ),
)

ALLERGIES = (
    "No known drug allergies",
    "Penicillin (rash)",
    "Sulfa (hives)",
    "Codeine (nausea)",
    "Latex (contact dermatitis)",
    "Iodinated contrast (urticaria)",
)
HABITS = (
    "Never smoked; a glass of wine on weekends.",
    "Stopped smoking in 2009; no alcohol.",
    "Smokes half a pack daily; two beers on most evenings.",
    "Retired bus mechanic, lives with a spouse in a two-story house.",
    "Widowed, lives alone; a daughter visits daily.",
    "Works nights in a bakery; no tobacco or drug use.",
)
FAMILY = (
    "Mother had a stroke at 74; father died of lung cancer.",
    "Two siblings with diabetes; no early heart disease.",
    "Father with coronary bypass at 58.",
    "No family history of cancer or bleeding disorder.",
)


def facts(rng: random.Random, age: int, sex: str) -> Facts:
    """Draw a case and the numbers in it."""
    woman = sex == "F"
    he, his = ("she", "her") if woman else ("he", "his")
    slots = {
        "age": str(age), "man": "woman" if woman else "man", "he": he, "his": his,
        "He": he.capitalize(), "His": his.capitalize(), "days": str(rng.randrange(2, 10)),
        "n": str(rng.randrange(2, 7)),
    }  # fmt: skip
    return Facts(rng.choice([case for case in CASES if case.youngest <= age]), slots)


def vitals(rng: random.Random) -> str:
    """Return a line of vital signs."""
    return (
        f"BP {rng.randrange(104, 168)}/{rng.randrange(58, 98)}, pulse {rng.randrange(58, 118)}, "
        f"respirations {rng.randrange(12, 26)}, temperature {rng.uniform(97.2, 102.4):.1f} F, "
        f"oxygen saturation {rng.randrange(89, 100)}% on room air, "
        f"weight {rng.uniform(52, 118):.1f} kg"
    )

import json
import random
import re
import textwrap
from pathlib import Path

import pytest
from filing_noise import misreader
from filing_paper import page, pages
from filing_papers import BANNER, papers

from chartkeeper.filing.classify import LOWEST_CONFIDENCE, decide_type
from chartkeeper.filing.doctypes import load_doctypes

DOCTYPES = load_doctypes()
SILVER = {
    "operative report": {"operative_note", "procedure_note"},
    "consultation": {"consult_note"},
    "radiology report": {"imaging_report", "echo_report", "ecg_report"},
    "progress or follow-up note": {"progress_note"},
    "discharge summary": {"discharge_summary"},
    "emergency visit": {"ed_note"},
    "history and physical": {"history_physical"},
    "letter": {"letter"},
}


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.05])
def test_papers_of_other_offices(rate):
    rng = random.Random(5)
    decided = [
        (key, decide_type(pages(text, noise=misreader(rng, rate)), DOCTYPES).value)
        for key, text in papers()
    ]
    answered = [(key, value) for key, value in decided if value]
    right = sum(key == value for key, value in answered)
    print(
        "\n"
        f"noise {rate:.0%}: answered {len(answered)}/{len(decided)}, right {right}/"
        f"{len(answered)}"
    )
    assert right / len(answered) >= 0.95
    assert len(answered) / len(decided) >= 0.9


def test_papers_of_few_words_are_left_to_a_clerk_rather_than_guessed():
    # Hardly a title or heading of the table is on them: what it does not know it must not guess.
    text = Path(__file__).with_name("papers_of_few_words.txt").read_text("utf-8")
    blocks = [block.partition("\n") for block in text.split("=== ")[1:]]
    decided = [
        (key.strip(), decide_type(pages(body.format(b=BANNER)), DOCTYPES).value)
        for key, _, body in blocks
    ]
    answered = [(key, value) for key, value in decided if value]
    assert sum(key == value for key, value in answered) / len(answered) >= 0.9
    assert len(answered) / len(decided) >= 0.35


@pytest.mark.data
def test_real_reports_without_their_titles(shared_data):
    lines_of = (shared_data / "mtsamples" / "reports.jsonl").read_text().splitlines()
    decided = []
    for report in map(json.loads, lines_of):
        if report["doc_type"]:
            text = re.sub(r"\.,", ".\n", report["text"].replace(":,", ":"))
            lines = [line for part in text.split("\n") for line in textwrap.wrap(part, 100)]
            sheets = ["\n".join(lines[at : at + 48]) for at in range(0, len(lines), 48)]
            decided.append(
                (SILVER[report["doc_type"]], decide_type(pages(*sheets), DOCTYPES).value)
            )
    answered = [(keys, value) for keys, value in decided if value]
    right = sum(value in keys for keys, value in answered)
    print(f"\nanswered {len(answered)}/{len(decided)}, right {right}/{len(answered)}")
    assert right / len(answered) >= 0.95
    assert len(answered) / len(decided) >= 0.5


def test_the_evidence_is_the_words_with_their_boxes():
    decision = decide_type(
        pages("Valley Clinic\n# DISCHARGE SUMMARY\nHospital course: uneventful"), DOCTYPES
    )
    assert decision.value == "discharge_summary"
    assert decision.because.startswith("Discharge summary: titled DISCHARGE SUMMARY on page 1")
    title = decision.evidence[0]
    assert (title.text, title.meaning, title.page) == ("DISCHARGE SUMMARY", "title", 1)
    assert title.box.height > 30


def test_a_letterhead_does_not_decide():
    text = (
        "# Regional Laboratory and Imaging Center\n"
        "Department of Radiology\n"
        "REFERRAL FORM\n"
        "Reason for referral: pain\n"
        "Refer to: Dr. Lopez"
    )
    assert decide_type(pages(text), DOCTYPES).value == "referral"
    assert (
        decide_type(
            pages("# Regional Laboratory and Imaging Center\nSurgical Pathology Associates"),
            DOCTYPES,
        ).value
        is None
    )


def test_a_fax_header_does_not_decide():
    text = "01-31-2005 10:00 FROM: PRESCRIPTION REFILL REQUEST 714-583-0000 P.001/003"
    assert decide_type(pages(text), DOCTYPES).value is None


COVER = (
    "# FAX COVER SHEET\n"
    "To: Records\n"
    "From: Clinic\n"
    "Fax: 555-0100\n"
    "Pages: 2\n"
    "Re: operative report\n"
    "Confidentiality notice"
)
BODY = (
    "# OPERATIVE REPORT\n"
    "Preoperative diagnosis: hernia\n"
    "Postoperative diagnosis: hernia\n"
    "Surgeon: Lopez"
)


def test_a_cover_leaves_the_type_to_its_body():
    assert decide_type(pages(COVER, BODY), DOCTYPES).value == "operative_note"
    assert decide_type(pages(COVER), DOCTYPES).value == "cover_sheet"


def test_two_titles_are_no_answer_and_both_are_named():
    decision = decide_type(pages("# CONSULTATION REPORT\n# PROGRESS NOTE"), DOCTYPES)
    assert decision.value is None
    assert decision.confidence < LOWEST_CONFIDENCE
    assert {"Consultation", "Progress note"} <= set(
        re.findall(r"Consultation|Progress note", decision.because)
    )


@pytest.mark.parametrize("text", ["lorem ipsum dolor sit amet", "Medications: none", "12 34 56"])
def test_too_little_is_no_answer(text):
    assert decide_type(pages(text), DOCTYPES).value is None


@pytest.mark.parametrize(
    "title",
    [
        "DISCHARCE SUMMARY",
        "DISCHARGESUMMARY",
        "Discharqe Surnmary",
        "D I S C H A R G E S U M M A R Y",
        "D1SCHARGE SUMMARY",
    ],
)
def test_misread_titles(title):
    text = f"# {title}\nHospital course: the patient improved.\nDischarge medications: none"
    assert decide_type(pages(text), DOCTYPES).value == "discharge_summary"


@pytest.mark.parametrize("title", ["Office Visi", "Office Vist", "Dental Progress Nole"])
def test_titles_with_a_short_word_misread(title):
    line = "Cough for three weeks, worse at night since the move."
    assert decide_type(pages(f"# {title}\n{line}"), DOCTYPES).value == "progress_note"


@pytest.mark.parametrize("line", ["Office Visi of the third floor", "Office Vi", "Office Vault"])
def test_other_lines_with_an_unknown_short_word_are_no_title(line):
    assert decide_type(pages(f"# {line}\nNothing else."), DOCTYPES).value is None


def test_a_heading_is_no_title():
    text = (
        "# HISTORY AND PHYSICAL\n"
        "Chief complaint: pain\n"
        "History of present illness: pain\n"
        "CURRENT MEDICATIONS:\n"
        "none\n"
        "LABORATORY DATA:\n"
        "none"
    )
    assert decide_type([page(text)], DOCTYPES).value == "history_physical"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("# Mercy Hospital Medicine Daily Progress Note\nSubjective: better", "progress_note"),
        ("# Mercy Clinic - Patient Demographics Form\nMarital status", "registration_form"),
        ("# Consultation Center of Mercy Hospital", None),
        ("Exam: CT HEAD WITHOUT CONTRAST\nFindings: none\nImpression: normal", "imaging_report"),
        ("Dear Ms. Garcia:\n| am writing to you\nlt was a pleasure\nSincerely", "letter"),
    ],
)
def test_titles_behind_a_houses_name_and_words_read_askew(text, key):
    assert decide_type(pages(text), DOCTYPES).value == key


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("HISTOLOGY REPORT", "pathology_report"),
        ("THEATRE RECORD", "operative_note"),
        ("DNACPR", "advance_directive"),
        ("DISCHARGE LETTER", "discharge_summary"),
        ("PHYSIOTHERAPY ASSESSMENT", "therapy_note"),
        ("REPEAT MEDICATION LIST", "medication_list"),
    ],
)
def test_british_titles_are_known(title, key):
    paper = pages(f"# {title}\nPatient: Garcia, Maria   DOB: 03/07/1961\nSeen today.")
    assert decide_type(paper, DOCTYPES).value == key


@pytest.mark.parametrize(
    "label", ["Med Rec 2104321", "Med Rec #: 2104321", "Name: Ann Lee   Med Rec: 2104321"]
)
def test_the_label_of_a_record_number_is_no_title(label):
    text = f"{label}\nExam: chest\nNo previous pictures were seen."
    assert decide_type([page(text)], DOCTYPES).value is None


def test_a_column_headed_by_the_label_of_a_record_number_is_no_title():
    text = "Pt Name       Med Rec#      Birthdate\nLee, Ann      2104321       01/02/1950\nSeen."
    assert decide_type([page(text)], DOCTYPES).value is None


def test_the_same_words_without_a_number_are_a_title():
    text = "Med Rec\nMedication    Dose    Frequency\nLisinopril    10 mg    daily"
    assert decide_type([page(text)], DOCTYPES).value == "medication_list"


def test_an_order_in_a_numbered_list_is_no_title():
    text = "DATE / TIME\n1. NPO after midnight\n2. PT eval and treat\n3. Hold the anticoagulant"
    assert decide_type([page(text)], DOCTYPES).value != "therapy_note"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("Discharge Summaries by Oyelaran, Tunde, MD at 3/19/2025 11:42 AM", "discharge_summary"),
        ("ED Provider Notes by Castor Wiley, DO at 12/1/2025 5:51 AM", "ed_note"),
        ("Consults by Pilar Villanueva Ortiz, MD at 12/1/2025 5:51 AM", "consult_note"),
        ("Progress Notes: Imre Salgado, MD", "progress_note"),
        ("Discharge Summaries by Salgado, Imre, MD", "discharge_summary"),
    ],
)
def test_a_title_is_one_with_its_author_behind_it(line, key):
    assert (
        decide_type([page(f"{line}\nLee, Ann   MRN 2104321\nSeen today.")], DOCTYPES).value == key
    )


@pytest.mark.parametrize(
    "line",
    [
        "Consult: Wiley, MD",
        "The consultation by Dr Wiley, MD, was kind",
        "Consultation by Wiley, MD, is asked for",
        "Please arrange a consultation by Ann Wiley, MD",
    ],
)
def test_who_is_asked_for_advice_makes_no_title(line):
    text = f"{line}\nLee, Ann   MRN 2104321\nSeen today."
    assert decide_type([page(text)], DOCTYPES).value is None


def test_a_title_is_one_with_its_house_behind_a_dash():
    text = "STANDING ORDERS - INFUSION CENTER\nLee, Ann   MRN 2104321\nOrder date: 3/19/2025"
    assert decide_type([page(text)], DOCTYPES).value == "orders"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("Outside Hospital Cardiology Consultation\nRecommendations: a statin", "consult_note"),
        ("ED TRIAGE NURSING ASSESSMENT", "ed_note"),
        ("Initial Psychiatric Evaluation", "consult_note"),
        ("Multidisciplinary Tumor Board Summary", "consult_note"),
        ("Medical Nutrition Therapy Note", "progress_note"),
        ("PRENATAL RECORD - FLOW SHEET", "progress_note"),
        ("Wound Care Visit Record", "nursing_note"),
        ("Newborn Nursery Record", "nursing_note"),
        ("Audiological Evaluation", "procedure_note"),
        ("CHILD CARE HEALTH ASSESSMENT", "other"),
        ("Stature-for-age and weight-for-age percentiles", "other"),
        ("Dear Custodian:\nThis firm represents the above-named.\nVery truly yours,", "letter"),
        ("AUTORIZACIÓN PARA DIVULGAR INFORMACIÓN MÉDICA", "roi_authorization"),
        ("Consentimiento para vacunación", "consent"),
        ("HOJA DE INSCRIPCIÓN DEL PACIENTE", "registration_form"),
        ("Resumen de alta", "discharge_summary"),
        ("HOSPITAL SOL - RESUMEN DE ALTA", "discharge_summary"),
        ("ULTRASOUND GUIDED CORE BIOPSY - PROCEDURE REPORT", "procedure_note"),
        ("Behavioral Health Intake Assessment", "consult_note"),
        ("# Endocrinology New Patient Consult", "consult_note"),
        ("Neuro Check Flowsheet", "nursing_note"),
        ("Tooth Extraction Record", "procedure_note"),
        ("Trauma Activation Record", "ed_note"),
        ("Pregnancy Verification", "other"),
        ("Allergy Skin Test Results", "procedure_note"),
        ("WORKERS' COMPENSATION - FIRST REPORT OF TREATMENT", "other"),
        ("Obstetric Sonogram", "imaging_report"),
        ("VASCULAR LABORATORY", "imaging_report"),
        ("Ambulatory Rhythm Monitor", "ecg_report"),
        ("Pulmonary Function Laboratory", "procedure_note"),
        (
            "Physician Certification Statement for Non-Emergency Ambulance Transport",
            "other",
        ),
    ],
)
def test_titles_of_other_offices(line, key):
    text = f"{line}\nLee, Ann   MRN 2104321\nSeen today.\nNothing more was found."
    assert decide_type([page(text)], DOCTYPES).value == key


def test_a_block_about_the_patient_makes_no_registration_form_of_results():
    text = "PATIENT INFORMATION\nLee, Ann   MRN 2104321\nTest name   Result   Reference range"
    assert decide_type([page(text)], DOCTYPES).value != "registration_form"


def test_a_letter_closes_on_its_last_page():
    line = "I saw him in the office and he has felt better since."
    quoted = "LABORATORY REPORT\nTest   Result\nTSH   1.9   0.4-4.5"
    opening = f"March 9, 2024\nRE: Mark Sample\nDear Dr. Mockley:\n{line}\n{line}"
    sheets = pages("\n".join([opening, *[line] * 20, quoted]), line, f"{line}\nSincerely,\nA. B.")
    assert decide_type(sheets, DOCTYPES).value == "letter"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("EMERGENCY PHYSICIAN\nRECORD", "ed_note"),
        ("# Emergency Physician\n# Record", "ed_note"),
        ("      OPERATING ROOM\n         SCHEDULE", "other"),
        # Prose, far apart, in another column, in other letters: no title.
        ("seen by the emergency physician\nrecord of it", None),
        ("EMERGENCY PHYSICIAN\n\n\nRECORD", None),
        ("EMERGENCY PHYSICIAN\n                                RECORD", None),
        ("# Emergency Physician\nRecord", None),
    ],
)
def test_a_title_may_go_on_in_the_next_line(text, key):
    body = "\n\nhe was well and went home, nothing more was done that day"
    assert decide_type(pages(text + body), DOCTYPES).value == key

from dataclasses import replace
from datetime import date

import pytest
from filing_paper import pages

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.service_date import Births, decide_date

ARRIVED = date(2024, 5, 17)
BORN = date(1961, 3, 7)


def decided(text, key, birth_date=BORN):
    paper = pages(text)
    return decide_date(paper, read_clues(paper), key, load_doctypes(), Births(birth_date), ARRIVED)


@pytest.mark.parametrize(
    ("key", "text", "day"),
    [
        (
            "discharge_summary",
            "Admission Date: 01/02/2024   Discharge Date: 01/06/2024",
            "2024-01-06",
        ),
        (
            "discharge_summary",
            ("Admitted: 01/02/2024\nDischarged: 01/06/2024\nDictated: 01/09/2024"),
            "2024-01-06",
        ),
        (
            "discharge_summary",
            ("DATE OF ADMISSION     DATE OF DISCHARGE\n01/02/2024            01/06/2024"),
            "2024-01-06",
        ),
        (
            "lab_report",
            ("Collected: 02/03/2024 08:10   Received: 02/04/2024   Reported: 02/05/2024"),
            "2024-02-03",
        ),
        (
            "lab_report",
            ("Date Received 02/04/24  Collection Date 02/03/24  Report Date 02/05/24"),
            "2024-02-03",
        ),
        ("lab_report", "Collect Date: 02/03/2024   Result Date: 02/05/2024", "2024-02-03"),
        ("pathology_report", "Date Obtained: 02/03/2024\nDate Reported: 02/09/2024", "2024-02-03"),
        ("imaging_report", "Exam Date: March 3, 2024   Transcribed: 03/04/2024", "2024-03-03"),
        ("imaging_report", "DATE OF EXAM:03/03/2024", "2024-03-03"),
        ("ecg_report", "Recorded 03-Mar-2024 10:22:01", "2024-03-03"),
        ("procedure_note", "Night of study: 03/03/2024   Scored 03/05/2024", "2024-03-03"),
        (
            "operative_note",
            ("DATE OF OPERATION: 04/04/2024\nD: 04/05/2024  T: 04/06/2024"),
            "2024-04-04",
        ),
        (
            "progress_note",
            ("DOB: 03/07/1961\nDate of Service: 04/04/2024\nPrinted: 05/01/2024"),
            "2024-04-04",
        ),
        ("progress_note", "Visit Date        Provider\n04/04/2024        Lopez", "2024-04-04"),
        ("letter", "Valley Clinic\nMarch 3, 2024\n\nDear Dr. Lopez,", "2024-03-03"),
        ("consent", "Patient signature ____   Date: 04/04/2024", "2024-04-04"),
        ("other", "Date of call: 04/11/2022   Taken by: KT", "2022-04-11"),
        ("progress_note", "Call date: 04/11/2022", "2022-04-11"),
        ("other", "Date of anesthesia: 6/2/23", "2023-06-02"),
        ("immunization", "Date issued: 08/01/2020", "2020-08-01"),
        ("imaging_report", "Exam Date: 3/3/24", "2024-03-03"),
        ("imaging_report", "Exam: US thyroid 03/03/2024", "2024-03-03"),
        ("imaging_report", "Study: CT chest with contrast, 03/03/2024 at 10:15", "2024-03-03"),
        ("imaging_report", "Study performed Sunday, March 3, 2024 at 9:05.", "2024-03-03"),
        ("imaging_report", "Exam: US thyroid. Comparison 03/03/2024", None),
        ("imaging_report", "Exam: US thyroid compared with 03/03/2024", None),
        ("imaging_report", "Exam: US thyroid, ordered 03/03/2024", None),
        ("imaging_report", "Exam: CT 03/03/2024 and MRI 03/09/2024", None),
        ("imaging_report", "Exam: US thyroid 03/03/2024 shows a nodule", None),
        ("progress_note", "Exam: thyroid 03/03/2024", None),
        ("imaging_report", "Exam: MRI breast\nDate: 04/04/2024\nFindings: a mass.", "2024-04-04"),
        (
            "imaging_report",
            "Exam: MRI breast" + "\n." * 40 + "\nSigned Lee  Date: 04/04/2024",
            None,
        ),
        ("therapy_note", "Ward 4 West, bed 12, Session date:\n04/04/2024 Session 4", "2024-04-04"),
        ("therapy_note", "Ward 4 West, bed 12, session date\n04/04/2024 Session 4", None),
        (
            "immunization",
            "Vaccine    Date given\nMMR        01/02/2020\nDTaP       01/02/2020",
            "2020-01-02",
        ),
        ("orders", "Test date: 04/01/2024\nSignature   Date: 04/04/2024", "2024-04-04"),
        ("other", "Discharge date: 04/04/2024\nCall if you have a fever.", "2024-04-04"),
        ("pathology_report", "Biopsy date: 04/04/2024   Received: 04/06/2024", "2024-04-04"),
        ("ecg_report", "Interrogated: 04-Apr-2024", "2024-04-04"),
        ("consult_note", "Performed: 04/04/2024 10:22 by Lee, Ann", "2024-04-04"),
        ("consult_note", "Colonoscopy performed 04/04/2024", None),
        ("other", "3. DATE OF DEATH      4. CITY\n04/04/2024            Faraway", "2024-04-04"),
        ("consent", "Firma: Ana Lopez   Fecha: 04/04/2024", "2024-04-04"),
        ("discharge_summary", "Adm: 3/14/2024, D/C: 3/19/2024", "2024-03-19"),
        ("discharge_summary", "D/C: 3/19/2024", "2024-03-19"),
        ("discharge_summary", "Heparin D/C 3/16/2024", None),
        ("discharge_summary", "Heparin d/c: 3/16/2024", None),
        ("discharge_summary", "D/C 3/16/2024 heparin", None),
        ("procedure_note", "Date ofprocedure: 03/03/2024", "2024-03-03"),
        # the only day that is left
        ("imaging_report", "Exarn Date: 03/03/2024", "2024-03-03"),
        ("operative_note", "Day in theater 03/03/2024   Signed 03/05/2024", "2024-03-03"),
        ("procedure_note", "Done: 03/03/2024\nReport sent 03/05/2024", "2024-03-03"),
        ("echo_report", "EF was 40 on 03/03/2024 and is 60 now", None),
        ("imaging_report", "Prnnted 03/03/2024", None),
        ("imaging_report", "Recelved on: 03/03/2024", None),
        ("imaging_report", "Rece1ved on: 03/03/2024", None),
        ("imaging_report", "5ent 03/03/2024", None),
        ("operative_note", "Hernia repair. T: 03/03/2024", None),
        ("imaging_report", "Seen 03/03/2024\nAgain 03/05/2024", None),
        ("imaging_report", "Findings: a mass." + "\n." * 40 + "\nLee, MD 04/04/2024", None),
        ("lab_report", "Seen 03/03/2024", None),
        ("lab_report", "Date of service: 03/03/2024   Reported: 03/05/2024", "2024-03-03"),
        ("lab_report", "Collected: 03/03/2024   Date of service: 03/05/2024", "2024-03-03"),
        ("lab_report", "Received: 02/04/2024   Reported: 02/05/2024", None),
        ("lab_report", "Collected: 02/03/2025", None),  # after it arrived
        ("lab_report", "Collected: 02/03/1950", None),  # before the birth
        ("lab_report", "DOB: 02/03/2020   Collected: 02/03/2020", None),
        ("lab_report", "Collected: 02/03/2024\nCollected: 02/09/2024", None),
        ("progress_note", "Printed Date: 05/01/2024   Birth Date: 03/07/1961", None),
        ("progress_note", "Date Printed: 05/01/2024", None),
        ("progress_note", "Date of Birth: 03/07/1961", None),
        (
            "immunization",
            ("Vaccine    Date given\nMMR        01/02/2020\nDTaP       03/04/2021"),
            None,
        ),
        (None, "Date: 04/04/2024", None),
        # a date on the line over its caption, as beside signatures
        ("consent", "Maria Garcia         04/04/2024\nSignature            Date", "2024-04-04"),
        ("consent", "Admitted             Ward\n04/04/2024           4 W\nDate", None),
        (
            "discharge_summary",
            "04/01/2024         04/04/2024\nAdmission date     Discharge date",
            "2024-04-04",
        ),
        ("advance_directive", "Signed this 4th day of April, 2024.", "2024-04-04"),
        ("roi_authorization", "Expires: 04/09/2024\nDated: 04/04/2024", "2024-04-04"),
        ("roi_authorization", "Expiration date: 04/09/2024", None),
        ("insurance_card", "Effective date: 01/01/2024\nCopied 04/04/2024", "2024-04-04"),
        ("insurance_card", "Effective date: 01/01/2024\nCoverage starts 01/01/2024", None),
        ("nursing_note", "04/04/2024 0630 - resting\n04/04/2024 1015 up in chair", "2024-04-04"),
        ("nursing_note", "04/04/2024 0630 - resting\n04/05/2024 0700 up in chair", None),
        ("ecg_report", "04-Apr-2024 09:14:22", "2024-04-04"),
        ("orders", "04/04/2024 1410\nDiet: NPO", "2024-04-04"),
        ("orders", "03/15/1983 M\nDiet: NPO", None),
    ],
)
def test_dates(key, text, day):
    assert decided(text, key).value == day


@pytest.mark.parametrize(("confidence", "day"), [(0.85, "2024-03-03"), (0.7, None)])
def test_the_only_day_must_be_read_well(confidence, day):
    paper = pages("Done in theater 03/03/2024", confidence=confidence)
    births = Births(BORN, frozenset())
    types = load_doctypes()
    found = decide_date(paper, read_clues(paper), "operative_note", types, births, ARRIVED)
    assert found.value == day


def test_the_better_label_wins():
    text = "Order Date: 04/01/2024\nDate: 04/02/2024\nDate of Service: 04/04/2024"
    assert decided(text, "progress_note").value == "2024-04-04"


def test_the_senders_fax_line_has_no_date():
    assert (
        decided(
            "03-03-2024 10:00 FROM: CLINIC 714-583-0000 P.001/003\n\nDear Dr. Lopez,", "letter"
        ).value
        is None
    )


def test_reason_and_evidence():
    decision = decided("Exam Date: 03/03/2024", "imaging_report")
    assert decision.because == "Exam Date 03/03/2024 on page 1"
    assert decision.evidence[0].text == "03/03/2024"
    assert (
        "several dates"
        in decided("Collected: 02/03/2024\nCollected: 02/09/2024", "lab_report").because
    )
    assert decided("nothing", "lab_report").because == "No date collected was found on the pages"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Date of visit: 04/02/2024\nSeen before: 23/01/2024, 30/11/2023", "2024-02-04"),
        ("Date of visit: 04/02/2024\nSeen before: 23/01/2024", "2024-04-02"),
        (
            "Date of visit: 04/02/2024\nSeen before: 23/01/2024, 30/11/2023, 01/23/2024",
            "2024-04-02",
        ),
        ("Date of visit: 4 Feb 2024\nSeen before: 23/01/2024, 30/11/2023", "2024-02-04"),
    ],
)
def test_the_day_stands_first_only_where_the_paper_shows_it(text, day):
    assert decided(text, "progress_note").value == day


@pytest.mark.parametrize(
    ("beside", "day"),
    [
        ("Reported: 02/05/2024", "2024-02-03"),
        ("signed on 02/03/2024", "2024-02-03"),
        ("Reported: 03/25/2024", None),
        ("", None),
    ],
)
def test_a_day_that_is_hard_to_read_counts_where_another_is_near(beside, day):
    dim = {"noise": lambda word: (word, 0.1 if word == "02/03/2024" else 0.95)}
    paper = pages(f"Collected: 02/03/2024 08:10\n{beside}", **dim)
    found = decide_date(
        paper, read_clues(paper), "lab_report", load_doctypes(), Births(BORN), ARRIVED
    )
    assert found.value == day


@pytest.mark.parametrize(("sure", "day"), [(0.95, "2024-02-03"), (0.5, None)])
def test_a_day_without_a_label_has_to_be_read_surely(sure, day):
    paper = pages("# LETTER\n02/03/2024\nDear Dr. Sample,", noise=lambda word: (word, sure))
    births = Births(BORN)
    found = decide_date(paper, read_clues(paper), "letter", load_doctypes(), births, ARRIVED)
    assert found.value == day


def test_the_line_that_a_recorder_prints_behind_the_name_is_its_date():
    text = "GARCIA, MARIA L 12-Mar-2024 09:47:21 Normal sinus rhythm\nVent. rate 71 bpm"
    assert decided(text, "ecg_report").value == "2024-03-12"


def test_the_line_that_a_recorder_prints_is_its_date():
    text = "ID: 6679230 12-Mar-2024 09:47:21\nVent. rate 71 bpm"
    assert decided(text, "ecg_report").value == "2024-03-12"


@pytest.mark.parametrize(
    ("born", "day"), [("21/03/1998", "2023-10-05"), ("03/21/1998", "2023-05-10")]
)
def test_a_birth_date_that_is_known_shows_how_dates_are_written(born, day):
    text = f"DOB: {born}\nDate of visit: 05/10/2023"
    assert decided(text, "progress_note", date(1998, 3, 21)).value == day


def test_a_birth_date_that_is_not_known_shows_nothing():
    text = "DOB: 21/03/1998\nDate of visit: 05/10/2023"
    assert decided(text, "progress_note", None).value == "2023-05-10"


@pytest.mark.parametrize(
    ("other", "beside", "day"),
    [
        ("", "", "2024-01-03"),
        ("73/24", "", None),
        ("1/31/24", "", None),
        ("73/24", "Seen again on 1/9/2024", "2024-01-03"),
        ("1/8/24", "Seen again on 1/9/2024", None),
        ("1324", "", "2024-01-03"),
        ("01/03/24", "", "2024-01-03"),
        ("1/8/24", "Signed 1/3/2024", "2024-01-03"),
    ],
)
def test_a_day_that_was_read_in_two_ways_counts_where_another_is_near(other, beside, day):
    paper = pages(f"Date: 1/3/24\n{beside}")[0]
    words = [replace(word, other=other if word.text == "1/3/24" else "") for word in paper.words]
    read = [replace(paper, words=tuple(words))]
    births = Births(BORN)
    found = decide_date(read, read_clues(read), "therapy_note", load_doctypes(), births, ARRIVED)
    assert found.value == day
    assert found.evidence[0].meaning == (
        "Date" if other in ("", "1324", "01/03/24") else "Date, read in two ways"
    )


def test_the_same_figures_parted_otherwise_are_another_day():
    paper = pages("Date: 11/1/23")[0]
    words = [
        replace(word, other="1/11/23" if word.text == "11/1/23" else "") for word in paper.words
    ]
    read = [replace(paper, words=tuple(words))]
    births = Births(BORN)
    found = decide_date(read, read_clues(read), "therapy_note", load_doctypes(), births, ARRIVED)
    assert found.value is None

"""Where forms, tables and printouts put an identifier, and whose it is not there."""

from datetime import date

import pytest
from filing_paper import pages
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.patient import decide_patient
from chartkeeper.filing.service_date import Births, decide_date
from chartkeeper.records.model import Known

GARCIA = patient(middle="Quinn", sex="F")
LOPEZ = patient(2, "7654321", "Lopez", "Ana", date(1930, 2, 2))
PROSE = "Seen today and feels better\n" * 9
BORN = "Date of Birth: 03/07/1961"


def linked(text, people=(GARCIA,)):
    paper = pages(text)
    return decide_patient(paper, read_clues(paper), Known(tuple(people))).decision.value


SOUND = {
    "boxes of a name": f"LAST      FIRST      MIDDLE\nGarcia    Maria      Quinn\n{BORN}",
    "boxes with two parts": f"Last Name      First / Middle\nGarcia         Maria Quinn\n{BORN}",
    "parts with colons": f"Patient last: Garcia   First: Maria   MI: Q   {BORN}",
    "parts in brackets": f"Patient name: Garcia (last) Maria (first)\n{BORN}",
    "parts in brackets, turned": f"Patient name: Maria (first) Garcia (last)\n{BORN}",
    "an inmate": f"Inmate Name: GARCIA, MARIA Q     Reg #: 44-18\n{BORN}",
    "a veteran": "Veteran Name: Garcia, Maria\nVeteran Date of Birth: 03/07/1961",
    "a member of the forces": "Service Member: Garcia, Maria\nService Member DOB: 03/07/1961",
    "the house's own chart number": "Facility Chart #: 0012345\nPatient: Garcia, Maria",
    "a hospice's number": "Hospice ID: 0012345\nPatient: Garcia, Maria",
    "headings over the middle of columns": (
        "     NAME                 MRN          SEX\nGarcia, Maria           0012345         F"
    ),
    "a guarantor of two lines": (
        f"MRN: 0012345   {BORN}\nPatient: Garcia, Maria\n"
        "GUARANTOR    Garcia, Jose    RELATION: SON\n             DOB 05/19/1987"
    ),
    "a physician over a column": (
        "Attending:   Ross, Pat MD\n             MRN: 0012345   DOB: 03/07/1961\nSex: F"
    ),
    "a therapist's license": (
        f"Patient: Garcia, Maria   {BORN}\nElectronically signed A. Bruhn PT #7718"
    ),
    "whoever speaks, and lives there": (
        "I, MARIA Q. GARCIA, of 4 Elm St, Danforth, born March 7, 1961, appoint"
    ),
    "the last line of a printout": (
        f"{PROSE}GARCIA,MARIA Q     001-2345     MAR 07,1961 (64)\nPrinted at the house"
    ),
    "the last line with the visit's number": (
        f"{PROSE}E. Sandstrom RN\nGARCIA, MARIA Q 001-2345 03/07/1961 F Acct 0044182"
    ),
    "a label in a corner": f"{PROSE * 4}Garcia, Maria\nMR 0012345 FIN 8840021\n41y F 03/07/1961",
    "an injured worker": f"Name of Injured Worker: Maria Garcia   Claim Number: 26-11\n{BORN}",
    "a child with a number, and a parent without one": (
        "Child's name: Maria Garcia   Child's birthday: 03/07/1961   Chart no. 0012345\n"
        "Parent: Ana Lopez   Parent birth date: 02/02/1930"
    ),
    "a student beside a parent": (
        f"Student: Maria Garcia   Student's {BORN}\nParent: Ana Lopez   Phone 555-0101"
    ),
    "an organization's name and address": (
        f"Patient: Garcia, Maria   {BORN}\nNAME AND ADDRESS OF ORGANIZATION\nHarbor House, Box 12"
    ),
    "whom a plan calls beneficiary": f"Beneficiary: Maria Garcia\nBeneficiary {BORN}",
    "a name under the patient's heading": (
        "SPECIMEN INFORMATION     PATIENT INFORMATION\n"
        "SPECIMEN: A1             GARCIA, MARIA Q\n\n                         DOB: 03/07/1961"
    ),
    "a recorder's number beside the name": (
        "GARCIA, MARIA Q       ID: 0012345       11-Dec-2023\n07-Mar-1961           Female"
    ),
    "a note that opens with the patient's name": (
        f"Patient: Garcia, Maria   MRN: 0012345   {BORN}\n"
        "Patient ID: Maria Garcia is a woman who presents for a check."
    ),
    "the relative of a line": (
        f"Patient: Garcia, Maria   {BORN}\nName: Ana Lopez   Relationship: daughter"
    ),
    "a neonate's number beside the mother's": (
        f"Patient: Garcia, Maria   MRN: 0012345   {BORN}\n{PROSE}"
        "Neonate: Sofia Garcia, DOB 1/9/2020, MRN 9990012"
    ),
    "results of long numbers": (
        "PT: GARCIA,MARIA Q\nHOSP#: 0012345    BD: 03/07/61\n\n"
        "NOTED    02/11/26    by  Pat  Ross  at 0912\nAGAIN    02/11/26    by  Pat  Ross  at 1300"
    ),
    "the box for a label": (
        f"{PROSE * 3}PATIENT'S IDENTIFICATION (typed entries: ID no.)\n\n"
        "GARCIA, MARIA Q\n0012345\n07 MAR 1961"
    ),
}


@pytest.mark.parametrize("paper", SOUND)
def test_an_identifier_is_found_where_papers_have_it(paper):
    assert linked(SOUND[paper]) == "1"


UNSOUND = {
    "parts of somebody else's name": f"Mother's last: Garcia   First: Maria\n{BORN}",
    "parts of a physician's name": f"Physician last: Garcia   First: Maria\n{BORN}",
    "words of prose": f"Last Garcia visit, First Maria visit\n{BORN}",
    "one part in brackets": f"Patient name: Garcia (last) Maria (spouse)\n{BORN}",
    "a veteran whose plan pays": (
        "Veteran: Garcia, Maria   DOB: 03/07/1961\nBeneficiary: Ross, Pat   DOB: 05/19/1987"
    ),
    "a veteran beside the patient": (
        "Patient: Ross, Pat   DOB: 05/19/1987\nVeteran: Garcia, Maria   DOB: 03/07/1961"
    ),
    "another facility's chart number": "Sending Facility Chart #: 0012345\nPatient: Garcia, Maria",
    "headings over a guarantor": (
        "     GUARANTOR            MRN          SEX\nGarcia, Maria           0012345         F"
    ),
    "a birth date under the guarantor": (
        "MRN: 0077777\nGUARANTOR    Garcia, Maria    RELATION: MOTHER\n             DOB 03/07/1961"
    ),
    "a birth date that differs, in the patient's column": (
        "MRN: 0012345   Patient: Garcia, Maria\nGUARANTOR    Garcia, Jose\nDOB 05/19/1987"
    ),
    "who speaks for somebody": (
        "I, MARIA Q. GARCIA, of 4 Elm St, mother of Pat, born March 7, 1961, appoint"
    ),
    "who speaks of a relative": (
        "I, MARIA Q. GARCIA, of 4 Elm St, Mother, Pat Ross, born March 7, 1961, appoint"
    ),
    "who speaks of a name": "I, MARIA Q. GARCIA, of Ross, Pat, born March 7, 1961, appoint",
    "other words in brackets": f"Patient name: Garcia (below) Maria (above)\n{BORN}",
    "prose under a heading": f"          PATIENT\nMaria Garcia called about her mother\n{BORN}",
    "who speaks of somebody": (
        "I, MARIA Q. GARCIA, of sound mind, appoint Pat Ross, 4 Elm St, born March 7, 1961"
    ),
    "the last row of a list": (
        f"{PROSE}Ross, Pat       001-2399     JAN 02,1950\n"
        "GARCIA,MARIA Q   001-2345     MAR 07,1961"
    ),
    "the last line under a heading": (
        f"{PROSE}Emergency contact\nGARCIA,MARIA Q     001-2345     MAR 07,1961"
    ),
    "the last line with words": f"{PROSE}GARCIA,MARIA Q   001-2345   MAR 07,1961   roommate of Pat",
    "the last line of a wife": f"{PROSE}Wife GARCIA,MARIA Q     001-2345     MAR 07,1961",
    "a child beside a numbered parent": (
        "Child's name: Maria Garcia   Child's birthday: 03/07/1961   Chart no. 0012345\n"
        "Parent: Ana Lopez   Parent MRN: 7654321"
    ),
    "a child without a number beside a parent": (
        "Child's name: Maria Garcia   Child's birthday: 03/07/1961\n"
        "Parent: Ana Lopez   Parent birth date: 02/02/1930"
    ),
    "a student beside the patient": (
        f"Patient: Ross, Pat   DOB: 05/19/1987\nStudent: Maria Garcia   {BORN}"
    ),
    "a student beside a parent's birth date": (
        f"Student: Maria Garcia   Student's {BORN}\nParent: Ana Lopez   DOB: 02/02/1930"
    ),
    "a beneficiary beside a spouse": (
        f"Beneficiary: Maria Garcia   {BORN}\nSpouse: Ana Lopez   DOB: 02/02/1930"
    ),
    "a beneficiary beside the patient": (
        f"Patient: Ross, Pat   DOB: 05/19/1987\nBeneficiary: Maria Garcia   MRN 0012345   {BORN}"
    ),
    "a name under somebody else's heading": (
        "PATIENT INFORMATION      GUARANTOR INFORMATION\n"
        "SPECIMEN: A1             GARCIA, MARIA Q\n\n"
        "Patient's date of birth: 03/07/1961"
    ),
    "a worker beside the patient": f"Patient: Ross, Pat\nInjured worker: Maria Garcia   {BORN}",
    "a neonate of that name": f"Neonate: Garcia, Maria   {BORN}   MRN: 0012345",
    "a gentleman of many figures": f"MR 00123 Garcia\nSpecimen: 0012345   {BORN}\nMR Ross, Pat",
    "rows of numbers": (
        "PT: GARCIA,MARIA Q\nHOSP#: 0012345    BD: 03/07/61\n\n"
        "       7654321    Ross Pat 02/11/1950\n       7654399    Lee Sam 02/11/1951"
    ),
    "the last line with a specimen's number": (
        f"{PROSE}GARCIA, MARIA Q 001-2345 03/07/1961 F Specimen 0044182"
    ),
    "the last line of several": f"{PROSE}GARCIA,MARIA Q   001-2345   MAR 07,1961   with Pat Ross",
    "a copy to somebody": f"{PROSE}cc GARCIA,MARIA Q     001-2345     MAR 07,1961",
    "the last line of somebody else's paper": (
        f"Patient: Ross, Pat\n{PROSE}GARCIA,MARIA Q     001-2345     MAR 07,1961"
    ),
    "the last line under somebody else's name": (
        f"Lopez, Ana\n{PROSE}GARCIA,MARIA Q     001-2345     MAR 07,1961"
    ),
    "a row of one line": "GARCIA,MARIA Q     001-2345     MAR 07,1961",
    "a block far from any box": f"{PROSE * 3}GARCIA, MARIA Q\n0012345\n07 MAR 1961",
    "two boxes for labels": (
        f"{PROSE * 3}PATIENT IDENTIFICATION\nROSS, PAT\n\nPATIENT IDENTIFICATION\n"
        "GARCIA, MARIA Q\n0012345\n07 MAR 1961"
    ),
    "the box for a specimen": (f"{PROSE * 3}SPECIMEN LABEL\nGARCIA, MARIA Q\n0012345\n07 MAR 1961"),
    "the box for the mother's label": (
        f"{PROSE * 3}MOTHER'S IDENTIFICATION\nGARCIA, MARIA Q\n0012345\n07 MAR 1961"
    ),
}


@pytest.mark.parametrize("paper", UNSOUND)
def test_what_may_be_somebody_elses_waits(paper):
    assert linked(UNSOUND[paper], (GARCIA, LOPEZ)) is None


HEAD = "Garcia, Maria     07-Mar-1961     0012345     11-Dec-2023\n"


def linked_on(*texts, people=(GARCIA,)):
    paper = pages(*texts)
    return decide_patient(paper, read_clues(paper), Known(tuple(people))).decision.value


def test_a_row_on_top_of_every_page_is_whose_they_are():
    assert linked_on(f"# CLINIC NOTE\n{HEAD}{PROSE}", HEAD + PROSE) == "1"


@pytest.mark.parametrize(
    "texts",
    [
        (HEAD + PROSE,),
        (HEAD + PROSE, PROSE),
        (HEAD + PROSE, HEAD.replace("0012345", "7654321") + PROSE),
        (HEAD + PROSE, HEAD.replace("Garcia, Maria", "Lopez, Anna ") + PROSE),
        (f"Mother {HEAD}{PROSE}", f"Mother {HEAD}{PROSE}"),
        (HEAD.strip() + "     Ross, Pat\n" + PROSE, HEAD + PROSE),
        (PROSE + HEAD + PROSE, PROSE + HEAD + PROSE),
        (f"Patient: Ross, Pat\n{HEAD}{PROSE}", HEAD + PROSE),
        (f"GUARANTOR\n{HEAD}{PROSE}", f"GUARANTOR\n{HEAD}{PROSE}"),
    ],
)
def test_another_row_may_be_of_a_list(texts):
    assert linked_on(*texts, people=(GARCIA, LOPEZ)) is None


def test_numbers_in_rows_that_look_like_days_are_numbers():
    garcia = patient(mrn="010203")
    head = "PT: GARCIA,MARIA\nHOSP#: 01-02-03    BD: 03/07/61\n\n"
    rows = "THEN   01-02-04   Ross Pat 1950\nTHEN   01-02-05   Lee Sam 1951"
    assert linked(head, (garcia,)) == "1"
    assert linked(head + rows, (garcia,)) is None


@pytest.mark.parametrize("first", ["Pa", "Do"])
def test_a_name_that_reads_like_credentials_is_left_unread(first):
    xiong = patient(first=first, last="Xiong")
    assert linked(f"Xiong, {first}\nChart # 0012345   {BORN}", (xiong,)) == "1"


@pytest.mark.parametrize(
    "said",
    [
        "Therapist: A. Bruhn, PT #0012345",
        "Electronically signed A. Bruhn PT #0012345",
        "MR 00123 Garcia",
    ],
)
def test_a_license_is_no_record_number(said):
    assert not read_clues(pages(said)).mrns


@pytest.mark.parametrize(
    "said",
    [
        "PT #: 0012345",
        "PT # 0012345",
        "Garcia, Maria PT # 0012345",
        "Signed by Maria PT #: 0012345",
    ],
)
def test_a_patients_number_is_one(said):
    assert read_clues(pages(said)).mrns[0].keys == ("12345",)


def day_of(text, key):
    paper = pages(text)
    births = Births(date(1961, 3, 7))
    return decide_date(
        paper, read_clues(paper), key, load_doctypes(), births, date(2024, 5, 17)
    ).value


TABLE = "VACCINE            DATE            LOT\nTdap            20 Aug 2023         7F42\n"
DAYS = {
    "under a heading in the middle of its column": ("immunization", TABLE, "2023-08-20"),
    "twice the same": (
        "immunization",
        TABLE + "Flu             20 Aug 2023         U881",
        "2023-08-20",
    ),
    "of several days none": (
        "immunization",
        TABLE + "Flu             21 Oct 2023         U881",
        None,
    ),
    "not when it was run": (
        "history_physical",
        "RUN DATE: 02/03/24\nADM: 02/02/24",
        "2024-02-02",
    ),
    "in a grid": (
        "discharge_summary",
        "Adm             Dis\n01/09/2024      01/14/2024",
        "2024-01-14",
    ),
    "of a monitor put on": (
        "ecg_report",
        "Hook-up: 01/15/2024 10:30\nAnalyzed: 01/19/2024",
        "2024-01-15",
    ),
    "of a period of days": (
        "ecg_report",
        "Enrollment Period: 01/15/2024 - 01/29/2024",
        "2024-01-15",
    ),
    "of a study": ("echo_report", "STUDY: 02/17/2024\nREAD BY: KLEIN 02/18/2024", "2024-02-17"),
    "of a study named": ("echo_report", "STUDY: Echo with contrast, prior 02/17/2024", None),
    "of a referral": (
        "referral",
        "Referral Issue Date: 01/12/2024   Expiration: 05/30/2024",
        "2024-01-12",
    ),
    "when an exam began": ("imaging_report", "Exam start: 02/11/2024 23:52", "2024-02-11"),
    "behind the exam": ("echo_report", "EXAM      30JAN2024 0915", "2024-01-30"),
    "not of the exam before": ("echo_report", "Prior exam 01/30/2024", None),
    "of a month of medicines": (
        "medication_list",
        "For period 02/01/2024 - 02/28/2024",
        "2024-02-01",
    ),
}


@pytest.mark.parametrize("paper", DAYS)
def test_the_day_is_found_where_papers_have_it(paper):
    key, text, day = DAYS[paper]
    assert day_of(text, key) == day

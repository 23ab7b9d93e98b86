from datetime import date

import pytest
from filing_paper import blank, page, pages

from chartkeeper.filing.clues import read_clues

MRN_WORDINGS = (
    "MRN: 0012345",
    "MRN 0012345",
    "MRN:0012345",
    "MRN#0012345",
    "MRN # 0012345",
    "MR# 0012345",
    "MR #: 0012345",
    "Med Rec No 0012345",
    "Med. Rec. #: 0012345",
    "Medical Record Number: 0012345",
    "Medical Record No. 0012345",
    "Chart #: 0012345",
    "Chart No 0012345",
    "Patient ID: 0012345",
    "Patient ID# 0012345",
    "HRN: 0012345",
    "Unit #: 0012345",
    "Unit Number 0012345",
    "(MRN 0012345)",
    "MRN: 001-2345",
    "MRN: OO12345",
    "M.R.N. 0012345",
    "Medica1 Record Numbcr: 0012345",
    "MRN:          0012345",
    "Pt ID: 0012345",
    "MRN0012345",
    "No. de expediente: 0012345",
    "Núm. de expediente 0012345",
    "Expediente médico: 0012345",
)
DOB_WORDINGS = (
    "DOB: 03/07/1961",
    "DOB 3/7/61",
    "D.O.B.: 03-07-1961",
    "Date of Birth: March 7, 1961",
    "Birth Date 07MAR1961",
    "Birthdate: 1961-03-07",
    "Born: 03/07/1961",
    "DOB/Age: 03/07/1961 63 y",
    "D0B: 03/07/1961",
    "DOB:03/07/1961",
    "Age/Sex/DOB: 63 / F / 03/07/1961",
    "DOB: 19610307",
    "Dale of Birth: 03/07/1961",
    "DOB:            Mar 7 1961",
)
NAME_WORDINGS = (
    "Patient: GARCIA, MARIA L",
    "Patient Name: Maria L Garcia",
    "Name: Garcia, Maria",
    "Pt: Garcia, Maria",
    "RE: Maria Garcia",
    "PATIENT NAME GARCIA MARIA",
    "Patient's Name: Maria Garcia",
    "Patlent Name: Garcia, Maria",
    "Patient: Garcia, Maria   Age: 63   Sex: F",
    "Patient GARCIA, MARIA",
    "Name (Last, First): Garcia, Maria",
    "Membername: Maria Garcia",
    "Name Maria GarciaD.O.B. 03/07/1961",
    "GARCIA, MARIA (id #4711, dob: 03/07/1961)",
    "Claimant / Patient name     Date of birth\nMaria L. Garcia             03/07/1961",
    "4, PATIENT NAME\nMaria Garcia",
    "Patient name and date of birth: Maria Garcia, 03/07/1961",
    "6. Patient's name and address   Garcia, Maria   4 Elm St",
    "PT NAME/MRN: Garcia, Maria / 0012345",
    "# Progress Note\nPatient Name/Address      DOB/Sex\nMaria Garcia              03/07/1961 F",
    "| PATIENT     Maria Garcia",
    "Child's name: Maria Garcia   Parent: Ana Lopez",
    "Nombre del niño(a): Maria Garcia",
    "Nombre del nifio(a): Maria Garcia",
    "Apellidos        Nombre\nGarcia           Maria",
    "Paciente: Maria Garcia",
    "Client: Maria Garcia",
    "Client: Greyburn Cardiology Assoc     Patient: Maria Garcia",
    "Declared in May 2022. I, Maria Garcia, born March 7, 1961, being of sound mind",
    "|, Maria Garcia, born March 7, 1961, being of sound mind",  # the letter read as a stroke
)
NOT_THE_PATIENTS = (
    "Outside MRN: 7654321",
    "External MRN 7654321",
    "Account #: 7654321",
    "Patient Account Number: 7654321",
    "Accession #: 7654321",
    "Order #: 7654321",
    "Member ID: 7654321",
    "Policy # 7654321",
    "NPI: 1234567893",
    "Phone: 555-123-4567",
    "Patient Phone: 5551234567",
    "Fax: 5551234567",
    "DEA # AB1234567",
    "License No: 7654321",
    "Specimen ID: 7654321",
    "Mother's DOB: 02/02/1930",
    "Mother: Lopez, Ana   DOB: 02/02/1930",
    "Guarantor Name: Pedro Lopez   Date of Birth: 02/02/1930",
    "Subscriber DOB 02/02/1930",
    "Physician Name: Lopez, Juan",
    "Provider: Juan Lopez",
    "Dr. Juan Lopez",
    "Attending: Lopez, Juan",
    "Referring Physician: Lopez, Juan MD",
    "Emergency Contact: Ana Lopez",
    "Spouse Name: Juan Lopez",
    "cc: Juan Lopez",
    "Father: Juan Lopez  Born: 02/02/1930",
    "Guardian Name: Ana Lopez",
    "Policy holder: Juan Lopez DOB: 02/02/1930",
    "Guarant0r: Juan Lopez  DOB 02/02/1930",
    "Drug Name: Lisinopril",
    "Facility Name: Mercy Lopez",
    "Employer Name: Acme Lopez",
    "Next of kin: Ana Lopez",
    "Insured's Name: Juan Lopez   Birth Date: 02/02/1930",
    "Previous MRN: 7654321",
    "Old MRN 7654321",
    "Contacto de emergencia: Ana Lopez",
    "Teléfono: 7654321",
)


@pytest.mark.parametrize("line", MRN_WORDINGS)
def test_mrn_wordings(line):
    found = read_clues(pages(line)).mrns
    assert ["12345" in clue.keys for clue in found] == [True]


@pytest.mark.parametrize("line", DOB_WORDINGS)
def test_birth_date_wordings(line):
    found = read_clues(pages(line)).birth_dates
    assert [date(1961, 3, 7) in clue.dates for clue in found] == [True]


@pytest.mark.parametrize("line", NAME_WORDINGS)
def test_name_wordings(line):
    found = read_clues(pages(line)).names
    assert len(found) == 1
    assert set(found[0].name.parts) >= {"GARCIA", "MARIA"}


@pytest.mark.parametrize("line", NOT_THE_PATIENTS)
def test_labels_of_others_are_not_the_patients(line):
    assert read_clues(pages(line)).labelled == ()


@pytest.mark.parametrize("line", NOT_THE_PATIENTS[15:17])
def test_what_is_anothers_is_kept_apart(line):
    assert read_clues(pages(line)).others


def test_values_below_their_heads():
    clues = read_clues(
        pages(
            "Patient Name             MRN            Date of Birth\n"
            "Garcia, Maria            0012345        03/07/1961"
        )
    )
    assert [clue.keys for clue in clues.mrns] == [("12345",)]
    assert clues.birth_dates[0].dates == (date(1961, 3, 7),)
    assert clues.names[0].text == "Garcia, Maria"


def test_a_section_about_somebody_else_owns_what_stands_in_it():
    text = (
        "GUARANTOR INFORMATION\n"
        "Name: Lopez, Juan\n"
        "Date of Birth: 02/02/1930\n"
        "\n"
        "PATIENT INFORMATION\n"
        "Name: Garcia, Maria\n"
        "Date of Birth: 03/07/1961"
    )
    clues = read_clues(pages(text))
    assert [clue.text for clue in clues.names] == ["Garcia, Maria"]
    assert [clue.text for clue in clues.birth_dates] == ["03/07/1961"]


def test_sections_side_by_side():
    text = (
        "PATIENT INFORMATION              INSURED INFORMATION\n"
        "Name: Garcia, Maria              Name: Lopez, Juan\n"
        "DOB: 03/07/1961                  DOB: 02/02/1930"
    )
    clues = read_clues(pages(text))
    assert [clue.text for clue in clues.names] == ["Garcia, Maria"]
    assert [clue.text for clue in clues.birth_dates] == ["03/07/1961"]


def test_a_name_on_a_label_without_wording():
    clues = read_clues(pages("GARCIA, MARIA L\nMRN 0012345   DOB 03/07/1961"))
    assert [clue.text for clue in clues.names] == ["GARCIA, MARIA L"]


def test_a_speck_before_the_label_under_a_name_is_passed_over():
    clues = read_clues(pages("Patient Information\nGARCIA, MARIA L\n' DOB: 03/07/1961   AGE: 60"))
    assert [clue.text for clue in clues.names] == ["GARCIA, MARIA L"]


def test_place_page_and_confidence_come_from_the_words():
    clue = read_clues([page("x"), page("MRN: 0012345", number=2, confidence=0.4)]).mrns[0]
    assert (clue.page, clue.confidence, clue.label, clue.text) == (2, 0.4, "MRN", "0012345")
    assert clue.box.left > 100


def test_bare_numbers_and_dates_are_found_but_not_labelled():
    clues = read_clues(pages("see 7654321 of 02/02/1930 and 1234"))
    assert [clue.keys for clue in clues.numbers] == [("7654321",)]
    assert [clue.dates for clue in clues.dates] == [(date(1930, 2, 2),)]
    assert clues.labelled == ()


def test_the_senders_fax_line_is_nobodys():
    text = "01-31-2005 10:00 FROM: LOPEZ CLINIC 714-583-0000 T-123 P.001/003\n\n\n\nMRN: 0012345"
    assert len(read_clues(pages(text)).labelled) == 1


def test_prose_about_the_patient_names_nobody():
    text = (
        "The patient presents with pain.\n"
        "Patient denies fever. Patient Signature: ______\n"
        "Patient Education given."
    )
    assert read_clues(pages(text)).labelled == ()


def test_blank_pages_have_no_clues():
    assert read_clues([blank(1)]).labelled == ()


@pytest.mark.parametrize(
    "text",
    [
        (
            "Last name        First name       MI     Date of birth\n"
            "Garcia           Maria            L      03/07/1961"
        ),
        "Last name: Garcia     First name: Maria     MRN: 0012345",
        "Patient's last name: Garcia\nPatient's first name: Maria",
        "First name       Last name\nMaria            Garcia",
        "Surname: Garcia     Given name: Maria",
    ],
)
def test_a_name_in_two_boxes_is_one_name(text):
    (name,) = read_clues(pages(text)).names
    assert (name.text, name.name.parts) == ("Garcia, Maria", ("GARCIA", "MARIA"))


@pytest.mark.parametrize(
    "text",
    [
        "Subscriber last name: Garcia     First name: Maria",
        "GUARANTOR INFORMATION\nLast name: Garcia     First name: Maria",
        "RESPONSIBLE PARTY / GUARANTOR\nLast name: Garcia     First name: Maria",
        "GUARANTOR (if not the patient)\nName: Maria Garcia     Birth date: 03/07/1961",
        "Last name: Garcia",
        "Last name: Garcia\n\n\n\nFirst name: Maria",
    ],
)
def test_a_name_in_boxes_of_somebody_else_or_in_part_is_nobodys(text):
    assert read_clues(pages(text)).labelled == ()


def test_captions_under_their_lines():
    text = (
        "Maria Garcia         03/07/1961         0012345\n"
        "Patient name         Date of birth      Med. record #\n"
        "\n"
        "04/13/2024           05/16/2024         Voluntary\n"
        "Admission date       Discharge date     Legal status"
    )
    clues = read_clues(pages(text))
    assert [clue.text for clue in clues.labelled] == ["0012345", "03/07/1961", "Maria Garcia"]


@pytest.mark.parametrize(
    ("text", "mrns"),
    [
        ("MRN (hospital use only): 0012345", ["0012345"]),
        ("Medical record ID: 0012345", ["0012345"]),
        ("MRN (other hospital): 0012345", []),
    ],
)
def test_a_bracket_that_says_who_fills_in(text, mrns):
    assert [clue.text for clue in read_clues(pages(text)).mrns] == mrns


@pytest.mark.parametrize("label", ["|DOB", "DOB|", "|Birthdate", "|D.O.B."])
def test_the_rule_of_a_box_glued_to_its_label(label):
    text = f"PATIENT         {label:<12}  SEX\nGARCIA, MARIA   03/07/1961    F"
    assert [clue.text for clue in read_clues(pages(text)).birth_dates] == ["03/07/1961"]


def test_the_rule_of_a_box_glued_to_whose_it_is():
    clues = read_clues(pages("Patient: GARCIA, MARIA\n|Mother DOB: 03/07/1931"))
    assert clues.birth_dates == ()


def test_strokes_read_apart_in_a_label():
    assert [c.text for c in read_clues(pages("Patieiit: Garcia, Maria")).names] == ["Garcia, Maria"]


def test_a_label_with_a_bare_date_between_name_and_number():
    clues = read_clues(pages("GARCIA, MARIA\n03/07/1961 F\nMRN: 0012345"))
    assert [clue.text for clue in clues.names] == ["GARCIA, MARIA"]
    far = read_clues(pages("GARCIA, MARIA\n\n\n03/07/1961 F\nMRN: 0012345"))
    assert far.names == ()


def test_a_box_called_pharmacy_is_no_section():
    text = "MRN            Pharmacy          Allergies\n0012345        Sunrise           none"
    assert [clue.text for clue in read_clues(pages(text)).mrns] == ["0012345"]
    # Nobody but a patient has a record number.
    assert [clue.text for clue in read_clues(pages("PHARMACY\nMRN: 0012345")).mrns] == ["0012345"]


def test_a_paper_that_writes_the_day_first_means_its_birth_date_so():
    (clue,) = read_clues(pages("DOB: 07/03/1961\nSeen 23/01/2024, 30/11/2023")).birth_dates
    assert clue.dates == (date(1961, 3, 7),)


STICKER = (
    "Samplewood General                        TESTERMAN, EVE Q\n"
    "12 Placeholder Road                       MRN: 0012345   DOB: 03/07/1961\n"
    "PROGRESS NOTE"
)


def test_the_name_on_a_label_beside_a_letterhead_is_found():
    (clue,) = read_clues(pages(STICKER)).names
    assert (clue.text, clue.label) == ("TESTERMAN, EVE Q", "")


def test_a_name_over_another_column_heads_nothing():
    text = STICKER.replace("TESTERMAN, EVE Q", "").replace("Samplewood General", "SAMPLE, ADA M D")
    assert read_clues(pages(text)).names == ()


def test_a_client_beside_a_patient_is_who_sent_the_work():
    text = "Client: Red Butte Health   Client ID: 4711-201\nDOB: 03/07/1961   Patient MRN: 0012345"
    assert [clue.text for clue in read_clues(pages(text)).mrns] == ["0012345"]
    alone = text.replace("Patient MRN", "MRN")
    assert len(read_clues(pages(alone)).mrns) == 2
    signed = f"{alone}\nPatient signature: 03/04/2026"
    assert len(read_clues(pages(signed)).mrns) == 2


PLAN = "Member Name: Eve Testerman   Member DOB: 03/07/1961"


def test_the_member_of_a_plan_is_the_patient_unless_somebody_else_is_named():
    alone = read_clues(pages(PLAN))
    assert [clue.text for clue in alone.labelled] == ["03/07/1961", "Eve Testerman"]
    for other in ("Patient: Ada Testerman", "Subscriber: Ada Testerman"):
        found = read_clues(pages(f"{PLAN}\n{other}"))
        assert "Eve Testerman" not in [clue.text for clue in found.names]
        assert "03/07/1961" not in [clue.text for clue in found.birth_dates]


@pytest.mark.parametrize("name", ["Ward, Ann", "Wright, Ann", "Page, Ann", "Room, Ann"])
def test_a_name_that_is_also_a_label_is_a_name(name):
    (clue,) = read_clues(pages(f"Patient Name: {name}   MRN: 0012345")).names
    assert clue.text == name
    last, first = name.split(", ")
    boxes = f"Last Name: {last} First Name! {first} Date of Birth: 03/07/1961"
    assert [clue.text for clue in read_clues(pages(boxes)).names] == [name]


@pytest.mark.parametrize("label", ["DO B:", "D OB:", "Date of B irth:", "Birth d ate:"])
def test_a_label_read_in_two_pieces_is_one(label):
    (clue,) = read_clues(pages(f"Patient: Eve Testerman   {label} 03/07/1961")).birth_dates
    assert clue.text == "03/07/1961"


@pytest.mark.parametrize("who", ["from daughter", "by her mother", "from the patient's son"])
def test_what_was_told_by_a_relative_is_the_relatives(who):
    text = f"DOB: 03/07/1961\nHistory obtained {who} Ada Testerman, date of birth 02/02/1930."
    assert [clue.text for clue in read_clues(pages(text)).birth_dates] == ["03/07/1961"]


def test_another_patients_label_below_a_witness_line_is_a_patients():
    text = "DOB: 03/07/1961\nWitness: ____________\nSPECIMEN, ADA\nDOB 02/02/1930  MRN 0067890"
    found = read_clues(pages(text))
    assert "02/02/1930" in [clue.text for clue in found.birth_dates]
    assert [clue.text for clue in found.mrns] == ["0067890"]


@pytest.mark.parametrize("label", ["DATEOF BIRTH", "DATE OFBIRTH:", "DATEOFBIRTH", "DATE 0F B1RTH"])
def test_a_birth_date_label_written_together_is_known(label):
    for text in (f"{label} 03/07/1961", f"Sex {label}"):
        assert all(c.text == "03/07/1961" for c in read_clues(pages(text)).birth_dates)
    (clue,) = read_clues(pages(f"{label} 03/07/1961")).birth_dates
    assert clue.dates == (date(1961, 3, 7),)


@pytest.mark.parametrize(
    "written", ["TESTERMAN, V1CTORIA", "TESTERMAN, V|CTORIA", "TE5TERMAN, VICT0RIA"]
)
def test_a_figure_in_a_name_is_the_letter_that_it_looks_like(written):
    (clue,) = read_clues(pages(f"Patient: {written}   DOB: 03/07/1961")).names
    assert clue.name.parts == ("TESTERMAN", "VICTORIA")


@pytest.mark.parametrize("label", ["FIN 10580640", "Acct #: 58746960", "Visit #: 991", "Sex: F"])
def test_a_name_that_heads_a_visit_or_the_sex_is_the_patients(label):
    (clue,) = read_clues(pages(f"Samplewood General\nTESTERMAN, EVE Q   {label}")).names
    assert clue.text == "TESTERMAN, EVE Q"


@pytest.mark.parametrize("noise", [". ", "} ", "\" ' ", "      .      "])
def test_strokes_and_specks_before_a_value_are_passed_over(noise):
    found = read_clues(pages(f"Patient: {noise}TESTERMAN, EVE\nMRN: {noise}0012345"))
    assert [clue.text for clue in found.names] == ["TESTERMAN, EVE"]
    assert [clue.text for clue in found.mrns] == ["0012345"]


@pytest.mark.parametrize("prose", ["Has worn stockings 03/07/1961", "Torn tendon 03/07/1961"])
def test_words_like_born_are_no_label(prose):
    assert read_clues(pages(prose)).birth_dates == ()


@pytest.mark.parametrize("name", ["OAKDALE, BABY BOY", "oAKDL,E, BABY GIRL", "Infant Girl Oakdale"])
def test_a_newborn_in_the_header_is_the_patient_and_nobodys_relative(name):
    text = f"{name} | DOB: 02/03/2026 | MRN: 0012345\n,othr's name: OAKDALE, ADA DOB: 06/28/1996"
    found = read_clues(pages(text))
    assert "02/03/2026" in [clue.text for clue in found.birth_dates]
    assert [clue.text for clue in found.mrns] == ["0012345"]


@pytest.mark.parametrize("label", ["DGB:", "OOB:", "LOB:"])
def test_a_birth_label_with_one_wrong_letter_is_one_before_a_full_date(label):
    clues = read_clues(pages(f"Garcia, Maria   {label} 03/07/1961   MRN: 0012345"))
    assert [clue.dates for clue in clues.birth_dates] == [(date(1961, 3, 7),)]


@pytest.mark.parametrize("text", ["DOS: 03/07/2024", "DOE: 03/07/2024", "JOB: nurse", "LOB 3/7/24"])
def test_labels_of_other_days_are_not_birth_labels(text):
    assert not read_clues(pages(text)).birth_dates


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("001-2345 (MRN) 07-MAR-1961 F", "12345"),
        ("0012345 (MR#) 555-0101 (FIN)", "12345"),
        ("5550101 (FIN) 0012345 (MRN)", "12345"),
        ("Room 4 (MRN 0012345)", "12345"),
        ("Room 4 (MRN): 0012345", "12345"),
        ("Room 4 (MRN) 0012345", "12345"),
    ],
)
def test_a_number_before_its_bracketed_label(line, number):
    assert [clue.keys for clue in read_clues([page(line)]).mrns] == [(number,)]


def test_a_number_before_a_bracketed_label_is_whose_the_line_says():
    clues = read_clues([page("Mother: Garcia, Ana 001-2345 (MRN)")])
    assert not clues.mrns
    assert [clue.keys for clue in clues.others if clue.keys] == [("12345",)]
    assert read_clues([page("Similar: 001-2345 (MRN)")]).mrns[0].caption


def flush_right(lines, edge=100):
    return page("\n".join(line.rjust(edge) for line in lines))


def test_values_under_labels_of_a_block_set_flush_right():
    block = ["Patient:", "Garcia, Maria Lee", "Date of Birth:", "March 7, 1961", "MRN:", "0012345"]
    clues = read_clues([flush_right(block)])
    read = {clue.text for clue in clues.labelled}
    assert read == {"0012345", "March 7, 1961", "Garcia, Maria Lee"}
    assert not read_clues([flush_right(["Attending:", "Garcia, Maria Lee"])]).names


def test_two_columns_read_as_one_line_are_no_value():
    columns = ["Visit   Birth Date", "03/04/2026 07/03/1961"]
    assert read_clues([flush_right(columns)]).birth_dates[0].text == "07/03/1961"


def test_a_line_that_does_not_end_with_its_label_is_no_value():
    assert not read_clues([page("          See MRN:\nRoom 4    0012345")]).mrns

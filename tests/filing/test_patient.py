"""The traps of the field, one by one: none may link, and what is sound must."""

from datetime import date

import pytest
from filing_paper import page, pages
from filing_people import alias, patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.patient import MAX_CANDIDATES_SHOWN, decide_patient
from chartkeeper.filing.wanted import MAX_MRN_KEYS, wanted
from chartkeeper.records.model import Known

GARCIA = patient()
BANNER = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345"
COVER = (
    "# FAX COVER SHEET\n"
    "To: Records\n"
    "From: Clinic\n"
    "Fax: 555-0100\n"
    "Pages: 2\n"
    "Re: Maria Garcia\n"
    "DOB: 03/07/1961  MRN: 0012345"
)


def decided(texts, people, **options):
    paper = pages(*([texts] if isinstance(texts, str) else texts), **options)
    return decide_patient(paper, read_clues(paper), Known(tuple(people)))


SOUND = {
    "all three": BANNER,
    "number and birth date": "MRN 12345   Birth date 3/7/1961",
    "number and name": "Name: Garcia, Maria\nChart #: 0012345",
    "name and birth date": "Pt: Maria Garcia   Born: March 7, 1961",
    "two-digit year": "Patient: Maria Garcia   DOB 3-7-61",
    "the physician is not the patient": f"{BANNER}\nAttending: LOPEZ, ANA MD   NPI 1234567893",
    "the guarantor is not the patient": f"{BANNER}\nGuarantor: LOPEZ, ANA   DOB: 02/02/1930",
    "the mother is not the patient": (
        f"{BANNER}\nMother's Name: LOPEZ, ANA   Mother's DOB: 02/02/1930"
    ),
    "another house's number": f"{BANNER}\nOutside MRN: 7654321",
    "the account of whoever ordered": f"{BANNER}\nClient #: 55802133",
    "a letter to this house": "Re: Maria Garcia\nYour MRN: 0012345\nWe ask for records.",
    "an accession is no MRN": f"{BANNER}\nAccession #: 7654321   Account: 7654322",
    "a nickname is no contradiction": "Patient: Garcia, Marie   DOB: 03/07/1961   MRN: 0012345",
    "a surname misread": "Patient: Garcla, Maria   DOB: 03/07/1961   MRN: 0012345",
}


@pytest.mark.parametrize("trap", SOUND)
def test_sound_papers_link(trap):
    assert decided(SOUND[trap], [GARCIA]).decision.value == "1"


def test_the_reason_and_the_evidence_are_told():
    decision = decided("MRN: 0012345   Birth date: 03/07/1961", [GARCIA]).decision
    assert (
        decision.because
        == "MRN 0012345 and birth date 03/07/1961 on page 1 agree with Garcia, Maria"
    )
    assert {evidence.meaning for evidence in decision.evidence} == {"MRN", "birth date"}
    assert all(evidence.box and evidence.weight > 0 for evidence in decision.evidence)


UNSOUND = {
    "number alone": "MRN: 0012345",
    "name alone": "Patient: Garcia, Maria",
    "birth date alone": "DOB: 03/07/1961",
    "a number of somebody of yours": "Patient: Garcia, Maria\nYour lodger MRN: 0012345",
    "another number": "Patient: Garcia, Maria   DOB: 03/07/1961   MRN: 0099999",
    "another birth date": "Patient: Garcia, Maria   DOB: 04/07/1961   MRN: 0012345",
    "day and month swapped": "Patient: Garcia, Maria   DOB: 07/03/1961   MRN: 0012345",
    "transposed digits of the number": "Patient: Garcia, Maria   DOB: 03/07/1961   MRN: 0012354",
    "another name": "Patient: Lopez, Ana   DOB: 03/07/1961   MRN: 0012345",
    "another first name": "Patient: Garcia, Pedro   DOB: 03/07/1961   MRN: 0012345",
    "a senior": "Patient: Garcia, Maria Sr   DOB: 03/07/1961",
    "nickname and birth date": "Patient: Garcia, Mia   DOB: 03/07/1961",
    "initial and birth date": "Patient: Garcia, M   DOB: 03/07/1961",
    "name and number unlabelled": "Garcia Maria 0012345 03/07/1961",
    "the patient as mother": "Mother: Garcia, Maria   DOB: 03/07/1961",
    "the patient as guarantor": "Guarantor Name: Maria Garcia   Birth Date: 03/07/1961",
    "the patient as guarantor in a section": (
        "RESPONSIBLE PARTY INFORMATION\nName: Garcia, Maria\nDOB: 03/07/1961"
    ),
    "the number of another house": "Patient: Garcia, Maria   Outside MRN: 0012345",
    "a physician's name": "Physician: Maria Garcia   MRN: 0012345",
    "an account with the same digits": "Patient: Garcia, Maria   Account #: 0012345",
    "a second person's label": f"{BANNER}\n\nPatient Name: Lopez, Ana   MRN: 7654321",
    "a service date like the birth date": "Patient: Garcia, Maria   Date of service: 03/07/1961",
}


@pytest.mark.parametrize("trap", UNSOUND)
def test_unsound_papers_wait_for_a_clerk(trap):
    result = decided(UNSOUND[trap], [GARCIA])
    assert result.decision.value is None
    assert result.decision.because


LOOKALIKES = {
    "twins": ("Patient: Garcia, Maria   DOB: 03/07/1961", patient(2, "0012346", first="Mario")),
    "twins with near numbers": (
        "MRN: 0012345   DOB: 03/07/1961",
        patient(2, "0012346", first="Ana"),
    ),
    "same name and birth date": (
        "Patient: Garcia, Maria   DOB: 03/07/1961",
        patient(2, "0777777"),
    ),
    "same name and birth date, near numbers": (BANNER, patient(2, "0012348")),
    "junior": (
        "Patient: Garcia, Maria   MRN: 0012345",
        patient(2, "0012346", suffix="Jr", dob=date(1985, 5, 5)),
    ),
    "birth dates one digit apart": (
        "Patient: Garcia, Maria   DOB: 03/07/1961",
        patient(2, "0777777", dob=date(1961, 3, 1)),
    ),
    "misread number equal to a real one": (
        "Patient: Lopez, Ana   DOB: 02/02/1930   MRN: 0012345",
        patient(2, "0012346", last="Lopez", first="Ana", dob=date(1930, 2, 2)),
    ),
    "the other on a later page": (
        [BANNER, "Patient: Lopez, Ana   MRN: 7654321"],
        patient(2, "7654321", "Lopez", "Ana", date(1930, 2, 2)),
    ),
    "the other on a label without wording": (
        [BANNER, "LOPEZ ANA\n7654321\n02/02/1930"],
        patient(2, "7654321", "Lopez", "Ana", date(1930, 2, 2)),
    ),
}


@pytest.mark.parametrize("trap", LOOKALIKES)
def test_lookalikes_wait_for_a_clerk(trap):
    text, other = LOOKALIKES[trap]
    for people in ([GARCIA, other], [other, GARCIA]):
        assert decided(text, people).decision.value is None


def test_twins_are_told_apart_when_all_three_are_read():
    twin = patient(2, "0099999", first="Ana")
    assert decided(BANNER, [twin, GARCIA]).decision.value == "1"


def test_of_two_with_one_name_and_birth_date_the_number_tells_which():
    namesake = patient(2, "0777777")
    assert decided(BANNER, [namesake, GARCIA]).decision.value == "1"
    assert decided([BANNER, "MRN: 0777777"], [namesake, GARCIA]).decision.value is None


def test_two_patients_are_named_with_their_pages():
    lopez = patient(2, "7654321", "Lopez", "Ana", date(1930, 2, 2))
    texts = [BANNER, "page two", "Patient: LOPEZ, ANA   DOB: 02/02/1930   MRN: 7654321"]
    because = decided(texts, [GARCIA, lopez]).decision.because
    assert (
        because == "Two patients are named on these pages: page 1 Garcia, Maria, page 3 Lopez, Ana"
    )


@pytest.mark.parametrize(
    "people", [[], [patient(9, "5555555", "Other", "Person", date(1950, 5, 5))]]
)
def test_nobody_fitting(people):
    result = decided(BANNER, people)
    assert result.decision.value is None
    assert result.decision.because.startswith("No patient in the index has")


def test_default_birth_dates_prove_nothing():
    unsure = patient(dob=date(1961, 1, 1))
    assert decided("Patient: Garcia, Maria   DOB: 01/01/1961", [unsure]).decision.value is None
    assert (
        decided("Patient: Garcia, Maria  DOB: 01/01/1961  MRN: 12345", [unsure]).decision.value
        == "1"
    )


@pytest.mark.parametrize(
    ("last", "first"), [("Garcia", "Baby Boy"), ("Doe", "Jane"), ("Test", "Patient")]
)
def test_placeholder_names_prove_nothing(last, first):
    nobody = patient(last=last, first=first)
    assert decided(f"Name: {last}, {first}   DOB: 03/07/1961", [nobody]).decision.value is None


def test_poorly_read_words_prove_nothing():
    assert decided(BANNER, [GARCIA], confidence=0.5).decision.value is None
    assert "hard to read" in decided(BANNER, [GARCIA], confidence=0.5).decision.because


def test_former_names_count_and_parts_of_double_names_do_not():
    renamed = patient(last="Smith", aliases=alias("Garcia", "Maria"))
    assert decided("Patient: Garcia, Maria   DOB: 03/07/1961", [renamed]).decision.value == "1"
    double = patient(last="Garcia-Lopez")
    assert decided("Patient: Garcia, Maria   DOB: 03/07/1961", [double]).decision.value is None
    assert decided(BANNER, [double]).decision.value == "1"


def test_a_fax_cover_supports_but_does_not_prove():
    assert decided([COVER, "PROGRESS NOTE\nseen today"], [GARCIA]).decision.value is None
    assert decided([COVER, f"PROGRESS NOTE\n{BANNER}"], [GARCIA]).decision.value == "1"
    other = "Patient: LOPEZ, ANA   DOB: 02/02/1930"
    assert (
        decided(
            [COVER, other], [GARCIA, patient(2, "7", "Lopez", "Ana", date(1930, 2, 2))]
        ).decision.value
        is None
    )


def test_the_other_sex_without_a_number_waits():
    text = "Patient: Garcia, Maria   DOB: 03/07/1961   Sex: M"
    assert decided(text, [patient(sex="F")]).decision.value is None
    assert decided(text.replace("Sex: M", "Sex: F"), [patient(sex="F")]).decision.value == "1"


@pytest.mark.parametrize("number", ["0012347", "0012354", "012345678", "7654321"])
def test_a_number_that_differs_on_any_page_is_not_forgiven(number):
    later = f"Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: {number}"
    assert decided([BANNER, later], [GARCIA]).decision.value is None


MISREAD = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012346"


def test_one_confused_digit_is_forgiven_where_name_and_birth_date_prove():
    assert decided(MISREAD, [GARCIA]).decision.value == "1"
    assert "MRN 0012346 is only similar" in decided(MISREAD, [GARCIA]).decision.because
    assert decided("DOB: 03/07/1961   MRN: 0012346", [GARCIA]).decision.value is None
    assert decided("Patient: GARCIA, MARIA   MRN: 0012346", [GARCIA]).decision.value is None


@pytest.mark.parametrize(
    "owner",
    [
        patient(2, "0012346", last="Lopez", first="Ana", dob=date(1930, 2, 2)),
        patient(2, "0099999", former_mrns=("0012346",)),
    ],
)
def test_a_number_as_read_that_is_somebodys_is_not_forgiven(owner):
    assert decided(MISREAD, [GARCIA, owner]).decision.value is None


@pytest.mark.parametrize("text", ["Patient: Garcia, Maria", "DOB: 03/07/1961"])
def test_a_number_without_its_label_counts_beside_a_labelled_identifier(text):
    known = patient(mrn="0712345")
    assert decided(f"{text}   M#N 0712345", [known]).decision.value == "1"
    assert decided(f"{text}\nAccount: 0712345", [known]).decision.value is None
    assert decided([text, "see 0712345"], [known]).decision.value is None
    two = patient(2, "0798765")
    assert decided(f"{text}   0712345   0798765", [known, two]).decision.value is None


def test_two_identifiers_on_different_pages_wait():
    assert decided(["MRN: 0012345", "Patient: Garcia, Maria"], [GARCIA]).decision.value is None


def test_whoever_is_named_in_the_reason_can_be_chosen(monkeypatch):
    monkeypatch.setattr("chartkeeper.filing.patient.MAX_CANDIDATES_SHOWN", 1)
    lopez = patient(2, "7654321", "Lopez", "Ana", date(1930, 2, 2))
    texts = [BANNER, "page two", "Patient: LOPEZ, ANA   DOB: 02/02/1930   MRN: 7654321"]
    result = decided(texts, [GARCIA, lopez])
    assert {one.patient_id for one in result.candidates} == {1, 2}


def test_candidates_come_best_first_and_few():
    crowd = [patient(n, f"55{n:05d}", first=f"Name{chr(64 + n)}") for n in range(3, 20)]
    near = patient(2, "0012354", "Garcla", "Maria")
    result = decided(
        "Patient: Garcia, Maria   DOB: 03/07/1961   MRN: 0012345", [*crowd, near, GARCIA]
    )
    assert [one.patient_id for one in result.candidates[:2]] == [1, 2]
    assert len(result.candidates) == MAX_CANDIDATES_SHOWN
    assert result.candidates[0].score > result.candidates[1].score > 0
    assert "agrees" in result.candidates[0].because


def test_candidates_of_unlabelled_words_are_shown_but_not_chosen():
    result = decided("GARCIA 0012345 seen; 03/07/1961", [GARCIA])
    assert result.decision.value is None
    assert [one.patient_id for one in result.candidates] == [1]


def test_wanted_names_what_to_look_up():
    want = wanted(
        read_clues(
            pages(
                "Patient: Garcia-Lopez, Maria   DOB: 03/07/61   MRN: 0012345\n"
                "no 8877665 on 02/02/1930"
            )
        )
    )
    assert {"12345", "8877665", "12354"} <= want.mrn_keys
    assert date(1961, 3, 7) in want.dobs
    assert {date(1961, 7, 3), date(1930, 2, 2)} <= want.loose_dobs
    assert {"GARCIALOPEZ", "GARCIA", "LOPEZ"} <= want.surnames


def test_a_surname_is_also_looked_up_as_it_may_have_been_misread():
    want = wanted(read_clues(pages("Patient: LOPFZ, MARIA   DOB: 03/07/1961")))
    assert {"LOPFZ", "LOPEZ"} <= want.surnames
    want = wanted(read_clues(pages("Patient: BUMS, MARIA")))
    assert "BURNS" in want.surnames


def test_wanted_is_bounded():
    text = "\n".join(
        " ".join(str(1_000_000 + row * 10 + column) for column in range(10)) for row in range(50)
    )
    want = wanted(read_clues([page(text)] * 3))
    assert len(want.mrn_keys) == MAX_MRN_KEYS


def _read_with(confidences):
    """BANNER, each of name, birth date and number read as surely as told."""
    sure = dict(zip(("MARIA", "03/07/1961", "0012345"), confidences, strict=True))
    return {"noise": lambda word: (word, sure.get(word, 0.95))}


@pytest.mark.parametrize(
    ("confidences", "links"),
    [
        ((0.9, 0.9, 0.1), True),  # two are read well
        ((0.4, 0.1, 0.9), True),  # one is, and an unsure one agrees as well
        ((0.1, 0.1, 0.9), True),  # what agrees exactly is no accident, however hard to read
        ((0.5, 0.5, 0.5), False),
    ],
)
def test_what_agrees_vouches_for_what_was_read_less_surely(confidences, links):
    decision = decided(BANNER, [GARCIA], **_read_with(confidences)).decision
    assert (decision.value == "1") is links


def test_a_birth_date_with_a_sign_guessed_in_it_proves_nothing_alone():
    text = "Patient: Garcia, MARIA   DOB: 03/07/i961"
    assert decided(text, [GARCIA]).decision.value == "1"
    assert decided(text, [GARCIA], **_read_with((0.5, 0.9, 0.9))).decision.value is None


def test_unsure_readings_vouch_for_nobody_when_one_disagrees():
    twin = patient(2, mrn="0012346", first="Marta")
    decision = decided(BANNER, [twin, GARCIA], **_read_with((0.4, 0.5, 0.9))).decision
    assert decision.value is None
    other = patient(3, mrn="0012345", dob=date(1961, 3, 8))
    assert decided(BANNER, [other], **_read_with((0.4, 0.5, 0.9))).decision.value is None


@pytest.mark.parametrize(
    "text",
    [
        "Subscriber last name: Garcia   First name: Maria   DOB: 03/07/1961",
        (
            "Garcia, Pablo\nGUARANTOR / RESPONSIBLE PARTY\n"
            "Last name     First name     Date of birth\n"
            "Garcia        Maria          03/07/1961"
        ),
        (
            "Patient last name: Lopez   First name: Ana   DOB: 02/02/1950\n"
            "MOTHER\nLast name: Garcia   First name: Maria   DOB: 03/07/1961   MRN: 0012345"
        ),
    ],
)
def test_names_in_boxes_of_a_relative_do_not_link(text):
    assert decided(text, [GARCIA]).decision.value is None


def test_a_name_in_boxes_links_and_contradicts():
    boxes = "Last name: Garcia   First name: Maria   DOB: 03/07/1961"
    assert decided(boxes, [GARCIA]).decision.value == "1"
    others = "Last name: Lopez   First name: Ana   DOB: 03/07/1961   MRN: 0012345"
    assert decided(others, [GARCIA]).decision.value is None


def test_a_name_that_is_only_similar_is_not_shown_as_agreeing():
    result = decided("Patient: Garcla, Maria   DOB: 03/07/1961   MRN: 0012345", [GARCIA])
    meanings = [item.meaning for item in result.candidates[0].evidence]
    assert "name, only similar to" in meanings
    assert "MRN" in meanings


def test_a_name_that_differs_speaks_against_though_half_of_it_agrees():
    result = decided("Patient: Testerman, Maria   DOB: 03/07/1961   MRN: 0012345", [GARCIA])
    weights = {item.meaning: item.weight for item in result.candidates[0].evidence}
    assert weights["name"] < 0 < weights["MRN"]


def ordered(text, people):
    """The ids of the candidates that a clerk is shown, the likeliest first."""
    return [one.patient_id for one in decided(text, people).candidates]


def test_of_namesakes_who_lives_where_the_paper_says_comes_first():
    where = {"address": "637 Fixture Street"}
    people = [patient(n, f"077777{n}", dob=date(1950 + n, 5, 5)) for n in range(2, 6)]
    text = "Patient: Garcia, Maria\nAddress: 637 Fixture Street, Mockport"
    assert ordered(text, [*people, patient(9, "0888888", dob=date(1940, 1, 2), **where)])[0] == 9
    assert ordered(text.replace("637", "638"), [*people, patient(9, "0888888", **where)])[0] == 2


def test_a_name_without_an_initial_is_likelier_of_somebody_without_one():
    people = [patient(n, f"077777{n}", dob=date(1950 + n, 5, 5), middle="Q") for n in range(2, 6)]
    assert ordered("Patient: Garcia, Maria", [*people, patient(9, "0888888")])[0] == 9
    assert ordered("Patient: Garcia, Maria Q", [*people, patient(9, "0888888")])[0] == 2


def test_a_birth_date_without_its_label_brings_whoever_is_born_then():
    paper = pages("ong  First Name: Maria\nD@8e 03/07/1961")
    sought = wanted(read_clues(paper), paper).alike
    assert date(1961, 3, 7) in sought.dobs
    assert "MARIA" in sought.names
    claimed = pages("Name: Maria\nCollected: 03/07/1961")
    assert date(1961, 3, 7) not in wanted(read_clues(claimed), claimed).alike.dobs


@pytest.mark.parametrize(
    ("beside", "value"),
    [
        ("", "1"),
        ("Parent: Lopez, Ana", "1"),
        ("Patient: Lopez, Ana", None),
        ("Lopez, Ana   MRN: 0054321", None),
        ("Mother: Lopez, Ana   MRN: 0054321", None),
        ("Mother: Lopez, Ana   DOB: 02/02/1930", None),
        ("Patient: ~~~~   DOB: ~~/~~/~~~~", None),
        ("Child's name: Garcia, Ramona", None),
    ],
)
def test_a_child_is_the_patient_unless_a_patient_or_parent_may_be(beside, value):
    text = f"# SCHOOL FORM\nChild's name: Garcia, Maria   Child's DOB: 03/07/1961\n{beside}"
    assert decided(text, [GARCIA]).decision.value == value


def test_a_child_that_is_only_listed_is_not_the_patient():
    text = "Smith, Ann   F   01/02/1935\nSOCIAL HISTORY\nChild: Garcia, Maria   DOB: 03/07/1961"
    assert decided(text, [GARCIA]).decision.value is None


def test_what_is_labelled_as_an_infants_is_told_to_the_clerk():
    text = "# CHECKUP\nInfant's name: Garcia, Maria   Infant's DOB: 03/07/1961"
    found = decided(text, [GARCIA]).decision
    assert found.value is None
    assert "labelled as a child's" in found.because

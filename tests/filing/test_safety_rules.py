"""Each safety rule is what stops a wrong link somewhere: without it, this test would link."""

from datetime import date

import pytest
from filing_paper import pages
from filing_people import alias, patient

from chartkeeper.filing import match
from chartkeeper.filing.check_digits import CheckDigit
from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.patient import SAFETY_RULES, decide_patient
from chartkeeper.filing.policy import Policy
from chartkeeper.records.model import Frequencies, Known

GARCIA = patient()
BANNER = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345"
DATED = f"{BANNER}\nDate of service: 03/04/2026"
NAME_AND_BIRTH = "Patient: GARCIA, MARIA   DOB: 03/07/1961"
LOPEZ = patient(2, "7654321", "Lopez", "Ana", date(1930, 2, 2))


def linked(texts, people, frequencies=None, policy=None, **options):
    paper = pages(*([texts] if isinstance(texts, str) else texts), **options)
    known = Known(tuple(people), frequencies or Frequencies())
    return decide_patient(paper, read_clues(paper), known, policy or Policy()).decision


TESTER = patient(last="Zztest", first="Demo")
# The others are too badly read to be found in the index.
SCHEDULE = """
# CLINIC SCHEDULE
PATIENT NAME            DOB            MRN
Garcia, Maria           03/07/1961     0012345
Ro9ins0n, Pat           14 Mar 2b43    0O17846
Casti1lo, Aar0n         7 Mar 1g88     0613D14
Ingmura, Anthony        19 Dec 1983    0422213
"""
CROWD = Frequencies(3_000_000, {"GARCIA": 60_000}, {"MARIA": 90_000})
MILLIONS = Frequencies(3_000_000)
# For each rule: papers that nothing else keeps from being linked.
PAPERS = {
    "two_proofs": lambda: linked(
        "Patient: Garcia, Maria   DOB: 01/01/1961", [patient(dob=date(1961, 1, 1))]
    ),
    "named_as_the_patient": lambda: linked(
        "Picked up by: Garcia, Maria\nDOB: 03/07/1961   MRN: 0012345", [GARCIA]
    ),
    "somebody_real": lambda: linked(
        "Name: Zztest, Demo   DOB: 03/07/1961   MRN: 0012345", [TESTER]
    ),
    "nothing_differs": lambda: linked(
        "Patient: Garcia, Maria   DOB: 04/07/1961   MRN: 0012345", [GARCIA]
    ),
    "sex_agrees": lambda: linked(f"{BANNER}   Sex: M", [patient(sex="F")]),
    "age_agrees": lambda: linked(f"{DATED}\nAge: 6 years", [GARCIA]),
    "not_before_birth": lambda: linked(f"{BANNER}\nDate of service: 03/04/1960", [GARCIA]),
    "not_a_newborns": lambda: linked(f"{DATED}\nDay of life 2, weight 3150 g", [GARCIA]),
    "speaks_for_themselves": lambda: linked(
        "I, Maria Garcia, born March 7, 1961, MRN 0012345, consent to treatment\n"
        "of my son Ramon, DOB 02/02/2020.",
        [GARCIA],
    ),
    "not_withdrawn": lambda: linked(f"{DATED}\nSCANNED IN ERROR - DO NOT FILE", [GARCIA]),
    "nobody_astray": lambda: linked([BANNER, "LOPEZ ANA\n7654321\n02/02/1930"], [GARCIA, LOPEZ]),
    "every_header_read": lambda: linked(
        [BANNER, "Patient: ~~~~   DOB: L2,22/2@09   MRN: 3#1O9e"], [GARCIA]
    ),
    "no_roster": lambda: linked(SCHEDULE, [GARCIA]),
    "no_lookalike": lambda: linked(
        "Patient: Garcia, Maria   MRN: 0012345",
        [GARCIA, patient(2, "0012346", suffix="Jr", dob=date(1985, 5, 5))],
        MILLIONS,
    ),
    "no_close_second": lambda: linked(
        NAME_AND_BIRTH, [GARCIA, patient(2, "0777777", first="Roberta")]
    ),
    "no_chance": lambda: linked(NAME_AND_BIRTH, [GARCIA], CROWD),
}
# These put into words what others would stop as well.
WORDS = {
    "something_is_labelled": (lambda: linked("page of nothing", []), "was found on the pages"),
    "somebody_is_known": (lambda: linked(BANNER, []), "No patient in the index has"),
    "one_patient": (
        lambda: linked(NAME_AND_BIRTH, [GARCIA, patient(2, "0777777")]),
        "The pages fit two patients",
    ),
}


def without(rule):
    return tuple(one for one in SAFETY_RULES if one.__name__ != rule)


def test_every_rule_has_its_paper():
    assert {rule.__name__ for rule in SAFETY_RULES} == set(PAPERS) | set(WORDS)


@pytest.mark.parametrize("rule", PAPERS)
def test_this_rule_stops_a_link(rule):
    assert PAPERS[rule]().value is None


@pytest.mark.parametrize("rule", PAPERS)
def test_nothing_but_this_rule_stops_it(rule, monkeypatch):
    monkeypatch.setattr("chartkeeper.filing.patient.SAFETY_RULES", without(rule))
    assert PAPERS[rule]().value is not None


@pytest.mark.parametrize("rule", WORDS)
def test_this_rule_says_why(rule):
    paper, words = WORDS[rule]
    decision = paper()
    assert decision.value is None
    assert words in decision.because


# Known by a name of her own; what the paper says may be anybody.
DOE = patient(aliases=alias("Doe", "Maria"))
NEW_YEAR = patient(dob=date(1961, 1, 1))
MERGED = patient(former_mrns=("0099999",))
COVER = (
    "# FAX COVER SHEET\nTo: Records\nFrom: Clinic\nFax: 555-0100\nPages: 2\n"
    "Re: Maria Garcia\nDOB: 03/07/1961  MRN: 0012345"
)


PROOFS = {
    "_is_of_the_document": lambda: linked([COVER, "PROGRESS NOTE\nseen today"], [GARCIA]),
    "_is_no_default_date": lambda: linked("Patient: Garcia, Maria   DOB: 01/01/1961", [NEW_YEAR]),
    "_is_no_placeholder": lambda: linked("Name: Doe, Maria   DOB: 03/07/1961", [DOE]),
    "_has_sound_check_digit": lambda: linked(
        "MRN: 0012345   DOB: 03/07/1961", [GARCIA], policy=Policy(mrn_check=CheckDigit.M10)
    ),
    "_is_in_use": lambda: linked("MRN: 0099999   DOB: 03/07/1961", [MERGED]),
    "_is_not_introduced": lambda: linked(
        "Similar patient: Garcia, Maria   DOB: 03/07/1961", [GARCIA]
    ),
    "_is_not_beneath_another": lambda: linked("NOTARY\nDOB: 03/07/1961   MRN: 0012345", [GARCIA]),
}


def test_every_rule_of_proof_has_its_paper():
    assert {rule.__name__ for rule in match.PROOF_RULES} == set(PROOFS)


@pytest.mark.parametrize("rule", PROOFS)
def test_what_is_no_proof_does_not_link_and_without_the_rule_would(rule, monkeypatch):
    assert PROOFS[rule]().value is None
    rest = tuple(one for one in match.PROOF_RULES if one.__name__ != rule)
    assert len(rest) == len(match.PROOF_RULES) - 1
    monkeypatch.setattr(match, "PROOF_RULES", rest)
    assert PROOFS[rule]().value == "1"


IDENTITY = "Garcia, Maria   DOB: 03/07/1961   MRN: 0012345"


@pytest.mark.parametrize(
    "line",
    [
        f"Picked up by: {IDENTITY}",
        f"Picked up by   {IDENTITY}",
        "Picked up by:     Garcia, Maria     DOB: 03/07/1961     MRN: 0012345",
        f"Lodger {IDENTITY}",
        f"Same name alert: {IDENTITY}",
        f"Name alert: {IDENTITY}",
        f"Previous patient: {IDENTITY}",
        f"Date: 03/04/2026 Similar patient: {IDENTITY}",
        f"Witness: {IDENTITY}",
        "Witness: G@rc1, M~r   DOB: 03/07/1961   MRN: 0012345",
        f"I appoint {IDENTITY}",
        "The dose was meant for MRN 0012345, DOB 03/07/1961.",
        "Driver: Garcla, Marla\nDOB: 03/07/1961   MRN: 0012345",
        f"GUARANTOR\n{IDENTITY}",
        "PERSON RESPONSIBLE FOR BILL\nName: Garcia, Maria\nDOB: 03/07/1961   MRN: 0012345",
        "INDEX CASE\nName: Garcia, Maria   DOB: 03/07/1961   MRN: 0012345",
        "Ward clerk Maria Garcia, DOB 03/07/1961, MRN 0012345",
        "Name of pharmacy               Garcia, Maria\nDOB: 03/07/1961   MRN: 0012345",
        "Admitting physician            Garcia, Maria\nDOB: 03/07/1961   MRN: 0012345",
        "64 Y old Mother, DOB: 03/07/1961   MRN: 0012345",
        "Old chart: DOB: 03/07/1961   Old MRN: 0012345",
        "I, Ana Garcia, born 03/07/1961, for MRN 0012345",
        "Nurse student: Maria Garcia, DOB 03/07/1961   MRN: 0012345",
        "Other inmate: Maria Garcia, DOB 03/07/1961   MRN: 0012345",
        "Fellow inmate: Maria Garcia, DOB 03/07/1961   MRN: 0012345",
        "Former inmate: Maria Garcia, DOB 03/07/1961   MRN: 0012345",
        "Inmate nurse: Maria Garcia, DOB 03/07/1961   MRN: 0012345",
        "Inmate orderly\nMaria Garcia\nDOB 03/07/1961",
        "Sex offender: Maria Garcia, DOB 03/07/1961   MRN: 0012345",
        "Spouse of veteran: Maria Garcia, DOB 03/07/1961   MRN: 0012345",
        "Spouse of member: Maria Garcia, DOB 03/07/1961   MRN: 0012345",
        "Husband of patient: Maria Garcia, DOB 03/07/1961   MRN: 0012345",
        "Employer of injured worker: Maria Garcia, DOB 03/07/1961   MRN: 0012345",
        "Injured worker's supervisor\nMaria Garcia\nDOB 03/07/1961",
        f"Seen by: {IDENTITY}",
        f"Chart review by: {IDENTITY}",
        f"Visit with: {IDENTITY}",
        f"Order for mother: {IDENTITY}",
        f"Chart copy to: {IDENTITY}",
        f"Co-applicant: {IDENTITY}",
        f"Examiner: {IDENTITY}",
        f"Ex-employee: {IDENTITY}",
        f"Nurse of participant: {IDENTITY}",
        f"Consumer's guardian: {IDENTITY}",
        "Patient/Guardian: Maria Garcia\nDOB: 03/07/1961\nMRN: 0012345",
        f"Name: {IDENTITY}   Relationship: friend",
        f"Name: {IDENTITY}   Relationship to patient: wife",
        "Lodger Maria Garcia   DOB: 03/07/1961\nChart 0012345",
        "Lodger identification: Garcia, Maria 0012345 03/07/1961",
        "Contact name and birth date: Maria Garcia, 03/07/1961   MRN: 0012345",
        "Nombre de la madre: Maria Garcia\nFecha de nacimiento: 03/07/1961   MRN: 0012345",
        "Madre: Maria Garcia   Fecha de nacimiento: 03/07/1961   MRN: 0012345",
    ],
)
def test_whoever_stands_behind_another_caption_is_not_the_patient(line):
    assert linked(f"# PROGRESS NOTE\n{line}\nSeen today, doing well.", [GARCIA]).value is None


TITLED = """Consent for Anesthesia and Blood Products            Garcia, Maria
                                                     DOB: 03/07/1961 MRN: 0012345"""
LETTERHEAD = """Greyburn Medical Group          GARCIA, MARIA
                                0012345 (MRN) 07-MAR-1961 F"""


@pytest.mark.parametrize(
    "line",
    [
        IDENTITY,
        f"Mrs. {IDENTITY}",
        f"Patient: {IDENTITY}",
        f"Re: {IDENTITY}",
        f"Date: 03/04/2026 Patient: {IDENTITY}",
        "Attending: Jane Jones, MD     DOB: 03/07/1961     MRN: 0012345",
        "Harbor Clinic          Garcia, Maria     DOB: 03/07/1961     MRN: 0012345",
        "Location: 4 West       DOB: 03/07/1961     MRN: 0012345",
        f"{IDENTITY}\nPicked up by: Garcia, Maria",
        f"WITNESS\nPatient: {IDENTITY}",
        f"Client {IDENTITY}",
        f"Seen today: {IDENTITY}",
        f"Mr./Ms. {IDENTITY}",
        "Results for: Maria Garcia, DOB 03/07/1961, MRN 0012345",
        "Chart of: Maria Garcia (DOB 03/07/1961, MRN 0012345)",
        f"Participant: {IDENTITY}",
        "Consumer: Maria Garcia   Consumer's date of birth: 03/07/1961",
        f"Name: {IDENTITY}   Relationship to insured: child",
        f"Name: {IDENTITY}   Relationship: self",
        "Patient identification: Garcia, Maria 0012345 03/07/1961",
        "Hospital use: MRN 0012345   DOB 03/07/1961",
        "Garcia, Maria\n64 Y old Female, DOB: 03/07/1961   MRN: 0012345",
        "Copied at registration. MRN 0012345 DOB 03/07/1961",
        "I, Maria Garcia, born March 7, 1961, being of sound mind. My MRN is 0012345",
        "Declared in May 2022. I, Maria Garcia, born March 7, 1961, am well. My MRN is 0012345",
        "Student: Maria Garcia   DOB 03/07/1961\nClinic no. / MRN 0012345",
        "Camper: Maria Garcia   DOB 03/07/1961\nClinic no. / MRN 0012345",
        "Client: MariaGarcia DOB 03/07/1961 Client ID / MRN 0012345",
        "Name: Garcia (Lopez), Maria\nDOB: 03/07/1961   MRN: 0012345",
        "Nombre del paciente: Maria Garcia\nFecha de nacimiento: 03/07/1961   Expediente: 4",
        TITLED,
        LETTERHEAD,
        "Name.......3 GARCIA, MARIA\nBorn.......: 03/07/1961\nChart No...: 0012345",
    ],
)
def test_what_opens_its_line_or_follows_the_patients_label_is_the_patients(line):
    assert linked(f"# PROGRESS NOTE\n{line}\nSeen today, doing well.", [GARCIA]).value == "1"


SPEAKER = "I, Maria Garcia, born March 7, 1961, MRN 0012345,"


@pytest.mark.parametrize(
    "words",
    [
        "agree for my minor child to be seen.",
        "am the mother of Ramon Garcia.",
        "sign on behalf of Ramon Garcia.",
        "as health care agent for Ramon Garcia, consent.",
        "am responsible for Ramon Garcia.",
        "as legal guardian of the above, agree.",
    ],
)
@pytest.mark.parametrize("letter", ["I", "|"])
def test_who_signs_for_somebody_else_is_not_the_patient(words, letter):
    said = f"{SPEAKER.replace('I', letter)} {words}"
    assert "signs for somebody else" in linked(said, [GARCIA]).because


@pytest.mark.parametrize(
    "words",
    [
        "appoint my son Ramon as my agent for health care.",
        "being of sound mind, agree.\nMother of two: no.",
    ],
)
def test_who_names_others_in_their_own_matters_is_the_patient(words):
    assert linked(f"{SPEAKER} {words}", [GARCIA]).value == "1"


def continued(house):
    """A page whose head is a house, or other words, beside the patient."""
    born = " " * len(house) + "   DOB: 03/07/1961"
    return f"{house}   GARCIA, MARIA L     Collected: 03/04/2024\n{born}\nSodium   139   mmol/L"


@pytest.mark.parametrize("house", ["Examplia Diagnostics", "Mockfield General Hospital"])
def test_the_house_that_opens_a_page_introduces_nobody(house):
    assert linked(continued(house), [GARCIA]).value == "1"


@pytest.mark.parametrize("words", ["Emergency Contact", "Source patient", "Secondary Insurance"])
def test_other_words_that_open_a_page_do(words):
    assert linked(continued(words), [GARCIA]).value is None


def test_a_house_further_down_may_introduce_anybody():
    text = f"Results of March\n{continued('Examplia Diagnostics')}"
    assert linked(text, [GARCIA]).value is None


RESULTS = """# LABORATORY REPORT
Patient: GARCIA, MARIA   MRN: 0012345   DOB: 03/07/1961
Test            Result   {}
PT              12.9     11.5-14.5      sec 10
Hemoglobin      9.8      12.0-16.0      g/dL 11
Troponin high   <0.04    0.00-0.04      ng/mL 12"""


def test_reference_ranges_list_no_people():
    text = RESULTS.format("Reference")
    column = text.index("11.5-14.5") - text.index("PT   ")
    name = "Patient: GARCIA, MARIA"
    under = text.replace(f"{name}   MRN: ", f"{name:<{column - 5}}MRN: ")
    assert linked(under, [GARCIA]).value == "1"


def test_the_reason_quotes_the_caption():
    because = linked("Similar patient: Garcia, Maria   DOB: 03/07/1961", [GARCIA]).because
    assert 'stands behind "Similar"' in because


@pytest.mark.parametrize(
    "name",
    ["Garcia, Maria (Mother)", "Garcia (Mother), Maria", "Maria (Lopez)"],
)
def test_a_bracket_that_is_no_former_name_belongs_to_the_name(name):
    assert linked(f"Name: {name}   DOB: 03/07/1961   MRN: 0012345", [GARCIA]).value is None


LAB = """
Garcia, Maria   MRN 0012345   DOB 03/07/1961
Collected 03/04/2026 0612
Test     Result   Reference range
WBC      7.7      4.0-11.0 K/uL
Plt      212      150-400 K/uL normal
Na       139      136-145 mmol/L normal
"""


def test_reference_ranges_are_no_list_of_patients():
    assert linked(LAB, [GARCIA]).value == "1"
    rows = [f"Ros{n}, Pat          76{n}4-321      0{n}/02/19{n}0" for n in range(4, 7)]
    listed = "\n".join(["Garcia, Maria   MRN 0012-345   DOB 03/07/1961", *rows])
    assert linked(listed, [GARCIA]).value is None

"""A stack scanned without separators: whose a page is, and whether it begins a paper."""

from functools import partial

import pytest
from filing_paper import page

from chartkeeper.filing.boundary import signs
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.filing.split import separate
from chartkeeper.filing.traits import traits

RULES = Rulebook(load_doctypes())
LINE = "The patient was seen and examined and the findings were discussed at length with"
HOUSE = "# Riverbend General Hospital"
SIGNED = "Electronically signed by Pia Mocksworth, MD on 03/05/2024"
TWINS = (
    "Patient: MOCKFIELD, LINDA A   DOB: 06/21/2014",
    "Patient: MOCKFIELD, LAURA B   DOB: 06/21/2014",
)
COUPLE = (
    "Patient: MOCKFIELD, WALTER   DOB: 10/01/1939",
    "Patient: MOCKFIELD, IRENE   DOB: 12/24/1941",
)
FATHER_AND_SON = (
    "Patient: MOCKFIELD, ROBERT   DOB: 03/14/1948   MRN: 2210455",
    "Patient: MOCKFIELD, ROBERT   DOB: 08/02/1975   MRN: 7719038",
)
TRACING = """MOCKFIELD, WALTER   03-MAR-2023 14:22:05   Normal sinus rhythm
ID: 8018359   Vent. rate 72 BPM   Nonspecific T wave abnormality
DOB: 10/01/1939   PR interval 168 ms   Unconfirmed
QRS duration 92 ms   QT/QTc 398/435 ms   P-R-T axes 54 12 38
25mm/s 10mm/mV 150Hz"""
CARD = """BlueMock HMO
Subscriber: WALTER MOCKFIELD
Member ID: XQM624030197   Group: 081123
RxBIN 610000   RxPCN MOCK
This card does not guarantee coverage. Submit claims to BlueMock."""


def full(*lines):
    return "\n".join([*lines, *[LINE] * 40])


def starts(*texts):
    parts = separate([page(text, at) for at, text in enumerate(texts, 1)], RULES)
    return [part.first for part in parts], [one.page for part in parts for one in part.suggestions]


def told(*texts):
    *document, last = (traits(page(text, at), RULES.doctypes) for at, text in enumerate(texts, 1))
    return [sign.text for sign in signs(document, last)]


@pytest.mark.parametrize("people", [COUPLE, FATHER_AND_SON])
def test_one_of_the_same_surname_is_another_patient(people):
    sheets = [full(f"MEDICATION LIST\n{one}") for one in people]
    assert "the patient is another" in told(*sheets)
    assert starts(*sheets)[0] == [1, 2]


def test_a_twin_is_another_by_the_given_name_alone():
    sheets = [full(f"{HOUSE}\n# Immunization Record\n{one}") for one in TWINS]
    assert "the given name is another" in told(*sheets)
    assert 2 in starts(*sheets)[1]


@pytest.mark.parametrize(
    "again",
    [
        "Patient: MOCKFIELD, WALTER J   DOB: 10/01/1939",
        "Patient: MOCKFIELD, WALLY   DOB: 10/01/1939",
        "Patient: MOCKFIELD, W   DOB: 10/01/1939",
        "Patient: MOCKFIELD, JAMES WALTER   DOB: 10/01/1939",
        "Patient: Walter Mockfield   DOB: 10/01/1939",
        "Patient: MOCKFIELD, WA1TER   DOB: 10/01/1939",
    ],
)
def test_the_same_patient_written_otherwise_is_no_other(again):
    said = told(full("# PROGRESS NOTE", COUPLE[0]), full("# PROGRESS NOTE", again))
    assert not [text for text in said if text.endswith("another")]


def test_the_number_of_the_same_patient_outweighs_another_name():
    mother = "Patient: MOCKFIELD, IRENE   DOB: 12/24/1941   MRN: 2210455"
    said = told(full("# PROGRESS NOTE", FATHER_AND_SON[0]), full("# PROGRESS NOTE", mother))
    assert "the patient is another" not in said


def test_another_title_over_the_patient_begins_a_paper_under_the_same_letterhead():
    first = full(f"{HOUSE}\n# Diagnostic Imaging Report\n{COUPLE[0]}", SIGNED)
    second = full(f"{HOUSE}\n# Physical Therapy Evaluation\n{COUPLE[0]}")
    assert "title and patient stand on it as on a first page" in told(first, second)


def test_a_section_under_the_running_head_begins_nothing():
    first = full(f"{HOUSE}\n{COUPLE[0]}\n# DISCHARGE SUMMARY")
    said = told(first, full(f"{HOUSE}\n{COUPLE[0]}\n# LABORATORY RESULTS"))
    assert "title and patient stand on it as on a first page" not in said


@pytest.mark.parametrize("sheet", [TRACING, CARD])
def test_a_tracing_or_a_card_is_a_sheet_of_its_own(sheet):
    parts, asked = starts(f"{HOUSE}\n# ECHOCARDIOGRAM\n{COUPLE[0]}\nEF 40 percent", sheet)
    assert 2 in parts + asked
    assert starts(f"{HOUSE}\n# ECHOCARDIOGRAM\n{COUPLE[0]}\nEF 40\n{SIGNED}", sheet)[0] == [1, 2]


@pytest.mark.parametrize("sheet", [TRACING, CARD])
def test_a_second_sheet_of_the_kind_goes_on(sheet):
    assert starts(sheet, sheet)[0] == [1]


def test_what_a_note_says_of_a_tracing_is_no_sheet_of_its_own():
    note = full("# EMERGENCY DEPARTMENT NOTE", COUPLE[0])
    said = told(note, full("EKG: sinus rhythm, vent. rate 72, PR interval 168, QTc 435 ms"))
    assert not [text for text in said if "sheet of its own" in text]


def test_the_title_is_the_upper_of_two_as_tall():
    sheet = page(f"CUMULATIVE LABORATORY SUMMARY\n{COUPLE[0]}\nCollected: 03/04/2024\nCOAGULATION")
    (word,) = [word for word in sheet.words if word.text == "COAGULATION"]
    object.__setattr__(word.box, "height", word.box.height + 1)
    assert traits(sheet, RULES.doctypes).title.text == "CUMULATIVE LABORATORY SUMMARY"


def test_a_section_of_the_type_of_the_paper_is_no_title_in_it():
    first = full("# Discharge Summary", COUPLE[0], "Hospital course")
    second = f"# Follow-up\n{LINE}\n# Condition at discharge\nStable."
    assert starts(first.rsplit("\n", 14)[0], second) == ([1], [])


def test_readings_of_a_tracing_are_no_typist():
    assert traits(page(f"{LINE}\nQT/QTc 398/435 ms"), RULES.doctypes).closing is None
    assert traits(page(f"{LINE}\nPB/xx"), RULES.doctypes).closing


def test_a_page_number_with_a_slash_alone_in_the_margin():
    sheets = [f"# PROGRESS NOTE\n{COUPLE[0]}\n" + "\n".join([LINE] * 48) + f"\n{at}/3"
              for at in (1, 2)]  # fmt: skip
    assert "its page number follows" in told(*sheets)


def test_a_page_number_glued_to_its_word():
    glued = page("\n".join([LINE] * 49) + "\nPrinted on 9/9/24 3:12 PM   Page3/3")
    assert [one.text for one in traits(glued, RULES.doctypes).folios] == ["Page3/3"]


def test_another_birth_date_alone_is_asked_about():
    first = full(f"# TELEPHONE ENCOUNTER\n{COUPLE[0]}")
    second = full("09/08/2023 Irene Mockfield DOB 12/24/1941")
    assert "the birth date is another" in told(first, second)
    assert starts(first, second) == ([1], [2])


@pytest.mark.parametrize("line", ["12/25/24", "3/2", "BP 1/3", "0/3"])
def test_other_figures_with_a_slash_number_no_page(line):
    sheet = page("\n".join([LINE] * 49) + f"\n{line}")
    assert not traits(sheet, RULES.doctypes).folios


def numbered(title, who, number, of, head=""):
    first = f"# {title}\n{who}" if number == 1 else head
    return "\n".join([first, *[LINE] * 46, f"Page {number} of {of}"])


# Pages of a progress note, his and hers, by number and count.
his, hers = (partial(numbered, "PROGRESS NOTE", one) for one in COUPLE)
ASTRAY = {
    "a page of a longer paper behind a single one": (hers(1, 1), his(2, 3)),
    "the last page of a shorter paper": (hers(1, 3), his(2, 2)),
    "a continuation of another count": (
        hers(1, 3),
        his(2, 2, head="PROGRESS NOTE (continued)"),
    ),
    "a page is missing": (his(1, 3), his(3, 3)),
    "pages in reverse": (his(3, 3), his(2, 3)),
    "a page of nobody behind the last one": (
        hers(1, 1),
        full("and the family, who agreed with the plan."),
    ),
}


@pytest.mark.parametrize("texts", ASTRAY.values(), ids=ASTRAY)
def test_a_page_whose_number_does_not_follow_is_asked_about(texts):
    assert starts(*texts) == ([1], [2])


def test_the_second_page_of_a_paper_whose_first_bears_no_number():
    first = full(f"{HOUSE}\nDISCHARGE SUMMARY\n{COUPLE[0]}")
    section = "\n".join([LINE] * 12) + "\n# Discharge Medications\namoxicillin"
    second = f"{HOUSE}\nDISCHARGE SUMMARY - page 2\n{section}\n{COUPLE[0]}"
    assert "its page number follows" in told(first, second)
    assert starts(first, second) == ([1], [])
    # Of nobody, or of somebody else, it may be the second page of another paper.
    assert "its page number follows" not in told(first, second.replace(COUPLE[0], ""))
    assert "its page number follows" not in told(first, second.replace(*COUPLE))


@pytest.mark.parametrize("number", ["page 3", "Page 2 of 4"])
def test_another_number_behind_an_unnumbered_page_follows_nothing(number):
    first = full(f"{HOUSE}\n# DISCHARGE SUMMARY\n{COUPLE[0]}")
    assert "its page number follows" not in told(first, full(f"SUMMARY   {number}\n{COUPLE[0]}"))


IN_ORDER = {
    "a number in between unread": (his(1, 3), full(), his(3, 3)),
    "a number of the paper and one of the packet": (
        his(1, 2) + "   Page 4 of 9",
        his(2, 2) + "   Page 5 of 9",
    ),
}


@pytest.mark.parametrize("texts", IN_ORDER.values(), ids=IN_ORDER)
def test_pages_in_order_are_not_asked_about(texts):
    assert starts(*texts) == ([1], [])


BROKEN_OFF = full(f"# PROGRESS NOTE\n{FATHER_AND_SON[0]}")
FINISHED = f"{BROKEN_OFF}\n{SIGNED}"
SONS = full(f"# OPERATIVE REPORT\n{FATHER_AND_SON[1]}")
REST = full("He was told to come back in a month.")


def test_the_rest_of_a_paper_that_broke_off_may_lie_behind_another_patients():
    assert starts(BROKEN_OFF, SONS, REST) == ([1, 2], [3])
    said = separate([page(text, at) for at, text in enumerate((BROKEN_OFF, SONS, REST), 1)], RULES)
    assert "broke off" in said[1].suggestions[0].because


@pytest.mark.parametrize(
    "texts",
    [
        (FINISHED, SONS, REST),
        (BROKEN_OFF, SONS, full(f"{FATHER_AND_SON[1]}\nHe was told to come back.")),
        (
            BROKEN_OFF,
            numbered("OPERATIVE REPORT", FATHER_AND_SON[1], 1, 2),
            numbered("", "", 2, 2),
        ),
        (BROKEN_OFF, full(f"# OPERATIVE REPORT\n{FATHER_AND_SON[0]}", SIGNED), REST),
    ],
    ids=["it had ended", "the page says whose it is", "its number follows", "the same patient"],
)
def test_nothing_is_asked_where_the_rest_cannot_be_there(texts):
    assert 3 not in starts(*texts)[1]

"""Boundaries told by the pages themselves: what is cut, what is asked, what is held together."""

import pytest
from filing_paper import blank, page, separator

from chartkeeper.filing.boundary import signs
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.policy import Policy
from chartkeeper.filing.rulebook import Rulebook
from chartkeeper.filing.split import asked, separate, suggestions
from chartkeeper.filing.traits import traits
from chartkeeper.records.model import FILING_FIELDS, Decision, DocumentStatus, Filing

RULES = Rulebook(load_doctypes())
MARIA = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345"
ANA = "Patient: LOPEZ, ANA   DOB: 02/02/1930   MRN: 7654321"
HOUSE = "# Riverbend General Hospital\n12 Mockup Road, Sampleton, ZZ 00412   Tel 555-0140"
OTHER = "# Harbor Pathology Associates\n9 Quay Street, Testville, ZZ 00413   Tel 555-0188"
SIGNED = "Electronically signed by Pia Mocksworth, MD on 03/05/2024"
LINE = "The patient was seen and examined and the findings were discussed at length with"


def full(head, *foot, lines=40):
    """A page whose text reaches down to its last lines."""
    return "\n".join([head, *[LINE] * lines, *foot])


def cut(*texts):
    """The first pages of the documents, and the pages asked about."""
    sheets = [text(at) if callable(text) else page(text, at) for at, text in enumerate(texts, 1)]
    parts = separate(sheets, RULES)
    return [part.first for part in parts], [s.page for part in parts for s in part.suggestions]


NOTE = f"{HOUSE}\n# PROGRESS NOTE\n{MARIA}\nDate of service: 03/04/2024"
LAB = f"{HOUSE}\n# LABORATORY REPORT\n{MARIA}\nCollected: 03/01/2024"

STARTS = {
    "another type, letterhead and patient again, the one before signed": (full(NOTE, SIGNED), LAB),
    "the same type of another day, the one before signed and short": (
        f"{NOTE}\nVisit #: 40012345\nStable.\n{SIGNED}",
        NOTE.replace("03/04", "03/09") + "\nVisit #: 40098765\nBetter.",
    ),
    "another sender": (full(NOTE, SIGNED), f"{OTHER}\n# SURGICAL PATHOLOGY REPORT\n{MARIA}"),
    "another patient under a title": (full(NOTE), f"# LABORATORY REPORT\n{ANA}"),
    "page 1 of 2 behind page 2 of 2": ("Page 1 of 2", "Page 2 of 2", "Page 1 of 2"),
    "a fax cover": (
        full(NOTE),
        "# FAX COVER SHEET\nTO: Records\nFROM: Dr. Sample\nFAX: 555-0100\nPAGES: 2 including cover",
    ),
    "a letter behind a signed letter": (
        f"{HOUSE}\nMarch 3, 2024\nRE: {MARIA}\nDear Dr. Mockley:\nThank you.\nSincerely,\nA. B.",
        f"{HOUSE}\nMarch 9, 2024\nRE: {MARIA}\nDear Dr. Mockley:\nThanks again.\nSincerely,\nA. B.",
    ),
}
HOLD = {
    "page 2 of 2, with letterhead and title again": (
        full(NOTE, SIGNED, "Page 1 of 2"),
        full(NOTE, "Page 2 of 2"),
    ),
    "a slash for of": (full(NOTE, "Pg 1/3"), full(LAB, "Pg 2/3")),
    "numbers between dashes": (full(NOTE, "- 1 -"), full(LAB, "- 2 -")),
    "a title with (continued)": (full(NOTE, SIGNED), f"PROGRESS NOTE (continued)\n{MARIA}\nPlan"),
    "a running head and a section of the name of a type": (
        full(f"{MARIA}\n# DISCHARGE SUMMARY"),
        full(f"{MARIA}\nMEDICATION LIST"),
    ),
    "a letterhead on every page and a section of the name of a type": (
        full(f"{HOUSE}\n{MARIA}\n# DISCHARGE SUMMARY"),
        full(f"{HOUSE}\n{MARIA}\nLABORATORY RESULTS"),
    ),
    "no sign at all": (full(NOTE), full("and the family, who agreed with the plan.")),
    "a short page before a page without a head": (NOTE, full("ASSESSMENT")),
    "signatures on the first page of a form": (
        full("# CONSENT FOR SURGERY\n" + MARIA, "Patient signature: ______"),
        full("I understand the risks"),
    ),
    "the cover of a fax and what it covers": (
        "# FAX COVER SHEET\nTO: Records\nFROM: Dr. Sample\nFAX: 555-0100\nPAGES: 2 including cover",
        NOTE,
    ),
}


@pytest.mark.parametrize("texts", STARTS.values(), ids=STARTS)
def test_a_certain_boundary_is_cut(texts):
    assert cut(*texts)[0] == [1, len(texts)]


@pytest.mark.parametrize("texts", HOLD.values(), ids=HOLD)
def test_pages_of_one_document_stay_together(texts):
    assert cut(*texts)[0] == [1]


OPEN_END = full(NOTE, lines=44)
PLAIN = "\n".join(["ASSESSMENT", *["Nothing else was found on a second look at the films"] * 30])
SIGNS = {
    "another letterhead stands on it": (full(NOTE), full(f"{OTHER}\n{MARIA}")),
    "the letterhead stands on it again": (full(NOTE), full("PLAN"), full(LAB)),
    "the patient is named anew at the top": (full("PROGRESS NOTE"), f"{MARIA}\nStable.\nBetter."),
    "its case or account number is another": (
        full(f"{NOTE}\nAccession: LAB-24-11822"),
        full(f"{NOTE}\nAccession: LAB-24-30977"),
    ),
    "its collected is another day": (full(LAB), full(LAB.replace("03/01/2024", "04/18/2024"))),
    "the sentence of the page before goes on": (
        OPEN_END,
        "and the family, who agreed with the plan and had no questions.",
    ),
    "it has the running head of the page before": (
        full(LAB),
        f"Riverbend   GARCIA, MARIA\nResults from March\n{PLAIN}",
        f"Riverbend   GARCIA, MARIA\nResults from March\n{PLAIN}",
    ),
    "the page before says that it goes on": (full(NOTE, "(continued on next page)"), PLAIN),
    "it says that it is a continuation": (full(NOTE), f"PROGRESS NOTE (continued)\n{PLAIN}"),
    "the page before says that more follow": (full(NOTE, "Page 1 of 2"), PLAIN),
    "its page number says that pages stand before it": (
        full(NOTE),
        full("PLAN", "Page 4 of 9", lines=46),
    ),
}


@pytest.mark.parametrize("text", SIGNS)
def test_each_sign_is_seen_and_told(text):
    *document, last = (
        traits(page(sheet, at), RULES.doctypes) for at, sheet in enumerate(SIGNS[text], 1)
    )
    assert text in [sign.text for sign in signs(document, last)]


def test_a_likely_boundary_is_asked_about_with_what_speaks_for_it():
    sheets = [page(full(NOTE), 1), page(full(NOTE.replace("03/04", "04/18")), 2)]
    (part,) = separate(sheets, RULES)
    (question,) = part.suggestions
    assert question.page == 2
    assert "it is titled PROGRESS NOTE again" in question.because
    assert {item.page for item in question.evidence} == {2}
    assert any(item.text == "PROGRESS NOTE" for item in question.evidence)


def test_another_patient_on_a_page_that_opens_nothing_is_asked_about_never_cut():
    firsts, questions = cut(full(NOTE, SIGNED), f"{ANA}\nStable.")
    assert firsts == [1]
    assert questions == [2]


def test_a_page_number_that_follows_holds_even_two_patients_for_a_clerk():
    firsts, questions = cut(full(NOTE, "Page 1 of 2"), full(f"{ANA}\nStable.", "Page 2 of 2"))
    assert firsts == [1]
    assert questions == [2]


def test_what_was_read_poorly_is_no_other_patient():
    sheets = [page(full(NOTE), 1), page(f"{ANA}\nStable.", 2, confidence=0.5)]
    assert [part.suggestions for part in separate(sheets, RULES)] == [()]


@pytest.mark.parametrize(("configured", "firsts"), [(True, [1, 4]), (False, [1])])
def test_blank_sheets_part_documents_where_the_home_says_so(configured, firsts):
    rules = Rulebook(RULES.doctypes, Policy(blank_separates=configured))
    sheets = [page("one", 1), blank(2), blank(3), page("two", 4), blank(5)]
    assert [part.first for part in separate(sheets, rules)] == firsts


def test_the_sheets_before_a_document_are_named():
    sheets = [
        separator(1),
        separator(2),
        page("one", 3),
        page("two", 4),
        separator(5),
        page("x", 6),
    ]
    assert [(p.first, p.last, p.sheets) for p in separate(sheets, RULES)] == [
        (3, 4, (1, 2)),
        (6, 6, (5,)),
    ]


def test_a_document_that_a_person_made_is_never_cut_only_asked_about():
    sheets = [page(text, at) for at, text in enumerate((full(NOTE, SIGNED), LAB), 1)]
    assert [one.page for one in suggestions(sheets, RULES)] == [2]


def test_a_question_keeps_a_document_for_a_clerk():
    known = [Decision(field, "1", 0.9, "read") for field in FILING_FIELDS]
    whole = Filing(1, 2, *known, (), DocumentStatus.FILED, "")
    sheets = [page(full(NOTE), 1), page(full(NOTE.replace("03/04", "04/18")), 2)]
    (part,) = separate(sheets, RULES)
    questioned = asked(whole, part.suggestions)
    assert questioned.status is DocumentStatus.REVIEW
    assert questioned.reason == "A new document may begin on page 2 of the file"
    assert questioned.suggestions == part.suggestions
    assert asked(whole, ()) == whole

"""A field read in two ways is searched for in both, and proves nothing alone."""

from dataclasses import replace
from datetime import date

import pytest
from filing_paper import page
from filing_people import patient

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.doubt import (
    MAX_FIELDS,
    MAX_TELLING_FIELDS,
    fields_in_doubt,
    fields_that_tell,
)
from chartkeeper.filing.patient import decide_patient
from chartkeeper.filing.wanted import wanted
from chartkeeper.records.model import Known

GARCIA = patient()
BANNER = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345"


def read_again(text, confidence=0.7, **other):
    """A page of `text` of whose words some were read otherwise the second time."""
    first = page(text, confidence=confidence)
    words = (replace(word, other=other.get(word.text, "")) for word in first.words)
    return replace(first, words=tuple(words))


def decided(paper):
    return decide_patient([paper], read_clues([paper]), Known((GARCIA,))).decision


def test_only_what_says_whose_it_is_and_was_read_unsurely_is_in_doubt():
    paper = page(f"{BANNER}\nGlucose 5.4 mmol", confidence=0.95)
    assert fields_in_doubt(paper) == ()
    unsure = {"0012345", "5.4"}
    words = (replace(w, confidence=0.5) if w.text in unsure else w for w in paper.words)
    paper = replace(paper, words=tuple(words))
    number = next(word for word in paper.words if word.text == "0012345")
    assert fields_in_doubt(paper) == (number.box,)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Date of Service: 03/07/2026", True),
        ("SAMPLE CLINIC\nMarch 7, 2026\nDear Dr. Sample,", True),
        ("Seen since 03/07/2026 for a wound", False),
        ("Printed: 03/07/2026", False),
        ("Printed: 63/07/2026", True),
        ("Exam 0307/2026", True),
        ("BP 120/80", False),
    ],
)
def test_a_day_that_may_be_the_service_date_is_in_doubt_if_read_unsurely(text, asked):
    unsure = page(text, noise=lambda word: (word, 0.6 if word[0].isdigit() else 0.95))
    assert len(fields_in_doubt(unsure)) == asked
    assert fields_in_doubt(page(text, confidence=0.95)) == ()


def test_whose_it_is_comes_before_the_day():
    text = "Date: 03/07/2026\n" + "\n".join(
        f"MRN: 00123{number:02}" for number in range(MAX_FIELDS)
    )
    first = page(text, confidence=0.4)
    assert all(box.top > first.words[0].box.top for box in fields_in_doubt(first))


def test_what_tells_whose_a_page_is_is_known_however_surely_it_was_read():
    sticker = "GARCIA, MARIA\n0012345\n03/07/1961"
    for paper, told in ((page(BANNER, confidence=1.0), 3), (page(sticker, confidence=1.0), 2)):
        assert len(fields_that_tell(paper)) == told
    many = page("\n".join(f"MRN: 00123{number:02}" for number in range(60)))
    assert len(fields_that_tell(many)) == MAX_TELLING_FIELDS


def test_a_page_full_of_doubt_is_bounded():
    lines = [f"MRN: 00123{number:02}" for number in range(40)]
    assert len(fields_in_doubt(page("\n".join(lines), confidence=0.4))) == MAX_FIELDS


@pytest.mark.parametrize(("right", "wrong"), [("0012345", "0012845"), ("0012845", "0012345")])
def test_a_number_read_in_two_ways_supports_a_proof_and_does_not_contradict(right, wrong):
    beside = read_again(f"MRN: {right}   Patient: GARCIA, MARIA", **{right: wrong})
    assert decided(beside).value == str(GARCIA.id)
    three = read_again(BANNER.replace("0012345", right), **{right: wrong})
    assert decided(three).value == str(GARCIA.id)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("MRN: 0012345   DOB: 03/07/1961", {"0012345": "0012845", "03/07/1961": "03/01/1961"}),
        ("DOB: 03/07/1961   Patient: GARCIA, MARIA", {"03/07/1961": "0", "GARCIA,": "GARDA,"}),
        (BANNER, {"0012345": "0012845", "03/07/1961": "03/01/1961", "MARIA": "MARLA"}),
    ],
)
def test_fields_read_in_two_ways_are_no_proof_by_themselves(text, other):
    assert decided(read_again(text, **other)).value is None


@pytest.mark.parametrize(
    "namesake",
    [
        patient(2, mrn="0012845"),
        patient(2, mrn="0012845", last="Lopez", first="Ana", dob=date(1930, 2, 2)),
    ],
)
def test_a_number_that_is_another_patients_in_the_other_reading_asks(namesake):
    paper = read_again("MRN: 0012345   Patient: GARCIA, MARIA", **{"0012345": "0012845"})
    known = Known((GARCIA, namesake))
    assert decide_patient([paper], read_clues([paper]), known).decision.value is None


def test_a_number_that_differs_in_both_readings_still_contradicts():
    paper = read_again(BANNER.replace("0012345", "0098765"), **{"0098765": "0098766"})
    assert decided(paper).value is None


def test_patients_are_looked_up_by_both_readings():
    paper = read_again(
        "Patient: GARCLA, MARIA   DOB: 03/01/1961   MRN: 0012845",
        **{"GARCLA,": "GARCIA,", "03/01/1961": "03/07/1961", "0012845": "0012345"},
    )
    sought = wanted(read_clues([paper]))
    assert {"12345", "12845"} <= sought.mrn_keys
    assert {date(1961, 3, 7), date(1961, 3, 1)} <= sought.dobs
    assert {"GARCIA", "GARCLA"} <= sought.surnames


def test_what_only_the_second_reading_makes_sense_of_supports_as_well():
    paper = read_again("MRN: 00I2E45   Patient: GARCIA, MARIA", **{"00I2E45": "0012345"})
    assert "12345" in wanted(read_clues([paper])).mrn_keys
    assert decided(paper).value == str(GARCIA.id)
    alone = read_again("MRN: 00I2E45", **{"00I2E45": "0012345"})
    assert decided(alone).value is None


def test_the_evidence_says_that_it_was_read_in_two_ways():
    paper = read_again(BANNER, **{"0012345": "0012845"})
    found = decide_patient([paper], read_clues([paper]), Known((GARCIA,))).candidates[0].evidence
    assert "MRN, read in two ways" in {evidence.meaning for evidence in found}

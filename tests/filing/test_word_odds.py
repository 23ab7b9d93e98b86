"""Titles that stand in no list, and the single words of short papers."""

import subprocess
import sys
from pathlib import Path

import pytest
from filing_paper import pages

from chartkeeper.filing.classify import decide_type
from chartkeeper.filing.doctypes import load_doctypes
from chartkeeper.filing.word_odds import WordOdds

DOCTYPES = load_doctypes()
BANNER = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345"
ODDS = WordOdds(
    {
        "soup": [("TOMATO", "SOUP"), ("SOUP", "OF", "THE", "DAY"), ("COLD", "SOUPS")],
        "cake": [("CHEESE", "CAKE"), ("COLD", "CAKE", "PLATE"), ("BIRTHDAY", "CAKES")],
    }
)


def decided(text):
    return decide_type(pages(text), DOCTYPES).value


@pytest.mark.parametrize(
    ("title", "key"),
    [
        (("COLD", "TOMATO", "SOUPS"), "soup"),
        (("PLATE", "OF", "CHEESE"), "cake"),
        (("BIRTHDAYS",), ""),  # one word is no title
        (("SOUP", "WITH", "BREAD", "AND", "BUTTER"), ""),  # most of it is unknown
    ],
)
def test_the_words_of_known_titles_tell_an_unknown_one(title, key):
    assert ODDS.likeliest(title)[0] == key


def test_a_word_of_both_tells_nothing_and_its_endings_do_not_matter():
    soup, cake = ODDS.likeliest(("COLD", "SOUP"))[1], ODDS.likeliest(("COLD", "COLD"))[1]
    assert soup > 0.6 > cake
    assert ODDS.of_word("SOUPS") == ODDS.of_word("SOUP")
    assert ODDS.of_word("BREAD") == {}


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("# Flu Vaccination Dose Ledger", "immunization"),
        ("# Emergency Room Physician Encounter", "ed_note"),
        ("Skilled Nursing Shift Observation Sheet", "nursing_note"),
        ("SKILLED NURSING SHIFT OBSERVATION SHEET", "nursing_note"),
        ("# Skilled Nursing Shift Observation Center", None),  # a house
        ("skilled nursing shift observation sheet", None),  # prose
        ("# Hospice Chaplain Bereavement Ledger", None),
    ],
)
def test_a_title_that_no_list_holds(title, key):
    assert decided(f"{title}\n{BANNER}\nSeen and noted.") == key


SHORT = f"""{BANNER}
Surgeon Pat Ross   Anesthesia GETA   Blood loss 20
Right thyroid lobe removed, nerve intact, skin closed, patient to recovery"""


def test_the_words_of_a_short_paper_without_a_title():
    assert decided(SHORT) == "operative_note"


def test_few_words_say_nothing_and_in_many_they_drown():
    assert decided("lobe removed, nerve intact") is None
    assert decided(SHORT + "\nword and other words" * 60) is None


UNSURE = f"""{BANNER}
Fever and cough for two days, chest clear, throat red, swab sent, fluids and rest advised,
return if worse"""


def test_every_process_decides_alike():
    """Words lie in sets in another order in each; after a crash the same must come out."""
    script = (
        "from filing_paper import pages\n"
        "from chartkeeper.filing.classify import decide_type\n"
        "from chartkeeper.filing.doctypes import load_doctypes\n"
        f"found = decide_type(pages({UNSURE!r}), load_doctypes())\n"
        "print(found.value, repr(found.confidence))"
    )
    here = Path(__file__).parent
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(here)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in (1, 2, 6)
    }
    assert len(said) == 1

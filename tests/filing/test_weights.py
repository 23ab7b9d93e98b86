from math import log2

import pytest
from filing_paper import pages
from filing_people import patient
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.filing.clues import read_clues
from chartkeeper.filing.patient import decide_patient
from chartkeeper.filing.weights import (
    AVERAGE_SURNAME_BITS,
    LEAST_NAME_BITS,
    MOST_NAME_BITS,
    prior_bits,
    rarity_bits,
)
from chartkeeper.records.model import Frequencies, Known


def test_a_rare_name_says_more_than_a_common_one():
    common, rare = (rarity_bits(n, 1_000_000, AVERAGE_SURNAME_BITS) for n in (20_000, 3))
    assert common == pytest.approx(log2(1 / 0.02), abs=0.1)
    assert rare > common + 6


def test_an_index_of_few_patients_tells_little_about_names():
    assert rarity_bits(1, 1, AVERAGE_SURNAME_BITS) == pytest.approx(AVERAGE_SURNAME_BITS, abs=0.2)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_the_weight_of_a_name_has_its_bounds(bearers, patients):
    bits = rarity_bits(min(bearers, patients), patients, AVERAGE_SURNAME_BITS)
    assert LEAST_NAME_BITS <= bits <= MOST_NAME_BITS


def test_more_patients_make_each_less_likely():
    assert prior_bits(Frequencies(1_000_000)) < prior_bits(Frequencies(50_000)) < 0


COMMON = Frequencies(1_000_000, {"GARCIA": 9_000}, {"MARIA": 12_000})
RARE = Frequencies(1_000_000, {"GARCIA": 9}, {"MARIA": 120})


@pytest.mark.parametrize(("frequencies", "links"), [(COMMON, False), (RARE, True)])
def test_name_and_birth_date_are_enough_among_a_million_only_if_the_name_is_rare(
    frequencies, links
):
    paper = pages("Patient: Garcia, Maria   DOB: 03/07/1961")
    decision = decide_patient(paper, read_clues(paper), Known((patient(),), frequencies)).decision
    assert (decision.value is not None) is links
    assert links or "by chance" in decision.because


def test_a_number_makes_the_commonest_name_sure_among_a_million():
    paper = pages("Patient: Garcia, Maria   MRN: 0012345")
    decision = decide_patient(paper, read_clues(paper), Known((patient(),), COMMON)).decision
    assert decision.value == "1"

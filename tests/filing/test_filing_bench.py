"""The filing benchmark works: the same cases for a seed, no wrong automatic link in a short run."""

import random
import sys
from dataclasses import replace

import pytest
from checkout import ROOT

sys.path.append(str(ROOT / "tests" / "bench"))

from filing_cases import MRN
from filing_files import KINDS, make_files
from filing_misreads import CLASSES, misread, noise, pages_of
from filing_population import make_population
from filing_run import file_pages, open_desk
from filing_scores import Scores, Tally, results_of, upper_bound
from filing_senders import FAMILIES, SENDERS, TYPES, senders_of
from filing_traps import TRAPS, make_case

from chartkeeper.ocr.page import PageKind

DOCUMENTS = 100


@pytest.fixture(scope="module")
def people():
    return make_population(3, 800)


@pytest.fixture(scope="module")
def desk(people):
    with open_desk(people) as opened:
        yield opened


def scored(desk, people, family, count, traps=()):
    scores = Scores()
    for file in make_files(family, people, 11, count, traps):
        filed = file_pages(desk, pages_of(file, random.Random(file.number)))
        scores.add(file, filed, results_of(file, filed.filings, desk.mrns))
    return scores


@pytest.mark.parametrize("family", FAMILIES)
def test_no_automatic_link_of_a_short_run_is_wrong(desk, people, family):
    scores = scored(desk, people, family, DOCUMENTS)
    assert scores.all.counts["documents"] == DOCUMENTS
    assert scores.all.counts["wrong_filed"] == 0
    assert scores.all.counts["filed"] > DOCUMENTS // 4
    assert not scores.stumbled


def test_the_same_seed_gives_the_same_pages(people):
    def drawn(seed):
        files = list(make_files("tuning", people, seed, 12))
        pages = [pages_of(file, random.Random(file.number)) for file in files]
        return [[page.text for page in scan] for scan in pages]

    assert drawn(5) == drawn(5)
    assert drawn(5) != drawn(6)
    assert make_population(8, 300).people == make_population(8, 300).people


def test_the_noise_table_covers_all_kinds_and_worse_paper_is_read_worse():
    table = noise()
    assert set(table) == set(KINDS)
    for found in table.values():
        assert set(found["rates"]) == set(CLASSES)
        assert all(0 <= value <= 1 for value in found["confidence"]["misread"]["numbers"])
    wrong = {kind: found["rates"]["numbers"]["misread"] for kind, found in table.items()}
    assert wrong["clean"] < wrong["fax_standard"]
    assert misread("1234567", table["fax_standard"], random.Random(1)) != "1234567"


def test_each_family_has_senders_of_every_type_and_none_of_the_other():
    for family in FAMILIES:
        assert all(senders_of(family, name) for name in TYPES)
    names = [{one.name for one in SENDERS if one.family == family} for family in FAMILIES]
    assert not names[0] & names[1]


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_says_whose_it_is_and_who_may_be_linked(people, trap):
    for number in range(6):
        case = make_case("tuning", people, random.Random(number), (trap,))
        assert case.trap == trap
        assert case.truth in (None, case.person.mrn)
        assert not case.linkable or (case.truth and len(case.shown) >= 2)
        if case.mrn_as and case.mrn_as not in case.person.former_mrns and MRN in case.shown:
            assert not case.linkable


def test_a_link_to_somebody_else_counts_as_wrong(desk, people):
    for file in make_files("tuning", people, 2, 60, ("none",), ("clean",)):
        filed = file_pages(desk, pages_of(file, random.Random(1)))
        results = results_of(file, filed.filings, desk.mrns)
        right = next((one for one in results if one.filed and not one.wrong), None)
        if right:
            break
    tally = Tally()
    tally.add(replace(right, links=("0000000",) * len(right.links)))
    assert (tally.counts["wrong"], tally.counts["wrong_filed"]) == (1, 1)
    assert upper_bound(0, 6_000) == 0.0005
    assert upper_bound(1, 6_000) > 0.0005


def test_separator_sheets_and_blank_backs_carry_no_words(people):
    file = next(one for one in make_files("unseen", people, 4, 200) if one.separated)
    pages = pages_of(file, random.Random(1))
    assert all(page.words for page in pages if page.kind is PageKind.CONTENT)
    sheets = [page for page in pages if page.kind is PageKind.SEPARATOR]
    assert len(sheets) == len(file.papers)
    assert all(sheet.barcodes and not sheet.words for sheet in sheets)

import pytest
from filing_paper import blank, page, separator

from chartkeeper.filing.split import split

ANA = "Patient: LOPEZ, ANA   DOB: 02/02/1930   MRN: 7654321"
MARIA = "Patient: GARCIA, MARIA   DOB: 03/07/1961   MRN: 0012345"


def numbered(*texts):
    return [make(at) if callable(make) else page(make, at) for at, make in enumerate(texts, 1)]


@pytest.mark.parametrize(
    ("sheets", "runs"),
    [
        ([], ()),
        (["one"], ((1, 1),)),
        (["one", "two", "three"], ((1, 3),)),
        (["Page 1 of 2", "Page 2 of 2", "Page 1 of 1", "Page 1 of 3"], ((1, 2), (3, 3), (4, 4))),
        (["Page 1 of 3", "Page 2 of 3", "Page 1 of 2"], ((1, 3),)),  # incomplete: not certain
        (["one", separator, "two", "three"], ((1, 1), (3, 4))),
        ([separator, "one", separator, separator, "two"], ((2, 2), (5, 5))),
        (["Page 1 of 1", blank, "Page 1 of 1", blank], ((1, 2), (3, 4))),
        (["one", blank, "two"], ((1, 3),)),
        ([blank, "one"], ((1, 2),)),
        ([separator], ()),
        ([f"# LAB REPORT\n{MARIA}", f"# LAB REPORT\n{ANA}"], ((1, 1), (2, 2))),
        ([f"{MARIA}", f"{ANA}"], ((1, 2),)),  # no title, no page 1: a clerk decides
        ([f"# LAB REPORT\n{MARIA}", f"# LAB REPORT\n{MARIA}"], ((1, 2),)),
        ([f"{MARIA}\nPage 1 of 3", f"{ANA}\nPage 1 of 2"], ((1, 1), (2, 2))),
        ([f"{MARIA}\nPage 1 of 3", f"# REPORT\n{ANA}\nPage 2 of 3"], ((1, 2),)),
        # one number, misread
        (
            [f"# LAB REPORT\n{MARIA}", f"# LAB REPORT\n{MARIA.replace('0012345', '0012346')}"],
            ((1, 2),),
        ),
    ],
)
def test_runs(sheets, runs):
    assert split(numbered(*sheets)) == runs


def test_poorly_read_identities_do_not_split():
    sheets = [page(f"# LAB REPORT\n{MARIA}", 1), page(f"# LAB REPORT\n{ANA}", 2, confidence=0.5)]
    assert split(sheets) == ((1, 2),)


def test_numbers_are_those_of_the_scan():
    assert split([page("one", 7), separator(8), page("two", 9)]) == ((7, 7), (9, 9))

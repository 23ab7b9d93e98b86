import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.filing.names import Agreement, compare, fit, letters, parse_name

PART = st.text("ABCDEFGHIKLMNOPRSTVW", min_size=3, max_size=9).filter(
    lambda part: parse_name(f"Zed {part}")
)


@given(PART, PART)
def test_both_orders_prove_the_same_person(last, first):
    for written in (f"{last}, {first}", f"{first} {last}", f"{last} {first}", f"{last}, {first} Q"):
        name = parse_name(written)
        if name is None or name.is_placeholder:
            continue
        assert fit(name, last.title(), first.title(), "Q").is_proof


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_none(text):
    name = parse_name(text)
    assert name is None or all(part.isascii() and part.isupper() for part in name.parts)


@pytest.mark.parametrize(
    ("written", "last", "first", "middle", "suffix"),
    [
        ("O'BRIEN, SEAN", "O'Brien", "Sean", "", ""),
        ("Maria Garcia-Lopez", "Garcia Lopez", "Maria", "", ""),
        ("García, José", "Garcia", "Jose", "", ""),
        ("Mr. John A. Smith Jr.", "Smith", "John", "A", "Jr"),
        ("Smith, John A., Jr", "Smith", "John", "A", "JR"),
        ("John Smith, Jr.", "Smith", "John", "", "Jr."),
        ("de la Cruz, Ana", "De La Cruz", "Ana", "", ""),
        ("GARCIA,MARIA", "Garcia", "Maria", "", ""),
        ("Mary Ann Lee", "Lee", "Mary Ann", "", ""),
        ("SMITH, ANN (JONES)", "Smith", "Ann", "", ""),
        ("Smith, Ann aka Jones", "Smith", "Ann", "", ""),
    ],
)
def test_names_that_prove(written, last, first, middle, suffix):
    assert fit(parse_name(written), last, first, middle, suffix).is_proof


@pytest.mark.parametrize(
    ("written", "last", "first", "middle", "suffix"),
    [
        ("Smith, J", "Smith", "John", "", ""),
        ("Smith, Bob", "Smith", "Robert", "", ""),
        ("Smyth, John", "Smith", "John", "", ""),
        ("Smith, John Jr", "Smith", "John", "", ""),
        ("Smith, John Q", "Smith", "John", "A", ""),
        ("Garcia, Maria", "Garcia-Lopez", "Maria", "", ""),
        ("Garcla, Maria", "Garcia", "Maria", "", ""),
    ],
)
def test_names_that_neither_prove_nor_contradict(written, last, first, middle, suffix):
    one = fit(parse_name(written), last, first, middle, suffix)
    assert not one.is_proof
    assert not one.is_contradiction


@pytest.mark.parametrize(
    ("written", "last", "first", "suffix"),
    [
        ("Smith, John Sr", "Smith", "John", "Jr"),
        ("Smith, Peter", "Smith", "John", ""),
        ("Jones, John", "Smith", "John", ""),
        ("Jones-Smith, Peter", "Smith", "John", ""),
    ],
)
def test_names_that_contradict(written, last, first, suffix):
    assert fit(parse_name(written), last, first, "", suffix).is_contradiction


@pytest.mark.parametrize(
    "text", ["John Smith MD", "Dr. John Smith", "Smith", "J S", "", "Jane Roe, RN", "Smith, Ann NP"]
)
def test_what_is_no_patients_name(text):
    assert parse_name(text) is None


@pytest.mark.parametrize("text", ["Doe, Jane", "Garcia, Baby Boy", "TEST, PATIENT", "Unknown Male"])
def test_placeholders(text):
    assert parse_name(text).is_placeholder


def test_letters_and_likeness():
    assert letters("Núñez-O’Neil") == "NUNEZONEIL"  # noqa: RUF001 - as typesetters write it
    assert compare("ROBERT", "BOB") is Agreement.SIMILAR
    assert compare("MARIA", "PETER") is Agreement.DIFFERENT

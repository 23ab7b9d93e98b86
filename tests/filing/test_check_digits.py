import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.filing.check_digits import CheckDigit, is_sound

# Source: the vectors of HL7 table 0061 (M10, M11); ISO 7064's own example for MOD 97-10.
VECTORS = [
    (CheckDigit.M10, "123455"),
    (CheckDigit.M10, "4010"),
    (CheckDigit.M10, "99994"),
    (CheckDigit.M10, "999999998"),
    (CheckDigit.M11, "12345674"),
    (CheckDigit.MOD_97, "79444"),
]


@pytest.mark.parametrize(("scheme", "number"), VECTORS)
def test_published_numbers_are_sound(scheme, number):
    assert is_sound(number, scheme)
    assert is_sound(f"A-{number}", scheme)


@pytest.mark.parametrize(("scheme", "number"), VECTORS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_wrong_digit_is_noticed(scheme, number, place):
    wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
    assert not is_sound(wrong, scheme)


@pytest.mark.parametrize("scheme", [one for one in CheckDigit if one is not CheckDigit.NONE])
@pytest.mark.parametrize("number", ["", "7", "AB"])
def test_a_number_without_a_body_is_not_sound(scheme, number):
    assert not is_sound(number, scheme)


@given(st.text(max_size=20))
def test_without_a_scheme_every_number_is_sound(number):
    assert is_sound(number, CheckDigit.NONE)


@given(st.integers(10**4, 10**9), st.integers(0, 3), st.integers(1, 9))
def test_m10_notices_every_single_misread_digit(body, place, by):
    number = next(f"{body}{end}" for end in range(10) if is_sound(f"{body}{end}", CheckDigit.M10))
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert not is_sound(wrong, CheckDigit.M10)

"""Check digits of medical record numbers: they find misread numbers, and never prove one right.

Schemes of HL7 table 0061, which names them M10 and M11, and ISO 7064 (MOD 97-10). Of the digits
that a misreading changes, M10 finds all single ones, M11 98 in 100; a number made up at random
passes once in ten.
"""

from enum import StrEnum


class CheckDigit(StrEnum):
    """How the last digits of a number are computed from those before them."""

    NONE = "none"
    M10 = "m10"
    M11 = "m11"
    MOD_97 = "iso7064"


def is_sound(number: str, scheme: CheckDigit) -> bool:
    """Whether the check digits of `number` agree; letters in it are passed over.

    A number too short to have a body and its check digits is not sound. Without a scheme all are.
    """
    digits = "".join(char for char in number if char.isdigit() and char.isascii())
    if scheme is CheckDigit.NONE:
        return True
    if scheme is CheckDigit.MOD_97:
        return len(digits) > 2 and int(digits) % 97 == 1
    check = _m10 if scheme is CheckDigit.M10 else _m11
    return len(digits) > 1 and check(digits[:-1]) == int(digits[-1])


def _m10(body: str) -> int:
    """Every second digit from the right doubled, all digits of that summed, up to the next ten."""
    doubled = "".join(str(int(digit) * 2) for digit in body[::-2])
    plain = body[-2::-2]
    return -sum(map(int, doubled + plain)) % 10


def _m11(body: str) -> int:
    """Weights 2 to 7 from the right, over and over; remainder 0 counts as 1."""
    total = sum(int(digit) * (2 + at % 6) for at, digit in enumerate(reversed(body)))
    return (11 - (total % 11 or 1)) % 10

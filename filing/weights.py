"""How much an agreement says: the Fellegi-Sunter weights, in bits.

A weight is log2(m / u): m is how often a field agrees when it is the right patient, u how often
when it is anybody. A rare surname agrees by chance less often than a common one, so u of a name
is taken from the patient index itself. Source of the method: Fellegi and Sunter, A theory for
record linkage (1969); of the figures for average values: healthcare notes, section 4.5.
"""

from math import log2

from chartkeeper.filing.names import Agreement, Fit
from chartkeeper.filing.wordings import LabelKind
from chartkeeper.records.model import Frequencies

AVERAGE_SURNAME_BITS = 9.0
AVERAGE_GIVEN_BITS = 6.5
LEAST_NAME_BITS, MOST_NAME_BITS = 2.0, 13.0
# What the index tells of a name counts as much as the average once this many patients are known.
PSEUDO_PATIENTS = 10_000
# Nobody's index is so small that only those in it send paper.
FEWEST_PATIENTS = 10_000
MRN_BITS = 16.0
BARE_NUMBER_BITS = 7.0
BARE_DATE_BITS = 5.0

_FIXED = {
    (LabelKind.MRN, Agreement.SIMILAR): 8.0,
    (LabelKind.MRN, Agreement.DIFFERENT): -4.0,
    (LabelKind.BIRTH_DATE, Agreement.EXACT): 14.5,
    (LabelKind.BIRTH_DATE, Agreement.SIMILAR): 6.0,
    (LabelKind.BIRTH_DATE, Agreement.DIFFERENT): -6.0,
    (LabelKind.SEX, Agreement.EXACT): 1.0,
    (LabelKind.SEX, Agreement.DIFFERENT): -3.0,
}
NAME_DIFFERS_BITS = -3.0
_SIMILAR_SHARE = 0.45  # a name that is only similar says less than half


def prior_bits(frequencies: Frequencies) -> float:
    """What is known of a patient before anything was read: one of all, so never positive."""
    return -log2(max(frequencies.patients, FEWEST_PATIENTS))


def field_bits(kind: LabelKind, agreement: Agreement, frequencies: Frequencies) -> float:
    """The weight of a number, birth date or sex that agrees so well."""
    if (kind, agreement) == (LabelKind.MRN, Agreement.EXACT):
        # Numbers are given out densely: a wrong one may be anybody's.
        return max(MRN_BITS, -prior_bits(frequencies))
    return _FIXED[kind, agreement]


def name_bits(found: Fit, surname: str, given: str, frequencies: Frequencies) -> float:
    """The weight of a name that fits so: `surname` and `given` as known, in capital letters."""
    total = frequencies.patients
    return _part_bits(
        found.last, rarity_bits(frequencies.surnames.get(surname), total, AVERAGE_SURNAME_BITS)
    ) + _part_bits(
        found.first, rarity_bits(frequencies.given_names.get(given), total, AVERAGE_GIVEN_BITS)
    )


def _part_bits(agreement: Agreement, exact_bits: float) -> float:
    if agreement is Agreement.DIFFERENT:
        return NAME_DIFFERS_BITS
    return exact_bits if agreement is Agreement.EXACT else exact_bits * _SIMILAR_SHARE


def rarity_bits(bearers: int | None, patients: int, average: float) -> float:
    """How much it says to bear a name that `bearers` of `patients` bear; `average` if unknown.

    Few patients tell little, so the count is mixed with the average as if PSEUDO_PATIENTS more
    had been counted.
    """
    if bearers is None:
        return average
    share = (bearers + PSEUDO_PATIENTS * 2**-average) / (patients + PSEUDO_PATIENTS)
    return min(MOST_NAME_BITS, max(LEAST_NAME_BITS, -log2(share)))

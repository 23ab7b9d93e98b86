"""Lines that name a house: whose paper it is, not whom it is about."""

from chartkeeper.filing.layout import Run
from chartkeeper.filing.phrases import pieces
from chartkeeper.filing.words import word_set

HOUSE_WORDS, LEAST_HOUSE_WORDS = 12, 2
_HOUSES = word_set(
    "HOSPITAL HOSPITALS CLINIC CLINICS CENTER CENTRE ASSOCIATES GROUP INSTITUTE LABORATORY "
    "LABORATORIES LABS DIAGNOSTICS IMAGING RADIOLOGY PARTNERS HEALTHCARE HEALTH MEDICINE SURGERY "
    "CARDIOLOGY PATHOLOGY PEDIATRICS ORTHOPEDICS PHARMACY THERAPY REHABILITATION HOSPICE INFIRMARY "
    "PRACTICE PHYSICIANS SPECIALISTS UNIVERSITY INSURANCE LLC LLP PLLC INC"
)
# A house's name alone has words of the trade in it; so do titles and headings, which end so.
_NO_HOUSES = word_set(
    "REPORT SUMMARY NOTE NOTES RECORD FORM ORDERS REQUEST REQUISITION LIST RESULTS HISTORY CONSENT "
    "PLAN STUDY EXAM EXAMINATION EVALUATION AUTHORIZATION CONSULTATION REFERRAL"
)
# With these a house's name ends, and no words for people do, as `Attending Physicians`.
_LAST_WORDS = word_set(
    "HOSPITAL HOSPITALS CLINIC CLINICS LABORATORY LABORATORIES LABS DIAGNOSTICS INFIRMARY LLC PLLC "
    "INC"
)


def names_house(run: Run) -> bool:
    """Whether a line is a house's name, and no field or title."""
    read = pieces(run)
    words = {piece.text for piece in read}
    if not LEAST_HOUSE_WORDS <= len(read) <= HOUSE_WORDS or any(piece.colon for piece in read):
        return False
    return bool(words & _HOUSES) and not words & _NO_HOUSES and read[0].word.text[:1].isupper()


def can_be_only_a_house(run: Run) -> bool:
    """Whether a line is a house's name and can be nobody's designation."""
    return names_house(run) and pieces(run)[-1].text in _LAST_WORDS

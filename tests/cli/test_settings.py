import pytest

from chartkeeper.desks import policy
from chartkeeper.filing.check_digits import CheckDigit
from chartkeeper.settings import Settings, SettingsInvalid, parse_settings


def test_unless_told_otherwise_every_type_may_be_filed_and_every_number_may_be_ours():
    found = policy(Settings())
    assert found.automatic_types is None
    assert (found.mrn_format, found.mrn_check, found.own_facilities) == ("", CheckDigit.NONE, ())


def test_what_a_department_decides_reaches_filing():
    given = {
        "automatic_types": "lab_report, imaging_report",
        "mrn_format": "[1-9][0-9]{6}",
        "mrn_check_digit": "m11",
        "own_facilities": "Lakeside General Hospital; Lakeside Clinic",
        "blank_sheets_separate": True,
    }
    found = policy(parse_settings(given))
    assert found.may_file("lab_report")
    assert not found.may_file("letter")
    assert found.mrn_check is CheckDigit.M11
    assert found.own_facilities == ("Lakeside General Hospital", "Lakeside Clinic")
    assert found.blank_separates


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"automatic_types": "lab_report, labs"}, "no type 'labs'"),
        ({"mrn_format": "[0-9"}, "no regular expression"),
        ({"mrn_check_digit": "m12"}, "must be one of none, m10, m11, iso7064"),
        ({"own_facilities": 7}, "must be text"),
    ],
)
def test_what_cannot_be_is_said_with_the_remedy(given, said):
    with pytest.raises(SettingsInvalid, match="Correct the file") as caught:
        parse_settings(given)
    assert said in str(caught.value)

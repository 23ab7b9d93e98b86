from dataclasses import replace
from types import SimpleNamespace

import pytest
from service import Service

from chartkeeper import parts
from chartkeeper.desks import policy
from chartkeeper.filing.check_digits import CheckDigit
from chartkeeper.filing.doctypes import RESTRICTED, DocTypes, load_doctypes
from chartkeeper.home import open_home
from chartkeeper.parts import restricted_types
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


def test_nothing_is_restricted_by_its_type_unless_told():
    assert restricted_types(Settings()) == frozenset()
    told = parse_settings({"restricted_types": "therapy_note, consult_note"})
    assert restricted_types(told) == {"therapy_note", "consult_note"}


def test_a_type_that_the_table_of_types_restricts_stays_so(monkeypatch):
    table = load_doctypes()
    kinds = [
        replace(one, sensitivity=RESTRICTED) if one.key == "consent" else one for one in table.types
    ]
    monkeypatch.setattr(parts, "load_doctypes", lambda: DocTypes(tuple(kinds)))
    told = parse_settings({"restricted_types": "therapy_note"})
    assert restricted_types(told) == {"consent", "therapy_note"}


def test_what_is_restricted_and_for_how_long_reaches_the_web_pages(tmp_path):
    service = Service(tmp_path / "home")
    line = 'restricted_types = "therapy_note"\nemergency_minutes = 30\n'
    (service.home / "chartkeeper.toml").write_text(line)
    home, settings, ledger = open_home(service.home)
    found = parts.web_parts(home, settings, ledger, SimpleNamespace(draw=None))
    assert (found.restricted_types, found.emergency_minutes) == ({"therapy_note"}, 30)
    ledger.close()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"automatic_types": "lab_report, labs"}, "no type 'labs'"),
        ({"restricted_types": "therapy_note, secrets"}, "restricted_types knows no type 'secrets'"),
        ({"emergency_minutes": 1}, "between 5 and 480"),
        ({"mrn_format": "[0-9"}, "no regular expression"),
        ({"mrn_check_digit": "m12"}, "must be one of none, m10, m11, iso7064"),
        ({"own_facilities": 7}, "must be text"),
    ],
)
def test_what_cannot_be_is_said_with_the_remedy(given, said):
    with pytest.raises(SettingsInvalid, match="Correct the file") as caught:
        parse_settings(given)
    assert said in str(caught.value)

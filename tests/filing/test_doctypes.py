import re
from importlib import resources

import pytest

from chartkeeper.filing.doctypes import (
    TYPE_KEYS,
    DocTypesError,
    load_doctypes,
    loinc_check_digit,
    parse_doctypes,
)

TABLE = resources.files("chartkeeper.filing").joinpath("doctypes.toml").read_text("utf-8")
SHEET_CODES = ("DISCH HP PROG CONS OP LAB PATH RAD ECG REF MED IMM CONSENT AD REG ROI CORR").split()  # noqa: SIM905 - as the design writes it


def test_every_type_is_there_once_with_cues_and_dates():
    types = load_doctypes().types
    assert sorted(one.key for one in types) == sorted(TYPE_KEYS)
    assert len(TYPE_KEYS) == 28
    assert all(one.title and one.headings and one.body and one.date_labels for one in types)


@pytest.mark.parametrize(
    ("body", "digit"), [("18842", 5), ("11502", 2), ("64289", 2), ("46209", 3)]
)
def test_check_digits(body, digit):
    assert loinc_check_digit(body) == digit


def test_every_separator_code_means_a_type():
    doctypes = load_doctypes()
    assert all(doctypes.of_separator(code) for code in SHEET_CODES)
    assert doctypes.of_separator("lab").key == "lab_report"
    assert doctypes.of_separator("LAB_REPORT").key == "lab_report"
    assert doctypes.of_separator("NONE") is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('loinc = "18842-5"', 'loinc = "18842-6"', "check digit"),
        ("[letter]", "[leter]", "leter"),
        ('source = "vendor"', 'source = "hearsay"', "source"),
        ('separators = ["HP"]', 'separators = ["LAB"]', "separator"),
        ('tab = "Orders"\n', "", "`tab`"),
        ("[letter]", "[letter", "not valid TOML"),
        ('title = ["letter"', 'title = ["a b c d e f g h i j"', "longer than"),
    ],
)
def test_a_broken_table_is_refused_with_the_reason(old, new, says):
    assert old in TABLE
    with pytest.raises(DocTypesError, match=re.escape(says)):
        parse_doctypes(TABLE.replace(old, new, 1))

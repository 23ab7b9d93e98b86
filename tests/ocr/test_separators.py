from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.ocr.page import Barcode, Box
from chartkeeper.ocr.separators import MAX_MARKS, Separator, claims, is_separator, parse_bar


def bar(text):
    return Barcode("Code128", text, Box(0, 0, 10, 10))


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("MRN=1234567", Separator(mrn="1234567")),
        (
            "SEP|MRN=123-4567;TYPE=LAB;DOS=2026-07-18",
            Separator("123-4567", "LAB", date(2026, 7, 18)),
        ),
        ("sep|dos=2026-07-18; type=lab_report;", Separator("", "LAB_REPORT", date(2026, 7, 18))),
        ("MRN=1234567;BATCH=7", Separator(mrn="1234567")),
        ("DOS=2026-13-45", Separator()),
        ("MRN=<script>", Separator()),
        ("PATCHT", Separator()),
        ("SEP|PATCHT", Separator()),
        ("patch t", Separator()),
    ],
)
def test_bars_of_separators(text, separator):
    assert parse_bar(text) == separator


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SEP|",
        "1234567",
        "BATCH=7",
        "MRN",
        "MRN=1;oops",
        "=7",
        "MRN=1;MRN=2",
        "MRN=1" + ";" * 400,
        "https://example.com/?MRN=1",
        "PATCHTHIS",
    ],
)
def test_other_bars(text):
    assert parse_bar(text) is None


def test_several_bars_are_one_claim():
    together = claims([bar("MRN=1234567"), bar("TYPE=LAB"), bar("A1B2C3"), bar("MRN=1234567")])
    assert together == Separator("1234567", "LAB")
    assert not together.plain


def test_bars_that_contradict_each_other_claim_nothing():
    assert claims([bar("MRN=1234567;TYPE=LAB"), bar("MRN=7654321")]) == Separator(type="LAB")


def test_a_page_of_text_is_no_separator():
    assert is_separator([bar("PATCHT")], 30)
    assert not is_separator([bar("PATCHT")], MAX_MARKS + 1)
    assert not is_separator([bar("A1B2C3")], 0)
    assert not is_separator([], 0)


@given(st.text(max_size=300))
def test_any_text_is_survived(text):
    found = parse_bar(text)
    assert found is None or len(found.mrn) <= 32


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "MRN": st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,20}", fullmatch=True),
        "TYPE": st.from_regex(r"[A-Z][A-Z_]{0,20}", fullmatch=True),
        "DOS": st.dates().map(date.isoformat),
    },
).filter(bool)


@given(VALUES, st.booleans(), st.randoms())
def test_what_is_written_is_read(fields, prefix, luck):
    pairs = [f"{key}={value}" for key, value in fields.items()]
    luck.shuffle(pairs)
    found = parse_bar(("SEP|" if prefix else "") + ";".join(pairs))
    assert (found.mrn, found.type) == (fields.get("MRN", ""), fields.get("TYPE", ""))
    assert found.service_date == (date.fromisoformat(fields["DOS"]) if "DOS" in fields else None)

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.filing.dates import differs_by_one_slip, find_dates, is_default_birth_date

TODAY = date(2024, 5, 17)
FORMS = (
    "%m/%d/%Y",
    "%m-%d-%Y",
    "%m.%d.%Y",
    "%d%b%Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%b %d %Y",
    "%b. %d, %Y",
    "%B %d, %Y",
    "%Y-%m-%d",
    "%Y/%m/%d",
)


@given(st.dates(date(1900, 1, 1), date(2090, 12, 31)), st.sampled_from(FORMS), st.booleans())
def test_every_form_reads_as_the_day_meant(day, form, capitals):
    written = day.strftime(form)
    found = find_dates(f"seen on {written.upper() if capitals else written}, well")
    assert [one.readings for one in found] == [(day,)]


@given(st.text(max_size=80))
def test_any_text_gives_only_possible_days(text):
    for written in find_dates(text, compact=True):
        assert written.readings or written.short_year
        assert 0 <= written.start < written.end <= len(text)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1-2-60", date(1960, 1, 2)),
        ("01/02/24", date(2024, 1, 2)),
        ("12/31/24", date(1924, 12, 31)),  # not yet: the century before is meant
        ("19600102", date(1960, 1, 2)),
        ("01021960", date(1960, 1, 2)),
        ("25/12/1960", date(1960, 12, 25)),
        ("O1/02/l960", date(1960, 1, 2)),
        ("January 2nd, 1960", date(1960, 1, 2)),
        ("01 / 02 / 1960", date(1960, 1, 2)),
        ("02/29/00", date(2000, 2, 29)),
        ("2 de enero de 1960", date(1960, 1, 2)),
        ("2 de enero del 1960", date(1960, 1, 2)),
        ("2 ene 1960", date(1960, 1, 2)),
        ("agosto 2, 1960", date(1960, 8, 2)),
    ],
)
def test_written_forms(written, day):
    assert find_dates(written, compact=True)[0].resolve(TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "02/30/1960",
        "13/13/1960",
        "00/10/1960",
        "02/29/1961",
        "1/2",
        "12-34-5678",
        "555-12-1234",
        "01/02/19601",
        "45/67/89",
    ],
)
def test_what_is_no_date(text):
    assert find_dates(text) == ()


def test_a_leap_day_of_two_digits_has_only_the_century_that_has_it():
    assert find_dates("02/29/00")[0].readings == (date(2000, 2, 29),)


@given(st.dates(date(1900, 1, 1), date(2020, 1, 1)))
def test_slips(day):
    assert not differs_by_one_slip(day, day)
    if day.day <= 12 and day.day != day.month:
        assert differs_by_one_slip(day, date(day.year, day.day, day.month))
    assert not differs_by_one_slip(day, day + timedelta(days=12_345))


def test_the_first_of_january_is_no_birth_date():
    assert is_default_birth_date(date(1970, 1, 1))
    assert not is_default_birth_date(date(1970, 1, 2))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Septeber 8, 2020", date(2020, 9, 8)),
        ("8 0ctober 2020", None),
        ("Novemher 12, 1961", date(1961, 11, 12)),
        ("Febuary 3, 1999", date(1999, 2, 3)),
        ("Member 12, 1961", None),
    ],
)
def test_a_long_month_with_one_slip_is_known_beside_a_label(text, day):
    found = find_dates(text, compact=True)
    assert [one.readings[0] for one in found] == ([day] if day else [])
    assert find_dates(text) == ()
    if day:
        assert text[found[0].start : found[0].end] == text


def test_letters_around_a_month_are_read_as_the_figures_they_stand_for():
    assert find_dates("Exam: 3O-Jul-2O24")[0].readings == (date(2024, 7, 30),)
    assert find_dates("OI Jan 2O24")[0].readings == (date(2024, 1, 1),)


@pytest.mark.parametrize("text", ["7/17/20 26", "7/17/19 61", "07-17-20 05"])
def test_a_year_in_two_pieces_is_no_answer(text):
    assert find_dates(text) == ()


@pytest.mark.parametrize("text", ["7/17/20 14:30", "7/17/20 1430", "7/17/21 26", "7/17/20, 26"])
def test_a_short_year_before_something_else_is(text):
    assert len(find_dates(text)) == 1


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("04/i2/2026", date(2026, 4, 12)),
        ("12/f4/1976", date(1976, 12, 14)),
        ("10/15i1982", date(1982, 10, 15)),
        ("06./0f/2025", date(2025, 6, 1)),
        ("10/29/1.956", date(1956, 10, 29)),
        ("3/26/i973", date(1973, 3, 26)),
        ("September 28, f973", date(1973, 9, 28)),
        ("30-Jui-2026", date(2026, 7, 30)),
        ("05/1$/2O26", date(2026, 5, 15)),
    ],
)
def test_signs_for_figures_are_guessed_only_beside_a_label(written, day):
    found = find_dates(written, compact=True)
    assert [(one.readings, one.guessed) for one in found] == [((day,), True)]
    assert find_dates(f"word {written} word") == ()


@pytest.mark.parametrize(
    "written", ["0s/28/2026", "08-14-19/4", "05/30/202%", "bill/it/left", "if/it/2O"]
)
def test_what_may_be_several_figures_is_not_guessed(written):
    assert find_dates(written, compact=True) == ()


def test_a_time_behind_a_short_year_is_none_of_it():
    assert find_dates("05/25/2614:07", compact=True)[0].readings[-1] == date(2026, 5, 25)

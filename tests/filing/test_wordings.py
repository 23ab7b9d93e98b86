"""The table of wordings: every wording can be found on paper, and means one thing."""

from importlib import resources

import pytest

from chartkeeper.filing.labels import spelled
from chartkeeper.filing.wordings import (
    LabelKind,
    Owner,
    WordingsError,
    load_wordings,
    parse_wordings,
)

TABLE = resources.files("chartkeeper.filing").joinpath("wordings.toml").read_text("utf-8")


def test_the_table_that_comes_with_the_product_is_whole():
    known = load_wordings()
    assert known.fields["DATE", "OF", "BIRTH"] is LabelKind.BIRTH_DATE
    assert known.fields["MEDICAL", "RECORD", "#"] is LabelKind.MRN
    assert known.owners["NEXT", "OF", "KIN"] is Owner.RELATIVE
    assert ("DATE", "OF", "DEATH") in known.other_fields
    assert ("NICU", "NOTE") in known.newborns.own_papers
    assert ("WRONG", "CHART") in known.stamps
    assert ("FAX", "COVER") in known.covers.titles


def test_no_label_word_is_taken_for_another():
    known = load_wordings()
    phrases = (*known.fields, *known.owners, *known.other_fields)
    words = {word for phrase in phrases for word in phrase}
    assert {word for word in words if spelled(word) != word} == set()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[stamps]", "[stamp]", "must have the tables"),
        ("last_name = ", "lastname = ", "`fields`"),
        ("last_name = [", 'last_name = "surname"\nfamily = [', "`fields`"),
        ('member = ["member"', 'member = ["Member"', "`Member`"),
        ('member = ["member"', 'member = ["member of the very same plan"', "at most 5 words"),
        ('member = ["member"', 'member = ["mother"', "`mother` stands in wordings.toml twice"),
        ('birth = ["apgar"', 'birth = ["apgars"', "`apgars` stands in wordings.toml twice"),
        ('birth = ["apgar"', 'birth = ["apgar #"', "can never be found"),
        ('birth = ["apgar"', "birth = [1", "`1`"),
        ("[fields]", "[fields", "not valid TOML"),
    ],
)
def test_a_damaged_table_is_named(old, new, said):
    assert old in TABLE
    with pytest.raises(WordingsError) as caught:
        parse_wordings(TABLE.replace(old, new, 1))
    assert said in str(caught.value)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.index.language import parse
from chartkeeper.index.snippet import MIN_SNIPPET_CHARS, Fragment, hit_words, snippet

PAGE = (
    "Pt denies chest pains. BP 120/80, x-ray: no fracture; old fractures of the hip. Paint chest."
)


def marked(text, query, **options):
    return [part.text for part in snippet(text, parse(query), **options) if part.marked]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("pain", ["pains"]),
        ("paint*", ["Paint"]),
        ("pain*", ["pains", "Paint"]),
        ('"chest pain"', ["chest", "pains"]),
        ('"pain chest"', []),
        ("120/80", ["120", "80"]),
        ("fracture -chest", ["fracture", "fractures"]),
        ("NOT (chest OR pain)", []),
        ("hip OR knee", ["hip"]),
        ("type:letter", []),
        ("patient:chest", []),
        ("*", []),
    ],
)
def test_marks(query, expected):
    assert marked(PAGE, query) == expected


PARTS = "HbAlc 7, E1l.9, c02. X-ray of O'Brien, hyper- tension b.i.d. Parkinson's disease 10mg"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("hba1c", ["HbAlc"]),
        ("E11.9", ["E1l", "9"]),
        ("co2", ["c02"]),
        ("xrays", ["X", "ray"]),
        ("x-ray", ["X", "ray"]),
        ("obri*", ["O", "Brien"]),
        ("hypertention~", ["hyper", "tension"]),
        ("bid", ["b", "i", "d"]),
        ('"parkinson disease"', ["Parkinson's", "disease"]),
        ('"10 mg"', ["10", "mg"]),
        ("hypert OR xra OR lc", []),
    ],
)
def test_marks_on_words_in_parts_and_misread_codes(query, expected):
    assert marked(PARTS, query) == expected


def test_the_passage_with_the_most_of_the_query_is_shown():
    text = "fever " * 200 + "then the fever and the chills came " + "chest " * 200
    shown = snippet(text, parse("fever chills"), max_chars=80)
    assert Fragment("chills", marked=True) in shown
    whole = "".join(part.text for part in shown)
    assert len(whole) <= 80
    assert whole.startswith("…")
    assert whole.endswith("…")


def test_a_page_without_hits_begins_at_its_beginning():
    assert snippet("one two  \n three", parse("zebra")) == (
        Fragment("one two three", marked=False),
    )
    assert snippet("", parse("zebra")) == ()


def test_a_snippet_has_a_least_length():
    with pytest.raises(ValueError, match="40"):
        snippet("text", parse("a"), max_chars=MIN_SNIPPET_CHARS - 1)


@given(
    st.lists(
        st.sampled_from(["pain", "chest", "of", "a", "x" * 90, "(no)", "é", "…"]), max_size=120
    ),
    st.integers(MIN_SNIPPET_CHARS, 200),
)
def test_snippets_are_cut_from_the_page_and_fit(page, max_chars):
    text = " ".join(page)
    shown = snippet(text, parse('pain OR "a chest"'), max_chars)
    whole = "".join(part.text for part in shown)
    assert len(whole) <= max_chars
    assert whole.removeprefix("…").removesuffix("…") in text or whole in text
    if "pain" in page:
        assert any(part.marked for part in shown)


def test_marked_words_of_a_page():
    page = ["Chest", "pains,", "BP", "120/80", "x-", "ray", "—", "pain", "chest"]
    assert hit_words(page, parse('"chest pain"')) == {0, 1}
    assert hit_words(page, parse('x-ray "80 x"')) == {3, 4, 5}
    assert hit_words(page, parse("xray")) == {4, 5}
    assert hit_words(["Parkinson", "'s", "hyper-", "tension"], parse("hypertension")) == {2, 3}
    assert hit_words(page, parse('"ray pain"')) == {5, 7}
    assert hit_words(page, parse("chest -pain")) == {0, 8}

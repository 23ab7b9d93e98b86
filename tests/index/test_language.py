import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chartkeeper.index.language import (
    MAX_CLAUSES,
    MAX_NESTING_DEPTH,
    MAX_QUERY_CHARS,
    parse,
    show,
    with_operators,
)
from chartkeeper.index.query import (
    And,
    DatedWithin,
    Everything,
    Misread,
    MrnIs,
    Not,
    Or,
    PatientNamed,
    Phrase,
    Prefix,
    Term,
    TypeIs,
)
from chartkeeper.index.tokens import QueryError
from chartkeeper.index.words import words

A, B, C = Term("a"), Term("b"), Term("c")
DAY = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a and b", And((A, Term("and"), B))),
        ("a b OR c", Or((And((A, B)), C))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("(a b) c", And((A, B, C))),
        ("((a))", A),
        ("-a", Not(A)),
        ("a -b", And((A, Not(B)))),
        ("a NOT b", And((A, Not(B)))),
        ("-(a b)", Not(And((A, B)))),
        ('-"a b"', Not(Phrase(("a", "b")))),
        ("-type:letter", Not(TypeIs("letter"))),
        ("NOT NOT a", Not(Not(A))),
        ("a - b", And((A, B))),
        ("a ---- b", And((A, B))),
        ("a-b", Or((Phrase(("a", "b")), Term("ab")))),
        ('"a-b"', Phrase(("a", "b"))),
        ("-a-b c", And((Not(Or((Phrase(("a", "b")), Term("ab")))), C))),
        ("a-b OR c", Or((Phrase(("a", "b")), Term("ab"), C))),
        ("b.i.d.", Or((Phrase(("b", "i", "d")), Term("bid")))),
        ("parkinson's", Term("parkinson")),
        ("0.5mg", Phrase(("0", "5", "mg"))),
        ('"a"-b', And((A, B))),
        ("a & b", And((A, B))),
        ("a AND & b", And((A, B))),
        ('a "" b', And((A, B))),
        ('"a b"', Phrase(("a", "b"))),
        ('"a"', A),
        ("“a b”", Phrase(("a", "b"))),
        ('"AND"', Term("and")),
        ("no fracture", And((Term("no"), Term("fracture")))),
        ("José", Term("jose")),
        ("x-ray", Or((Phrase(("x", "ray")), Term("xray")))),
        ("1,200", Phrase(("1", "200"))),
        ("120/80", Phrase(("120", "80"))),
        ("12:30", Phrase(("12", "30"))),
        ("a: b", And((A, B))),
        ("a(b)", And((A, B))),
        ("Hyp*", Prefix("hyp")),
        ("Potassium~", Misread("potassium")),
        ("metastasis~ OR a", Or((Misread("metastasis"), A))),
        ("~a", A),
        ('"a~ b"', Phrase(("a", "b"))),
        ("*", Everything()),
        (" * ", Everything()),
        ("a (*)", And((A, Everything()))),
        ("type:lab_report", TypeIs("lab_report")),
        ('TYPE:"Lab report"', TypeIs("lab_report")),
        ("mrn:00123-4567", MrnIs("1234567")),
        ('mrn:"0012 34"', MrnIs("1234")),
        ("mrn:A-0012", MrnIs("a0012")),
        ("MRN: 00123-4567", MrnIs("1234567")),
        ("-mrn: 12 a", And((Not(MrnIs("12")), A))),
        ("type: letter a", And((TypeIs("letter"), A))),
        ('patient: "garcia a" b', And((PatientNamed((Term("garcia"), A)), B))),
        ("patient:García", PatientNamed((Term("garcia"),))),
        ('patient:"garcia mar*"', PatientNamed((Term("garcia"), Prefix("mar")))),
        ("patient:o'bri*", PatientNamed((Term("o"), Prefix("bri")))),
        ("patient:garcia a", And((PatientNamed((Term("garcia"),)), A))),
        ("date:2024-02-03", DatedWithin(DAY("2024-02-03"), DAY("2024-02-03"))),
        ("date:2024-2", DatedWithin(DAY("2024-02-01"), DAY("2024-02-29"))),
        ("date:2024", DatedWithin(DAY("2024-01-01"), DAY("2024-12-31"))),
        ("date:2023..2024-02", DatedWithin(DAY("2023-01-01"), DAY("2024-02-29"))),
        ("date: 2023 .. 2024-02 a", And((DatedWithin(DAY("2023-01-01"), DAY("2024-02-29")), A))),
        ("date:2024.. 12", And((DatedWithin(DAY("2024-01-01"), None), Term("12")))),
        ("date:..2024", DatedWithin(None, DAY("2024-12-31"))),
        ("date:2024..", DatedWithin(DAY("2024-01-01"), None)),
    ],
)
def test_what_is_written_is_understood(text, query):
    assert parse(text) == query
    assert parse(show(query)) == query


@pytest.mark.parametrize(
    ("text", "character", "problem"),
    [
        ("", 1, "no word"),
        ("  ", 1, "no word"),
        ("&", 1, "no word"),
        ('"', 1, "not closed"),
        ('a "b', 3, "not closed"),
        ('patient:"b', 9, "not closed"),
        ("(a", 1, "not closed"),
        ("a)", 2, "closes nothing"),
        ("()", 2, "word is missing"),
        ("a AND", 6, "word is missing"),
        ("OR a", 1, "word is missing"),
        ("a OR OR b", 6, "word is missing"),
        ("NOT", 4, "word is missing"),
        ("NOT & a", 5, "could leave out"),
        ('-"&" a', 2, "could leave out"),
        ("ab*", 1, "at least 3"),
        ("a *", 3, "at least 3"),
        ("hyp*er", 4, "only stand once"),
        ("*hyp", 1, "only stand once"),
        ("hyp**", 4, "only stand once"),
        ('"hyp*"', 5, "only stand once"),
        ("x-ray*", 1, "single word"),
        ("a x-ray~", 3, "single word of 4"),
        ("abc~", 1, "single word of 4"),
        ("~", 1, "no word"),
        ("abc*~", 4, "only stand once"),
        ("word~ " * 9, 49, "at most 8 words"),
        ("patient:a*b*", 10, "only stand once"),
        ("patient:mar*a", 12, "only stand once"),
        ("patient:ma*", 9, "at least 3"),
        ("type:lab*", 9, "only stand once"),
        ("mrn:12*", 7, "only stand once"),
        ("BP:120/80", 1, "type:, mrn:, patient: and date:"),
        ("a name:garcia", 3, "no field"),
        ("type:", 1, "type is missing"),
        ("mrn:000", 1, "number is missing"),
        ("patient:-", 1, "name is missing"),
        ("date:", 1, "date is missing"),
        ("date:..", 1, "date is missing"),
        ("date:2024 .. a", 11, "has no end"),
        ("mrn: AND a", 1, "number is missing"),
        ('mrn:"" a', 1, "number is missing"),
        ("mrn: (a)", 1, "number is missing"),
        ("date:03/05/2024", 1, "year-month-day"),
        ("date:2024-02-30", 1, "no such day"),
        ("date:0000", 1, "no such day"),
        ("date:2024-13", 1, "no such day"),
        ("date:2024-03..2024-02", 1, "ends before"),
        ("date:2024..2025..2026", 1, "no date"),
        ("a " * MAX_CLAUSES + "a", 2 * MAX_CLAUSES + 1, "at most 64 words"),
        ('"' + "a " * (MAX_CLAUSES + 1) + '"', 1, "at most 64 words"),
        ("(" * (MAX_NESTING_DEPTH + 1) + "a", MAX_NESTING_DEPTH + 2, "nested"),
        ("a" * (MAX_QUERY_CHARS + 1), MAX_QUERY_CHARS + 1, "shorten"),
    ],
)
def test_what_cannot_be_understood_is_said(text, character, problem):
    with pytest.raises(QueryError, match=problem) as error:
        parse(text)
    assert str(error.value).startswith(f"At character {character}: ")
    assert error.value.position == character - 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("fever or chills", "fever OR chills"),
        ("pain And fever", "pain AND fever"),
        ('"fever or chills" or pain', '"fever or chills" OR pain'),
        ("fever OR chills", "fever OR chills"),
        ("or fever", "or fever"),
        ("pain or (fever", None),
        ("did not or-do nor", "did not or-do nor"),
        ("patient: or", "patient: or"),
    ],
)
def test_operators_in_small_letters(text, meant):
    if meant is None:
        with pytest.raises(QueryError):
            with_operators(text)
    else:
        assert with_operators(text) == meant


SIGNS = ["(", ")", '"', "*", "-", " ", "AND", "OR", "NOT", ":", "..", "&", "type:", "mrn:",
         "patient:", "date:", "2024-03", "hyper", "é", "½", "ß", "\u0301", "\u00ad"]  # fmt: skip


@given(st.text(max_size=60) | st.lists(st.sampled_from(SIGNS), max_size=25).map("".join))
@example("-½ a")
@example("patient:\u00ad*")
def test_any_text_is_understood_or_refused(text):
    try:
        query = parse(text)
    except QueryError:
        return
    assert parse(show(query)) == query


@given(st.text(alphabet="bdgkqvwzBDGKQVWZ", min_size=6, max_size=20))
def test_errors_do_not_repeat_the_query(secret):
    for text in (f"{secret}:1", f"patient:{secret}*{secret}", f"date:{secret}", f"({secret}"):
        with pytest.raises(QueryError) as error:
            parse(text)
        assert secret not in str(error.value)


texts = st.text(max_size=8).map(words).filter(bool).map(lambda found: found[0][0])
prefixes = texts.filter(lambda text: len(text) >= 3)
names = st.builds(Term, texts) | st.builds(Prefix, prefixes)
leaves = (
    st.builds(Term, texts)
    | st.builds(Phrase, st.lists(texts, min_size=2, max_size=4).map(tuple))
    | st.builds(Prefix, prefixes)
    | st.builds(Misread, texts.filter(lambda text: len(text) >= 4))
    | st.builds(MrnIs, texts.map(lambda text: text.lstrip("0")).filter(bool))
    | st.builds(TypeIs, texts)
    | st.builds(
        PatientNamed,
        st.lists(names, min_size=1, max_size=3).map(tuple),
    )
    | st.builds(lambda a, b: DatedWithin(min(a, b), max(a, b)), st.dates(), st.dates())
    | st.builds(DatedWithin, st.dates(), st.none())
    | st.builds(DatedWithin, st.none(), st.dates())
    | st.just(Everything())
)


def _flat(kind, parts):
    flat = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else [part])
    return kind(tuple(flat))


trees = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(lambda parts: _flat(And, parts), st.lists(inner, min_size=2, max_size=3))
        | st.builds(lambda parts: _flat(Or, parts), st.lists(inner, min_size=2, max_size=3))
    ),
    max_leaves=8,
)


@given(trees)
def test_a_tree_survives_being_shown(query):
    assert parse(show(query)) == query

"""Searches against a plain scan of the pages that knows nothing of the engine."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chartkeeper.index.entry import PageEntry
from chartkeeper.index.misread import look_alikes, misreadings
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
from chartkeeper.index.search import open_searcher
from chartkeeper.index.snippet import hit_words, snippet
from chartkeeper.index.store import create_index, open_writer
from chartkeeper.index.translate import may_skip
from chartkeeper.index.words import identifier, stem, together, words

WORDS = ["pain", "pains", "painful", "no", "not", "chest", "x", "ray", "120", "hypertension",
         "hypertensive", "happy", "happi", "the", "é-coli", "naïve", "x-ray", "xray", "hyper-",
         "tension", "hba1c", "hbalc", "i10", "110", "parkinson's"]  # fmt: skip
NAMES = ["garcia", "maria", "lopez", "mariana"]
KEYS = [f"p{number}" for number in range(8)]

entries = st.builds(
    PageEntry,
    key=st.sampled_from(KEYS),
    type=st.sampled_from(["", "lab_report", "letter"]),
    mrn=st.sampled_from(["", "12", "0012", "3-4"]),
    patient=st.lists(st.sampled_from(NAMES), max_size=3).map(", ".join),
    service_date=st.none() | st.dates(dt.date(1999, 12, 30), dt.date(2001, 1, 2)),
    text=st.lists(st.sampled_from(WORDS), min_size=3, max_size=12).map(" ".join),
)
query_words = st.sampled_from([word for text in WORDS for word, _, _ in words(text)] + ["ecoli"])
prefixes = st.sampled_from(["pai", "pain", "hyp", "hypertensio", "happi", "che", "zzz"])
names = st.builds(Term, st.sampled_from(NAMES)) | st.builds(Prefix, st.sampled_from(["mar", "gar"]))
days = st.none() | st.dates(dt.date(1999, 12, 30), dt.date(2001, 1, 2))
leaves = (
    st.builds(Term, query_words)
    | st.builds(Phrase, st.lists(query_words, min_size=2, max_size=3).map(tuple))
    | st.builds(Prefix, prefixes)
    | st.builds(Misread, st.sampled_from(["pain", "fevet", "hypertensoin", "chst", "happy"]))
    | st.builds(TypeIs, st.sampled_from(["lab_report", "letter", "other"]))
    | st.builds(MrnIs, st.sampled_from(["12", "34", "5"]))
    | st.builds(PatientNamed, st.lists(names, min_size=1, max_size=2).map(tuple))
    | st.builds(DatedWithin, days, days).filter(lambda query: query != DatedWithin(None, None))
    | st.just(Everything())
)
queries = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(And, st.lists(inner, min_size=2, max_size=4).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=4).map(tuple))
    ),
    max_leaves=6,
)
batches = st.lists(
    st.tuples(
        st.lists(entries, min_size=2, max_size=5), st.lists(st.sampled_from(KEYS), max_size=2)
    ),
    min_size=2,
    max_size=4,
)


def matches(entry, query):  # noqa: PLR0911 - one line a kind of query
    match query:
        case And(parts):
            return all(matches(entry, part) for part in parts)
        case Or(parts):
            return any(matches(entry, part) for part in parts)
        case Not(part):
            return not matches(entry, part)
        case Everything():
            return True
        case TypeIs(key):
            return entry.type == key
        case MrnIs(number):
            return identifier(entry.mrn) == number
        case DatedWithin(first, last):
            date = entry.service_date
            return bool(date) and (first or dt.date.min) <= date <= (last or dt.date.max)
        case PatientNamed(wanted):
            known = [word for word, _, _ in words(entry.patient)]
            return all(
                any(
                    name.startswith(w.text) if isinstance(w, Prefix) else name == w.text
                    for name in known
                )
                for w in wanted
            )
        case _:
            return matches_text(entry.text, query)


def matches_text(text, query):
    cut = words(text)
    page = [word for word, _, _ in cut]
    either = page + [word for word, _, _ in together(text, cut)]
    match query:
        case Term(asked):
            return any(stem(word) == stem(asked) or word in look_alikes(asked) for word in either)
        case Prefix(asked):
            return any(word.startswith(asked) for word in either)
        case Misread(asked):
            return any(stem(word) == stem(asked) or word in misreadings(asked) for word in either)
        case Phrase(run):
            wanted = [{stem(word) for word in look_alikes(asked)} for asked in run]
            places = range(len(page) - len(run) + 1)
            return any(
                all(stem(page[at + n]) in one for n, one in enumerate(wanted)) for at in places
            )


def positive(query):
    match query:
        case And(parts) | Or(parts):
            return [leaf for part in parts for leaf in positive(part)]
        case Term() | Phrase() | Prefix() | Misread():
            return [query]
    return []


def write_all(writer, batches, known):
    for upserts, deletes in batches:
        writer.write(upserts, deletes)
        new = {entry.key: entry for entry in upserts}
        for key in set(deletes) - new.keys():
            known.pop(key, None)
        known.update(new)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("oracle") / "index"
    create_index(folder)
    with open_writer(folder) as writer:
        yield writer, open_searcher(folder), {}


@given(batches=batches, asked=st.lists(leaves | queries, min_size=8, max_size=12))
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_index_finds_what_a_scan_finds(shared, batches, asked):
    writer, searcher, known = shared
    write_all(writer, batches, known)
    for query in asked:
        expected = sorted(key for key, entry in known.items() if matches(entry, query))
        for newest_first in (False, True):
            found = searcher.search(query, 100, newest_first=newest_first)
            assert sorted(hit.key for hit in found.hits) == expected
            assert (found.total, found.total_is_exact) == (len(expected), True)
            assert all(
                (known[hit.key].mrn, known[hit.key].type) == (hit.mrn, hit.type)
                for hit in found.hits
            )
    assert sorted(searcher.keys()) == sorted(known)
    assert searcher.indexed(KEYS) == set(known)


@given(entry=entries, query=queries)
def test_marks_are_where_the_search_found(entry, query):
    leaves = positive(query)
    marked = hit_words(entry.text.split(), query)
    fragments = snippet(entry.text, query)
    found = any(matches_text(entry.text, leaf) for leaf in leaves)
    assert bool(marked) == any(fragment.marked for fragment in fragments) == found
    assert "".join(fragment.text for fragment in fragments) == entry.text


CODES = ["hba1c", "hbalc", ""]


def test_the_engine_skips_pages_only_for_words_that_stand_for_one_word():
    assert may_skip(And((Term("pain"), TypeIs("letter"))))
    assert not may_skip(Term("hba1c"))
    assert not may_skip(And((Term("pain"), Term("hba1c"))))


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), min_size=300, max_size=900),
    st.integers(0, 20),
)
@settings(max_examples=5, deadline=None)
def test_the_best_hits_are_the_best_of_all_hits(tmp_path_factory, sizes, gap):
    """The engine skips blocks of 128 pages; that must change no ranking, deletions included."""
    folder = tmp_path_factory.mktemp("ranking") / "index"
    create_index(folder)
    with open_writer(folder) as writer:
        pages = [
            PageEntry(
                f"p{n}",
                "letter",
                "7",
                "",
                None,
                f"{'pain ' * often}{'fever ' * other}{CODES[n % 3]} {'x ' * (n % 50)}",
            )
            for n, (often, other) in enumerate(sizes)
        ]
        half = len(pages) // 2
        writer.write(pages[:half], [])
        writer.write(pages[half:], [f"p{n}" for n in range(gap, half, 3)])
        searcher = open_searcher(folder)
        for query in (
            Term("pain"),
            And((Term("pain"), Term("fever"))),
            And((Term("fever"), TypeIs("letter"))),
            Term("hba1c"),
            And((Term("pain"), Term("hba1c"))),
        ):
            ranked = searcher.search(query, 10_000).hits
            best = searcher.search(query, 10)
            assert best.hits == ranked[:10]
            assert best.total == len(ranked)

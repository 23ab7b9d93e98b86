"""Pages that are left out of an answer as if they were not there, whatever the query."""

import random

import pytest

from chartkeeper.index.language import parse
from chartkeeper.index.store import start_rebuild

QUERIES = ("pain", "pain chest", "pain OR visit", '"chest pain"', "vis*", "*", "pain NOT visit")


@pytest.fixture
def many(writer, page, day):
    """Pages in several segments: p0 to p59, each with pain, some with more."""
    luck = random.Random(2)
    for at in range(0, 60, 20):
        some = []
        for number in range(at, at + 20):
            words = ["chest pain" if luck.random() < 0.5 else "pain", *luck.choices(["visit", "x"])]
            when = day(f"2024-01-{luck.randint(1, 28):02}")
            some.append(page(f"p{number}", " ".join(words * luck.randint(1, 3)), service_date=when))
        writer.write(some, [])
    return frozenset(f"p{number}" for number in luck.sample(range(60), 25))


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("limit", [3, 1000])
def test_neither_found_nor_counted(searcher, many, query, newest_first, limit):
    every = searcher.search(parse(query), 1000, newest_first=newest_first)
    expected = [hit.key for hit in every.hits if hit.key not in many]
    found = searcher.search(parse(query), limit, newest_first=newest_first, hidden=many)
    assert [hit.key for hit in found.hits] == expected[:limit]
    assert (found.total, found.total_is_exact) == (len(expected), True)
    behind = searcher.search(parse(query), 3, 4, newest_first=newest_first, hidden=many)
    assert [hit.key for hit in behind.hits] == expected[4:7]


def test_a_page_stays_left_out_when_it_is_written_anew(writer, searcher, many, page, find):
    hidden = min(many)
    assert hidden not in find("pain", hidden=many)
    writer.write([page(hidden, "pain anew")], [])
    assert hidden not in find("pain", hidden=many)
    assert find("anew", hidden=many) == []
    assert find("anew") == [hidden]
    writer.write([page("p3", "pain again")], [hidden])
    assert find("again", hidden=many - {"p3"}) == ["p3"]
    assert hidden not in find("pain")


def test_a_page_that_comes_after_it_was_asked_for_is_left_out(writer, page, find):
    assert find("pain", hidden={"later"}) == []
    writer.write([page("later"), page("other")], [])
    assert find("pain", hidden={"later"}) == ["other"]


def test_it_holds_in_a_rebuilt_index(folder, searcher, many, page, find):
    with start_rebuild(folder) as rebuild:
        rebuild.add(page(f"p{number}") for number in range(60))
        rebuild.switch()
    assert len(find("pain", hidden=many)) == 35

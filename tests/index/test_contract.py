"""What any engine behind the doors must do."""

import datetime as dt
import sys
import threading

import pytest

from chartkeeper.index.language import parse
from chartkeeper.index.search import MAX_REACH_HITS
from chartkeeper.index.store import IndexInUse, IndexMissing


def test_a_page_is_found_as_soon_as_it_is_written(writer, searcher, find, page, day):
    writer.write(
        [page("p1", "no fracture", type="lab_report", mrn="007", service_date=day("2024-03-05"))],
        [],
    )
    assert find("fractures") == ["p1"]
    (hit,) = searcher.search(parse("fracture"), 10).hits
    assert (hit.key, hit.type, hit.mrn, hit.service_date) == (
        "p1",
        "lab_report",
        "007",
        day("2024-03-05"),
    )
    assert hit.score > 0


def test_a_deleted_page_is_not_found(writer, searcher, find, page):
    writer.write([page(str(number)) for number in range(10)], [])
    assert len(find("chest")) == 10
    writer.write([], ["3", "never there"])
    assert "3" not in find("chest")
    assert (writer.count(), searcher.count()) == (9, 9)
    assert searcher.indexed(["3", "4", "?"]) == {"4"}
    assert sorted(searcher.keys()) == [str(number) for number in range(10) if number != 3]


def test_a_relinked_page_is_found_under_the_new_number_only(writer, find, page):
    writer.write([page("p1", mrn="111", patient="Garcia Maria"), page("p2", mrn="111")], [])
    assert find("mrn:111") == ["p1", "p2"]
    for round_number in range(20):
        new, old = (("222", "111"), ("111", "222"))[round_number % 2]
        writer.write([page("p1", mrn=new, patient="Lopez Juan")], [])
        assert find(f"mrn:{new} -p2").count("p1") == 1
        assert "p1" not in find(f"mrn:{old}")
        assert find("chest") == ["p1", "p2"]
        assert find("patient:garcia") == []


def test_the_last_of_equal_keys_in_a_batch_counts(writer, find, page):
    writer.write([page("p1", "first"), page("p1", "second")], ["p1"])
    assert find("first") == []
    assert find("second") == ["p1"]


def test_an_empty_batch_and_unknown_deletes_are_nothing(writer, searcher):
    writer.write([], [])
    writer.write([], ["unknown"])
    assert searcher.count() == 0


def test_deletes_and_adds_over_many_merges(writer, find, page):
    """Some 60 commits, each with a delete, merge many times over."""
    expected = set()
    for number in range(60):
        writer.write([page(f"p{number}")], [f"p{number - 7}"] if number % 3 == 0 else [])
        expected.add(f"p{number}")
        if number % 3 == 0:
            expected.discard(f"p{number - 7}")
        assert find("chest") == sorted(expected)
    assert find("*") == sorted(expected)
    assert find("-fever") == sorted(expected)


def test_an_open_searcher_sees_each_commit_of_another_writer(folder, backend, writer, page, find):
    early = backend.searcher(folder)
    for number in range(12):
        writer.write([page(f"p{number}")], [])
        assert len(find("pain", early)) == number + 1


def test_a_second_writer_is_refused(folder, backend, writer):
    with pytest.raises(IndexInUse, match="Another process is writing"):
        backend.writer(folder)
    writer.close()
    backend.writer(folder).close()


def test_no_index_yet(tmp_path, backend):
    for door in (backend.writer, backend.searcher):
        with pytest.raises(IndexMissing, match="chartkeeper reindex"):
            door(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_newest_first_puts_undated_pages_last(writer, searcher, page, day):
    dates = {"a": None, "b": day("1931-01-02"), "c": day("2024-12-31"), "d": day("2024-02-01")}
    for key, date in dates.items():
        writer.write([page(key, service_date=date)], [])
    hits = searcher.search(parse("chest"), 10, newest_first=True)
    assert [hit.key for hit in hits.hits] == ["c", "d", "b", "a"]
    assert (hits.total, hits.total_is_exact) == (4, True)


def test_leafing_through_shows_each_page_once(writer, searcher, page, day):
    for start in (0, 20, 40):
        pages = [
            page(f"p{n}", "pain " * (n % 5 + 1), service_date=day("2024-01-01"))
            for n in range(start, start + 20)
        ]
        writer.write(pages, [])
    for newest_first in (False, True):
        seen = [
            hit.key
            for offset in range(0, 60, 7)
            for hit in searcher.search(parse("pain"), 7, offset, newest_first=newest_first).hits
        ]
        assert sorted(seen) == sorted(f"p{n}" for n in range(60))


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (10, -1), (MAX_REACH_HITS, 1)])
def test_unreasonable_pages_of_hits_are_refused(searcher, limit, offset):
    with pytest.raises(ValueError, match="ask for"):
        searcher.search(parse("pain"), limit, offset)


@pytest.mark.parametrize("query", ["chest", '"chest pain"', "che*", "*", "-fever", "date:2020.."])
def test_time_runs_out(writer, searcher, page, query):
    writer.write([page(f"p{n}", service_date=dt.date(2024, 1, 1)) for n in range(50)], [])
    for newest_first in (False, True):
        hits = searcher.search(parse(query), 10, budget_seconds=0.0, newest_first=newest_first)
        assert hits.timed_out
        assert not hits.total_is_exact
        assert hits.total < 50


def test_many_matches_are_counted_up_to_a_limit(writer, searcher, page):
    writer.write([page(f"p{n}", "pain" if n % 2 else "pain fever") for n in range(1200)], [])
    hits = searcher.search(parse("pain"), 10)
    assert hits.total >= 1000
    assert not hits.total_is_exact
    hits = searcher.search(parse("pain fever"), 10)
    assert (hits.total, hits.total_is_exact) == (600, True)


def test_a_prefix_of_too_many_words_stands_for_the_most_frequent(writer, searcher, page):
    rare = [page(f"r{n}", f"hyp{n:03}") for n in range(150)]
    writer.write([*rare, page("often1", "hypertension"), page("often2", "hypertension")], [])
    hits = searcher.search(parse("hyp*"), 1000)
    assert {"often1", "often2"} <= {hit.key for hit in hits.hits}
    assert not hits.total_is_exact


def test_threads_get_the_answers_of_one(writer, searcher, page):
    for start in range(0, 300, 60):
        writer.write(
            [page(f"p{n}", f"chest pain w{n % 7} x{n % 11}") for n in range(start, start + 60)], []
        )
    queries = [parse(text) for text in ("chest w3", '"pain w2"', "x4", "che* -x5", "w1 OR x2", "*")]
    expected = [searcher.search(query, 1000) for query in queries]
    wrong = []

    def hammer():
        for _ in range(10):
            wrong.extend(
                query
                for query, answer in zip(queries, expected, strict=True)
                if searcher.search(query, 1000) != answer
            )

    threads = [threading.Thread(target=hammer) for _ in range(6)]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(usual)
    assert wrong == []


PAGES = {
    "a": "No fracture. Hypertension, well controlled; happy.",
    "b": "Fractures of the left hip. X-ray of the hip: BP 120/80.",
    "c": "left x hip, Straße, García",
    "d": "deleted: no fracture of the left hip, hypertension 120/80",
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fracture", "ab"),
        ('"no fracture"', "a"),
        ("no", "a"),
        ('"fracture of the left"', "b"),
        ('"left hip"', "b"),
        ('"left x hip"', "c"),
        ('"the hip bp"', "b"),
        ("hypertensio*", "a"),
        ("happi*", ""),
        ("happy", "a"),
        ("x-ray 120/80", "b"),
        ("strasse garcia", "c"),
        ("type:letter", "abc"),
        ("-fracture", "c"),
        ("hip -left", ""),
        ("garcia -left", ""),
        ("date:2024-01", "abc"),
        ("-date:2023", "abc"),
        ("patient:garc*", "abc"),
        ("mrn:00-1", "abc"),
        ('patient:"maria garcia" "left hip"', "b"),
    ],
)
def test_what_queries_find(writer, find, page, day, query, expected):
    link = {
        "type": "letter",
        "mrn": "01",
        "patient": "García, Maria",
        "service_date": day("2024-01-31"),
    }
    writer.write([page(key, text, **link) for key, text in PAGES.items()], [])
    writer.write([], ["d"])
    assert "".join(find(query)) == expected


WRITTEN = {
    "a": "Chest xray for the followup. Parkinson disease. "
    "Aspirin bid, 10 mg. HbA1c, I10, El1.9 metastases",
    "b": "X-ray; follow-\nup. Parkinson's disease. "
    "Aspirin b.i.d., 10mg. HbAlc 110 E11.9 metastasis",
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        *((query, "ab") for query in ("xray", "x-ray", "followup", "follow-up", "xra*", "bid")),
        *((query, "ab") for query in ("b.i.d.", "10mg", "10 mg", '"10 mg"', "parkinson's")),
        *((query, "ab") for query in ('"parkinsons disease"', "metastases", "metastasis")),
        *((query, "ab") for query in ("HbA1c", "E11.9", '"parkinson disease aspirin"')),
        *((query, "b") for query in ('"x-ray"', '"follow up"', "110", "-xray OR 110")),
        *((query, "a") for query in ("I10", "chest x-ray", "-110")),
        *((query, "") for query in ('"metastasis xray"', '"xray followup"', "E11.8", "1o")),
    ],
)
def test_words_are_found_however_they_are_written_and_codes_as_they_are_read(
    writer, find, page, query, expected
):
    writer.write([page(key, text) for key, text in WRITTEN.items()], [])
    assert "".join(find(query)) == expected


def test_a_deleted_page_is_not_found_by_ranking(writer, searcher, page):
    """The best page of all begins a block that the engine skips to, and is deleted."""
    best, good, poor = "pain " * 9, "pain " * 5, "pain " + "and other words " * 20
    texts = [poor] * 10 + [good] * 20 + [poor] * 226 + [best] + [poor] * 200
    writer.write([page(f"p{n:03}", text) for n, text in enumerate(texts)], [])
    assert searcher.search(parse("pain"), 10).hits[0].key == "p256"
    writer.write([], ["p256"])
    hits = searcher.search(parse("pain"), 10).hits
    assert [hit.key for hit in hits] == [f"p{n:03}" for n in range(10, 20)]


def test_all_matches_are_counted_whatever_the_order(writer, searcher, page):
    poor, good = "pain fever " + "and other words " * 9, "pain fever " * 3
    writer.write([page(f"g{n}", poor if n < 5 else good) for n in range(300)], [])
    writer.write([page(f"p{n}", poor) for n in range(300)], [])
    for query in ("pain AND fever", '"pain fever"', "pain OR fever", "fever -zebra", "fev*"):
        hits = searcher.search(parse(query), 5)
        assert (hits.total, hits.total_is_exact) == (600, True)

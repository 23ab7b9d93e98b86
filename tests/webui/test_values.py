"""The small decisions behind the pages."""

import socket
import threading
from datetime import UTC, date, datetime, timedelta
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartkeeper.index.language import parse
from chartkeeper.index.query import And, TypeIs
from chartkeeper.index.tokens import QueryError
from chartkeeper.ocr.page import Box, Word
from chartkeeper.records.model import Role
from chartkeeper.webui import clock, current
from chartkeeper.webui.address import is_loopback
from chartkeeper.webui.app import create_app
from chartkeeper.webui.errors import FormInvalid, PublicHost
from chartkeeper.webui.marks import hit_marks, hits_on, text_lines
from chartkeeper.webui.numbers import number, optional
from chartkeeper.webui.refine import SearchForm, packed, query_of, unpacked
from chartkeeper.webui.serve import serve
from chartkeeper.webui.shown import share, size
from chartkeeper.webui.walk import Run, Walk, walk

fields = st.text(max_size=60)


def words(*lines):
    made = []
    for row, line in enumerate(lines):
        for at, text in enumerate(line.split()):
            made.append(Word(text, Box(at * 100, row * 40, 80, 30), 0.9, row))
    return made


@given(text=fields, patient=fields)
def test_a_filter_always_narrows_whatever_else_was_typed(text, patient):
    form = SearchForm(text=text, type="lab_report", patient=patient)
    try:
        query = parse(query_of(form))
    except QueryError:
        return
    parts = query.parts if isinstance(query, And) else (query,)
    assert TypeIs("lab_report") in parts


@given(st.builds(SearchForm, fields, fields, fields, fields, fields))
def test_a_kept_search_comes_back_as_it_was(form):
    assert unpacked(packed(form)) == form


@given(st.text(max_size=30))
def test_whatever_is_sent_as_a_number_is_taken_calmly(text):
    assert number(text) >= 0
    assert optional(text) is None or optional(text) >= 0


@given(st.text(max_size=30))
def test_whatever_is_sent_as_a_date_is_a_date_or_refused(text):
    try:
        day = clock.read_day(text, "The date")
    except FormInvalid:
        return
    assert day is None or clock.day_begins(day) < clock.day_ends(day)


@pytest.mark.parametrize("text", ["19610307", "2024-W01-1", "2024-02-30", " 2024-01-01", "1-1-1"])
def test_a_day_is_written_in_one_way_only(text):
    with pytest.raises(FormInvalid, match="year-month-day"):
        clock.read_day(text, "The date")


def test_words_without_filters_stay_as_they_were_typed():
    assert query_of(SearchForm(text=' chest "pain" ')) == 'chest "pain"'


@pytest.mark.parametrize(
    ("form", "query"),
    [
        (SearchForm(type="letter"), "type:letter"),
        (SearchForm(text="*", patient="lee ann"), 'patient:"lee* ann*"'),
        (SearchForm(text="*", patient="Li, Wei-X"), 'patient:"Li Wei-X"'),
        (SearchForm(text="pain", patient='o"hara'), 'pain patient:"o hara*"'),
        (SearchForm(text="a OR b", until="2024-02-29"), "(a OR b) date:..2024-02-29"),
    ],
)
def test_filters_in_the_query_language(form, query):
    assert query_of(form) == query


def test_neighbouring_hits_are_one_mark_and_lines_are_not_joined():
    page = words("chest pain today", "pain again")
    hits = hits_on(page, parse("chest pain"))
    marks = hit_marks(page, hits)
    assert [(mark.label, mark.box) for mark in marks] == [
        ("chest pain", Box(0, 0, 180, 30)),
        ("pain", Box(0, 40, 80, 30)),
    ]
    lines = [[(piece.text, piece.marked) for piece in line] for line in text_lines(page, hits)]
    assert lines == [[("chest pain", True), ("today", False)], [("pain", True), ("again", False)]]


@given(st.lists(st.text("ab ", min_size=1, max_size=9), max_size=5))
def test_the_text_is_whole_whatever_is_marked(rows):
    page = words(*rows)
    lines = text_lines(page, hits_on(page, parse("a OR b")))
    shown = " ".join(piece.text for line in lines for piece in line)
    assert shown.split() == [word.text for word in page]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 minutes"), (1, "1 minute"), (59, "59 minutes"), (60, "1 hour"), (2 * 1440, "2 days")],
)
def test_waiting_in_words(minutes, words):
    then = datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.waited(then, then + timedelta(minutes=minutes)) == words


def test_a_day_begins_and_ends_where_the_service_stands():
    begins, ends = clock.day_begins(date(2026, 5, 1)), clock.day_ends(date(2026, 5, 1))
    assert begins.astimezone().hour == 0
    assert ends.astimezone().date() == date(2026, 5, 2)


def test_a_confidence_is_never_rounded_up_to_certainty():
    assert share(0.9999).startswith("99")


@pytest.mark.parametrize(("count", "text"), [(3, "3 bytes"), (1500, "2 KB"), (10**9, "1 GB")])
def test_sizes(count, text):
    assert size(count) == text


def test_a_role_includes_those_below_it():
    assert current.may(Role.ADMINISTRATOR, Role.CLERK)
    assert current.may(Role.CLERK, Role.CLERK)
    assert not current.may(Role.STAFF, Role.CLERK)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine_is_this_machine(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "charts.example.org", ""])  # noqa: S104 - must be refused
def test_listening_to_other_machines_is_refused(home, host):
    with pytest.raises(PublicHost, match="behind_proxy"):
        serve(create_app(home.parts), host, 0)


def test_behind_a_proxy_its_word_on_the_address_counts_one_hop_far(home):
    app = create_app(home.parts)
    seen = []
    app.after_request(lambda answer: seen.append(current.address()) or answer)
    port = _free_port()
    arguments = (app, "127.0.0.1", port)
    thread = threading.Thread(
        target=serve, args=arguments, kwargs={"behind_proxy": True}, daemon=True
    )
    thread.start()
    ask(port, {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert seen == ["198.51.100.7"]


def test_without_a_proxy_such_a_word_is_not_heard(home):
    app = create_app(home.parts)
    seen = []
    app.after_request(lambda answer: seen.append(current.address()) or answer)
    port = _free_port()
    threading.Thread(target=serve, args=(app, "127.0.0.1", port), daemon=True).start()
    assert ask(port, {"X-Forwarded-For": "203.0.113.9"}) == b'{"status":"ok"}\n'
    assert seen == ["127.0.0.1"]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, headers):
    wanted = Request(f"http://127.0.0.1:{port}/health", headers=headers)
    for _ in range(50):
        try:
            with urlopen(wanted, timeout=5) as answer:
                return answer.read()
        except URLError:
            threading.Event().wait(0.1)
    raise AssertionError("the service did not come up")


def test_the_way_through_hits_goes_over_parts_that_have_none():
    counts = [1, 2, 0, 0, 3, 0, 0, 1]
    seen = walk(counts, 2, 2)
    assert (seen.total, seen.before, seen.here) == (7, 3, None)
    assert (seen.previous, seen.following, seen.end) == (Run(0, 1, 3), Run(4, 4, 6), Run(6, 7, 7))
    assert walk([0, 0], 0, 2) == Walk(0, 0, None, None, None, None, None)

"""Who may open what is restricted: the decision alone, the marks, and the check in the ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from ledger_steps import arrive, filing, read_all
from sqlalchemy.exc import IntegrityError

from chartkeeper.records import (
    documents,
    emergency,
    marking,
    merging,
    outbox,
    pages,
    patients,
    restricted,
    separation,
    suggestions,
)
from chartkeeper.records.access import (
    Access,
    ChartReason,
    DocumentReason,
    Grant,
    Reader,
    Subject,
    decide,
)
from chartkeeper.records.emergency import EmergencyReason, Wish
from chartkeeper.records.errors import (
    ChartRestricted,
    DocumentRestricted,
    EmergencyReviewed,
    OwnEmergency,
    UnknownEmergency,
)
from chartkeeper.records.model import Candidate, DocumentStatus, Patient, Role, User, mrn_key

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FILED, REVIEW, ASIDE = DocumentStatus.FILED, DocumentStatus.REVIEW, DocumentStatus.ASIDE
HIV, VIP = DocumentReason.HIV, ChartReason.VIP
KINDS = frozenset({"letter"})
STAFF, CLERK, ADMINISTRATOR = (
    Reader(role, NOW, restricted_types=KINDS)
    for role in (Role.STAFF, Role.CLERK, Role.ADMINISTRATOR)
)


def grant(patient_id, begun=NOW - timedelta(minutes=1), until=NOW + timedelta(minutes=1)):
    return Grant(7, patient_id, begun, until)


def test_every_combination_is_decided_as_the_page_on_it_says():
    """The rules once more, from the other end: who is let in, by which of the four ways."""
    flags = product([False, True], repeat=4)
    kinds, states = ("letter", "lab_report", None), (FILED, REVIEW, ASIDE)
    opened = set()
    for (marked, chart, may_be, anew), kind, state in product(flags, kinds, states):
        subject = Subject(1, state, kind, marked, chart, may_be, anew)
        for reader, right, grants in product(
            (STAFF, CLERK, ADMINISTRATOR), (False, True), ((), (grant(1),), (grant(2),))
        ):
            found = decide(replace(reader, restricted=right, grants=grants), subject)
            if not (marked or chart or may_be or anew or kind == "letter"):
                expected = {Access.OPEN}
            else:
                files = reader.role is not Role.STAFF and state in (REVIEW, ASIDE)
                urgent = grants == (grant(1),) and state is not ASIDE
                expected = {
                    *([Access.RIGHT] if right else []),
                    *([Access.TO_FILE] if files else []),
                    *([Access.EMERGENCY] if urgent else []),
                } or {Access.REFUSED}
            assert found in expected, (subject, reader)
            opened.add(found)
    assert opened == set(Access)


@pytest.mark.parametrize(
    ("begun", "until", "holds"),
    [
        (NOW, NOW + timedelta(minutes=60), True),
        (NOW - timedelta(minutes=60), NOW, False),
        (NOW + timedelta(seconds=1), NOW + timedelta(hours=1), False),
    ],
    ids=["begins now", "just over", "the clock was set back"],
)
def test_an_emergency_holds_from_its_first_moment_to_before_its_last(begun, until, holds):
    reader = replace(STAFF, grants=(grant(1, begun, until),))
    found = decide(reader, Subject(1, chart_marked=True))
    assert found is (Access.EMERGENCY if holds else Access.REFUSED)


@pytest.fixture
def two(ledger):
    """Two patients, and a document of the first that is filed, with a second one in its file."""
    with ledger.write() as connection:
        for mrn in ("111", "222"):
            new = Patient(0, mrn, mrn_key(mrn), f"Person{mrn}", "Ada", NOW.date())
            patients.save(connection, new)
        scan = arrive(connection, NOW, "a", page_count=3)
        read_all(connection, NOW, scan)
        for first, last, mrn in ((1, 2, "111"), (3, 3, "222")):
            person = patients.by_mrn(connection, mrn)
            run = replace(filing(person.id), first_page=first, last_page=last)
            documents.file(connection, scan, run, NOW)
    return ledger


def as_reader(ledger, reader=STAFF):
    return ledger.on_behalf_of(lambda: reader)


# Every function of the ledger that gives away what is in a document, and what is read then.
GIVE_AWAY = {
    "facts": lambda c: documents.facts(c, 1),
    "history": lambda c: documents.history(c, 1),
    "candidates": lambda c: documents.candidates_of(c, 1),
    "suggestions": lambda c: suggestions.open_ones(c, 1),
    "marks": lambda c: marking.history_of_document(c, 1),
    "words": lambda c: pages.words(c, 1),
    "texts": lambda c: pages.texts_of_document(c, 1),
    "page": lambda c: pages.facts_of_page(c, 1),
    "page in document": lambda c: pages.facts_in_document(c, 1, 1),
    "pages of document": lambda c: pages.facts_of_document(c, 1),
    "pages of file": lambda c: pages.facts_of_scan(c, 1),
}


@pytest.mark.parametrize("name", GIVE_AWAY)
def test_what_gives_away_a_document_asks_whether_it_may(two, name):
    with as_reader(two).read() as connection:
        GIVE_AWAY[name](connection)
    with two.write() as connection:
        marking.mark_document(connection, 1, HIV, "clerk", NOW)
    with as_reader(two).read() as connection, pytest.raises(DocumentRestricted):
        GIVE_AWAY[name](connection)
    for allowed in (two, as_reader(two, replace(STAFF, restricted=True))):
        with allowed.read() as connection:
            GIVE_AWAY[name](connection)


def numbers(found):
    return [item.document.id for item in found]


@pytest.mark.parametrize("reader", [STAFF, CLERK, ADMINISTRATOR])
def test_lists_leave_out_what_is_marked(two, reader):
    with two.write() as connection:
        marking.mark_document(connection, 1, HIV, "clerk", NOW)
        assert numbers(documents.of_scan(connection, 1)) == [1, 2]
        assert restricted.hidden_pages(connection) == frozenset()
    with as_reader(two, reader).read() as connection:
        assert numbers(documents.of_scan(connection, 1)) == [2]
        assert list(documents.by_ids(connection, [1, 2])) == [2]
        assert numbers(documents.chart(connection, 1)) == []
        assert [page.page_id for page in outbox.pages_for_index(connection, [1, 2, 3])] == [3]
        assert restricted.hidden_pages(connection) == {1, 2}
        assert restricted.hidden_in_chart(connection, 1) == 1
        assert restricted.hidden_in_chart(connection, 2) == 0
        assert restricted.hidden_in_scan(connection, 1) == 1
        assert restricted.hiding_scans(connection, [1]) == {1}


def test_a_marked_chart_is_closed_with_all_in_it(two):
    with two.write() as connection:
        marking.mark_chart(connection, 1, VIP, "clerk", NOW)
    with as_reader(two).read() as connection:
        with pytest.raises(ChartRestricted):
            documents.chart(connection, 1)
        with pytest.raises(ChartRestricted):
            documents.may_belong(connection, 1, 10)
        with pytest.raises(ChartRestricted):
            marking.history_of_chart(connection, 1)
        with pytest.raises(DocumentRestricted):
            documents.facts(connection, 1)
        assert restricted.hidden_pages(connection) == {1, 2}
        assert numbers(documents.chart(connection, 2)) == [2]
    with as_reader(two, replace(STAFF, grants=(grant(1),))).read() as connection:
        assert numbers(documents.chart(connection, 1)) == [1]


def test_a_marked_chart_is_closed_when_nothing_is_in_it_yet(two):
    with two.write() as connection:
        new = Patient(0, "333", "333", "Person", "New", NOW.date())
        patients.save(connection, new)
        number = patients.by_mrn(connection, "333").id
        marking.mark_chart(connection, number, VIP, "clerk", NOW)
    with as_reader(two).read() as connection, pytest.raises(ChartRestricted):
        documents.chart(connection, number)


def test_a_type_may_be_restricted(two):
    reader = replace(STAFF, restricted_types=frozenset({"lab_report"}))
    with as_reader(two, reader).read() as connection:
        assert restricted.hidden_pages(connection) == {1, 2, 3}
        with pytest.raises(DocumentRestricted):
            documents.facts(connection, 1)


def test_what_may_belong_to_a_marked_chart_is_open_to_clerks_alone_until_it_is_filed(two):
    with two.write() as connection:
        scan = arrive(connection, NOW, "b", page_count=2)
        read_all(connection, NOW, scan)
        waits = filing(None, candidates=[Candidate(1, 2.0, "the name agrees")])
        number = documents.file(connection, scan, waits, NOW)
    with as_reader(two).read() as connection:
        documents.facts(connection, number)
    with two.write() as connection:
        marking.mark_chart(connection, 1, VIP, "clerk", NOW)
    with as_reader(two).read() as connection, pytest.raises(DocumentRestricted):
        documents.facts(connection, number)
    with as_reader(two).read() as connection:
        assert 4 in restricted.hidden_pages(connection)
    with as_reader(two, CLERK).read() as connection:
        documents.facts(connection, number)
        assert 4 not in restricted.hidden_pages(connection)


def test_the_set_of_hidden_pages_and_the_check_of_one_agree(two):
    """Two ways to ask the same: for a search the pages of all, for a look one document."""
    with two.write() as connection:
        marking.mark_document(connection, 1, HIV, "clerk", NOW)
        marking.mark_chart(connection, 2, VIP, "clerk", NOW)
        for name in "cd":
            scan = arrive(connection, NOW, name)
            read_all(connection, NOW, scan)
            waits = filing(None, candidates=[Candidate(2, 2.0, "the name agrees")])
            documents.file(connection, scan, waits, NOW)
        separation.split(connection, 4, 1, 2, "clerk", NOW)
    for reader in (STAFF, CLERK, replace(STAFF, grants=(grant(2),))):
        with as_reader(two, reader).read() as connection:
            hidden = restricted.hidden_pages(connection)
            every = [page.page_id for page in outbox.pages_for_index(connection, range(1, 9))]
            assert set(every) == set(range(1, 8)) - hidden


def test_marks_are_a_history_that_is_only_added_to(two):
    with two.write() as connection:
        assert marking.mark_document(connection, 1, HIV, "ann", NOW)
        assert not marking.mark_document(connection, 1, HIV, "bob", NOW)
        assert marking.mark_document(connection, 1, None, "eve", NOW)
        told = marking.history_of_document(connection, 1)
        assert [(one.reason, one.by) for one in told] == [("hiv", "ann"), (None, "eve")]
        assert documents.facts(connection, 1).restricted is None
        assert marking.mark_chart(connection, 1, VIP, "ann", NOW)
        assert not marking.mark_chart(connection, 1, VIP, "ann", NOW)
        assert marking.mark_chart(connection, 1, None, "eve", NOW)
        told = marking.history_of_chart(connection, 1)
        assert [(one.reason, one.by) for one in told] == [("vip", "ann"), (None, "eve")]
    for change in ("UPDATE restrictions SET decided_by = 'x'", "DELETE FROM restrictions"):
        with pytest.raises(IntegrityError, match="append-only"), two.write() as connection:
            connection.exec_driver_sql(change)


def test_pages_that_are_cut_off_stay_as_restricted_as_they_were(two):
    with two.write() as connection:
        marking.mark_document(connection, 1, HIV, "ann", NOW)
        version = documents.facts(connection, 1).version
        new = separation.split(connection, 1, version, 2, "bob", NOW)
        assert documents.facts(connection, new).restricted == "hiv"
        assert [one.by for one in marking.history_of_document(connection, new)] == ["bob"]


def test_pages_that_are_joined_are_as_restricted_as_the_stricter(two):
    with two.write() as connection:
        marking.mark_document(connection, 2, HIV, "ann", NOW)
        version = documents.facts(connection, 1).version
        separation.join(connection, 1, version, 2, "bob", NOW)
        assert documents.facts(connection, 1).restricted == "hiv"


def test_what_is_being_filed_anew_is_open_to_clerks_alone(two):
    with two.write() as connection:
        version = documents.facts(connection, 1).version
        new = separation.split(connection, 1, version, 2, "bob", NOW)
    for number in (1, new):
        with as_reader(two).read() as connection, pytest.raises(DocumentRestricted):
            documents.facts(connection, number)
        with as_reader(two, CLERK).read() as connection:
            documents.facts(connection, number)


def test_two_charts_that_become_one_are_as_restricted_as_the_stricter(two):
    with two.write() as connection:
        marking.mark_chart(connection, 1, VIP, "ann", NOW)
        one, other = (patients.get(connection, number) for number in (1, 2))
        merging.merge(connection, one, other, "bob", NOW)
        assert marking.mark_of_chart(connection, 2) is VIP


def test_a_list_that_brings_a_patient_up_to_date_leaves_the_mark(two):
    with two.write() as connection:
        marking.mark_chart(connection, 1, VIP, "ann", NOW)
        patients.save(connection, replace(patients.get(connection, 1), last="Married"))
        assert marking.mark_of_chart(connection, 1) is VIP


@pytest.fixture
def begun(two):
    """An emergency of somebody, who is also given back."""
    with two.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (id, name, role, password_hash, disabled, failures)"
            " VALUES (5, 'ann', 'staff', 'x', 0, 0)"
        )
        ann = User(5, "ann", Role.STAFF, disabled=False)
        wish = Wish(1, EmergencyReason.TREATMENT, "not responding", 60)
        return two, ann, emergency.begin(connection, ann, wish, NOW)


def test_an_emergency_lasts_until_its_time_or_until_its_owner_ends_it(begun):
    ledger, ann, given = begun
    later = NOW + timedelta(minutes=20)
    with ledger.write() as connection:
        assert emergency.live_of(connection, ann.id, NOW) == (given,)
        assert emergency.live_of(connection, ann.id, NOW + timedelta(minutes=60)) == ()
        assert emergency.live_of(connection, ann.id + 1, NOW) == ()
        assert emergency.end(connection, given.id, ann.id + 1, later) is None
        assert emergency.end(connection, given.id, ann.id, later) == given
        assert emergency.live_of(connection, ann.id, later) == ()
        assert emergency.end(connection, given.id, ann.id, later) is None
        assert emergency.get(connection, given.id).ended_at == later


def test_an_emergency_is_closed_once_by_somebody_else(begun):
    ledger, ann, given = begun
    other = User(6, "bob", Role.ADMINISTRATOR, disabled=False)
    with ledger.write() as connection:
        assert emergency.count_open(connection) == 1
        with pytest.raises(OwnEmergency):
            emergency.review(connection, given.id, ann, "it was me", NOW)
        with pytest.raises(UnknownEmergency):
            emergency.review(connection, given.id + 1, other, "what", NOW)
        emergency.review(connection, given.id, other, "asked the ward", NOW)
        with pytest.raises(EmergencyReviewed, match="bob"):
            emergency.review(connection, given.id, other, "again", NOW)
        assert emergency.count_open(connection) == 0
        assert emergency.open_ones(connection, 10) == []
        (told,) = emergency.reviewed(connection, 10)
        assert (told.reviewed_by, told.review_note) == ("bob", "asked the ward")

"""Searching: what is found, what is left out because the ledger knows better, and what is said."""

import re
import shutil
from html import unescape

import pytest

from chartkeeper.index.search import open_searcher
from chartkeeper.index.tokens import QueryError
from chartkeeper.records import documents, merging, patients
from chartkeeper.records.access_log import Event
from chartkeeper.records.documents import Verdict
from chartkeeper.webui.finding import find_pages

from .conftest import filing, make_patient
from .paper import drawn


def found(home, query, limit=20, offset=0):
    searcher = open_searcher(home.parts.index_folder)
    return find_pages(home.parts.ledger, searcher, query, limit, offset)


def relink(home, document_id, patient, now, kind="lab_report", day=None):
    """Somebody decides otherwise, and the index does not know yet."""
    with home.parts.ledger.write() as connection:
        facts = documents.facts(connection, document_id)
        verdict = Verdict(kind, patient.id, day or facts.service_date)
        documents.decide(connection, document_id, facts.version, verdict, "clerk", now)


def test_a_hit_says_all_that_the_ledger_knows(home, charts):
    (hit,) = found(home, "sodium").hits
    assert (hit.document_id, hit.page, hit.type) == (charts.lab, 2, "lab_report")
    assert (hit.mrn, hit.patient_name) == ("0012345", "Samplewood, Ada")
    assert hit.file == 'Samplewood "lab" 0012345.tif'
    assert hit.service_date.isoformat() == "2024-03-05"
    assert [piece.text for piece in hit.snippet if piece.marked] == ["Sodium"]


def test_a_hit_counts_pages_as_its_document_does(home, charts, staff):
    sheets = [drawn(1, "first"), drawn(2, "second"), drawn(3, "third zebra")]
    scan = home.take_in("three.tif", sheets)
    home.file(scan, filing(1, "letter", charts.eve, None))
    home.file(scan, filing(3, "progress_note", charts.eve, None, first=2))
    home.index()
    (hit,) = found(home, "zebra").hits
    assert (hit.page, hit.position, hit.pages) == (3, 2, 2)
    page = staff.search("zebra").text
    assert "Progress note, page 2 of 2</a>" in page
    assert "three.tif, page 3<" in page
    assert "Page 2 of 2</h2>" in staff.get(f"/documents/{hit.document_id}").text


def test_a_page_of_nobody_is_found_without_a_patient(home, charts):
    (hit,) = found(home, "colleague").hits
    assert (hit.mrn, hit.patient_name) == (None, None)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_of_hits_join_up_also_around_stale_ones(home, charts, now, limit):
    for number in range(5):
        sheets = [drawn(1, f"zebra number {number}")]
        home.file(home.take_in(f"{number}.tif", sheets), filing(1, "letter", charts.eve, None))
    home.index()
    relink(home, 5, charts.ada, now, "letter")
    seen = []
    for offset in range(0, 4, limit):
        seen += [hit.document_id for hit in found(home, "zebra", limit, offset).hits]
    assert sorted(seen) == [4, 6, 7, 8]


def test_an_answer_without_hits_is_an_answer(home):
    nothing = found(home, "nosuchword")
    assert (nothing.hits, nothing.total, nothing.stale) == ((), 0, 0)


def test_a_query_that_makes_no_sense_is_refused(home):
    with pytest.raises(QueryError):
        found(home, "(open")


def test_a_relinked_document_is_found_under_the_old_patient_no_more(home, charts, staff, now):
    relink(home, charts.lab, charts.eve, now)
    page = staff.search("mrn:12345").text
    assert "No page found" in page
    assert "2 hits were" in page
    assert "Samplewood" not in page.split("<main")[1].replace('value="', "")
    home.index()
    assert f"/documents/{charts.lab}" in staff.search("mrn:0055555").text


@pytest.mark.parametrize(("kind", "day"), [("letter", None), ("lab_report", "2020-02-02")])
def test_a_hit_whose_type_or_date_changed_is_stale(home, charts, now, kind, day):
    other = day and type(now.date()).fromisoformat(day)
    relink(home, charts.lab, charts.ada, now, kind, other)
    stale = found(home, "sodium")
    assert (stale.hits, stale.total, stale.stale) == ((), 0, 1)


def test_a_page_that_is_gone_from_the_ledger_is_stale(home, charts):
    with home.parts.ledger.write() as connection:
        connection.exec_driver_sql("UPDATE pages SET document_id = NULL WHERE number = 2")
    assert found(home, "sodium").stale == 1


def test_no_address_holds_what_was_looked_for(staff, charts):
    answer = staff.post("/search", {"text": "samplewood", "patient": "0012345"})
    assert answer.status_code == 303
    assert re.fullmatch(r"/search/[\w-]{22}", answer.location)


def test_filters_become_a_query_that_is_shown(staff, charts):
    page = staff.search(
        "potassium OR sodium", type="lab_report", patient="0012345", since="2024-01-01"
    ).text
    query = "(potassium OR sodium) type:lab_report mrn:&#34;0012345&#34; date:2024-01-01.."
    assert query in page
    assert "2 pages" in page
    assert '<option value="lab_report" selected>' in page


def test_filters_alone_are_a_search(staff, charts):
    assert "1 page" in staff.search(type="progress_note").text
    assert "1 page" in staff.search(patient="jose testerman").text
    assert "1 page" in staff.search("*", since="2024-04-01", until="2024-04-30").text


def test_nothing_asked_is_no_search(staff):
    assert staff.post("/search", {"text": "  "}).location == "/"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "(open"}, "At character 1"),
        ({"text": "a) OR (b", "type": "letter"}, "closes nothing"),
        ({"text": "pain", "since": "yesterday"}, "Write it as year-month-day"),
        ({"text": "pain", "since": "9999-12-31"}, "Write it as year-month-day"),
        ({"text": "pain", "since": "2024-02-01", "until": "2024-01-01"}, "Swap the two"),
        ({"text": "x" * 1100}, "at most 1000 characters"),
    ],
)
def test_what_is_wrong_with_a_search_is_said_beside_it(staff, fields, said):
    answer = staff.search(**fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_search_far_too_long_is_refused(staff):
    assert staff.post("/search", {"text": "x" * 2000}).status_code == 400
    assert staff.post("/search", {"text": "x" * 100_000}).status_code in {400, 413}


def test_nobody_sees_the_searches_of_others(staff, clerk, charts):
    location = staff.post("/search", {"text": "potassium"}).location
    assert clerk.get(location).status_code == 404
    assert "potassium" not in clerk.get(location).text


def test_a_missing_index_says_what_to_do_and_its_coming_is_noticed(home, staff, charts):
    location = staff.post("/search", {"text": "potassium"}).location
    shutil.move(home.parts.index_folder, home.folder / "aside")
    answer = staff.get(location)
    assert answer.status_code == 503
    assert "chartkeeper reindex" in answer.text
    shutil.move(home.folder / "aside", home.parts.index_folder)
    assert "3 pages" in staff.get(location).text


def test_many_hits_come_page_by_page(home, charts, staff):
    sheets = [drawn(number, f"zebra {number}") for number in range(1, 46)]
    home.file(home.take_in("long.tif", sheets), filing(45, "letter", charts.eve, None))
    home.index()
    location = staff.post("/search", {"text": "zebra"}).location
    first = staff.get(location).text
    assert "45 pages" in first
    assert "Page 1 of 3" in first
    last = staff.get(location + "?page=3").text
    assert last.count("<h3>") == 5
    assert 'start="41"' in last


def test_hits_are_marked_in_the_passage(staff, charts):
    assert "<mark>Potassium</mark>" in staff.search("potassium sodium").text


def test_a_chart_says_which_documents_in_review_may_belong_to_it(home, charts, staff, clerk):
    for patient in (charts.eve, charts.ada):
        said = staff.get(f"/patients/{patient.id}").text
        assert "1 document that may belong here waits in review" in " ".join(said.split())
        assert f"/review/{charts.waiting}" not in said
        assert f'href="/review/{charts.waiting}"' in clerk.get(f"/patients/{patient.id}").text
    assert home.log(event=Event.CHART_VIEW)[-1].detail["in_review"] == [charts.waiting]
    assert "may belong here" not in staff.get(f"/patients/{charts.jose.id}").text


def test_a_document_that_was_decided_waits_for_nobody(home, charts, staff, now):
    relink(home, charts.waiting, charts.eve, now, "letter", now.date())
    for patient in (charts.eve, charts.ada):
        assert "may belong here" not in staff.get(f"/patients/{patient.id}").text


@pytest.mark.parametrize(
    "who",
    [
        *("Samplewood 1961-03-07", "1961-03-07, ada", "1961-03-07", "samplew", "Ada Sample"),
        "Samplewood, Ada Quinn",
        *("0012345", "Samplewood, Ada L", "samplewood 0012345", "3/7/1961"),
    ],
)
def test_the_patient_filter_takes_what_the_patients_page_takes(staff, charts, who):
    page = staff.search("potassium", patient=who).text
    assert "2 pages" in page
    assert f"/documents/{charts.note}" not in page
    link = re.search(r'href="(/documents/1\?[^"#]+)', page)[1].replace("&amp;", "&")
    assert "2 hits" in staff.get(link).text
    people = staff.get(staff.post("/patients", {"patient": who}).location).text
    assert "1 patient<" in people


@pytest.fixture
def maureen(home, staff):
    """A page of somebody whose names have marks, blanks and a middle name in them."""
    born = make_patient("0440001", "O'Brien", "Mary-Ann", "1948-04-12", middle="Lucía")
    with home.parts.ledger.write() as connection:
        patients.save(connection, born)
        born = patients.by_mrn(connection, "0440001")
    sheet = drawn(1, "PROGRESS NOTE", "Penicillin allergy")
    home.file(home.take_in("obrien.tif", [sheet]), filing(1, "letter", born, "2024-05-01"))
    home.index()


@pytest.mark.parametrize(
    "who",
    [
        *("O'Brien", "O\u2019BRIEN, Mary-Ann", "obrien", "o'bri", "mary ann o'brien", "maryann"),
        *(
            "O'Brien, Mary Ann Lucía",
            "lucia o'brien",
            "Mary-Ann Lucia O'Brien",
            "Mary Ann L O'Brien",
        ),
    ],
)
def test_pages_are_found_by_names_as_papers_and_people_write_them(staff, maureen, who):
    assert "<h2>1 page<" in staff.search("penicillin", patient=who).text


@pytest.mark.parametrize(
    "who", ["o'brien", '"mary ann"', "\u201cO'Brien, Mary-Ann\u201d", "lucia", "o'bri*", "OBrien"]
)
def test_names_in_a_query_may_be_written_as_on_paper(staff, maureen, who):
    assert "<h2>1 page<" in staff.search(f"penicillin patient:{who}").text
    assert "No page found" in staff.search(f"potassium patient:{who}").text


def test_a_number_that_was_merged_finds_what_is_there_now(home, charts, staff, now):
    with home.parts.ledger.write() as connection:
        merging.merge(connection, charts.ada, charts.eve, "list", now)
    home.index()
    for asked in ("sodium mrn:12345", "mrn:0012345 sodium", "sodium -(mrn:12345 OR chest)"):
        found = "<h2>1 page<" in staff.search(asked).text
        assert found == (" -" not in asked)
    assert "Specimen, Eve" in staff.search("sodium mrn:12345").text
    assert "No page found" in staff.search("sodium mrn:67890").text


def test_hits_come_newest_first_on_request(home, charts, staff):
    for day, words in (("2023-01-01", "zebra " * 9), ("2025-01-01", "zebra"), (None, "zebra")):
        sheet = drawn(1, f"note {words}", f"of {day}")
        home.file(home.take_in(f"{day}.tif", [sheet]), filing(1, "letter", charts.eve, day))
    home.index()
    days = [re.findall(r'when"><span class="num">([^<]+)<', staff.search("zebra", order=order).text)
            for order in ("newest", "", "nonsense")]  # fmt: skip
    assert days[0] == ["2025-01-01", "2023-01-01", "\N{EN DASH}"]
    assert days[1] == days[2]
    assert days[1][0] == "2023-01-01"
    assert 'value="newest" selected' in staff.search("zebra", order="newest").text
    assert staff.post("/search", {"order": "newest"}).location == "/"


def test_operators_in_small_letters_are_offered_as_such(staff, charts):
    page = staff.search("sodium or chest", since="2024-01-01", order="newest").text
    assert "No page found" in page
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert "Search for sodium OR chest" in page
    again = re.search(r'(?s)aria-label="Search for operators">(.*?)</form>', page)[1]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', again))
    assert (fields["text"], fields["since"], fields["order"]) == (
        *("sodium OR chest", "2024-01-01", "newest"),
    )
    found = staff.search(**fields).text
    assert "<h2>2 pages<" in found
    assert "small letters" not in found


def test_a_code_read_as_a_number_is_found_by_the_second_search(home, staff, charts):
    sheet = drawn(1, "PROGRESS NOTE", "110 essential, HbAlc 7.1")
    home.file(home.take_in("code.tif", [sheet]), filing(1, "letter", charts.eve, "2024-06-01"))
    home.index()
    assert "<mark>HbAlc</mark>" in staff.search("hba1c").text
    page = staff.search("I10").text
    assert "No page found" in page
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert "<mark>110</mark>" in staff.search(unescape(fields["text"])).text


def test_a_birth_date_that_is_another_ones_finds_nobody_and_says_so(staff, charts):
    answer = staff.search("potassium", patient="Samplewood 1961-03-08")
    assert answer.status_code == 400
    assert "nobody of this name, number and birth date" in answer.text


def test_a_misread_word_is_found_by_a_second_search_that_is_offered(home, staff, charts):
    sheet = drawn(1, "LABORATORY REPORT", "Hemoglobln 13.2 Transferrln 240")
    scan = home.take_in("misread.tif", [sheet])
    document = home.file(scan, filing(1, "lab_report", charts.eve, "2024-06-01"))
    home.index()
    page = staff.search("hemoglobin transferrin", patient="Specimen").text
    assert "No page found" in page
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert (fields["text"], fields["patient"]) == ("hemoglobin~ AND transferrin~", "Specimen")
    found = staff.search(**fields).text
    assert f'href="/documents/{document}?' in found
    assert "<mark>Hemoglobln</mark>" in found
    assert "misread words, too" not in found


def test_numbers_and_phrases_are_not_offered_to_be_misread(staff, charts):
    for asked in ("0012345", '"chest pain"', "pai*"):
        assert "misread words, too" not in staff.search(asked).text


def test_an_open_quotation_mark_is_explained(staff, charts):
    assert "write another one behind the last word" in staff.search('"chest pain').text


def test_a_number_that_could_be_a_date_is_a_number(home, staff, charts):
    with home.parts.ledger.write() as connection:
        patients.save(connection, make_patient("19610307", "Trialman", "Tom", "2001-01-01"))
    people = staff.get(staff.post("/patients", {"patient": "19610307"}).location).text
    assert "Trialman" in people
    assert "Samplewood" not in people
    assert "mrn:&#34;19610307&#34;" in staff.search("potassium", patient="19610307").text


def test_a_number_that_nobody_has_is_explained_in_words_for_staff(staff, charts):
    for address in ("/patients/9999", "/documents/9999"):
        answer = staff.get(address)
        assert answer.status_code == 404
        assert "Check the number" in answer.text
        assert "chartkeeper patients" not in answer.text
        assert "the list and" not in answer.text

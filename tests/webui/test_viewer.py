"""The viewer: pictures, marks, text, evidence, and the original."""

import re
from io import BytesIO

import pytest
from originals import originals
from PIL import Image

from chartkeeper.ocr.page import PageKind
from chartkeeper.records import documents, pages, scans
from chartkeeper.records.access_log import Event

from .conftest import filing
from .paper import HEIGHT, WIDTH, drawn, find


def rects(page, kind):
    return re.findall(rf'<rect[^>]*class="{kind}"[^>]*x="(\d+)" y="(\d+)"', page)


def test_a_document_says_what_it_is_whose_and_where_it_came_from(charts, staff):
    page = staff.get(f"/documents/{charts.lab}").text
    for text in ("Laboratory report", "Samplewood, Ada", "0012345", "2024-03-05", "Filed"):
        assert text in page
    assert "Samplewood &#34;lab&#34; 0012345.tif" in page
    assert "97\N{NO-BREAK SPACE}%" in page
    assert "the title says so" in page


def test_pictures_are_lazy_sized_and_described(charts, staff):
    page = staff.get(f"/documents/{charts.lab}").text
    images = re.findall(r"<img src=\"/documents[^>]+>", page)
    assert len(images) == 2
    for image in images:
        assert 'loading="lazy"' in image
        assert f'width="{WIDTH}" height="{HEIGHT}"' in image
        assert "alt=" in image


@pytest.mark.parametrize("which", ["lab", "note", "waiting"])
def test_a_picture_is_a_jpeg_of_the_page_from_tiff_png_and_pdf(charts, staff, which):
    answer = staff.get(f"/documents/{getattr(charts, which)}/pages/1/image")
    assert answer.mimetype == "image/jpeg"
    with Image.open(BytesIO(answer.data)) as image:
        assert abs(image.width / image.height - WIDTH / HEIGHT) < 0.01


def test_pages_of_other_documents_are_not_shown(home, charts, staff):
    sheets = [drawn(1, "one"), drawn(2, "two")]
    scan = home.take_in("two.tif", sheets)
    first = home.file(scan, filing(1, "letter", charts.eve, None))
    second = home.file(scan, filing(2, "letter", charts.ada, None, first=2))
    assert staff.get(f"/documents/{first}/pages/2/image").status_code == 404
    assert staff.get(f"/documents/{second}/pages/2/image").status_code == 200
    assert staff.get("/documents/999").status_code == 404
    assert staff.get("/documents/999/pages/1/image").status_code == 404


def test_the_hits_of_a_search_are_marked_on_picture_and_text(charts, staff):
    link = re.search(r'href="(/documents/1\?[^"]+)"', staff.search("potassium").text)[1]
    page = staff.get(link.replace("&amp;", "&").split("#")[0]).text
    assert "2 hits" in page
    box = find(drawn(1, "", "", "Potassium 4.1 normal"), "Potassium")
    assert rects(page, "hit")[0] == (str(box.left - 6), str(box.top - 5))
    assert 'id="hit-1"' in page
    assert 'href="#hit-2"' in page
    assert page.count("<mark>Potassium</mark>") == 2
    assert f'viewBox="0 0 {WIDTH} {HEIGHT}"' in page


def test_a_phrase_is_one_mark(charts, staff):
    name = staff.post("/search", {"text": '"chest pain"'}).location.rsplit("/", 1)[1]
    page = staff.get(f"/documents/{charts.note}?search={name}").text
    assert len(rects(page, "hit")) == 1


def test_without_a_search_nothing_is_marked(charts, staff):
    page = staff.get(f"/documents/{charts.lab}?search=made-up").text
    assert "<rect" not in page
    assert "<mark>" not in page


def test_the_evidence_of_a_decision_is_marked_on_request(home, charts, staff):
    with home.parts.ledger.read() as connection:
        history = documents.history(connection, charts.lab)
    (decision,) = [item for item in history if item.decision.evidence]
    plain = staff.get(f"/documents/{charts.lab}").text
    assert "<rect" not in plain
    assert f"decision={decision.id}" in plain
    page = staff.get(f"/documents/{charts.lab}?decision={decision.id}").text
    assert len(rects(page, "for")) == 1
    assert "Marked: MRN: 0012345" in page
    assert "<rect" not in staff.get(f"/documents/{charts.note}?decision={decision.id}").text


def test_what_could_not_be_read_says_why(home, charts, staff):
    sheets = [drawn(1, "readable"), drawn(2), drawn(3, kind=PageKind.BLANK), drawn(4, "lost")]
    scan = home.take_in("odd.tif", sheets)
    with home.parts.ledger.write() as connection:
        lost = pages.facts_of_scan(connection, scan)[3]
        connection.exec_driver_sql("UPDATE pages SET state = 'reading' WHERE id = ?", (lost.id,))
        pages.fail(connection, lost.id, "The picture of the page is damaged. Scan it again.")
        connection.exec_driver_sql(f"DELETE FROM page_words WHERE page_id = {lost.id}")
    document = home.file(scan, filing(4, "letter", charts.eve, None))
    page = staff.get(f"/documents/{document}").text
    assert "The picture of the page is damaged. Scan it again." in page
    assert "No words were found on this page" in page
    assert "Blank page" in page
    assert staff.get(f"/documents/{document}/pages/4/image").status_code == 200


def test_a_long_document_comes_in_parts(home, charts, staff):
    sheets = [drawn(number, f"page {number}") for number in range(1, 61)]
    document = home.file(home.take_in("long.tif", sheets), filing(60, "letter", charts.eve, None))
    first = staff.get(f"/documents/{document}").text
    assert first.count('<section class="sheet"') == 25
    third = staff.get(f"/documents/{document}?page=55").text
    assert 'id="page-55"' in third
    assert third.count('<section class="sheet"') == 10
    assert "51\N{EN DASH}60" in third


def test_the_original_comes_back_byte_by_byte_under_a_neutral_name(home, charts, staff):
    with staff.get(f"/documents/{charts.lab}/original") as answer:
        body, disposition = answer.data, answer.headers["Content-Disposition"]
    assert disposition == "attachment; filename=document-1.tiff"
    with home.parts.ledger.read() as connection:
        sha256 = connection.exec_driver_sql("SELECT sha256 FROM scans WHERE id = 1").scalar_one()
    assert body == home.parts.vault.path(sha256).read_bytes()
    assert home.log(event=Event.DOWNLOAD)[0].detail == {"sha256": sha256}


def file_of_two(home, *owners):
    """A file with a document each of two patients; gives the number of the first."""
    scan = home.take_in("two.tif", [drawn(1, "one"), drawn(2, "two")])
    numbers = [
        home.file(scan, filing(page, "letter", who, None, first=page))
        for page, who in enumerate(owners, start=1)
    ]
    return numbers[0]


@pytest.mark.parametrize("other", ["ada", None])
def test_staff_get_no_file_with_papers_of_others_in_it(home, charts, staff, clerk, other):
    first = file_of_two(home, charts.eve, getattr(charts, other) if other else None)
    address = f"/documents/{first}/original"
    assert address not in staff.get(f"/documents/{first}").text
    answer = staff.get(address)
    assert answer.status_code == 403
    assert "papers of others" in answer.text
    denied = home.log(event=Event.DENIED)[-1]
    assert (denied.actor, denied.document_id) == ("staff", first)
    assert home.log(event=Event.DOWNLOAD) == []
    assert address in clerk.get(f"/documents/{first}").text


def test_a_file_of_one_patient_is_open_to_staff(home, charts, staff):
    first = file_of_two(home, charts.eve, charts.eve)
    address = f"/documents/{first}/original"
    assert address in staff.get(f"/documents/{first}").text
    with staff.get(address) as answer:
        assert answer.status_code == 200


def test_a_download_is_noted_for_everybody_in_the_file(home, charts, clerk):
    first = file_of_two(home, charts.eve, charts.ada)
    assert "also holds 1 other document" in clerk.get(f"/documents/{first}").text
    clerk.get(f"/documents/{first}/original").close()
    seen = {item.patient_id for item in home.log(event=Event.DOWNLOAD)}
    assert seen == {charts.eve.id, charts.ada.id}


def test_a_missing_original_says_what_to_do(home, charts, staff):
    for original in originals(home.folder / "vault"):
        home.parts.vault.path(original).unlink()
    answer = staff.get(f"/documents/{charts.lab}/pages/1/image")
    assert answer.status_code == 503
    assert "Restore it from the backup" in answer.text


def test_staff_do_not_see_to_whom_a_document_was_linked_before(home, charts, staff, clerk, now):
    with home.parts.ledger.write() as connection:
        verdict = documents.Verdict("lab_report", charts.eve.id, None)
        documents.decide(connection, charts.lab, 1, verdict, "clerk", now)
    about = staff.get(f"/documents/{charts.lab}").text.split("<aside")[1]
    assert "another patient" in about
    assert "Samplewood, Ada" not in about
    assert "Samplewood, Ada" in clerk.get(f"/documents/{charts.lab}").text.split("<aside")[1]
    looked = home.log(patient_id=charts.ada.id)
    assert [item.actor for item in looked] == ["clerk"]


def test_a_page_of_a_long_file_is_found_and_seen_before_the_last_one_is_read(home, charts, staff):
    sheets = [drawn(number, f"sheet{number} zebrafinch") for number in range(1, 23)]
    scan = home.take_in("long.tif", sheets)
    home.index()
    found = staff.get(staff.post("/search", {"text": "sheet7"}).location).text
    assert "Page 7 of a file that is still being read" in found
    with home.parts.ledger.read() as connection:
        page_id = next(p.id for p in pages.facts_of_scan(connection, scan) if p.number == 7)
    answer = staff.get(f"/pages/{page_id}/image")
    assert answer.mimetype == "image/jpeg"
    looked = home.log(event=Event.PAGE_VIEW)[-1]
    assert (looked.page, looked.detail) == (7, {"page_not_filed": page_id})
    assert home.log(event=Event.SEARCH)[-1].detail["pages_not_filed"] == [page_id]
    document = home.file(scan, filing(22, "letter", charts.eve, None))
    assert staff.get(f"/pages/{page_id}/image").location == f"/documents/{document}?page=7"
    home.index()
    assert (
        "Letter, page 7 of 22" in staff.get(staff.post("/search", {"text": "sheet7"}).location).text
    )


def test_a_page_that_does_not_exist_is_not_there(charts, staff):
    assert staff.get("/pages/999/image").status_code == 404


@pytest.mark.parametrize("digits", [20, 5000])
def test_a_number_that_no_ledger_holds_is_not_there(charts, administrator, digits):
    number = "9" * digits
    for address in (
        *(f"/documents/{number}", f"/documents/{number}/original", f"/pages/{number}/image"),
        *(f"/documents/{charts.lab}/pages/{number}/image", f"/patients/{number}"),
        *(f"/review/{number}", f"/batches/{number}"),
    ):
        assert administrator.get(address).status_code == 404


def test_an_original_is_saved_never_shown_and_runs_nothing(home, charts, staff):
    for document, kind in ((charts.lab, "image/tiff"), (charts.note, "image/png")):
        with staff.get(f"/documents/{document}/original") as answer:
            headers = answer.headers
        assert headers["Content-Type"] == kind
        assert headers["Content-Disposition"].startswith("attachment; filename=document-")
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"].split("; ")
        assert "sandbox" in policy
        assert "default-src 'none'" in policy


def test_the_type_of_an_original_is_what_it_is_not_what_its_name_says(home, charts, staff):
    scan = home.take_in("invoice.html", [drawn(1, "one")], "png")
    document = home.file(scan, filing(1, "letter", charts.eve, None))
    with staff.get(f"/documents/{document}/original") as answer:
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Content-Disposition"].endswith(".png")


def test_a_picture_of_a_page_runs_nothing_either(charts, staff):
    headers = staff.get(f"/documents/{charts.lab}/pages/1/image").headers
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" not in staff.get(f"/documents/{charts.lab}").headers["Content-Security-Policy"]


def test_a_page_that_cannot_be_drawn_shows_a_picture_that_says_so(home, charts, staff):
    with home.parts.ledger.read() as connection:
        sha256 = connection.exec_driver_sql("SELECT sha256 FROM scans WHERE id = 2").scalar_one()
    original = home.parts.vault.path(sha256)
    original.chmod(0o600)
    original.write_bytes(original.read_bytes()[:500])
    answer = staff.get(f"/documents/{charts.note}/pages/1/image")
    assert answer.status_code == 503
    assert answer.mimetype == "image/jpeg"
    with Image.open(BytesIO(answer.data)) as picture:
        dark, light = picture.convert("L").getextrema()
    assert (dark < 60, light > 200) == (True, True)


def test_a_picture_is_drawn_larger_on_request_within_limits(home, charts, staff):
    scan = home.take_in("wide.png", [drawn(1, "wide")], "png")
    with home.parts.ledger.read() as connection:
        sha256 = scans.get(connection, scan).sha256
    original = home.parts.vault.path(sha256)
    original.chmod(0o600)
    Image.new("L", (5000, 600), 255).save(original, "PNG")
    document = home.file(scan, filing(1, "letter", charts.eve, None))
    for asked, width in (
        ("", 1600),
        ("?width=3200", 3200),
        ("?width=99999", 3200),
        ("?width=-1", 1600),
    ):
        answer = staff.get(f"/documents/{document}/pages/1/image{asked}")
        with Image.open(BytesIO(answer.data)) as picture:
            assert picture.width == width

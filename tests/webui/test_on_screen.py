"""What a person sees and presses: the pages in a real browser, at the widths that people have."""

import re
import subprocess
import threading
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from pdf2image import convert_from_path
from PIL import Image
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from chartkeeper.records import accounts, aside, batches, emergency, marking, patients
from chartkeeper.records.access import ChartReason
from chartkeeper.records.access_log import Event
from chartkeeper.records.aside import Grounds, Reason
from chartkeeper.records.batches import Item
from chartkeeper.records.emergency import EmergencyReason, Wish
from chartkeeper.records.findings import Finding
from chartkeeper.records.model import Candidate, Evidence, ItemState, PersonName, Role
from chartkeeper.webui import viewer

from .conftest import LOOKS_SECONDS, PASSWORD, filing, make_patient
from .paper import drawn

DESK = {"width": 1366, "height": 768}
# A window of 1280 pixels at 400 %.
NARROW = {"width": 320, "height": 512}

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def address(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(LOOKS_SECONDS,), daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture
def window(chromium, context, address):
    """Opens a window in which somebody is logged in; faults that the browser reports fail.

    `media` is what its reader has asked the browser for.
    """
    faults, without = [], []

    def note(said):
        # That a page is refused is no fault of it.
        if said.type == "error" and "status of 403" not in said.text:
            faults.append(said.text)

    def opened(size=DESK, name="administrator", *, scripts=True, **media):
        if not scripts:
            without.append(chromium.new_context(java_script_enabled=False))
        page = (context if scripts else without[-1]).new_page()
        page.goto = lambda where: Page.goto(page, urljoin(address, where))
        page.set_viewport_size(size)
        page.emulate_media(**media)
        page.set_default_timeout(10_000)
        page.on("console", note)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("/login")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("searchbox")).to_be_visible()
        return page

    yield opened
    for one in without:
        one.close()
    assert faults == []


def width(locator):
    return locator.bounding_box()["width"]


def is_inside(inner, outer):
    a, b = inner.bounding_box(), outer.bounding_box()
    return (
        b["x"] - 1 <= a["x"]
        and a["x"] + a["width"] <= b["x"] + b["width"] + 1
        and b["y"] - 1 <= a["y"]
        and a["y"] + a["height"] <= b["y"] + b["height"] + 1
    )


def sideways(page):
    """How many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.parametrize("size", [DESK, NARROW])
@pytest.mark.parametrize("where", ["/documents/1", "/review/3"])
def test_a_page_is_enlarged_in_a_box_of_its_own_and_fits_again(window, charts, size, where):
    page = window(size)
    page.goto(where)
    box, image = page.locator(".picture").first, page.locator(".picture img").first
    before = width(image)
    for times in (1.5, 2, 3, 3):
        page.keyboard.press("+")
        assert width(image) == pytest.approx(before * times, abs=2)
    assert width(box) == pytest.approx(before, abs=3)
    assert sideways(page) <= 0
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())
    page.keyboard.press("-")
    assert width(image) == pytest.approx(before * 2, abs=2)
    page.get_by_role("button", name="Fit width").click()
    assert width(image) == pytest.approx(before, abs=2)
    expect(page.get_by_text("100 % of the width")).to_be_visible()


def test_the_log_in_page_fits_a_narrow_window(chromium, address):
    with chromium.new_context(viewport=NARROW, base_url=address) as context:
        page = context.new_page()
        page.goto("/login?why=idle")
        expect(page.get_by_label("Password")).to_be_visible()
        assert sideways(page) <= 0


def test_the_marks_grow_and_turn_with_the_page(window, charts):
    page = window()
    page.goto("/review/3")
    image, mark = page.locator(".picture img").first, page.locator(".picture rect").first
    small = width(mark)
    page.get_by_role("button", name="Larger").click()
    assert width(mark) == pytest.approx(small * 1.5, abs=2)
    page.keyboard.press("0")
    for upright in (False, True, False, True):
        page.get_by_role("button", name="Turn").click()
        place, box = image.bounding_box(), mark.bounding_box()
        assert (place["height"] > place["width"]) == upright
        assert (box["width"] > box["height"]) == upright
        assert is_inside(mark, image)
        assert is_inside(image, page.locator(".picture").first)


def test_an_enlarged_page_is_seen_to_its_end_below_what_stays_on_top(window, charts):
    low = {"width": 1366, "height": 500}
    page = window(low, reduced_motion="reduce")
    search(page, "potassium")
    page.locator("ol.hits h3 a").first.click()
    current(page)
    page.keyboard.press("+")
    bar, sheet = page.locator(".bar").bounding_box(), page.locator(".sheet").first.bounding_box()
    box = page.locator(".picture").first.bounding_box()
    assert bar["height"] + (box["y"] - sheet["y"]) + box["height"] < low["height"]


def test_the_next_document_is_shown_as_large_as_the_one_before(window, charts):
    page = window()
    page.goto("/documents/1")
    fits = width(page.locator(".picture img").first)
    page.keyboard.press("+")
    page.goto("/documents/2")
    assert width(page.locator(".picture img").first) == pytest.approx(fits * 1.5, abs=2)


def test_an_enlarged_page_is_asked_for_sharper_and_each_look_is_noted(window, home, charts):
    page = window()
    with page.expect_request("**/documents/2/pages/1/image"):
        page.goto("/documents/2")
    page.wait_for_load_state("networkidle")
    usual = len(home.log(event=Event.PAGE_VIEW))
    with page.expect_response(lambda answer: "width=" in answer.url) as asked:
        page.keyboard.press("+")
    assert parse_qs(urlsplit(asked.value.url).query) == {"width": ["3200"]}
    assert len(home.log(event=Event.PAGE_VIEW)) == usual + 1


def test_without_scripts_a_larger_picture_is_a_link(window, charts):
    page = window(scripts=False)
    page.goto("/documents/2")
    link = page.get_by_role("link", name="Larger picture of page 1")
    expect(link).to_have_attribute("href", "/documents/2/pages/1/image?width=3200")
    expect(page.get_by_role("button", name="Larger")).to_be_hidden()


def grey(page, box):
    """The grey values of a part of the window."""
    shot = page.screenshot(clip={name: round(value) for name, value in box.items()})
    with Image.open(BytesIO(shot)) as image:
        return list(image.convert("L").tobytes())


def test_marks_leave_the_words_to_be_read_at_400_percent_and_can_be_hidden(window, charts):
    page = window(NARROW)
    page.goto("/review/3")
    page.wait_for_load_state("networkidle")
    mark = page.locator(".picture rect.for")
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    marked = grey(page, box)
    page.get_by_role("checkbox", name="Marks").uncheck()
    expect(mark).to_be_hidden()
    bare = grey(page, box)
    darkened = [was > 170 and now < 120 for was, now in zip(bare, marked, strict=True)]
    assert sum(darkened) < len(darkened) / 20
    page.keyboard.press("m")
    expect(mark).to_be_visible()


def test_marks_can_be_hidden_without_scripts(window, charts):
    page = window(scripts=False)
    page.goto("/review/3")
    page.get_by_role("checkbox", name="Marks").uncheck()
    expect(page.locator(".picture rect.for")).to_be_hidden()


def test_the_keys_of_the_viewer_can_be_switched_off_and_stay_so(window, charts):
    page = window()
    page.goto("/documents/1")
    image = page.locator(".picture img").first
    fits = width(image)
    page.get_by_role("checkbox", name="Single keys").uncheck()
    page.keyboard.press("+")
    assert width(image) == pytest.approx(fits, abs=1)
    page.goto("/documents/2")
    expect(page.get_by_role("checkbox", name="Single keys")).not_to_be_checked()
    page.keyboard.press("+")
    assert width(image) == pytest.approx(fits, abs=1)
    page.get_by_role("checkbox", name="Single keys").check()
    page.keyboard.press("+")
    assert width(image) == pytest.approx(fits * 1.5, abs=2)


def test_the_keys_that_walk_through_hits_can_be_switched_off(window, charts):
    page = window()
    search(page, "potassium")
    page.locator("ol.hits h3 a").first.click()
    page.get_by_role("checkbox", name="Single keys").uncheck()
    hit = page.locator(".hit.here")
    before = hit.get_attribute("id")
    page.keyboard.press("n")
    assert hit.get_attribute("id") == before


def search(page, words):
    page.goto("/")
    page.get_by_role("searchbox").fill(words)
    page.get_by_role("button", name="Search").click()
    expect(page.locator("ol.hits")).to_be_visible()


@pytest.fixture
def long_chart(home, charts):
    """A document of 60 pages with the word on pages 1, 2 (twice), 24 and 51."""
    said = {1: "zebra", 2: "zebra here and zebra there", 24: "a zebra", 51: "the last zebra"}
    sheets = [drawn(number, said.get(number, "nothing")) for number in range(1, 61)]
    document = home.file(home.take_in("long.tif", sheets), filing(60, "letter", charts.eve, None))
    home.index()
    return document


def current(page):
    expect(page.locator(".hit.here")).to_have_count(1)
    hit = page.locator(".hit.here")
    expect(hit).to_be_in_viewport()
    expect(hit).to_have_attribute("aria-current", "true")
    return hit.get_attribute("id")


def test_a_hit_opens_on_itself_and_the_walk_goes_on_from_there(window, long_chart):
    page = window()
    search(page, "zebra")
    page.get_by_role("link", name="Letter, page 2 of 60", exact=True).click()
    assert current(page) == "hit-2"
    said = page.locator(".hit-links [role=status]")
    expect(said).to_have_text("Hit 2 of 5, page 2: zebra")
    page.keyboard.press("n")
    assert current(page) == "hit-3"
    expect(page.locator(".numbers [aria-current]")).to_have_text("3")
    page.keyboard.press("p")
    page.keyboard.press("p")
    assert current(page) == "hit-1"
    expect(said).to_have_text("Hit 1 of 5, page 1: zebra")


def test_the_walk_through_hits_leads_from_part_to_part_and_round(window, long_chart):
    page = window()
    search(page, "zebra")
    page.locator("ol.hits h3 a", has_text="page 24").click()
    expect(page.locator(".hit-links")).to_contain_text("5 hits")
    assert current(page) == "hit-4"
    page.keyboard.press("n")
    page.wait_for_url("**page=51**")
    assert current(page) == "hit-5"
    expect(page.locator(".hit-links")).to_contain_text("5 hits")
    page.keyboard.press("n")
    page.wait_for_url("**page=1&**")
    assert current(page) == "hit-1"
    page.keyboard.press("p")
    page.wait_for_url("**page=51**")
    assert current(page) == "hit-5"


def test_a_part_without_hits_leads_to_those_around_it(window, long_chart):
    page = window(scripts=False)
    search(page, "zebra")
    page.locator("ol.hits h3 a", has_text="page 24").click()
    expect(page.locator("#hit-4")).to_be_in_viewport()
    page.get_by_role("link", name="26\N{EN DASH}50").click()
    expect(page.get_by_role("link", name="← Hits 1\N{EN DASH}4")).to_be_visible()
    page.get_by_role("link", name="Hit 5 →").click()
    expect(page.locator("#hit-5")).to_be_in_viewport()


def test_of_a_very_long_document_the_hits_of_the_part_shown_are_counted(
    window, long_chart, monkeypatch
):
    monkeypatch.setattr(viewer, "COUNTED_PAGES", 59)
    page = window()
    search(page, "zebra")
    page.locator("ol.hits h3 a", has_text="page 51").click()
    expect(page.locator(".hit-links")).to_contain_text("1 hit")
    assert current(page) == "hit-1"


LONG = "Wolkenkuckucksheim" * 6


@pytest.fixture
def long_names(home, charts):
    """Somebody with a name as long as names may get, everywhere where names are shown."""
    with home.parts.ledger.write() as connection:
        accounts.add_user(connection, LONG[:80], Role.ADMINISTRATOR, PASSWORD)
        aliases = (PersonName(LONG, LONG),)
        longest = make_patient("9" * 40, LONG, LONG, "1961-03-07", aliases=aliases, city=LONG)
        patients.save(connection, longest)
        patient = patients.by_mrn(connection, longest.mrn)
        batch = batches.start(connection, LONG, "0" * 64, datetime.now(UTC), by_list=True)
        item = Item(2, ItemState.MISSING, "/old", LONG, (Finding.NOT_THERE,), box=LONG, label=LONG)
        batches.add(connection, batch.id, [item])
    sheets = [drawn(1, "zebra")]
    scan = home.take_in(f"{LONG}.tif", sheets)
    document = home.file(scan, filing(1, "letter", patient, "2024-03-05"))
    evidence = [Evidence(1, sheets[0].words[0].box, LONG, "surname", 3)]
    candidates = [Candidate(patient.id, 2.0, LONG, evidence)]
    waits = filing(1, None, None, None, candidates=candidates, reason=LONG)
    waiting = home.file(home.take_in(f"x{LONG}.tif", [drawn(1, "yak")]), waits)
    out = home.file(home.take_in(f"y{LONG}.tif", [drawn(1, "emu")]), waits)
    grounds = Grounds(Reason.OTHER, LONG)
    with home.parts.ledger.write() as connection:
        aside.set_aside(connection, out, 1, grounds, LONG[:80], datetime.now(UTC))
    home.index()
    return patient, document, waiting, out


def closed_chart(home, note):
    """Eve's chart is restricted, and two administrators opened others in an emergency."""
    with home.parts.ledger.write() as connection:
        now = datetime.now(UTC)
        marking.mark_chart(connection, 3, ChartReason.VIP, "clerk", now)
        for user in accounts.all_users(connection):
            if user.role is Role.ADMINISTRATOR:
                wish = Wish(1, EmergencyReason.TREATMENT, note, 60)
                given = emergency.begin(connection, user, wish, now)
        by = accounts.get_user(connection, "clerk")
        emergency.review(connection, given.id, by, note, now)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_in_an_emergency_a_chart_is_opened_and_closed_by_keyboard_alone(
    window, home, charts, scripts
):
    with home.parts.ledger.write() as connection:
        marking.mark_chart(connection, charts.ada.id, ChartReason.VIP, "clerk", datetime.now(UTC))
    page = window(name="staff", scripts=scripts)
    page.goto(f"/patients/{charts.ada.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not open to your account")
    page.get_by_role("link", name="Emergency access").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Emergency treatment of this patient").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("not responding")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Samplewood, Ada")
    bar = page.get_by_role("complementary", name=f"Emergency access to chart {charts.ada.id}")
    expect(bar).to_contain_text("until")
    page.get_by_role("link", name="Laboratory report").click()
    expect(bar).to_be_visible()
    page.get_by_role("button", name=re.compile("End emergency access")).focus()
    page.keyboard.press("Enter")
    expect(bar).to_have_count(0)
    page.goto(f"/patients/{charts.ada.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not open to your account")


@pytest.mark.parametrize("size", [DESK, NARROW], ids=["desk", "narrow"])
def test_no_page_scrolls_sideways_however_long_names_are(window, home, long_names, size):
    page = window(size, LONG[:80])
    patient, document, waiting, out = long_names
    wide = {}
    for words, field in (("zebra", "/"), (LONG, "/"), ("9" * 40, "/patients")):
        page.goto(field)
        page.get_by_role("searchbox").fill(words)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/(search|patients/found)/[\w-]"))
        wide[f"{field} {words}"] = sideways(page)
    numbered = (f"/patients/{patient.id}", f"/documents/{document}", f"/review/{waiting}")
    rest = (
        "/review",
        "/aside",
        f"/documents/{out}",
        "/intake",
        "/batches",
        "/batches/1",
        "/batches/1/boxes",
        "/users",
        "/types",
    )
    closed_chart(home, LONG)
    rest = (*rest, "/emergencies", "/patients/3", "/patients/3/emergency")
    for where in ("/patients", *numbered, *rest, "/status", "/log"):
        page.goto(where)
        wide[where] = sideways(page)
    page.goto(f"/review/{waiting}")
    page.get_by_text("Belongs to no chart: set aside").click()
    wide["set aside"] = sideways(page)
    assert {where: by for where, by in wide.items() if by > 0} == {}


def test_a_file_name_that_turns_the_writing_round_turns_only_itself(window, home, charts):
    scan = home.take_in("fax\u202efdp.exe", [drawn(1, "a letter")])
    document = home.file(scan, filing(1, None, None, None))
    page = window()
    page.goto(f"/review/{document}")
    arrived = page.locator(".meta .fact").first
    expect(arrived).to_contain_text("arrived")
    file = page.locator(".meta .file")
    assert file.bounding_box()["x"] + width(file) <= arrived.bounding_box()["x"] + 1


def test_a_search_that_finds_nothing_shows_no_empty_list(window, charts):
    page = window(name="staff")
    page.goto("/")
    page.get_by_role("searchbox").fill("nowhereonpaper")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No page found")).to_be_visible()
    expect(page.locator("ol.hits")).to_have_count(0)
    # Staff have no intake page to look at.
    expect(page.get_by_text("the intake page shows how many")).to_have_count(0)


def test_names_do_not_run_over_what_stands_beside_them(window, long_names):
    page = window(DESK, LONG[:80])
    page.goto(f"/review/{long_names[2]}")
    option = page.locator(".option").first
    name, key = option.locator("label .name"), option.locator("kbd")
    end = name.evaluate("name => name.getBoundingClientRect().left + name.scrollWidth")
    assert end <= key.bounding_box()["x"]
    page.goto("/users")
    table, form = page.locator(".columns > *").first, page.locator("form.card")
    assert table.bounding_box()["x"] + width(table) < form.bounding_box()["x"]
    assert sideways_of(table) == 0


def sideways_of(box):
    return box.evaluate(
        "box => getComputedStyle(box).overflowX === 'visible' && box.scrollWidth > box.clientWidth"
    )


@pytest.mark.parametrize("size", [DESK, NARROW, {"width": 640, "height": 360}])
def test_whose_page_it_is_stays_on_screen(window, long_chart, size):
    page = window(size, reduced_motion="reduce")
    search(page, "zebra")
    page.get_by_role("link", name="Letter, page 2 of 60", exact=True).click()
    current(page)
    line = page.locator(".whose")
    for said in ("Specimen, Eve", "1999-05-05", "MRN 0055555", "Letter"):
        expect(line).to_contain_text(said)
    box = line.bounding_box()
    assert box["y"] >= 0
    assert box["height"] < size["height"] / 3
    assert page.locator(".hit.here").bounding_box()["y"] > box["y"] + box["height"]
    page.get_by_role("heading", name="Page 25 of 60").scroll_into_view_if_needed()
    assert 0 <= line.bounding_box()["y"] < 20
    page.goto(page.url.split("#")[0] + "#page-20")
    section = "document.querySelector('#page-20').getBoundingClientRect()"
    page.wait_for_function(f"() => {section}.y >= 0 && {section}.y < 300")
    title = page.get_by_role("heading", name="Page 20 of 60").bounding_box()
    below = "all => all.map(one => one.getBoundingClientRect().bottom)"
    stays = [end for end in page.locator(".bar > *").evaluate_all(below) if end < 300]
    assert title["y"] >= max(stays) - 1


def test_a_long_name_leaves_birth_date_and_number_on_screen(window, long_names):
    page = window(NARROW)
    page.goto(f"/documents/{long_names[1]}#page-1")
    line = page.locator(".whose")
    assert line.bounding_box()["height"] < NARROW["height"] / 3
    for said in ("1961-03-07", "MRN 9999"):
        expect(line.get_by_text(said)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [DESK, NARROW], ids=["desk", "narrow"])
def test_links_are_large_enough_for_a_finger(window, charts, size):
    page = window(size)
    search(page, "potassium")
    links = page.locator(".hits a")
    heights = [link.bounding_box()["height"] for link in links.all()]
    page.goto("/documents/1?decision=2")
    links = page.locator(".facts dd a")
    heights += [link.bounding_box()["height"] for link in links.all()]
    page.goto("/review/3")
    heights += [link.bounding_box()["height"] for link in page.locator(".evidence a").all()]
    assert len(heights) > 8
    assert min(heights) >= 24


def test_a_line_is_accounted_for_by_the_words_that_are_seen(window, long_names):
    page = window()
    page.goto("/batches/1")
    page.get_by_label("Account for it, line 2").click()
    expect(page.get_by_label("Why line 2 need not be complete")).to_be_visible()


@pytest.mark.parametrize("paper", ["Letter", "A4"])
def test_each_printed_sheet_is_one_page_and_says_whose_it_is(window, home, charts, tmp_path, paper):
    sheets = [drawn(number, f"sheet{number}") for number in range(1, 9)]
    document = home.file(home.take_in("p.tif", sheets), filing(8, "letter", charts.eve, None))
    page = window()
    page.goto(f"/documents/{document}")
    page.keyboard.press("+")
    page.keyboard.press("r")
    page.wait_for_load_state("networkidle")
    page.pdf(path=tmp_path / "print.pdf", format=paper)
    printed = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "print.pdf", "-"], capture_output=True, check=True
    )
    texts = printed.stdout.decode().split("\f")[:-1]
    assert len(texts) == 8
    for number, text in enumerate(texts, start=1):
        plain = " ".join(text.split())
        said = (f"page {number} of 8", "Specimen, Eve", "1999-05-05", "MRN 0055555")
        for words in (*said, f"document {document}", "Printed by administrator", "Letter"):
            assert words in plain
        assert datetime.now().astimezone().strftime("%Y-%m-%d %H:") in plain
        assert "Text of this page" not in plain
        assert "Download" not in plain
    images = convert_from_path(tmp_path / "print.pdf", dpi=40)
    # The word at the top of each page is there, and it stands upright: far to the left.
    for image in images:
        dark = image.convert("L").point(lambda grey: 255 * (grey < 140))
        below = dark.crop((0, image.height // 12, image.width, image.height))
        assert below.getbbox() is not None
        assert below.getbbox()[2] < image.width / 2


def test_a_print_is_noted_and_says_which_pages_it_lacks(window, home, long_chart, tmp_path):
    page = window(name="staff")
    page.goto(f"/documents/{long_chart}?page=26")
    expect(page.get_by_text("Printing takes the pages shown here, 26 to 50 of 60.")).to_be_visible()
    page.wait_for_load_state("networkidle")
    with page.expect_response("**/printed") as noted:
        page.pdf(path=tmp_path / "part.pdf")
    assert noted.value.status == 204
    (entry,) = home.log(event=Event.PRINT)
    assert (entry.actor, entry.document_id) == ("staff", long_chart)
    assert entry.detail == {"pages": list(range(26, 51))}
    assert entry.patient_id == home.log(event=Event.DOCUMENT_VIEW)[-1].patient_id
    told = ["pdftotext", "-layout", tmp_path / "part.pdf", "-"]
    text = subprocess.run(told, capture_output=True, check=True).stdout.decode()
    assert text.count("This print has pages 26 to 50 alone") == 25


# The contrast of each stretch of text with the ground behind it, least first.
CONTRASTS = """() => {
  const parsed = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((one) => one / 255)
      .map((one) => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const { rgb, a } = parsed(getComputedStyle(at).backgroundColor);
      if (a === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!says || !one.checkVisibility() || one.closest(".picture, .unseen, option")) continue;
    const [a, b] = [parsed(getComputedStyle(one).color).rgb, ground(one)].map(light);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    found.push([Math.round(ratio * 100) / 100, one.className || one.tagName, one.textContent]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground_in_light_and_dark(window, home, long_names, scheme):
    page = window(DESK, color_scheme=scheme)
    search(page, "potassium")
    results = page.url
    page.locator("ol.hits h3 a").first.click()
    viewed = page.url
    listed = ("/patients", "/patients/1", "/review", "/review/3", "/intake", "/users", "/types")
    out = ("/aside", f"/documents/{long_names[3]}")
    closed_chart(home, "not responding")
    out += ("/emergencies", "/patients/3", "/patients/3/emergency")
    for where in (results, viewed, *listed, *out, "/batches", "/batches/1", "/status", "/log"):
        page.goto(where)
        least = page.evaluate(CONTRASTS)
        assert len(least) > 10
        assert least[0][0] >= 4.5, (where, least[:3])
    ground = page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")
    assert (max(map(int, re.findall(r"\d+", ground))) < 60) == (scheme == "dark")


def test_a_page_stays_white_in_the_dark_and_prints_light(window, charts):
    page = window(DESK, color_scheme="dark")
    page.goto("/documents/2")
    page.wait_for_load_state("networkidle")
    picture = page.locator(".picture img").bounding_box()
    corner = {"x": picture["x"] + 20, "y": picture["y"] + 5, "width": 40, "height": 5}
    assert min(grey(page, corner)) > 240
    page.emulate_media(media="print", color_scheme="dark")
    ink = page.evaluate("() => getComputedStyle(document.documentElement).color")
    assert max(map(int, re.findall(r"\d+", ink))) < 60


def test_with_colours_of_the_readers_own_one_tab_alone_looks_current(window, charts):
    page = window(DESK, forced_colors="active")
    edge = "all => all.map(tab => getComputedStyle(tab).borderBottomColor)"
    page.goto("/intake")
    tabs = page.locator(".tabs a").evaluate_all(edge)
    (here,) = page.locator(".tabs a[aria-current]").evaluate_all(edge)
    assert tabs.count(here) == 1
    assert len(set(tabs)) == 2

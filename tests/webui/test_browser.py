"""A clerk and an administrator at a real browser, on a real service that read real paper."""

import re
import time

import pytest
from playwright.sync_api import expect
from service import ADMIN, PASSWORD, Service
from sheets import note

from chartkeeper.supervise import STOP_PATIENCE_SECONDS

PATIENTS = (
    "mrn,last,first,dob,sex\n"
    "0012345,Samplewood,Ada,1961-03-07,F\n"
    "0067890,Testerman,Bob,1980-12-24,M\n"
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    made = Service(folder / "home")
    (folder / "patients.csv").write_text(PATIENTS)
    made.run("patients", "load", str(folder / "patients.csv"))
    made.start()
    note(
        made.inbox / "sure.png",
        "Patient: Samplewood, Ada",
        "MRN: 0012345   DOB: 03/07/1961",
        "Date of visit: 07/18/2026",
        "The patient reports palpitations at night.",
    )
    note(
        made.inbox / "doubtful.png",
        "Patient: Testerman, B",
        "Date of visit: 07/19/2026",
        "She asks for a refill of metoprolol.",
    )
    made.wait_idle(2)
    yield made
    began = time.monotonic()
    made.stop()
    # Less than the patience after which the supervisor ends what does not end by itself.
    assert time.monotonic() - began < STOP_PATIENCE_SECONDS


@pytest.fixture
def page(chromium, service):
    with chromium.new_context(viewport={"width": 1360, "height": 860}) as context:
        page = context.new_page()
        page.set_default_timeout(15_000)
        faults = []
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
    assert faults == []


def log_in(page, service):
    page.goto(service.address)
    page.get_by_label("Name").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("searchbox")).to_be_visible()


def search(page, words):
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_role("searchbox").fill(words)
    page.get_by_role("button", name="Search").click()


def test_log_in_search_open_the_hit_correct_a_patient_and_see_both_in_the_log(page, service):
    log_in(page, service)

    search(page, "palpitations")
    hit = page.locator("ol.hits li").first
    expect(hit.locator("mark")).to_have_text("palpitations")
    expect(hit).to_contain_text("Samplewood, Ada")
    assert "palpitations" not in page.url

    hit.get_by_role("heading").get_by_role("link").click()
    expect(page.locator("svg rect.hit, svg .hit rect, svg rect").first).to_be_attached()
    image = page.locator("img[src*='/image']").first
    expect(image).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert image.evaluate("picture => picture.complete && picture.naturalWidth > 500")
    mark = page.locator("svg rect").first.bounding_box()
    picture = image.bounding_box()
    assert picture["x"] < mark["x"] < picture["x"] + picture["width"]
    assert picture["y"] < mark["y"] < picture["y"] + picture["height"]

    page.get_by_role("link", name="Review", exact=True).click()
    page.get_by_role("row").filter(has_text="doubtful.png").get_by_role("link").first.click()
    expect(page.get_by_role("button", name=re.compile("File and next"))).to_be_visible()
    page.get_by_label(re.compile("Another patient")).fill("0067890")
    page.get_by_role("button", name="Look up").click()
    page.get_by_label("Document type").select_option("progress_note")
    page.locator("label", has_text="Testerman, Bob").click()
    page.get_by_role("button", name=re.compile("File and next")).click()

    expect(page.get_by_text("was filed")).to_be_visible()
    service.wait_idle(2)
    search(page, "mrn:67890 metoprolol")
    expect(page.locator("ol.hits li")).to_have_count(1)
    expect(page.locator("ol.hits li").first).to_contain_text("Testerman, Bob")

    page.get_by_role("link", name="Access log", exact=True).click()
    table = page.get_by_role("table")
    expect(table).to_contain_text("document:decide")
    expect(table).to_contain_text("page:view")
    expect(table).to_contain_text("palpitations")
    page.get_by_role("button", name="Check the chain").click()
    expect(page.get_by_text("The chain is whole")).to_be_visible()


def test_everything_works_without_scripts(chromium, service):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        log_in(page, service)
        search(page, "palpitations")
        page.locator("ol.hits li").first.get_by_role("heading").get_by_role("link").click()
        expect(page.locator("svg rect").first).to_be_attached()
        page.get_by_role("link", name="Review", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()

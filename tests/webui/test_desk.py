"""The review form at a real browser: what keys do, what they must not do, and what is kept."""

import re
import threading
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from chartkeeper.records import documents
from chartkeeper.records.access_log import Event
from chartkeeper.records.model import DocumentStatus
from chartkeeper.webui.app import create_app

from .conftest import LOOKS_SECONDS, PASSWORD, filing
from .paper import drawn

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def serving(home):
    """Serves the pages of the home, where a session may rest for so long; gives the address."""
    servers = []

    def begin(idle_seconds=900):
        app = create_app(replace(home.parts, idle_seconds=idle_seconds))
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(LOOKS_SECONDS,), daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.port}"

    yield begin
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(context):
    page = context.new_page()
    page.set_viewport_size({"width": 1360, "height": 860})
    page.set_default_timeout(15_000)
    return page


@pytest.fixture
def desk(page, serving, charts):
    """The form of the document that waits, with a clerk before it."""
    return open_desk(page, serving(), charts)


def open_desk(page, address, charts):
    page.goto(f"{address}/review/{charts.waiting}")
    page.get_by_label("Name").fill("clerk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_label("Document type")).to_be_visible()
    return page


def version(home, charts):
    with home.parts.ledger.read() as connection:
        return documents.facts(connection, charts.waiting).version


def test_enter_looks_up_in_its_field_and_does_nothing_elsewhere(home, charts, desk):
    desk.locator("label", has_text="Samplewood, Ada").click()
    desk.get_by_role("radio", name=re.compile("Samplewood")).press("Enter")
    desk.get_by_label("Service date").fill("2024-05-06")
    desk.get_by_label("Service date").press("Enter")
    desk.get_by_label(re.compile("Another patient")).press("Enter")
    desk.wait_for_timeout(300)
    assert home.log(event=Event.PATIENT_SEARCH) == []
    desk.get_by_label(re.compile("Another patient")).fill("testerman")
    desk.get_by_label(re.compile("Another patient")).press("Enter")
    expect(desk.get_by_text("1 patient found")).to_be_visible()
    expect(desk.get_by_role("radio", name=re.compile("Samplewood"))).to_be_checked()
    assert len(home.log(event=Event.PATIENT_SEARCH)) == 1
    assert version(home, charts) == 1


def open_question(page, serving, charts):
    """The desk with the question before it, which came while somebody stood in the date field."""
    open_desk(page, serving(idle_seconds=63), charts)
    page.get_by_label("Service date").focus()
    expect(page.get_by_role("alertdialog")).to_be_visible()


def seconds_left(page):
    return page.evaluate("async () => (await (await fetch('/session')).json()).seconds")


def test_no_key_decides_while_the_question_whether_somebody_is_there_is_open(page, serving, charts):
    open_question(page, serving, charts)
    box = page.get_by_role("alertdialog")
    address = page.url
    for key in ("s", "1", "b", "t", "Tab", "Control+Enter"):
        page.keyboard.press(key)
    expect(box).to_be_visible()
    expect(box.get_by_role("button")).to_be_focused()
    expect(page.get_by_role("radio").first).not_to_be_checked()
    assert page.url == address
    assert seconds_left(page) <= 61
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(page.get_by_label("Service date")).to_be_focused()
    page.wait_for_timeout(200)
    assert seconds_left(page) >= 61
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.get_by_role("radio").first).to_be_checked()


def test_the_button_keeps_the_session_and_gives_the_focus_back(page, serving, charts):
    open_question(page, serving, charts)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    expect(page.get_by_label("Service date")).to_be_focused()


def test_whoever_types_is_not_asked(page, serving, charts):
    open_desk(page, serving(idle_seconds=75), charts)
    field = page.get_by_label(re.compile("Another patient"))
    field.focus()
    for _ in range(20):
        page.keyboard.press("a")
        page.wait_for_timeout(1000)
        expect(page.get_by_role("alertdialog")).to_be_hidden()
    expect(field).to_have_value("a" * 20)


def warnings_of(page):
    """The warnings that come up; each is answered with staying on the page."""
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.type), dialog.dismiss()))
    return said


def test_leaving_with_choices_made_is_warned_of(home, charts, desk):
    said = warnings_of(desk)
    address = desk.url
    desk.locator("label", has_text="Samplewood, Ada").click()
    desk.get_by_role("link", name="Queue").click()
    desk.wait_for_timeout(300)
    assert said == ["beforeunload"]
    assert desk.url == address
    expect(desk.get_by_role("radio", name=re.compile("Samplewood"))).to_be_checked()


def test_choices_that_came_back_with_a_look_up_are_warned_of_too(home, charts, desk):
    said = warnings_of(desk)
    desk.get_by_label("Document type").select_option("progress_note")
    desk.get_by_label(re.compile("Another patient")).fill("testerman")
    desk.get_by_role("button", name="Look up").click()
    expect(desk.get_by_text("1 patient found")).to_be_visible()
    assert said == []
    desk.keyboard.press("s")
    desk.wait_for_timeout(300)
    assert said == ["beforeunload"]


def test_nothing_is_asked_where_nothing_was_chosen_or_all_is_sent(home, charts, desk):
    said = warnings_of(desk)
    desk.get_by_label(re.compile("Another patient")).fill("nobody")
    desk.get_by_role("link", name="Queue").click()
    expect(desk.get_by_text("1 document waiting")).to_be_visible()
    desk.go_back()
    desk.locator("label", has_text="Specimen, Eve").click()
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_text("was filed: Letter without a date")).to_be_visible()
    assert said == []


def ready(home, charts, name):
    """A document of which all is filled in, as where a house lets no type be filed unasked."""
    made = filing(1, "letter", charts.eve, None, reason="This type is never filed automatically.")
    whole = replace(made, status=DocumentStatus.REVIEW)
    return home.file(home.take_in(f"{name}.tif", [drawn(1, name)]), whole)


@pytest.fixture
def two_ready(page, serving, home, charts):
    """Two documents that one press each would file, the first of them before a clerk."""
    numbers = [ready(home, charts, name) for name in ("first", "second")]
    open_desk(page, serving(), charts)
    page.goto(f"{page.url.rpartition('/')[0]}/{numbers[0]}")
    page.wait_for_timeout(800)
    return numbers


def waits(home, document):
    with home.parts.ledger.read() as connection:
        return documents.facts(connection, document).document.status is DocumentStatus.REVIEW


def test_a_key_held_down_files_no_document_that_nobody_has_seen(home, page, two_ready):
    first, second = two_ready
    page.keyboard.down("Control")
    page.keyboard.down("Enter")
    page.wait_for_url(f"**/review/{second}**")
    for pause in (50, 800):
        page.wait_for_timeout(pause)
        page.keyboard.down("Enter")
    page.wait_for_timeout(300)
    assert (waits(home, first), waits(home, second)) == (False, True)
    page.keyboard.up("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Document {second}")).to_be_visible()
    assert not waits(home, second)


def test_the_second_half_of_a_double_press_files_no_document(home, page, two_ready):
    first, second = two_ready
    page.get_by_role("button", name="File and next").click()
    page.wait_for_url(f"**/review/{second}**")
    page.get_by_role("button", name="File and next").click()
    page.wait_for_timeout(300)
    assert (waits(home, first), waits(home, second)) == (False, True)


def aside_form(desk):
    return desk.get_by_role("form", name="Set aside")


def test_a_document_is_set_aside_and_taken_back_without_a_mouse(home, charts, desk):
    said = warnings_of(desk)
    desk.keyboard.press("2")
    desk.keyboard.press("x")
    form = aside_form(desk)
    expect(form.get_by_role("radio").first).to_be_focused()
    desk.keyboard.press("3")
    expect(form.get_by_label("Empty form")).to_be_checked()
    # The keys of this form are its own: the patient chosen before stays as it was.
    expect(desk.get_by_role("radio", name=re.compile("Samplewood"))).to_be_checked()
    form.get_by_label("Note").fill("blank consent")
    desk.keyboard.press("Control+Enter")
    expect(
        desk.get_by_text(f"Document {charts.waiting} was set aside: Empty form.")
    ).to_be_visible()
    assert said == []
    assert home.log(event=Event.DECISION)[-1].detail["note"] == "blank consent"
    desk.get_by_role("button", name=re.compile("Take it back")).press("Enter")
    expect(desk.get_by_text("is back in review, as it was before")).to_be_visible()
    expect(desk.get_by_label("Document type")).to_be_visible()
    assert version(home, charts) == 3


def test_a_stray_enter_sets_nothing_aside(home, charts, desk):
    desk.keyboard.press("x")
    form = aside_form(desk)
    form.get_by_label("Empty form").press("Enter")
    form.get_by_label("Empty form").check()
    form.get_by_label("Empty form").press("Enter")
    form.get_by_label("Note").press("Enter")
    desk.wait_for_timeout(300)
    assert version(home, charts) == 1
    # Where no reason was chosen, not even the keys that decide do.
    desk.reload()
    desk.keyboard.press("x")
    aside_form(desk).get_by_label("Note").fill("no reason")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_timeout(300)
    assert version(home, charts) == 1
    assert home.log(event=Event.DECISION) == []


def test_without_scripts_enter_only_shows_the_form_again(home, chromium, serving, charts):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        open_desk(page, serving(), charts)
        page.get_by_text("Belongs to no chart: set aside").click()
        form = aside_form(page)
        form.get_by_label("Another reason").check()
        form.get_by_label("Note").fill("a census list")
        form.get_by_label("Note").press("Enter")
        expect(form.get_by_label("Note")).to_have_value("a census list")
        assert version(home, charts) == 1
        form.get_by_role("button", name=re.compile("^Set aside")).click()
        expect(page.get_by_text("was set aside: Another reason.")).to_be_visible()
        page.get_by_role("link", name="Set aside: 1").click()
        expect(page.get_by_role("table")).to_contain_text("Another reason: a census list")
        page.get_by_role("button", name=re.compile("Bring back")).click()
        expect(page.get_by_text("is back in review")).to_be_visible()

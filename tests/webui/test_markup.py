"""What every page owes: no patient data in addresses, no scripts let in, labels and headings."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from chartkeeper.records import accounts, aside, batches, emergency, marking, patients
from chartkeeper.records.access import ChartReason
from chartkeeper.records.aside import Grounds, Reason
from chartkeeper.records.batches import Item
from chartkeeper.records.emergency import EmergencyReason, Wish
from chartkeeper.records.findings import Finding
from chartkeeper.records.model import Evidence, ItemState

from .conftest import filing, hidden, make_patient
from .paper import drawn

BAD_NAME = '<script>alert("x")</script>'
BAD_FILE = "a\"b' \n<img src=x onerror=alert(1)>.tif"
CANARIES = ("samplewood", "12345", "testerman", "67890", "specimen", "potassium", "script", "alert")
ADDRESS = re.compile(r'(?:href|src|action)="([^"]*)"')


class Outline(HTMLParser):
    """What a page holds, as far as the rules below ask."""

    def __init__(self, page):
        super().__init__()
        self.inputs, self.labels, self.ids, self.headings, self.tags = [], set(), [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "label" and "for" in values:
            self.labels.add(values["for"])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in {"input", "select"} and values.get("type") not in {"hidden", "checkbox"}:
            self.inputs.append(values.get("id"))


@pytest.fixture
def trap(home, charts):
    """A patient and a file whose names would run, if they were let."""
    with home.parts.ledger.write() as connection:
        patients.save(connection, make_patient("666", BAD_NAME, BAD_NAME, "1990-01-01"))
        found = patients.by_mrn(connection, "666")
    sheets = [drawn(1, "<b>potassium</b>", BAD_NAME)]
    evidence = [Evidence(1, sheets[0].words[0].box, BAD_NAME, "name", 3)]
    bad = filing(1, "letter", found, None, evidence=evidence)
    document = home.file(home.take_in(BAD_FILE, sheets), bad)
    out = home.file(home.take_in(BAD_FILE, [drawn(1, "emu")]), filing(1, "letter", None, None))
    with home.parts.ledger.write() as connection:
        grounds = Grounds(Reason.OTHER, BAD_NAME)
        aside.set_aside(connection, out, 1, grounds, "clerk", datetime.now(UTC))
    home.index()
    import_of(home, BAD_NAME, BAD_FILE)
    emergency_of(home, charts.eve, BAD_NAME)
    return found, document


def emergency_of(home, patient, note):
    """A restricted chart, and somebody who opened it in an emergency with these words."""
    with home.parts.ledger.write() as connection:
        now = datetime.now(UTC)
        marking.mark_chart(connection, patient.id, ChartReason.VIP, "clerk", now)
        for name in ("staff", "administrator"):
            wish = Wish(patient.id, EmergencyReason.OTHER, note, 60)
            given = emergency.begin(connection, accounts.get_user(connection, name), wish, now)
        emergency.end(connection, given.id, accounts.get_user(connection, name).id, now)
        by = accounts.get_user(connection, "clerk")
        emergency.review(connection, given.id, by, note, now)


def import_of(home, box, file):
    """An import with one file, which is missing."""
    with home.parts.ledger.write() as connection:
        now = datetime.now(UTC)
        batch = batches.start(connection, "list.csv", "0" * 64, now, by_list=True)
        item = Item(2, ItemState.MISSING, "/old", file, (Finding.NOT_THERE,), box=box)
        batches.add(connection, batch.id, [item])


@pytest.fixture
def walk(home, charts, trap, administrator):
    """Every page that links lead to, and some that only forms lead to: address to text."""
    starts = [
        "/",
        "/review",
        "/aside",
        "/intake",
        "/batches",
        "/users",
        "/log",
        "/patients",
        "/status",
        "/emergencies",
        "/password",
        f"/patients/{charts.eve.id}",
    ]
    words = ("potassium", "samplewood 0012345", "(", BAD_NAME)
    starts += [administrator.post("/search", {"text": text}).location for text in words]
    words = ("samplewood", "0012345", "script", BAD_NAME)
    starts += [administrator.post("/patients", {"patient": text}).location for text in words]
    starts.append(administrator.post("/log", {"mrn": "0012345"}).location)
    return follow(administrator, starts)


def follow(browser, waiting):
    seen = {}
    while waiting and len(seen) < 150:
        address = waiting.pop(0).split("#")[0]
        if address in seen or not address.startswith("/"):
            continue
        with browser.get(address) as answer:
            shows = answer.mimetype == "text/html" and answer.status_code // 100 != 3
            seen[address] = answer.text if shows else ""
            waiting += [answer.location] if answer.location else []
        links = re.findall(r'<a [^>]*href="([^"]*)"', seen[address])
        waiting += [link.replace("&amp;", "&") for link in links]
    return seen


def test_no_address_holds_patient_data(walk):
    assert len(walk) > 25
    for page, text in walk.items():
        for address in [page, *ADDRESS.findall(text)]:
            plain = address.lower().replace("javascript", "")
            assert not [canary for canary in CANARIES if canary in plain], (page, address)


def test_no_location_holds_patient_data(charts, administrator):
    sent = {"text": "samplewood", "patient": "0012345", "mrn": "0012345", "looked_for": "Specimen"}
    form = administrator.get(f"/review/{charts.waiting}").text
    sent |= {"type": "letter", "action": "file", "version": hidden(form, "version")}
    for address in ("/search", "/patients", "/log"):
        location = administrator.post(address, sent).location.lower()
        assert not [canary for canary in CANARIES if canary in location]
    sent["patient"] = charts.ada.id
    location = administrator.post(f"/review/{charts.waiting}", sent).location
    assert location == f"/review?filed={charts.waiting}"


def test_names_of_people_and_files_never_become_markup(walk, trap):
    patient, document = trap
    for address in (
        "/intake",
        "/aside",
        "/emergencies",
        f"/patients/{patient.id}",
        f"/documents/{document}",
    ):
        assert "&lt;" in walk[address]
    for page, text in walk.items():
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
        assert "<b>potassium" not in text.lower(), page


def test_nothing_runs_or_styles_from_within_a_page(walk):
    for page, text in walk.items():
        for tag, values in Outline(text).tags:
            assert not [name for name in values if name == "style" or name.startswith("on")], page
            assert tag not in {"style", "iframe", "object"}, page
            if tag == "script":
                assert values.get("src", "").startswith("/static/"), page
            for name in ("href", "src", "action"):
                assert values.get(name, "/").startswith(("/", "#")), page


def test_every_form_carries_the_mark(walk):
    for page, text in walk.items():
        for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL):
            assert re.search(r'name="csrf" value="[0-9a-f]{64}"', form), page


def test_pages_can_be_used_with_a_screen_reader(walk):
    for page, text in walk.items():
        if not text:
            continue
        outline = Outline(text)
        kinds = [tag for tag, _ in outline.tags]
        assert '<html lang="en">' in text, page
        assert outline.headings.count(1) == 1, page
        steps = zip(outline.headings, outline.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps if before), page
        assert set(outline.inputs) <= outline.labels, (page, set(outline.inputs) - outline.labels)
        assert len(outline.ids) == len(set(outline.ids)), page
        assert {"main", "nav", "header"} <= set(kinds), page
        assert 'href="#main"' in text, page
        assert all("alt" in values for tag, values in outline.tags if tag == "img"), page


def test_each_page_has_a_title_of_its_own_without_patient_data(walk):
    for page, text in walk.items():
        if text:
            title = re.search(r"<title>(.*?)</title>", text)[1].lower()
            assert not [canary for canary in CANARIES if canary in title], page


def test_the_pages_of_an_emergency_were_walked(walk, charts):
    form = f"/patients/{charts.eve.id}/emergency"
    assert "Your password, once more" in walk[form]
    assert "This chart is restricted" in walk[f"/patients/{charts.eve.id}"]
    assert "Close opening 1" in walk["/emergencies"]


def test_the_queue_shows_no_markup_from_a_reason(home, charts, clerk):
    scan = home.take_in("r.tif", [drawn(1, "x")])
    home.file(scan, filing(1, None, None, None, reason=f"Name {BAD_NAME} is not known."))
    assert "&lt;script&gt;" in clerk.get("/review").text

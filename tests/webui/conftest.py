"""A small home with real files, three people, and browsers without a screen."""

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import sync_playwright

from chartkeeper.index.entry import PageEntry
from chartkeeper.index.store import create_index, open_writer
from chartkeeper.records import access_log as log
from chartkeeper.records import accounts, arrivals, documents, outbox, pages, patients, scans
from chartkeeper.records.arrivals import Seen
from chartkeeper.records.database import create_ledger, open_ledger
from chartkeeper.records.model import (
    Candidate,
    Decision,
    DocumentStatus,
    Evidence,
    Field,
    Filing,
    Lane,
    Patient,
    Role,
    mrn_key,
)
from chartkeeper.records.scans import NewScan
from chartkeeper.records.vault import Vault
from chartkeeper.webui.app import create_app
from chartkeeper.webui.parts import TypeChoice, WebParts

from .paper import drawn, file_of, find

CHROMIUM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
# So often a server looks whether it is to end.
LOOKS_SECONDS = 0.02
PASSWORD = "a long enough password"
# Comparing a password is slow on purpose, and each test logs in; tests/records holds it to that.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def make_patient(mrn, last, first, dob, **more):
    return Patient(0, mrn, mrn_key(mrn), last, first, date.fromisoformat(dob), **more)


TYPES = (
    TypeChoice("lab_report", "Laboratory report", "11502-2", date_required=True),
    TypeChoice("progress_note", "Progress note", "11506-3"),
    TypeChoice("letter", "Letter", "51852-2"),
)
PATIENTS = (
    make_patient("0012345", "Samplewood", "Ada", "1961-03-07"),
    make_patient("0067890", "Testerman-Lopez", "José", "1980-12-24", sex="M"),
    make_patient("0055555", "Specimen", "Eve", "1999-05-05"),
)
PEOPLE = {"staff": Role.STAFF, "clerk": Role.CLERK, "administrator": Role.ADMINISTRATOR}


@dataclass
class Home:
    """The parts, and the hands to put things into them as the other rooms would."""

    parts: WebParts
    folder: object

    def take_in(self, name, sheets, form="tiff"):
        """A file that arrived, was stored and was read; returns the number of its scan."""
        source = self.folder / "arriving"
        source.write_bytes(file_of(sheets, form))
        stored = self.parts.vault.store(source)
        now = datetime.now(UTC) - timedelta(hours=3)
        with self.parts.ledger.write() as connection:
            seen = Seen("inbox", name, stored.sha256[:32], Lane.DAILY, stored.size)
            arrival = arrivals.claim(connection, seen, now)
            new = NewScan(stored.sha256, form, stored.size, len(sheets), Lane.DAILY)
            scan_id = scans.add(connection, new, now)
            arrivals.accept(connection, arrival.id, scan_id)
            pages.lease(connection, "a reader", len(sheets), now, lease_seconds=60)
            for facts, sheet in zip(pages.facts_of_scan(connection, scan_id), sheets, strict=True):
                pages.store(connection, facts.id, sheet)
        return scan_id

    def file(self, scan_id, filing):
        """Keep a decision of the filing room; returns the document's number."""
        with self.parts.ledger.write() as connection:
            document_id = documents.file(connection, scan_id, filing, datetime.now(UTC))
            scans.mark_filed(connection, scan_id)
        return document_id

    def index(self):
        """Tell the index what waits for it, as the index writer does."""
        with self.parts.ledger.write() as connection:
            waiting = outbox.waiting(connection, 1000)
            known = outbox.pages_for_index(connection, [item.page_id for item in waiting])
            with open_writer(self.parts.index_folder) as writer:
                writer.write([_entry(page) for page in known], [])
            outbox.mark_indexed(connection, waiting)

    def log(self, **wanted):
        with self.parts.ledger.read() as connection:
            found = log.entries(connection, log.Wanted(**wanted), 1000)
        return [item.entry for item in reversed(found)]


def _entry(page):
    return PageEntry(
        key=str(page.page_id),
        type=page.type,
        mrn=page.mrn_key,
        patient=page.names,
        service_date=page.service_date,
        text=page.text,
    )


def decided(field, value, because="read on the page", confidence=0.97, evidence=()):
    return Decision(field, value, confidence, because, tuple(evidence))


def filing(last, kind, patient, day, *, candidates=(), first=1, reason="", evidence=()):
    """What the filing room would say of pages `first` to `last`."""
    whole = patient is not None and kind is not None
    return Filing(
        first_page=first,
        last_page=last,
        type=decided(Field.TYPE, kind, "the title says so"),
        patient=decided(Field.PATIENT, patient and str(patient.id), evidence=evidence),
        service_date=decided(Field.DATE, day),
        candidates=tuple(candidates),
        status=DocumentStatus.FILED if whole else DocumentStatus.REVIEW,
        reason=reason if whole else reason or "No patient agrees in two identifiers.",
    )


def open_home(folder):
    ledger = open_ledger(folder / "ledger.db")
    places = {name: folder / name for name in ("inbox", "failed", "locks")}
    vault, index = Vault(folder / "vault"), folder / "index"
    parts = WebParts(ledger=ledger, vault=vault, index_folder=index, types=TYPES, **places)
    return Home(parts, folder)


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory):
    """Each test makes an app of its own; the templates are compiled for the first one."""
    with pytest.MonkeyPatch.context() as patch:
        cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))
        patch.setitem(Flask.jinja_options, "bytecode_cache", cache)
        yield


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """A home with everything in it, made once; each test gets a copy."""
    folder = tmp_path_factory.mktemp("filled")
    for name in ("vault", "inbox", "failed", "locks"):
        (folder / name).mkdir()
    create_ledger(folder / "ledger.db")
    create_index(folder / "index")
    home = open_home(folder)
    with home.parts.ledger.write() as connection:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(accounts, "_hasher", QUICK)
            for name, role in PEOPLE.items():
                accounts.add_user(connection, name, role, PASSWORD)
        for person in PATIENTS:
            patients.save(connection, person)
    _fill(home)
    home.parts.ledger.close()
    return folder


@pytest.fixture
def home(filled, tmp_path):
    folder = shutil.copytree(filled, tmp_path / "home")
    opened = open_home(folder)
    yield opened
    opened.parts.ledger.close()


@dataclass
class Charts:
    """What is in the filled home."""

    lab: int
    note: int
    waiting: int
    ada: object
    jose: object
    eve: object


LAB_NAME = 'Samplewood "lab" 0012345.tif'


@pytest.fixture
def charts(home):
    """A filed lab report of two pages, a filed note, and a letter that waits for a clerk."""
    with home.parts.ledger.read() as connection:
        people = [patients.by_mrn(connection, person.mrn) for person in PATIENTS]
    return Charts(1, 2, 3, *people)


def _fill(home):
    with home.parts.ledger.read() as connection:
        ada, jose, eve = (patients.by_mrn(connection, person.mrn) for person in PATIENTS)
    lab = [
        drawn(1, "LABORATORY REPORT", "Samplewood, Ada MRN 0012345", "Potassium 4.1 normal"),
        drawn(2, "Potassium again 4.2", "Sodium 140"),
    ]
    note = [drawn(1, "PROGRESS NOTE", "Testerman-Lopez, José", "Chest pain, potassium pending")]
    letter = [drawn(1, "Dear colleague,", "your patient Eve Specimen MRN 0012345 was seen")]
    seen = Evidence(1, find(lab[0], "0012345"), "0012345", "MRN", 16)
    against = Evidence(1, find(letter[0], "0012345"), "0012345", "MRN", -9)
    name = Evidence(1, find(letter[0], "Specimen"), "Specimen", "surname", 9)
    candidates = [
        Candidate(eve.id, 4.0, "The name agrees, the MRN does not.", (name, against)),
        Candidate(ada.id, 2.0, "The MRN agrees, the name does not."),
    ]
    scan = home.take_in(LAB_NAME, lab)
    home.file(scan, filing(2, "lab_report", ada, "2024-03-05", evidence=[seen]))
    scan = home.take_in("note.png", note, "png")
    home.file(scan, filing(1, "progress_note", jose, "2024-04-01"))
    scan = home.take_in("letter.pdf", letter, "pdf")
    home.file(scan, filing(1, "letter", None, None, candidates=candidates))
    home.index()


@pytest.fixture
def app(home):
    return create_app(home.parts)


@pytest.fixture(scope="module")
def chromium():
    """A browser without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def _lasting_context(chromium):
    with chromium.new_context() as context:
        yield context


@pytest.fixture
def context(_lasting_context):
    """A context that knows nothing of other tests; one made anew costs most of a second."""
    yield _lasting_context
    for page in _lasting_context.pages:
        page.evaluate("try { localStorage.clear() } catch { /* no page was opened */ }")
        page.close()
    _lasting_context.clear_cookies()


class Browser:
    """A client that sends forms as a browser would: with the mark that the page holds."""

    def __init__(self, app):
        self.client = app.test_client()

    def log_in(self, name, password=PASSWORD):
        mark = hidden(self.client.get("/login").text, "form")
        fields = {"form": mark, "name": name, "password": password}
        return self.client.post("/login", data=fields)

    def get(self, address, **more):
        return self.client.get(address, **more)

    def post(self, address, fields=(), csrf=None, **more):
        data = {"csrf": csrf or self.csrf(), **dict(fields)}
        return self.client.post(address, data=data, **more)

    def csrf(self):
        return hidden(self.client.get("/").text, "csrf")

    def search(self, text="", **filters):
        """Search as a person does; returns the page of hits."""
        return self.client.get(self.post("/search", {"text": text, **filters}).location)


def hidden(page, name):
    """The value of a hidden field."""
    return re.search(rf'name="{name}" value="([^"]+)"', page)[1]


@pytest.fixture
def nobody(app):
    return Browser(app)


@pytest.fixture
def staff(app):
    return _logged_in(app, "staff")


@pytest.fixture
def clerk(app):
    return _logged_in(app, "clerk")


@pytest.fixture
def administrator(app):
    return _logged_in(app, "administrator")


def _logged_in(app, name):
    browser = Browser(app)
    assert browser.log_in(name).status_code == 303
    return browser

"""A small home with real files, three people, and browsers without a screen."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from chartkeeper.index.entry import PageEntry
from chartkeeper.index.store import create_index, open_writer
from chartkeeper.records import accounts, arrivals, documents, outbox, pages, scans
from chartkeeper.records import access_log as log
from chartkeeper.records import patients as patient_index
from chartkeeper.records.arrivals import Seen
from chartkeeper.records.model import (
    Candidate,
    Decision,
    DocumentStatus,
    Evidence,
    Field,
    Filing,
    Lane,
    Role,
)
from chartkeeper.records.scans import NewScan
from chartkeeper.records.vault import Vault
from chartkeeper.webui.app import create_app
from chartkeeper.webui.parts import TypeChoice, WebParts

from .paper import drawn, file_of, find

PASSWORD = "a long enough password"
TYPES = (
    TypeChoice("lab_report", "Laboratory report", "11502-2"),
    TypeChoice("progress_note", "Progress note", "11506-3"),
    TypeChoice("letter", "Letter", "51852-2"),
)
PEOPLE = {"staff": Role.STAFF, "clerk": Role.CLERK, "administrator": Role.ADMINISTRATOR}


@dataclass
class Home:
    """The parts, and the hands to put things into them as the other rooms would."""

    parts: WebParts
    folder: object

    def take_in(self, name, sheets, form="tiff", size=None):
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


def filing(last, kind, patient, day, candidates=(), first=1, reason="", evidence=()):
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


@pytest.fixture
def home(ledger, known_patients, tmp_path):
    for name in ("vault", "inbox", "failed"):
        (tmp_path / name).mkdir()
    create_index(tmp_path / "index")
    with ledger.write() as connection:
        for name, role in PEOPLE.items():
            accounts.add_user(connection, name, role, PASSWORD)
    parts = WebParts(
        ledger=ledger,
        vault=Vault(tmp_path / "vault"),
        index_folder=tmp_path / "index",
        inbox=tmp_path / "inbox",
        failed=tmp_path / "failed",
        types=TYPES,
    )
    return Home(parts, tmp_path)


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
def charts(home, known_patients):
    """A filed lab report of two pages, a filed note, and a letter that waits for a clerk."""
    ada, jose, eve = (known_patients[key] for key in ("Samplewood", "Testerman-Lopez", "Specimen"))
    lab = [
        drawn(1, "LABORATORY REPORT", "Samplewood, Ada MRN 0012345", "Potassium 4.1 normal"),
        drawn(2, "Potassium again 4.2", "Sodium 140"),
    ]
    note = [drawn(1, "PROGRESS NOTE", "Testerman-Lopez, José", "Chest pain, potassium pending")]
    letter = [drawn(1, "Dear colleague,", "your patient Eve Specimen MRN 0012345 was seen")]
    seen = Evidence(1, find(lab[0], "0012345"), "0012345", "MRN", 16)
    lab_scan = home.take_in(LAB_NAME, lab)
    against = Evidence(1, find(letter[0], "0012345"), "0012345", "MRN", -9)
    name = Evidence(1, find(letter[0], "Specimen"), "Specimen", "surname", 9)
    candidates = [
        Candidate(eve.id, 4.0, "The name agrees, the MRN does not.", (name, against)),
        Candidate(ada.id, 2.0, "The MRN agrees, the name does not."),
    ]
    found = Charts(
        lab=home.file(lab_scan, filing(2, "lab_report", ada, "2024-03-05", evidence=[seen])),
        note=home.file(
            home.take_in("note.png", note, "png"), filing(1, "progress_note", jose, "2024-04-01")
        ),
        waiting=home.file(
            home.take_in("letter.pdf", letter, "pdf"), filing(1, "letter", None, None, candidates)
        ),
        ada=ada,
        jose=jose,
        eve=eve,
    )
    home.index()
    return found


@pytest.fixture
def app(home):
    return create_app(home.parts)


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

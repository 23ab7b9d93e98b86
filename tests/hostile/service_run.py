"""All kinds of hostile files dropped at once into a running service, and looked at in its web."""

import http.cookiejar
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import pss_megabytes, tree
from checkout import ROOT
from service import ADMIN, PASSWORD, Service

from chartkeeper.records import arrivals, documents, pages, scans
from chartkeeper.records.database import open_ledger
from chartkeeper.records.model import ArrivalState, PageState
from hostile.corpus import corpus
from hostile.others import special_kinds

# The tightest that the settings allow; a file or page beyond them ends as stated, in time.
TIGHT = {
    "max_file_megabytes": 256,
    "max_pages": 200,
    "max_page_megapixels": 150,
    "page_timeout_seconds": 6.0,
    "page_memory_megabytes": 1024,
    "incomplete_seconds": 3.0,
    "leftover_seconds": 3.0,
    "readers": 2,
}
GOOD = ROOT / "samples" / "charts" / "scan-0001.pdf"
REST_SECONDS = 45.0
PATIENCE_SECONDS = 900
SAFE_TYPES = {"application/pdf", "image/tiff", "image/jpeg", "image/png"}


@dataclass
class Report:
    """What was seen: kinds that ended otherwise than stated, memory in MB (PSS), answers."""

    kinds: int = 0
    wrong: list = field(default_factory=list)
    seconds: float = 0.0
    idle_megabytes: float = 0.0
    peak_megabytes: float = 0.0
    after_megabytes: float = 0.0
    processes_before: int = 0
    processes_after: int = 0
    good_file: str = ""
    originals: int = 0
    pictures: int = 0
    notices: int = 0
    unsafe: list = field(default_factory=list)
    verify: int = -1


def run(folder: Path) -> Report:
    """Drop everything, wait, compare, look at it all, drop a good file."""
    service, report = Service(folder / "home", **TIGHT), Report()
    service.run("patients", "load", str(ROOT / "samples" / "patients.csv"))
    service.start()
    try:
        _until_answering(service)
        time.sleep(5)
        root = service.process.pid
        report.idle_megabytes, report.processes_before = pss_megabytes(root), len(tree(root))
        _drop_all(service, report)
        _look_at_all(service, report)
        _drop_good(service, report)
        time.sleep(REST_SECONDS)
        report.after_megabytes, report.processes_after = pss_megabytes(root), len(tree(root))
        assert service.process.poll() is None
    finally:
        service.stop()
    report.verify = service.status_of("verify")
    return report


def _drop_all(service, report):
    kinds = [*corpus(), *special_kinds()]
    report.kinds, began = len(kinds), time.monotonic()
    aside = service.home.parent / "aside"
    aside.mkdir()
    for kind in kinds:
        kind.put(aside)
    for item in sorted(aside.iterdir()):
        item.rename(service.inbox / item.name)
    while _arrived(service) < len(kinds):
        _note_peak(service, report)
        assert time.monotonic() - began < PATIENCE_SECONDS, "the files did not all arrive"
        time.sleep(0.5)
    while not _is_idle(service):
        _note_peak(service, report)
        assert time.monotonic() - began < PATIENCE_SECONDS, "the files were not all read"
        time.sleep(0.5)
    report.seconds = time.monotonic() - began
    report.wrong = _compared(service, kinds)


def _note_peak(service, report):
    report.peak_megabytes = max(report.peak_megabytes, pss_megabytes(service.process.pid))


def _in_ledger(service, question):
    ledger = open_ledger(service.home / "ledger.db")
    try:
        with ledger.read() as connection:
            return question(connection)
    finally:
        ledger.close()


def _arrived(service):
    return len(_in_ledger(service, lambda connection: arrivals.newest(connection, 10_000)))


def _is_idle(service):
    from chartkeeper.records.work import progress  # noqa: PLC0415 - the only use

    return _in_ledger(service, lambda connection: progress(connection).idle)


def _compared(service, kinds):
    def outcomes(connection):
        return {
            item.name: _outcome(connection, item) for item in arrivals.newest(connection, 10_000)
        }

    found = _in_ledger(service, outcomes)
    wrong = []
    for kind in kinds:
        got = found.get(_known_as(kind.name))
        if got != _stated(kind):
            wrong.append((kind.name, got, _stated(kind)))
    return wrong


def _known_as(name):
    inside = "folder.pdf/inside.png" if name == "folder.pdf" else name
    return inside.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _stated(kind):
    return kind.refused or (kind.pages, tuple(kind.failed))


def _outcome(connection, arrival):
    """A refusal's code, or the number of pages and which of them failed."""
    if arrival.state is ArrivalState.REFUSED:
        return arrival.reason_code
    if arrival.scan_id is None:
        return arrival.state.value
    facts = pages.facts_of_scan(connection, arrival.scan_id)
    return len(facts), tuple(page.number for page in facts if page.state is PageState.FAILED)


def _drop_good(service, report):
    before = _arrived(service)
    service.drop(GOOD)
    service.wait_idle(before + 1)
    lines = [line for line in service.documents() if line["file"] == GOOD.name]
    report.good_file = ", ".join(sorted({str(line["status"]) for line in lines}))


class Browser:
    """Somebody who is logged in."""

    def __init__(self, address):
        self.address = address
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)
        _, _, page = self.get("/login")
        mark = re.search(rb'name="form" value="([^"]+)"', page)[1].decode()
        fields = {"form": mark, "name": ADMIN, "password": PASSWORD}
        self.opener.open(address + "/login", urllib.parse.urlencode(fields).encode()).close()

    def get(self, path):
        try:
            with self.opener.open(self.address + path, timeout=90) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()


def _until_answering(service):
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{service.address}/health", timeout=2).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        else:
            return


def _look_at_all(service, report):
    """Every original and every picture of a page, as a browser gets them."""

    def shown(connection):
        found = []
        for arrival in arrivals.newest(connection, 10_000):
            scan = scans.get(connection, arrival.scan_id) if arrival.scan_id else None
            found.extend(
                (item.document.id, item.document.first_page)
                for item in (documents.of_scan(connection, scan.id) if scan else ())
            )
        return found

    browser = Browser(service.address)
    for document, first_page in _in_ledger(service, shown):
        status, headers, _ = browser.get(f"/documents/{document}/original")
        report.originals += status == 200
        if status != 200 or not _is_safe_original(headers):
            report.unsafe.append((document, "original", status, dict(headers)))
        status, headers, body = browser.get(f"/documents/{document}/pages/{first_page}/image")
        report.pictures += status == 200
        report.notices += status == 503
        if not _is_safe_picture(status, headers, body):
            report.unsafe.append((document, "picture", status, dict(headers)))


def _is_safe_original(headers):
    return (
        headers["Content-Type"] in SAFE_TYPES
        and headers["Content-Disposition"].startswith("attachment;")
        and headers["X-Content-Type-Options"] == "nosniff"
        and "sandbox" in headers["Content-Security-Policy"]
    )


def _is_safe_picture(status, headers, body):
    return (
        status in (200, 503)
        and headers["Content-Type"] == "image/jpeg"
        and headers["X-Content-Type-Options"] == "nosniff"
        and "sandbox" in headers["Content-Security-Policy"]
        and body.startswith(b"\xff\xd8")
    )

"""A document: its pages, what was decided of it, where it came from, and the original file."""

from collections.abc import Sequence

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from chartkeeper.index.query import Query
from chartkeeper.ocr.errors import UnreadablePage
from chartkeeper.ocr.formats import Format
from chartkeeper.ocr.picture import notice
from chartkeeper.records import documents, marking, patients, restricted, scans
from chartkeeper.records import pages as records_pages
from chartkeeper.records.access_log import Entry, Event
from chartkeeper.records.database import Connection
from chartkeeper.records.documents import DocumentFacts
from chartkeeper.records.model import Patient, Role, Scan
from chartkeeper.records.pages import PageFacts
from chartkeeper.webui import current
from chartkeeper.webui.accounting import account_for, entry
from chartkeeper.webui.dossier import Dossier, open_dossier
from chartkeeper.webui.errors import FileOfSeveral, PageNotThere
from chartkeeper.webui.headers import from_outside
from chartkeeper.webui.numbers import number, optional
from chartkeeper.webui.search import kept_query
from chartkeeper.webui.sheets import Wanted, count_hits, lay_out, picture_width
from chartkeeper.webui.walk import walk

pages = Blueprint("viewer", __name__)

SHEETS_AT_ONCE = 25
# To count its hits, each page of a document is searched again: a second for so many.
COUNTED_PAGES = 800
NOT_SHOWN = "This page cannot be shown."
MIME = {
    Format.PDF: "application/pdf",
    Format.TIFF: "image/tiff",
    Format.JPEG: "image/jpeg",
    Format.PNG: "image/png",
}


@pages.get("/documents/<int:document_id>")
def document(document_id: int) -> ResponseReturnValue:
    """A document with its pages; ?search= marks the hits, ?decision= the evidence."""
    search = request.args.get("search")
    query, decision = kept_query(search), optional(request.args.get("decision"))
    with current.parts().ledger.read() as connection:
        dossier = open_dossier(connection, document_id, current.parts().type_name)
        begin = _begin(dossier.pages, number(request.args.get("page")))
        shown = dossier.pages[begin : begin + SHEETS_AT_ONCE]
        evidence = dossier.evidence(decision)
        way = walk(_hits(connection, dossier.pages, begin, query), begin, SHEETS_AT_ONCE)
        first_page = dossier.facts.document.first_page
        sheets = lay_out(connection, shown, first_page, Wanted(query, evidence, way.before))
        inside = documents.of_scan(connection, dossier.scan.id)
        hidden = restricted.hidden_in_scan(connection, dossier.scan.id)
        marks = marking.history_of_document(connection, document_id)
    account_for(*_entries(dossier, shown))
    return render_template(
        "document.html",
        dossier=dossier,
        sheets=sheets,
        parts=_parts(dossier.pages),
        search=search if query else None,
        decision=decision if evidence else None,
        evidence=evidence,
        walk=way,
        others=len(inside) - 1,
        whole_file=not hidden and _may_have_whole(inside),
        marks=marks,
    )


@pages.get("/documents/<int:document_id>/pages/<int:page>/image")
def image(document_id: int, page: int) -> ResponseReturnValue:
    """The picture of a page, upright; `page` counts within the file. ?width= asks for a larger."""
    patient, scan, found = _page_of(document_id, page)
    account_for(entry(Event.PAGE_VIEW, patient=patient, document_id=document_id, page=page))
    return _picture(scan, found)


@pages.get("/pages/<int:page_id>/image")
def not_filed(page_id: int) -> ResponseReturnValue:
    """The picture of a page whose file is still being read; once it is filed, its document."""
    with current.parts().ledger.read() as connection:
        found = records_pages.facts_of_page(connection, page_id)
        scan = scans.get(connection, found.scan_id) if found else None
    if found is None or scan is None:
        raise PageNotThere
    if found.document_id is not None:
        target = url_for("viewer.document", document_id=found.document_id, page=found.number)
        return redirect(target, 303)
    detail = {"page_not_filed": page_id}
    account_for(entry(Event.PAGE_VIEW, page=found.number, detail=detail))
    return _picture(scan, found)


def _picture(scan: Scan, page: PageFacts) -> Response:
    """The page as a JPEG; where it cannot be drawn, a picture that says so, and status 503."""
    parts, status = current.parts(), 200
    path, kind = parts.vault.path(scan.sha256), Format(scan.format)
    turned, width = page.rotation or 0, picture_width(number(request.args.get("width")))
    try:
        picture = parts.draw(path, kind, page.number, turned, width, parts.limits)
    except UnreadablePage as error:
        picture, status = notice(f"{NOT_SHOWN} {error}"), 503
    return from_outside(Response(picture, status, mimetype="image/jpeg"))


@pages.post("/documents/<int:document_id>/printed")
def printed(document_id: int) -> ResponseReturnValue:
    """Note that a browser prints the part of a document that it shows: the page tells it itself."""
    with current.parts().ledger.read() as connection:
        facts = documents.facts(connection, document_id)
        inside = records_pages.facts_of_document(connection, document_id)
        people = patients.by_ids(connection, [facts.owner_id] if facts.owner_id else [])
    begin = _begin(inside, number(request.form.get("page")))
    detail = {"pages": [page.number for page in inside[begin : begin + SHEETS_AT_ONCE]]}
    patient = people.get(facts.owner_id or 0)
    account_for(entry(Event.PRINT, patient=patient, document_id=document_id, detail=detail))
    return "", 204


@pages.get("/documents/<int:document_id>/original")
def original(document_id: int) -> ResponseReturnValue:
    """The file as it arrived, with all that is in it. Raises FileOfSeveral, after noting it."""
    with current.parts().ledger.read() as connection:
        facts = documents.facts(connection, document_id)
        scan = scans.get(connection, facts.document.scan_id)
        inside = documents.of_scan(connection, scan.id)
        hidden = restricted.hidden_in_scan(connection, scan.id)
        entries = _download_entries(connection, inside, scan)
    if hidden or not _may_have_whole(inside):
        detail = {"wanted": request.endpoint}
        account_for(entry(Event.DENIED, outcome="refused", document_id=document_id, detail=detail))
        raise FileOfSeveral
    path = current.parts().vault.path(scan.sha256)
    account_for(*entries)
    kind = Format(scan.format)
    # A neutral name: the file's own may hold a patient's, and would stay in a download folder.
    name = f"document-{document_id}.{kind.value}"
    # Always to be saved, never shown: scripts and links in a PDF run in no window of ours.
    return from_outside(
        send_file(path, mimetype=MIME[kind], as_attachment=True, download_name=name, etag=False)
    )


def _may_have_whole(inside: Sequence[DocumentFacts]) -> bool:
    """Whether whoever asks may have a file with these documents in it.

    Staff look at the chart of one patient; whoever works through files sees all that is in them.
    """
    owners = {item.owner_id for item in inside}
    of_one = len(inside) == 1 or (len(owners) == 1 and None not in owners)
    return of_one or current.may(current.user().role, Role.CLERK)


def _begin(facts: Sequence[PageFacts], page: int) -> int:
    """Where the part begins that holds a page; the first one if no such page is there."""
    at = next((at for at, item in enumerate(facts) if item.number == page), 0)
    return at // SHEETS_AT_ONCE * SHEETS_AT_ONCE


def _hits(
    connection: Connection, facts: Sequence[PageFacts], begin: int, query: Query | None
) -> list[int]:
    """The hits on each page; of a very long document those of the part shown alone."""
    if len(facts) <= COUNTED_PAGES:
        return count_hits(connection, facts, query)
    shown = count_hits(connection, facts[begin : begin + SHEETS_AT_ONCE], query)
    return [0] * begin + shown + [0] * (len(facts) - begin - len(shown))


def _parts(facts: Sequence[PageFacts]) -> list[Sequence[PageFacts]]:
    return [facts[at : at + SHEETS_AT_ONCE] for at in range(0, len(facts), SHEETS_AT_ONCE)]


def _entries(dossier: Dossier, shown: Sequence[PageFacts]) -> list[Entry]:
    numbers = [page.number for page in shown]
    looked = entry(
        Event.DOCUMENT_VIEW,
        patient=dossier.patient,
        document_id=dossier.id,
        detail={"pages": numbers},
    )
    others = {number: ("candidate", who) for number, who in dossier.named.items()}
    if current.may(current.user().role, Role.CLERK):
        # Clerks see to whom it was linked before: those people are looked at, too.
        others |= {key: ("earlier link", who) for key, who in dossier.earlier_patients.items()}
    return [looked, *(_beside(dossier.id, why, who) for why, who in others.values())]


def _beside(document_id: int, why: str, patient: Patient) -> Entry:
    detail = {"shown": why}
    return entry(Event.DOCUMENT_VIEW, patient=patient, document_id=document_id, detail=detail)


def _page_of(document_id: int, page: int) -> tuple[Patient | None, Scan, PageFacts]:
    with current.parts().ledger.read() as connection:
        facts = documents.facts(connection, document_id)
        scan = scans.get(connection, facts.document.scan_id)
        found = records_pages.facts_in_document(connection, document_id, page)
        people = patients.by_ids(connection, [facts.owner_id] if facts.owner_id else [])
    if found is None:
        raise PageNotThere
    return people.get(facts.owner_id or 0), scan, found


def _download_entries(
    connection: Connection, inside: Sequence[DocumentFacts], scan: Scan
) -> list[Entry]:
    people = patients.by_ids(connection, {item.owner_id for item in inside if item.owner_id})
    return [
        entry(
            Event.DOWNLOAD,
            patient=people.get(item.owner_id or 0),
            document_id=item.document.id,
            detail={"sha256": scan.sha256},
        )
        for item in inside
    ]
